#include "base/print.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "skybox/fields.h"
#include "skybox/text.h"

using skybox::Md5;
using skybox::Text;
using skybox::kernel::ToJsonText;

namespace {

enum class Colour : uint8_t { kBlue = 2 };

struct ParcelId {
  uint64_t number = 0;
  std::string str() const { return "p-" + std::to_string(number); }
};

struct Inner {
  int number = 0;

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Number", self.number);
  }
};

// A struct with one member, in a field of the given kind.
template <typename T, skybox::Field kKind = skybox::Field::kPlain>
struct Of {
  T member = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Member", self.member, kKind);
  }
};

struct Request {
  std::string queue_url = {};
  Text message_body = {};
  std::optional<absl::Duration> delay = {};
  std::vector<Inner> list = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("MessageBody", self.message_body, skybox::kSensitive);
    visit("DelaySeconds", self.delay, skybox::kSeconds);
    visit("List", self.list);
  }
};

template <typename T>
std::string Printed(const T& value) {
  return ToJsonText(Of<T>{value});
}
template <skybox::Field kKind, typename T>
std::string PrintedAs(const T& value) {
  return ToJsonText(Of<T, kKind>{value});
}

}  // namespace

TEST_CASE("A struct prints as JSON", "[print]") {
  const Request request = {.queue_url = "q",
                           .message_body = "hello",
                           .delay = absl::Seconds(30),
                           .list = {{.number = 1}, {.number = 2}}};
  CHECK(ToJsonText(request) == R"({"QueueUrl":"q","MessageBody":"<5 bytes>","DelaySeconds":30,)"
                               R"("List":[{"Number":1},{"Number":2}]})");
}

TEST_CASE("What is absent is left out", "[print]") {
  CHECK(ToJsonText(Request{}) == R"({"QueueUrl":"","MessageBody":"<0 bytes>","List":[]})");
  CHECK(Printed(std::optional<int>()) == "{}");
  CHECK(Printed(std::optional<int>(0)) == R"({"Member":0})");
}

TEST_CASE("Of what is sensitive only the size prints", "[print]") {
  using skybox::kSensitive;
  CHECK(PrintedAs<kSensitive>(std::string("x")) == R"({"Member":"<1 byte>"})");
  CHECK(PrintedAs<kSensitive>(std::optional<Text>("secret")) == R"({"Member":"<6 bytes>"})");
  CHECK(PrintedAs<kSensitive>(std::vector<std::string>{"a", "b"}) == R"({"Member":"<2 items>"})");
  CHECK(PrintedAs<kSensitive>(std::map<std::string, int>{{"a", 1}}) == R"({"Member":"<1 item>"})");
  CHECK(PrintedAs<kSensitive>(42) == R"({"Member":"<hidden>"})");
  CHECK(PrintedAs<kSensitive>(Inner{}) == R"({"Member":"<hidden>"})");
  CHECK(PrintedAs<kSensitive>(absl::Seconds(1)) == R"({"Member":"<hidden>"})");
}

TEST_CASE("Durations print in the API's unit", "[print]") {
  CHECK(PrintedAs<skybox::kSeconds>(absl::Seconds(90)) == R"({"Member":90})");
  CHECK(PrintedAs<skybox::kMilliseconds>(absl::Seconds(90)) == R"({"Member":90000})");
  CHECK(Printed(absl::Seconds(90)) == R"({"Member":"1m30s"})");
  CHECK(Printed(absl::InfiniteDuration()) == R"({"Member":"infinite"})");
  CHECK(Printed(-absl::InfiniteDuration()) == R"({"Member":"-infinite"})");
}

TEST_CASE("Times print in the API's unit, nanoseconds where it has none", "[print]") {
  const absl::Time time = absl::FromUnixMillis(1'700'000'000'500);
  CHECK(PrintedAs<skybox::kSeconds>(time) == R"({"Member":1700000000})");
  CHECK(PrintedAs<skybox::kMilliseconds>(time) == R"({"Member":1700000000500})");
  CHECK(Printed(time) == R"({"Member":1700000000500000000})");
  CHECK(Printed(absl::InfiniteFuture()) == R"({"Member":"infinite future"})");
  CHECK(Printed(absl::InfinitePast()) == R"({"Member":"infinite past"})");
}

TEST_CASE("Numbers print in full", "[print]") {
  CHECK(Printed(std::numeric_limits<int64_t>::min()) == R"({"Member":-9223372036854775808})");
  CHECK(Printed(std::numeric_limits<uint64_t>::max()) == R"({"Member":18446744073709551615})");
  CHECK(Printed(uint8_t{65}) == R"({"Member":65})");
  CHECK(Printed(true) == R"({"Member":true})");
  CHECK(Printed(Colour::kBlue) == R"({"Member":2})");
  CHECK(Printed(0.1) == R"({"Member":0.1})");
  CHECK(Printed(1e300) == R"({"Member":1e+300})");
  CHECK(Printed(std::numeric_limits<double>::infinity()) == R"({"Member":"Infinity"})");
  CHECK(Printed(-std::numeric_limits<double>::infinity()) == R"({"Member":"-Infinity"})");
  CHECK(Printed(std::numeric_limits<double>::quiet_NaN()) == R"({"Member":"NaN"})");
}

TEST_CASE("Text is escaped as JSON asks for", "[print]") {
  CHECK(Printed(std::string("a\"b\\c\n\r\t\x01\x7F")) ==
        R"({"Member":"a\"b\\c\n\r\t\u0001\u007f"})");
  CHECK(Printed(std::string("\xC3\xA9\xF0\x9F\x98\x80")) ==
        "{\"Member\":\"\xC3\xA9\xF0\x9F\x98\x80\"}");
  CHECK(Printed(std::string("\0", 1)) == R"({"Member":"\u0000"})");
}

TEST_CASE("A byte that is no character prints as the replacement character", "[print]") {
  CHECK(Printed(std::string("a\xFF\xC3z")) == "{\"Member\":\"a\xEF\xBF\xBD\xEF\xBF\xBDz\"}");
}

TEST_CASE("Maps print as objects, ids and MD5s as their text", "[print]") {
  CHECK(Printed(std::map<std::string, Inner>{{"a", {.number = 1}}, {"b", {}}}) ==
        R"({"Member":{"a":{"Number":1},"b":{"Number":0}}})");
  CHECK(Printed(ParcelId{.number = 7}) == R"({"Member":"p-7"})");
  CHECK(Printed(Md5(Text("abc"))) == R"({"Member":"900150983cd24fb0d6963f7d28e17f72"})");
  CHECK(Printed(Text("abc")) == R"({"Member":"abc"})");
}
