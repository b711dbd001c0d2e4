#include <catch2/catch.hpp>
#include <string>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

TEST_CASE("A purge deletes visible, delayed and in-flight messages at once", "[sqs][PurgeQueue]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"in flight", "visible"});
  w.Send({.queue_url = url, .message_body = "delayed", .delay_seconds = absl::Seconds(10)});
  w.One(url);
  REQUIRE(w.Counts(url) == QueueCounts{.visible = 1, .in_flight = 1, .delayed = 1});
  REQUIRE(Code(w.sqs.PurgeQueue({.queue_url = url})) == "OK");
  CHECK(w.Counts(url) == QueueCounts{});
  w.Advance(absl::Hours(1));
  CHECK(w.Bodies(url).empty());
}

TEST_CASE("A purged queue takes and gives messages as before", "[sqs][PurgeQueue]") {
  World w;
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::Seconds(7)});
  w.Send(url, "old");
  REQUIRE(w.sqs.PurgeQueue({.queue_url = url}).ok());
  w.Send(url, "new");
  CHECK(w.Bodies(url) == Strings{"new"});
  w.Advance(absl::Seconds(7));
  CHECK(w.Bodies(url) == Strings{"new"});
}

TEST_CASE("A queue can be purged again after 60 seconds", "[sqs][PurgeQueue]") {
  World w;
  const std::string url = w.Queue();
  const std::string other = w.Queue("other");
  REQUIRE(w.sqs.PurgeQueue({.queue_url = url}).ok());
  w.Send(url, "one");
  const auto soon = w.sqs.PurgeQueue({.queue_url = url});
  CHECK(Code(soon) == "PurgeQueueInProgress");
  CHECK(QueryErrorCode(soon.status()) == "AWS.SimpleQueueService.PurgeQueueInProgress");
  CHECK_THAT(Words(soon), Catch::Contains("orders"));
  CHECK(Code(w.sqs.PurgeQueue({.queue_url = other})) == "OK");
  w.Advance(absl::Seconds(60) - kInstant);
  CHECK(Code(w.sqs.PurgeQueue({.queue_url = url})) == "PurgeQueueInProgress");
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  w.Advance(kInstant);
  CHECK(Code(w.sqs.PurgeQueue({.queue_url = url})) == "OK");
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("A refused purge does not put off the next one", "[sqs][PurgeQueue]") {
  World w;
  const std::string url = w.Queue();
  REQUIRE(w.sqs.PurgeQueue({.queue_url = url}).ok());
  w.Advance(absl::Seconds(59));
  REQUIRE(Code(w.sqs.PurgeQueue({.queue_url = url})) == "PurgeQueueInProgress");
  w.Advance(absl::Seconds(1));
  CHECK(Code(w.sqs.PurgeQueue({.queue_url = url})) == "OK");
}

TEST_CASE("A receipt handle from before a purge deletes nothing", "[sqs][PurgeQueue]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "old");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  REQUIRE(w.sqs.PurgeQueue({.queue_url = url}).ok());
  w.Send(url, "new");
  CHECK(Code(w.sqs.DeleteMessage({.queue_url = url, .receipt_handle = handle})) == "OK");
  CHECK(w.Hide(url, handle, absl::Seconds(1)) == "InvalidParameterValue");
  CHECK(w.Bodies(url) == Strings{"new"});
}

TEST_CASE("A purge frees the groups of a FIFO queue", "[sqs][PurgeQueue][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  w.One(url);
  REQUIRE(w.sqs.PurgeQueue({.queue_url = url}).ok());
  w.SendTo(url, "g", "two");
  CHECK(w.Bodies(url) == Strings{"two"});
}

TEST_CASE("Deduplication outlives a purge", "[sqs][PurgeQueue][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  REQUIRE(w.sqs.PurgeQueue({.queue_url = url}).ok());
  w.SendTo(url, "g", "one");
  CHECK(w.Bodies(url).empty());
}

TEST_CASE("Sequence numbers go on after a purge", "[sqs][PurgeQueue][fifo]") {
  World w;
  const std::string url = w.Fifo();
  const auto before = w.SendTo(url, "g", "one").sequence_number;
  REQUIRE(w.sqs.PurgeQueue({.queue_url = url}).ok());
  CHECK(w.SendTo(url, "g", "two").sequence_number > before);
}

TEST_CASE("Purging a queue that is not there is QueueDoesNotExist", "[sqs][PurgeQueue]") {
  World w;
  const std::string url = w.Queue();
  CHECK(Code(w.sqs.PurgeQueue({.queue_url = url + "x"})) == "QueueDoesNotExist");
  CHECK(Code(w.sqs.PurgeQueue({})) == "MissingParameter");
}

TEST_CASE("A deleted queue is gone at once with its messages", "[sqs][DeleteQueue]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  REQUIRE(Code(w.sqs.DeleteQueue({.queue_url = url})) == "OK");
  CHECK(Code(w.sqs.GetQueueUrl({.queue_name = "orders"})) == "QueueDoesNotExist");
  CHECK(Code(w.sqs.SendMessage({.queue_url = url, .message_body = "two"})) == "QueueDoesNotExist");
  CHECK(Code(w.sqs.ReceiveMessage({.queue_url = url})) == "QueueDoesNotExist");
  CHECK(Code(w.sqs.DeleteMessage({.queue_url = url, .receipt_handle = handle})) ==
        "QueueDoesNotExist");
}

TEST_CASE("Deleting a queue that is not there is QueueDoesNotExist", "[sqs][DeleteQueue]") {
  World w;
  const std::string url = w.Queue();
  REQUIRE(w.sqs.DeleteQueue({.queue_url = url}).ok());
  CHECK(Code(w.sqs.DeleteQueue({.queue_url = url})) == "QueueDoesNotExist");
  CHECK(Code(w.sqs.DeleteQueue({})) == "MissingParameter");
}

TEST_CASE("A deleted queue leaves other queues alone", "[sqs][DeleteQueue]") {
  World w;
  const std::string url = w.Queue("orders");
  const std::string other = w.Queue("orders-2");
  w.Send(url, "one");
  w.Send(other, "two");
  REQUIRE(w.sqs.DeleteQueue({.queue_url = url}).ok());
  CHECK(w.Bodies(other) == Strings{"two"});
}

}  // namespace
}  // namespace skybox::sqs
