#include "sqs/tags.h"

#include <catch2/catch.hpp>
#include <string>

#include "skybox/status.h"

namespace skybox::sqs {
namespace {

std::string CodeOfKey(const std::string& key) { return ErrorCode(CheckTags({{key, ""}})); }
std::string CodeOfValue(const std::string& value) { return ErrorCode(CheckTags({{"k", value}})); }

std::string Repeated(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

Tags Numbered(int count) {
  Tags tags;
  for (int i = 0; i < count; ++i) tags[std::to_string(i)] = "";
  return tags;
}

const std::string kEAcute = "\xC3\xA9";  // two bytes, one character

TEST_CASE("A tag's key has 1 to 128 characters, not bytes", "[sqs][tags]") {
  CHECK(CodeOfKey("k").empty());
  CHECK(CodeOfKey(std::string(128, 'k')).empty());
  CHECK(CodeOfKey(std::string(129, 'k')) == "InvalidParameterValue");
  CHECK(CodeOfKey(Repeated(128, kEAcute)).empty());
  CHECK(CodeOfKey(Repeated(129, kEAcute)) == "InvalidParameterValue");
  CHECK(CodeOfKey("") == "InvalidParameterValue");
}

TEST_CASE("A tag's value has up to 256 characters", "[sqs][tags]") {
  CHECK(CodeOfValue("").empty());
  CHECK(CodeOfValue(std::string(256, 'v')).empty());
  CHECK(CodeOfValue(std::string(257, 'v')) == "InvalidParameterValue");
  CHECK(CodeOfValue(Repeated(256, kEAcute)).empty());
}

TEST_CASE("Tags have letters, digits, spaces and a few marks", "[sqs][tags]") {
  CHECK(CodeOfKey("aZ09 _.:/=+-@").empty());
  CHECK(CodeOfValue("aZ09 _.:/=+-@").empty());
  for (const char* text : {"a,b", "a*b", "a\tb", "a\nb", "a!", "a\"", "\x7F"}) {
    INFO(text);
    CHECK(CodeOfKey(text) == "InvalidParameterValue");
    CHECK(CodeOfValue(text) == "InvalidParameterValue");
  }
}

TEST_CASE("Tags are UTF-8", "[sqs][tags]") {
  CHECK(CodeOfKey(kEAcute).empty());
  CHECK(CodeOfKey("\xC3") == "InvalidParameterValue");
  CHECK(CodeOfValue(std::string("\0", 1)) == "InvalidParameterValue");
}

TEST_CASE("Keys and values of tags do not begin with aws:", "[sqs][tags]") {
  CHECK(CodeOfKey("aws:x") == "InvalidParameterValue");
  CHECK(CodeOfKey("AWS:x") == "InvalidParameterValue");
  CHECK(CodeOfValue("aws:x") == "InvalidParameterValue");
  CHECK(CodeOfKey("aws").empty());
  CHECK(CodeOfKey("awsx:").empty());
  CHECK(CodeOfKey("x aws:").empty());
}

TEST_CASE("A queue has up to 50 tags", "[sqs][tags]") {
  CHECK(AddTags({}, Numbered(50), "q").ok());
  CHECK(ErrorCode(AddTags({}, Numbered(51), "q").status()) == "InvalidParameterValue");
  CHECK(ErrorCode(AddTags(Numbered(50), {{"x", ""}}, "q").status()) == "InvalidParameterValue");
  CHECK(AddTags(Numbered(50), {{"1", "new"}}, "q").ok());
}

TEST_CASE("A tag with a key that is there takes the place of the old one", "[sqs][tags]") {
  CHECK(*AddTags({{"a", "1"}, {"b", "2"}}, {{"b", "3"}, {"B", "4"}}, "q") ==
        Tags{{"B", "4"}, {"a", "1"}, {"b", "3"}});
}

TEST_CASE("Keys to take away keep to the rules of keys", "[sqs][tags]") {
  CHECK(CheckTagKeys({"a", "b"}).ok());
  CHECK(CheckTagKeys({}).ok());
  CHECK(ErrorCode(CheckTagKeys({"a", "*"})) == "InvalidParameterValue");
  CHECK(ErrorCode(CheckTagKeys({""})) == "InvalidParameterValue");
}

}  // namespace
}  // namespace skybox::sqs
