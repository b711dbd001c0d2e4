#include "sqs/names.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/error.h"
#include "skybox/arn.h"
#include "sqs/errors.h"

namespace skybox::sqs {
namespace {

constexpr size_t kMaxNameLength = 80;
constexpr std::string_view kFifoSuffix = ".fifo";

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// 1 to 80 letters, digits, '-' and '_'.
bool IsWord(std::string_view text) {
  if (text.empty() || text.size() > kMaxNameLength) return false;
  for (const char c : text) {
    if (!IsWordCharacter(c)) return false;
  }
  return true;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// The region of an SQS endpoint; empty when the host is none.
// Rule: "Amazon Simple Queue Service endpoints and quotas", AWS General Reference.
std::string_view RegionOfHost(std::string_view host) {
  if (host == "queue.amazonaws.com") return "us-east-1";
  std::string_view region = host;
  if (TakePrefix(region, "sqs.") || TakePrefix(region, "sqs-fips.")) {
    if (TakeSuffix(region, ".api.aws") || TakeSuffix(region, ".api.amazonwebservices.com.cn")) {
      return IsRegion(region) ? region : std::string_view();
    }
  } else {
    const size_t queue = region.find(".queue.");
    if (queue == std::string_view::npos) return {};
    region = region.substr(0, queue);
    if (!IsRegion(region)) return {};
    return host.substr(queue + 7) == DnsSuffixOf(region) ? region : std::string_view();
  }
  const size_t dot = region.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view suffix = region.substr(dot + 1);
  region = region.substr(0, dot);
  return IsRegion(region) && suffix == DnsSuffixOf(region) ? region : std::string_view();
}

}  // namespace

bool HasFifoSuffix(std::string_view name) { return name.ends_with(kFifoSuffix); }

absl::Status CheckQueueName(std::string_view name, bool fifo) {
  if (name.empty()) return MissingParameter("QueueName");
  if (!fifo) {
    if (IsWord(name)) return absl::OkStatus();
    return InvalidParameter(
        name, "QueueName",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
  std::string_view word = name;
  if (TakeSuffix(word, kFifoSuffix) && IsWord(word) && name.size() <= kMaxNameLength) {
    return absl::OkStatus();
  }
  return InvalidParameter(name, "QueueName",
                          "The name of a FIFO queue can only include alphanumeric characters, "
                          "hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in "
                          "length.");
}

absl::Status CheckQueueName(std::string_view name) {
  return CheckQueueName(name, HasFifoSuffix(name));
}

std::string MakeUrl(std::string_view region, std::string_view account, std::string_view name) {
  return fmt::format("https://sqs.{}.{}/{}/{}", region, DnsSuffixOf(region), account, name);
}

absl::Status InvalidAddress(std::string_view url) {
  return kernel::MakeError(
      kInvalidAddress, fmt::format("The address {} is not valid for this endpoint.", Shown(url)));
}

absl::StatusOr<QueueAddress> ParseUrl(std::string_view url) {
  if (url.empty()) return MissingParameter("QueueUrl");
  // There is no transport here that http could make less safe.
  std::string_view rest = url;
  if (!TakePrefix(rest, "https://") && !TakePrefix(rest, "http://")) return InvalidAddress(url);
  const size_t host_end = rest.find('/');
  if (host_end == std::string_view::npos) return InvalidAddress(url);
  QueueAddress address = {.region = RegionOfHost(rest.substr(0, host_end))};
  if (address.region.empty()) return InvalidAddress(url);
  rest.remove_prefix(host_end + 1);
  TakeSuffix(rest, "/");
  const size_t account_end = rest.find('/');
  if (account_end == std::string_view::npos) return InvalidAddress(url);
  address.account = rest.substr(0, account_end);
  address.name = rest.substr(account_end + 1);
  if (!IsAccountId(address.account) || address.name.empty() ||
      address.name.find_first_of("/?#") != std::string_view::npos) {
    return InvalidAddress(url);
  }
  return address;
}

std::string MakeArn(std::string_view region, std::string_view account, std::string_view name) {
  return fmt::format("arn:{}:sqs:{}:{}:{}", PartitionOf(region), region, account, name);
}

namespace {

bool TakeQueueArn(std::string_view arn, QueueAddress& address) {
  std::string_view rest = arn;
  if (!TakePrefix(rest, "arn:")) return false;
  const size_t partition = rest.find(':');
  if (partition == std::string_view::npos) return false;
  const std::string_view partition_name = rest.substr(0, partition);
  rest.remove_prefix(partition + 1);
  if (!TakePrefix(rest, "sqs:")) return false;
  const size_t region = rest.find(':');
  if (region == std::string_view::npos) return false;
  address.region = rest.substr(0, region);
  rest.remove_prefix(region + 1);
  const size_t account = rest.find(':');
  if (account == std::string_view::npos) return false;
  address.account = rest.substr(0, account);
  address.name = rest.substr(account + 1);
  std::string_view word = address.name;
  TakeSuffix(word, kFifoSuffix);
  return IsRegion(address.region) && partition_name == PartitionOf(address.region) &&
         IsAccountId(address.account) && IsWord(word) && address.name.size() <= kMaxNameLength;
}

}  // namespace

absl::StatusOr<QueueAddress> ParseArn(std::string_view arn, std::string_view parameter) {
  if (arn.empty()) return MissingParameter(parameter);
  QueueAddress address;
  if (TakeQueueArn(arn, address)) return address;
  return InvalidParameter(arn, parameter, "It is not the ARN of a queue.");
}

bool IsQueueArn(std::string_view arn) {
  QueueAddress address;
  return TakeQueueArn(arn, address);
}

absl::Status CheckBatchEntryId(std::string_view id) {
  if (IsWord(id)) return absl::OkStatus();
  return kernel::MakeError(
      kInvalidBatchEntryId,
      fmt::format("A batch entry id can only contain alphanumeric characters, hyphens and "
                  "underscores. It can be at most 80 letters long. '{}' is none.",
                  Shown(id)));
}

absl::Status CheckBatchCount(size_t entries, std::string_view shape) {
  if (entries == 0) {
    return kernel::MakeError(kEmptyBatchRequest,
                             fmt::format("There should be at least one {} in the request.", shape));
  }
  if (entries > kMaxBatchEntries) {
    return kernel::MakeError(
        kTooManyEntriesInBatchRequest,
        fmt::format("Maximum number of entries per request are {}. You have sent {}.",
                    kMaxBatchEntries, entries));
  }
  return absl::OkStatus();
}

absl::Status CheckBatchIds(const std::string_view* ids, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (absl::Status status = CheckBatchEntryId(ids[i]); !status.ok()) return status;
  }
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (ids[i] == ids[k]) {
        return kernel::MakeError(kBatchEntryIdsNotDistinct, fmt::format("Id {} repeated.", ids[i]));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBatchSize(int64_t size_bytes, int64_t limit_bytes) {
  if (size_bytes <= limit_bytes) return absl::OkStatus();
  return kernel::MakeError(
      kBatchRequestTooLong,
      fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                  limit_bytes, size_bytes));
}

absl::Status CheckLabel(std::string_view label) {
  if (label.empty()) return MissingParameter("Label");
  if (IsWord(label)) return absl::OkStatus();
  return InvalidParameter(
      label, "Label",
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}

}  // namespace skybox::sqs
