#include "sqs/tags.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/error.h"
#include "base/text_rules.h"
#include "sqs/errors.h"

namespace skybox::sqs {
namespace {

constexpr size_t kMaxTags = 50;
constexpr size_t kMaxKeyLength = 128;    // in characters
constexpr size_t kMaxValueLength = 256;  // in characters

// Of ASCII, letters, digits, the space and a few marks. Beyond ASCII everything that is a
// character: which of them are letters, digits and spaces is not looked at.
bool IsAllowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
}

bool IsReserved(std::string_view text) {
  return text.size() >= 4 && (text[0] == 'a' || text[0] == 'A') &&
         (text[1] == 'w' || text[1] == 'W') && (text[2] == 's' || text[2] == 'S') && text[3] == ':';
}

absl::Status CheckText(std::string_view text, std::string_view what, size_t min, size_t max) {
  const auto invalid = [text, what](std::string_view reason) {
    return kernel::MakeError(kInvalidParameterValue, fmt::format("The tag {} '{}' is invalid. {}",
                                                                 what, Shown(text), reason));
  };
  size_t length = 0;
  for (std::string_view rest = text; !rest.empty(); ++length) {
    const size_t bytes = kernel::XmlCharacterLength(rest);
    if (bytes == 0 || !IsAllowed(rest[0])) {
      return invalid("It can contain letters, digits, spaces and _ . : / = + - @ only.");
    }
    rest.remove_prefix(bytes);
  }
  if (length < min || length > max) {
    return invalid(fmt::format("It must be {} to {} characters long.", min, max));
  }
  if (IsReserved(text)) return invalid("The prefix 'aws:' is reserved.");
  return absl::OkStatus();
}

absl::Status CheckKey(std::string_view key) { return CheckText(key, "key", 1, kMaxKeyLength); }

}  // namespace

absl::Status CheckTags(const Tags& tags) {
  for (const auto& [key, value] : tags) {
    if (absl::Status status = CheckKey(key); !status.ok()) return status;
    if (absl::Status status = CheckText(value, "value", 0, kMaxValueLength); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Tags> AddTags(const Tags& current, const Tags& added, std::string_view queue_name) {
  Tags tags = current;
  for (const auto& [key, value] : added) tags[key] = value;
  if (tags.size() <= kMaxTags) return tags;
  return kernel::MakeError(
      kInvalidParameterValue,
      fmt::format("Too many tags added for queue {}. There would be {}, the maximum is {}.",
                  queue_name, tags.size(), kMaxTags));
}

absl::Status CheckTagKeys(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (absl::Status status = CheckKey(key); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace skybox::sqs
