#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

// How long the one message of a queue stays hidden from now: it must come at that instant and not
// before.
void CheckHiddenFor(World& w, const std::string& url, absl::Duration time) {
  w.Advance(time - kInstant);
  CHECK(w.Bodies(url).empty());
  w.Advance(kInstant);
  CHECK(w.Bodies(url).size() == 1);
}

TEST_CASE("A message is visible again when the queue's visibility timeout ends",
          "[sqs][visibility]") {
  World w;
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::Seconds(45)});
  w.Send(url, "one");
  w.One(url);
  CheckHiddenFor(w, url, absl::Seconds(45));
}

TEST_CASE("The default visibility timeout is 30 seconds", "[sqs][visibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  w.One(url);
  CheckHiddenFor(w, url, absl::Seconds(30));
}

TEST_CASE("A receive's visibility timeout stands above the queue's, once", "[sqs][visibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  w.ReceiveWith({.queue_url = url, .visibility_timeout = absl::Seconds(5)});
  CheckHiddenFor(w, url, absl::Seconds(5));
  CheckHiddenFor(w, url, absl::Seconds(30));
}

TEST_CASE("A visibility timeout of 0 leaves a message visible", "[sqs][visibility]") {
  World w;
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::ZeroDuration()});
  w.Send(url, "one");
  CHECK(w.One(url).receive_count == 1);
  CHECK(w.One(url).receive_count == 2);
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
}

TEST_CASE("A receive with a visibility timeout of 0 answers each message once",
          "[sqs][visibility]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b"});
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url,
                                .max_number_of_messages = 10,
                                .visibility_timeout = absl::ZeroDuration()})) == Strings{"a", "b"});
}

TEST_CASE("A message can be hidden for 12 hours", "[sqs][visibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  w.ReceiveWith({.queue_url = url, .visibility_timeout = absl::Hours(12)});
  CheckHiddenFor(w, url, absl::Hours(12));
}

TEST_CASE("The messages of one receive are visible again together", "[sqs][visibility]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c"});
  w.Ten(url);
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Counts(url) == QueueCounts{.in_flight = 3});
  w.Advance(kInstant);
  CHECK(w.Counts(url) == QueueCounts{.visible = 3});
}

TEST_CASE("A new visibility timeout of the queue holds for later receives", "[sqs][visibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  w.One(url);
  w.Set(url, {.visibility_timeout = absl::Seconds(5)});
  CheckHiddenFor(w, url, absl::Seconds(30));
  CheckHiddenFor(w, url, absl::Seconds(5));
}

// ---- ChangeMessageVisibility

TEST_CASE("A changed visibility timeout counts from the call", "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(20));
  CHECK(w.Hide(url, handle, absl::Seconds(25)) == "OK");
  CheckHiddenFor(w, url, absl::Seconds(25));
}

TEST_CASE("A visibility timeout can be shortened", "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  CHECK(w.Hide(url, handle, absl::Seconds(2)) == "OK");
  CheckHiddenFor(w, url, absl::Seconds(2));
}

TEST_CASE("A changed visibility timeout of 0 shows the message at once",
          "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  CHECK(w.Hide(url, w.One(url).receipt_handle, absl::ZeroDuration()) == "OK");
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  CHECK(w.One(url).receive_count == 2);
}

TEST_CASE("A changed visibility timeout is not remembered for the next receive",
          "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  CHECK(w.Hide(url, w.One(url).receipt_handle, absl::Seconds(5)) == "OK");
  w.Advance(absl::Seconds(5));
  w.One(url);
  CheckHiddenFor(w, url, absl::Seconds(30));
}

TEST_CASE("A visibility timeout can be changed again and again", "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  for (int i = 0; i < 100; ++i) {
    w.Advance(absl::Seconds(10));
    CHECK(w.Hide(url, handle, absl::Seconds(11)) == "OK");
  }
  CheckHiddenFor(w, url, absl::Seconds(11));
}

TEST_CASE("A visibility timeout is 0 to 12 hours", "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  const uint64_t before = w.State();
  CHECK(w.Hide(url, handle, absl::Seconds(-1)) == "InvalidParameterValue");
  CHECK(w.Hide(url, handle, absl::Seconds(43'201)) == "InvalidParameterValue");
  CHECK(w.Hide(url, handle, absl::Milliseconds(500)) == "InvalidParameterValue");
  CHECK(w.Hide(url, handle, absl::InfiniteDuration()) == "InvalidParameterValue");
  CHECK(w.State() == before);
  CHECK(w.Hide(url, handle, absl::Seconds(43'200)) == "OK");
  CheckHiddenFor(w, url, absl::Hours(12));
}

TEST_CASE("A visibility timeout is required", "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  CHECK(Code(w.sqs.ChangeMessageVisibility({.queue_url = url, .receipt_handle = handle})) ==
        "MissingParameter");
  CHECK(Code(w.sqs.ChangeMessageVisibility(
            {.queue_url = url, .visibility_timeout = absl::Seconds(1)})) == "MissingParameter");
}

TEST_CASE("A message stays hidden up to 12 hours after its receive",
          "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(10));
  const auto over = w.sqs.ChangeMessageVisibility(
      {.queue_url = url, .receipt_handle = handle, .visibility_timeout = absl::Seconds(43'191)});
  CHECK(Code(over) == "InvalidParameterValue");
  CHECK_THAT(Words(over), Catch::Contains("43191"));
  CHECK(w.Hide(url, handle, absl::Seconds(43'190)) == "OK");
  CheckHiddenFor(w, url, absl::Seconds(43'190));
}

TEST_CASE("The 12 hours count from the latest receive", "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  w.One(url);
  w.Advance(absl::Hours(11));
  const ReceiptHandle handle = w.One(url).receipt_handle;
  CHECK(w.Hide(url, handle, absl::Hours(12)) == "OK");
}

TEST_CASE("Changing the visibility of a message that is visible again is MessageNotInflight",
          "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Hide(url, handle, absl::Seconds(30)) == "OK");
  w.Advance(absl::Seconds(30));
  const uint64_t before = w.State();
  const auto late = w.sqs.ChangeMessageVisibility(
      {.queue_url = url, .receipt_handle = handle, .visibility_timeout = absl::Seconds(30)});
  CHECK(Code(late) == "MessageNotInflight");
  CHECK(QueryErrorCode(late.status()) == "AWS.SimpleQueueService.MessageNotInflight");
  CHECK(w.State() == before);
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("An old receipt handle changes nothing while somebody else has the message",
          "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle old = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(30));
  w.One(url);
  CHECK(w.Hide(url, old, absl::ZeroDuration()) == "MessageNotInflight");
  CheckHiddenFor(w, url, absl::Seconds(30));
}

TEST_CASE("Changing the visibility of a deleted message is InvalidParameterValue",
          "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Delete(url, handle);
  CHECK(w.Hide(url, handle, absl::Seconds(1)) == "InvalidParameterValue");
}

TEST_CASE("Changing the visibility by what is no receipt handle is ReceiptHandleIsInvalid",
          "[sqs][ChangeMessageVisibility]") {
  World w;
  const std::string url = w.Queue();
  const std::string other = w.Queue("other");
  w.Send(url, "one");
  w.Send(other, "two");
  const ReceiptHandle foreign = w.One(other).receipt_handle;
  CHECK(w.Hide(url, "nonsense", absl::Seconds(1)) == "ReceiptHandleIsInvalid");
  CHECK(w.Hide(url, foreign, absl::Seconds(1)) == "ReceiptHandleIsInvalid");
}

// ---- ChangeMessageVisibilityBatch

using Entries = std::vector<ChangeMessageVisibilityBatchRequestEntry>;

TEST_CASE("Each entry of a visibility batch succeeds or fails by itself",
          "[sqs][ChangeMessageVisibilityBatch]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c", "d"});
  const std::vector<Message> got = w.Ten(url);
  w.Delete(url, got[3].receipt_handle);
  const auto changed = w.sqs.ChangeMessageVisibilityBatch(
      {.queue_url = url,
       .entries = {{.id = "unset", .receipt_handle = got[0].receipt_handle},
                   {.id = "longer",
                    .receipt_handle = got[1].receipt_handle,
                    .visibility_timeout = absl::Seconds(60)},
                   {.id = "too-long",
                    .receipt_handle = got[2].receipt_handle,
                    .visibility_timeout = absl::Seconds(43'201)},
                   {.id = "deleted",
                    .receipt_handle = got[3].receipt_handle,
                    .visibility_timeout = absl::Seconds(1)},
                   {.id = "nonsense",
                    .receipt_handle = "nonsense",
                    .visibility_timeout = absl::Seconds(1)}}});
  REQUIRE(Code(changed) == "OK");
  REQUIRE(changed->successful.size() == 2);
  CHECK(changed->successful[0].id == "unset");
  CHECK(changed->successful[1].id == "longer");
  Strings failed;
  for (const BatchResultErrorEntry& entry : changed->failed) {
    failed.push_back(entry.id + ": " + entry.code);
    CHECK(entry.sender_fault);
    CHECK_FALSE(entry.message.empty());
  }
  CHECK(failed == Strings{"too-long: InvalidParameterValue", "deleted: InvalidParameterValue",
                          "nonsense: ReceiptHandleIsInvalid"});
  CHECK(w.Counts(url) == QueueCounts{.visible = 1, .in_flight = 2});
  w.Advance(absl::Seconds(30));
  CHECK(w.Counts(url) == QueueCounts{.visible = 2, .in_flight = 1});
}

TEST_CASE("A visibility batch has 1 to 10 entries with different ids",
          "[sqs][ChangeMessageVisibilityBatch]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  const auto change = [&](const Strings& ids) {
    Entries entries;
    for (const std::string& id : ids) {
      entries.push_back(
          {.id = id, .receipt_handle = handle, .visibility_timeout = absl::Seconds(5)});
    }
    return Code(w.sqs.ChangeMessageVisibilityBatch({.queue_url = url, .entries = entries}));
  };
  CHECK(change({}) == "EmptyBatchRequest");
  CHECK(change({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}) == "OK");
  CHECK(change({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}) ==
        "TooManyEntriesInBatchRequest");
  CHECK(change({"0", "0"}) == "BatchEntryIdsNotDistinct");
  CHECK(change({"0 0"}) == "InvalidBatchEntryId");
  CHECK(change({std::string(81, 'i')}) == "InvalidBatchEntryId");
}

// ---- FIFO

TEST_CASE("A FIFO message's receipt handle expires with its visibility timeout",
          "[sqs][ChangeMessageVisibility][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Hide(url, handle, absl::Seconds(10)) == "OK");
  w.Advance(absl::Seconds(10));
  const auto late = w.sqs.ChangeMessageVisibility(
      {.queue_url = url, .receipt_handle = handle, .visibility_timeout = absl::Seconds(10)});
  CHECK(Code(late) == "InvalidParameterValue");
  CHECK_THAT(Words(late), Catch::Contains("expired"));
  CHECK(w.Bodies(url) == Strings{"one"});
}

}  // namespace
}  // namespace skybox::sqs
