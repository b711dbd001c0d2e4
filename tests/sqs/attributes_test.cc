#include "sqs/attributes.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/digest.h"
#include "skybox/sqs_types.h"
#include "skybox/status.h"

namespace skybox::sqs {
namespace {

constexpr int64_t kQuota = 262'144;
constexpr char kDlq[] = "arn:aws:sqs:us-east-1:123456789012:dlq";

std::string Message(const absl::Status& status) { return std::string(status.message()); }

absl::Status Create(const QueueAttributes& given, bool fifo = false) {
  return ApplyAttributes(DefaultConfig(fifo, kQuota), given, true, kQuota).status();
}
absl::Status Set(const QueueAttributes& given, bool fifo = false) {
  return ApplyAttributes(DefaultConfig(fifo, kQuota), given, false, kQuota).status();
}
QueueConfig Applied(const QueueAttributes& given, bool fifo = false) {
  const auto config = ApplyAttributes(DefaultConfig(fifo, kQuota), given, true, kQuota);
  INFO(config.status());
  REQUIRE(config.ok());
  return *config;
}

void CheckUnknown(const absl::Status& status, std::string_view name) {
  CHECK(ErrorCode(status) == "InvalidAttributeName");
  CHECK(Message(status) == "Unknown Attribute " + std::string(name) + ".");
}
void CheckValue(const absl::Status& status, std::string_view name) {
  CHECK(ErrorCode(status) == "InvalidAttributeValue");
  CHECK(Message(status).starts_with("Invalid value for the parameter " + std::string(name) + "."));
}

// ---- Defaults

TEST_CASE("A queue without attributes has the documented ones", "[sqs][attributes]") {
  const QueueConfig config = Applied({});
  CHECK(config.delay_seconds == 0);
  CHECK(config.maximum_message_size == 262'144);
  CHECK(config.message_retention_period == 345'600);
  CHECK(config.receive_message_wait_time_seconds == 0);
  CHECK(config.visibility_timeout == 30);
  CHECK(config.kms_data_key_reuse_period_seconds == 300);
  CHECK(config.sqs_managed_sse_enabled);
  CHECK_FALSE(config.has_redrive_policy());
  CHECK(config.policy.empty());
}

TEST_CASE("The default MaximumMessageSize is the quota", "[sqs][attributes]") {
  CHECK(DefaultConfig(false, 1'048'576).maximum_message_size == 1'048'576);
}

// ---- Ranges

TEST_CASE("DelaySeconds is 0 to 900", "[sqs][attributes]") {
  CHECK(Applied({.delay_seconds = absl::ZeroDuration()}).delay_seconds == 0);
  CHECK(Applied({.delay_seconds = absl::Seconds(900)}).delay_seconds == 900);
  CheckValue(Set({.delay_seconds = absl::Seconds(901)}), "DelaySeconds");
  CheckValue(Set({.delay_seconds = absl::Seconds(-1)}), "DelaySeconds");
}

TEST_CASE("MaximumMessageSize is 1024 bytes up to the quota", "[sqs][attributes]") {
  CHECK(Applied({.maximum_message_size = 1024}).maximum_message_size == 1024);
  CHECK(Applied({.maximum_message_size = kQuota}).maximum_message_size == kQuota);
  CheckValue(Set({.maximum_message_size = 1023}), "MaximumMessageSize");
  CheckValue(Set({.maximum_message_size = kQuota + 1}), "MaximumMessageSize");
  CHECK(CheckAttributes({.maximum_message_size = kQuota + 1}, false, false, 1'048'576).ok());
}

TEST_CASE("MessageRetentionPeriod is a minute to 14 days", "[sqs][attributes]") {
  CHECK(Applied({.message_retention_period = absl::Seconds(60)}).message_retention_period == 60);
  CHECK(Set({.message_retention_period = absl::Hours(24 * 14)}).ok());
  CheckValue(Set({.message_retention_period = absl::Seconds(59)}), "MessageRetentionPeriod");
  CheckValue(Set({.message_retention_period = absl::Hours(24 * 14) + absl::Seconds(1)}),
             "MessageRetentionPeriod");
}

TEST_CASE("ReceiveMessageWaitTimeSeconds is 0 to 20", "[sqs][attributes]") {
  CHECK(Set({.receive_message_wait_time_seconds = absl::Seconds(0)}).ok());
  CHECK(Set({.receive_message_wait_time_seconds = absl::Seconds(20)}).ok());
  CheckValue(Set({.receive_message_wait_time_seconds = absl::Seconds(21)}),
             "ReceiveMessageWaitTimeSeconds");
}

TEST_CASE("VisibilityTimeout is 0 to 12 hours", "[sqs][attributes]") {
  CHECK(Set({.visibility_timeout = absl::Seconds(0)}).ok());
  CHECK(Set({.visibility_timeout = absl::Hours(12)}).ok());
  CheckValue(Set({.visibility_timeout = absl::Hours(12) + absl::Seconds(1)}), "VisibilityTimeout");
}

TEST_CASE("KmsDataKeyReusePeriodSeconds is a minute to 24 hours", "[sqs][attributes]") {
  CHECK(Set({.kms_data_key_reuse_period_seconds = absl::Seconds(60)}).ok());
  CHECK(Set({.kms_data_key_reuse_period_seconds = absl::Hours(24)}).ok());
  CheckValue(Set({.kms_data_key_reuse_period_seconds = absl::Seconds(59)}),
             "KmsDataKeyReusePeriodSeconds");
  CheckValue(Set({.kms_data_key_reuse_period_seconds = absl::Seconds(86'401)}),
             "KmsDataKeyReusePeriodSeconds");
}

TEST_CASE("Durations in attributes are whole seconds", "[sqs][attributes]") {
  CheckValue(Set({.visibility_timeout = absl::Milliseconds(1500)}), "VisibilityTimeout");
  CheckValue(Set({.delay_seconds = absl::Seconds(1) + absl::Nanoseconds(1)}), "DelaySeconds");
}

TEST_CASE("Durations in attributes are finite", "[sqs][attributes]") {
  CheckValue(Set({.visibility_timeout = absl::InfiniteDuration()}), "VisibilityTimeout");
  CheckValue(Set({.message_retention_period = -absl::InfiniteDuration()}),
             "MessageRetentionPeriod");
}

TEST_CASE("The error of an attribute names its value", "[sqs][attributes]") {
  const auto words = [](const QueueAttributes& given, bool fifo = false) {
    return Message(Create(given, fifo));
  };
  CHECK_THAT(words({.delay_seconds = absl::Seconds(901)}), Catch::Contains("901 is not 0 to 900"));
  CHECK_THAT(words({.message_retention_period = absl::Seconds(-1)}), Catch::Contains("-1 is not"));
  CHECK_THAT(words({.visibility_timeout = absl::InfiniteDuration()}),
             Catch::Contains("inf is not"));
  CHECK_THAT(words({.visibility_timeout = absl::Milliseconds(1500)}), Catch::Contains("1.5"));
  CHECK_THAT(words({.maximum_message_size = 1}), Catch::Contains("1 is not 1024"));
  CHECK_THAT(words({.policy = "no policy"}), Catch::Contains("no policy"));
  CHECK_THAT(words({.policy = "{\"Id\":\"mine\"}"}), Catch::Contains("mine"));
  CHECK_THAT(words({.redrive_policy = "no policy"}), Catch::Contains("no policy"));
  CHECK_THAT(words({.redrive_allow_policy = "no policy"}), Catch::Contains("no policy"));
  CHECK_THAT(words({.redrive_allow_policy = R"({"redrivePermission":"byQueue"})"}),
             Catch::Contains("byQueue"));
  CHECK_THAT(words({.kms_master_key_id = "no key"}), Catch::Contains("no key"));
  CHECK_THAT(words({.kms_master_key_id = "alias/a", .sqs_managed_sse_enabled = true}),
             Catch::Contains("alias/a"));
  CHECK_THAT(words({.deduplication_scope = "no scope"}, true), Catch::Contains("no scope"));
  CHECK_THAT(words({.fifo_throughput_limit = "no limit"}, true), Catch::Contains("no limit"));
}

TEST_CASE("The error of a very long attribute is short", "[sqs][attributes]") {
  const std::string text(10'000'000, '[');
  for (const QueueAttributes& given :
       {QueueAttributes{.policy = text}, QueueAttributes{.redrive_policy = text},
        QueueAttributes{.redrive_allow_policy = text},
        QueueAttributes{.kms_master_key_id = text}}) {
    const absl::Status status = Create(given);
    CHECK_FALSE(status.ok());
    CHECK(status.message().size() < 1500);
  }
}

// ---- Which attributes may be given

TEST_CASE("A read-only attribute cannot be set", "[sqs][attributes]") {
  CheckUnknown(Create({.queue_arn = "arn"}), "QueueArn");
  CheckUnknown(Set({.approximate_number_of_messages = 1}), "ApproximateNumberOfMessages");
  CheckUnknown(Set({.approximate_number_of_messages_not_visible = 1}),
               "ApproximateNumberOfMessagesNotVisible");
  CheckUnknown(Set({.approximate_number_of_messages_delayed = 1}),
               "ApproximateNumberOfMessagesDelayed");
  CheckUnknown(Set({.created_timestamp = absl::UnixEpoch()}), "CreatedTimestamp");
  CheckUnknown(Set({.last_modified_timestamp = absl::UnixEpoch()}), "LastModifiedTimestamp");
}

TEST_CASE("FifoQueue is given at creation and only as true", "[sqs][attributes]") {
  CHECK(Create({.fifo_queue = true}, true).ok());
  CheckUnknown(Create({.fifo_queue = false}), "FifoQueue");
  CheckUnknown(Create({.fifo_queue = false}, true), "FifoQueue");
  CheckUnknown(Set({.fifo_queue = true}, true), "FifoQueue");
  CheckUnknown(Set({.fifo_queue = true}), "FifoQueue");
}

TEST_CASE("A standard queue has no attributes of FIFO queues", "[sqs][attributes]") {
  CheckUnknown(Set({.content_based_deduplication = true}), "ContentBasedDeduplication");
  CheckUnknown(Set({.deduplication_scope = "queue"}), "DeduplicationScope");
  CheckUnknown(Create({.fifo_throughput_limit = "perQueue"}), "FifoThroughputLimit");
  CHECK(Set({.content_based_deduplication = true}, true).ok());
  CHECK(Set({.deduplication_scope = "queue"}, true).ok());
  CHECK(Set({.fifo_throughput_limit = "perQueue"}, true).ok());
}

TEST_CASE("A wrong name is told before a wrong value", "[sqs][attributes]") {
  CheckUnknown(Set({.delay_seconds = absl::Seconds(-1), .queue_arn = "arn"}), "QueueArn");
}

TEST_CASE("Names and values can be checked without a queue", "[sqs][attributes]") {
  CHECK(CheckAttributes({.fifo_queue = true}, true, true, kQuota).ok());
  CheckUnknown(CheckAttributes({.fifo_queue = true}, false, true, kQuota), "FifoQueue");
  CheckValue(CheckAttributes({.delay_seconds = absl::Seconds(901)}, true, false, kQuota),
             "DelaySeconds");
}

TEST_CASE("Attributes that are not given stay as they are", "[sqs][attributes]") {
  QueueConfig current = Applied({.delay_seconds = absl::Seconds(5)});
  const auto changed =
      ApplyAttributes(current, {.visibility_timeout = absl::Seconds(1)}, false, kQuota);
  REQUIRE(changed.ok());
  current.visibility_timeout = 1;
  CHECK(*changed == current);
}

// ---- FIFO

TEST_CASE("DeduplicationScope is queue or messageGroup", "[sqs][attributes]") {
  CHECK(Applied({.deduplication_scope = "messageGroup"}, true).deduplication_scope ==
        DeduplicationScope::kMessageGroup);
  CheckValue(Set({.deduplication_scope = "messagegroup"}, true), "DeduplicationScope");
  CheckValue(Set({.deduplication_scope = ""}, true), "DeduplicationScope");
}

TEST_CASE("FifoThroughputLimit is perQueue or perMessageGroupId", "[sqs][attributes]") {
  CHECK(Applied({.fifo_throughput_limit = "perQueue"}, true).fifo_throughput_limit ==
        FifoThroughputLimit::kPerQueue);
  CheckValue(Set({.fifo_throughput_limit = "perGroup"}, true), "FifoThroughputLimit");
}

TEST_CASE("High throughput needs deduplication by message group", "[sqs][attributes]") {
  CheckValue(Set({.fifo_throughput_limit = "perMessageGroupId"}, true), "FifoThroughputLimit");
  const QueueConfig both = Applied(
      {.deduplication_scope = "messageGroup", .fifo_throughput_limit = "perMessageGroupId"}, true);
  CHECK(both.high_throughput());
  CheckValue(ApplyAttributes(both, {.deduplication_scope = "queue"}, false, kQuota).status(),
             "FifoThroughputLimit");
  CHECK(Set({.deduplication_scope = "messageGroup"}, true).ok());
}

// ---- RedrivePolicy

TEST_CASE("A RedrivePolicy names a queue and a count", "[sqs][attributes]") {
  const RedrivePolicy policy = {.dead_letter_target_arn = kDlq, .max_receive_count = 5};
  const QueueConfig config = Applied({.redrive_policy = policy});
  CHECK(config.has_redrive_policy());
  CHECK(config.dead_letter_target_arn == kDlq);
  CHECK(config.max_receive_count == 5);
}

std::string PolicyText(const std::string& count) {
  return std::string(R"({"deadLetterTargetArn":")") + kDlq + R"(","maxReceiveCount":)" + count +
         "}";
}

TEST_CASE("The maxReceiveCount is 1 to 1000, as a number or its digits", "[sqs][attributes]") {
  CHECK(Applied({.redrive_policy = PolicyText("1")}).max_receive_count == 1);
  CHECK(Applied({.redrive_policy = PolicyText("1000")}).max_receive_count == 1000);
  CHECK(Applied({.redrive_policy = PolicyText("\"7\"")}).max_receive_count == 7);
  for (const char* count :
       {"0", "1001", "-1", "\"0\"", "\"\"", "\"1x\"", "1.5", "1e2", "null", "[]",
        "18446744073709551615", "9223372036854775808", "\"99999999999999999999\"", "true"}) {
    const absl::Status status = Set({.redrive_policy = PolicyText(count)});
    INFO(status);
    CHECK(ErrorCode(status) == "InvalidParameterValue");
  }
  CHECK(Message(Set({.redrive_policy = PolicyText("0")})) ==
        "Value " + PolicyText("0") +
            " for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: "
            "0, valid values are from 1 to 1000 both inclusive.");
}

TEST_CASE("A RedrivePolicy without one of its members is refused", "[sqs][attributes]") {
  const std::string no_target = R"({"maxReceiveCount":3})";
  CHECK(ErrorCode(Set({.redrive_policy = no_target})) == "InvalidParameterValue");
  CHECK(Message(Set({.redrive_policy = no_target})) ==
        "Value {\"maxReceiveCount\":3} for parameter RedrivePolicy is invalid. Reason: Redrive "
        "policy does not contain mandatory attribute: deadLetterTargetArn.");
  const std::string no_count = std::string(R"({"deadLetterTargetArn":")") + kDlq + "\"}";
  CHECK(Message(Set({.redrive_policy = no_count}))
            .ends_with("Redrive policy does not contain mandatory attribute: maxReceiveCount."));
}

TEST_CASE("A RedrivePolicy is a JSON map of known members", "[sqs][attributes]") {
  for (const char* text : {"x", "{", "[]", "3", "null", "{\"a\":1}",
                           "{\"maxReceiveCount\":1,\"maxReceiveCount\":1}"}) {
    INFO(text);
    CHECK(ErrorCode(Set({.redrive_policy = text})) == "InvalidParameterValue");
  }
  CHECK(ErrorCode(Set({.redrive_policy = std::string(100'000, '[')})) == "InvalidParameterValue");
  CHECK(ErrorCode(Set({.redrive_policy = std::string(8'000, '[')})) == "InvalidParameterValue");
}

TEST_CASE("The target of a RedrivePolicy is the ARN of a queue", "[sqs][attributes]") {
  for (const char* arn : {"\"\"", "\"dlq\"", "\"arn:aws:sns:us-east-1:123456789012:t\"", "3"}) {
    const std::string text =
        std::string(R"({"deadLetterTargetArn":)") + arn + R"(,"maxReceiveCount":1})";
    INFO(text);
    CHECK(ErrorCode(Set({.redrive_policy = text})) == "InvalidParameterValue");
  }
}

TEST_CASE("Who knows the queues can refuse a RedrivePolicy in the same words",
          "[sqs][attributes]") {
  const QueueConfig config = Applied({.redrive_policy = PolicyText("\"3\"")});
  CHECK(Message(InvalidRedrivePolicy(config, "Dead letter target does not exist.")) ==
        "Value " + PolicyText("3") +
            " for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.");
}

// ---- RedriveAllowPolicy

TEST_CASE("A RedriveAllowPolicy allows all, none or some queues", "[sqs][attributes]") {
  const std::string source = "arn:aws:sqs:us-east-1:123456789012:a";
  const std::string other = "arn:aws:sqs:us-east-1:123456789012:b";
  CHECK(AllowsRedriveFrom(Applied({}), source));
  CHECK(AllowsRedriveFrom(Applied({.redrive_allow_policy = RedriveAllowPolicy{}}), source));
  CHECK_FALSE(AllowsRedriveFrom(
      Applied({.redrive_allow_policy = RedriveAllowPolicy{.redrive_permission = "denyAll"}}),
      source));
  const QueueConfig some =
      Applied({.redrive_allow_policy = RedriveAllowPolicy{.redrive_permission = "byQueue",
                                                          .source_queue_arns = {source}}});
  CHECK(AllowsRedriveFrom(some, source));
  CHECK_FALSE(AllowsRedriveFrom(some, other));
}

std::string ByQueue(size_t count) {
  RedriveAllowPolicy policy = {.redrive_permission = "byQueue"};
  for (size_t i = 0; i < count; ++i) {
    policy.source_queue_arns.push_back("arn:aws:sqs:us-east-1:123456789012:q" + std::to_string(i));
  }
  return policy;
}

TEST_CASE("byQueue names 1 to 10 source queues", "[sqs][attributes]") {
  CHECK(Set({.redrive_allow_policy = ByQueue(1)}).ok());
  CHECK(Set({.redrive_allow_policy = ByQueue(10)}).ok());
  CheckValue(Set({.redrive_allow_policy = ByQueue(11)}), "RedriveAllowPolicy");
  CheckValue(Set({.redrive_allow_policy = ByQueue(0)}), "RedriveAllowPolicy");
}

TEST_CASE("Source queues go with byQueue only", "[sqs][attributes]") {
  for (const char* permission : {"allowAll", "denyAll"}) {
    CheckValue(Set({.redrive_allow_policy = RedriveAllowPolicy{.redrive_permission = permission,
                                                               .source_queue_arns = {kDlq}}}),
               "RedriveAllowPolicy");
  }
}

TEST_CASE("A malformed RedriveAllowPolicy is refused", "[sqs][attributes]") {
  for (const char* text :
       {"x", "[]", "{}", R"({"redrivePermission":"all"})", R"({"redrivePermission":1})",
        R"({"redrivePermission":""})", R"({"redrivePermission":"byQueue","sourceQueueArns":"a"})",
        R"({"redrivePermission":"byQueue","sourceQueueArns":["a"]})",
        R"({"redrivePermission":"byQueue","sourceQueueArns":[1]})",
        R"({"redrivePermission":"allowAll","x":1})"}) {
    INFO(text);
    CheckValue(Set({.redrive_allow_policy = text}), "RedriveAllowPolicy");
  }
}

// ---- Policy and encryption

constexpr char kPolicy[] =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
    R"("Action":"sqs:SendMessage","Resource":"*"}]})";

TEST_CASE("A Policy is stored as it was given", "[sqs][attributes]") {
  CHECK(Applied({.policy = kPolicy}).policy == kPolicy);
  CheckValue(Set({.policy = "x"}), "Policy");
}

TEST_CASE("An empty text takes an attribute away", "[sqs][attributes]") {
  const QueueConfig full = Applied({.policy = kPolicy,
                                    .redrive_policy = PolicyText("3"),
                                    .redrive_allow_policy = ByQueue(1),
                                    .kms_master_key_id = "alias/a"});
  const auto empty = ApplyAttributes(
      full,
      {.policy = "", .redrive_policy = "", .redrive_allow_policy = "", .kms_master_key_id = ""},
      false, kQuota);
  REQUIRE(empty.ok());
  QueueConfig expected = DefaultConfig(false, kQuota);
  expected.sqs_managed_sse_enabled = false;
  CHECK(*empty == expected);
}

TEST_CASE("A key takes the place of the service's own encryption", "[sqs][attributes]") {
  CHECK_FALSE(Applied({.kms_master_key_id = "alias/aws/sqs"}).sqs_managed_sse_enabled);
  CHECK_FALSE(Applied({.kms_master_key_id = "alias/a", .sqs_managed_sse_enabled = false})
                  .sqs_managed_sse_enabled);
}

TEST_CASE("A queue has one kind of encryption at a time", "[sqs][attributes]") {
  const absl::Status status =
      Create({.kms_master_key_id = "alias/a", .sqs_managed_sse_enabled = true});
  CHECK(ErrorCode(status) == "InvalidAttributeValue");
  CHECK(Message(status).starts_with(
      "You can use one type of server-side encryption (SSE) at one time."));
  const QueueConfig keyed = Applied({.kms_master_key_id = "alias/a"});
  CHECK_FALSE(ApplyAttributes(keyed, {.sqs_managed_sse_enabled = true}, false, kQuota).ok());
  CHECK(ApplyAttributes(keyed, {.kms_master_key_id = "", .sqs_managed_sse_enabled = true}, false,
                        kQuota)
            ->sqs_managed_sse_enabled);
}

TEST_CASE("A KmsMasterKeyId is an id, an ARN or an alias", "[sqs][attributes]") {
  for (const char* key :
       {"1234abcd-12ab-34cd-56ef-1234567890ab", "alias/my_key", "mrk-1234abcd12ab34cd",
        "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}) {
    CHECK(Set({.kms_master_key_id = key}).ok());
  }
  CheckValue(Set({.kms_master_key_id = "a key"}), "KmsMasterKeyId");
  CheckValue(Set({.kms_master_key_id = std::string(2049, 'a')}), "KmsMasterKeyId");
}

// ---- CreateQueue of a queue that is there

std::string Differing(const QueueAttributes& existing, const QueueAttributes& given,
                      bool fifo = false) {
  return DifferingAttribute(Applied(existing, fifo), Applied(given, fifo), given);
}

TEST_CASE("Creating a queue again compares what is given only", "[sqs][attributes]") {
  const QueueAttributes existing = {.delay_seconds = absl::Seconds(5)};
  CHECK(Differing(existing, {}).empty());
  CHECK(Differing(existing, existing).empty());
  CHECK(Differing(existing, {.delay_seconds = absl::Seconds(6)}) == "DelaySeconds");
  CHECK(Differing(existing, {.visibility_timeout = absl::Seconds(30)}).empty());
  CHECK(Differing(existing, {.visibility_timeout = absl::Seconds(31)}) == "VisibilityTimeout");
}

TEST_CASE("Every attribute is compared when a queue is created again", "[sqs][attributes]") {
  CHECK(Differing({}, {.maximum_message_size = 1024}) == "MaximumMessageSize");
  CHECK(Differing({}, {.message_retention_period = absl::Seconds(60)}) == "MessageRetentionPeriod");
  CHECK(Differing({}, {.policy = kPolicy}) == "Policy");
  CHECK(Differing({}, {.receive_message_wait_time_seconds = absl::Seconds(1)}) ==
        "ReceiveMessageWaitTimeSeconds");
  CHECK(Differing({}, {.redrive_policy = PolicyText("1")}) == "RedrivePolicy");
  CHECK(Differing({}, {.redrive_allow_policy = ByQueue(1)}) == "RedriveAllowPolicy");
  CHECK(Differing({}, {.kms_master_key_id = "alias/a"}) == "KmsMasterKeyId");
  CHECK(Differing({}, {.kms_data_key_reuse_period_seconds = absl::Seconds(60)}) ==
        "KmsDataKeyReusePeriodSeconds");
  CHECK(Differing({}, {.sqs_managed_sse_enabled = false}) == "SqsManagedSseEnabled");
  CHECK(Differing({}, {.content_based_deduplication = true}, true) == "ContentBasedDeduplication");
  CHECK(Differing({}, {.deduplication_scope = "messageGroup"}, true) == "DeduplicationScope");
  const QueueAttributes scope = {.deduplication_scope = "messageGroup"};
  QueueAttributes high = scope;
  high.fifo_throughput_limit = "perMessageGroupId";
  CHECK(Differing(scope, high, true) == "FifoThroughputLimit");
  CHECK(DifferingAttribute(DefaultConfig(false, kQuota), DefaultConfig(true, kQuota),
                           {.fifo_queue = true}) == "FifoQueue");
}

TEST_CASE("JSON attributes are compared by their meaning", "[sqs][attributes]") {
  const std::string spaced = R"({ "Statement": { "Resource": ["*"], "Action": ["sqs:SendMessage"],)"
                             R"( "Principal": "*", "Effect": "Allow" }, "Version": "2012-10-17" })";
  CHECK(Differing({.policy = kPolicy}, {.policy = spaced}).empty());
  CHECK(Differing({.redrive_policy = PolicyText("3")}, {.redrive_policy = PolicyText("\"3\"")})
            .empty());
  CHECK(Differing({.redrive_policy = PolicyText("3")}, {.redrive_policy = PolicyText("4")}) ==
        "RedrivePolicy");
}

// ---- Reading

TEST_CASE("The names of attributes are known", "[sqs][attributes]") {
  CHECK(CheckAttributeNames({}).ok());
  CHECK(CheckAttributeNames({"All", "QueueArn", "FifoQueue"}).ok());
  CheckUnknown(CheckAttributeNames({"All", "Colour"}), "Colour");
  CheckUnknown(CheckAttributeNames({"all"}), "all");
  CheckUnknown(CheckAttributeNames({""}), "");
}

const QueueFacts kFacts = {.visible = 1,
                           .in_flight = 2,
                           .delayed = 3,
                           .created = absl::FromUnixMillis(1'704'067'200'999),
                           .last_modified = absl::FromUnixMillis(1'704'067'300'001),
                           .arn = "arn:aws:sqs:us-east-1:123456789012:q"};

TEST_CASE("No names give no attributes", "[sqs][attributes]") {
  CHECK(SelectAttributes(Applied({}), kFacts, {}) == QueueAttributes{});
}

TEST_CASE("The attributes named are given and no others", "[sqs][attributes]") {
  const QueueAttributes some =
      SelectAttributes(Applied({}), kFacts, {"QueueArn", "VisibilityTimeout", "QueueArn"});
  CHECK(some == QueueAttributes{.visibility_timeout = absl::Seconds(30), .queue_arn = kFacts.arn});
}

TEST_CASE("All gives a standard queue's attributes that have a value", "[sqs][attributes]") {
  CHECK(SelectAttributes(Applied({}), kFacts, {"All"}) ==
        QueueAttributes{.delay_seconds = absl::ZeroDuration(),
                        .maximum_message_size = kQuota,
                        .message_retention_period = absl::Hours(96),
                        .receive_message_wait_time_seconds = absl::ZeroDuration(),
                        .visibility_timeout = absl::Seconds(30),
                        .sqs_managed_sse_enabled = true,
                        .approximate_number_of_messages = 1,
                        .approximate_number_of_messages_not_visible = 2,
                        .approximate_number_of_messages_delayed = 3,
                        .created_timestamp = absl::FromUnixSeconds(1'704'067'200),
                        .last_modified_timestamp = absl::FromUnixSeconds(1'704'067'300),
                        .queue_arn = kFacts.arn});
}

TEST_CASE("All gives a FIFO queue's own attributes too", "[sqs][attributes]") {
  const QueueAttributes all = SelectAttributes(DefaultConfig(true, kQuota), kFacts, {"All"});
  CHECK(all.fifo_queue == true);
  CHECK(all.content_based_deduplication == false);
  CHECK(all.deduplication_scope == "queue");
  CHECK(all.fifo_throughput_limit == "perQueue");
}

TEST_CASE("An attribute that the queue has not is not given", "[sqs][attributes]") {
  CHECK(SelectAttributes(Applied({}), kFacts,
                         {"Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId",
                          "KmsDataKeyReusePeriodSeconds", "FifoQueue", "DeduplicationScope"}) ==
        QueueAttributes{});
}

TEST_CASE("JSON attributes and those of a key are given where they are set", "[sqs][attributes]") {
  const QueueAttributes all =
      SelectAttributes(Applied({.policy = kPolicy,
                                .redrive_policy = PolicyText(" \"3\" "),
                                .redrive_allow_policy = R"({"redrivePermission": "denyAll"})",
                                .kms_master_key_id = "alias/a"}),
                       kFacts, {"All"});
  CHECK(all.policy == kPolicy);
  CHECK(all.redrive_policy == PolicyText("3"));
  CHECK(all.redrive_allow_policy == R"({"redrivePermission":"denyAll"})");
  CHECK(all.kms_master_key_id == "alias/a");
  CHECK(all.kms_data_key_reuse_period_seconds == absl::Minutes(5));
  CHECK(all.sqs_managed_sse_enabled == false);
}

TEST_CASE("Attributes that were read make the same queue again", "[sqs][attributes]") {
  QueueAttributes all = SelectAttributes(
      Applied({.redrive_policy = PolicyText("3"), .kms_master_key_id = "alias/a"}), kFacts,
      {"DelaySeconds", "RedrivePolicy", "KmsMasterKeyId", "SqsManagedSseEnabled"});
  CHECK(Applied(all) ==
        Applied({.redrive_policy = PolicyText("3"), .kms_master_key_id = "alias/a"}));
}

TEST_CASE("The digest of a queue's settings tells them apart", "[sqs][attributes]") {
  const uint64_t plain = kernel::DigestOf(Applied({}));
  CHECK(plain == kernel::DigestOf(DefaultConfig(false, kQuota)));
  CHECK(plain != kernel::DigestOf(DefaultConfig(true, kQuota)));
  CHECK(plain != kernel::DigestOf(Applied({.redrive_policy = PolicyText("3")})));
  CHECK(plain != kernel::DigestOf(Applied({.redrive_allow_policy = RedriveAllowPolicy{}})));
}

}  // namespace
}  // namespace skybox::sqs
