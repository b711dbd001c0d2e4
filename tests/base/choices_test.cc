#include "skybox/choices.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using skybox::Benign;
using skybox::ChoicePoint;
using skybox::Choices;
using skybox::ChoiceSource;
using skybox::HashOfName;
using skybox::Seeded;

namespace {

constexpr ChoicePoint kOrder = {.name = "test.order"};
constexpr ChoicePoint kFault = {.name = "test.fault", .one_in = 4};
constexpr ChoicePoint kRareFault = {.name = "test.fault", .one_in = 1000};

std::vector<uint64_t> Draws(Choices& choices, const ChoicePoint& point, int count, uint64_t n) {
  std::vector<uint64_t> answers;
  for (int i = 0; i < count; ++i) answers.push_back(choices.Pick(point, n));
  return answers;
}

std::vector<uint64_t> DrawsOf(uint64_t seed, const ChoicePoint& point, int count, uint64_t n) {
  Choices choices(std::make_shared<Seeded>(seed));
  return Draws(choices, point, count, n);
}

// Answers its index: also outside of what was asked for.
class Counting final : public ChoiceSource {
 public:
  uint64_t Pick(const ChoicePoint&, uint64_t index, uint64_t) const override { return index; }
};

}  // namespace

// ---- The arithmetic is public: these numbers are the same for ever, on every machine. They were
// worked out by a second implementation, in Python.

TEST_CASE("Names have published hashes", "[choices][vectors]") {
  CHECK(HashOfName("") == 0xF52A15E9A9B5E89Bu);
  CHECK(HashOfName("sqs.deliver_twice") == 0xCAD4F0DBC89BFCCEu);
}

TEST_CASE("Names of any bytes have published hashes, whether char is signed or not",
          "[choices][vectors]") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  CHECK(HashOfName(all) == 0xEF2687F0D4371FE2u);
  CHECK(HashOfName("\xC3\xBC") == 0x772D5FFDBCB8F81Au);
  CHECK(HashOfName("\x80") == 0x9334539AC3FEEF4Du);
  CHECK(HashOfName(std::string("a\0b", 3)) == 0xEB38C838C62D597Eu);
}

TEST_CASE("Streams have published ids", "[choices][vectors]") {
  CHECK(ChoicePoint{.name = "sqs.deliver_twice"}.stream() == 0xCAD4F0DBC89BFCCEu);
  CHECK(ChoicePoint{.name = "sqs.deliver_twice", .instance = 3}.stream() == 0x10729DF7B54488F1u);
}

TEST_CASE("CounterRandom has published values", "[choices][vectors]") {
  using skybox::internal::CounterRandom;
  constexpr uint64_t kMost = 0xFFFFFFFFFFFFFFFFu;
  CHECK(CounterRandom(0, 0) == 0x48218226FF3CD4BFu);
  CHECK(CounterRandom(0, 1) == 0xCD73FE3DE975AC26u);
  CHECK(CounterRandom(1, 0) == 0xDEC1469C8D51E97Cu);
  CHECK(CounterRandom(kMost, kMost) == 0x9D94E4DFFE69BA12u);
  CHECK(CounterRandom(42, 1'000'000) == 0xBF6FB4DE8132CD98u);
  CHECK(CounterRandom(42, uint64_t{1} << 32) == 0x124D6A2439F7EEB1u);
  CHECK(CounterRandom(42, uint64_t{1} << 63) == 0x34D16B1C9D75CB40u);
  CHECK(CounterRandom(42, kMost) == 0x1CDA4502447CF610u);
}

TEST_CASE("Seeded has published answers", "[choices][vectors]") {
  CHECK(DrawsOf(42, kOrder, 16, 10) ==
        std::vector<uint64_t>{8, 2, 2, 0, 1, 3, 6, 7, 5, 8, 2, 2, 4, 9, 6, 9});
  CHECK(DrawsOf(43, kOrder, 8, 10) == std::vector<uint64_t>{9, 4, 8, 2, 6, 2, 9, 3});
  CHECK(DrawsOf(42, {.name = "test.order", .instance = 7}, 8, 10) ==
        std::vector<uint64_t>{0, 3, 7, 3, 1, 6, 6, 1});
}

TEST_CASE("Seeded has published answers where it has to draw again to be fair",
          "[choices][vectors]") {
  const uint64_t n = (uint64_t{1} << 63) + 1;
  CHECK(DrawsOf(42, kOrder, 4, n) == std::vector<uint64_t>{0x2189B4D0C56B430F, 0x1E8D9CDD20F5989E,
                                                           0x3923F4277F5D56B3, 0x0774832CDDAF1F01});
}

TEST_CASE("Seeded has published answers for rare events", "[choices][vectors]") {
  CHECK(DrawsOf(42, kFault, 24, 10) == std::vector<uint64_t>{0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 5,
                                                             0, 9, 0, 8, 5, 1, 0, 0, 0, 0, 5, 0});
}

TEST_CASE("Seeded has published answers for every seed, index and number of answers",
          "[choices][vectors]") {
  constexpr uint64_t kMost = 0xFFFFFFFFFFFFFFFFu;
  CHECK(DrawsOf(0, {.name = ""}, 6, 100) == std::vector<uint64_t>{65, 41, 78, 67, 9, 92});
  CHECK(DrawsOf(kMost, {.name = ""}, 6, 100) == std::vector<uint64_t>{45, 15, 10, 28, 34, 67});
  CHECK(DrawsOf(42, kOrder, 16, 2) ==
        std::vector<uint64_t>{1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1});
  CHECK(DrawsOf(42, kOrder, 3, kMost) ==
        std::vector<uint64_t>{0xDB1BC9C39B5A899A, 0x3D1B39BA41EB313C, 0x35DE8A2749D4A42B});
  const Seeded seeded(42);
  CHECK(seeded.Pick(kOrder, uint64_t{1} << 32, 10) == 7);
  CHECK(seeded.Pick(kOrder, (uint64_t{1} << 32) + 1, 10) == 2);
  CHECK(seeded.Pick(kOrder, uint64_t{1} << 63, 10) == 2);
  CHECK(seeded.Pick(kOrder, kMost, 10) == 7);
}

TEST_CASE("Seeded has published answers where it has to draw a rare event again to be fair",
          "[choices][vectors]") {
  CHECK(DrawsOf(42, {.name = "test.fault", .one_in = 2}, 8, (uint64_t{1} << 63) + 2) ==
        std::vector<uint64_t>{0, 0, 0x3B83D055681CEFC5, 0x4AE1E9E68034D9D4, 0x241B513E3C8F8BAB, 0,
                              0, 0});
}

TEST_CASE("Seeded has published places of very rare events", "[choices][vectors]") {
  const std::vector<uint64_t> answers = DrawsOf(42, kRareFault, 4000, 2);
  std::vector<size_t> places;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i] != 0) places.push_back(i);
  }
  CHECK(places == std::vector<size_t>{1545, 2365, 2785});
}

// ---- Sources.

TEST_CASE("Without a source every answer is 0", "[choices]") {
  Choices choices;
  CHECK(choices.benign());
  CHECK(Draws(choices, kOrder, 100, 10) == std::vector<uint64_t>(100, 0));
  CHECK(choices.Positions().empty());
}

TEST_CASE("The benign source is the same as none", "[choices]") {
  Choices choices(std::make_shared<Benign>());
  CHECK(choices.benign());
  CHECK(choices.source() == nullptr);
  CHECK(choices.Pick(kOrder, 10) == 0);
  CHECK(Choices(nullptr).benign());
  CHECK(Benign().Pick(kOrder, 5, 10) == 0);
}

TEST_CASE("A seeded source is not benign", "[choices]") {
  CHECK_FALSE(Choices(std::make_shared<Seeded>(1)).benign());
}

TEST_CASE("A source has the name by which it can be made again", "[choices]") {
  CHECK(Benign().Name() == "benign");
  CHECK(Seeded(42).Name() == "seeded:42");
  CHECK(Seeded(0xFFFFFFFFFFFFFFFFu).Name() == "seeded:18446744073709551615");
}

TEST_CASE("A seeded source with rarities of its own has no name", "[choices]") {
  CHECK(Seeded(42, {{"test.fault", 2}}).Name().empty());
}

TEST_CASE("An answer outside of the range is taken modulo n", "[choices]") {
  Choices choices(std::make_shared<Counting>());
  CHECK(Draws(choices, kOrder, 7, 3) == std::vector<uint64_t>{0, 1, 2, 0, 1, 2, 0});
}

// ---- Streams.

TEST_CASE("A choice among one or none is no draw", "[choices]") {
  Choices choices(std::make_shared<Counting>());
  CHECK(choices.Pick(kOrder, 0) == 0);
  CHECK(choices.Pick(kOrder, 1) == 0);
  CHECK(choices.Positions().empty());
  CHECK(choices.Pick(kOrder, 100) == 0);
  CHECK(choices.Pick(kOrder, 100) == 1);
}

TEST_CASE("A new draw in one stream moves nothing in another", "[choices]") {
  const std::vector<uint64_t> alone = DrawsOf(42, kOrder, 50, 10);
  Choices choices(std::make_shared<Seeded>(42));
  std::vector<uint64_t> among_others;
  for (int i = 0; i < 50; ++i) {
    choices.Pick(kFault, 3);
    among_others.push_back(choices.Pick(kOrder, 10));
    choices.Pick({.name = "test.order", .instance = 1}, 10);
    choices.Pick({.name = "test.new"}, 1000);
  }
  CHECK(among_others == alone);
}

TEST_CASE("Each instance of a choice point is a stream", "[choices]") {
  CHECK(DrawsOf(42, {.name = "test.order", .instance = 1}, 50, 1000) !=
        DrawsOf(42, {.name = "test.order", .instance = 2}, 50, 1000));
}

TEST_CASE("A draw is one index of its stream, whatever n is", "[choices]") {
  // A little more than half of all values: every second draw has to be repeated to be fair.
  const uint64_t n = (uint64_t{1} << 63) + 1;
  Choices choices(std::make_shared<Seeded>(42));
  Draws(choices, kOrder, 8, n);
  CHECK(choices.Positions() ==
        std::vector<Choices::StreamPosition>{{.stream = kOrder.stream(), .draws = 8}});
  const std::vector<uint64_t> all = DrawsOf(42, kOrder, 16, 10);
  CHECK(Draws(choices, kOrder, 8, 10) == std::vector<uint64_t>(all.begin() + 8, all.end()));
}

TEST_CASE("Copies of choices draw the same and move nothing in each other", "[choices]") {
  Choices choices(std::make_shared<Seeded>(42));
  Draws(choices, kOrder, 5, 10);
  Choices fork = choices;
  const std::vector<uint64_t> answers = Draws(fork, kOrder, 20, 10);
  CHECK(fork.source() == choices.source());
  CHECK(Draws(choices, kOrder, 20, 10) == answers);
}

TEST_CASE("Choices go on from saved positions", "[choices]") {
  Choices choices(std::make_shared<Seeded>(42));
  Draws(choices, kOrder, 5, 10);
  Draws(choices, kFault, 3, 10);
  Choices restored(std::make_shared<Seeded>(42));
  Draws(restored, {.name = "test.other"}, 3, 10);
  restored.SetPositions(choices.Positions());
  CHECK(restored.Positions() == choices.Positions());
  CHECK(Draws(restored, kOrder, 20, 10) == Draws(choices, kOrder, 20, 10));
  CHECK(Draws(restored, kFault, 20, 10) == Draws(choices, kFault, 20, 10));
}

TEST_CASE("Positions come in the order of the streams' ids", "[choices]") {
  Choices choices(std::make_shared<Seeded>(42));
  for (uint64_t i = 0; i < 20; ++i) choices.Pick({.name = "test.order", .instance = i}, 2);
  const std::vector<Choices::StreamPosition> positions = choices.Positions();
  REQUIRE(positions.size() == 20);
  for (size_t i = 1; i < positions.size(); ++i) {
    CHECK(positions[i - 1].stream < positions[i].stream);
  }
}

// ---- How often.

TEST_CASE("Every answer of a free choice is equally likely", "[choices]") {
  Choices choices(std::make_shared<Seeded>(1));
  std::array<int, 5> counts = {};
  for (int i = 0; i < 100'000; ++i) ++counts[choices.Pick(kOrder, 5)];
  CHECK(counts == std::array<int, 5>{20148, 20028, 20010, 19943, 19871});
}

TEST_CASE("A rare choice leaves 0 once in so many draws", "[choices]") {
  Choices choices(std::make_shared<Seeded>(1));
  int often = 0;
  for (int i = 0; i < 100'000; ++i) often += choices.Pick(kFault, 2) != 0;
  CHECK(often == 24910);
  Choices again(std::make_shared<Seeded>(1));
  int seldom = 0;
  for (int i = 0; i < 100'000; ++i) seldom += again.Pick(kRareFault, 2) != 0;
  CHECK(seldom == 106);
}

TEST_CASE("What a rare choice takes instead of 0 is equally likely", "[choices]") {
  Choices choices(std::make_shared<Seeded>(1));
  std::array<int, 5> counts = {};
  for (int i = 0; i < 100'000; ++i) ++counts[choices.Pick({.name = "test.order", .one_in = 2}, 5)];
  CHECK(counts == std::array<int, 5>{49745, 12457, 12525, 12603, 12670});
}

TEST_CASE("A point that happens once in zero draws never happens", "[choices]") {
  CHECK(DrawsOf(42, {.name = "test.fault", .one_in = 0}, 100, 10) == std::vector<uint64_t>(100, 0));
}

TEST_CASE("A seeded source may replace the rarity of a point by name", "[choices]") {
  Choices choices(std::make_shared<Seeded>(
      42, std::map<std::string, uint32_t>{{"test.fault", 1}, {"test.order", 0}}));
  CHECK(Draws(choices, kRareFault, 50, 10) ==
        DrawsOf(42, {.name = "test.fault", .one_in = 1}, 50, 10));
  CHECK(Draws(choices, kOrder, 50, 10) == std::vector<uint64_t>(50, 0));
  CHECK(Draws(choices, {.name = "test.order", .instance = 5}, 50, 10) ==
        std::vector<uint64_t>(50, 0));
  const ChoicePoint other = {.name = "test.other", .one_in = 3};
  CHECK(Draws(choices, other, 50, 10) == DrawsOf(42, other, 50, 10));
}

TEST_CASE("Two values of one seed are as good as independent", "[choices]") {
  // Of 20'000 pairs of neighbouring draws, of neighbouring seeds and of neighbouring instances, a
  // quarter is both 1.
  std::array<int, 3> both = {};
  for (uint64_t i = 0; i < 20'000; ++i) {
    const auto pick = [](uint64_t seed, uint64_t instance, uint64_t index) {
      return Seeded(seed).Pick({.name = "test.order", .instance = instance}, index, 2);
    };
    both[0] += pick(1, 0, i) == 1 && pick(1, 0, i + 1) == 1;
    both[1] += pick(i, 0, 0) == 1 && pick(i + 1, 0, 0) == 1;
    both[2] += pick(1, i, 0) == 1 && pick(1, i + 1, 0) == 1;
  }
  for (const int count : both) {
    CHECK(count > 4800);
    CHECK(count < 5200);
  }
}
