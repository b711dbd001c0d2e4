#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "skybox/choices.h"

using skybox::RandomStream;

namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

// The first `count` values of the stream "arrivals" of seed 42.
template <typename Draw>
auto First(size_t count, Draw draw) {
  RandomStream random(42, "arrivals");
  std::vector<decltype(draw(random))> values;
  for (size_t i = 0; i < count; ++i) values.push_back(draw(random));
  return values;
}

}  // namespace

// ---- The arithmetic is public: these numbers are the same for ever, on every machine. They were
// worked out by a second implementation, in Python.

TEST_CASE("Next has published values", "[random][vectors]") {
  CHECK(First(4, [](RandomStream& random) { return random.Next(); }) ==
        std::vector<uint64_t>{0x73971C51158A775E, 0xF603DD4D37863653, 0xE86B4EB00C41B90C,
                              0x310EACF685896C64});
}

TEST_CASE("Next has published values for every seed and name", "[random][vectors]") {
  RandomStream least(0, "");
  CHECK(least.Next() == 0x852B7DD1F63D242Eu);
  CHECK(least.Next() == 0xC3C11E54B5B98AFDu);
  RandomStream most(0xFFFFFFFFFFFFFFFFu, std::string_view("\xFF\0\x80", 3));
  CHECK(most.Next() == 0x0F3303900F7974FBu);
  CHECK(most.Next() == 0x0F107FB028A28ED6u);
}

TEST_CASE("Below has published values", "[random][vectors]") {
  CHECK(First(16, [](RandomStream& random) { return random.Below(6); }) ==
        std::vector<uint64_t>{2, 5, 5, 1, 2, 3, 0, 5, 4, 1, 0, 2, 1, 1, 4, 4});
}

TEST_CASE("Below has published values where it has to draw again to be fair", "[random][vectors]") {
  RandomStream random(42, "arrivals");
  const uint64_t n = (uint64_t{1} << 63) + 1;
  CHECK(random.Below(n) == 0x7435A7580620DC86u);
  CHECK(random.Below(n) == 0x4CF8CFFF4B67386Eu);
  CHECK(random.Below(n) == 0x57ABB3894C018E61u);
  CHECK(random.Below(n) == 0x01D02F4A3C833F34u);
  CHECK(random.index() == 11);
}

TEST_CASE("Between has published values", "[random][vectors]") {
  CHECK(First(12, [](RandomStream& random) { return random.Between(-3, 3); }) ==
        std::vector<int64_t>{0, 3, 3, -2, 0, 1, -3, 2, 1, -1, -3, -1});
}

TEST_CASE("Unit has published values", "[random][vectors]") {
  CHECK(First(4, [](RandomStream& random) { return random.Unit(); }) ==
        std::vector<double>{0x1.ce5c71445629cp-2, 0x1.ec07ba9a6f0c6p-1, 0x1.d0d69d6018837p-1,
                            0x1.887567b42c4b4p-3});
}

TEST_CASE("Real has published values", "[random][vectors]") {
  CHECK(First(4, [](RandomStream& random) { return random.Real(0.1, 0.7); }) ==
        std::vector<double>{0x1.7bd110c29a190p-2, 0x1.5a6b098fdc3aap-1, 0x1.4a1a5e6cdb821p-1,
                            0x1.b846716c1a939p-3});
}

TEST_CASE("Chance has published values", "[random][vectors]") {
  CHECK(First(12, [](RandomStream& random) { return random.Chance(1, 3); }) ==
        std::vector<bool>{false, false, false, true, false, false, true, false, false, true, true,
                          false});
}

TEST_CASE("Exponential has published values", "[random][vectors]") {
  RandomStream random(42, "arrivals");
  CHECK(random.Exponential() == 0x1.ce5c71445629cp-2);
  CHECK(random.Exponential() == 0x1.57abb3894c019p+1);
  CHECK(random.Exponential() == 0x1.d05a2fc0cecb5p+0);
  CHECK(random.Exponential() == 0x1.26037af2da672p-2);
  CHECK(random.Exponential() == 0x1.322b833a51960p+0);
  CHECK(random.Exponential() == 0x1.002fede3a7802p-2);
  CHECK(random.index() == 30);
}

// ---- Streams.

TEST_CASE("A stream is a function of seed and name", "[random]") {
  RandomStream random(1, "a");
  RandomStream same(1, "a");
  RandomStream other_seed(2, "a");
  RandomStream other_name(1, "b");
  const uint64_t value = random.Next();
  CHECK(same.Next() == value);
  CHECK(other_seed.Next() != value);
  CHECK(other_name.Next() != value);
}

TEST_CASE("A copy of a stream goes on by itself", "[random]") {
  RandomStream random(1, "a");
  random.Next();
  RandomStream copy = random;
  const uint64_t value = random.Next();
  CHECK(copy.Next() == value);
  CHECK(copy.index() == 2);
}

TEST_CASE("A program's stream has nothing to do with the draws of a seeded cloud", "[random]") {
  RandomStream random(42, "test.order");
  const skybox::Seeded seeded(42);
  int equal = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    equal += random.Below(1000) == seeded.Pick({.name = "test.order"}, i, 1000);
  }
  CHECK(equal < 10);
}

// ---- Ranges.

TEST_CASE("Below zero there is nothing but zero", "[random]") {
  RandomStream random(1, "a");
  CHECK(random.Below(0) == 0);
  CHECK(random.index() == 0);
}

TEST_CASE("Below one there is only zero, and it is a draw", "[random]") {
  RandomStream random(1, "a");
  CHECK(random.Below(1) == 0);
  CHECK(random.index() == 1);
}

TEST_CASE("Between includes both ends", "[random]") {
  RandomStream random(1, "a");
  std::array<int, 3> counts = {};
  for (int i = 0; i < 300; ++i) ++counts[static_cast<size_t>(random.Between(-1, 1) + 1)];
  for (const int count : counts) CHECK(count > 70);
}

TEST_CASE("Between equal ends there is one number, between crossed ones the lower end",
          "[random]") {
  RandomStream random(1, "a");
  CHECK(random.Between(5, 5) == 5);
  CHECK(random.Between(5, 4) == 5);
  CHECK(random.Between(kMost, kLeast) == kMost);
  CHECK(random.Between(kMost, kMost) == kMost);
  CHECK(random.Between(kLeast, kLeast) == kLeast);
}

TEST_CASE("Between may have all integers", "[random]") {
  RandomStream random(42, "arrivals");
  CHECK(random.Between(kLeast, kMost) ==
        static_cast<int64_t>(0x73971C51158A775Eu - 0x8000000000000000u));
  CHECK(random.index() == 1);
}

TEST_CASE("Unit is at least 0 and below 1", "[random]") {
  RandomStream random(1, "a");
  for (int i = 0; i < 10'000; ++i) {
    const double unit = random.Unit();
    CHECK((unit >= 0 && unit < 1));
  }
}

TEST_CASE("Real never is its upper end, however close the ends are", "[random]") {
  RandomStream random(1, "a");
  const double just_above_one = 1 + std::numeric_limits<double>::epsilon();
  for (int i = 0; i < 100; ++i) {
    CHECK(random.Real(1, just_above_one) == 1);
    CHECK(random.Real(-std::numeric_limits<double>::denorm_min(), 0) < 0);
    CHECK(random.Real(-just_above_one, -1) == -just_above_one);
  }
}

TEST_CASE("Real of an empty range is the lower end", "[random]") {
  RandomStream random(1, "a");
  CHECK(random.Real(2, 2) == 2);
  CHECK(random.Real(3, 2) == 3);
  CHECK(random.index() == 0);
}

TEST_CASE("Real may have all finite numbers", "[random]") {
  RandomStream random(1, "a");
  const double most = std::numeric_limits<double>::max();
  int negative = 0;
  for (int i = 0; i < 1000; ++i) {
    const double value = random.Real(-most, most);
    CHECK((value >= -most && value < most));
    negative += value < 0;
  }
  CHECK(negative > 450);
  CHECK(negative < 550);
}

TEST_CASE("A chance of none is never, of all always", "[random]") {
  RandomStream random(1, "a");
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(random.Chance(0, 10));
    CHECK(random.Chance(10, 10));
    CHECK(random.Chance(11, 10));
  }
  CHECK_FALSE(random.Chance(0, 0));
}

// ---- Distributions.

TEST_CASE("Half of the units are below a half", "[random]") {
  RandomStream random(7, "sum");
  int low = 0;
  for (int i = 0; i < 100'000; ++i) low += random.Unit() < 0.5;
  CHECK(low == 50037);
}

TEST_CASE("Exponential has mean 1, variance 1 and the right tails", "[random]") {
  RandomStream random(7, "sum");
  double sum = 0;
  double sum_of_squares = 0;
  int above_1 = 0;  // 36788 expected, exp(-1)
  int above_3 = 0;  // 4979 expected, exp(-3)
  for (int i = 0; i < 100'000; ++i) {
    const double value = random.Exponential();
    CHECK(value >= 0);
    sum += value;
    sum_of_squares += value * value;
    above_1 += value > 1;
    above_3 += value > 3;
  }
  CHECK(sum / 100'000 == Approx(1).epsilon(0.01));
  CHECK(sum_of_squares / 100'000 == Approx(2).epsilon(0.02));
  CHECK(above_1 == 36888);
  CHECK(above_3 == 4949);
}
