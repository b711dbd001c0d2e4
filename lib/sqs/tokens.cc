#include "sqs/tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/digest.h"
#include "base/text_rules.h"
#include "sqs/errors.h"
#include "sqs/names.h"

namespace skybox::sqs {
namespace {

// ---- Pages

constexpr size_t kCheckDigits = 16;

std::string MakePageToken(std::string_view last_name, std::string_view scope) {
  const uint64_t check = kernel::HashBytes(fmt::format("{}\n{}", scope, last_name));
  return kernel::Base64Encode(fmt::format("{:016x}{}", check, last_name));
}

absl::StatusOr<std::string> NameOfPageToken(std::string_view token, std::string_view scope) {
  if (const std::optional<std::string> bytes = kernel::Base64Decode(token);
      bytes.has_value() && bytes->size() > kCheckDigits) {
    std::string name = bytes->substr(kCheckDigits);
    if (MakePageToken(name, scope) == token) return name;
  }
  return InvalidParameter(token, "NextToken", "No such token was given out for these parameters.");
}

// ---- Handles

constexpr std::string_view kBeforeTask = R"({"taskId":")";
constexpr std::string_view kBeforeArn = R"(","sourceArn":")";
constexpr std::string_view kAfterArn = R"("})";
constexpr size_t kUuidLength = 36;

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

absl::Status CheckPage(std::optional<int32_t> max_results, std::string_view next_token) {
  if (max_results.has_value() && (*max_results < 1 || *max_results > kMostResults)) {
    return InvalidParameter(fmt::format("{}", *max_results), "MaxResults",
                            "Must be between 1 and 1000, if provided.");
  }
  if (!next_token.empty() && !max_results.has_value()) {
    return InvalidParameter(next_token, "NextToken", "It needs MaxResults.");
  }
  return absl::OkStatus();
}

absl::StatusOr<Page> SelectPage(const std::vector<std::string_view>& names,
                                std::optional<int32_t> max_results, std::string_view next_token,
                                std::string_view scope) {
  Page page;
  if (!next_token.empty()) {
    const absl::StatusOr<std::string> last = NameOfPageToken(next_token, scope);
    if (!last.ok()) return last.status();
    const auto after = std::upper_bound(names.begin(), names.end(), std::string_view(*last));
    page.begin = static_cast<size_t>(after - names.begin());
  }
  const auto most = static_cast<size_t>(max_results.value_or(kMostResults));
  page.end = std::min(names.size(), page.begin + most);
  if (max_results.has_value() && page.end < names.size()) {
    page.next_token = MakePageToken(names[page.end - 1], scope);
  }
  return page;
}

std::string MakeTaskHandle(const MessageId& task, std::string_view source_arn) {
  return kernel::Base64Encode(
      fmt::format("{}{}{}{}{}", kBeforeTask, task.str(), kBeforeArn, source_arn, kAfterArn));
}

absl::StatusOr<std::string> SourceArnOfTaskHandle(std::string_view handle) {
  if (handle.empty()) return MissingParameter("TaskHandle");
  const std::optional<std::string> bytes = kernel::Base64Decode(handle);
  std::string_view rest = bytes.has_value() ? std::string_view(*bytes) : std::string_view();
  if (TakePrefix(rest, kBeforeTask) && kernel::ParseUuid(rest.substr(0, kUuidLength)).has_value()) {
    rest.remove_prefix(kUuidLength);
    if (TakePrefix(rest, kBeforeArn) && rest.ends_with(kAfterArn)) {
      rest.remove_suffix(kAfterArn.size());
      if (IsQueueArn(rest)) return std::string(rest);
    }
  }
  return InvalidParameter(handle, "TaskHandle", "It is not the handle of a message move task.");
}

}  // namespace skybox::sqs
