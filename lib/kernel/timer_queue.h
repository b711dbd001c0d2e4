// The pending timers of a world, in the order in which they fire.
#ifndef SKYBOX_KERNEL_TIMER_QUEUE_H_
#define SKYBOX_KERNEL_TIMER_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "skybox/clock.h"

namespace skybox::kernel {

// What a component gets back when its timer fires.
struct Timer {
  uint32_t component = 0;
  uint32_t kind = 0;
  uint64_t argument = 0;

  friend bool operator==(const Timer&, const Timer&) = default;
};

// Timers in the total order (time, sequence number), where timers are numbered as they are set: of
// those due at one instant, the first set fires first. Times are ticks: nanoseconds since the Unix
// epoch, 0 to INT64_MAX. A value: a copy goes its own way. (One that was moved from can only be
// assigned to or destroyed.)
//
// Setting, cancelling and firing take constant time, amortised, whatever is pending:
// - Delays that come again soon are recognised. Each gets a lane, up to kLanes of them: as the
//   clock never goes back, what is appended to a lane is in order already.
// - All others go to a hierarchical timing wheel. The few timers due next are sorted out of it
//   into the run.
// - A timer that fits neither, since it is earlier than where the wheel has got to or its lane was
//   given to another delay, goes to a heap: the strays. They are few, and cost a logarithm.
// All of these hold 16-byte keys; payloads stay in one place. Cancelling only makes the key stale;
// stale keys are dropped when they come up, and swept when most keys are stale.
class TimerQueue {
 public:
  // Sets `timer` for the tick `at`. `now` is the current tick: it never decreases from call to
  // call, and 0 <= now <= at.
  TimerId Schedule(int64_t now, int64_t at, Timer timer);

  // Takes a timer back. False, and nothing changes, if `id` is not that of a pending timer.
  bool Cancel(TimerId id);

  bool IsPending(TimerId id) const {
    return id.slot < generations_.size() && generations_[id.slot] == id.generation &&
           IsTaken(id.generation);
  }

  // The timer of that id, or null if it is not pending. Valid until the queue changes.
  const Timer* Find(TimerId id) const {
    return IsPending(id) ? &payloads_[id.slot].timer : nullptr;
  }

  struct Due {
    int64_t at = 0;
    uint64_t sequence = 0;
    Timer timer = {};
    TimerId id = {};

    friend bool operator==(const Due&, const Due&) = default;
  };

  // Removes the first timer due at or before `limit` and stores it in `due`. False, and `due` stays
  // as it was, if there is none.
  bool PopDue(int64_t limit, Due& due);

  // When the first timer is due. Changes nothing that can be observed, but may reorganise.
  std::optional<int64_t> NextDeadline();

  size_t size() const { return size_; }

  // Everything pending, in firing order.
  std::vector<Due> Pending() const;

  // The whole observable state: a queue restored from it hands out the same ids and sequence
  // numbers as the one that was saved, and ids from before stay valid.
  struct Snapshot {
    struct Entry {
      int64_t at = 0;
      uint64_t sequence = 0;  // unique, below next_sequence
      uint32_t slot = 0;
      Timer timer = {};

      friend bool operator==(const Entry&, const Entry&) = default;
    };

    std::vector<uint32_t> generations = {};  // by slot: odd is pending, even is free, 0 is retired
    std::vector<uint32_t> free_slots = {};   // the last is taken next
    std::vector<Entry> pending = {};         // Save writes it in firing order; Restore takes any
    uint64_t next_sequence = 0;

    friend bool operator==(const Snapshot&, const Snapshot&) = default;
  };

  Snapshot Save() const;

  // InvalidArgument if `snapshot` is not one that Save can write.
  static absl::StatusOr<TimerQueue> Restore(const Snapshot& snapshot);

 private:
  static constexpr uint32_t kNil = std::numeric_limits<uint32_t>::max();
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  static constexpr uint32_t kChunkKeys = 15;  // makes a chunk 256 bytes
  static constexpr int kDigitBits = 6;
  static constexpr int kDigit = 1 << kDigitBits;
  static constexpr int kLevels = 11;  // 63 bits of ticks
  static constexpr uint32_t kSortable = 64;
  static constexpr uint32_t kLanes = 8;
  static constexpr uint64_t kLaneIdle = 1024;
  static constexpr size_t kRecentDelays = 32;
  static constexpr size_t kFewStale = 64;
  static constexpr uint32_t kAhead = 6;

  struct Key {
    int64_t at = 0;
    uint32_t slot = 0;
    uint32_t generation = 0;
  };

  struct Payload {
    Timer timer = {};
    uint64_t sequence = 0;
  };

  struct Chunk {
    std::array<Key, kChunkKeys> keys = {};
    uint32_t size = 0;
    uint32_t next = kNil;
  };

  // Chunks of keys, first in, first out.
  struct Fifo {
    uint32_t head = kNil;
    uint32_t tail = kNil;
  };

  struct Lane {
    Fifo keys = {};
    uint32_t read = 0;      // keys of the first chunk that are gone
    int64_t last_at = 0;    // what was appended last
    uint64_t last_use = 0;  // its sequence number
  };

  struct Stray {
    Key key = {};
    uint64_t sequence = 0;
  };

  // Where a key comes up: the lane of that number, or one of these.
  using Source = uint32_t;
  static constexpr Source kRun = kLanes;
  static constexpr Source kStrays = kLanes + 1;
  static constexpr Source kNowhere = kLanes + 2;

  static bool IsTaken(uint32_t generation) { return (generation & 1) != 0; }
  static int LevelOf(uint64_t difference);
  bool IsAlive(const Key& key) const { return generations_[key.slot] == key.generation; }
  bool IsBefore(const Key& a, const Key& b) const;
  void Prefetch(const Key& key) const;

  Source FindFirst(int64_t limit, Key& first);
  void RemoveFirst(Source source);
  void AddSlot();
  void FreeSlot(uint32_t slot);
  void Sweep();
  template <typename Visitor>
  void VisitKeys(const Visitor& visit) const;

  uint32_t TakeChunk();
  void ReleaseHead(Fifo& fifo);
  void Append(Fifo& fifo, const Key& key);
  void RemoveStale(Fifo& fifo, uint32_t read);

  uint32_t LaneFor(int64_t delay);
  uint32_t OpenLane(int64_t delay);
  void AppendToLane(uint32_t lane, const Key& key);
  void RemoveLaneHead(uint32_t lane);
  void AddStray(const Key& key);

  void Link(const Key& key);
  void MarkEmpty(int level, int slot);
  int64_t StartOf(int level, int slot) const;
  void UpdateWheelStart();
  void Refill(int64_t bound);
  void Cascade(int level, int slot, int64_t bound);
  void MergeIntoRun(Fifo& bucket, uint32_t count);

  // Slots. A slot's generation goes up when it is taken and when it is given back, so that it is
  // odd while a timer is pending in it.
  std::vector<uint32_t> generations_ = {};
  std::vector<Payload> payloads_ = {};
  std::vector<uint32_t> free_slots_ = {};  // the first free_count_; as long as the others
  uint32_t free_count_ = 0;
  uint64_t next_sequence_ = 0;
  size_t size_ = 0;
  size_t stale_ = 0;  // keys without a timer

  // The chunks of lanes and wheel; those not in use are threaded on a list.
  std::vector<Chunk> chunks_ = {};
  uint32_t free_chunk_ = kNil;

  // Lanes. What pops and schedules compare lies together.
  uint32_t lane_count_ = 0;
  std::array<int64_t, kLanes> lane_heads_ = {};  // due time of the first key, kNever without one
  std::array<int64_t, kLanes> lane_delays_ = {};
  std::array<Lane, kLanes> lanes_ = {};
  std::array<int64_t, kRecentDelays> recent_delays_ = {};  // complements: 0 is none

  // The wheel. A key is on the level of the highest base-64 digit in which its time differs from
  // the cursor, in the bucket of its own digit there. The cursor is never after a key of the wheel.
  int64_t cursor_ = 0;
  int64_t wheel_start_ = kNever;  // of the first bucket that is not empty
  uint32_t levels_ = 0;           // bit set: has buckets that are not empty
  std::array<uint64_t, kLevels> occupied_ = {};
  std::vector<Fifo> buckets_ = {};

  // Keys taken out of the wheel, the first at the back. Of equal times, those in the run were set
  // before those in the wheel.
  std::vector<Key> run_ = {};

  // A binary heap of keys, with sequence numbers.
  std::vector<Stray> strays_ = {};
};

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_TIMER_QUEUE_H_
