#include <catch2/catch.hpp>
#include <string>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

TEST_CASE("A queue's URL is made of region, account and name", "[sqs][CreateQueue]") {
  World w;
  CHECK(w.Queue("orders") == "https://sqs.us-east-1.amazonaws.com/123456789012/orders");
}

TEST_CASE("A queue can be used at once after its creation", "[sqs][CreateQueue]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("A queue's name has 1 to 80 characters", "[sqs][CreateQueue]") {
  World w;
  CHECK(Code(w.sqs.CreateQueue({.queue_name = ""})) == "MissingParameter");
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "q"})) == "OK");
  CHECK(Code(w.sqs.CreateQueue({.queue_name = std::string(80, 'q')})) == "OK");
  CHECK(Code(w.sqs.CreateQueue({.queue_name = std::string(81, 'q')})) == "InvalidParameterValue");
}

TEST_CASE("A queue's name has letters, digits, hyphens and underscores", "[sqs][CreateQueue]") {
  World w;
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "aZ09-_"})) == "OK");
  for (const char* name : {"a.b", "a b", "a/b", "a:b", "\xC3\xA4", "a\n", "*", "a@b"}) {
    INFO(name);
    const auto made = w.sqs.CreateQueue({.queue_name = name});
    CHECK(Code(made) == "InvalidParameterValue");
  }
}

TEST_CASE("Upper and lower case make different queues", "[sqs][CreateQueue]") {
  World w;
  CHECK(w.Queue("orders") != w.Queue("Orders"));
  CHECK(w.sqs.ListQueues({})->queue_urls.size() == 2);
}

TEST_CASE("A FIFO queue's name ends in .fifo", "[sqs][CreateQueue]") {
  World w;
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "a.fifo", .attributes = {.fifo_queue = true}})) ==
        "OK");
  for (const char* name : {"orders", "orders.FIFO", "orders.fifo2", ".fifo.", "a.b.fifo"}) {
    INFO(name);
    CHECK(Code(w.sqs.CreateQueue({.queue_name = name, .attributes = {.fifo_queue = true}})) ==
          "InvalidParameterValue");
  }
}

TEST_CASE("The suffix .fifo counts in the 80 characters of a name", "[sqs][CreateQueue]") {
  World w;
  const std::string longest = std::string(75, 'q') + ".fifo";
  CHECK(Code(w.sqs.CreateQueue({.queue_name = longest, .attributes = {.fifo_queue = true}})) ==
        "OK");
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "q" + longest,
                                .attributes = {.fifo_queue = true}})) == "InvalidParameterValue");
}

TEST_CASE("A standard queue's name cannot end in .fifo", "[sqs][CreateQueue]") {
  World w;
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "orders.fifo"})) == "InvalidParameterValue");
}

TEST_CASE("FifoQueue can be true or absent, not false", "[sqs][CreateQueue]") {
  World w;
  const auto made =
      w.sqs.CreateQueue({.queue_name = "orders", .attributes = {.fifo_queue = false}});
  CHECK(Code(made) == "InvalidAttributeName");
  CHECK_THAT(Words(made), Catch::Contains("FifoQueue"));
}

TEST_CASE("Creating a queue again answers its URL and changes nothing", "[sqs][CreateQueue]") {
  World w;
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::Seconds(45)});
  w.Send(url, "one");
  w.Advance(absl::Hours(1));
  const uint64_t before = w.State();
  CHECK(w.Queue("orders", {.visibility_timeout = absl::Seconds(45)}) == url);
  CHECK(w.State() == before);
}

TEST_CASE("Only the attributes given are compared when a queue is created again",
          "[sqs][CreateQueue]") {
  World w;
  const std::string url = w.Queue(
      "orders", {.delay_seconds = absl::Seconds(5), .visibility_timeout = absl::Seconds(45)});
  CHECK(w.Queue("orders") == url);
  CHECK(w.Queue("orders", {.delay_seconds = absl::Seconds(5)}) == url);
  CHECK(w.Queue("orders", {.message_retention_period = absl::Hours(96)}) == url);  // the default
  CHECK(w.Attributes(url).visibility_timeout == absl::Seconds(45));
}

TEST_CASE("Creating a queue again with another attribute value is QueueNameExists",
          "[sqs][CreateQueue]") {
  World w;
  const std::string url = w.Queue("orders", {.delay_seconds = absl::Seconds(5)});
  const uint64_t before = w.State();
  const auto again = w.sqs.CreateQueue(
      {.queue_name = "orders", .attributes = {.delay_seconds = absl::Seconds(6)}});
  CHECK(Code(again) == "QueueNameExists");
  CHECK(QueryErrorCode(again.status()) == "QueueAlreadyExists");
  CHECK_THAT(Words(again), Catch::Contains("DelaySeconds") && Catch::Contains("orders"));
  CHECK(w.State() == before);
  CHECK(w.Attributes(url).delay_seconds == absl::Seconds(5));
}

TEST_CASE("Creating a queue again with the attributes of a later change compares with those",
          "[sqs][CreateQueue]") {
  World w;
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::Seconds(45)});
  w.Set(url, {.visibility_timeout = absl::Seconds(46)});
  CHECK(Code(w.sqs.CreateQueue(
            {.queue_name = "orders", .attributes = {.visibility_timeout = absl::Seconds(45)}})) ==
        "QueueNameExists");
  CHECK(w.Queue("orders", {.visibility_timeout = absl::Seconds(46)}) == url);
}

TEST_CASE("Creating a queue again with other tags leaves its tags as they are",
          "[sqs][CreateQueue]") {
  World w;
  REQUIRE(w.sqs.CreateQueue({.queue_name = "orders", .tags = {{"team", "red"}}}).ok());
  const auto again = w.sqs.CreateQueue({.queue_name = "orders", .tags = {{"team", "blue"}}});
  REQUIRE(Code(again) == "OK");
  const auto tags = w.sqs.ListQueueTags({.queue_url = again->queue_url});
  CHECK(tags->tags.at("team") == "red");
}

TEST_CASE("A queue can be created with tags", "[sqs][CreateQueue]") {
  World w;
  const auto made =
      w.sqs.CreateQueue({.queue_name = "orders", .tags = {{"team", "red"}, {"empty", ""}}});
  REQUIRE(Code(made) == "OK");
  CHECK(w.sqs.ListQueueTags({.queue_url = made->queue_url})->tags.size() == 2);
}

TEST_CASE("A queue is not created with bad tags", "[sqs][CreateQueue]") {
  World w;
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "orders", .tags = {{"aws:team", "red"}}})) ==
        "InvalidParameterValue");
  CHECK(Code(w.sqs.GetQueueUrl({.queue_name = "orders"})) == "QueueDoesNotExist");
}

TEST_CASE("A queue is not created with a bad attribute", "[sqs][CreateQueue]") {
  World w;
  CHECK(Code(w.sqs.CreateQueue(
            {.queue_name = "orders", .attributes = {.delay_seconds = absl::Seconds(901)}})) ==
        "InvalidAttributeValue");
  CHECK(Code(w.sqs.GetQueueUrl({.queue_name = "orders"})) == "QueueDoesNotExist");
}

TEST_CASE("A deleted queue's name is free again after 60 seconds", "[sqs][CreateQueue]") {
  World w;
  const std::string url = w.Queue("orders");
  w.Send(url, "one");
  REQUIRE(w.sqs.DeleteQueue({.queue_url = url}).ok());

  const auto soon = w.sqs.CreateQueue({.queue_name = "orders"});
  CHECK(Code(soon) == "QueueDeletedRecently");
  CHECK(QueryErrorCode(soon.status()) == "AWS.SimpleQueueService.QueueDeletedRecently");
  CHECK_THAT(Words(soon), Catch::Contains("60 seconds") && Catch::Contains("orders"));
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "other"})) == "OK");
  w.Advance(absl::Seconds(60) - kInstant);
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "orders"})) == "QueueDeletedRecently");
  w.Advance(kInstant);
  CHECK(w.Queue("orders") == url);
  CHECK(w.Bodies(url).empty());
}

TEST_CASE("A re-created queue knows nothing of the one before it", "[sqs][CreateQueue]") {
  World w;
  const auto first = w.sqs.CreateQueue({.queue_name = "orders",
                                        .attributes = {.visibility_timeout = absl::Seconds(7)},
                                        .tags = {{"team", "red"}}});
  const std::string url = first->queue_url;
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  REQUIRE(w.sqs.DeleteQueue({.queue_url = url}).ok());
  w.Advance(absl::Seconds(60));
  REQUIRE(w.Queue("orders") == url);
  CHECK(w.Attributes(url).visibility_timeout == absl::Seconds(30));
  CHECK(w.Attributes(url).created_timestamp == w.cloud.Now());
  CHECK(w.sqs.ListQueueTags({.queue_url = url})->tags.empty());
  CHECK(w.Counts(url) == QueueCounts{});
  // A receipt handle of the old queue is not one of the new queue's.
  CHECK(Code(w.sqs.DeleteMessage({.queue_url = url, .receipt_handle = handle})) ==
        "ReceiptHandleIsInvalid");
}

}  // namespace
}  // namespace skybox::sqs
