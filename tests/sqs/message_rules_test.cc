#include "sqs/message_rules.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/md5.h"
#include "skybox/sqs_types.h"
#include "skybox/status.h"

namespace skybox::sqs {
namespace {

std::string Message(const absl::Status& status) { return std::string(status.message()); }

MessageAttributeValue String(const std::string& value, const std::string& type = "String") {
  return {.data_type = type, .string_value = value};
}
MessageAttributeValue Number(const std::string& value) { return String(value, "Number"); }
MessageAttributeValue Binary(const std::string& value, const std::string& type = "Binary") {
  return {.data_type = type, .binary_value = value};
}

absl::Status CheckOne(const std::string& name, const MessageAttributeValue& value) {
  return CheckMessageAttributes({{name, value}});
}
std::string Code(const std::string& name, const MessageAttributeValue& value) {
  return ErrorCode(CheckOne(name, value));
}
constexpr std::string_view kInvalid = "InvalidParameterValue";

// ---- Bodies

TEST_CASE("A message has a body", "[sqs][message_rules]") {
  CHECK(CheckBody("x").ok());
  CHECK(ErrorCode(CheckBody("")) == "MissingParameter");
  CHECK(Message(CheckBody("")) == "The request must contain the parameter MessageBody.");
}

TEST_CASE("A body has the characters of XML", "[sqs][message_rules]") {
  CHECK(CheckBody("\t\n\r ~\x7F").ok());
  CHECK(CheckBody("\xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBD \xF0\x90\x80\x80 \xF4\x8F\xBF\xBF").ok());
}

TEST_CASE("A character that is not allowed in a body is told", "[sqs][message_rules]") {
  const std::vector<std::pair<std::string, std::string>> bodies = {{"a\x01", "#x1"},
                                                                   {std::string("ok\0", 3), "#x0"},
                                                                   {"\x1F", "#x1F"},
                                                                   {"\xEF\xBF\xBE", "#xFFFE"},
                                                                   {"\xEF\xBF\xBF", "#xFFFF"},
                                                                   {"\xED\xA0\x80", "#xD800"},
                                                                   {"\xED\xBF\xBF", "#xDFFF"},
                                                                   {"\x80", "#x80"},
                                                                   {"\xC3", "#xC3"},
                                                                   {"\xE0\x80\x80", "#xE0"},
                                                                   {"\xF4\x90\x80\x80", "#xF4"},
                                                                   {"\xC0\x80", "#xC0"}};
  for (const auto& [body, character] : bodies) {
    const absl::Status status = CheckBody(body);
    CHECK(ErrorCode(status) == "InvalidMessageContents");
    CHECK(Message(status) ==
          "Invalid binary character '" + character +
              "' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | "
              "[#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF].");
  }
}

TEST_CASE("A message may be as long as the queue allows", "[sqs][message_rules]") {
  CHECK(CheckMessageSize(1024, 1024).ok());
  CHECK(ErrorCode(CheckMessageSize(1025, 1024)) == kInvalid);
  CHECK(Message(CheckMessageSize(262'145, 262'144)) ==
        "One or more parameters are invalid. Reason: Message must be shorter than 262144 bytes. "
        "It has 262145.");
}

// ---- Names of attributes

TEST_CASE("Attribute names have letters, digits and three marks", "[sqs][message_rules]") {
  CHECK(CheckOne("aZ09_-.x", String("v")).ok());
  for (const char* name : {"a b", "a:b", "a/b", "\xC3\xA9", "a\n", "*"}) {
    CHECK(Code(name, String("v")) == kInvalid);
  }
}

TEST_CASE("Attribute names have 1 to 256 characters", "[sqs][message_rules]") {
  CHECK(CheckOne("a", String("v")).ok());
  CHECK(CheckOne(std::string(256, 'a'), String("v")).ok());
  CHECK(Code(std::string(257, 'a'), String("v")) == kInvalid);
  CHECK(Message(CheckOne("", String("v"))) ==
        "The request must contain non-empty message attribute name.");
}

TEST_CASE("Attribute names do not begin with AWS. or Amazon.", "[sqs][message_rules]") {
  for (const char* name : {"AWS.x", "aws.x", "aWs.x", "Amazon.x", "AMAZON.x"}) {
    CHECK(Code(name, String("v")) == kInvalid);
  }
  CHECK(CheckOne("AWSx", String("v")).ok());
  CHECK(CheckOne("x.AWS.x", String("v")).ok());
  CHECK(CheckOne("Amazonas", String("v")).ok());
}

TEST_CASE("Periods in attribute names are single and inside", "[sqs][message_rules]") {
  CHECK(CheckOne("a.b.c", String("v")).ok());
  for (const char* name : {".a", "a.", "a..b", "."}) CHECK(Code(name, String("v")) == kInvalid);
}

TEST_CASE("A message has up to ten attributes", "[sqs][message_rules]") {
  MessageAttributes attributes;
  for (int i = 0; i < 10; ++i) attributes[std::to_string(i)] = String("v");
  CHECK(CheckMessageAttributes(attributes).ok());
  attributes["x"] = String("v");
  CHECK(ErrorCode(CheckMessageAttributes(attributes)) == kInvalid);
  CHECK(Message(CheckMessageAttributes(attributes)) ==
        "Number of message attributes [11] exceeds the allowed maximum [10].");
}

// ---- Types and values of attributes

TEST_CASE("Attributes are Strings, Numbers or Binary", "[sqs][message_rules]") {
  CHECK(CheckOne("a", String("v")).ok());
  CHECK(CheckOne("a", Number("1")).ok());
  CHECK(CheckOne("a", Binary(std::string("\0\xFF", 2))).ok());
  for (const char* type : {"string", "Strings", "Str", ".String", "Float", " String"}) {
    CHECK(Code("a", String("v", type)) == kInvalid);
  }
  CHECK(Message(CheckOne("a", String("v", "Float"))) ==
        "The type of message (user) attribute 'a' is invalid. You must use only the following "
        "supported type prefixes: Binary, Number, String. It is 'Float'.");
}

TEST_CASE("A type can have a label", "[sqs][message_rules]") {
  CHECK(CheckOne("a", String("v", "String.uuid")).ok());
  CHECK(CheckOne("a", String("1", "Number.int.32")).ok());
  CHECK(CheckOne("a", Binary("v", "Binary.png")).ok());
  CHECK(CheckOne("a", String("v", "String.\xC3\xA9 x")).ok());
  CHECK(Code("a", String("v", "String.")) == kInvalid);
  CHECK(Code("a", String("v", "String.\x01")) == "InvalidMessageContents");
}

TEST_CASE("A type has up to 256 characters", "[sqs][message_rules]") {
  CHECK(CheckOne("a", String("v", "String." + std::string(249, 'x'))).ok());
  CHECK(Code("a", String("v", "String." + std::string(250, 'x'))) == kInvalid);
  // Characters count, not bytes.
  std::string label;
  for (int i = 0; i < 249; ++i) label += "\xC3\xA9";
  CHECK(CheckOne("a", String("v", "String." + label)).ok());
  CHECK(Code("a", String("v", "String." + label + "\xC3\xA9")) == kInvalid);
  CHECK(Code("a", String("v", "String." + std::string(300, '\xA9'))) == kInvalid);
}

TEST_CASE("An attribute has a type", "[sqs][message_rules]") {
  CHECK(Message(CheckOne("HTTPStatus", {.string_value = "200"})) ==
        "The message attribute 'HTTPStatus' must contain non-empty message attribute type.");
}

TEST_CASE("An attribute has a value of its type", "[sqs][message_rules]") {
  CHECK(Message(CheckOne("piyo", String(""))) ==
        "Message (user) attribute 'piyo' must contain a non-empty value of type 'String'.");
  CHECK(Code("a", {.data_type = "String"}) == kInvalid);
  CHECK(Code("a", {.data_type = "String", .binary_value = "v"}) == kInvalid);
  CHECK(Code("a", {.data_type = "Number.int", .binary_value = "1"}) == kInvalid);
  CHECK(Code("a", {.data_type = "Binary", .string_value = "v"}) == kInvalid);
  CHECK(Code("a", Binary("")) == kInvalid);
}

TEST_CASE("An attribute has one value", "[sqs][message_rules]") {
  CHECK(Code("a", {.data_type = "String", .string_value = "v", .binary_value = "v"}) == kInvalid);
  CHECK(Code("a", {.data_type = "Binary", .string_value = "v", .binary_value = "v"}) == kInvalid);
}

TEST_CASE("Lists of values are not supported", "[sqs][message_rules]") {
  CHECK(Code("a", {.data_type = "String", .string_value = "v", .string_list_values = {"v"}}) ==
        "UnsupportedOperation");
  CHECK(Code("a", {.data_type = "Binary", .binary_value = "v", .binary_list_values = {"v"}}) ==
        "UnsupportedOperation");
}

TEST_CASE("A String has the characters of a body", "[sqs][message_rules]") {
  CHECK(CheckOne("a", String("\t\xC3\xA9")).ok());
  CHECK(Code("a", String("\x01")) == "InvalidMessageContents");
  CHECK(Code("a", String("\xC3")) == "InvalidMessageContents");
}

// ---- Numbers

TEST_CASE("A Number is a decimal", "[sqs][message_rules]") {
  for (const char* text :
       {"0", "-0", "1", "+1", "-1.5", "007", ".5", "5.", "1e3", "1E+3", "1.5e-3"}) {
    INFO(text);
    CHECK(CheckOne("a", Number(text)).ok());
  }
  for (const char* text : {"x", "1x", "--1", "+", ".", "1.2.3", "e3", "1e", "1e+", "1e1.5", " 1",
                           "1 ", "0x10", "NaN", "Infinity", "1,5"}) {
    INFO(text);
    CHECK(Code("a", Number(text)) == kInvalid);
  }
  CHECK(Message(CheckOne("a", Number("x"))) ==
        "Can't cast the value of message (user) attribute 'a' to a number. 'x' is none.");
}

TEST_CASE("A Number has up to 38 digits without the zeros around them", "[sqs][message_rules]") {
  const std::string digits(38, '9');
  CHECK(CheckOne("a", Number(digits)).ok());
  CHECK(CheckOne("a", Number("00" + digits + "00")).ok());
  CHECK(CheckOne("a", Number("0.00" + digits + "0")).ok());
  CHECK(CheckOne("a", Number("-" + std::string(20, '9') + "." + std::string(18, '9'))).ok());
  CHECK(Code("a", Number(digits + "9")) == kInvalid);
  CHECK(Code("a", Number("1" + std::string(37, '0') + "1")) == kInvalid);
}

TEST_CASE("A Number is 0 or between 10^-128 and 10^126", "[sqs][message_rules]") {
  for (const char* text : {"1e126", "-1e126", "10e125", "0.1e127", "9e125", "1e-128", "0.1e-127",
                           "1.0e126", "0e999999999999999999999", "0.0"}) {
    INFO(text);
    CHECK(CheckOne("a", Number(text)).ok());
  }
  for (const char* text : {"1.1e126", "2e126", "1e127", "-1e127", "9e-129", "0.1e-128", "1e-129",
                           "1e999999999999999999999", "1e-999999999999999999999"}) {
    INFO(text);
    CHECK(Code("a", Number(text)) == kInvalid);
  }
  CHECK(CheckOne("a", Number("1" + std::string(126, '0'))).ok());
  CHECK(Code("a", Number("1" + std::string(127, '0'))) == kInvalid);
}

// ---- System attributes

TEST_CASE("The one system attribute that can be sent is the trace header", "[sqs][message_rules]") {
  CHECK(CheckSystemAttributes({}).ok());
  CHECK(
      CheckSystemAttributes(
          {{"AWSTraceHeader",
            String("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")}})
          .ok());
  CHECK(ErrorCode(CheckSystemAttributes({{"SenderId", String("x")}})) == kInvalid);
  CHECK(ErrorCode(CheckSystemAttributes({{"", String("Root=1")}})) == kInvalid);
}

TEST_CASE("The trace header is a String with an X-Ray header", "[sqs][message_rules]") {
  const auto code = [](const MessageAttributeValue& value) {
    return ErrorCode(CheckSystemAttributes({{"AWSTraceHeader", value}}));
  };
  CHECK(code(String("Root=1-2-3")).empty());
  CHECK(code(String("Root=1-2-3;")).empty());
  CHECK(code(String("x")) == kInvalid);
  CHECK(code(String("=x")) == kInvalid);
  CHECK(code(String("Root=")) == kInvalid);
  CHECK(code(String(";")) == kInvalid);
  CHECK(code(String("Root=1;;Sampled=1")) == kInvalid);
  CHECK(code(String("")) == kInvalid);
  CHECK(code(Binary("Root=1-2-3")) == kInvalid);
  CHECK(code(String("Root=1-2-3", "String.x")) == kInvalid);
  CHECK(code(Number("1")) == kInvalid);
}

// ---- Sizes and ids

TEST_CASE("Names, types and values of attributes count", "[sqs][message_rules]") {
  CHECK(AttributesSize({}) == 0);
  CHECK(AttributesSize({{"ab", String("cde", "String.x")}}) == 2 + 8 + 3);
  CHECK(AttributesSize({{"a", Binary("\x01\x02")}, {"b", Number("12")}}) == 1 + 6 + 2 + 1 + 6 + 2);
  CHECK(AttributesSize({{"a", String("\xC3\xA9")}}) == 1 + 6 + 2);
}

TEST_CASE("Group and deduplication ids have up to 128 letters, digits and marks",
          "[sqs][message_rules]") {
  for (const auto check : {CheckGroupId, CheckDeduplicationId, CheckAttemptId}) {
    CHECK(check("").ok());
    CHECK(check("aZ09!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").ok());
    CHECK(check(std::string(128, 'x')).ok());
    CHECK(ErrorCode(check(std::string(129, 'x'))) == kInvalid);
    for (const char* id : {"a b", "\t", "\xC3\xA9", "\x7F"})
      CHECK(ErrorCode(check(id)) == kInvalid);
  }
  CHECK(Message(CheckGroupId("a b")) ==
        "Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only "
        "include alphanumeric and punctuation characters. 1 to 128 in length");
  CHECK(Message(CheckDeduplicationId("a b")).find("MessageDeduplicationId") != std::string::npos);
  CHECK(Message(CheckAttemptId("a b")).find("ReceiveRequestAttemptId") != std::string::npos);
}

// Vectors of FIPS 180-2.
TEST_CASE("Content deduplicates by its SHA-256", "[sqs][message_rules]") {
  CHECK(ContentDeduplicationId("abc") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(ContentDeduplicationId("") ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// ---- Encoding

TEST_CASE("The MD5 of the encoded attributes is the documented one", "[sqs][message_rules]") {
  CHECK(
      kernel::Md5Hex(EncodeAttributes({{"my_attribute_name_1", String("my_attribute_value_1")},
                                       {"my_attribute_name_2", String("my_attribute_value_2")}})) ==
      "c48838208d2b4e14e3ca0093a8443f09");
  CHECK(kernel::Md5Hex(EncodeAttributes({{"Count", Number("1")}, {"Foo", String("Bar")}})) ==
        "324758f82d026ac6ec5b31a3b192d1e3");
  CHECK(kernel::Md5Hex(EncodeAttributes({{"a", Number("1.0")},
                                         {"b", Binary(std::string("\0\x01\xFF", 3), "Binary.png")},
                                         {"C", String("\xC3\xA9", "String.x")}})) ==
        "4cd6c5e7d7a10bf075dd607a058171f6");
}

TEST_CASE("Each attribute is encoded as name, type, kind and value", "[sqs][message_rules]") {
  CHECK(EncodeAttributes({}).empty());
  CHECK(EncodeAttributes({{"n", String("v")}}) ==
        std::string("\0\0\0\1n\0\0\0\6String\1\0\0\0\1v", 21));
  CHECK(EncodeAttributes({{"n", Binary("v")}}) ==
        std::string("\0\0\0\1n\0\0\0\6Binary\2\0\0\0\1v", 21));
}

const MessageAttributes kSome = {{"a", Number("1.0")},
                                 {"b", Binary(std::string("\0\xFF", 2), "Binary.png")},
                                 {"b.c", String(std::string(1000, 'x'))},
                                 {"c", String("\xC3\xA9", "String.x")}};

TEST_CASE("Encoded attributes are decoded", "[sqs][message_rules]") {
  REQUIRE(DecodeAttributes(EncodeAttributes(kSome)).ok());
  CHECK(*DecodeAttributes(EncodeAttributes(kSome)) == kSome);
  CHECK(DecodeAttributes("")->empty());
}

TEST_CASE("Encoded attributes that were cut are refused", "[sqs][message_rules]") {
  const std::string bytes = EncodeAttributes(kSome);
  int whole = 0;
  for (size_t size = 1; size < bytes.size(); ++size) {
    if (DecodeAttributes(std::string_view(bytes).substr(0, size)).ok()) ++whole;
  }
  CHECK(whole == 3);  // after each attribute
}

TEST_CASE("What is decoded encodes to the same bytes", "[sqs][message_rules]") {
  const std::string bytes = EncodeAttributes({{"a", Number("1")}, {"b", Binary("v")}});
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(byte);
      const auto decoded = DecodeAttributes(changed);
      if (decoded.ok() && EncodeAttributes(*decoded) != changed) FAIL("byte " << i << ": " << byte);
    }
  }
}

TEST_CASE("Encoded attributes are in order, once, and of their kind", "[sqs][message_rules]") {
  const std::string a = EncodeAttributes({{"a", Number("1")}});
  const std::string b = EncodeAttributes({{"b", Number("1")}});
  CHECK(DecodeAttributes(a + b).ok());
  CHECK_FALSE(DecodeAttributes(b + a).ok());
  CHECK_FALSE(DecodeAttributes(a + a).ok());
  CHECK_FALSE(DecodeAttributes(std::string("\0\0\0\1n\0\0\0\6String\2\0\0\0\1v", 21)).ok());
  CHECK_FALSE(DecodeAttributes(std::string("\0\0\0\1n\0\0\0\6Binary\1\0\0\0\1v", 21)).ok());
  CHECK_FALSE(DecodeAttributes("\xFF\xFF\xFF\xFFn").ok());
}

// ---- Selecting

std::string Selected(const std::vector<std::string>& names) {
  const MessageAttributes all = {{"a", String("1")},
                                 {"bar", String("2")},
                                 {"bar.one", String("3")},
                                 {"bart", String("4")},
                                 {"c", Binary("5")}};
  const MessageAttributes selected = SelectAttributes(all, names);
  CHECK(SelectAttributes(std::string_view(EncodeAttributes(all)), names) == selected);
  std::string list;
  for (const auto& [name, value] : selected) {
    CHECK(all.at(name) == value);
    list += name + " ";
  }
  return list;
}

TEST_CASE("Attributes are given by name, by prefix or all", "[sqs][message_rules]") {
  CHECK(Selected({"a", "c", "nothing", "a"}) == "a c ");
  CHECK(Selected({"All"}) == "a bar bar.one bart c ");
  CHECK(Selected({".*"}) == "a bar bar.one bart c ");
  CHECK(Selected({"bar.*"}) == "bar bar.one bart ");
  CHECK(Selected({"bar"}) == "bar ");
  CHECK(Selected({"bar.on.*", "a"}) == "a bar.one ");
}

TEST_CASE("No attributes are given that were not asked for", "[sqs][message_rules]") {
  CHECK(Selected({}).empty());
  CHECK(Selected({"A", "all", "x.*"}).empty());
}

TEST_CASE("Nothing is selected from bytes that are no attributes", "[sqs][message_rules]") {
  CHECK(SelectAttributes(std::string_view("nonsense"), {"All"}).empty());
}

TEST_CASE("Names to receive have the form of names or patterns", "[sqs][message_rules]") {
  CHECK(CheckMessageAttributeNames({}).ok());
  CHECK(CheckMessageAttributeNames({"All", ".*", "a", "a.b", "bar.*"}).ok());
  for (const char* name : {"", "*", "a*", "a b", "a..b", "a...*", ".a", "AWS.x"}) {
    INFO(name);
    CHECK(ErrorCode(CheckMessageAttributeNames({"a", name})) == kInvalid);
  }
}

TEST_CASE("System attributes are asked for by name or all", "[sqs][message_rules]") {
  SystemAttributeSet set;
  CHECK(AddSystemAttributes({}, "AttributeNames", set).ok());
  CHECK(set.empty());
  CHECK(AddSystemAttributes({"SenderId", "AWSTraceHeader"}, "AttributeNames", set).ok());
  CHECK(set.Has(SystemAttribute::kSenderId));
  CHECK(set.Has(SystemAttribute::kAwsTraceHeader));
  CHECK_FALSE(set.Has(SystemAttribute::kSentTimestamp));
  CHECK(AddSystemAttributes({"SentTimestamp"}, "MessageSystemAttributeNames", set).ok());
  CHECK(set.Has(SystemAttribute::kSenderId));
  CHECK(set.Has(SystemAttribute::kSentTimestamp));

  SystemAttributeSet all;
  CHECK(AddSystemAttributes({"All"}, "AttributeNames", all).ok());
  SystemAttributeSet each;
  CHECK(AddSystemAttributes(
            {"SenderId", "SentTimestamp", "ApproximateReceiveCount",
             "ApproximateFirstReceiveTimestamp", "SequenceNumber", "MessageDeduplicationId",
             "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn"},
            "AttributeNames", each)
            .ok());
  CHECK(all == each);
}

TEST_CASE("An unknown system attribute is refused by name", "[sqs][message_rules]") {
  SystemAttributeSet set;
  for (const char* name : {"Colour", "senderid", "Policy", ""}) {
    CHECK(ErrorCode(AddSystemAttributes({name}, "AttributeNames", set)) == kInvalid);
  }
  CHECK(Message(AddSystemAttributes({"Colour"}, "MessageSystemAttributeNames", set)) ==
        "Value Colour for parameter MessageSystemAttributeNames is invalid. Reason: It is not the "
        "name of a message system attribute.");
}

// ---- Numbers of a request

TEST_CASE("Seconds are in their range or not given", "[sqs][message_rules]") {
  CHECK(CheckSeconds(std::nullopt, "DelaySeconds", 0, 900).ok());
  CHECK(CheckSeconds(absl::Seconds(0), "DelaySeconds", 0, 900).ok());
  CHECK(CheckSeconds(absl::Seconds(900), "DelaySeconds", 0, 900).ok());
  CHECK(ErrorCode(CheckSeconds(absl::Seconds(-1), "DelaySeconds", 0, 900)) == kInvalid);
  CHECK(ErrorCode(CheckSeconds(absl::Seconds(901), "DelaySeconds", 0, 900)) == kInvalid);
}

TEST_CASE("Seconds out of range are refused in the words of their parameter",
          "[sqs][message_rules]") {
  CHECK(Message(CheckSeconds(absl::Seconds(901), "DelaySeconds", 0, 900)) ==
        "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= "
        "900.");
  CHECK(Message(CheckSeconds(absl::Seconds(40), "WaitTimeSeconds", 0, 20)) ==
        "Value 40 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if "
        "provided.");
  CHECK(Message(CheckSeconds(absl::Seconds(43'201), "VisibilityTimeout", 0, 43'200)) ==
        "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and "
        "43200, if provided.");
}

TEST_CASE("Seconds are whole and finite", "[sqs][message_rules]") {
  CHECK(Message(CheckSeconds(absl::Milliseconds(1500), "DelaySeconds", 0, 900)) ==
        "Value 1.5 for parameter DelaySeconds is invalid. Reason: Must be a whole number of "
        "seconds.");
  CHECK(ErrorCode(CheckSeconds(absl::Nanoseconds(-1), "DelaySeconds", 0, 900)) == kInvalid);
  CHECK(ErrorCode(CheckSeconds(absl::Nanoseconds(1), "DelaySeconds", 0, 900)) == kInvalid);
  CHECK(ErrorCode(CheckSeconds(absl::InfiniteDuration(), "DelaySeconds", 0, 900)) == kInvalid);
  CHECK(ErrorCode(CheckSeconds(-absl::InfiniteDuration(), "DelaySeconds", 0, 900)) == kInvalid);
  CHECK(ErrorCode(CheckSeconds(absl::Seconds(std::numeric_limits<int64_t>::max()), "DelaySeconds",
                               0, 900)) == kInvalid);
}

TEST_CASE("Counts are in their range", "[sqs][message_rules]") {
  CHECK(CheckCount(1, "MaxNumberOfMessages", 1, 10).ok());
  CHECK(CheckCount(10, "MaxNumberOfMessages", 1, 10).ok());
  CHECK(ErrorCode(CheckCount(0, "MaxNumberOfMessages", 1, 10)) == kInvalid);
  CHECK(Message(CheckCount(15, "MaxNumberOfMessages", 1, 10)) ==
        "Value 15 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, "
        "if provided.");
}

}  // namespace
}  // namespace skybox::sqs
