#include "base/print.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/text_rules.h"

namespace skybox::kernel {
namespace {

// Appends a number as std::to_chars writes it: the same in every locale.
template <typename Number>
void AppendNumber(std::string& text, Number value) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
  text.append(digits, end.ptr);
}

void AppendEscaped(std::string& text, unsigned char byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  switch (byte) {
    case '"':
      text += "\\\"";
      return;
    case '\\':
      text += "\\\\";
      return;
    case '\n':
      text += "\\n";
      return;
    case '\r':
      text += "\\r";
      return;
    case '\t':
      text += "\\t";
      return;
    default:
      break;
  }
  if (byte >= 0x20 && byte != 0x7F) {
    text += static_cast<char>(byte);
    return;
  }
  text += "\\u00";
  text += kDigits[byte >> 4];
  text += kDigits[byte & 15];
}

}  // namespace

void JsonWriter::Separate() {
  if (comma_) text_ += ',';
  comma_ = true;
}

void JsonWriter::Begin(char bracket) {
  Separate();
  text_ += bracket;
  comma_ = false;
}

void JsonWriter::End(char bracket) {
  text_ += bracket;
  comma_ = true;
}

void JsonWriter::Key(std::string_view name) {
  String(name);
  text_ += ':';
  comma_ = false;
}

void JsonWriter::String(std::string_view bytes) {
  Separate();
  text_ += '"';
  while (!bytes.empty()) {
    const unsigned char first = static_cast<unsigned char>(bytes[0]);
    size_t length = 1;
    if (first < 0x80) {
      AppendEscaped(text_, first);
    } else {
      length = XmlCharacterLength(bytes);
      if (length == 0) {
        text_ += "\xEF\xBF\xBD";
        length = 1;
      } else {
        text_ += bytes.substr(0, length);
      }
    }
    bytes.remove_prefix(length);
  }
  text_ += '"';
}

void JsonWriter::Integer(int64_t value) {
  Separate();
  AppendNumber(text_, value);
}

void JsonWriter::Unsigned(uint64_t value) {
  Separate();
  AppendNumber(text_, value);
}

void JsonWriter::Double(double value) {
  if (value != value) return String("NaN");
  if (value > std::numeric_limits<double>::max()) return String("Infinity");
  if (value < -std::numeric_limits<double>::max()) return String("-Infinity");
  Separate();
  AppendNumber(text_, value);
}

void JsonWriter::Bool(bool value) {
  Separate();
  text_ += value ? "true" : "false";
}

void JsonWriter::Duration(absl::Duration value, Field field) {
  if (value == absl::InfiniteDuration()) return String("infinite");
  if (value == -absl::InfiniteDuration()) return String("-infinite");
  if (field == kSeconds) return Integer(absl::ToInt64Seconds(value));
  if (field == kMilliseconds) return Integer(absl::ToInt64Milliseconds(value));
  String(absl::FormatDuration(value));
}

void JsonWriter::Time(absl::Time value, Field field) {
  if (value == absl::InfiniteFuture()) return String("infinite future");
  if (value == absl::InfinitePast()) return String("infinite past");
  if (field == kSeconds) return Integer(absl::ToUnixSeconds(value));
  if (field == kMilliseconds) return Integer(absl::ToUnixMillis(value));
  Integer(absl::ToUnixNanos(value));
}

void JsonWriter::Hidden(size_t size, std::string_view unit) {
  Separate();
  text_ += "\"<";
  AppendNumber(text_, size);
  text_ += ' ';
  text_ += size == 1 ? unit.substr(0, unit.size() - 1) : unit;
  text_ += ">\"";
}

}  // namespace skybox::kernel
