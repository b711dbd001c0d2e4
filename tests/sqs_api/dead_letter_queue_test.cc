#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

// A queue "orders" whose messages go to the queue "dead" after `receives` receives.
struct Redriven : World {
  explicit Redriven(int32_t receives = 1, QueueAttributes source = {}, QueueAttributes target = {})
      : dead(Queue("dead", std::move(target))), url(MakeSource(receives, std::move(source))) {}

  std::string MakeSource(int32_t receives, QueueAttributes attributes) {
    attributes.redrive_policy = Policy(Arn(dead), receives);
    return Queue("orders", std::move(attributes));
  }
  static std::string Policy(const std::string& arn, int32_t receives) {
    return RedrivePolicy{.dead_letter_target_arn = arn, .max_receive_count = receives};
  }
  // One receive that leaves the messages visible.
  Strings Touch(const std::string& queue) {
    return BodiesOf(ReceiveWith({.queue_url = queue,
                                 .max_number_of_messages = 10,
                                 .visibility_timeout = absl::ZeroDuration()}));
  }

  const std::string dead;
  const std::string url;
};

TEST_CASE("A message is received maxReceiveCount times, then moves to the dead-letter queue",
          "[sqs][dead_letter_queue]") {
  Redriven w(3);
  w.Send(w.url, "poison");
  for (int32_t i = 1; i <= 3; ++i) {
    CHECK(w.One(w.url).receive_count == i);
    w.Advance(absl::Seconds(30));
  }
  CHECK(w.Bodies(w.url).empty());
  CHECK(w.Counts(w.url) == QueueCounts{});
  CHECK(w.Bodies(w.dead) == Strings{"poison"});
}

TEST_CASE("A redrive policy counts the receives of its own queue", "[sqs][dead_letter_queue]") {
  // A dead-letter queue that has one of its own gives a message out as often as it says itself,
  // however often the queue before it did. Rule: "Using dead-letter queues in Amazon SQS",
  // Developer Guide: how often a message can be received from a source queue.
  Redriven w(5);
  const std::string last = w.Queue("last");
  w.Set(w.dead, {.redrive_policy = Redriven::Policy(w.Arn(last), 2)});
  w.Send(w.url, "poison");
  for (int i = 0; i < 5; ++i) CHECK(w.Touch(w.url) == Strings{"poison"});
  CHECK(w.Touch(w.url).empty());
  CHECK(w.Touch(w.dead) == Strings{"poison"});
  CHECK(w.One(w.dead).receive_count == 7);
  w.Advance(absl::Seconds(30));
  CHECK(w.Touch(w.dead).empty());
  CHECK(w.One(last).receive_count == 8);
}

TEST_CASE("Two queues that are each other's dead-letter queue both give a message out",
          "[sqs][dead_letter_queue]") {
  Redriven w(1);
  w.Set(w.dead, {.redrive_policy = Redriven::Policy(w.Arn(w.url), 1)});
  w.Send(w.url, "ping");
  for (int i = 0; i < 3; ++i) {
    CHECK(w.Touch(w.url) == Strings{"ping"});
    CHECK(w.Touch(w.url).empty());
    CHECK(w.Touch(w.dead) == Strings{"ping"});
    CHECK(w.Touch(w.dead).empty());
  }
}

TEST_CASE("A message moves with the receive after the last one, not with its visibility timeout",
          "[sqs][dead_letter_queue]") {
  Redriven w(1);
  w.Send(w.url, "poison");
  w.One(w.url);
  w.Advance(absl::Seconds(30));
  CHECK(w.Counts(w.url) == QueueCounts{.visible = 1});
  CHECK(w.Counts(w.dead) == QueueCounts{});
  w.Ten(w.url);
  CHECK(w.Counts(w.url) == QueueCounts{});
  CHECK(w.Counts(w.dead) == QueueCounts{.visible = 1});
}

TEST_CASE("A receive that moves messages goes on to the others", "[sqs][dead_letter_queue]") {
  Redriven w(1);
  w.SendAll(w.url, {"a", "b"});
  CHECK(w.Touch(w.url) == Strings{"a", "b"});
  w.Send(w.url, "c");
  CHECK(w.One(w.url).body == "c");
  CHECK(w.Bodies(w.dead) == Strings{"a", "b"});
}

TEST_CASE("A message deleted at its last receive does not move", "[sqs][dead_letter_queue]") {
  Redriven w(1);
  w.Send(w.url, "done");
  w.Delete(w.url, w.One(w.url).receipt_handle);
  w.Advance(absl::Seconds(30));
  w.Ten(w.url);
  CHECK(w.Counts(w.dead) == QueueCounts{});
}

TEST_CASE("A moved message keeps id, body, attributes and receive count",
          "[sqs][dead_letter_queue]") {
  Redriven w(1);
  const MessageAttributes attributes = {{"a", {.data_type = "String", .string_value = "1"}}};
  const SendMessageResponse sent =
      w.Send({.queue_url = w.url, .message_body = "poison", .message_attributes = attributes});
  const Message before = w.One(w.url);
  w.Advance(absl::Seconds(30));
  w.Ten(w.url);
  const Message moved = w.One(w.dead);
  CHECK(moved.message_id == sent.message_id);
  CHECK(moved.body == "poison");
  CHECK(moved.message_attributes == attributes);
  CHECK(moved.md5_of_message_attributes == sent.md5_of_message_attributes);
  CHECK(moved.receive_count == 2);
  CHECK(moved.attributes.sent_timestamp == before.attributes.sent_timestamp);
  CHECK(moved.attributes.approximate_first_receive_timestamp ==
        before.attributes.approximate_first_receive_timestamp);
  CHECK(moved.attributes.dead_letter_queue_source_arn == Text(w.Arn(w.url)));
  CHECK(moved.receipt_handle != before.receipt_handle);
}

TEST_CASE("A moved message of a standard queue expires counted from its sending",
          "[sqs][dead_letter_queue][retention]") {
  Redriven w(1, {.message_retention_period = absl::Hours(100)},
             {.message_retention_period = absl::Hours(200)});
  w.Send(w.url, "poison");
  CHECK(w.Touch(w.url) == Strings{"poison"});
  w.Advance(absl::Hours(50));
  w.Ten(w.url);
  w.Advance(absl::Hours(150) - kInstant);
  CHECK(w.Counts(w.dead) == QueueCounts{.visible = 1});
  w.Advance(kInstant);
  CHECK(w.Counts(w.dead) == QueueCounts{});
}

TEST_CASE("A message too old for the dead-letter queue is gone with the move",
          "[sqs][dead_letter_queue][retention]") {
  Redriven w(1, {}, {.message_retention_period = absl::Seconds(60)});
  w.Send(w.url, "poison");
  CHECK(w.Touch(w.url) == Strings{"poison"});
  w.Advance(absl::Seconds(60));
  w.Ten(w.url);
  CHECK(w.Counts(w.url) == QueueCounts{});
  CHECK(w.Counts(w.dead) == QueueCounts{});
}

TEST_CASE("A dead-letter queue's delay does not delay what moves there",
          "[sqs][dead_letter_queue]") {
  Redriven w(1, {}, {.delay_seconds = absl::Seconds(900)});
  w.Send(w.url, "poison");
  CHECK(w.Touch(w.url) == Strings{"poison"});
  w.Ten(w.url);
  CHECK(w.Bodies(w.dead) == Strings{"poison"});
}

TEST_CASE("A message in a dead-letter queue is received, hidden and deleted as any other",
          "[sqs][dead_letter_queue]") {
  Redriven w(1);
  w.Send(w.url, "poison");
  w.Touch(w.url);
  w.Ten(w.url);
  w.One(w.dead);
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Bodies(w.dead).empty());
  w.Advance(kInstant);
  w.Delete(w.dead, w.One(w.dead).receipt_handle);
  CHECK(w.Counts(w.dead) == QueueCounts{});
}

TEST_CASE("A receipt handle of before the move does nothing any more", "[sqs][dead_letter_queue]") {
  Redriven w(1);
  w.Send(w.url, "poison");
  const ReceiptHandle handle = w.One(w.url).receipt_handle;
  w.Advance(absl::Seconds(30));
  w.Ten(w.url);
  CHECK(Code(w.sqs.DeleteMessage({.queue_url = w.url, .receipt_handle = handle})) == "OK");
  CHECK(Code(w.sqs.DeleteMessage({.queue_url = w.dead, .receipt_handle = handle})) ==
        "ReceiptHandleIsInvalid");
  CHECK(w.Hide(w.url, handle, absl::Seconds(5)) == "InvalidParameterValue");
  CHECK(w.Bodies(w.dead) == Strings{"poison"});
}

TEST_CASE("A queue without a redrive policy keeps its messages", "[sqs][dead_letter_queue]") {
  Redriven w(1);
  w.Set(w.url, {.redrive_policy = ""});
  CHECK_FALSE(w.Attributes(w.url).redrive_policy.has_value());
  w.Send(w.url, "kept");
  for (int i = 0; i < 20; ++i) CHECK(w.Touch(w.url) == Strings{"kept"});
}

TEST_CASE("A redrive policy set later counts the receives of before", "[sqs][dead_letter_queue]") {
  Redriven w(1);
  w.Set(w.url, {.redrive_policy = ""});
  w.Send(w.url, "poison");
  for (int i = 0; i < 5; ++i) w.Touch(w.url);
  w.Set(w.url, {.redrive_policy = Redriven::Policy(w.Arn(w.dead), 5)});
  CHECK(w.Touch(w.url).empty());
  CHECK(w.Bodies(w.dead) == Strings{"poison"});
}

TEST_CASE("A message stays in its queue while the dead-letter queue is not there",
          "[sqs][dead_letter_queue]") {
  Redriven w(1);
  w.Send(w.url, "poison");
  w.Touch(w.url);
  REQUIRE(w.sqs.DeleteQueue({.queue_url = w.dead}).ok());
  for (int i = 0; i < 5; ++i) CHECK(w.Touch(w.url) == Strings{"poison"});
  w.Advance(absl::Seconds(60));
  w.Queue("dead");
  CHECK(w.Touch(w.url).empty());
  CHECK(w.Bodies(w.dead) == Strings{"poison"});
}

TEST_CASE("Several queues share a dead-letter queue, and it can have one of its own",
          "[sqs][dead_letter_queue]") {
  Redriven w(1);
  const std::string second =
      w.Queue("second", {.redrive_policy = Redriven::Policy(w.Arn(w.dead), 1)});
  const std::string deader = w.Queue("deader");
  w.Set(w.dead, {.redrive_policy = Redriven::Policy(w.Arn(deader), 3)});
  w.Send(w.url, "a");
  w.Send(second, "b");
  for (const std::string& source : {w.url, second}) {
    w.Touch(source);
    w.Touch(source);
  }
  for (int i = 0; i < 3; ++i) CHECK(w.Touch(w.dead) == Strings{"a", "b"});
  CHECK(w.Touch(w.dead).empty());
  CHECK(w.Bodies(deader) == Strings{"a", "b"});
}

// ---- FIFO

struct RedrivenFifo : World {
  const std::string dead = Fifo("dead.fifo", {.content_based_deduplication = true});
  const std::string url = Fifo("orders.fifo", {.redrive_policy = Redriven::Policy(Arn(dead), 1)});
};

TEST_CASE("A FIFO group is free when its first message moves", "[sqs][dead_letter_queue][fifo]") {
  RedrivenFifo w;
  w.SendTo(w.url, "g", "poison");
  w.SendTo(w.url, "g", "next");
  CHECK(w.One(w.url).body == "poison");
  w.Advance(absl::Seconds(30));
  CHECK(w.Bodies(w.url) == Strings{"next"});
  CHECK(w.Bodies(w.dead) == Strings{"poison"});
}

TEST_CASE("A moved FIFO message keeps its group, and its id is its deduplication id",
          "[sqs][dead_letter_queue][fifo]") {
  RedrivenFifo w;
  const SendMessageResponse sent = w.SendTo(w.url, "g", "poison", "d");
  w.One(w.url);
  w.Advance(absl::Seconds(30));
  w.Ten(w.url);
  const Message moved = w.One(w.dead);
  CHECK(moved.message_id == sent.message_id);
  CHECK(moved.attributes.message_group_id == Text("g"));
  CHECK(moved.attributes.message_deduplication_id == Text(sent.message_id.str()));
  CHECK(moved.attributes.dead_letter_queue_source_arn == Text(w.Arn(w.url)));
}

TEST_CASE("Deduplication does not drop what moves to a FIFO dead-letter queue",
          "[sqs][dead_letter_queue][fifo]") {
  RedrivenFifo w;
  w.SendTo(w.url, "g", "same", "1");
  w.SendTo(w.url, "g", "same", "2");
  w.Ten(w.url);
  w.Advance(absl::Seconds(30));
  w.Ten(w.url);
  CHECK(w.Bodies(w.dead) == Strings{"same", "same"});
}

TEST_CASE("Deduplication in the source goes on after a message has moved",
          "[sqs][dead_letter_queue][fifo]") {
  RedrivenFifo w;
  w.SendTo(w.url, "g", "poison", "d");
  w.One(w.url);
  w.Advance(absl::Seconds(30));
  w.Ten(w.url);
  w.SendTo(w.url, "g", "again", "d");
  CHECK(w.Bodies(w.url).empty());
}

TEST_CASE("A moved FIFO message counts its retention and its sending from the move",
          "[sqs][dead_letter_queue][fifo][retention]") {
  RedrivenFifo w;
  w.Set(w.dead, {.message_retention_period = absl::Seconds(100)});
  w.SendTo(w.url, "g", "poison");
  w.One(w.url);
  w.Advance(absl::Seconds(90));
  w.Ten(w.url);
  const absl::Time moved = w.cloud.Now();
  CHECK(w.ReceiveWith({.queue_url = w.dead,
                       .message_system_attribute_names = {"SentTimestamp"},
                       .visibility_timeout = absl::ZeroDuration()})[0]
            .attributes.sent_timestamp == moved);
  w.Advance(absl::Seconds(100) - kInstant);
  CHECK(w.Counts(w.dead) == QueueCounts{.visible = 1});
  w.Advance(kInstant);
  CHECK(w.Counts(w.dead) == QueueCounts{});
}

// ---- The redrive policy

std::string PolicyCode(World& w, const std::string& url, std::string policy) {
  const uint64_t before = w.State();
  const auto set = w.sqs.SetQueueAttributes(
      {.queue_url = url, .attributes = {.redrive_policy = std::move(policy)}});
  if (!set.ok()) CHECK(w.State() == before);
  return Code(set);
}

TEST_CASE("A redrive policy reads back as compact JSON with a number",
          "[sqs][dead_letter_queue][policy]") {
  World w;
  const std::string arn = w.Arn(w.Queue("dead"));
  const std::string url = w.Queue();
  w.Set(url, {.redrive_policy =
                  "{ \"maxReceiveCount\" : \"5\", \"deadLetterTargetArn\":\"" + arn + "\" }"});
  CHECK(w.Attributes(url).redrive_policy ==
        "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":5}");
}

TEST_CASE("maxReceiveCount is 1 to 1000", "[sqs][dead_letter_queue][policy]") {
  World w;
  const std::string arn = w.Arn(w.Queue("dead"));
  const std::string url = w.Queue();
  CHECK(PolicyCode(w, url, Redriven::Policy(arn, 0)) == "InvalidParameterValue");
  CHECK(PolicyCode(w, url, Redriven::Policy(arn, 1)) == "OK");
  CHECK(PolicyCode(w, url, Redriven::Policy(arn, 1000)) == "OK");
  CHECK(PolicyCode(w, url, Redriven::Policy(arn, 1001)) == "InvalidParameterValue");
  CHECK(PolicyCode(w, url, Redriven::Policy(arn, -1)) == "InvalidParameterValue");
}

TEST_CASE("A redrive policy is JSON with a target and a count",
          "[sqs][dead_letter_queue][policy]") {
  World w;
  const std::string arn = w.Arn(w.Queue("dead"));
  const std::string url = w.Queue();
  for (const std::string& policy :
       {std::string("no JSON"), std::string("[]"), std::string("{}"),
        "{\"deadLetterTargetArn\":\"" + arn + "\"}", std::string("{\"maxReceiveCount\":5}"),
        "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":\"many\"}",
        "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":1.5}",
        "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":99999999999999999999}",
        std::string("{\"deadLetterTargetArn\":5,\"maxReceiveCount\":5}"),
        std::string("{\"deadLetterTargetArn\":\"dead\",\"maxReceiveCount\":5}"),
        std::string(100'000, '{')}) {
    INFO(policy.substr(0, 200));
    CHECK(PolicyCode(w, url, policy) == "InvalidParameterValue");
  }
}

TEST_CASE("The dead-letter queue is there when the policy is set",
          "[sqs][dead_letter_queue][policy]") {
  World w;
  const std::string url = w.Queue();
  const auto set = w.sqs.SetQueueAttributes(
      {.queue_url = url,
       .attributes = {.redrive_policy =
                          Redriven::Policy("arn:aws:sqs:us-east-1:123456789012:nowhere", 5)}});
  CHECK(Code(set) == "InvalidParameterValue");
  CHECK_THAT(Words(set), Catch::Contains("does not exist") && Catch::Contains("nowhere"));
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "new",
                                .attributes = {.redrive_policy = Redriven::Policy(
                                                   "arn:aws:sqs:us-east-1:123456789012:nowhere",
                                                   5)}})) == "InvalidParameterValue");
  CHECK(Code(w.sqs.GetQueueUrl({.queue_name = "new"})) == "QueueDoesNotExist");
}

TEST_CASE("The dead-letter queue is of the same kind, account and region",
          "[sqs][dead_letter_queue][policy]") {
  World w;
  const std::string standard = w.Queue();
  const std::string fifo = w.Fifo();
  CHECK(PolicyCode(w, standard, Redriven::Policy(w.Arn(fifo), 5)) == "InvalidParameterValue");
  CHECK(PolicyCode(w, fifo, Redriven::Policy(w.Arn(standard), 5)) == "InvalidParameterValue");
  for (const Session& session :
       {Session{.account = "999999999999"}, Session{.region = "eu-west-1"}}) {
    auto other = w.cloud.As(session).sqs();
    const std::string url = other.CreateQueue({.queue_name = "dead"})->queue_url;
    const auto all = other.GetQueueAttributes({.queue_url = url, .attribute_names = {"QueueArn"}});
    CHECK(PolicyCode(w, standard, Redriven::Policy(all->attributes.queue_arn.value(), 5)) ==
          "InvalidParameterValue");
  }
}

TEST_CASE("A queue that allows no source is nobody's new dead-letter queue",
          "[sqs][dead_letter_queue][policy]") {
  World w;
  const std::string dead = w.Queue(
      "dead", {.redrive_allow_policy = RedriveAllowPolicy{.redrive_permission = "denyAll"}});
  const std::string url = w.Queue();
  CHECK(PolicyCode(w, url, Redriven::Policy(w.Arn(dead), 5)) == "InvalidParameterValue");
  w.Set(dead, {.redrive_allow_policy =
                   RedriveAllowPolicy{.redrive_permission = "byQueue",
                                      .source_queue_arns = {"arn:aws:sqs:us-east-1:"
                                                            "123456789012:another"}}});
  CHECK(PolicyCode(w, url, Redriven::Policy(w.Arn(dead), 5)) == "InvalidParameterValue");
  w.Set(dead, {.redrive_allow_policy = RedriveAllowPolicy{.redrive_permission = "byQueue",
                                                          .source_queue_arns = {w.Arn(url)}}});
  CHECK(PolicyCode(w, url, Redriven::Policy(w.Arn(dead), 5)) == "OK");
}

TEST_CASE("A source that is no longer allowed keeps its messages",
          "[sqs][dead_letter_queue][policy]") {
  Redriven w(1);
  w.Set(w.dead, {.redrive_allow_policy = RedriveAllowPolicy{.redrive_permission = "denyAll"}});
  w.Send(w.url, "poison");
  CHECK(w.Touch(w.url) == Strings{"poison"});
  CHECK(w.Touch(w.url) == Strings{"poison"});
  w.Set(w.dead, {.redrive_allow_policy = ""});
  CHECK(w.Touch(w.url).empty());
  CHECK(w.Bodies(w.dead) == Strings{"poison"});
}

// ---- ListDeadLetterSourceQueues

TEST_CASE("The sources of a dead-letter queue are listed by name",
          "[sqs][ListDeadLetterSourceQueues]") {
  Redriven w(1);
  const std::string a = w.Queue("a", {.redrive_policy = Redriven::Policy(w.Arn(w.dead), 9)});
  w.Queue("other");
  CHECK(w.sqs.ListDeadLetterSourceQueues({.queue_url = w.dead})->queue_urls == Strings{a, w.url});
  CHECK(w.sqs.ListDeadLetterSourceQueues({.queue_url = w.url})->queue_urls.empty());
  w.Set(w.url, {.redrive_policy = ""});
  CHECK(w.sqs.ListDeadLetterSourceQueues({.queue_url = w.dead})->queue_urls == Strings{a});
  REQUIRE(w.sqs.DeleteQueue({.queue_url = a}).ok());
  CHECK(w.sqs.ListDeadLetterSourceQueues({.queue_url = w.dead})->queue_urls.empty());
}

TEST_CASE("The sources of a dead-letter queue come in pages", "[sqs][ListDeadLetterSourceQueues]") {
  Redriven w(1);
  Strings expected = {w.url};
  for (const char* name : {"orders-1", "orders-2", "orders-3", "orders-4"}) {
    expected.push_back(w.Queue(name, {.redrive_policy = Redriven::Policy(w.Arn(w.dead), 9)}));
  }
  Strings listed;
  ListDeadLetterSourceQueuesRequest request = {.queue_url = w.dead, .max_results = 2};
  int pages = 0;
  do {
    const auto page = w.sqs.ListDeadLetterSourceQueues(request);
    REQUIRE(Code(page) == "OK");
    for (const std::string& url : page->queue_urls) listed.push_back(url);
    request.next_token = page->next_token;
    ++pages;
  } while (!request.next_token.empty());
  CHECK(listed == expected);
  CHECK(pages == 3);
}

TEST_CASE("MaxResults of ListDeadLetterSourceQueues is 1 to 1000, and its tokens are its own",
          "[sqs][ListDeadLetterSourceQueues]") {
  Redriven w(1);
  const auto list = [&](int32_t results, std::string token) {
    return Code(w.sqs.ListDeadLetterSourceQueues(
        {.queue_url = w.dead, .max_results = results, .next_token = std::move(token)}));
  };
  CHECK(list(0, "") == "InvalidParameterValue");
  CHECK(list(1, "") == "OK");
  CHECK(list(1000, "") == "OK");
  CHECK(list(1001, "") == "InvalidParameterValue");
  CHECK(list(1, "no token") == "InvalidParameterValue");
  CHECK(Code(w.sqs.ListDeadLetterSourceQueues({.queue_url = w.dead + "x"})) == "QueueDoesNotExist");
  CHECK(Code(w.sqs.ListDeadLetterSourceQueues({})) == "MissingParameter");
}

}  // namespace
}  // namespace skybox::sqs
