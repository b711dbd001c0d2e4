#include "sqs/message_rules.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/text_rules.h"
#include "sqs/errors.h"

namespace skybox::sqs {
namespace {

constexpr size_t kMaxAttributes = 10;
constexpr size_t kMaxAttributeNameLength = 256;
constexpr size_t kMaxDataTypeLength = 256;
constexpr size_t kMaxIdLength = 128;
constexpr std::string_view kTraceHeader = "AWSTraceHeader";

// ---- Characters

// The first character that is not allowed, as the service prints it: "#x1", "#xFFFF". Of bytes that
// are no UTF-8, the first. The text has one.
std::string FirstBadCharacter(std::string_view text) {
  while (const size_t length = kernel::XmlCharacterLength(text)) text.remove_prefix(length);
  const auto byte = [text](size_t i) -> uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  uint32_t character = byte(0);
  // Surrogates, U+FFFE and U+FFFF: all those that are well formed but not allowed, beside controls.
  const bool three_bytes = (byte(0) & 0xF0) == 0xE0 && (byte(1) & 0xC0) == 0x80 &&
                           (byte(2) & 0xC0) == 0x80 && (byte(0) != 0xE0 || byte(1) >= 0xA0);
  if (three_bytes) {
    character = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  }
  return fmt::format("#x{:X}", character);
}

// A byte that belongs to no character counts as one.
size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) {
    text.remove_prefix(std::max<size_t>(1, kernel::XmlCharacterLength(text)));
  }
  return count;
}

absl::Status InvalidCharacter(std::string_view text, std::string_view where) {
  return kernel::MakeError(
      kInvalidMessageContents,
      fmt::format("Invalid binary character '{}' was found in the {}, the set of allowed "
                  "characters is #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | "
                  "[#x10000-#x10FFFF].",
                  FirstBadCharacter(text), where));
}

absl::Status Invalid(std::string_view message) {
  return kernel::MakeError(kInvalidParameterValue, message);
}

// ---- Names of attributes

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// `lower` is in lower case.
bool StartsWithIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    const char c =
        text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// What is wrong with a name; empty when nothing is.
std::string_view ProblemOfName(std::string_view name) {
  if (name.size() > kMaxAttributeNameLength) return "Attribute name can be at most 256 characters.";
  for (const char c : name) {
    if (!IsNameCharacter(c)) {
      return "Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) "
             "characters.";
    }
  }
  if (StartsWithIgnoringCase(name, "aws.") || StartsWithIgnoringCase(name, "amazon.")) {
    return "Attribute name must not start with AWS. or Amazon.";
  }
  if (name.starts_with('.') || name.ends_with('.')) {
    return "Attribute name must not start or end with a period (.).";
  }
  if (name.find("..") != std::string_view::npos) {
    return "Attribute name must not have successive periods (..).";
  }
  return {};
}

absl::Status CheckName(std::string_view name) {
  if (name.empty()) return Invalid("The request must contain non-empty message attribute name.");
  const std::string_view problem = ProblemOfName(name);
  if (problem.empty()) return absl::OkStatus();
  return Invalid(
      fmt::format("The message attribute name '{}' is invalid. {}", Shown(name), problem));
}

// ---- Types and values

enum class Kind : uint8_t { kNone, kString, kNumber, kBinary };

Kind KindOf(std::string_view data_type) {
  const size_t dot = data_type.find('.');
  if (dot != std::string_view::npos && dot + 1 == data_type.size()) return Kind::kNone;
  const std::string_view kind = data_type.substr(0, dot);
  if (kind == "String") return Kind::kString;
  if (kind == "Number") return Kind::kNumber;
  if (kind == "Binary") return Kind::kBinary;
  return Kind::kNone;
}

// Which of the two values counts by the type, as in the byte that encodes it.
bool IsBinary(std::string_view data_type) { return data_type.starts_with("Binary"); }

const std::string& ValueOf(const MessageAttributeValue& value, const std::string& none) {
  const std::optional<std::string>& used =
      IsBinary(value.data_type) ? value.binary_value : value.string_value;
  return used.has_value() ? *used : none;
}

// What is wrong with a Number, as in "x is none"; empty when nothing is. Up to 38 digits between
// the first and the last that are not zero; the absolute value is 0, or from 10^-128 to 10^126.
std::string_view ProblemOfNumber(std::string_view text) {
  constexpr std::string_view kNoNumber = "is none";
  constexpr std::string_view kOutOfRange = "is not between 10^-128 and 10^126";
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const size_t exponent_at = text.find_first_of("eE");
  std::string_view exponent_text;
  bool negative_exponent = false;
  if (exponent_at != std::string_view::npos) {
    exponent_text = text.substr(exponent_at + 1);
    text = text.substr(0, exponent_at);
    negative_exponent = exponent_text.starts_with('-');
    if (negative_exponent || exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
    if (exponent_text.empty()) return kNoNumber;
  }
  int64_t exponent = 0;
  for (const char c : exponent_text) {
    if (c < '0' || c > '9') return kNoNumber;
    // More than every text's number of digits is as good as infinite.
    exponent = std::min<int64_t>(exponent * 10 + (c - '0'), int64_t{1} << 40);
  }
  if (negative_exponent) exponent = -exponent;

  size_t digits = 0;
  std::optional<size_t> point;  // the number of digits before it
  std::optional<size_t> first;  // the first and the last digit that are not 0
  size_t last = 0;
  bool power_of_ten = true;
  for (const char c : text) {
    if (c == '.') {
      if (point.has_value()) return kNoNumber;
      point = digits;
      continue;
    }
    if (c < '0' || c > '9') return kNoNumber;
    if (c != '0') {
      power_of_ten = !first.has_value() && c == '1';
      if (!first.has_value()) first = digits;
      last = digits;
    }
    ++digits;
  }
  if (digits == 0) return kNoNumber;
  if (!first.has_value()) return {};
  if (last - *first + 1 > 38) return "has more than 38 digits";
  // The power of ten that the first digit stands for.
  const int64_t power =
      static_cast<int64_t>(point.value_or(digits)) - 1 - static_cast<int64_t>(*first) + exponent;
  if (power < -128 || power > 126 || (power == 126 && !power_of_ten)) return kOutOfRange;
  return {};
}

absl::Status CheckValue(std::string_view name, const MessageAttributeValue& value) {
  if (!value.string_list_values.empty() || !value.binary_list_values.empty()) {
    return kernel::MakeError(
        kUnsupportedOperation,
        fmt::format("Message attribute list values in SendMessage operation are not supported: "
                    "message (user) attribute '{}'.",
                    name));
  }
  const std::string& type = value.data_type;
  if (type.empty()) {
    return Invalid(fmt::format(
        "The message attribute '{}' must contain non-empty message attribute type.", name));
  }
  if (type.size() > kMaxDataTypeLength && CountCharacters(type) > kMaxDataTypeLength) {
    return Invalid(
        fmt::format("The type of message (user) attribute '{}' is invalid. It can be at most 256 "
                    "characters. It is '{}'.",
                    name, Shown(type)));
  }
  const Kind kind = KindOf(type);
  if (kind == Kind::kNone) {
    return Invalid(fmt::format(
        "The type of message (user) attribute '{}' is invalid. You must use only the following "
        "supported type prefixes: Binary, Number, String. It is '{}'.",
        name, Shown(type)));
  }
  if (!kernel::IsValidXmlUtf8(type)) {
    return InvalidCharacter(type, fmt::format("type of message (user) attribute '{}'", name));
  }
  const bool binary = kind == Kind::kBinary;
  const std::optional<std::string>& used = binary ? value.binary_value : value.string_value;
  const std::optional<std::string>& other = binary ? value.string_value : value.binary_value;
  if (!used.has_value() || used->empty()) {
    return Invalid(
        fmt::format("Message (user) attribute '{}' must contain a non-empty value of type '{}'.",
                    name, type.substr(0, type.find('.'))));
  }
  if (other.has_value()) {
    return Invalid(
        fmt::format("The message (user) attribute '{}' with type '{}' must use field '{}' only.",
                    name, type, binary ? "BinaryValue" : "StringValue"));
  }
  if (!binary && !kernel::IsValidXmlUtf8(*used)) {
    return InvalidCharacter(*used, fmt::format("value of message (user) attribute '{}'", name));
  }
  if (kind == Kind::kNumber) {
    if (const std::string_view problem = ProblemOfNumber(*used); !problem.empty()) {
      return Invalid(
          fmt::format("Can't cast the value of message (user) attribute '{}' to a number. '{}' {}.",
                      name, Shown(*used), problem));
    }
  }
  return absl::OkStatus();
}

// Parts of the form key=value, with ';' between them: "Root=1-5759e988-bd862e3fe1be46a994272793".
bool IsTraceHeader(std::string_view text) {
  size_t parts = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = text.substr(0, end);
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == part.size()) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
    ++parts;
  }
  return parts > 0;
}

// ---- Ids

bool IsId(std::string_view id) {
  if (id.size() > kMaxIdLength) return false;
  for (const char c : id) {
    if (c < '!' || c > '~') return false;
  }
  return true;
}

absl::Status CheckId(std::string_view id, std::string_view name) {
  if (IsId(id)) return absl::OkStatus();
  return InvalidParameter(
      id, name,
      fmt::format("{} can only include alphanumeric and punctuation characters. 1 to 128 in length",
                  name));
}

// ---- Encoding: a length is four bytes, the highest first.

constexpr char kStringFlag = 1;
constexpr char kBinaryFlag = 2;

void PutBytes(std::string_view bytes, std::string& to) {
  const uint32_t size = static_cast<uint32_t>(bytes.size());
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(size >> shift & 0xFF);
  to += bytes;
}

bool TakeBytes(std::string_view& from, std::string_view& bytes) {
  if (from.size() < 4) return false;
  uint32_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(from[i]);
  if (from.size() - 4 < size) return false;
  bytes = from.substr(4, size);
  from.remove_prefix(4 + size_t{size});
  return true;
}

struct EncodedAttribute {
  std::string_view name = {};
  std::string_view data_type = {};
  std::string_view value = {};
};

bool TakeAttribute(std::string_view& from, EncodedAttribute& attribute) {
  if (!TakeBytes(from, attribute.name) || !TakeBytes(from, attribute.data_type)) return false;
  if (from.empty() || from[0] != (IsBinary(attribute.data_type) ? kBinaryFlag : kStringFlag)) {
    return false;
  }
  from.remove_prefix(1);
  return TakeBytes(from, attribute.value);
}

MessageAttributeValue Decoded(const EncodedAttribute& attribute) {
  MessageAttributeValue value;
  value.data_type = attribute.data_type;
  (IsBinary(attribute.data_type) ? value.binary_value : value.string_value) = attribute.value;
  return value;
}

// ---- Choosing

bool IsWanted(std::string_view name, const std::vector<std::string>& names) {
  for (const std::string& wanted : names) {
    if (wanted == name || wanted == "All" || wanted == ".*") return true;
    if (wanted.ends_with(".*") &&
        name.starts_with(std::string_view(wanted).substr(0, wanted.size() - 2))) {
      return true;
    }
  }
  return false;
}

struct NamedSystemAttribute {
  std::string_view name = {};
  SystemAttribute attribute = {};
};
constexpr std::array kSystemAttributes = {
    NamedSystemAttribute{"SenderId", SystemAttribute::kSenderId},
    NamedSystemAttribute{"SentTimestamp", SystemAttribute::kSentTimestamp},
    NamedSystemAttribute{"ApproximateReceiveCount", SystemAttribute::kApproximateReceiveCount},
    NamedSystemAttribute{"ApproximateFirstReceiveTimestamp",
                         SystemAttribute::kApproximateFirstReceiveTimestamp},
    NamedSystemAttribute{"SequenceNumber", SystemAttribute::kSequenceNumber},
    NamedSystemAttribute{"MessageDeduplicationId", SystemAttribute::kMessageDeduplicationId},
    NamedSystemAttribute{"MessageGroupId", SystemAttribute::kMessageGroupId},
    NamedSystemAttribute{"AWSTraceHeader", SystemAttribute::kAwsTraceHeader},
    NamedSystemAttribute{"DeadLetterQueueSourceArn", SystemAttribute::kDeadLetterQueueSourceArn},
};

// Each parameter has words of its own.
std::string ReasonOfRange(std::string_view name, int64_t low, int64_t high) {
  if (name == "DelaySeconds") {
    return fmt::format("DelaySeconds must be >= {} and <= {}.", low, high);
  }
  if (name == "WaitTimeSeconds") {
    return fmt::format("Must be >= {} and <= {}, if provided.", low, high);
  }
  return fmt::format("Must be between {} and {}, if provided.", low, high);
}

}  // namespace

// ---- Sending

absl::Status CheckBody(std::string_view body) {
  if (body.empty()) return MissingParameter("MessageBody");
  if (kernel::IsValidXmlUtf8(body)) return absl::OkStatus();
  return InvalidCharacter(body, "message body");
}

absl::Status CheckMessageSize(int64_t size_bytes, int64_t maximum_message_size) {
  if (size_bytes <= maximum_message_size) return absl::OkStatus();
  // The words are the service's; a message of exactly that size is accepted.
  return Invalid(fmt::format(
      "One or more parameters are invalid. Reason: Message must be shorter than {} bytes. It has "
      "{}.",
      maximum_message_size, size_bytes));
}

absl::Status CheckMessageAttributes(const MessageAttributes& attributes) {
  if (attributes.size() > kMaxAttributes) {
    return Invalid(
        fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].",
                    attributes.size(), kMaxAttributes));
  }
  for (const auto& [name, value] : attributes) {
    if (absl::Status status = CheckName(name); !status.ok()) return status;
    if (absl::Status status = CheckValue(name, value); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckSystemAttributes(const MessageAttributes& attributes) {
  for (const auto& [name, value] : attributes) {
    if (name != kTraceHeader) {
      return Invalid(fmt::format(
          "Message system attribute name '{}' is invalid. Only AWSTraceHeader is supported.",
          Shown(name)));
    }
    if (absl::Status status = CheckValue(name, value); !status.ok()) return status;
    if (value.data_type != "String") {
      return Invalid(fmt::format(
          "The type of message system attribute '{}' is invalid. It must be String, and is '{}'.",
          name, Shown(value.data_type)));
    }
    if (!IsTraceHeader(*value.string_value)) {
      return Invalid(fmt::format(
          "The value '{}' of message system attribute '{}' is not an AWS X-Ray trace header.",
          Shown(*value.string_value), name));
    }
  }
  return absl::OkStatus();
}

int64_t AttributesSize(const MessageAttributes& attributes) {
  const std::string none;
  size_t size = 0;
  for (const auto& [name, value] : attributes) {
    size += name.size() + value.data_type.size() + ValueOf(value, none).size();
  }
  return static_cast<int64_t>(size);
}

absl::Status CheckGroupId(std::string_view id) { return CheckId(id, "MessageGroupId"); }

absl::Status CheckDeduplicationId(std::string_view id) {
  return CheckId(id, "MessageDeduplicationId");
}

absl::Status CheckAttemptId(std::string_view id) { return CheckId(id, "ReceiveRequestAttemptId"); }

std::string ContentDeduplicationId(std::string_view body) {
  std::array<unsigned char, 32> digest = {};
  // Fetched for each digest: a fetched algorithm that outlives the call would be state of the
  // process.
  EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  const bool done = sha256 != nullptr && EVP_Digest(body.data(), body.size(), digest.data(),
                                                    nullptr, sha256, nullptr) == 1;
  EVP_MD_free(sha256);
  if (!done) {
    std::fputs("skybox: OpenSSL has no SHA-256\n", stderr);
    std::abort();
  }
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// ---- Attributes as bytes

std::string EncodeAttributes(const MessageAttributes& attributes) {
  if (attributes.empty()) return {};
  const std::string none;
  std::string bytes;
  bytes.reserve(static_cast<size_t>(AttributesSize(attributes)) + 13 * attributes.size());
  for (const auto& [name, value] : attributes) {
    PutBytes(name, bytes);
    PutBytes(value.data_type, bytes);
    bytes += IsBinary(value.data_type) ? kBinaryFlag : kStringFlag;
    PutBytes(ValueOf(value, none), bytes);
  }
  return bytes;
}

absl::StatusOr<MessageAttributes> DecodeAttributes(std::string_view bytes) {
  MessageAttributes attributes;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    EncodedAttribute attribute;
    const size_t place = bytes.size() - rest.size();
    if (!TakeAttribute(rest, attribute)) {
      return absl::InvalidArgumentError(
          fmt::format("byte {}: not an encoded message attribute", place));
    }
    // The order is the encoding's: other bytes would have another digest.
    if (!attributes.empty() && attributes.rbegin()->first >= attribute.name) {
      return absl::InvalidArgumentError(
          fmt::format("byte {}: encoded message attributes out of order", place));
    }
    attributes.emplace_hint(attributes.end(), attribute.name, Decoded(attribute));
  }
  return attributes;
}

// ---- Receiving

MessageAttributes SelectAttributes(const MessageAttributes& all,
                                   const std::vector<std::string>& names) {
  MessageAttributes selected;
  if (names.empty()) return selected;
  for (const auto& [name, value] : all) {
    if (IsWanted(name, names)) selected.emplace_hint(selected.end(), name, value);
  }
  return selected;
}

MessageAttributes SelectAttributes(std::string_view encoded,
                                   const std::vector<std::string>& names) {
  MessageAttributes selected;
  if (names.empty()) return selected;
  while (!encoded.empty()) {
    EncodedAttribute attribute;
    if (!TakeAttribute(encoded, attribute)) return {};
    if (IsWanted(attribute.name, names)) {
      selected.emplace_hint(selected.end(), attribute.name, Decoded(attribute));
    }
  }
  return selected;
}

absl::Status CheckMessageAttributeNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    std::string_view prefix = name;
    if (prefix.ends_with(".*")) prefix.remove_suffix(2);
    if (prefix.empty() && !name.empty()) continue;  // ".*"
    if (absl::Status status = CheckName(prefix); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status AddSystemAttributes(const std::vector<std::string>& names, std::string_view parameter,
                                 SystemAttributeSet& set) {
  for (const std::string& name : names) {
    if (name == "All") {
      set.AddAll();
      continue;
    }
    const auto found =
        std::find_if(kSystemAttributes.begin(), kSystemAttributes.end(),
                     [&name](const NamedSystemAttribute& known) { return known.name == name; });
    if (found == kSystemAttributes.end()) {
      return InvalidParameter(name, parameter, "It is not the name of a message system attribute.");
    }
    set.Add(found->attribute);
  }
  return absl::OkStatus();
}

// ---- Numbers

absl::Status CheckSeconds(const std::optional<absl::Duration>& value, std::string_view name,
                          int64_t low, int64_t high) {
  if (!value.has_value()) return absl::OkStatus();
  const int64_t seconds = absl::ToInt64Seconds(*value);
  const bool whole = absl::Seconds(seconds) == *value;
  if (whole && seconds >= low && seconds <= high) return absl::OkStatus();
  const bool in_range = *value >= absl::Seconds(low) && *value <= absl::Seconds(high);
  return InvalidParameter(
      SecondsText(*value), name,
      in_range ? "Must be a whole number of seconds." : ReasonOfRange(name, low, high));
}

absl::Status CheckCount(int64_t value, std::string_view name, int64_t low, int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return InvalidParameter(fmt::format("{}", value), name, ReasonOfRange(name, low, high));
}

}  // namespace skybox::sqs
