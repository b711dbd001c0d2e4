#include "kernel/cow_index.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kernel/cow_table.h"

namespace skybox::kernel {
namespace {

// SplitMix64.
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>((Next() >> 32) * bound >> 32); }

 private:
  uint64_t state_;
};

uint32_t FindRow(const CowIndex& index, uint64_t hash, uint32_t row) {
  return index.Find(hash, [row](uint32_t found) { return found == row; });
}

TEST_CASE("A row is found by its hash and what the caller calls equal", "[cow_index]") {
  const std::vector<std::string> names = {"zero", "one", "two"};
  CowIndex index;
  const auto find = [&](uint64_t hash, const std::string& name) {
    return index.Find(hash, [&](uint32_t row) { return names[row] == name; });
  };
  CHECK(index.empty());
  CHECK(find(10, "zero") == kNone);
  index.Insert(10, 0);
  index.Insert(10, 1);  // another key of the same hash
  index.Insert(12, 2);
  CHECK(index.size() == 3);
  CHECK(find(10, "zero") == 0);
  CHECK(find(10, "one") == 1);
  CHECK(find(10, "two") == kNone);
  CHECK(find(12, "two") == 2);
  CHECK(find(11, "zero") == kNone);
}

TEST_CASE("An erased row is not found, and others of its hash are", "[cow_index]") {
  CowIndex index;
  for (uint32_t row = 0; row < 5; ++row) index.Insert(7, row);
  CHECK(index.Erase(7, 2));
  CHECK_FALSE(index.Erase(7, 2));
  CHECK_FALSE(index.Erase(8, 3));
  CHECK(index.size() == 4);
  for (uint32_t row = 0; row < 5; ++row) CHECK(FindRow(index, 7, row) == (row == 2 ? kNone : row));
}

TEST_CASE("An index that was emptied can be used again", "[cow_index]") {
  CowIndex index;
  CHECK_FALSE(index.Erase(1, 1));
  for (uint32_t row = 0; row < 10'000; ++row) index.Insert(row, row);
  for (uint32_t row = 0; row < 10'000; ++row) CHECK(index.Erase(row, row));
  CHECK(index.empty());
  CHECK(FindRow(index, 5, 5) == kNone);
  index.Insert(5, 5);
  CHECK(FindRow(index, 5, 5) == 5);
  index.Clear();
  CHECK(index.empty());
  CHECK(FindRow(index, 5, 5) == kNone);
  index.Insert(6, 6);
  CHECK(FindRow(index, 6, 6) == 6);
}

TEST_CASE("Row 0 and the greatest row can be inserted", "[cow_index]") {
  CowIndex index;
  index.Insert(0, 0);
  index.Insert(~uint64_t{0}, kNone - 1);
  CHECK(FindRow(index, 0, 0) == 0);
  CHECK(FindRow(index, ~uint64_t{0}, kNone - 1) == kNone - 1);
}

TEST_CASE("Copies of an index do not see each other's changes", "[cow_index]") {
  CowIndex a;
  for (uint32_t row = 0; row < 1'000; ++row) a.Insert(row, row);
  CowIndex b = a;
  CowIndex c = b;
  CHECK(a.Erase(3, 3));
  b.Insert(5'000, 5'000);
  for (uint32_t row = 0; row < 999; ++row) c.Erase(row, row);
  CHECK(FindRow(a, 3, 3) == kNone);
  CHECK(FindRow(b, 3, 3) == 3);
  CHECK(FindRow(a, 5'000, 5'000) == kNone);
  CHECK(FindRow(b, 5'000, 5'000) == 5'000);
  CHECK(a.size() == 999);
  CHECK(b.size() == 1'001);
  CHECK(c.size() == 1);
  CHECK(FindRow(c, 999, 999) == 999);
}

TEST_CASE("An index can be moved, and what is left is empty", "[cow_index]") {
  CowIndex a;
  a.Insert(1, 1);
  CowIndex b = std::move(a);
  CHECK(a.empty());  // NOLINT(bugprone-use-after-move)
  a.Insert(2, 2);
  CHECK(FindRow(b, 1, 1) == 1);
  b = std::move(a);
  CHECK(FindRow(b, 1, 1) == kNone);
  CHECK(FindRow(b, 2, 2) == 2);
}

TEST_CASE("Few rows are compared, even where hashes are small numbers", "[cow_index]") {
  CowIndex index;
  const uint64_t stride = GENERATE(uint64_t{1}, uint64_t{1} << 20, uint64_t{1} << 40);
  for (uint32_t row = 0; row < 100'000; ++row) index.Insert(row * stride, row);
  uint64_t compared = 0;
  for (uint32_t row = 0; row < 100'000; ++row) {
    index.Find(row * stride, [&](uint32_t found) {
      ++compared;
      return found == row;
    });
  }
  CHECK(compared < 101'000);
}

TEST_CASE("Copies of copies of an index behave as maps do", "[cow_index][model]") {
  struct World {
    CowIndex index;
    std::map<uint32_t, uint64_t> model = {};  // from row to hash
  };
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed);
    const uint32_t hashes = seed % 3 == 0 ? 50 : 1'000'000;  // very often equal, or hardly ever
    const uint32_t rows = seed % 3 == 0 ? 300 : 3'000;
    std::vector<World> worlds(1);
    bool same = true;
    for (int step = 0; same && step < 60'000; ++step) {
      const uint32_t at = rng.Below(static_cast<uint32_t>(worlds.size()));
      // In some phases it grows, in others it shrinks.
      const bool grows = step / 10'000 % 2 == 0;
      const uint32_t what = rng.Below(1'000);
      World& world = worlds[at];
      const uint32_t row = rng.Below(rows);
      const auto known = world.model.find(row);
      if (what < 3) {
        if (worlds.size() < 5) worlds.push_back(World(world));
      } else if (what < 6) {
        if (worlds.size() > 1) worlds.erase(worlds.begin() + at);
      } else if (known == world.model.end()) {
        const uint64_t hash = hashes < 100 ? rng.Below(hashes) : rng.Next();
        same = FindRow(world.index, hash, row) == kNone && !world.index.Erase(hash, row);
        if (!grows && rng.Below(8) != 0) continue;
        world.index.Insert(hash, row);
        world.model.emplace(row, hash);
      } else {
        same = FindRow(world.index, known->second, row) == row;
        if (grows && rng.Below(8) != 0) continue;
        same = same && world.index.Erase(known->second, row) &&
               FindRow(world.index, known->second, row) == kNone;
        world.model.erase(known);
      }
      if (step % 2'000 != 0) continue;
      for (const World& each : worlds) {
        same = same && each.index.size() == each.model.size();
        for (const auto& [r, hash] : each.model) same = same && FindRow(each.index, hash, r) == r;
      }
    }
    REQUIRE(same);
  }
}

TEST_CASE("Copies of an index may be used on threads of their own", "[cow_index][threads]") {
  CowIndex index;
  for (uint32_t row = 0; row < 2'000; ++row) index.Insert(row, row);
  const auto use = [](CowIndex mine, uint32_t first) {
    for (uint32_t row = first; row < 2'000; row += 2) mine.Erase(row, row);
    for (uint32_t row = 2'000; row < 4'000; ++row) mine.Insert(row, row);
    bool same = mine.size() == 3'000;
    for (uint32_t row = 0; row < 4'000; ++row) {
      const bool gone = row < 2'000 && row % 2 == first;
      same = same && FindRow(mine, row, row) == (gone ? kNone : row);
    }
    return same;
  };
  bool same[2] = {false, false};
  CowIndex copy = index;
  std::thread other([&, mine = std::move(copy)] { same[1] = use(mine, 1); });
  same[0] = use(std::move(index), 0);
  other.join();
  CHECK(same[0]);
  CHECK(same[1]);
}

}  // namespace
}  // namespace skybox::kernel
