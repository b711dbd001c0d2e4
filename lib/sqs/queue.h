#ifndef SKYBOX_SQS_QUEUE_H_
#define SKYBOX_SQS_QUEUE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/cow_index.h"
#include "kernel/cow_table.h"
#include "kernel/timed_list.h"
#include "skybox/sqs_types.h"
#include "skybox/text.h"

namespace skybox::kernel {
class NumberedTexts;
class TextNumbers;
}  // namespace skybox::kernel

namespace skybox::proto {
class SqsMessages;
}  // namespace skybox::proto

// The messages of one queue and the rules that they follow. Pure: takes the time, numbers and what
// was chosen as arguments. Copies in O(1): rows are shared until one copy writes.
namespace skybox::sqs {

using Ticks = int64_t;  // nanoseconds since the Unix epoch
using kernel::kNone;
inline constexpr Ticks kTicksPerSecond = 1'000'000'000;
inline constexpr Ticks kNever = std::numeric_limits<Ticks>::max();
// Rule: "Using the message deduplication ID", Developer Guide.
inline constexpr Ticks kDeduplicationInterval = 300 * kTicksPerSecond;
// Rule: "Amazon SQS visibility timeout", Developer Guide: 12 hours from the receive.
inline constexpr Ticks kLongestVisibility = 43'200 * kTicksPerSecond;

// A message outside of a queue: on its way in, or on its way from one queue to another.
struct Letter {
  Text body = {};
  Text attributes = {};  // as EncodeAttributes wrote them; empty: none
  Text group = {};
  Text deduplication_id = {};
  Text trace_header = {};
  Text dead_letter_source = {};  // ARN of the queue that gave it up
  uint64_t message = 0;          // its number, which its id follows from
  uint64_t moved = 0;  // from another queue: receives up to this number were there, or in an
                       // earlier stay here
  Text sender = {};
  Ticks sent = 0;
  Ticks arrived = 0;         // in this queue
  Ticks first_received = 0;  // 0: never
  uint32_t receive_count = 0;
};

enum class MessageState : uint8_t { kGone, kDelayed, kVisible, kInFlight };

// What every message has. There may be millions, so what few have is in Queue::Extra.
struct MessageRow {
  Text body = {};
  Text deduplication_id = {};
  Text sender = {};
  uint64_t message = 0;  // 0: no message
  uint64_t receive =
      0;  // number of the latest receive: what makes a receipt handle the latest; 0: none
  uint64_t position = 0;  // in the queue's order; in FIFO queues the sequence number
  Ticks sent = 0;
  Ticks visible_at = 0;  // of delayed messages and those in flight
  Ticks received_at = 0;
  Ticks first_received = 0;
  uint32_t receive_count = 0;  // in all queues where it has been
  uint32_t receives_here = 0;  // in this one: what redrive policies count
  uint32_t group = kNone;      // of a FIFO queue
  uint32_t extra = kNone;
  kernel::TimedPlace place = {};  // among the delayed, the visible (standard) or those in flight
  kernel::TimedPlace age = {};    // by `sent`, for retention
  kernel::RowLinks in_group = {};
  MessageState state = MessageState::kGone;

  // What is left of a message that is gone. The rest is set when the next one is put here.
  void Reset() {
    body = {};
    deduplication_id = {};
    sender = {};
    message = 0;
    receive = 0;
    received_at = 0;
    group = kNone;
    extra = kNone;
    state = MessageState::kGone;
  }
};

class Queue {
 public:
  Queue() = default;
  explicit Queue(bool fifo) : fifo_(fifo) {}

  bool fifo() const { return fifo_; }

  // ---- Time

  // Applies what has fallen due by `now`: ended delays, visibility timeouts, retention. Every call
  // below expects it to have been called with the present time.
  void Settle(Ticks now, Ticks retention) {
    if (now >= quiet_until_) SettleDue(now, retention);
  }
  // Another retention than before: Settle has to look again.
  void ChangeRetention() { quiet_until_ = 0; }
  // The earliest instant at which Settle would change something.
  Ticks NextChange(Ticks retention) const {
    Ticks next = kNever;
    if (const uint32_t i = delayed_.First(rows_); i != kNone) next = rows_[i].visible_at;
    if (const uint32_t i = in_flight_.First(rows_); i != kNone && rows_[i].visible_at < next) {
      next = rows_[i].visible_at;
    }
    if (const uint32_t i = by_age_.First(rows_); i != kNone && rows_[i].sent + retention < next) {
      next = rows_[i].sent + retention;
    }
    return next;
  }
  // The earliest instant at which a message becomes visible that is not so now.
  Ticks NextVisible() const;

  // ---- Counts

  uint32_t visible() const { return visible_count_; }
  uint32_t delayed() const { return delayed_.size(); }
  uint32_t in_flight() const { return in_flight_.size(); }
  uint32_t size() const { return by_age_.size(); }
  // Whether a receive would find something: in FIFO queues a group that is not blocked.
  bool HasAvailable() const { return available() != 0; }
  // How many receives would: groups of a FIFO queue, messages of a standard one.
  uint32_t available() const { return fifo_ ? available_.size() : ready_.size(); }
  uint32_t groups_in_flight() const { return groups_in_flight_; }
  // When the oldest message that is not a poison pill arrived; nothing when there is none.
  // Rule: "Available CloudWatch metrics for Amazon SQS", Developer Guide.
  std::optional<Ticks> OldestArrival() const;
  uint32_t FirstByAge() const { return by_age_.First(rows_); }
  uint64_t last_position() const { return last_position_; }

  // ---- Messages

  const MessageRow& row(uint32_t i) const { return rows_[i]; }
  // Whether the message of that number which was handed out by that receive is still there.
  bool Holds(uint32_t row, uint64_t message, uint64_t receive) const {
    return row < rows_.size() && message != 0 && rows_[row].message == message &&
           (rows_[row].extra == kNone || receive > extras_[rows_[row].extra].moved);
  }
  Text GroupOf(const MessageRow& row) const;
  Text AttributesOf(const MessageRow& row) const {
    return row.extra == kNone ? Text() : extras_[row.extra].attributes;
  }
  Text TraceHeaderOf(const MessageRow& row) const {
    return row.extra == kNone ? Text() : extras_[row.extra].trace_header;
  }
  Text DeadLetterSourceOf(const MessageRow& row) const {
    return row.extra == kNone ? Text() : extras_[row.extra].dead_letter_source;
  }
  Ticks ArrivalOf(const MessageRow& row) const {
    return row.extra == kNone ? row.sent : extras_[row.extra].arrived;
  }
  uint64_t MovedOf(const MessageRow& row) const {
    return row.extra == kNone ? 0 : extras_[row.extra].moved;
  }

  // Puts a message in; it can be received from `visible_at` on. Returns its row. The letter is left
  // in pieces.
  uint32_t Send(Letter&& letter, Ticks now, Ticks visible_at);

  // The place-th visible message of a standard queue in its order, or kNone. The cost grows with
  // the place.
  uint32_t VisibleAt(uint32_t place);

  // The message of a FIFO queue that comes first among the groups that are not blocked, or kNone.
  uint32_t NextInGroups() const;
  // The one after it in its group if it can be received together with it, or kNone.
  uint32_t NextInSameGroup(uint32_t i) const;

  // Whether the message's group could give its first message to a new receive.
  bool GroupIsAvailable(uint32_t i) const {
    return fifo_ && available_.Contains(groups_, rows_[i].group);
  }

  // Hands a visible message out: it is in flight until `visible_at`.
  void Take(uint32_t i, uint64_t receive, Ticks now, Ticks visible_at);
  // Moves the end of a message's time in flight.
  void ChangeVisibility(uint32_t i, Ticks visible_at);
  void Delete(uint32_t i);
  // Takes a message out, to put it elsewhere.
  Letter Extract(uint32_t i);
  void Purge();
  // A FIFO queue's new delay holds for waiting messages too.
  void ChangeDelay(Ticks now, Ticks delay);

  // ---- Deduplication (FIFO)

  struct Sent {
    uint64_t message = 0;
    uint64_t position = 0;
  };
  // The message that was accepted under this id within the interval. In one group only, if
  // `by_group`.
  std::optional<Sent> FindDuplicate(const Text& id, const Text& group, bool by_group, Ticks now);
  void Remember(const Text& id, const Text& group, Sent sent, Ticks now);

  // ---- For digests and snapshots

  // Live rows by age, and those of the same age in the order in which they were put in.
  std::vector<uint32_t> RowsInOrder() const;
  struct Deduplication {
    Text id = {};
    Text group = {};
    Sent sent = {};
    Ticks expires = 0;
  };
  std::vector<Deduplication> Deduplications() const;  // in order of expiry
  // The letter of a row that stays where it is.
  Letter Copy(uint32_t i) const;
  // The same calls give the same answers in a queue that was restored, down to the rows that they
  // use. DataLoss, with a reason, for what no queue can hold at `now`.
  void Save(proto::SqsMessages& out, kernel::TextNumbers& texts) const;
  static absl::StatusOr<Queue> Restore(const proto::SqsMessages& in,
                                       const kernel::NumberedTexts& texts, bool fifo, Ticks now);

 private:
  struct Extra {
    Text attributes = {};
    Text group = {};  // of a standard queue
    Text trace_header = {};
    Text dead_letter_source = {};
    Ticks arrived = 0;
    uint64_t moved = 0;
  };
  struct Group {
    Text name = {};
    uint64_t first_position = 0;  // of its first message, while it is available
    uint32_t in_flight = 0;
    kernel::RowList<&MessageRow::in_group> messages = {};
    kernel::TimedPlace place = {};  // among the available
  };
  struct DeduplicationRow {
    Text id = {};
    Text group = {};
    Sent sent = {};
    Ticks expires = 0;
    uint32_t next_of_id = kNone;  // the next one of the same id, in another group
    uint32_t last_of_id = kNone;  // the last such, if this is the first
    bool by_group = false;        // whether it is in the index by id and group
    kernel::RowLinks links = {};
  };

  void SettleDue(Ticks now, Ticks retention);
  // Its texts are moved out of the letter.
  Extra TakeExtra(Letter& letter) const;
  uint32_t GroupNamed(const Text& name);
  void UpdateGroup(uint32_t group);
  // `row` is what rows_.Write(i) gave.
  void BecomeVisible(uint32_t i, MessageRow& row);
  void LeavePlace(MessageRow& row);
  void ForgetBefore(Ticks now);
  uint32_t FindDeduplication(const Text& id, const Text& group, bool by_group) const;
  void AddDeduplication(const Deduplication& deduplication);
  absl::Status RestoreMessages(const proto::SqsMessages& in, const kernel::NumberedTexts& texts,
                               Ticks now);
  absl::Status RestoreStates(const proto::SqsMessages& in);
  absl::Status RestoreDeduplications(const proto::SqsMessages& in,
                                     const kernel::NumberedTexts& texts, Ticks now);

  bool fifo_ = false;
  // Nothing falls due before: a bound that only Settle moves up, so that most calls look no
  // further.
  Ticks quiet_until_ = 0;
  kernel::CowTable<MessageRow> rows_;
  kernel::CowTable<Extra> extras_;
  uint64_t last_position_ = 0;
  uint32_t visible_count_ = 0;
  kernel::TimedList<&MessageRow::place, &MessageRow::position>
      ready_;  // standard: the visible ones
  kernel::TimedList<&MessageRow::place, &MessageRow::visible_at, 1> delayed_;
  kernel::TimedList<&MessageRow::place, &MessageRow::visible_at, 2> in_flight_;
  kernel::TimedList<&MessageRow::age, &MessageRow::sent> by_age_;

  kernel::CowTable<Group> groups_;
  kernel::CowIndex group_index_;
  kernel::TimedList<&Group::place, &Group::first_position> available_;
  uint32_t groups_in_flight_ = 0;

  kernel::CowTable<DeduplicationRow> deduplications_;
  kernel::CowIndex deduplication_index_;  // by id: the first of each
  // By id and group: those that were not the first of their id. Nearly always there are none.
  kernel::CowIndex deduplication_group_index_;
  kernel::RowList<&DeduplicationRow::links> deduplication_order_;
};

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_QUEUE_H_
