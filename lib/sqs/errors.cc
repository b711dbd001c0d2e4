#include "sqs/errors.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/text_rules.h"

namespace skybox::sqs {
namespace {

// Long enough for every ARN, URL and receipt handle.
constexpr size_t kShownBytes = 1024;

}  // namespace

std::string Shown(std::string_view value) {
  if (value.size() <= kShownBytes && kernel::IsValidXmlUtf8(value)) return std::string(value);
  std::string shown;
  while (!value.empty() && shown.size() < kShownBytes) {
    const size_t length = kernel::XmlCharacterLength(value);
    if (length == 0) {
      shown += '?';
      value.remove_prefix(1);
    } else {
      shown += value.substr(0, length);
      value.remove_prefix(length);
    }
  }
  if (!value.empty()) shown += "...";
  return shown;
}

std::string SecondsText(absl::Duration value) {
  if (value == absl::InfiniteDuration()) return "inf";
  if (value == -absl::InfiniteDuration()) return "-inf";
  return fmt::format("{}", absl::ToDoubleSeconds(value));
}

absl::Status MissingParameter(std::string_view name) {
  return kernel::MakeError(kMissingParameter,
                           fmt::format("The request must contain the parameter {}.", name));
}

absl::Status InvalidParameter(std::string_view value, std::string_view name,
                              std::string_view reason) {
  return kernel::MakeError(
      kInvalidParameterValue,
      fmt::format("Value {} for parameter {} is invalid. Reason: {}", Shown(value), name, reason));
}

absl::Status UnknownAttribute(std::string_view name) {
  return kernel::MakeError(kInvalidAttributeName,
                           fmt::format("Unknown Attribute {}.", Shown(name)));
}

absl::Status InvalidAttribute(std::string_view name, std::string_view reason) {
  return kernel::MakeError(
      kInvalidAttributeValue,
      fmt::format("Invalid value for the parameter {}. Reason: {}", name, reason));
}

}  // namespace skybox::sqs
