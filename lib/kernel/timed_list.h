#ifndef SKYBOX_KERNEL_TIMED_LIST_H_
#define SKYBOX_KERNEL_TIMED_LIST_H_

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernel/cow_table.h"

// Lists of rows of a CowTable whose links lie in the rows. A list itself is a few numbers: it is
// copied together with its table, and every operation is told the table. `Rows` below is that
// table, or whatever else has `operator[] const` and `Write`.
namespace skybox::kernel {

// The links of a row for a RowList.
struct RowLinks {
  uint32_t prev = kNone;
  uint32_t next = kNone;
};

// Rows in the order in which they were put there. `kLinks` is a pointer to a member of the row with
// members `prev` and `next`: RowLinks, or TimedLinks where a row is never in both kinds of list.
// Nothing in a row says which list it is in, or whether it is in one.
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

// The links of a row for a TimedList.
struct TimedLinks {
  static constexpr uint32_t kOutside = 0xFFFFFFFE;
  static constexpr uint32_t kInLane = 0xFFFFFFFD;

  uint32_t prev = kNone;      // lane: the row before; heap: the sibling before, or the parent
  uint32_t next = kNone;      // lane: the row after; heap: the sibling after
  uint32_t child = kOutside;  // heap: the first child or kNone; otherwise what is above
  uint32_t stamp = 0;         // orders rows of the same time by when they were inserted
};

// Rows ordered by a time, and rows of the same time by when they were inserted. `kLinks` is a
// pointer to a member TimedLinks of the row; `kTime` says the time: a pointer to a member, or a
// function of the row. The time of a row stays as it is while the row is in the list.
//
// Inserting a row that belongs at the end, or nearly there, takes O(1), as does removing it; for
// other rows both take O(log n), amortised.
template <auto kLinks, auto kTime, uint32_t kStamps = 0xFFFFFFFF>
class TimedList {
  // In the main a list, the lane, to which rows are appended. A row that belongs elsewhere goes to
  // a pairing heap. Where a row lies shows nowhere: stamps order the rows of both.
 public:
  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The first row in order, or kNone.
  template <class Rows>
  uint32_t First(const Rows& rows) const {
    if (root_ == kNone) return head_;
    if (head_ == kNone) return root_;
    return Before(rows, root_, head_) ? root_ : head_;
  }

  // Whether a row is in the list. (It cannot tell apart lists that use the same links.)
  template <class Rows>
  bool Contains(const Rows& rows, uint32_t i) const {
    return (rows[i].*kLinks).child != TimedLinks::kOutside;
  }

  // Puts in a row that is in no list of these links.
  template <class Rows>
  void Insert(Rows& rows, uint32_t i) {
    assert(!Contains(rows, i));
    if (next_stamp_ == kStamps) Renumber(rows);
    ++size_;
    auto& row = rows.Write(i);
    if (tail_ == kNone || !(TimeIn(row) < TimeOf(rows, tail_)) || MakeLast(rows, TimeIn(row))) {
      row.*kLinks = {tail_, kNone, TimedLinks::kInLane, next_stamp_++};
      (tail_ == kNone ? head_ : Links(rows, tail_).next) = i;
      tail_ = i;
    } else {
      row.*kLinks = {kNone, kNone, kNone, next_stamp_++};
      root_ = Meld(rows, root_, i);
    }
  }

  // Takes out a row that is in the list.
  template <class Rows>
  void Remove(Rows& rows, uint32_t i) {
    assert(Contains(rows, i));
    const TimedLinks links = std::exchange(Links(rows, i), TimedLinks{});
    if (links.child == TimedLinks::kInLane) {
      CutFromLane(rows, links);
    } else {
      CutFromHeap(rows, i, links);
    }
    if (--size_ == 0) next_stamp_ = 0;
  }

  // All rows in order. Inserting them in this order into an empty list makes an equal one. O(n)
  // where rows were inserted in order, otherwise O(n log n).
  template <class Rows>
  std::vector<uint32_t> InOrder(const Rows& rows) const {
    std::vector<uint32_t> lane;
    for (uint32_t i = head_; i != kNone; i = (rows[i].*kLinks).next) lane.push_back(i);
    if (root_ == kNone) return lane;
    std::vector<uint32_t> heap = {root_};
    for (size_t parent = 0; parent < heap.size(); ++parent) {
      uint32_t child = (rows[heap[parent]].*kLinks).child;
      for (; child != kNone; child = (rows[child].*kLinks).next) heap.push_back(child);
    }
    const auto before = [&rows](uint32_t a, uint32_t b) { return Before(rows, a, b); };
    std::sort(heap.begin(), heap.end(), before);  // no two are equal
    std::vector<uint32_t> all;
    all.reserve(size_);
    std::merge(lane.begin(), lane.end(), heap.begin(), heap.end(), std::back_inserter(all), before);
    return all;
  }

 private:
  // How many rows at the end of the lane give way to one that belongs before them.
  static constexpr int kMostEvicted = 4;

  template <class Rows>
  static TimedLinks& Links(Rows& rows, uint32_t i) {
    return rows.Write(i).*kLinks;
  }

  template <class Row>
  static auto TimeIn(const Row& row) {
    if constexpr (std::is_member_object_pointer_v<decltype(kTime)>) {
      return row.*kTime;
    } else {
      return kTime(row);
    }
  }

  template <class Rows>
  static auto TimeOf(const Rows& rows, uint32_t i) {
    return TimeIn(rows[i]);
  }

  template <class Rows>
  static bool Before(const Rows& rows, uint32_t a, uint32_t b) {
    const auto time_a = TimeOf(rows, a);
    const auto time_b = TimeOf(rows, b);
    if (time_a < time_b) return true;
    if (time_b < time_a) return false;
    return (rows[a].*kLinks).stamp < (rows[b].*kLinks).stamp;
  }

  // Whether a row of this time, which is before that of the last row of the lane, can be appended
  // to it all the same: where only a few rows are in the way, they go to the heap, lest one row
  // with a far time send there all that come after it.
  template <class Rows, class Time>
  [[gnu::noinline]] bool MakeLast(Rows& rows, Time time) {
    uint32_t last = tail_;
    for (int in_the_way = 0; last != kNone && time < TimeOf(rows, last); ++in_the_way) {
      if (in_the_way == kMostEvicted) return false;
      last = (rows[last].*kLinks).prev;
    }
    while (tail_ != last) {
      const uint32_t evicted = tail_;
      TimedLinks& links = Links(rows, evicted);
      CutFromLane(rows, links);
      links.child = kNone;
      root_ = Meld(rows, root_, evicted);
    }
    return true;
  }

  template <class Rows>
  void CutFromLane(Rows& rows, TimedLinks links) {
    (links.prev == kNone ? head_ : Links(rows, links.prev).next) = links.next;
    (links.next == kNone ? tail_ : Links(rows, links.next).prev) = links.prev;
  }

  // Makes one heap of two, of which the first may be empty. Their roots' `prev` and `next` may be
  // anything.
  template <class Rows>
  static uint32_t Meld(Rows& rows, uint32_t a, uint32_t b) {
    if (a != kNone) {
      if (Before(rows, b, a)) std::swap(a, b);
      const uint32_t sibling = std::exchange(Links(rows, a).child, b);
      TimedLinks& links = Links(rows, b);
      links.prev = a;
      links.next = sibling;
      if (sibling != kNone) Links(rows, sibling).prev = b;
      b = a;
    }
    TimedLinks& links = Links(rows, b);
    links.prev = kNone;
    links.next = kNone;
    return b;
  }

  // Makes one heap of a row of siblings: pairs from the first to the last, then all pairs from the
  // last to the first.
  template <class Rows>
  static uint32_t MeldSiblings(Rows& rows, uint32_t first) {
    uint32_t pairs = kNone;  // linked by `next`
    while (first != kNone) {
      uint32_t pair = first;
      const uint32_t second = (rows[first].*kLinks).next;
      first = second == kNone ? kNone : (rows[second].*kLinks).next;
      if (second != kNone) pair = Meld(rows, pair, second);
      Links(rows, pair).next = std::exchange(pairs, pair);
    }
    uint32_t root = kNone;
    while (pairs != kNone) {
      const uint32_t pair = std::exchange(pairs, (rows[pairs].*kLinks).next);
      root = Meld(rows, root, pair);
    }
    return root;
  }

  template <class Rows>
  [[gnu::noinline]] void CutFromHeap(Rows& rows, uint32_t i, TimedLinks links) {
    const uint32_t rest = MeldSiblings(rows, links.child);
    if (i == root_) {
      root_ = rest;
      return;
    }
    TimedLinks& before = Links(rows, links.prev);
    (before.child == i ? before.child : before.next) = links.next;
    if (links.next != kNone) Links(rows, links.next).prev = links.prev;
    if (rest != kNone) root_ = Meld(rows, root_, rest);
  }

  // Gives all rows new stamps in the same order, from 0.
  template <class Rows>
  void Renumber(Rows& rows) {
    next_stamp_ = 0;
    for (const uint32_t i : InOrder(rows)) Links(rows, i).stamp = next_stamp_++;
  }

  uint32_t head_ = kNone;  // of the lane
  uint32_t tail_ = kNone;
  uint32_t root_ = kNone;  // of the heap
  uint32_t size_ = 0;
  uint32_t next_stamp_ = 0;
};

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_TIMED_LIST_H_
