#include "kernel/timed_list.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernel/cow_table.h"

namespace skybox::kernel {
namespace {

// SplitMix64.
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}
  uint32_t Below(uint32_t bound) {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<uint32_t>(((z ^ (z >> 31)) >> 32) * bound >> 32);
  }

 private:
  uint64_t state_;
};

struct Row {
  int64_t due = 0;
  TimedPlace timed = {};
  RowLinks links = {};
};

using Rows = CowTable<Row, 4>;
using Timed = TimedList<&Row::timed, &Row::due>;
using Plain = RowList<&Row::links>;
using Indexes = std::vector<uint32_t>;

static_assert(sizeof(TimedPlace) == 4);
static_assert(sizeof(RowLinks) == 8);

uint32_t Put(Rows& rows, Timed& list, int64_t due) {
  const uint32_t i = rows.Take();
  rows.Write(i).due = due;
  list.Insert(rows, i);
  return i;
}

// Takes everything out from the front.
template <class List>
Indexes Drain(Rows& rows, List& list) {
  Indexes all;
  while (!list.empty()) {
    all.push_back(list.First(rows));
    list.Remove(rows, all.back());
  }
  return all;
}

TEST_CASE("An empty list has no first row", "[timed_list]") {
  const Rows rows;
  const Timed list;
  CHECK(list.empty());
  CHECK(list.size() == 0);  // NOLINT(readability-container-size-empty)
  CHECK(list.First(rows) == kNone);
  CHECK(list.InOrder(rows).empty());
}

TEST_CASE("Rows come in order of time, whatever order they were inserted in", "[timed_list]") {
  Rows rows;
  Timed list;
  std::vector<int64_t> times = {10, 20, 30, 40, 50, 60, 70};
  std::vector<int64_t> order = times;
  do {
    for (const int64_t time : order) Put(rows, list, time);
    const Indexes in_order = list.InOrder(rows);
    std::vector<int64_t> found;
    for (const uint32_t i : in_order) found.push_back(rows[i].due);
    if (found != times) FAIL("InOrder");
    if (Drain(rows, list) != in_order) FAIL("First");
    for (const uint32_t i : in_order) rows.Give(i);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("Rows of the same time come in the order of insertion", "[timed_list]") {
  Rows rows;
  Timed list;
  const uint32_t a = Put(rows, list, 10);
  for (int64_t due = 20; due < 30; ++due) Put(rows, list, due);  // no longer near the end
  const uint32_t b = Put(rows, list, 10);
  const uint32_t c = Put(rows, list, 10);
  CHECK(list.First(rows) == a);
  list.Remove(rows, a);
  CHECK(list.First(rows) == b);
  list.Remove(rows, b);
  list.Insert(rows, b);  // now it is the last of them
  CHECK(list.First(rows) == c);
  list.Remove(rows, c);
  CHECK(list.First(rows) == b);
}

TEST_CASE("A row appended after later ones are gone comes after an earlier one of its time",
          "[timed_list]") {
  Rows rows;
  Timed list;
  Indexes late;
  for (int64_t due = 20; due < 30; ++due) late.push_back(Put(rows, list, due));
  const uint32_t a = Put(rows, list, 10);
  for (const uint32_t i : late) list.Remove(rows, i);
  const uint32_t b = Put(rows, list, 10);
  CHECK(Drain(rows, list) == Indexes{a, b});
}

TEST_CASE("A list knows which rows it has", "[timed_list]") {
  Rows rows;
  Timed list;
  const uint32_t early = Put(rows, list, 1);
  for (int64_t due = 20; due < 30; ++due) Put(rows, list, due);
  const uint32_t late = Put(rows, list, 2);
  const uint32_t never = rows.Take();
  CHECK(list.size() == 12);
  CHECK(list.Contains(rows, early));
  CHECK(list.Contains(rows, late));
  CHECK_FALSE(list.Contains(rows, never));
  list.Remove(rows, early);
  list.Remove(rows, late);
  CHECK_FALSE(list.Contains(rows, early));
  CHECK_FALSE(list.Contains(rows, late));
  CHECK(list.size() == 10);
}

TEST_CASE("Times may be negative, far, and worked out from the row", "[timed_list]") {
  Rows rows;
  TimedList<&Row::timed, [](const Row& row) { return -row.due; }> latest_first;
  for (const int64_t due : {INT64_C(5), INT64_MAX, INT64_C(-5), INT64_C(0), -INT64_MAX}) {
    const uint32_t i = rows.Take();
    rows.Write(i).due = due;
    latest_first.Insert(rows, i);
  }
  CHECK(Drain(rows, latest_first) == Indexes{1, 0, 3, 2, 4});
}

TEST_CASE("A list is forked together with its table", "[timed_list]") {
  Rows rows;
  Timed list;
  for (int64_t due = 0; due < 100; ++due) Put(rows, list, due * 37 % 100);
  Rows fork_rows = rows;
  Timed fork = list;
  const Indexes all = list.InOrder(rows);
  CHECK(Drain(rows, list) == all);
  CHECK(fork.InOrder(fork_rows) == all);
  Put(fork_rows, fork, -1);
  CHECK(fork.size() == 101);
  CHECK(list.empty());
}

TEST_CASE("Inserting the rows in order into an empty list makes an equal one", "[timed_list]") {
  Rows rows;
  Timed list;
  Rng rng(1);
  for (int i = 0; i < 500; ++i) Put(rows, list, rng.Below(20));
  for (int i = 0; i < 100; ++i) list.Remove(rows, list.First(rows));
  const Indexes all = list.InOrder(rows);
  Rows other_rows;
  for (uint32_t i = 0; i < rows.size(); ++i) other_rows.Append({.due = rows[i].due});
  Timed other;
  for (const uint32_t i : all) other.Insert(other_rows, i);
  CHECK(other.InOrder(other_rows) == all);
  CHECK(other.size() == list.size());
  for (int i = 0; i < 100; ++i) {
    const int64_t due = rng.Below(30);
    CHECK(Put(rows, list, due) == Put(other_rows, other, due));
  }
  CHECK(Drain(rows, list) == Drain(other_rows, other));
}

TEST_CASE("A list stays as it is while one row stays and very many come and go", "[timed_list]") {
  Rows rows;
  Timed list;
  const uint32_t oldest = Put(rows, list, 0);
  Indexes others;
  for (int64_t due = 1; due < 100'000; ++due) {
    others.push_back(Put(rows, list, due % 7 == 0 ? due / 2 : due));
    if (others.size() < 10) continue;
    list.Remove(rows, others.front());
    rows.Give(others.front());
    others.erase(others.begin());
    if (list.First(rows) != oldest) FAIL("at " << due);
  }
  CHECK(list.size() == 10);
  CHECK(rows.size() == 11);
}

TEST_CASE("A row can go from one list to another of the same place", "[timed_list]") {
  Rows rows;
  Timed ready;
  TimedList<&Row::timed, &Row::due, 1> hidden;
  Rng rng(7);
  std::vector<bool> is_ready;
  uint32_t ready_count = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (is_ready.size() < 50) {
      Put(rows, ready, rng.Below(100));
      is_ready.push_back(true);
      ++ready_count;
      continue;
    }
    const uint32_t i = rng.Below(50);
    if (is_ready[i]) {
      ready.Remove(rows, i);
      rows.Write(i).due = rng.Below(100);
      hidden.Insert(rows, i);
    } else {
      hidden.Remove(rows, i);
      ready.Insert(rows, i);
    }
    ready_count += is_ready[i] ? -1 : 1;
    is_ready[i] = !is_ready[i];
    const uint32_t first = ready.First(rows);
    if (ready.size() != ready_count || (first != kNone && !is_ready[first])) FAIL("step " << step);
    const uint32_t first_hidden = hidden.First(rows);
    if (first_hidden != kNone && is_ready[first_hidden]) FAIL("step " << step);
  }
}

// ---- Against a model

// With few stamps, so that they run out often.
using FewStamps = TimedList<&Row::timed, &Row::due, 0, 1'000>;

struct World {
  Rows rows = {};
  FewStamps list = {};
  std::vector<std::pair<int64_t, uint32_t>> model = {};  // time and row, in order

  void Insert(uint32_t i, int64_t due) {
    rows.Write(i).due = due;
    list.Insert(rows, i);
    const auto after = std::upper_bound(
        model.begin(), model.end(), due,
        [](int64_t time, const std::pair<int64_t, uint32_t>& entry) { return time < entry.first; });
    model.insert(after, {due, i});
  }

  void RemoveAt(uint32_t place) {
    list.Remove(rows, model[place].second);
    rows.Give(model[place].second);
    model.erase(model.begin() + place);
  }

  bool SameFirst() const {
    return list.size() == model.size() &&
           list.First(rows) == (model.empty() ? kNone : model.front().second);
  }

  bool Same() const {
    Indexes expected;
    for (const auto& entry : model) expected.push_back(entry.second);
    return SameFirst() && list.InOrder(rows) == expected;
  }
};

TEST_CASE("Copies of copies of a timed list behave as sorted vectors do", "[timed_list][model]") {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    std::vector<World> worlds(1);
    bool same = true;
    int64_t now = 0;
    for (int step = 0; same && step < 20'000; ++step) {
      const uint32_t at = rng.Below(static_cast<uint32_t>(worlds.size()));
      World& world = worlds[at];
      const auto size = static_cast<uint32_t>(world.model.size());
      const uint32_t what = rng.Below(1'000);
      now += rng.Below(2);
      if (what < 3) {
        if (worlds.size() < 5) worlds.push_back(World(world));
      } else if (what < 6) {
        if (worlds.size() > 1) worlds.erase(worlds.begin() + at);
      } else if (what < 520 && size < 300) {
        int64_t due = 0;
        switch (seed % 4) {
          case 0:  // many of the same time
            due = rng.Below(10);
            break;
          case 1:  // anything
            due = rng.Below(1'000'000);
            break;
          case 2:  // in order, but for a few that are far and a few that are near
            due = now + (rng.Below(10) == 0 ? rng.Below(1'000) : 100);
            break;
          default:  // towards the front
            due = 1'000'000 - now;
        }
        world.Insert(world.rows.Take(), due);
      } else if (size > 0) {
        world.RemoveAt(rng.Below(2) == 0 ? 0 : rng.Below(size));
      }
      same = worlds[at % worlds.size()].SameFirst();
      if (step % 100 == 0) {
        for (const World& each : worlds) same = same && each.Same();
      }
    }
    for (World& world : worlds) {
      same = same && world.Same();
      const Indexes expected = world.list.InOrder(world.rows);
      same = same && Drain(world.rows, world.list) == expected;
    }
    REQUIRE(same);
  }
}

// ---- RowList

Indexes Forwards(const Rows& rows, const Plain& list) {
  Indexes all;
  for (uint32_t i = list.head(); i != kNone; i = list.next(rows, i)) all.push_back(i);
  return all;
}

Indexes Backwards(const Rows& rows, const Plain& list) {
  Indexes all;
  for (uint32_t i = list.tail(); i != kNone; i = list.prev(rows, i)) all.push_back(i);
  std::reverse(all.begin(), all.end());
  return all;
}

TEST_CASE("A row list keeps the order in which rows were put there", "[row_list]") {
  Rows rows;
  for (int i = 0; i < 6; ++i) rows.Take();
  Plain list;
  CHECK(list.empty());
  CHECK(list.head() == kNone);
  CHECK(list.tail() == kNone);
  list.Append(rows, 0);
  list.Append(rows, 1);
  list.Prepend(rows, 2);
  list.InsertBefore(rows, 1, 3);
  list.InsertBefore(rows, 2, 4);      // before the head
  list.InsertBefore(rows, kNone, 5);  // at the end
  CHECK(Forwards(rows, list) == Indexes{4, 2, 0, 3, 1, 5});
  CHECK(Backwards(rows, list) == Indexes{4, 2, 0, 3, 1, 5});
  CHECK(list.size() == 6);
  list.Unlink(rows, 4);
  list.Unlink(rows, 5);
  list.Unlink(rows, 0);
  CHECK(Forwards(rows, list) == Indexes{2, 3, 1});
  CHECK(Backwards(rows, list) == Indexes{2, 3, 1});
  CHECK(list.size() == 3);
  for (const uint32_t i : {2u, 3u, 1u}) list.Unlink(rows, i);
  CHECK(list.empty());
  CHECK(list.tail() == kNone);
}

TEST_CASE("Copies of row lists behave as vectors do", "[row_list][model]") {
  struct Fork {
    Rows rows = {};
    Plain list = {};
    Indexes model = {};
  };
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    std::vector<Fork> forks(1);
    bool same = true;
    for (int step = 0; same && step < 20'000; ++step) {
      const uint32_t at = rng.Below(static_cast<uint32_t>(forks.size()));
      Fork& fork = forks[at];
      const auto size = static_cast<uint32_t>(fork.model.size());
      const uint32_t place = rng.Below(size + 1);
      const uint32_t what = rng.Below(100);
      if (what == 0) {
        if (forks.size() < 5) forks.push_back(Fork(fork));
      } else if (what == 1) {
        if (forks.size() > 1) forks.erase(forks.begin() + at);
      } else if (what < 50 && size < 200) {
        const uint32_t i = fork.rows.Take();
        switch (rng.Below(3)) {
          case 0:
            fork.list.Append(fork.rows, i);
            fork.model.push_back(i);
            break;
          case 1:
            fork.list.Prepend(fork.rows, i);
            fork.model.insert(fork.model.begin(), i);
            break;
          default:
            fork.list.InsertBefore(fork.rows, place == size ? kNone : fork.model[place], i);
            fork.model.insert(fork.model.begin() + place, i);
        }
      } else if (place < size) {
        fork.list.Unlink(fork.rows, fork.model[place]);
        fork.rows.Give(fork.model[place]);
        fork.model.erase(fork.model.begin() + place);
      }
      if (step % 100 != 0) continue;
      for (const Fork& each : forks) {
        same = same && Forwards(each.rows, each.list) == each.model &&
               Backwards(each.rows, each.list) == each.model &&
               each.list.size() == each.model.size();
      }
    }
    REQUIRE(same);
  }
}

}  // namespace
}  // namespace skybox::kernel
