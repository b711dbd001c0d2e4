#include "kernel/timer_queue.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "absl/status/status.h"

// What a pop or a schedule runs through is `inline`, as code for a shared library may otherwise
// call but not inline it.

namespace skybox::kernel {
namespace {

// So that std::push_heap and its like keep the first to fire on top.
struct FiresLater {
  template <typename Entry>
  bool operator()(const Entry& a, const Entry& b) const {
    return a.key.at != b.key.at ? a.key.at > b.key.at : a.sequence > b.sequence;
  }
};

// The total order of timers.
template <typename Entry>
bool FiresEarlier(const Entry& a, const Entry& b) {
  return a.at != b.at ? a.at < b.at : a.sequence < b.sequence;
}

}  // namespace

// ---- Slots

inline void TimerQueue::Prefetch(const Key& key) const {
  __builtin_prefetch(&generations_[key.slot]);
  __builtin_prefetch(&payloads_[key.slot]);
}

inline void TimerQueue::FreeSlot(uint32_t slot) {
  // A slot that has had all its generations is never used again, so that an old id stays an old id.
  if (++generations_[slot] != 0) free_slots_[free_count_++] = slot;
  --size_;
}

void TimerQueue::AddSlot() {
  const auto slot = static_cast<uint32_t>(generations_.size());
  generations_.push_back(0);
  payloads_.emplace_back();
  free_slots_.push_back(0);  // room for all of them: to free a slot never allocates
  free_slots_[free_count_++] = slot;
}

// ---- The interface

TimerId TimerQueue::Schedule(int64_t now, int64_t at, Timer timer) {
  assert(0 <= now && now <= at);
  if (free_count_ == 0) AddSlot();
  const uint32_t slot = free_slots_[--free_count_];
  const TimerId id = {slot, ++generations_[slot]};
  payloads_[slot] = {timer, next_sequence_++};
  ++size_;

  const Key key = {at, slot, id.generation};
  const uint32_t lane = LaneFor(at - now);
  if (lane != kNowhere && at >= lanes_[lane].last_at) {
    AppendToLane(lane, key);
    return id;
  }
  // The cursor follows the clock, past no bucket: what is near goes to low levels, then.
  if (now > cursor_ ? now < wheel_start_ : levels_ == 0) cursor_ = now;
  if (at < cursor_) {
    AddStray(key);
  } else {
    Link(key);
  }
  return id;
}

bool TimerQueue::Cancel(TimerId id) {
  if (!IsPending(id)) return false;
  FreeSlot(id.slot);
  if (++stale_ > kFewStale + 2 * size_) Sweep();
  return true;
}

bool TimerQueue::PopDue(int64_t limit, Due& due) {
  Key first;
  const Source source = FindFirst(limit, first);
  if (source == kNowhere) return false;
  RemoveFirst(source);
  const Payload& payload = payloads_[first.slot];
  due = {first.at, payload.sequence, payload.timer, {first.slot, first.generation}};
  FreeSlot(first.slot);
  return true;
}

std::optional<int64_t> TimerQueue::NextDeadline() {
  Key first;
  if (FindFirst(kNever, first) == kNowhere) return std::nullopt;
  return first.at;
}

// ---- The first of all

// Of two keys of one time from different sources. A stale one goes first, as one that is not may
// come behind it.
inline bool TimerQueue::IsBefore(const Key& a, const Key& b) const {
  if (!IsAlive(b)) return false;
  return !IsAlive(a) || payloads_[a.slot].sequence < payloads_[b.slot].sequence;
}

// The first key that is alive and due at or before `limit`. Stale ones before it are dropped.
inline TimerQueue::Source TimerQueue::FindFirst(int64_t limit, Key& first) {
  for (;;) {
    Source source = kNowhere;
    first.at = limit;
    const auto offer = [&](Source from, const Key& key) {
      if (source == kNowhere || key.at < first.at || IsBefore(key, first)) {
        source = from;
        first = key;
      }
    };
    for (uint32_t i = 0; i < lane_count_; ++i) {
      if (lane_heads_[i] > first.at || lanes_[i].keys.head == kNil) continue;
      offer(i, chunks_[lanes_[i].keys.head].keys[lanes_[i].read]);
    }
    if (!strays_.empty() && strays_.front().key.at <= first.at) {
      offer(kStrays, strays_.front().key);
    }
    while (wheel_start_ <= first.at) {
      int64_t bound = first.at;
      if (!run_.empty()) {
        if (run_.back().at <= wheel_start_) break;
        bound = std::min(bound, run_.back().at);
      }
      if (levels_ == 0) break;
      Refill(bound);
    }
    if (!run_.empty() && run_.back().at <= first.at) offer(kRun, run_.back());
    if (source == kNowhere || IsAlive(first)) return source;
    RemoveFirst(source);
    --stale_;
  }
}

inline void TimerQueue::RemoveFirst(Source source) {
  if (source == kRun) {
    run_.pop_back();
  } else if (source == kStrays) {
    std::pop_heap(strays_.begin(), strays_.end(), FiresLater());
    strays_.pop_back();
  } else {
    RemoveLaneHead(source);
  }
}

// ---- Chunks

uint32_t TimerQueue::TakeChunk() {
  if (free_chunk_ == kNil) {
    chunks_.emplace_back();
    return static_cast<uint32_t>(chunks_.size() - 1);
  }
  const uint32_t taken = free_chunk_;
  free_chunk_ = chunks_[taken].next;
  chunks_[taken].size = 0;
  chunks_[taken].next = kNil;
  return taken;
}

inline void TimerQueue::ReleaseHead(Fifo& fifo) {
  const uint32_t released = fifo.head;
  fifo.head = chunks_[released].next;
  if (fifo.head == kNil) fifo.tail = kNil;
  chunks_[released].next = free_chunk_;
  free_chunk_ = released;
}

inline void TimerQueue::Append(Fifo& fifo, const Key& key) {
  if (fifo.tail == kNil) {
    fifo.head = fifo.tail = TakeChunk();
  } else if (chunks_[fifo.tail].size == kChunkKeys) {
    const uint32_t added = TakeChunk();
    chunks_[fifo.tail].next = added;
    fifo.tail = added;
  }
  Chunk& chunk = chunks_[fifo.tail];
  chunk.keys[chunk.size++] = key;
}

// Closes the gaps that stale keys and the first `read` leave.
void TimerQueue::RemoveStale(Fifo& fifo, uint32_t read) {
  uint32_t to = fifo.head;  // behind or at what is read
  uint32_t filled = 0;
  uint32_t last = kNil;  // that was filled up
  for (uint32_t from = fifo.head; from != kNil; from = chunks_[from].next) {
    const uint32_t size = chunks_[from].size;
    for (uint32_t i = std::exchange(read, 0); i < size; ++i) {
      const Key key = chunks_[from].keys[i];
      chunks_[to].keys[filled] = key;
      filled += IsAlive(key) ? 1 : 0;  // without a branch: nobody can predict it
      if (filled == kChunkKeys) {
        chunks_[to].size = filled;
        filled = 0;
        last = std::exchange(to, chunks_[to].next);
      }
    }
  }
  if (filled != 0) {
    chunks_[to].size = filled;
    last = std::exchange(to, chunks_[to].next);
  }
  if (to != kNil) {
    Fifo rest = {to, fifo.tail};
    while (rest.head != kNil) ReleaseHead(rest);
  }
  if (last == kNil) {
    fifo = {};
  } else {
    chunks_[last].next = kNil;
    fifo.tail = last;
  }
}

// ---- Lanes

// The lane of this delay; kNowhere if it does not have one, and has not come up lately.
inline uint32_t TimerQueue::LaneFor(int64_t delay) {
  for (uint32_t i = 0; i < lane_count_; ++i) {
    if (lane_delays_[i] == delay) return i;
  }
  int64_t& recent = recent_delays_[static_cast<uint64_t>(delay) * 0x9E3779B97F4A7C15 >> 59];
  if (recent != ~delay) {
    recent = ~delay;
    return kNowhere;
  }
  return OpenLane(delay);
}

// A new lane, or that which has been idle for long.
uint32_t TimerQueue::OpenLane(int64_t delay) {
  uint32_t lane = lane_count_;
  if (lane_count_ < kLanes) {
    ++lane_count_;
  } else {
    lane = 0;
    for (uint32_t i = 1; i < kLanes; ++i) {
      if (lanes_[i].last_use < lanes_[lane].last_use) lane = i;
    }
    if (next_sequence_ - lanes_[lane].last_use < kLaneIdle) return kNowhere;
    for (Fifo& keys = lanes_[lane].keys; keys.head != kNil;) {
      const Chunk& chunk = chunks_[keys.head];
      for (uint32_t i = std::exchange(lanes_[lane].read, 0); i < chunk.size; ++i) {
        if (IsAlive(chunk.keys[i])) {
          AddStray(chunk.keys[i]);
        } else {
          --stale_;
        }
      }
      ReleaseHead(keys);
    }
  }
  lanes_[lane] = {};
  lane_heads_[lane] = kNever;
  lane_delays_[lane] = delay;
  return lane;
}

inline void TimerQueue::AppendToLane(uint32_t index, const Key& key) {
  Lane& lane = lanes_[index];
  if (lane.keys.head == kNil) lane_heads_[index] = key.at;
  Append(lane.keys, key);
  lane.last_at = key.at;
  lane.last_use = next_sequence_;
}

inline void TimerQueue::RemoveLaneHead(uint32_t index) {
  Lane& lane = lanes_[index];
  const Chunk* chunk = &chunks_[lane.keys.head];
  if (++lane.read == chunk->size) {
    lane.read = 0;
    ReleaseHead(lane.keys);
    if (lane.keys.head == kNil) {
      lane_heads_[index] = kNever;
      return;
    }
    chunk = &chunks_[lane.keys.head];
  }
  lane_heads_[index] = chunk->keys[lane.read].at;
  // Payloads lie anywhere: fetch that of a key a few places on.
  const uint32_t ahead = lane.read + kAhead;
  if (ahead < chunk->size) {
    Prefetch(chunk->keys[ahead]);
  } else if (chunk->next != kNil) {
    Prefetch(chunks_[chunk->next].keys[ahead - chunk->size]);
  }
}

// ---- Strays

void TimerQueue::AddStray(const Key& key) {
  strays_.push_back({key, payloads_[key.slot].sequence});
  std::push_heap(strays_.begin(), strays_.end(), FiresLater());
}

// ---- The wheel and the run

inline int TimerQueue::LevelOf(uint64_t difference) {
  return (63 - std::countl_zero(difference | 1)) / kDigitBits;
}

inline int64_t TimerQueue::StartOf(int level, int slot) const {
  const int64_t above = cursor_ >> (kDigitBits * level) & ~int64_t{kDigit - 1};
  return (above | slot) << (kDigitBits * level);
}

inline void TimerQueue::Link(const Key& key) {
  if (buckets_.empty()) buckets_.resize(size_t{kLevels} * kDigit);
  const int level = LevelOf(static_cast<uint64_t>(key.at ^ cursor_));
  const int64_t digits = key.at >> (kDigitBits * level);
  const int slot = static_cast<int>(digits & (kDigit - 1));
  levels_ |= uint32_t{1} << level;
  occupied_[level] |= uint64_t{1} << slot;
  wheel_start_ = std::min(wheel_start_, digits << (kDigitBits * level));
  Append(buckets_[level * kDigit + slot], key);
}

inline void TimerQueue::MarkEmpty(int level, int slot) {
  occupied_[level] &= ~(uint64_t{1} << slot);
  if (occupied_[level] == 0) levels_ &= ~(uint32_t{1} << level);
}

inline void TimerQueue::UpdateWheelStart() {
  if (levels_ == 0) {
    wheel_start_ = kNever;
    return;
  }
  const int level = std::countr_zero(levels_);
  wheel_start_ = StartOf(level, std::countr_zero(occupied_[level]));
}

// Brings the wheel's first keys nearer: into the run if they are few or of one time, else to lower
// levels. Nothing may fire before `bound`, which is not before the first bucket's start.
void TimerQueue::Refill(int64_t bound) {
  const int level = std::countr_zero(levels_);
  const int slot = std::countr_zero(occupied_[level]);
  Fifo& bucket = buckets_[level * kDigit + slot];
  // Those of one time are taken a few at a time: they are in order.
  uint32_t count = chunks_[bucket.head].size;
  if (level != 0) {
    for (uint32_t i = bucket.head; i != bucket.tail && count <= kSortable;) {
      i = chunks_[i].next;
      count += chunks_[i].size;
    }
    if (count > kSortable || run_.size() > kSortable) {
      Cascade(level, slot, bound);
      UpdateWheelStart();
      return;
    }
  }
  MergeIntoRun(bucket, count);
  if (bucket.head == kNil) MarkEmpty(level, slot);
  UpdateWheelStart();
}

// Distributes a bucket over lower levels. The cursor goes to the start of the smallest block of
// buckets that holds all of its keys, which skips levels that would not separate them.
void TimerQueue::Cascade(int level, int slot, int64_t bound) {
  Fifo list = std::exchange(buckets_[level * kDigit + slot], {});
  MarkEmpty(level, slot);
  const int64_t any = chunks_[list.head].keys[0].at;
  uint64_t spread = 0;
  for (uint32_t i = list.head; i != kNil; i = chunks_[i].next) {
    const Chunk& chunk = chunks_[i];
    for (uint32_t k = 0; k < chunk.size; ++k) {
      spread |= static_cast<uint64_t>(chunk.keys[k].at ^ any);
    }
  }
  const int block = kDigitBits * (LevelOf(spread) + 1);
  cursor_ = std::min(bound, any >> block << block);
  wheel_start_ = kNever;
  while (list.head != kNil) {
    const Chunk chunk = chunks_[list.head];  // a copy: adding chunks may move them
    ReleaseHead(list);
    for (uint32_t k = 0; k < chunk.size; ++k) Link(chunk.keys[k]);
  }
}

// Moves a bucket's first chunks, which hold `count` keys, to the run.
void TimerQueue::MergeIntoRun(Fifo& bucket, uint32_t count) {
  // A key's rank is the number of those that go before it. Comparing all pairs is quicker than
  // sorting, as it needs no jumps; equal times keep their order.
  std::array<int64_t, kSortable> times;
  std::array<uint32_t, kSortable> ranks;
  uint32_t n = 0;
  for (uint32_t c = bucket.head; n < count; c = chunks_[c].next) {
    for (uint32_t i = 0; i < chunks_[c].size; ++i, ++n) {
      const Key& key = chunks_[c].keys[i];
      Prefetch(key);
      uint32_t rank = 0;
      for (uint32_t k = 0; k < n; ++k) {
        const uint32_t is_before = key.at < times[k] ? 1 : 0;
        ranks[k] += is_before;
        rank += 1 - is_before;
      }
      times[n] = key.at;
      ranks[n] = rank;
    }
  }
  std::array<const Key*, kSortable> sorted;
  n = 0;
  for (uint32_t c = bucket.head; n < count; c = chunks_[c].next) {
    for (uint32_t i = 0; i < chunks_[c].size; ++i) sorted[ranks[n++]] = &chunks_[c].keys[i];
  }
  size_t old = run_.size();
  size_t end = old + count;
  run_.resize(end);
  for (n = 0; n < count;) {
    if (old > 0 && run_[old - 1].at <= sorted[n]->at) {
      run_[--end] = run_[--old];
    } else {
      run_[--end] = *sorted[n++];
    }
  }
  for (n = 0; n < count; ReleaseHead(bucket)) n += chunks_[bucket.head].size;
}

// ---- All keys at once

void TimerQueue::Sweep() {
  const auto is_stale = [this](const Key& key) { return !IsAlive(key); };
  for (uint32_t i = 0; i < lane_count_; ++i) {
    Lane& lane = lanes_[i];
    RemoveStale(lane.keys, std::exchange(lane.read, 0));
    lane_heads_[i] = lane.keys.head == kNil ? kNever : chunks_[lane.keys.head].keys[0].at;
  }
  for (int level = 0; level < kLevels; ++level) {
    for (uint64_t slots = occupied_[level]; slots != 0; slots &= slots - 1) {
      const int slot = std::countr_zero(slots);
      Fifo& bucket = buckets_[level * kDigit + slot];
      RemoveStale(bucket, 0);
      if (bucket.head == kNil) MarkEmpty(level, slot);
    }
  }
  UpdateWheelStart();
  run_.erase(std::remove_if(run_.begin(), run_.end(), is_stale), run_.end());
  const auto is_stale_stray = [&](const Stray& stray) { return is_stale(stray.key); };
  strays_.erase(std::remove_if(strays_.begin(), strays_.end(), is_stale_stray), strays_.end());
  std::make_heap(strays_.begin(), strays_.end(), FiresLater());
  stale_ = 0;
}

// Calls visit(key) for each key that is alive, in no order that matters.
template <typename Visitor>
void TimerQueue::VisitKeys(const Visitor& visit) const {
  const auto visit_alive = [&](const Key& key) {
    if (IsAlive(key)) visit(key);
  };
  const auto visit_list = [&](const Fifo& fifo, uint32_t read) {
    for (uint32_t i = fifo.head; i != kNil; i = chunks_[i].next) {
      for (uint32_t k = std::exchange(read, 0); k < chunks_[i].size; ++k) {
        visit_alive(chunks_[i].keys[k]);
      }
    }
  };
  for (uint32_t i = 0; i < lane_count_; ++i) visit_list(lanes_[i].keys, lanes_[i].read);
  for (const Fifo& bucket : buckets_) visit_list(bucket, 0);
  for (const Key& key : run_) visit_alive(key);
  for (const Stray& stray : strays_) visit_alive(stray.key);
}

std::vector<TimerQueue::Due> TimerQueue::Pending() const {
  std::vector<Due> pending;
  pending.reserve(size_);
  VisitKeys([&](const Key& key) {
    const Payload& payload = payloads_[key.slot];
    pending.push_back({key.at, payload.sequence, payload.timer, {key.slot, key.generation}});
  });
  std::sort(pending.begin(), pending.end(), FiresEarlier<Due>);
  return pending;
}

TimerQueue::Snapshot TimerQueue::Save() const {
  Snapshot snapshot;
  snapshot.generations = generations_;
  snapshot.free_slots.assign(free_slots_.begin(), free_slots_.begin() + free_count_);
  snapshot.next_sequence = next_sequence_;
  snapshot.pending.reserve(size_);
  for (const Due& due : Pending()) {
    snapshot.pending.push_back({due.at, due.sequence, due.id.slot, due.timer});
  }
  return snapshot;
}

absl::StatusOr<TimerQueue> TimerQueue::Restore(const Snapshot& snapshot) {
  const auto refuse = [](const char* why) { return absl::InvalidArgumentError(why); };
  const size_t slots = snapshot.generations.size();
  std::vector<bool> is_known(slots);
  for (const uint32_t slot : snapshot.free_slots) {
    if (slot >= slots) return refuse("a free timer slot is out of range");
    if (is_known[slot]) return refuse("a timer slot is free twice");
    const uint32_t generation = snapshot.generations[slot];
    if (generation == 0 || IsTaken(generation)) {
      return refuse("the generation of a free timer slot is not that of a free one");
    }
    is_known[slot] = true;
  }
  std::vector<Snapshot::Entry> pending = snapshot.pending;
  std::sort(pending.begin(), pending.end(), FiresEarlier<Snapshot::Entry>);
  std::vector<uint64_t> sequences;
  sequences.reserve(pending.size());
  for (const Snapshot::Entry& entry : pending) {
    if (entry.slot >= slots) return refuse("the slot of a pending timer is out of range");
    if (is_known[entry.slot]) return refuse("the slot of a pending timer is free or has another");
    if (!IsTaken(snapshot.generations[entry.slot])) {
      return refuse("the generation of a pending timer's slot is that of a free one");
    }
    if (entry.at < 0) return refuse("a pending timer is due before the epoch");
    if (entry.sequence >= snapshot.next_sequence) {
      return refuse("the sequence number of a pending timer was not given out yet");
    }
    is_known[entry.slot] = true;
    sequences.push_back(entry.sequence);
  }
  std::sort(sequences.begin(), sequences.end());
  if (std::adjacent_find(sequences.begin(), sequences.end()) != sequences.end()) {
    return refuse("two pending timers have one sequence number");
  }
  for (size_t slot = 0; slot < slots; ++slot) {
    if (!is_known[slot] && snapshot.generations[slot] != 0) {
      return refuse("a timer slot is neither free, nor pending, nor retired");
    }
  }

  TimerQueue queue;
  queue.generations_ = snapshot.generations;
  queue.payloads_.resize(slots);
  queue.free_slots_ = snapshot.free_slots;
  queue.free_slots_.resize(slots);
  queue.free_count_ = static_cast<uint32_t>(snapshot.free_slots.size());
  queue.next_sequence_ = snapshot.next_sequence;
  queue.size_ = pending.size();
  for (const Snapshot::Entry& entry : pending) {
    queue.payloads_[entry.slot] = {entry.timer, entry.sequence};
    queue.Link({entry.at, entry.slot, queue.generations_[entry.slot]});
  }
  return queue;
}

}  // namespace skybox::kernel
