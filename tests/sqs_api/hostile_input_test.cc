#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "skybox/ports.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

// Every operation that names a queue by URL, with everything else in it good, so that only the URL
// can be wrong; and with everything but the URL missing, oversized or malformed.
struct QueueOperation {
  const char* name;
  std::function<absl::Status(const Client&, const std::string& url, const ReceiptHandle&)> good;
  std::function<absl::Status(const Client&, const std::string& url, const std::string& text)> bad;
};

const std::vector<QueueOperation>& QueueOperations() {
  static const std::vector<QueueOperation> operations = {
      {"DeleteQueue",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.DeleteQueue({.queue_url = u}).status();
       },
       nullptr},
      {"PurgeQueue",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.PurgeQueue({.queue_url = u}).status();
       },
       nullptr},
      {"GetQueueAttributes",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.GetQueueAttributes({.queue_url = u, .attribute_names = {"All"}}).status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c.GetQueueAttributes({.queue_url = u, .attribute_names = {t}}).status();
       }},
      {"SetQueueAttributes",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c
             .SetQueueAttributes(
                 {.queue_url = u, .attributes = {.visibility_timeout = absl::Seconds(9)}})
             .status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         // An empty one is the way to remove a policy.
         return c.SetQueueAttributes({.queue_url = u, .attributes = {.policy = t + "{"}}).status();
       }},
      {"TagQueue",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.TagQueue({.queue_url = u, .tags = {{"k", "v"}}}).status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c.TagQueue({.queue_url = u, .tags = {{t + "#", "v"}}}).status();
       }},
      {"UntagQueue",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.UntagQueue({.queue_url = u, .tag_keys = {"k"}}).status();
       },
       nullptr},
      {"ListQueueTags",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.ListQueueTags({.queue_url = u}).status();
       },
       nullptr},
      {"AddPermission",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c
             .AddPermission({.queue_url = u,
                             .label = "l",
                             .aws_account_ids = {"111122223333"},
                             .actions = {"SendMessage"}})
             .status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c
             .AddPermission({.queue_url = u, .label = t, .aws_account_ids = {t}, .actions = {t}})
             .status();
       }},
      {"RemovePermission",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.RemovePermission({.queue_url = u, .label = "mine"}).status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c.RemovePermission({.queue_url = u, .label = t}).status();
       }},
      {"SendMessage",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.SendMessage({.queue_url = u, .message_body = "x"}).status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c
             .SendMessage({.queue_url = u,
                           .message_body = "x",
                           .message_attributes = {{t, {.data_type = t, .string_value = t}}}})
             .status();
       }},
      {"SendMessageBatch",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.SendMessageBatch({.queue_url = u, .entries = {{.id = "i", .message_body = "x"}}})
             .status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c
             .SendMessageBatch({.queue_url = u, .entries = {{.id = t + "#", .message_body = "x"}}})
             .status();
       }},
      {"ReceiveMessage",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.ReceiveMessage({.queue_url = u}).status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c.ReceiveMessage({.queue_url = u, .message_system_attribute_names = {t}}).status();
       }},
      {"DeleteMessage",
       [](const Client& c, const std::string& u, const ReceiptHandle& h) {
         return c.DeleteMessage({.queue_url = u, .receipt_handle = h}).status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c.DeleteMessage({.queue_url = u, .receipt_handle = t}).status();
       }},
      {"DeleteMessageBatch",
       [](const Client& c, const std::string& u, const ReceiptHandle& h) {
         return c
             .DeleteMessageBatch({.queue_url = u, .entries = {{.id = "i", .receipt_handle = h}}})
             .status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c
             .DeleteMessageBatch(
                 {.queue_url = u, .entries = {{.id = t + "#", .receipt_handle = t}}})
             .status();
       }},
      {"ChangeMessageVisibility",
       [](const Client& c, const std::string& u, const ReceiptHandle& h) {
         return c
             .ChangeMessageVisibility(
                 {.queue_url = u, .receipt_handle = h, .visibility_timeout = absl::Seconds(9)})
             .status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c
             .ChangeMessageVisibility(
                 {.queue_url = u, .receipt_handle = t, .visibility_timeout = absl::Seconds(9)})
             .status();
       }},
      {"ChangeMessageVisibilityBatch",
       [](const Client& c, const std::string& u, const ReceiptHandle& h) {
         return c
             .ChangeMessageVisibilityBatch({.queue_url = u,
                                            .entries = {{.id = "i",
                                                         .receipt_handle = h,
                                                         .visibility_timeout = absl::Seconds(9)}}})
             .status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c
             .ChangeMessageVisibilityBatch(
                 {.queue_url = u, .entries = {{.id = t + "#", .receipt_handle = t}}})
             .status();
       }},
      {"ListDeadLetterSourceQueues",
       [](const Client& c, const std::string& u, const ReceiptHandle&) {
         return c.ListDeadLetterSourceQueues({.queue_url = u}).status();
       },
       [](const Client& c, const std::string& u, const std::string& t) {
         return c
             .ListDeadLetterSourceQueues({.queue_url = u, .max_results = 1, .next_token = t + "#"})
             .status();
       }},
  };
  return operations;
}

// The operations that name no queue, or one by name or ARN.
struct OtherOperation {
  const char* name;
  std::function<absl::Status(const Client&, const std::string& text)> bad;
};

const std::vector<OtherOperation>& OtherOperations() {
  static const std::vector<OtherOperation> operations = {
      {"CreateQueue",
       [](const Client& c, const std::string& t) {
         return c.CreateQueue({.queue_name = t}).status();
       }},
      {"GetQueueUrl",
       [](const Client& c, const std::string& t) {
         return c.GetQueueUrl({.queue_name = t}).status();
       }},
      {"GetQueueUrl of an owner",
       [](const Client& c, const std::string& t) {
         return c.GetQueueUrl({.queue_name = "orders", .queue_owner_aws_account_id = t + "#"})
             .status();
       }},
      {"ListQueues",
       [](const Client& c, const std::string& t) {
         return c.ListQueues({.max_results = 1, .next_token = t + "#"}).status();
       }},
      {"StartMessageMoveTask",
       [](const Client& c, const std::string& t) {
         return c.StartMessageMoveTask({.source_arn = t}).status();
       }},
      {"StartMessageMoveTask to a destination",
       [](const Client& c, const std::string& t) {
         return c
             .StartMessageMoveTask({.source_arn = "arn:aws:sqs:us-east-1:123456789012:dead",
                                    .destination_arn = t + "#"})
             .status();
       }},
      {"CancelMessageMoveTask",
       [](const Client& c, const std::string& t) {
         return c.CancelMessageMoveTask({.task_handle = t}).status();
       }},
      {"ListMessageMoveTasks",
       [](const Client& c, const std::string& t) {
         return c.ListMessageMoveTasks({.source_arn = t}).status();
       }},
  };
  return operations;
}

// Texts that are not the name, URL, ARN, handle, label or token of anything.
Strings HostileTexts() {
  return {"",
          " ",
          "#",
          std::string("\0", 1),
          std::string("orders\0", 7),
          std::string(1'000'000, 'x'),
          std::string(100'000, '/'),
          std::string(100'000, ':'),
          "https://sqs.us-east-1.amazonaws.com/",
          "https://sqs.us-east-1.amazonaws.com/123456789012/",
          "https://sqs.us-east-1.amazonaws.com/123456789012/ ",
          "https://sqs..amazonaws.com/123456789012/orders",
          "https://sqs.us-east-1.amazonaws.com//orders",
          "arn:aws:sqs:us-east-1:123456789012:",
          "arn:aws:sqs:us-east-1::orders",
          "arn:aws:sns:us-east-1:123456789012:orders",
          "arn:aws:sqs:us-east-1:123456789012:no/such:queue",
          "\xFF\xFE\xFD",
          "\xC3\x28",
          "\xED\xA0\x80",
          "%s%n%d{}{0}{:>99999999}",
          "../../etc/passwd",
          "';DROP TABLE queues;--",
          "AQEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
          "====",
          "-1",
          "99999999999999999999999999"};
}

// The queue "orders" with a message in flight, whose dead-letter queue is "dead".
struct Target : World {
  explicit Target(CloudOptions options = {}) : World(std::move(options)) {}

  const std::string dead = Queue("dead");
  const std::string url =
      Queue("orders", {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = Arn(dead),
                                                       .max_receive_count = 5}});
  const ReceiptHandle handle = MakeHandle();

  ReceiptHandle MakeHandle() {
    SendAll(url, {"in flight", "visible"});
    REQUIRE(sqs.AddPermission({.queue_url = url,
                               .label = "mine",
                               .aws_account_ids = {"111122223333"},
                               .actions = {"SendMessage"}})
                .ok());
    return One(url).receipt_handle;
  }
};

// An error of the service, with words, that changed nothing.
void CheckRefused(const World& w, uint64_t before, const absl::Status& status) {
  CHECK_FALSE(status.ok());
  CHECK_FALSE(ErrorCode(status).empty());
  CHECK_FALSE(status.message().empty());
  CHECK(status.message().size() < 10'000);
  CHECK(HttpStatus(status) >= 400);
  CHECK(w.State() == before);
}

TEST_CASE("The table of operations is good where nothing is wrong", "[sqs][hostile]") {
  for (const QueueOperation& operation : QueueOperations()) {
    Target w;
    INFO(operation.name);
    CHECK(Code(operation.good(w.sqs, w.url, w.handle)) == "OK");
  }
}

TEST_CASE("Every operation on a queue needs its URL", "[sqs][hostile]") {
  for (const QueueOperation& operation : QueueOperations()) {
    Target w;
    const uint64_t before = w.State();
    INFO(operation.name);
    const absl::Status status = operation.good(w.sqs, "", w.handle);
    CHECK(Code(status) == "MissingParameter");
    CHECK_THAT(Words(status), Catch::Contains("QueueUrl"));
    CheckRefused(w, before, status);
  }
}

TEST_CASE("Every operation on a queue refuses what is no URL of a queue", "[sqs][hostile]") {
  Target w;
  const uint64_t before = w.State();
  for (const QueueOperation& operation : QueueOperations()) {
    for (const std::string& text : HostileTexts()) {
      INFO(operation.name << " '" << text.substr(0, 80) << "'");
      const absl::Status status = operation.good(w.sqs, text, w.handle);
      CheckRefused(w, before, status);
      const std::string code = Code(status);
      CHECK(
          (code == "MissingParameter" || code == "InvalidAddress" || code == "QueueDoesNotExist"));
    }
  }
}

TEST_CASE("Every operation on a queue that is not there is QueueDoesNotExist, and names it",
          "[sqs][hostile]") {
  Target w;
  const uint64_t before = w.State();
  for (const QueueOperation& operation : QueueOperations()) {
    INFO(operation.name);
    const absl::Status status = operation.good(w.sqs, w.url + "-nowhere", w.handle);
    CHECK(Code(status) == "QueueDoesNotExist");
    CHECK_THAT(Words(status), Catch::Contains("orders-nowhere"));
    CheckRefused(w, before, status);
  }
}

TEST_CASE("Every operation on a deleted queue is QueueDoesNotExist", "[sqs][hostile]") {
  Target w;
  REQUIRE(w.sqs.DeleteQueue({.queue_url = w.url}).ok());
  const uint64_t before = w.State();
  for (const QueueOperation& operation : QueueOperations()) {
    INFO(operation.name);
    const absl::Status status = operation.good(w.sqs, w.url, w.handle);
    CHECK(Code(status) == "QueueDoesNotExist");
    CheckRefused(w, before, status);
  }
}

TEST_CASE("Every operation on a queue of another region is InvalidAddress", "[sqs][hostile]") {
  Target w;
  const Client elsewhere = w.cloud.As({.region = "eu-west-1"}).sqs();
  const uint64_t before = w.State();
  for (const QueueOperation& operation : QueueOperations()) {
    INFO(operation.name);
    const absl::Status status = operation.good(elsewhere, w.url, w.handle);
    CHECK(Code(status) == "InvalidAddress");
    CHECK_THAT(Words(status), Catch::Contains("us-east-1"));
    CheckRefused(w, before, status);
  }
}

TEST_CASE("What no policy can share is AccessDenied on another account's queue", "[sqs][hostile]") {
  // Nobody is behind the port of the authorizer here, so what can be shared is open.
  // Rule: "Limitations of custom policies", Developer Guide.
  const std::set<std::string> never = {"AddPermission",     "DeleteQueue", "ListQueueTags",
                                       "RemovePermission",  "TagQueue",    "UntagQueue",
                                       "SetQueueAttributes"};
  for (const QueueOperation& operation : QueueOperations()) {
    Target w;
    const Client other = w.cloud.As({.account = "999999999999"}).sqs();
    const uint64_t before = w.State();
    INFO(operation.name);
    const absl::Status status = operation.good(other, w.url, w.handle);
    CHECK(Code(status) == (never.contains(operation.name) ? "AccessDenied" : "OK"));
    if (!status.ok()) CheckRefused(w, before, status);
  }
}

TEST_CASE("Every operation over its rate limit is RequestThrottled", "[sqs][hostile]") {
  for (const QueueOperation& operation : QueueOperations()) {
    Target w(
        {.rate_limits = {{std::string("sqs:") + operation.name, {.per_second = 1, .burst = 10}}}});
    INFO(operation.name);
    absl::Status status;
    for (int i = 0; i < 10; ++i) status = operation.good(w.sqs, w.url, w.handle);
    const uint64_t before = w.State();
    status = operation.good(w.sqs, w.url, w.handle);
    CHECK(Code(status) == "RequestThrottled");
    CHECK(IsRetryable(status));
    CheckRefused(w, before, status);
    w.Advance(absl::Seconds(1));
    CHECK(Code(operation.good(w.sqs, w.url, w.handle)) != "RequestThrottled");
  }
}

// Lets nobody do anything, and keeps what it was asked.
class Nobody : public Authorizer {
 public:
  absl::Status Authorize(const Call& call) override {
    asked.push_back(std::string(call.operation.name) + " " + std::string(call.resource));
    return absl::PermissionDeniedError("nobody");
  }
  Strings asked = {};
};

TEST_CASE("Every operation asks the authorizer, with the queue's ARN", "[sqs][hostile]") {
  for (const QueueOperation& operation : QueueOperations()) {
    Nobody nobody;
    Target w;
    w.cloud.Connect({.authorizer = &nobody});
    const uint64_t before = w.State();
    INFO(operation.name);
    CHECK(Code(operation.good(w.sqs, w.url, w.handle)) == "PERMISSION_DENIED");
    CHECK(w.State() == before);
    CHECK(nobody.asked ==
          Strings{std::string(operation.name) + " arn:aws:sqs:us-east-1:123456789012:orders"});
    w.cloud.Connect({});
  }
}

// Loses every answer.
class Loss : public FaultInjector {
 public:
  absl::Status After(const Call&) override { return absl::UnavailableError("lost"); }
};

TEST_CASE("A call whose answer is lost has done its work", "[sqs][hostile]") {
  Loss loss;
  World w;
  const std::string url = w.Queue();
  w.cloud.Connect({.fault_injector = &loss});
  CHECK(Code(w.sqs.SendMessage({.queue_url = url, .message_body = "one"})) == "UNAVAILABLE");
  w.cloud.Connect({});
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("Every operation refuses hostile values of its other members", "[sqs][hostile]") {
  Target w;
  const uint64_t before = w.State();
  for (const QueueOperation& operation : QueueOperations()) {
    if (operation.bad == nullptr) continue;
    for (const std::string& text : HostileTexts()) {
      INFO(operation.name << " '" << text.substr(0, 80) << "'");
      CheckRefused(w, before, operation.bad(w.sqs, w.url, text));
    }
  }
  for (const OtherOperation& operation : OtherOperations()) {
    for (const std::string& text : HostileTexts()) {
      // These are names and not hostile.
      if (std::string_view(operation.name) == "CreateQueue" &&
          (text == "-1" || text == "99999999999999999999999999")) {
        continue;
      }
      INFO(operation.name << " '" << text.substr(0, 80) << "'");
      CheckRefused(w, before, operation.bad(w.sqs, text));
    }
  }
}

TEST_CASE("Every operation names the hostile value", "[sqs][hostile]") {
  Target w;
  for (const QueueOperation& operation : QueueOperations()) {
    if (operation.bad == nullptr) continue;
    INFO(operation.name);
    const absl::Status status = operation.bad(w.sqs, w.url, "hostile value");
    INFO(Words(status));
    // A policy's error tells what is wrong with it, a batch's what an id looks like.
    if (std::string_view(operation.name) == "SetQueueAttributes") {
      CHECK_THAT(Words(status), Catch::Contains("Policy"));
    } else {
      CHECK_THAT(Words(status), Catch::Contains("hostile value"));
    }
  }
  for (const OtherOperation& operation : OtherOperations()) {
    INFO(operation.name);
    CHECK_THAT(Words(operation.bad(w.sqs, "hostile value")), Catch::Contains("hostile value"));
  }
}

TEST_CASE("Required members are required, one by one", "[sqs][hostile]") {
  Target w;
  const Client& c = w.sqs;
  const std::string& u = w.url;
  const uint64_t before = w.State();
  const std::vector<std::pair<const char*, absl::Status>> missing = {
      {"QueueName", c.CreateQueue({}).status()},
      {"QueueName", c.GetQueueUrl({}).status()},
      {"Attributes", c.SetQueueAttributes({.queue_url = u}).status()},
      {"Tags", c.TagQueue({.queue_url = u}).status()},
      {"TagKeys", c.UntagQueue({.queue_url = u}).status()},
      {"Label",
       c.AddPermission(
            {.queue_url = u, .aws_account_ids = {"111122223333"}, .actions = {"SendMessage"}})
           .status()},
      {"AWSAccountIds",
       c.AddPermission({.queue_url = u, .label = "l", .actions = {"SendMessage"}}).status()},
      {"Actions",
       c.AddPermission({.queue_url = u, .label = "l", .aws_account_ids = {"111122223333"}})
           .status()},
      {"Label", c.RemovePermission({.queue_url = u}).status()},
      {"MessageBody", c.SendMessage({.queue_url = u}).status()},
      {"ReceiptHandle", c.DeleteMessage({.queue_url = u}).status()},
      {"ReceiptHandle",
       c.ChangeMessageVisibility({.queue_url = u, .visibility_timeout = absl::Seconds(1)})
           .status()},
      {"VisibilityTimeout",
       c.ChangeMessageVisibility({.queue_url = u, .receipt_handle = w.handle}).status()},
      {"SourceArn", c.StartMessageMoveTask({}).status()},
      {"TaskHandle", c.CancelMessageMoveTask({}).status()},
      {"SourceArn", c.ListMessageMoveTasks({}).status()},
  };
  for (const auto& [member, status] : missing) {
    INFO(Words(status));
    CHECK(Code(status) == "MissingParameter");
    CHECK_THAT(Words(status), Catch::Contains(member));
  }
  CHECK(w.State() == before);
}

TEST_CASE("Hostile numbers and durations are refused everywhere", "[sqs][hostile]") {
  Target w;
  const Client& c = w.sqs;
  const std::string& u = w.url;
  const uint64_t before = w.State();
  for (const int32_t number :
       {std::numeric_limits<int32_t>::min(), -1, 0, std::numeric_limits<int32_t>::max()}) {
    INFO(number);
    CheckRefused(w, before, c.ListQueues({.max_results = number}).status());
    CheckRefused(w, before,
                 c.ListDeadLetterSourceQueues({.queue_url = u, .max_results = number}).status());
    CheckRefused(w, before,
                 c.ReceiveMessage({.queue_url = u, .max_number_of_messages = number}).status());
    CheckRefused(w, before,
                 c.StartMessageMoveTask(
                      {.source_arn = w.Arn(w.dead), .max_number_of_messages_per_second = number})
                     .status());
    CheckRefused(
        w, before,
        c.ListMessageMoveTasks({.source_arn = w.Arn(w.dead), .max_results = number}).status());
  }
  for (const absl::Duration time :
       {-absl::InfiniteDuration(), absl::InfiniteDuration(), absl::Seconds(-1),
        absl::Nanoseconds(1), absl::Nanoseconds(-1), absl::Hours(1'000'000'000),
        absl::Seconds(std::numeric_limits<int64_t>::max()),
        absl::Seconds(std::numeric_limits<int64_t>::min())}) {
    INFO(absl::FormatDuration(time));
    CheckRefused(
        w, before,
        c.SendMessage({.queue_url = u, .message_body = "x", .delay_seconds = time}).status());
    CheckRefused(w, before,
                 c.ReceiveMessage({.queue_url = u, .visibility_timeout = time}).status());
    CheckRefused(w, before, c.ReceiveMessage({.queue_url = u, .wait_time_seconds = time}).status());
    CheckRefused(w, before,
                 c.ChangeMessageVisibility(
                      {.queue_url = u, .receipt_handle = w.handle, .visibility_timeout = time})
                     .status());
    for (const QueueAttributes& attributes :
         {QueueAttributes{.delay_seconds = time}, QueueAttributes{.message_retention_period = time},
          QueueAttributes{.receive_message_wait_time_seconds = time},
          QueueAttributes{.visibility_timeout = time},
          QueueAttributes{.kms_data_key_reuse_period_seconds = time}}) {
      CheckRefused(w, before,
                   c.SetQueueAttributes({.queue_url = u, .attributes = attributes}).status());
    }
  }
}

TEST_CASE("Every change of one character of a receipt handle is refused or does no harm",
          "[sqs][hostile]") {
  Target w;
  const std::string good = w.handle.str();
  for (size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'A', 'z', '=', '\0', '\xFF', ' '}) {
      if (good[i] == c) continue;
      std::string text = good;
      text[i] = c;
      const auto changed = w.sqs.ChangeMessageVisibility(
          {.queue_url = w.url, .receipt_handle = text, .visibility_timeout = absl::Seconds(0)});
      INFO(text);
      CHECK_FALSE(ErrorCode(changed.status()).empty());
      CHECK(w.Counts(w.url).in_flight == 1);
    }
  }
}

TEST_CASE("Every beginning of a receipt handle is refused", "[sqs][hostile]") {
  Target w;
  const std::string good = w.handle.str();
  for (size_t size = 1; size < good.size(); ++size) {
    CHECK(Code(w.sqs.DeleteMessage({.queue_url = w.url, .receipt_handle = good.substr(0, size)})) ==
          "ReceiptHandleIsInvalid");
  }
}

TEST_CASE("A receipt handle of another account's queue of that name is refused", "[sqs][hostile]") {
  Target w;
  const Client other = w.cloud.As({.account = "999999999999"}).sqs();
  const std::string theirs = other.CreateQueue({.queue_name = "orders"})->queue_url;
  CHECK(Code(other.DeleteMessage({.queue_url = theirs, .receipt_handle = w.handle})) ==
        "ReceiptHandleIsInvalid");
  CHECK(Code(other.ChangeMessageVisibility({.queue_url = theirs,
                                            .receipt_handle = w.handle,
                                            .visibility_timeout = absl::Seconds(0)})) ==
        "ReceiptHandleIsInvalid");
  CHECK(w.Counts(w.url).in_flight == 1);
}

}  // namespace
}  // namespace skybox::sqs
