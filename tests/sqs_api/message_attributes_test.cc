#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

MessageAttributeValue String(std::string value, std::string type = "String") {
  return {.data_type = std::move(type), .string_value = std::move(value)};
}
MessageAttributeValue Number(std::string value) { return String(std::move(value), "Number"); }
MessageAttributeValue Binary(std::string value, std::string type = "Binary") {
  return {.data_type = std::move(type), .binary_value = std::move(value)};
}

// A queue to which attributes are sent; what is refused must leave it as it was.
struct Attributed : World {
  const std::string url = Queue();

  std::string Try(MessageAttributes attributes) {
    const uint64_t before = State();
    const auto sent = sqs.SendMessage(
        {.queue_url = url, .message_body = "x", .message_attributes = std::move(attributes)});
    if (!sent.ok()) CHECK(State() == before);
    return Code(sent);
  }
  std::string TryName(std::string name) {
    return Try(MessageAttributes{{std::move(name), String("v")}});
  }
  std::string TryValue(MessageAttributeValue value) {
    return Try(MessageAttributes{{"name", std::move(value)}});
  }
  SendMessageResponse Send(MessageAttributes attributes) {
    return World::Send(
        {.queue_url = url, .message_body = "x", .message_attributes = std::move(attributes)});
  }
  Message Got(Strings names) {
    auto got = ReceiveWith({.queue_url = url,
                            .message_attribute_names = std::move(names),
                            .visibility_timeout = absl::ZeroDuration()});
    REQUIRE(got.size() == 1);
    return got[0];
  }
};

TEST_CASE("Message attributes come back as they were sent", "[sqs][message_attributes]") {
  Attributed w;
  const MessageAttributes attributes = {{"text", String("\xC3\xA9")},
                                        {"number", Number("-1.50")},
                                        {"bytes", Binary(std::string("\0\x01\xFF", 3))},
                                        {"labelled", String("v", "String.label")}};
  w.Send(attributes);
  CHECK(w.Got({"All"}).message_attributes == attributes);
}

TEST_CASE("The MD5 of message attributes is that of the documentation's sample",
          "[sqs][message_attributes]") {
  Attributed w;
  const SendMessageResponse sent =
      w.Send({{"my_attribute_name_1", String("my_attribute_value_1")},
              {"my_attribute_name_2", String("my_attribute_value_2")}});
  CHECK(sent.md5_of_message_attributes == "c48838208d2b4e14e3ca0093a8443f09");
  CHECK(w.Got({"All"}).md5_of_message_attributes == "c48838208d2b4e14e3ca0093a8443f09");
}

TEST_CASE("The MD5 of message attributes covers numbers, bytes and labels",
          "[sqs][message_attributes]") {
  Attributed w;
  CHECK(w.Send({{"Count", Number("1")}, {"Foo", String("Bar")}}).md5_of_message_attributes ==
        "324758f82d026ac6ec5b31a3b192d1e3");
  CHECK(w.Send({{"a", Number("1.0")},
                {"b", Binary(std::string("\0\x01\xFF", 3), "Binary.png")},
                {"C", String("\xC3\xA9", "String.x")}})
            .md5_of_message_attributes == "4cd6c5e7d7a10bf075dd607a058171f6");
}

TEST_CASE("A message without attributes has no MD5 of them", "[sqs][message_attributes]") {
  Attributed w;
  CHECK(w.Send(MessageAttributes{}).md5_of_message_attributes.empty());
  CHECK(w.Got({"All"}).md5_of_message_attributes.empty());
}

TEST_CASE("Message attributes come when asked for", "[sqs][message_attributes]") {
  Attributed w;
  w.Send({{"a", String("1")}, {"b", String("2")}});
  CHECK(w.Got({}).message_attributes.empty());
  CHECK(w.Got({}).md5_of_message_attributes.empty());
  CHECK(w.Got({"a"}).message_attributes == MessageAttributes{{"a", String("1")}});
  CHECK(w.Got({"b", "a"}).message_attributes.size() == 2);
  CHECK(w.Got({"A", "nothing"}).message_attributes.empty());
}

TEST_CASE("Message attributes are chosen by All, .* and prefix.*", "[sqs][message_attributes]") {
  Attributed w;
  w.Send({{"bar.one", String("1")},
          {"bar.two", String("2")},
          {"foo", String("3")},
          {"barn", String("4")}});
  CHECK(w.Got({"All"}).message_attributes.size() == 4);
  CHECK(w.Got({".*"}).message_attributes.size() == 4);
  const Message bar = w.Got({"bar.*"});
  CHECK(bar.message_attributes.count("bar.one") == 1);
  CHECK(bar.message_attributes.count("bar.two") == 1);
  CHECK(bar.message_attributes.count("foo") == 0);
  CHECK(w.Got({"foo", "bar.one"}).message_attributes.size() == 2);
}

TEST_CASE("The MD5 at a receive covers the attributes handed out", "[sqs][message_attributes]") {
  Attributed w;
  w.Send({{"Count", Number("1")}, {"Foo", String("Bar")}, {"more", String("x")}});
  CHECK(w.Got({"Count", "Foo"}).md5_of_message_attributes == "324758f82d026ac6ec5b31a3b192d1e3");
}

TEST_CASE("A message has up to 10 attributes", "[sqs][message_attributes]") {
  Attributed w;
  MessageAttributes attributes;
  for (int i = 0; i < 10; ++i) attributes["name" + std::to_string(i)] = String("v");
  CHECK(w.Try(attributes) == "OK");
  attributes["one more"] = String("v");
  CHECK(w.Try(attributes) == "InvalidParameterValue");
}

TEST_CASE("An attribute's name has 1 to 256 letters, digits, _, - and single inner dots",
          "[sqs][message_attributes]") {
  Attributed w;
  CHECK(w.TryName("") == "InvalidParameterValue");
  CHECK(w.TryName("aZ09_-.x") == "OK");
  CHECK(w.TryName(std::string(256, 'n')) == "OK");
  CHECK(w.TryName(std::string(257, 'n')) == "InvalidParameterValue");
  for (const char* name : {".a", "a.", "a..b", "a b", "a/b", "\xC3\xA4", "a:b", "."}) {
    INFO(name);
    CHECK(w.TryName(name) == "InvalidParameterValue");
  }
}

TEST_CASE("An attribute's name does not start with AWS. or Amazon., in any case",
          "[sqs][message_attributes]") {
  Attributed w;
  for (const char* name : {"AWS.a", "aws.a", "Aws.a", "Amazon.a", "AMAZON.a", "amazon.a"}) {
    INFO(name);
    CHECK(w.TryName(name) == "InvalidParameterValue");
  }
  for (const char* name : {"AWSa", "aws", "amazon", "Amazonas", "a.AWS.b"}) {
    INFO(name);
    CHECK(w.TryName(name) == "OK");
  }
}

TEST_CASE("An attribute's type is String, Number or Binary, with or without a label",
          "[sqs][message_attributes]") {
  Attributed w;
  CHECK(w.TryValue(String("v", "String")) == "OK");
  CHECK(w.TryValue(String("1", "Number.int")) == "OK");
  CHECK(w.TryValue(Binary("v", "Binary.gif")) == "OK");
  for (const char* type : {"", "string", "Text", "Strings", "Stringlabel", "String .x"}) {
    INFO(type);
    CHECK(w.TryValue(String("v", type)) == "InvalidParameterValue");
  }
}

TEST_CASE("An attribute's type has up to 256 characters", "[sqs][message_attributes]") {
  Attributed w;
  CHECK(w.TryValue(String("v", "String." + std::string(249, 'x'))) == "OK");
  CHECK(w.TryValue(String("v", "String." + std::string(250, 'x'))) == "InvalidParameterValue");
}

TEST_CASE("An attribute's value fits its type and is not empty", "[sqs][message_attributes]") {
  Attributed w;
  CHECK(w.TryValue({.data_type = "String"}) == "InvalidParameterValue");
  CHECK(w.TryValue(String("")) == "InvalidParameterValue");
  CHECK(w.TryValue(Binary("")) == "InvalidParameterValue");
  CHECK(w.TryValue(Binary("v", "String")) == "InvalidParameterValue");
  CHECK(w.TryValue(String("v", "Binary")) == "InvalidParameterValue");
  CHECK(w.TryValue(Binary("1", "Number")) == "InvalidParameterValue");
}

TEST_CASE("A String attribute has the characters that a body has", "[sqs][message_attributes]") {
  Attributed w;
  CHECK(w.TryValue(String("\t\n\r \xF0\x90\x80\x80")) == "OK");
  for (const char* value : {"a\x01z", "\xFF", "\xEF\xBF\xBF"}) {
    CHECK(w.TryValue(String(value)) == "InvalidMessageContents");
  }
}

TEST_CASE("A Number attribute is a number of up to 38 digits", "[sqs][message_attributes]") {
  Attributed w;
  const std::string digits(38, '7');
  for (const std::string& good : {std::string("0"), std::string("-1"), std::string("+1"),
                                  std::string("1.5"), std::string("1e10"), std::string("1E-10"),
                                  std::string("0001"), digits, "-" + digits, "0." + digits}) {
    INFO(good);
    CHECK(w.TryValue(Number(good)) == "OK");
  }
  for (const std::string& bad :
       {std::string("one"), std::string("1,5"), std::string("1.2.3"), std::string(" 1"),
        std::string("1 "), std::string("0x10"), std::string("NaN"), std::string("inf"),
        std::string("-"), std::string("."), std::string("e1"), std::string("1e"), digits + "7"}) {
    INFO(bad);
    CHECK(w.TryValue(Number(bad)) == "InvalidParameterValue");
  }
}

TEST_CASE("A Number attribute lies between 10 to the -128 and 10 to the 126",
          "[sqs][message_attributes]") {
  Attributed w;
  CHECK(w.TryValue(Number("1e126")) == "OK");
  CHECK(w.TryValue(Number("1e-128")) == "OK");
  CHECK(w.TryValue(Number("1e127")) == "InvalidParameterValue");
  CHECK(w.TryValue(Number("1e-129")) == "InvalidParameterValue");
  CHECK(w.TryValue(Number("1e99999999999999999999")) == "InvalidParameterValue");
}

TEST_CASE("List values are not supported", "[sqs][message_attributes]") {
  Attributed w;
  MessageAttributeValue strings = String("v");
  strings.string_list_values = {"v"};
  CHECK(w.TryValue(strings) == "UnsupportedOperation");
  MessageAttributeValue bytes = Binary("v");
  bytes.binary_list_values = {"v"};
  CHECK(w.TryValue(bytes) == "UnsupportedOperation");
}

TEST_CASE("The error names the attribute", "[sqs][message_attributes]") {
  Attributed w;
  const auto sent = w.sqs.SendMessage({.queue_url = w.url,
                                       .message_body = "x",
                                       .message_attributes = {{"colour", String("v", "Text")}}});
  CHECK_THAT(Words(sent), Catch::Contains("colour"));
}

}  // namespace
}  // namespace skybox::sqs
