#ifndef SKYBOX_SQS_ATTRIBUTES_H_
#define SKYBOX_SQS_ATTRIBUTES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "skybox/fields.h"
#include "skybox/sqs_types.h"

// The attributes of a queue: which there are, what they may be, and how they hang together.
// Rule: "CreateQueue", "SetQueueAttributes" and "GetQueueAttributes", API Reference.
namespace skybox::sqs {

enum class DeduplicationScope : uint8_t { kQueue, kMessageGroup };
enum class FifoThroughputLimit : uint8_t { kPerQueue, kPerMessageGroupId };
enum class RedrivePermission : uint8_t {
  kUnset,  // no RedriveAllowPolicy: like kAllowAll
  kAllowAll,
  kDenyAll,
  kByQueue,
};

// What a queue keeps of the attributes that can be set. Durations are in seconds.
struct QueueConfig {
  bool fifo = false;
  int64_t delay_seconds = 0;
  int64_t maximum_message_size = 262'144;
  int64_t message_retention_period = 345'600;
  int64_t receive_message_wait_time_seconds = 0;
  int64_t visibility_timeout = 30;
  std::string policy = {};                  // JSON as it was given; empty: none
  std::string dead_letter_target_arn = {};  // empty: no RedrivePolicy
  int32_t max_receive_count = 0;            // 0: no RedrivePolicy
  RedrivePermission redrive_permission = RedrivePermission::kUnset;
  std::vector<std::string> source_queue_arns = {};  // of kByQueue
  std::string kms_master_key_id = {};               // empty: none
  int64_t kms_data_key_reuse_period_seconds = 300;
  bool sqs_managed_sse_enabled = true;
  bool content_based_deduplication = false;
  DeduplicationScope deduplication_scope = DeduplicationScope::kQueue;
  FifoThroughputLimit fifo_throughput_limit = FifoThroughputLimit::kPerQueue;

  bool has_redrive_policy() const { return !dead_letter_target_arn.empty(); }
  bool high_throughput() const {
    return fifo_throughput_limit == FifoThroughputLimit::kPerMessageGroupId;
  }
  bool operator==(const QueueConfig&) const = default;

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("FifoQueue", self.fifo);
    visit("DelaySeconds", self.delay_seconds);
    visit("MaximumMessageSize", self.maximum_message_size);
    visit("MessageRetentionPeriod", self.message_retention_period);
    visit("ReceiveMessageWaitTimeSeconds", self.receive_message_wait_time_seconds);
    visit("VisibilityTimeout", self.visibility_timeout);
    visit("Policy", self.policy);
    visit("deadLetterTargetArn", self.dead_letter_target_arn);
    visit("maxReceiveCount", self.max_receive_count);
    visit("redrivePermission", self.redrive_permission);
    visit("sourceQueueArns", self.source_queue_arns);
    visit("KmsMasterKeyId", self.kms_master_key_id);
    visit("KmsDataKeyReusePeriodSeconds", self.kms_data_key_reuse_period_seconds);
    visit("SqsManagedSseEnabled", self.sqs_managed_sse_enabled);
    visit("ContentBasedDeduplication", self.content_based_deduplication);
    visit("DeduplicationScope", self.deduplication_scope);
    visit("FifoThroughputLimit", self.fifo_throughput_limit);
  }
};

// ---- Setting

// The documented defaults. The default MaximumMessageSize is the quota.
QueueConfig DefaultConfig(bool fifo, int64_t maximum_message_size_quota);

// The names and the values, each by itself: first all names, then all values, in the order of
// QueueAttributes::Fields. `creating` is whether FifoQueue may be there, `fifo` whether the other
// attributes of FIFO queues may. InvalidAttributeName, InvalidAttributeValue; InvalidParameterValue
// for a RedrivePolicy.
absl::Status CheckAttributes(const QueueAttributes& given, bool creating, bool fifo,
                             int64_t maximum_message_size_quota);

// `current` with the changes, all of them or none: CheckAttributes, and what they have to be
// together. To create a queue, `current` is the DefaultConfig of its kind, and
// `given.fifo_queue.value_or(false)` its kind. Whether the dead-letter queue is there and fits is
// for who knows the queues.
absl::StatusOr<QueueConfig> ApplyAttributes(const QueueConfig& current,
                                            const QueueAttributes& given, bool creating,
                                            int64_t maximum_message_size_quota);

// InvalidParameterValue: "Value <the JSON> for parameter RedrivePolicy is invalid. Reason: ...".
absl::Status InvalidRedrivePolicy(const QueueConfig& config, std::string_view reason);

// Whether a dead-letter queue takes messages of this source. Accounts, regions and kinds are not
// looked at.
bool AllowsRedriveFrom(const QueueConfig& dead_letter_queue, std::string_view source_arn);

// The first of the given attributes in which a queue differs from what `given` would make
// (`wanted`, by ApplyAttributes); empty when there is none. JSON is compared by its meaning. Rule:
// "QueueNameExists", API Reference.
std::string DifferingAttribute(const QueueConfig& existing, const QueueConfig& wanted,
                               const QueueAttributes& given);

// ---- Getting

// Names of attributes, or "All". InvalidAttributeName.
absl::Status CheckAttributeNames(const std::vector<std::string>& names);

// What is in an answer beside the settings.
struct QueueFacts {
  int64_t visible = 0;
  int64_t in_flight = 0;
  int64_t delayed = 0;
  absl::Time created = absl::UnixEpoch();
  absl::Time last_modified = absl::UnixEpoch();
  std::string arn = {};
};

// Those of the attributes named that the queue has. Times are cut to whole seconds.
QueueAttributes SelectAttributes(const QueueConfig& config, const QueueFacts& facts,
                                 const std::vector<std::string>& names);

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_ATTRIBUTES_H_
