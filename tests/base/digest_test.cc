#include "base/digest.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "skybox/fields.h"
#include "skybox/session.h"
#include "skybox/text.h"

using skybox::Md5;
using skybox::Text;
using skybox::kernel::AddValue;
using skybox::kernel::DigestOf;
using skybox::kernel::DigestVisitor;
using skybox::kernel::Hasher;

namespace {

enum class Colour : uint8_t { kRed = 1, kBlue = 2 };

struct ParcelId {
  uint64_t number = 0;
  uint64_t DigestValue() const { return number + 1000; }
};

struct Inner {
  int32_t number = 0;
  std::string name = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Number", self.number);
    visit("Name", self.name);
  }
};

struct Outer {
  bool flag = false;
  Colour colour = Colour::kRed;
  double weight = 0;
  absl::Time time = absl::UnixEpoch();
  absl::Duration duration = absl::ZeroDuration();
  Text body = {};
  Md5 md5 = {};
  ParcelId id = {};
  std::optional<int> maybe = {};
  std::vector<Inner> list = {};
  std::map<std::string, Inner> map = {};
  std::set<int> set = {};
  std::optional<absl::Duration> delay = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Flag", self.flag);
    visit("Colour", self.colour);
    visit("Weight", self.weight);
    visit("Time", self.time);
    visit("Duration", self.duration);
    visit("Body", self.body, skybox::kSensitive);
    visit("Md5", self.md5);
    visit("Id", self.id);
    visit("Maybe", self.maybe);
    visit("List", self.list);
    visit("Map", self.map);
    visit("Set", self.set);
    visit("Delay", self.delay, skybox::kSeconds);
  }
};

// Like Inner, in other words.
struct Renamed {
  int64_t count = 0;
  std::string label = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Count", self.count);
    visit("Label", self.label);
  }
};

template <typename... Values>
uint64_t HashOf(const Values&... values) {
  Hasher hasher;
  (hasher.Add(values), ...);
  return hasher.value();
}

}  // namespace

// ---- Published values, worked out by a second implementation, in Python.

std::string Sequence(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i % 251);
  return bytes;
}

TEST_CASE("Bytes have published hashes", "[digest][vectors]") {
  using skybox::kernel::HashBytes;
  CHECK(HashBytes("") == 0x3841F612376719ECu);
  CHECK(HashBytes("abc") == 0x7481B3C9C205896Eu);
  CHECK(HashBytes(Sequence(64)) == 0xBB73CAA36FD16389u);
  CHECK(HashBytes(std::string(1000, 'x')) == 0x640948DAEB6E179Bu);
  CHECK(HashBytes(Sequence(1024)) == 0xCAC0BA4B50CCDB42u);
}

TEST_CASE("A hash does not depend on what registers the processor has", "[digest]") {
  using skybox::kernel::HashBytesWith;
  const std::string bytes = Sequence(3000);
  for (size_t size = 0; size <= bytes.size(); size += size < 300 ? 1 : 37) {
    for (const size_t from : {0, 1, 7}) {
      const std::string_view part = std::string_view(bytes).substr(from, size);
      if (HashBytesWith(part, true) != HashBytesWith(part, false)) FAIL(from << " " << size);
    }
  }
}

TEST_CASE("Every bit of every byte counts in a hash, and so does the order", "[digest]") {
  using skybox::kernel::HashBytes;
  for (const size_t size : {1, 5, 17, 64, 200, 1024}) {
    std::string bytes = Sequence(size);
    std::set<uint64_t> seen = {HashBytes(bytes)};
    for (size_t bit = 0; bit < 8 * size; ++bit) {
      bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
      seen.insert(HashBytes(bytes));
      bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    }
    CHECK(seen.size() == 8 * size + 1);
  }
  std::string swapped = Sequence(1024);
  std::swap_ranges(swapped.begin(), swapped.begin() + 64, swapped.begin() + 64);
  CHECK(HashBytes(swapped) != HashBytes(Sequence(1024)));
}

TEST_CASE("A digest has published values", "[digest][vectors]") {
  CHECK(HashOf() == 0xE9E0033E3BADAF36u);
  CHECK(HashOf(1) == 0x8C273A95D11F8D42u);
  CHECK(HashOf(1, 2) == 0xEC489DA834C2744Du);
  CHECK(HashOf(2, 1) == 0xF07663D612D8D600u);
  CHECK(HashOf(-1) == 0xD27A8F05FFD4D100u);
  CHECK(HashOf(std::string_view("abc")) == 0x67F4B618F50DAB0Eu);
  CHECK(HashOf(1.5) == 0x90100F85CD535BD1u);
  CHECK(HashOf(absl::Seconds(30)) == 0x7A8E08A838B1979Au);
  CHECK(HashOf(absl::InfiniteDuration()) == 0x848E621226EE73F1u);
}

TEST_CASE("The digest of a struct has a published value", "[digest][vectors]") {
  const skybox::Session session = {.account = "123456789012", .region = "eu-west-1"};
  CHECK(DigestOf(session) == 0xB539717E5497856Fu);
}

// ---- The hasher.

TEST_CASE("An integer is digested by its value, whatever its type", "[digest]") {
  CHECK(HashOf(int8_t{-1}) == HashOf(int64_t{-1}));
  CHECK(HashOf(uint8_t{200}) == HashOf(int64_t{200}));
  CHECK(HashOf(7L) == HashOf(7LL));
  CHECK(HashOf(size_t{7}) == HashOf(7));
  CHECK(HashOf('\xE9') == HashOf(0xE9));
  CHECK(HashOf(true) == HashOf(1));
  CHECK(HashOf(Colour::kBlue) == HashOf(2));
}

TEST_CASE("A literal is digested as its bytes", "[digest]") {
  CHECK(HashOf("abc") == HashOf(std::string_view("abc")));
  CHECK(HashOf(std::string("abc")) == HashOf("abc"));
}

TEST_CASE("The order of values matters", "[digest]") {
  CHECK(HashOf(1, 2, 3) != HashOf(3, 2, 1));
  CHECK(HashOf("a", "b") != HashOf("b", "a"));
}

TEST_CASE("How many values there are matters", "[digest]") {
  CHECK(HashOf(0) != HashOf());
  CHECK(HashOf(0) != HashOf(0, 0));
  CHECK(HashOf("") != HashOf());
  CHECK(HashOf("", "") != HashOf(""));
}

TEST_CASE("Where one text ends and the next begins matters", "[digest]") {
  CHECK(HashOf("ab", "c") != HashOf("a", "bc"));
  CHECK(HashOf("abc", "") != HashOf("", "abc"));
}

TEST_CASE("All bytes of a text count, zeros too", "[digest]") {
  CHECK(HashOf(std::string_view("\0", 1)) != HashOf(""));
  CHECK(HashOf(std::string_view("a\0", 2)) != HashOf(std::string_view("a\0\0", 3)));
}

TEST_CASE("The two zeros are one number, and so are all NaNs", "[digest]") {
  CHECK(HashOf(0.0) == HashOf(-0.0));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(HashOf(nan) == HashOf(-nan));
  CHECK(HashOf(nan) != HashOf(0.0));
  CHECK(HashOf(1.0) != HashOf(-1.0));
}

TEST_CASE("A time is digested in nanoseconds", "[digest]") {
  CHECK(HashOf(absl::FromUnixNanos(5)) == HashOf(5));
  CHECK(HashOf(absl::FromUnixNanos(-5)) == HashOf(-5));
  CHECK(HashOf(absl::Nanoseconds(5)) == HashOf(5));
}

TEST_CASE("Infinite times are no finite ones", "[digest]") {
  CHECK(HashOf(absl::InfiniteFuture()) != HashOf(absl::FromUnixNanos(INT64_MAX)));
  CHECK(HashOf(absl::InfinitePast()) != HashOf(absl::FromUnixNanos(INT64_MIN)));
  CHECK(HashOf(absl::InfiniteFuture()) != HashOf(absl::InfinitePast()));
  CHECK(HashOf(absl::InfiniteDuration()) != HashOf(absl::Nanoseconds(INT64_MAX)));
  CHECK(HashOf(absl::InfiniteDuration()) != HashOf(-absl::InfiniteDuration()));
}

TEST_CASE("Texts that do not share have one digest when they are equal", "[digest]") {
  const Text text = "body";
  const Text copy = text;
  CHECK(HashOf(text) == HashOf(copy));
  CHECK(HashOf(text) == HashOf(Text("body")));
  CHECK(HashOf(text) != HashOf(Text("Body")));
}

TEST_CASE("A digest can be read at any time and goes on afterwards", "[digest]") {
  Hasher hasher;
  hasher.Add(1);
  CHECK(hasher.value() == HashOf(1));
  CHECK(hasher.value() == HashOf(1));
  hasher.Add(2);
  CHECK(hasher.value() == HashOf(1, 2));
}

TEST_CASE("A digest goes on from a saved state", "[digest]") {
  Hasher hasher;
  hasher.Add(1);
  Hasher restored(hasher.state());
  restored.Add(2);
  CHECK(restored.value() == HashOf(1, 2));
}

TEST_CASE("Sequences that differ in little have different digests", "[digest]") {
  std::set<uint64_t> digests;
  for (uint64_t i = 0; i < 300; ++i) {
    for (uint64_t j = 0; j < 300; ++j) digests.insert(HashOf(i, j));
  }
  CHECK(digests.size() == 90'000);
  for (int bit = 0; bit < 64; ++bit) {
    for (int other = 0; other < 64; ++other) {
      if (bit > 8 || other > 8) digests.insert(HashOf(uint64_t{1} << bit, uint64_t{1} << other));
    }
  }
  CHECK(digests.size() == 90'000 + 64 * 64 - 81);
}

TEST_CASE("One bit of what goes in moves half of the bits that come out", "[digest]") {
  int moved = 0;
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t difference = HashOf(uint64_t{0}, 1) ^ HashOf(uint64_t{1} << bit, 1);
    moved += __builtin_popcountll(difference);
  }
  CHECK(moved > 64 * 30);
  CHECK(moved < 64 * 34);
}

// ---- Structs with Fields.

TEST_CASE("Equal structs have equal digests", "[digest][fields]") {
  const Outer outer = {.colour = Colour::kBlue, .body = "body", .list = {{.number = 1}}};
  const Outer same = outer;
  CHECK(DigestOf(outer) == DigestOf(same));
}

TEST_CASE("Every member of a struct counts", "[digest][fields]") {
  const std::vector<Outer> all = {
      {},
      {.flag = true},
      {.colour = Colour::kBlue},
      {.weight = 1},
      {.time = absl::FromUnixSeconds(1)},
      {.duration = absl::Seconds(1)},
      {.body = "body"},
      {.id = {.number = 1}},
      {.maybe = 0},
      {.maybe = 1},
      {.list = {{}}},
      {.list = {{.number = 1}}},
      {.list = {{.name = "x"}}},
      {.list = {{}, {}}},
      {.map = {{"", {}}}},
      {.map = {{"a", {}}}},
      {.map = {{"a", {.number = 1}}}},
      {.set = {0}},
      {.set = {1}},
      {.delay = absl::ZeroDuration()},
      {.delay = absl::InfiniteDuration()},
  };
  std::set<uint64_t> digests;
  for (const Outer& outer : all) digests.insert(DigestOf(outer));
  CHECK(digests.size() == all.size());
}

TEST_CASE("The names of members do not count", "[digest][fields]") {
  CHECK(DigestOf(Inner{.number = 3, .name = "x"}) == DigestOf(Renamed{.count = 3, .label = "x"}));
}

TEST_CASE("A struct is digested as its members one after the other", "[digest][fields]") {
  CHECK(DigestOf(Inner{.number = 3, .name = "x"}) == HashOf(3, "x"));
}

TEST_CASE("An id is digested as the value it gives", "[digest][fields]") {
  CHECK(DigestOf(ParcelId{.number = 1}) == HashOf(1001));
}

TEST_CASE("An MD5 is left out: it follows from the body", "[digest][fields]") {
  CHECK(DigestOf(Outer{.md5 = Md5(Text("x"))}) == DigestOf(Outer{}));
}

TEST_CASE("Containers alone have digests too", "[digest][fields]") {
  CHECK(DigestOf(std::vector<int>{1, 2}) == HashOf(2, 1, 2));
  CHECK(DigestOf(std::vector<bool>{true, false}) == HashOf(2, 1, 0));
  CHECK(DigestOf(std::optional<int>()) == HashOf(false));
  CHECK(DigestOf(std::optional<int>(7)) == HashOf(true, 7));
  CHECK(DigestOf(std::map<int, std::string>{{1, "a"}}) == HashOf(1, 1, "a"));
  CHECK(DigestOf(std::vector<std::vector<int>>{{1}, {}}) == HashOf(2, 1, 1, 0));
}

TEST_CASE("Values can be added to a digest that goes on", "[digest][fields]") {
  Hasher hasher;
  AddValue(hasher, Inner{.number = 3, .name = "x"});
  AddValue(hasher, std::vector<int>{});
  CHECK(hasher.value() == HashOf(3, "x", 0));
}
