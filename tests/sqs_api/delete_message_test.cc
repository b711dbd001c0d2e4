#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

std::string DeleteCode(World& w, const std::string& url, const ReceiptHandle& handle) {
  return Code(w.sqs.DeleteMessage({.queue_url = url, .receipt_handle = handle}));
}

TEST_CASE("A deleted message never comes back", "[sqs][DeleteMessage]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b"});
  CHECK(DeleteCode(w, url, w.One(url).receipt_handle) == "OK");
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  w.Advance(absl::Hours(1));
  CHECK(w.Bodies(url) == Strings{"b"});
}

TEST_CASE("Deleting a message twice is no error", "[sqs][DeleteMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  CHECK(DeleteCode(w, url, handle) == "OK");
  w.Send(url, "two");
  CHECK(DeleteCode(w, url, handle) == "OK");
  CHECK(w.Bodies(url) == Strings{"two"});
}

TEST_CASE("A message that is visible again can still be deleted", "[sqs][DeleteMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(30));
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  CHECK(DeleteCode(w, url, handle) == "OK");
  CHECK(w.Bodies(url).empty());
}

TEST_CASE("An old receipt handle answers OK and deletes nothing", "[sqs][DeleteMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle old = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(30));
  const ReceiptHandle latest = w.One(url).receipt_handle;
  CHECK(DeleteCode(w, url, old) == "OK");
  CHECK(w.Counts(url) == QueueCounts{.in_flight = 1});
  CHECK(DeleteCode(w, url, latest) == "OK");
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("What is no receipt handle is ReceiptHandleIsInvalid", "[sqs][DeleteMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const std::string good = w.One(url).receipt_handle.str();
  const uint64_t before = w.State();
  const auto nonsense = w.sqs.DeleteMessage({.queue_url = url, .receipt_handle = "nonsense"});
  CHECK(Code(nonsense) == "ReceiptHandleIsInvalid");
  CHECK_THAT(Words(nonsense), Catch::Contains("nonsense"));
  CHECK(DeleteCode(w, url, good + "A") == "ReceiptHandleIsInvalid");
  CHECK(DeleteCode(w, url, good.substr(0, good.size() - 4)) == "ReceiptHandleIsInvalid");
  CHECK(DeleteCode(w, url, std::string(100'000, 'A')) == "ReceiptHandleIsInvalid");
  CHECK(w.State() == before);
  CHECK(w.Counts(url) == QueueCounts{.in_flight = 1});
}

TEST_CASE("A receipt handle of another queue is ReceiptHandleIsInvalid", "[sqs][DeleteMessage]") {
  World w;
  const std::string url = w.Queue();
  const std::string other = w.Queue("other");
  w.Send(url, "one");
  w.Send(other, "two");
  w.One(url);
  CHECK(DeleteCode(w, url, w.One(other).receipt_handle) == "ReceiptHandleIsInvalid");
  CHECK(w.Counts(url) == QueueCounts{.in_flight = 1});
  CHECK(w.Counts(other) == QueueCounts{.in_flight = 1});
}

TEST_CASE("A receipt handle is required", "[sqs][DeleteMessage]") {
  World w;
  const std::string url = w.Queue();
  const auto deleted = w.sqs.DeleteMessage({.queue_url = url});
  CHECK(Code(deleted) == "MissingParameter");
  CHECK_THAT(Words(deleted), Catch::Contains("ReceiptHandle"));
  CHECK(Code(w.sqs.DeleteMessage({.receipt_handle = "x"})) == "MissingParameter");
}

TEST_CASE("A receipt handle of an expired message answers OK", "[sqs][DeleteMessage]") {
  World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(60));
  CHECK(DeleteCode(w, url, handle) == "OK");
}

TEST_CASE("A receipt handle is good for 12 hours", "[sqs][DeleteMessage]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b"});
  const std::vector<Message> got = w.Ten(url);
  w.Advance(absl::Hours(12));
  CHECK(DeleteCode(w, url, got[0].receipt_handle) == "OK");
  w.Advance(kInstant);
  const uint64_t before = w.State();
  const auto late =
      w.sqs.DeleteMessage({.queue_url = url, .receipt_handle = got[1].receipt_handle});
  CHECK(Code(late) == "InvalidParameterValue");
  CHECK_THAT(Words(late), Catch::Contains("expired"));
  CHECK(w.State() == before);
  CHECK(w.Bodies(url) == Strings{"b"});
}

// ---- FIFO

TEST_CASE("A FIFO message is deleted within its visibility timeout, not after",
          "[sqs][DeleteMessage][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  const ReceiptHandle first = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(30));
  const uint64_t before = w.State();
  const auto late = w.sqs.DeleteMessage({.queue_url = url, .receipt_handle = first});
  CHECK(Code(late) == "InvalidParameterValue");
  CHECK_THAT(Words(late), Catch::Contains("expired"));
  CHECK(w.State() == before);
  const ReceiptHandle second = w.One(url).receipt_handle;
  CHECK(DeleteCode(w, url, first) == "InvalidParameterValue");
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(DeleteCode(w, url, second) == "OK");
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("Deleting a FIFO message twice is no error", "[sqs][DeleteMessage][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  CHECK(DeleteCode(w, url, handle) == "OK");
  CHECK(DeleteCode(w, url, handle) == "OK");
}

// ---- DeleteMessageBatch

TEST_CASE("Each entry of a delete batch succeeds or fails by itself", "[sqs][DeleteMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c"});
  const std::vector<Message> got = w.Ten(url);
  const auto deleted = w.sqs.DeleteMessageBatch(
      {.queue_url = url,
       .entries = {{.id = "a", .receipt_handle = got[0].receipt_handle},
                   {.id = "nonsense", .receipt_handle = "nonsense"},
                   {.id = "c", .receipt_handle = got[2].receipt_handle},
                   {.id = "c-again", .receipt_handle = got[2].receipt_handle}}});
  REQUIRE(Code(deleted) == "OK");
  Strings good;
  for (const DeleteMessageBatchResultEntry& entry : deleted->successful) good.push_back(entry.id);
  CHECK(good == Strings{"a", "c", "c-again"});
  REQUIRE(deleted->failed.size() == 1);
  CHECK(deleted->failed[0].id == "nonsense");
  CHECK(deleted->failed[0].code == "ReceiptHandleIsInvalid");
  CHECK(deleted->failed[0].sender_fault);
  w.Advance(absl::Seconds(30));
  CHECK(w.Bodies(url) == Strings{"b"});
}

TEST_CASE("A delete batch has 1 to 10 entries with different ids", "[sqs][DeleteMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  const auto remove = [&](const Strings& ids) {
    std::vector<DeleteMessageBatchRequestEntry> entries;
    for (const std::string& id : ids) entries.push_back({.id = id, .receipt_handle = handle});
    return Code(w.sqs.DeleteMessageBatch({.queue_url = url, .entries = entries}));
  };
  CHECK(remove({}) == "EmptyBatchRequest");
  CHECK(remove({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}) ==
        "TooManyEntriesInBatchRequest");
  CHECK(remove({"0", "0"}) == "BatchEntryIdsNotDistinct");
  CHECK(remove({"0.0"}) == "InvalidBatchEntryId");
  CHECK(w.Counts(url) == QueueCounts{.in_flight = 1});
  CHECK(remove({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}) == "OK");
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("An expired receipt handle in a FIFO batch is ReceiptHandleIsInvalid",
          "[sqs][DeleteMessageBatch][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(30));
  const auto deleted = w.sqs.DeleteMessageBatch(
      {.queue_url = url, .entries = {{.id = "late", .receipt_handle = handle}}});
  REQUIRE(Code(deleted) == "OK");
  REQUIRE(deleted->failed.size() == 1);
  CHECK(deleted->failed[0].code == "ReceiptHandleIsInvalid");
  CHECK_THAT(deleted->failed[0].message, Catch::Contains("expired"));
}

}  // namespace
}  // namespace skybox::sqs
