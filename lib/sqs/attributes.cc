#include "sqs/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "skybox/fields.h"
#include "sqs/errors.h"
#include "sqs/json_text.h"
#include "sqs/names.h"
#include "sqs/policy.h"

namespace skybox::sqs {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kMinimumMessageSize = 1024;
constexpr int32_t kMaxReceiveCount = 1000;
constexpr size_t kMaxSourceQueues = 10;
constexpr size_t kMaxKeyIdLength = 2048;
constexpr size_t kMaxRedriveBytes = 8192;  // as much as a policy may have

// ---- Names

enum class Access : uint8_t { kUnknown, kSettable, kSettableFifo, kAtCreation, kReadOnly };

Access AccessOf(std::string_view name) {
  struct Row {
    std::string_view name = {};
    Access access = Access::kUnknown;
  };
  static constexpr std::array kRows = {
      Row{"DelaySeconds", Access::kSettable},
      Row{"MaximumMessageSize", Access::kSettable},
      Row{"MessageRetentionPeriod", Access::kSettable},
      Row{"Policy", Access::kSettable},
      Row{"ReceiveMessageWaitTimeSeconds", Access::kSettable},
      Row{"VisibilityTimeout", Access::kSettable},
      Row{"RedrivePolicy", Access::kSettable},
      Row{"RedriveAllowPolicy", Access::kSettable},
      Row{"KmsMasterKeyId", Access::kSettable},
      Row{"KmsDataKeyReusePeriodSeconds", Access::kSettable},
      Row{"SqsManagedSseEnabled", Access::kSettable},
      Row{"FifoQueue", Access::kAtCreation},
      Row{"ContentBasedDeduplication", Access::kSettableFifo},
      Row{"DeduplicationScope", Access::kSettableFifo},
      Row{"FifoThroughputLimit", Access::kSettableFifo},
      Row{"ApproximateNumberOfMessages", Access::kReadOnly},
      Row{"ApproximateNumberOfMessagesNotVisible", Access::kReadOnly},
      Row{"ApproximateNumberOfMessagesDelayed", Access::kReadOnly},
      Row{"CreatedTimestamp", Access::kReadOnly},
      Row{"LastModifiedTimestamp", Access::kReadOnly},
      Row{"QueueArn", Access::kReadOnly},
  };
  for (const Row& row : kRows) {
    if (row.name == name) return row.access;
  }
  return Access::kUnknown;
}

// Finds the first attribute given that must not be.
struct NamesVisitor {
  bool creating = false;
  bool fifo = false;
  std::string_view refused = {};

  template <typename T>
  void operator()(std::string_view name, const std::optional<T>& value, Field = Field::kPlain) {
    if (!refused.empty() || !value.has_value()) return;
    const Access access = AccessOf(name);
    bool allowed = access == Access::kSettable;
    if (access == Access::kSettableFifo) allowed = fifo;
    if (access == Access::kAtCreation) {
      allowed = creating && fifo;
      // False has to be said by saying nothing.
      if constexpr (std::is_same_v<T, bool>) allowed = allowed && *value;
    }
    if (!allowed) refused = name;
  }
};

// ---- Values

absl::Status SetSeconds(const std::optional<absl::Duration>& given, std::string_view name,
                        int64_t low, int64_t high, int64_t& seconds) {
  if (!given.has_value()) return absl::OkStatus();
  if (*given < absl::Seconds(low) || *given > absl::Seconds(high)) {
    return InvalidAttribute(
        name, fmt::format("{} is not {} to {} seconds.", SecondsText(*given), low, high));
  }
  if (*given % absl::Seconds(1) != absl::ZeroDuration()) {
    return InvalidAttribute(
        name, fmt::format("{} is not a whole number of seconds.", SecondsText(*given)));
  }
  seconds = absl::ToInt64Seconds(*given);
  return absl::OkStatus();
}

// The place of a word among `words`, which is the value of its enumerator.
template <typename Enum, size_t n>
absl::Status SetWord(const std::optional<std::string>& given, std::string_view name,
                     const std::array<std::string_view, n>& words, Enum& value) {
  if (!given.has_value()) return absl::OkStatus();
  for (size_t i = 0; i < n; ++i) {
    if (words[i] == *given) {
      value = static_cast<Enum>(i);
      return absl::OkStatus();
    }
  }
  return InvalidAttribute(
      name, fmt::format("'{}' is not one of: {}.", Shown(*given), fmt::join(words, ", ")));
}

constexpr std::array<std::string_view, 2> kScopes = {"queue", "messageGroup"};
constexpr std::array<std::string_view, 2> kThroughputLimits = {"perQueue", "perMessageGroupId"};
constexpr std::array<std::string_view, 4> kPermissions = {"", "allowAll", "denyAll", "byQueue"};

template <typename Enum, size_t n>
std::string WordOf(const std::array<std::string_view, n>& words, Enum value) {
  return std::string(words[static_cast<size_t>(value)]);
}

// Reads a JSON map that has no other members than these. Answers what is wrong with it.
std::string ReadMap(std::string_view text, std::initializer_list<std::string_view> members,
                    Json& json) {
  if (text.size() > kMaxRedriveBytes) {
    return fmt::format("It has {} bytes, more than {}.", text.size(), kMaxRedriveBytes);
  }
  const std::string problem = ParseJson(text, json);
  if (!problem.empty()) return fmt::format("It is not a valid JSON map: {}.", problem);
  if (!json.is_object()) return "It is not a valid JSON map.";
  for (const auto& [member, value] : json.items()) {
    if (std::find(members.begin(), members.end(), member) == members.end()) {
      return fmt::format("It contains the unknown attribute: {}.", Shown(member));
    }
  }
  return {};
}

// A number, or its digits as a string; nothing when it is neither or does not fit.
std::optional<int64_t> IntegerOf(const Json& json) {
  if (json.is_number_unsigned()) {
    const uint64_t value = json.get<uint64_t>();
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return static_cast<int64_t>(value);
    }
  } else if (json.is_number_integer()) {
    return json.get<int64_t>();
  } else if (json.is_string()) {
    const std::string& digits = json.get_ref<const std::string&>();
    if (digits.empty() || digits.size() > 9) return std::nullopt;
    int64_t value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    return value;
  }
  return std::nullopt;
}

absl::Status SetRedrivePolicy(const std::string& text, QueueConfig& config) {
  config.dead_letter_target_arn.clear();
  config.max_receive_count = 0;
  if (text.empty()) return absl::OkStatus();
  const auto refuse = [&text](std::string_view reason) {
    return InvalidParameter(text, "RedrivePolicy", reason);
  };
  Json json;
  const std::string problem = ReadMap(text, {"deadLetterTargetArn", "maxReceiveCount"}, json);
  if (!problem.empty()) return refuse(problem);
  for (const char* member : {"maxReceiveCount", "deadLetterTargetArn"}) {
    if (!json.contains(member)) {
      return refuse(
          fmt::format("Redrive policy does not contain mandatory attribute: {}.", member));
    }
  }
  const Json& target = json["deadLetterTargetArn"];
  if (!target.is_string() || !IsQueueArn(target.get_ref<const std::string&>())) {
    return refuse("Invalid value for deadLetterTargetArn: it is not the ARN of a queue.");
  }
  const Json& count = json["maxReceiveCount"];
  const std::optional<int64_t> number = IntegerOf(count);
  if (!number.has_value() || *number < 1 || *number > kMaxReceiveCount) {
    return refuse(fmt::format(
        "Invalid value for maxReceiveCount: {}, valid values are from 1 to {} both inclusive.",
        count.is_string() ? Shown(count.get_ref<const std::string&>()) : Shown(JsonText(count)),
        kMaxReceiveCount));
  }
  config.dead_letter_target_arn = target.get_ref<const std::string&>();
  config.max_receive_count = static_cast<int32_t>(*number);
  return absl::OkStatus();
}

absl::Status SetRedriveAllowPolicy(const std::string& text, QueueConfig& config) {
  config.redrive_permission = RedrivePermission::kUnset;
  config.source_queue_arns.clear();
  if (text.empty()) return absl::OkStatus();
  const auto refuse = [&text](std::string_view reason) {
    return InvalidAttribute("RedriveAllowPolicy",
                            fmt::format("{} The value is: {}", reason, Shown(text)));
  };
  Json json;
  const std::string problem = ReadMap(text, {"redrivePermission", "sourceQueueArns"}, json);
  if (!problem.empty()) return refuse(problem);
  const auto permission = json.find("redrivePermission");
  if (permission == json.end()) {
    return refuse("It does not contain the mandatory attribute: redrivePermission.");
  }
  for (size_t i = 1; i < kPermissions.size(); ++i) {
    if (*permission == kPermissions[i]) {
      config.redrive_permission = static_cast<RedrivePermission>(i);
    }
  }
  if (config.redrive_permission == RedrivePermission::kUnset) {
    return refuse(fmt::format(
        "redrivePermission is neither \"allowAll\" nor \"denyAll\" nor \"byQueue\": {}.",
        Shown(JsonText(*permission))));
  }
  const auto sources = json.find("sourceQueueArns");
  if (config.redrive_permission != RedrivePermission::kByQueue) {
    if (sources == json.end()) return absl::OkStatus();
    return refuse("sourceQueueArns goes with the redrivePermission byQueue only.");
  }
  if (sources == json.end() || !sources->is_array() || sources->empty() ||
      sources->size() > kMaxSourceQueues) {
    return refuse(fmt::format("sourceQueueArns is not a list of 1 to {} ARNs.", kMaxSourceQueues));
  }
  for (const Json& source : *sources) {
    if (!source.is_string() || !IsQueueArn(source.get_ref<const std::string&>())) {
      return refuse(fmt::format("sourceQueueArns has something that is not the ARN of a queue: {}.",
                                Shown(JsonText(source))));
    }
    config.source_queue_arns.push_back(source.get_ref<const std::string&>());
  }
  return absl::OkStatus();
}

// A key's id or ARN, or an alias' name or ARN; which of them is for KMS to tell.
absl::Status SetKey(const std::string& given, QueueConfig& config) {
  bool valid = given.size() <= kMaxKeyIdLength;
  for (const char c : given) {
    valid = valid && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '/' || c == ':');
  }
  if (!valid) {
    return InvalidAttribute(
        "KmsMasterKeyId",
        fmt::format("'{}' is neither the id nor the ARN nor the alias of a key.", Shown(given)));
  }
  config.kms_master_key_id = given;
  return absl::OkStatus();
}

// The values, each by itself, into the config.
absl::Status SetValues(const QueueAttributes& given, int64_t maximum_message_size_quota,
                       QueueConfig& config) {
  absl::Status status =
      SetSeconds(given.delay_seconds, "DelaySeconds", 0, 900, config.delay_seconds);
  if (!status.ok()) return status;
  if (given.maximum_message_size.has_value()) {
    const int64_t size = *given.maximum_message_size;
    if (size < kMinimumMessageSize || size > maximum_message_size_quota) {
      return InvalidAttribute("MaximumMessageSize",
                              fmt::format("{} is not {} to {} bytes.", size, kMinimumMessageSize,
                                          maximum_message_size_quota));
    }
    config.maximum_message_size = size;
  }
  status = SetSeconds(given.message_retention_period, "MessageRetentionPeriod", 60, 1'209'600,
                      config.message_retention_period);
  if (!status.ok()) return status;
  if (given.policy.has_value()) {
    if (!given.policy->empty()) status = CheckPolicy(*given.policy);
    if (!status.ok()) return status;
    config.policy = *given.policy;
  }
  status = SetSeconds(given.receive_message_wait_time_seconds, "ReceiveMessageWaitTimeSeconds", 0,
                      20, config.receive_message_wait_time_seconds);
  if (!status.ok()) return status;
  status = SetSeconds(given.visibility_timeout, "VisibilityTimeout", 0, 43'200,
                      config.visibility_timeout);
  if (!status.ok()) return status;
  if (given.redrive_policy.has_value()) status = SetRedrivePolicy(*given.redrive_policy, config);
  if (!status.ok()) return status;
  if (given.redrive_allow_policy.has_value()) {
    status = SetRedriveAllowPolicy(*given.redrive_allow_policy, config);
  }
  if (!status.ok()) return status;
  if (given.kms_master_key_id.has_value()) status = SetKey(*given.kms_master_key_id, config);
  if (!status.ok()) return status;
  status = SetSeconds(given.kms_data_key_reuse_period_seconds, "KmsDataKeyReusePeriodSeconds", 60,
                      86'400, config.kms_data_key_reuse_period_seconds);
  if (!status.ok()) return status;
  if (given.sqs_managed_sse_enabled.has_value()) {
    config.sqs_managed_sse_enabled = *given.sqs_managed_sse_enabled;
  }
  if (given.content_based_deduplication.has_value()) {
    config.content_based_deduplication = *given.content_based_deduplication;
  }
  status =
      SetWord(given.deduplication_scope, "DeduplicationScope", kScopes, config.deduplication_scope);
  if (!status.ok()) return status;
  return SetWord(given.fifo_throughput_limit, "FifoThroughputLimit", kThroughputLimits,
                 config.fifo_throughput_limit);
}

absl::Status CheckNames(const QueueAttributes& given, bool creating, bool fifo) {
  NamesVisitor names = {.creating = creating, .fifo = fifo};
  QueueAttributes::Fields(given, names);
  return names.refused.empty() ? absl::OkStatus() : UnknownAttribute(names.refused);
}

// ---- Answers

std::string RedrivePolicyText(const QueueConfig& config) {
  return RedrivePolicy{.dead_letter_target_arn = config.dead_letter_target_arn,
                       .max_receive_count = config.max_receive_count}
      .str();
}

std::string RedriveAllowPolicyText(const QueueConfig& config) {
  return RedriveAllowPolicy{.redrive_permission = WordOf(kPermissions, config.redrive_permission),
                            .source_queue_arns = config.source_queue_arns}
      .str();
}

absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

QueueAttributes AllAttributes(const QueueConfig& config, const QueueFacts& facts) {
  QueueAttributes all;
  all.delay_seconds = absl::Seconds(config.delay_seconds);
  all.maximum_message_size = config.maximum_message_size;
  all.message_retention_period = absl::Seconds(config.message_retention_period);
  if (!config.policy.empty()) all.policy = config.policy;
  all.receive_message_wait_time_seconds = absl::Seconds(config.receive_message_wait_time_seconds);
  all.visibility_timeout = absl::Seconds(config.visibility_timeout);
  if (config.has_redrive_policy()) all.redrive_policy = RedrivePolicyText(config);
  if (config.redrive_permission != RedrivePermission::kUnset) {
    all.redrive_allow_policy = RedriveAllowPolicyText(config);
  }
  if (!config.kms_master_key_id.empty()) {
    all.kms_master_key_id = config.kms_master_key_id;
    all.kms_data_key_reuse_period_seconds = absl::Seconds(config.kms_data_key_reuse_period_seconds);
  }
  all.sqs_managed_sse_enabled = config.sqs_managed_sse_enabled;
  if (config.fifo) {
    all.fifo_queue = true;
    all.content_based_deduplication = config.content_based_deduplication;
    all.deduplication_scope = WordOf(kScopes, config.deduplication_scope);
    all.fifo_throughput_limit = WordOf(kThroughputLimits, config.fifo_throughput_limit);
  }
  all.approximate_number_of_messages = facts.visible;
  all.approximate_number_of_messages_not_visible = facts.in_flight;
  all.approximate_number_of_messages_delayed = facts.delayed;
  all.created_timestamp = WholeSeconds(facts.created);
  all.last_modified_timestamp = WholeSeconds(facts.last_modified);
  all.queue_arn = facts.arn;
  return all;
}

// Takes away what was not asked for.
struct SelectVisitor {
  const std::vector<std::string>& names;

  template <typename T>
  void operator()(std::string_view name, std::optional<T>& value, Field = Field::kPlain) {
    if (std::find(names.begin(), names.end(), name) == names.end()) value.reset();
  }
};

std::vector<std::string> Sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace

// ---- Setting

QueueConfig DefaultConfig(bool fifo, int64_t maximum_message_size_quota) {
  return {.fifo = fifo, .maximum_message_size = maximum_message_size_quota};
}

absl::Status CheckAttributes(const QueueAttributes& given, bool creating, bool fifo,
                             int64_t maximum_message_size_quota) {
  if (absl::Status status = CheckNames(given, creating, fifo); !status.ok()) return status;
  QueueConfig scratch;
  return SetValues(given, maximum_message_size_quota, scratch);
}

absl::StatusOr<QueueConfig> ApplyAttributes(const QueueConfig& current,
                                            const QueueAttributes& given, bool creating,
                                            int64_t maximum_message_size_quota) {
  if (absl::Status status = CheckNames(given, creating, current.fifo); !status.ok()) return status;
  QueueConfig config = current;
  absl::Status status = SetValues(given, maximum_message_size_quota, config);
  if (!status.ok()) return status;

  if (config.high_throughput() && config.deduplication_scope != DeduplicationScope::kMessageGroup) {
    return InvalidAttribute("FifoThroughputLimit",
                            "perMessageGroupId needs the DeduplicationScope messageGroup.");
  }
  // One kind of encryption at a time. A key replaces the service's own encryption; the other way
  // round the key has to be taken away by name.
  if (!config.kms_master_key_id.empty()) {
    if (given.sqs_managed_sse_enabled.value_or(false)) {
      return kernel::MakeError(
          kInvalidAttributeValue,
          fmt::format("You can use one type of server-side encryption (SSE) at one time. You can "
                      "either enable KMS SSE or SQS SSE. KmsMasterKeyId is {}, and "
                      "SqsManagedSseEnabled would be true.",
                      config.kms_master_key_id));
    }
    config.sqs_managed_sse_enabled = false;
  }
  return config;
}

absl::Status InvalidRedrivePolicy(const QueueConfig& config, std::string_view reason) {
  return InvalidParameter(RedrivePolicyText(config), "RedrivePolicy", reason);
}

bool AllowsRedriveFrom(const QueueConfig& dead_letter_queue, std::string_view source_arn) {
  switch (dead_letter_queue.redrive_permission) {
    case RedrivePermission::kDenyAll:
      return false;
    case RedrivePermission::kByQueue: {
      const std::vector<std::string>& sources = dead_letter_queue.source_queue_arns;
      return std::find(sources.begin(), sources.end(), source_arn) != sources.end();
    }
    default:
      return true;
  }
}

std::string DifferingAttribute(const QueueConfig& existing, const QueueConfig& wanted,
                               const QueueAttributes& given) {
  const auto differ = [&existing, &wanted](const auto& attribute, auto member) {
    return attribute.has_value() && existing.*member != wanted.*member;
  };
  if (differ(given.delay_seconds, &QueueConfig::delay_seconds)) return "DelaySeconds";
  if (differ(given.maximum_message_size, &QueueConfig::maximum_message_size)) {
    return "MaximumMessageSize";
  }
  if (differ(given.message_retention_period, &QueueConfig::message_retention_period)) {
    return "MessageRetentionPeriod";
  }
  if (given.policy.has_value() && !SamePolicy(existing.policy, wanted.policy)) return "Policy";
  if (differ(given.receive_message_wait_time_seconds,
             &QueueConfig::receive_message_wait_time_seconds)) {
    return "ReceiveMessageWaitTimeSeconds";
  }
  if (differ(given.visibility_timeout, &QueueConfig::visibility_timeout)) {
    return "VisibilityTimeout";
  }
  if (differ(given.redrive_policy, &QueueConfig::dead_letter_target_arn) ||
      differ(given.redrive_policy, &QueueConfig::max_receive_count)) {
    return "RedrivePolicy";
  }
  if (differ(given.redrive_allow_policy, &QueueConfig::redrive_permission) ||
      (given.redrive_allow_policy.has_value() &&
       Sorted(existing.source_queue_arns) != Sorted(wanted.source_queue_arns))) {
    return "RedriveAllowPolicy";
  }
  if (differ(given.kms_master_key_id, &QueueConfig::kms_master_key_id)) return "KmsMasterKeyId";
  if (differ(given.kms_data_key_reuse_period_seconds,
             &QueueConfig::kms_data_key_reuse_period_seconds)) {
    return "KmsDataKeyReusePeriodSeconds";
  }
  if (differ(given.sqs_managed_sse_enabled, &QueueConfig::sqs_managed_sse_enabled)) {
    return "SqsManagedSseEnabled";
  }
  if (differ(given.fifo_queue, &QueueConfig::fifo)) return "FifoQueue";
  if (differ(given.content_based_deduplication, &QueueConfig::content_based_deduplication)) {
    return "ContentBasedDeduplication";
  }
  if (differ(given.deduplication_scope, &QueueConfig::deduplication_scope)) {
    return "DeduplicationScope";
  }
  if (differ(given.fifo_throughput_limit, &QueueConfig::fifo_throughput_limit)) {
    return "FifoThroughputLimit";
  }
  return {};
}

// ---- Getting

absl::Status CheckAttributeNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name != "All" && AccessOf(name) == Access::kUnknown) return UnknownAttribute(name);
  }
  return absl::OkStatus();
}

QueueAttributes SelectAttributes(const QueueConfig& config, const QueueFacts& facts,
                                 const std::vector<std::string>& names) {
  if (names.empty()) return {};
  QueueAttributes attributes = AllAttributes(config, facts);
  if (std::find(names.begin(), names.end(), "All") == names.end()) {
    SelectVisitor select = {.names = names};
    QueueAttributes::Fields(attributes, select);
  }
  return attributes;
}

}  // namespace skybox::sqs
