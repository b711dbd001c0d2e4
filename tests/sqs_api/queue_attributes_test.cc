#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

constexpr const char* kPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Sid":"one","Effect":"Allow","Principal":"*",)"
    R"("Action":"sqs:SendMessage","Resource":"*"}]})";

// The error of setting `attributes`, the same at creation and later, and that nothing was set.
std::string Refused(bool fifo, QueueAttributes attributes) {
  World w;
  const std::string url = fifo ? w.Fifo() : w.Queue();
  const uint64_t before = w.State();
  const std::string set =
      Code(w.sqs.SetQueueAttributes({.queue_url = url, .attributes = attributes}));
  CHECK(w.State() == before);
  if (fifo) attributes.fifo_queue = true;
  const std::string made =
      Code(w.sqs.CreateQueue({.queue_name = fifo ? "new.fifo" : "new", .attributes = attributes}));
  CHECK(w.State() == before);
  CHECK(set == made);
  return set;
}

// Whether `attributes` can be set, and read back equal, at creation and later.
bool Taken(bool fifo, QueueAttributes attributes, CloudOptions options = {}) {
  World w(std::move(options));
  const std::string url = fifo ? w.Fifo() : w.Queue();
  const auto set = w.sqs.SetQueueAttributes({.queue_url = url, .attributes = attributes});
  if (fifo) attributes.fifo_queue = true;
  const auto made =
      w.sqs.CreateQueue({.queue_name = fifo ? "new.fifo" : "new", .attributes = attributes});
  INFO(Words(set) << Words(made));
  CHECK(Code(set) == Code(made));
  if (!set.ok() || !made.ok()) return false;
  QueueAttributes a = w.Attributes(url);
  QueueAttributes b = w.Attributes(made->queue_url);
  a.queue_arn = b.queue_arn = "";
  CHECK(a == b);
  return true;
}

TEST_CASE("A new standard queue has the documented defaults", "[sqs][GetQueueAttributes]") {
  World w;
  const QueueAttributes all = w.Attributes(w.Queue());
  CHECK(all.delay_seconds == absl::ZeroDuration());
  CHECK(all.maximum_message_size == 262'144);
  CHECK(all.message_retention_period == absl::Hours(4 * 24));
  CHECK(all.receive_message_wait_time_seconds == absl::ZeroDuration());
  CHECK(all.visibility_timeout == absl::Seconds(30));
  CHECK(all.sqs_managed_sse_enabled == true);
  CHECK(all.approximate_number_of_messages == 0);
  CHECK(all.approximate_number_of_messages_not_visible == 0);
  CHECK(all.approximate_number_of_messages_delayed == 0);
  CHECK(all.created_timestamp == w.cloud.Now());
  CHECK(all.last_modified_timestamp == w.cloud.Now());
  CHECK(all.queue_arn == "arn:aws:sqs:us-east-1:123456789012:orders");
}

TEST_CASE("Attributes without a value are absent, and FIFO attributes in a standard queue",
          "[sqs][GetQueueAttributes]") {
  World w;
  const QueueAttributes all = w.Attributes(w.Queue());
  CHECK_FALSE(all.policy.has_value());
  CHECK_FALSE(all.redrive_policy.has_value());
  CHECK_FALSE(all.redrive_allow_policy.has_value());
  CHECK_FALSE(all.kms_master_key_id.has_value());
  CHECK_FALSE(all.fifo_queue.has_value());
  CHECK_FALSE(all.content_based_deduplication.has_value());
  CHECK_FALSE(all.deduplication_scope.has_value());
  CHECK_FALSE(all.fifo_throughput_limit.has_value());
}

TEST_CASE("A new FIFO queue has the documented defaults", "[sqs][GetQueueAttributes]") {
  World w;
  const QueueAttributes all = w.Attributes(w.Fifo());
  CHECK(all.fifo_queue == true);
  CHECK(all.content_based_deduplication == false);
  CHECK(all.deduplication_scope == "queue");
  CHECK(all.fifo_throughput_limit == "perQueue");
  CHECK(all.visibility_timeout == absl::Seconds(30));
}

TEST_CASE("GetQueueAttributes answers those that were asked for", "[sqs][GetQueueAttributes]") {
  World w;
  const std::string url = w.Queue();
  const auto none = w.sqs.GetQueueAttributes({.queue_url = url});
  REQUIRE(none.ok());
  CHECK(none->attributes == QueueAttributes{});
  const auto some = w.sqs.GetQueueAttributes(
      {.queue_url = url, .attribute_names = {"VisibilityTimeout", "QueueArn", "Policy"}});
  REQUIRE(some.ok());
  CHECK(some->attributes ==
        QueueAttributes{.visibility_timeout = absl::Seconds(30), .queue_arn = w.Arn(url)});
}

TEST_CASE("GetQueueAttributes with an unknown name is InvalidAttributeName",
          "[sqs][GetQueueAttributes]") {
  World w;
  const std::string url = w.Queue();
  for (const char* name : {"Colour", "visibilitytimeout", "", "all"}) {
    INFO(name);
    const auto got =
        w.sqs.GetQueueAttributes({.queue_url = url, .attribute_names = {"QueueArn", name}});
    CHECK(Code(got) == "InvalidAttributeName");
    CHECK_THAT(Words(got), Catch::Contains(name));
  }
}

TEST_CASE("Durations of a queue have their documented ranges", "[sqs][SetQueueAttributes]") {
  struct Range {
    const char* name;
    std::optional<absl::Duration> QueueAttributes::* member;
    int64_t least;
    int64_t most;
    QueueAttributes others = {};
  };
  const std::vector<Range> ranges = {
      {"DelaySeconds", &QueueAttributes::delay_seconds, 0, 900},
      {"MessageRetentionPeriod", &QueueAttributes::message_retention_period, 60, 1'209'600},
      {"ReceiveMessageWaitTimeSeconds", &QueueAttributes::receive_message_wait_time_seconds, 0, 20},
      {"VisibilityTimeout", &QueueAttributes::visibility_timeout, 0, 43'200},
      {"KmsDataKeyReusePeriodSeconds",
       &QueueAttributes::kms_data_key_reuse_period_seconds,
       60,
       86'400,
       {.kms_master_key_id = "alias/aws/sqs"}},
  };
  for (const Range& range : ranges) {
    const auto with = [&range](absl::Duration value) {
      QueueAttributes attributes = range.others;
      attributes.*range.member = value;
      return attributes;
    };
    INFO(range.name);
    CHECK(Refused(false, with(absl::Seconds(range.least - 1))) == "InvalidAttributeValue");
    CHECK(Taken(false, with(absl::Seconds(range.least))));
    CHECK(Taken(false, with(absl::Seconds(range.most))));
    CHECK(Refused(false, with(absl::Seconds(range.most + 1))) == "InvalidAttributeValue");
    CHECK(Refused(false, with(absl::Seconds(range.least) + absl::Milliseconds(1))) ==
          "InvalidAttributeValue");
    CHECK(Refused(false, with(absl::InfiniteDuration())) == "InvalidAttributeValue");
    CHECK(Refused(false, with(-absl::InfiniteDuration())) == "InvalidAttributeValue");

    World w;
    const std::string url = w.Queue();
    w.Set(url, with(absl::Seconds(range.most)));
    CHECK(w.Attributes(url).*range.member == absl::Seconds(range.most));
    const auto refused = w.sqs.SetQueueAttributes(
        {.queue_url = url, .attributes = with(absl::Seconds(range.most + 1))});
    CHECK_THAT(Words(refused), Catch::Contains(range.name));
  }
}

TEST_CASE("The maximum message size is 1 KiB to 256 KiB", "[sqs][SetQueueAttributes]") {
  CHECK(Refused(false, {.maximum_message_size = 1'023}) == "InvalidAttributeValue");
  CHECK(Taken(false, {.maximum_message_size = 1'024}));
  CHECK(Taken(false, {.maximum_message_size = 262'144}));
  CHECK(Refused(false, {.maximum_message_size = 262'145}) == "InvalidAttributeValue");
  CHECK(Refused(false, {.maximum_message_size = -1}) == "InvalidAttributeValue");
}

TEST_CASE("The quota raises the maximum message size to 1 MiB, and the default with it",
          "[sqs][SetQueueAttributes][quotas]") {
  const CloudOptions options = {.quotas = {{"sqs.maximum_message_size", 1'048'576}}};
  CHECK(Taken(false, {.maximum_message_size = 1'048'576}, options));
  World w(options);
  const std::string url = w.Queue();
  CHECK(w.Attributes(url).maximum_message_size == 1'048'576);
  CHECK(Code(w.sqs.SetQueueAttributes(
            {.queue_url = url, .attributes = {.maximum_message_size = 1'048'577}})) ==
        "InvalidAttributeValue");
}

TEST_CASE("A quota has a range and a name that is known", "[sqs][quotas]") {
  World w;
  CHECK(Code(w.cloud.SetQuota("sqs.maximum_message_size", 1'023)) == "INVALID_ARGUMENT");
  CHECK(Code(w.cloud.SetQuota("sqs.maximum_message_size", 1'024)) == "OK");
  CHECK(Code(w.cloud.SetQuota("sqs.maximum_message_size", 1'048'576)) == "OK");
  CHECK(Code(w.cloud.SetQuota("sqs.maximum_message_size", 1'048'577)) == "INVALID_ARGUMENT");
  CHECK(Code(w.cloud.SetQuota("sqs.in_flight_standard", 0)) == "INVALID_ARGUMENT");
  CHECK(Code(w.cloud.SetQuota("sqs.in_flight_standard", 1)) == "OK");
  CHECK(Code(w.cloud.SetQuota("sqs.in_flight_fifo", 0)) == "INVALID_ARGUMENT");
  CHECK(Code(w.cloud.SetQuota("sqs.in_flight_fifo", 100'000'000)) == "OK");
  CHECK(Code(w.cloud.SetQuota("sqs.in_flight_fifo", 100'000'001)) == "INVALID_ARGUMENT");
  CHECK(Code(w.cloud.SetQuota("sqs.colour", 1)) == "INVALID_ARGUMENT");
  CHECK(Code(Cloud::Make({.quotas = {{"sqs.in_flight_standard", 0}}})) == "INVALID_ARGUMENT");
}

TEST_CASE("Attributes that are read only cannot be set", "[sqs][SetQueueAttributes]") {
  CHECK(Refused(false, {.approximate_number_of_messages = 1}) == "InvalidAttributeName");
  CHECK(Refused(false, {.approximate_number_of_messages_not_visible = 1}) ==
        "InvalidAttributeName");
  CHECK(Refused(false, {.approximate_number_of_messages_delayed = 1}) == "InvalidAttributeName");
  CHECK(Refused(false, {.created_timestamp = absl::UnixEpoch()}) == "InvalidAttributeName");
  CHECK(Refused(false, {.last_modified_timestamp = absl::UnixEpoch()}) == "InvalidAttributeName");
  CHECK(Refused(false, {.queue_arn = "arn:aws:sqs:us-east-1:123456789012:orders"}) ==
        "InvalidAttributeName");
}

TEST_CASE("FIFO attributes cannot be set on a standard queue", "[sqs][SetQueueAttributes]") {
  CHECK(Refused(false, {.content_based_deduplication = true}) == "InvalidAttributeName");
  CHECK(Refused(false, {.content_based_deduplication = false}) == "InvalidAttributeName");
  CHECK(Refused(false, {.deduplication_scope = "queue"}) == "InvalidAttributeName");
  CHECK(Refused(false, {.fifo_throughput_limit = "perQueue"}) == "InvalidAttributeName");
}

TEST_CASE("FifoQueue cannot be set later", "[sqs][SetQueueAttributes]") {
  World w;
  for (const bool value : {true, false}) {
    for (const std::string& url : {w.Queue(), w.Fifo()}) {
      CHECK(
          Code(w.sqs.SetQueueAttributes({.queue_url = url, .attributes = {.fifo_queue = value}})) ==
          "InvalidAttributeName");
    }
  }
}

TEST_CASE("Attributes of a FIFO queue take their documented values",
          "[sqs][SetQueueAttributes][fifo]") {
  CHECK(Taken(true, {.content_based_deduplication = true}));
  CHECK(Taken(true, {.content_based_deduplication = false}));
  CHECK(Taken(true, {.deduplication_scope = "messageGroup"}));
  CHECK(Taken(true, {.deduplication_scope = "queue", .fifo_throughput_limit = "perQueue"}));
  CHECK(Refused(true, {.deduplication_scope = "Queue"}) == "InvalidAttributeValue");
  CHECK(Refused(true, {.deduplication_scope = ""}) == "InvalidAttributeValue");
  CHECK(Refused(true, {.fifo_throughput_limit = "perGroup"}) == "InvalidAttributeValue");
}

TEST_CASE("High throughput needs deduplication by message group",
          "[sqs][SetQueueAttributes][fifo]") {
  CHECK(Refused(true, {.fifo_throughput_limit = "perMessageGroupId"}) == "InvalidAttributeValue");
  CHECK(Refused(true, {.deduplication_scope = "queue",
                       .fifo_throughput_limit = "perMessageGroupId"}) == "InvalidAttributeValue");
  CHECK(Taken(
      true, {.deduplication_scope = "messageGroup", .fifo_throughput_limit = "perMessageGroupId"}));
  World w;
  const std::string url = w.Fifo();
  w.Set(url, {.deduplication_scope = "messageGroup"});
  w.Set(url, {.fifo_throughput_limit = "perMessageGroupId"});
  CHECK(Code(w.sqs.SetQueueAttributes(
            {.queue_url = url, .attributes = {.deduplication_scope = "queue"}})) ==
        "InvalidAttributeValue");
  CHECK(w.Attributes(url).deduplication_scope == "messageGroup");
}

TEST_CASE("Setting no attribute at all is MissingParameter", "[sqs][SetQueueAttributes]") {
  World w;
  const auto set = w.sqs.SetQueueAttributes({.queue_url = w.Queue()});
  CHECK(Code(set) == "MissingParameter");
  CHECK_THAT(Words(set), Catch::Contains("Attributes"));
}

TEST_CASE("One bad attribute leaves the good ones unset", "[sqs][SetQueueAttributes]") {
  World w;
  const std::string url = w.Queue();
  CHECK(Code(w.sqs.SetQueueAttributes({.queue_url = url,
                                       .attributes = {.delay_seconds = absl::Seconds(5),
                                                      .visibility_timeout = absl::Seconds(
                                                          43'201)}})) == "InvalidAttributeValue");
  CHECK(w.Attributes(url).delay_seconds == absl::ZeroDuration());
}

TEST_CASE("Setting attributes leaves the others as they are", "[sqs][SetQueueAttributes]") {
  World w;
  const std::string url = w.Queue("orders", {.delay_seconds = absl::Seconds(5)});
  w.Set(url, {.visibility_timeout = absl::Seconds(5)});
  CHECK(w.Attributes(url).delay_seconds == absl::Seconds(5));
  CHECK(w.Attributes(url).visibility_timeout == absl::Seconds(5));
}

TEST_CASE("LastModifiedTimestamp is the time of the last change, CreatedTimestamp stays",
          "[sqs][SetQueueAttributes]") {
  World w;
  const absl::Time t0 = w.cloud.Now();
  const std::string url = w.Queue();
  w.Advance(absl::Seconds(10));
  w.Set(url, {.delay_seconds = absl::Seconds(5)});
  w.Advance(absl::Seconds(10));
  CHECK(w.Attributes(url).created_timestamp == t0);
  CHECK(w.Attributes(url).last_modified_timestamp == t0 + absl::Seconds(10));
}

TEST_CASE("A queue policy is kept and returned, and removed by an empty one",
          "[sqs][SetQueueAttributes][policy]") {
  World w;
  const std::string url = w.Queue("orders", {.policy = kPolicy});
  CHECK(w.Attributes(url).policy == kPolicy);
  w.Set(url, {.policy = ""});
  CHECK_FALSE(w.Attributes(url).policy.has_value());
}

TEST_CASE("A queue policy that is no policy is InvalidAttributeValue",
          "[sqs][SetQueueAttributes][policy]") {
  for (const char* policy :
       {"no JSON", "[]", "{", "\"text\"", R"({"Version":"2012-10-17","Statement":"none"})",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Perhaps","Principal":"*",)"
        R"("Action":"sqs:*","Resource":"*"}]})"}) {
    INFO(policy);
    CHECK(Refused(false, {.policy = policy}) == "InvalidAttributeValue");
  }
  CHECK(Refused(false, {.policy = std::string(100'000, '[')}) == "InvalidAttributeValue");
}

TEST_CASE("A queue policy has at most 20 statements", "[sqs][SetQueueAttributes][policy]") {
  const auto policy = [](int statements) {
    std::string text = R"({"Version":"2012-10-17","Statement":[)";
    for (int i = 0; i < statements; ++i) {
      text += (i == 0 ? "" : ",");
      text += R"({"Sid":"s)" + std::to_string(i) +
              R"(","Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"})";
    }
    return text + "]}";
  };
  CHECK(Taken(false, {.policy = policy(20)}));
  CHECK(Refused(false, {.policy = policy(21)}) == "InvalidAttributeValue");
}

TEST_CASE("A key of the key store switches the queue's own encryption off",
          "[sqs][SetQueueAttributes][sse]") {
  World w;
  const std::string url = w.Queue("orders", {.kms_master_key_id = "alias/aws/sqs"});
  CHECK(w.Attributes(url).kms_master_key_id == "alias/aws/sqs");
  CHECK(w.Attributes(url).kms_data_key_reuse_period_seconds == absl::Minutes(5));
  CHECK(w.Attributes(url).sqs_managed_sse_enabled == false);
}

TEST_CASE("An empty KmsMasterKeyId removes the key", "[sqs][SetQueueAttributes][sse]") {
  World w;
  const std::string url = w.Queue("orders", {.kms_master_key_id = "alias/aws/sqs"});
  w.Set(url, {.kms_master_key_id = ""});
  CHECK_FALSE(w.Attributes(url).kms_master_key_id.has_value());
}

TEST_CASE("A queue has one kind of encryption at a time", "[sqs][SetQueueAttributes][sse]") {
  CHECK(Refused(false, {.kms_master_key_id = "alias/aws/sqs", .sqs_managed_sse_enabled = true}) ==
        "InvalidAttributeValue");
  CHECK(Taken(false, {.kms_master_key_id = "alias/aws/sqs", .sqs_managed_sse_enabled = false}));
  CHECK(Taken(false, {.sqs_managed_sse_enabled = false}));
}

TEST_CASE("The queue's own encryption can be switched off and on",
          "[sqs][SetQueueAttributes][sse]") {
  World w;
  const std::string url = w.Queue("orders", {.sqs_managed_sse_enabled = false});
  CHECK(w.Attributes(url).sqs_managed_sse_enabled == false);
  w.Set(url, {.sqs_managed_sse_enabled = true});
  CHECK(w.Attributes(url).sqs_managed_sse_enabled == true);
}

TEST_CASE("A redrive allow policy is kept and returned, and removed by an empty one",
          "[sqs][SetQueueAttributes][dead_letter_queue]") {
  World w;
  const std::string url = w.Queue(
      "dead", {.redrive_allow_policy = RedriveAllowPolicy{.redrive_permission = "denyAll"}});
  CHECK(w.Attributes(url).redrive_allow_policy == R"({"redrivePermission":"denyAll"})");
  w.Set(url, {.redrive_allow_policy = ""});
  CHECK_FALSE(w.Attributes(url).redrive_allow_policy.has_value());
}

TEST_CASE("A redrive allow policy names up to 10 queues, and only by queue",
          "[sqs][SetQueueAttributes][dead_letter_queue]") {
  const auto by_queue = [](int queues) {
    RedriveAllowPolicy policy = {.redrive_permission = "byQueue"};
    for (int i = 0; i < queues; ++i) {
      policy.source_queue_arns.push_back("arn:aws:sqs:us-east-1:123456789012:source-" +
                                         std::to_string(i));
    }
    return QueueAttributes{.redrive_allow_policy = policy.str()};
  };
  CHECK(Refused(false, by_queue(0)) == "InvalidAttributeValue");
  CHECK(Taken(false, by_queue(1)));
  CHECK(Taken(false, by_queue(10)));
  CHECK(Refused(false, by_queue(11)) == "InvalidAttributeValue");
  for (
      const char* policy :
      {"no JSON", "[]", "{}", R"({"redrivePermission":"allow"})", R"({"redrivePermission":1})",
       R"({"redrivePermission":"denyAll","sourceQueueArns":["arn:aws:sqs:us-east-1:123456789012:a"]})",
       R"({"redrivePermission":"byQueue","sourceQueueArns":["orders"]})",
       R"({"redrivePermission":"byQueue","sourceQueueArns":"orders"})"}) {
    INFO(policy);
    CHECK(Refused(false, {.redrive_allow_policy = policy}) == "InvalidAttributeValue");
  }
}

}  // namespace
}  // namespace skybox::sqs
