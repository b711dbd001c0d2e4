#ifndef SKYBOX_KERNEL_TIMED_LIST_H_
#define SKYBOX_KERNEL_TIMED_LIST_H_

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernel/cow_table.h"

// Lists of rows of a CowTable: where a row lies in a list is in the row. A list is copied together
// with its table, in O(1), and every operation is told the table. `Rows` below is that
// table, or whatever else has `operator[] const` and `Write`.
namespace skybox::kernel {

// The links of a row for a RowList.
struct RowLinks {
  uint32_t prev = kNone;
  uint32_t next = kNone;
};

// Rows in the order in which they were put there. `kLinks` is a pointer to a member RowLinks of the
// row. Nothing in a row says which list it is in, or whether it is in one.
template <auto kLinks>
class RowList {
 public:
  uint32_t head() const { return head_; }  // kNone if empty
  uint32_t tail() const { return tail_; }  // kNone if empty
  uint32_t size() const { return size_; }
  bool empty() const { return head_ == kNone; }

  // The row after, or kNone.
  template <class Rows>
  uint32_t next(const Rows& rows, uint32_t i) const {
    return (rows[i].*kLinks).next;
  }

  // The row before, or kNone.
  template <class Rows>
  uint32_t prev(const Rows& rows, uint32_t i) const {
    return (rows[i].*kLinks).prev;
  }

  template <class Rows>
  void Append(Rows& rows, uint32_t i) {
    Put(rows, i, tail_, kNone);
  }

  template <class Rows>
  void Prepend(Rows& rows, uint32_t i) {
    Put(rows, i, kNone, head_);
  }

  // Puts row `i` before row `at`, which is in the list; kNone is its end.
  template <class Rows>
  void InsertBefore(Rows& rows, uint32_t at, uint32_t i) {
    Put(rows, i, at == kNone ? tail_ : (rows[at].*kLinks).prev, at);
  }

  // Takes out row `i`, which is in the list.
  template <class Rows>
  void Unlink(Rows& rows, uint32_t i) {
    auto& links = rows.Write(i).*kLinks;
    const uint32_t prev = std::exchange(links.prev, kNone);
    const uint32_t next = std::exchange(links.next, kNone);
    assert(prev != kNone || head_ == i);
    assert(next != kNone || tail_ == i);
    (prev == kNone ? head_ : (rows.Write(prev).*kLinks).next) = next;
    (next == kNone ? tail_ : (rows.Write(next).*kLinks).prev) = prev;
    --size_;
  }

 private:
  template <class Rows>
  void Put(Rows& rows, uint32_t i, uint32_t prev, uint32_t next) {
    auto& links = rows.Write(i).*kLinks;
    links.prev = prev;
    links.next = next;
    (prev == kNone ? head_ : (rows.Write(prev).*kLinks).next) = i;
    (next == kNone ? tail_ : (rows.Write(next).*kLinks).prev) = i;
    ++size_;
  }

  uint32_t head_ = kNone;
  uint32_t tail_ = kNone;
  uint32_t size_ = 0;
};

// Where a row lies in a TimedList: its stamp there, which orders rows of the same time by when they
// were inserted, the list's tag, and whether it is in the lane or in the heap. 0: outside.
struct TimedPlace {
  uint32_t value = 0;
};

// Rows ordered by a time, and rows of the same time by when they were inserted. `kPlace` is a
// pointer to a member TimedPlace of the row; `kTime` says the time: a pointer to a member, or a
// function of the row. The time of a row stays as it is while the row is in the list. Lists that
// use the same place, for rows that are in one of them at a time, have tags of their own (0 to 3).
// The list copies in O(1), as its table does.
//
// Inserting a row that belongs at the end, or nearly there, takes O(1), as does removing it; for
// other rows both take O(log n), amortised. Neither touches another row, but for what the table of
// stamps costs when it is full (amortised O(1)).
template <auto kPlace, auto kTime, uint32_t kTag = 0, uint32_t kStamps = 0x1FFFFFFF>
class TimedList {
  // In the main a lane: a ring of rows in the order of their stamps, with holes where rows were
  // removed, and none at either end. A row that belongs elsewhere goes to a heap, which keeps those
  // that were removed until they come up. Where a row lies shows nowhere.
 public:
  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The first row in order, or kNone.
  template <class Rows>
  uint32_t First(const Rows& rows) const {
    if (heap_size_ == 0) [[likely]]
      return first_ == end_ ? kNone : lane_[Slot(first_)];
    const HeapEntry& top = heap_[0];
    if (first_ == end_) return top.row;
    const uint32_t head = lane_[Slot(first_)];
    const Time time = TimeIn(rows[head]);
    return top.time < time || (top.time == time && top.stamp < first_) ? top.row : head;
  }

  // Whether a row is in the list, or in another of the same place.
  template <class Row>
  static bool Has(const Row& row) {
    return (row.*kPlace).value != 0;
  }
  template <class Rows>
  bool Contains(const Rows& rows, uint32_t i) const {
    return Has(rows[i]);
  }

  // Puts in a row that is in no list of this place. `row` is what rows.Write(i) gave.
  template <class Rows, class Row>
  void Insert(Rows& rows, uint32_t i, Row& row) {
    assert(!Has(row));
    if (next_ > kStamps || next_ - first_ >= lane_.size()) [[unlikely]]
      MakeRoom(rows);
    ++size_;
    const Time time = TimeIn(row);
    if (first_ == end_) {
      first_ = next_;
      end_ = next_;
    } else if (time < last_time_ && !MakeLast(rows, time)) {
      (row.*kPlace).value = ValueOf(next_, true);
      Push({time, next_++, i});
      return;
    }
    for (; end_ != next_; ++end_) lane_.Write(Slot(end_)) = kNone;
    lane_.Write(Slot(end_++)) = i;
    (row.*kPlace).value = ValueOf(next_++, false);
    last_time_ = time;
  }
  template <class Rows>
  void Insert(Rows& rows, uint32_t i) {
    Insert(rows, i, rows.Write(i));
  }

  // Takes out a row that is in the list. `row` is what rows.Write gave.
  template <class Rows, class Row>
  void Remove(Rows& rows, Row& row) {
    assert(Has(row));
    const uint32_t place = std::exchange((row.*kPlace).value, 0);
    assert((place >> 1 & 3) == kTag);
    const uint32_t stamp = place >> 3;
    if ((place & 1) == 0) [[likely]] {
      lane_.Write(Slot(stamp)) = kNone;
      if (stamp == first_) {
        while (++first_ != end_ && lane_[Slot(first_)] == kNone) {
        }
      } else if (stamp == end_ - 1) {
        TrimEnd(rows);
      }
    } else {
      ++heap_gone_;
      if (heap_[0].stamp == stamp || heap_gone_ > heap_size_ / 2 + 16) TidyHeap(rows);
    }
    if (--size_ == 0) {
      next_ = first_ = end_ = 1;
      heap_size_ = heap_gone_ = 0;
    }
  }
  template <class Rows>
  void Remove(Rows& rows, uint32_t i) {
    Remove(rows, rows.Write(i));
  }

  // All rows in order. Inserting them in this order into an empty list makes an equal one. O(n)
  // where rows were inserted in order, otherwise O(n log n).
  template <class Rows>
  std::vector<uint32_t> InOrder(const Rows& rows) const {
    std::vector<uint32_t> lane;
    for (uint32_t stamp = first_; stamp != end_; ++stamp) {
      if (const uint32_t i = lane_[Slot(stamp)]; i != kNone) lane.push_back(i);
    }
    std::vector<HeapEntry> heap;
    for (uint32_t at = 0; at < heap_size_; ++at) {
      if (IsLive(rows, heap_[at])) heap.push_back(heap_[at]);
    }
    if (heap.empty()) return lane;
    std::sort(heap.begin(), heap.end(), Before);  // no two are equal
    std::vector<uint32_t> all;
    all.reserve(size_);
    auto next = heap.begin();
    for (const uint32_t i : lane) {
      const HeapEntry entry = {TimeIn(rows[i]), (rows[i].*kPlace).value >> 3, i};
      for (; next != heap.end() && Before(*next, entry); ++next) all.push_back(next->row);
      all.push_back(i);
    }
    for (; next != heap.end(); ++next) all.push_back(next->row);
    return all;
  }

 private:
  template <class Function>
  struct TypeOf {
    using Type = int64_t;
  };
  template <class Row, class Value>
  struct TypeOf<Value Row::*> {
    using Type = Value;
  };
  using Time = typename TypeOf<std::remove_cv_t<decltype(kTime)>>::Type;

  struct HeapEntry {
    Time time = {};
    uint32_t stamp = 0;
    uint32_t row = kNone;
  };

  // How many rows at the end of the lane give way to one that belongs before them.
  static constexpr int kMostEvicted = 4;
  static constexpr uint32_t kFewestSlots = 64;
  static constexpr uint32_t kFan = 4;

  template <class Row>
  static Time TimeIn(const Row& row) {
    if constexpr (std::is_member_object_pointer_v<decltype(kTime)>) {
      return row.*kTime;
    } else {
      return kTime(row);
    }
  }

  static uint32_t ValueOf(uint32_t stamp, bool in_heap) {
    return stamp << 3 | kTag << 1 | static_cast<uint32_t>(in_heap);
  }

  static bool Before(const HeapEntry& a, const HeapEntry& b) {
    return a.time < b.time || (a.time == b.time && a.stamp < b.stamp);
  }

  template <class Rows>
  static bool IsLive(const Rows& rows, const HeapEntry& entry) {
    return (rows[entry.row].*kPlace).value == ValueOf(entry.stamp, true);
  }

  uint32_t Slot(uint32_t stamp) const { return stamp & (lane_.size() - 1); }

  // ---- The lane

  // Lets go of holes at the end.
  template <class Rows>
  void TrimEnd(const Rows& rows) {
    while (end_ != first_ && lane_[Slot(end_ - 1)] == kNone) --end_;
    if (end_ != first_) last_time_ = TimeIn(rows[lane_[Slot(end_ - 1)]]);
  }

  // Whether a row of this time, which is before that of the last row of the lane, can be appended
  // to it all the same: where only a few rows are in the way, they go to the heap, lest one row
  // with a far time send there all that come after it.
  template <class Rows>
  [[gnu::noinline]] bool MakeLast(Rows& rows, Time time) {
    uint32_t last = end_;
    for (int in_the_way = 0; last != first_; --last) {
      const uint32_t i = lane_[Slot(last - 1)];
      if (i == kNone) continue;
      if (!(time < TimeIn(rows[i]))) break;
      if (in_the_way++ == kMostEvicted) return false;
    }
    for (; end_ != last; --end_) {
      const uint32_t i = lane_[Slot(end_ - 1)];
      if (i == kNone) continue;
      auto& row = rows.Write(i);
      (row.*kPlace).value |= 1;
      Push({TimeIn(row), end_ - 1, i});
    }
    TrimEnd(rows);
    if (first_ == end_) first_ = end_ = next_;
    return true;
  }

  // Room for one more stamp: a longer ring, or new stamps where most of them are holes.
  template <class Rows>
  [[gnu::noinline]] void MakeRoom(Rows& rows) {
    if (first_ == end_) first_ = end_ = next_;
    if (lane_.size() == 0) lane_.Grow(kFewestSlots);
    const uint32_t span = next_ - first_;
    if (next_ > kStamps || span >= 4 * std::max(size_, kFewestSlots / 4)) {
      Renumber(rows);
    } else if (span >= lane_.size()) {
      SetRing(std::bit_ceil(span + 1));
    }
  }

  void SetRing(uint32_t slots) {
    CowArray<uint32_t, kFewestSlots> ring;
    ring.Grow(slots);
    for (uint32_t stamp = first_; stamp != end_; ++stamp) {
      ring.Write(stamp & (slots - 1)) = lane_[Slot(stamp)];
    }
    lane_ = std::move(ring);
  }

  // Gives all rows new stamps in the same order, from 1.
  template <class Rows>
  void Renumber(Rows& rows) {
    const std::vector<uint32_t> all = InOrder(rows);
    const uint32_t slots = std::bit_ceil(std::max(kFewestSlots, 2 * size_));
    if (slots != lane_.size()) {
      lane_ = {};
      lane_.Grow(slots);
    }
    next_ = first_ = end_ = 1;
    heap_size_ = heap_gone_ = 0;
    for (const uint32_t i : all) {
      auto& row = rows.Write(i);
      const bool in_heap = (row.*kPlace).value & 1;
      (row.*kPlace).value = ValueOf(next_, in_heap);
      if (in_heap) {
        Push({TimeIn(row), next_, i});  // in order, so it stays where it is put
      } else {
        if (first_ == end_) first_ = end_ = next_;
        for (; end_ != next_; ++end_) lane_.Write(Slot(end_)) = kNone;
        lane_.Write(Slot(end_++)) = i;
      }
      ++next_;
    }
  }

  // ---- The heap

  void PutInHeap(uint32_t at, const HeapEntry& entry) {
    if (at < heap_.size()) {
      heap_.Write(at) = entry;
    } else {
      heap_.Append(entry);
    }
  }

  [[gnu::noinline]] void Push(const HeapEntry& entry) {
    uint32_t at = heap_size_++;
    while (at > 0) {
      const uint32_t parent = (at - 1) / kFan;
      if (!Before(entry, heap_[parent])) break;
      PutInHeap(at, HeapEntry(heap_[parent]));
      at = parent;
    }
    PutInHeap(at, entry);
  }

  void Pop() {
    const HeapEntry entry = heap_[--heap_size_];
    uint32_t at = 0;
    for (;;) {
      uint32_t child = at * kFan + 1;
      if (child >= heap_size_) break;
      for (uint32_t other = child + 1; other < std::min(at * kFan + kFan + 1, heap_size_);
           ++other) {
        if (Before(heap_[other], heap_[child])) child = other;
      }
      if (!Before(heap_[child], entry)) break;
      heap_.Write(at) = HeapEntry(heap_[child]);
      at = child;
    }
    if (heap_size_ != 0) heap_.Write(at) = entry;
  }

  // Lets go of rows that were removed, so that the first one is there.
  template <class Rows>
  [[gnu::noinline]] void TidyHeap(const Rows& rows) {
    if (heap_gone_ > heap_size_ / 2 + 16) {
      std::vector<HeapEntry> live;
      live.reserve(heap_size_ - heap_gone_);
      for (uint32_t at = 0; at < heap_size_; ++at) {
        if (IsLive(rows, heap_[at])) live.push_back(heap_[at]);
      }
      heap_size_ = heap_gone_ = 0;
      for (const HeapEntry& entry : live) Push(entry);
      return;
    }
    for (; heap_size_ != 0 && !IsLive(rows, heap_[0]); --heap_gone_) Pop();
  }

  CowArray<uint32_t, kFewestSlots> lane_;  // none, or a power of two; a row's slot is its stamp's
  CowArray<HeapEntry, 32> heap_;
  Time last_time_ = {};  // of the last row of the lane
  uint32_t size_ = 0;
  uint32_t next_ = 1;   // stamp
  uint32_t first_ = 1;  // stamp of the lane's first row
  uint32_t end_ = 1;    // one more than the stamp of its last
  uint32_t heap_size_ = 0;
  uint32_t heap_gone_ = 0;  // of these
};

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_TIMED_LIST_H_
