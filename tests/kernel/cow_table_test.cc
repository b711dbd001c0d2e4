#include "kernel/cow_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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

// A row that holds something: how many rows hold a token shows in its use_count.
using Token = std::shared_ptr<int>;

struct Named {
  std::string name = {};
  Token token = {};
};

TEST_CASE("Rows are appended and found by index", "[cow_table]") {
  CowTable<Named> table;
  CHECK(table.size() == 0);
  CHECK(table.live() == 0);
  for (uint32_t i = 0; i < 10'000; ++i) CHECK(table.Append({std::to_string(i), nullptr}) == i);
  CHECK(table.size() == 10'000);
  bool same = true;
  for (uint32_t i = 0; i < 10'000; ++i) same = same && table[i].name == std::to_string(i);
  CHECK(same);
  table.Write(4'711).name = "changed";
  CHECK(table[4'711].name == "changed");
  CHECK(table[4'710].name == "4710");
}

TEST_CASE("A written row stays where it is when others are appended and written", "[cow_table]") {
  CowTable<uint64_t, 4> table;
  const uint32_t first = table.Append(1);
  uint64_t& row = table.Write(first);
  for (uint64_t i = 0; i < 5'000; ++i) table.Write(table.Append(0)) = i;
  row = 42;
  CHECK(table[first] == 42);
  CHECK(&table[first] == &row);
}

TEST_CASE("Copies do not see each other's writes", "[cow_table]") {
  CowTable<std::string, 4> a;
  for (int i = 0; i < 1'000; ++i) a.Append("old");
  CowTable<std::string, 4> b = a;
  const CowTable<std::string, 4> c = b;
  a.Write(5) = "a";
  b.Write(5) = "b";
  b.Write(999) = "b";
  CHECK(a.Append("new") == 1'000);
  CHECK(a[5] == "a");
  CHECK(b[5] == "b");
  CHECK(c[5] == "old");
  CHECK(a[999] == "old");
  CHECK(b[999] == "b");
  CHECK(c[999] == "old");
  CHECK(a.size() == 1'001);
  CHECK(b.size() == 1'000);
  CHECK(c.size() == 1'000);
}

TEST_CASE("Copies share the chunks that none of them has written", "[cow_table]") {
  CowTable<uint64_t, 4> a;
  for (uint64_t i = 0; i < 1'000; ++i) a.Append(i);
  CowTable<uint64_t, 4> b = a;
  CHECK(&a[500] == &b[500]);
  b.Write(500) = 7;
  CHECK(&a[500] != &b[500]);
  CHECK(&a[503] != &b[503]);  // of the same four
  CHECK(&a[504] == &b[504]);
  CHECK(&a[499] == &b[499]);
}

TEST_CASE("Whoever is left alone writes without a copy", "[cow_table]") {
  CowTable<uint64_t, 4> a;
  for (uint64_t i = 0; i < 1'000; ++i) a.Append(i);
  const uint64_t* const place = &a[500];
  SECTION("because the copy is gone") {
    {
      const CowTable<uint64_t, 4> b = a;
    }
    CHECK(&a.Write(500) == place);
  }
  SECTION("because the original is gone") {
    CowTable<uint64_t, 4> b = a;
    a.Clear();
    CHECK(&b.Write(500) == place);
  }
  SECTION("because the copy has copied") {
    CowTable<uint64_t, 4> b = a;
    CHECK(&b.Write(500) != place);
    CHECK(&a.Write(500) == place);
  }
}

TEST_CASE("A write after any number of copies copies once", "[cow_table]") {
  CowTable<uint64_t> a;
  for (uint64_t i = 0; i < 100; ++i) a.Append(i);
  const CowTable<uint64_t> b = a;
  const CowTable<uint64_t> c = a;
  uint64_t& row = a.Write(3);
  CHECK(&a.Write(3) == &row);
  const CowTable<uint64_t> d = a;
  CHECK(&a.Write(3) != &row);
  CHECK(&d[3] == &row);
}

TEST_CASE("The row given back last is taken first, and is empty", "[cow_table]") {
  CowTable<Named> table;
  const auto token = std::make_shared<int>();
  CHECK(table.Take() == 0);
  CHECK(table.Take() == 1);
  CHECK(table.Take() == 2);
  for (uint32_t i = 0; i < 3; ++i) table.Write(i) = {"body", token};
  CHECK(token.use_count() == 4);
  table.Give(0);
  table.Give(2);
  CHECK(token.use_count() == 2);
  CHECK(table.live() == 1);
  CHECK(table.size() == 3);
  CHECK(table[2].name.empty());
  CHECK(table.Take() == 2);
  CHECK(table.Take() == 0);
  CHECK(table.Take() == 3);
  CHECK(table[0].name.empty());
  CHECK(table.live() == 4);
}

struct Generation {
  uint32_t generation = 0;
  Token token = {};

  void Reset() {
    ++generation;
    token.reset();
  }
};

TEST_CASE("A row that can be reset keeps what it wants when it is given back", "[cow_table]") {
  CowTable<Generation> table;
  const auto token = std::make_shared<int>();
  table.Write(table.Take()).token = token;
  table.Give(0);
  CHECK(token.use_count() == 1);
  CHECK(table[0].generation == 1);
  CHECK(table.Take() == 0);
  CHECK(table[0].generation == 1);
}

TEST_CASE("Copies give back and take rows each for itself", "[cow_table]") {
  CowTable<uint64_t> a;
  for (uint32_t i = 0; i < 1'000; ++i) a.Take();
  for (uint32_t i = 0; i < 600; ++i) a.Give(i);
  CowTable<uint64_t> b = a;
  a.Give(700);
  CHECK(a.Take() == 700);
  CHECK(a.Take() == 599);
  b.Give(800);
  CHECK(a.Take() == 598);
  CHECK(b.Take() == 800);
  CHECK(b.Take() == 599);
  CHECK(a.live() == 402);
  CHECK(b.live() == 401);
}

TEST_CASE("A body is let go when the last table that has it writes or dies", "[cow_table]") {
  const auto token = std::make_shared<int>();
  auto a = std::make_unique<CowTable<Named, 4>>();
  for (int i = 0; i < 1'000; ++i) a->Append({"", token});
  CHECK(token.use_count() == 1'001);
  auto b = std::make_unique<CowTable<Named, 4>>(*a);
  auto c = std::make_unique<CowTable<Named, 4>>(*b);
  CHECK(token.use_count() == 1'001);
  b->Write(0).name = "b";
  CHECK(token.use_count() == 1'005);
  SECTION("in order of creation") {
    a.reset();
    CHECK(token.use_count() == 1'005);
    b.reset();
    CHECK(token.use_count() == 1'001);
    c.reset();
  }
  SECTION("in the opposite order") {
    c.reset();
    CHECK(token.use_count() == 1'005);
    b.reset();
    CHECK(token.use_count() == 1'001);
    a.reset();
  }
  SECTION("the one that wrote last") {
    a.reset();
    c.reset();
    CHECK(token.use_count() == 1'001);
    b.reset();
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("Clear lets go of everything, but not of what copies have", "[cow_table]") {
  const auto token = std::make_shared<int>();
  CowTable<Named> a;
  for (int i = 0; i < 100; ++i) a.Append({"", token});
  a.Give(50);
  const CowTable<Named> b = a;
  a.Clear();
  CHECK(a.size() == 0);
  CHECK(a.live() == 0);
  CHECK(a.Take() == 0);
  CHECK(b.size() == 100);
  CHECK(b.live() == 99);
  CHECK(token.use_count() == 100);
}

TEST_CASE("A table can be moved, and what is left is empty", "[cow_table]") {
  CowTable<std::string> a;
  a.Append("zero");
  a.Append("one");
  a.Give(0);
  CowTable<std::string> b = std::move(a);
  CHECK(a.size() == 0);  // NOLINT(bugprone-use-after-move)
  CHECK(a.live() == 0);
  CHECK(a.Take() == 0);
  CHECK(b[1] == "one");
  CHECK(b.Take() == 0);
  CowTable<std::string> c;
  c.Append("other");
  const CowTable<std::string> d = b;
  c = std::move(b);
  c.Write(1) = "changed";
  CHECK(c[1] == "changed");
  CHECK(d[1] == "one");
}

TEST_CASE("A table can be assigned to itself and to a copy of it", "[cow_table]") {
  CowTable<std::string> a;
  a.Append("zero");
  const CowTable<std::string>& same = a;
  a = same;
  CHECK(a[0] == "zero");
  CowTable<std::string> b = a;
  b.Write(0) = "b";
  a = b;
  b.Write(0) = "later";
  CHECK(a[0] == "b");
  a.Write(0) = "a";
  CHECK(b[0] == "later");
}

TEST_CASE("A row may be appended from the table itself", "[cow_table]") {
  CowTable<std::string, 1> table;
  table.Append("a string that is too long to lie in the object itself");
  for (uint32_t i = 0; i < 1'000; ++i) table.Append(table[i]);
  CHECK(table[1'000] == table[0]);
}

struct alignas(128) Wide {
  uint64_t value = 0;
};

TEST_CASE("Rows are aligned as their type wants, and chunks to cache lines", "[cow_table]") {
  CowTable<Wide, 4> wide;
  CowTable<uint64_t> narrow;
  for (uint64_t i = 0; i < 100; ++i) {
    wide.Write(wide.Take()).value = i;
    narrow.Append(i);
  }
  for (uint32_t i = 0; i < 100; ++i) CHECK(reinterpret_cast<uintptr_t>(&wide[i]) % 128 == 0);
  CHECK(reinterpret_cast<uintptr_t>(&narrow[64]) % 64 == 0);
}

TEST_CASE("An array grows by rows of the default value", "[cow_table]") {
  CowArray<Generation, 4> array;
  array.Grow(3);
  array.Write(2).generation = 7;
  CowArray<Generation, 4> copy = array;
  array.Grow(1'001);
  array.Grow(5);
  CHECK(array.size() == 1'001);
  CHECK(array[2].generation == 7);
  CHECK(array[1'000].generation == 0);
  CHECK(copy.size() == 3);
  CHECK(copy.Append({9, nullptr}) == 3);
  CHECK(array[3].generation == 0);
  CHECK(copy[3].generation == 9);
}

// ---- Against a model: many worlds that copy, move and write to each other's state

struct World {
  CowTable<std::string, 1> ones;
  CowTable<std::string, 4> fours;
  CowTable<uint64_t, 64> plain;
  std::vector<std::string> model = {};
  std::vector<uint32_t> given = {};

  bool Same() const {
    bool same = ones.size() == model.size() && fours.size() == model.size() &&
                plain.size() == model.size() && ones.live() == model.size() - given.size();
    for (uint32_t i = 0; same && i < model.size(); ++i) {
      same = ones[i] == model[i] && fours[i] == model[i] && plain[i] == model[i].size();
    }
    return same;
  }

  void Set(uint32_t i, const std::string& value) {
    model[i] = value;
    ones.Write(i) = value;
    fours.Write(i) = value;
    plain.Write(i) = value.size();
  }
};

// One step of one world. Returns whether the table gave the row that the model did.
bool Change(World& world, Rng& rng) {
  const auto size = static_cast<uint32_t>(world.model.size());
  const std::string value(rng.Below(40), 'x');
  switch (rng.Below(8)) {
    case 0:
    case 1:
      world.model.push_back(value);
      return world.ones.Append(value) == size && world.fours.Append(value) == size &&
             world.plain.Append(value.size()) == size;
    case 2:
    case 3: {
      uint32_t expected = size;
      if (world.given.empty()) {
        world.model.emplace_back();
      } else {
        expected = world.given.back();
        world.given.pop_back();
      }
      const bool same = world.ones.Take() == expected && world.fours.Take() == expected &&
                        world.plain.Take() == expected;
      world.Set(expected, value);
      return same;
    }
    case 4:
      for (uint32_t tries = 0; size > 0 && tries < 4; ++tries) {
        const uint32_t i = rng.Below(size);
        if (std::find(world.given.begin(), world.given.end(), i) != world.given.end()) continue;
        world.ones.Give(i);
        world.fours.Give(i);
        world.plain.Give(i);
        world.model[i].clear();
        world.given.push_back(i);
        break;
      }
      return true;
    default:
      if (size > 0) world.Set(rng.Below(size), value);
      return true;
  }
}

TEST_CASE("Copies of copies behave as vectors do", "[cow_table][model]") {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    std::vector<World> worlds(1);
    bool same = true;
    for (int step = 0; same && step < 6'000; ++step) {
      const uint32_t at = rng.Below(static_cast<uint32_t>(worlds.size()));
      const uint32_t other = rng.Below(static_cast<uint32_t>(worlds.size()));
      switch (rng.Below(100)) {
        case 0:
        case 1:
          if (worlds.size() < 8) worlds.push_back(World(worlds[at]));
          break;
        case 2:
          worlds[at] = World(worlds[other]);
          break;
        case 3:
          if (worlds.size() > 1) worlds.erase(worlds.begin() + at);
          break;
        case 4:
          if (at != other) std::swap(worlds[at], worlds[other]);
          break;
        case 5:
          if (rng.Below(20) == 0) worlds[at] = World();
          break;
        default:
          same = Change(worlds[at], rng);
      }
      if (step % 100 == 0) {
        for (const World& world : worlds) same = same && world.Same();
      }
    }
    for (const World& world : worlds) same = same && world.Same();
    REQUIRE(same);
  }
}

// ---- Threads

// Writes, appends, gives back and copies for a while, in a table whose rows are all "old" before.
// Returns whether it sees its own writes and nothing else.
bool UseAlone(CowTable<Named, 16> table, uint64_t seed) {
  Rng rng(seed);
  const std::string mine = "thread " + std::to_string(seed);
  const uint32_t size = table.size();
  std::vector<bool> written(size);
  bool same = true;
  CowTable<Named, 16> fork;
  for (int step = 0; step < 3'000; ++step) {
    const uint32_t i = rng.Below(size);
    table.Write(i).name = mine;
    written[i] = true;
    if (step % 100 == 0) fork = table;
    if (step % 100 == 50) fork.Write(rng.Below(size)).name = "fork";
    if (step % 7 == 0) table.Give(table.Append({mine, table[i].token}));
    const uint32_t other = rng.Below(size);
    same = same && table[other].name == (written[other] ? mine : "old");
  }
  return same;
}

TEST_CASE("Copies may be used on threads of their own", "[cow_table][threads]") {
  const auto token = std::make_shared<int>();
  for (uint64_t round = 0; round < 5; ++round) {
    CowTable<Named, 16> table;
    for (int i = 0; i < 3'000; ++i) table.Append({"old", token});
    bool same[2] = {false, false};
    CowTable<Named, 16> copy = table;
    std::thread other([&same, round, mine = std::move(copy)]() mutable {
      same[1] = UseAlone(std::move(mine), 2 * round + 1);
    });
    same[0] = UseAlone(std::move(table), 2 * round + 2);
    other.join();
    CHECK(same[0]);
    CHECK(same[1]);
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("Several threads may copy one table that nobody writes to", "[cow_table][threads]") {
  CowTable<Named, 16> table;
  for (int i = 0; i < 1'000; ++i) table.Append({"old", nullptr});
  const CowTable<Named, 16>& shared = table;
  bool same[3] = {false, false, false};
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&shared, &same, t] {
      same[t] = true;
      for (uint64_t round = 0; round < 3; ++round) {
        same[t] = UseAlone(shared, 3 * t + round) && shared[7].name == "old" && same[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool one : same) CHECK(one);
  table.Write(7).name = "new";
  CHECK(table[7].name == "new");
}

}  // namespace
}  // namespace skybox::kernel
