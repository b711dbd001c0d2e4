#ifndef SKYBOX_SQS_NAMES_H_
#define SKYBOX_SQS_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The names of things in SQS: queues, their URLs and ARNs, entries of a batch, labels.
namespace skybox::sqs {

// ---- Queues

// 1 to 80 letters, digits, '-' and '_'; a FIFO queue's ends in ".fifo", which counts.
// MissingParameter, InvalidParameterValue. Rule: "Quotas", Developer Guide.
absl::Status CheckQueueName(std::string_view name, bool fifo);

// The same where the kind follows from the name, as in GetQueueUrl.
absl::Status CheckQueueName(std::string_view name);

bool HasFifoSuffix(std::string_view name);

// Where a queue is. The parts are views of the text that was parsed.
struct QueueAddress {
  std::string_view region = {};
  std::string_view account = {};
  std::string_view name = {};
  bool operator==(const QueueAddress&) const = default;
};

// "https://sqs.<region>.<DNS suffix>/<account>/<name>"
std::string MakeUrl(std::string_view region, std::string_view account, std::string_view name);

// Understands what MakeUrl gives, the older hosts (queue.amazonaws.com for us-east-1,
// <region>.queue.amazonaws.com), those of FIPS and dual-stack endpoints, and one slash too many at
// the end. Whether the name keeps to the rules is not looked at: such a queue does not exist.
// MissingParameter for no text, InvalidAddress for one that is no queue's URL. Makes no copies.
absl::StatusOr<QueueAddress> ParseUrl(std::string_view url);

// The InvalidAddress of a URL.
absl::Status InvalidAddress(std::string_view url);

// "arn:<partition>:sqs:<region>:<account>:<name>"
std::string MakeArn(std::string_view region, std::string_view account, std::string_view name);

// Nothing but what MakeArn gives is a queue's ARN; the partition has to be that of the region.
// InvalidParameterValue, naming the parameter.
absl::StatusOr<QueueAddress> ParseArn(std::string_view arn, std::string_view parameter);
bool IsQueueArn(std::string_view arn);

// ---- Batches

inline constexpr size_t kMaxBatchEntries = 10;

// 1 to 80 letters, digits, '-' and '_'. InvalidBatchEntryId.
absl::Status CheckBatchEntryId(std::string_view id);

// Of the ids of a batch's entries: EmptyBatchRequest, TooManyEntriesInBatchRequest,
// InvalidBatchEntryId, BatchEntryIdsNotDistinct; in that order.
// `shape` is the name of the entries: "SendMessageBatchRequestEntry".
absl::Status CheckBatchCount(size_t entries, std::string_view shape);
absl::Status CheckBatchIds(const std::string_view* ids, size_t count);

template <typename Entry>
absl::Status CheckBatchEntries(const std::vector<Entry>& entries, std::string_view shape) {
  absl::Status status = CheckBatchCount(entries.size(), shape);
  if (!status.ok()) return status;
  std::string_view ids[kMaxBatchEntries] = {};
  for (size_t i = 0; i < entries.size(); ++i) ids[i] = entries[i].id;
  return CheckBatchIds(ids, entries.size());
}

// The sum of the sizes of a batch's messages. BatchRequestTooLong.
absl::Status CheckBatchSize(int64_t size_bytes, int64_t limit_bytes);

// ---- Permissions

// 1 to 80 letters, digits, '-' and '_'. MissingParameter, InvalidParameterValue.
absl::Status CheckLabel(std::string_view label);

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_NAMES_H_
