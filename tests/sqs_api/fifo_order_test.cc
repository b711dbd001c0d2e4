#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

TEST_CASE("A group's messages come in the order of sending", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  for (int i = 0; i < 25; ++i) w.SendTo(url, "g", std::to_string(i));
  Strings received;
  for (int i = 0; i < 3; ++i) {
    for (const Message& message : w.Ten(url)) {
      received.push_back(message.body.str());
      w.Delete(url, message.receipt_handle);
    }
  }
  REQUIRE(received.size() == 25);
  for (int i = 0; i < 25; ++i) CHECK(received[i] == std::to_string(i));
}

TEST_CASE("A group with a message in flight gives no further message", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  w.SendTo(url, "g", "two");
  const Message one = w.One(url);
  CHECK(one.body == "one");
  CHECK(w.Bodies(url).empty());
  w.Delete(url, one.receipt_handle);
  CHECK(w.Bodies(url) == Strings{"two"});
}

TEST_CASE("A blocked group does not block the others", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "a", "a1");
  w.SendTo(url, "a", "a2");
  w.SendTo(url, "b", "b1");
  CHECK(w.One(url).body == "a1");
  CHECK(w.Bodies(url) == Strings{"b1"});
}

TEST_CASE("A group is free when the visibility timeout ends, and starts at the same message",
          "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  w.SendTo(url, "g", "two");
  w.One(url);
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Bodies(url).empty());
  w.Advance(kInstant);
  CHECK(w.Bodies(url) == Strings{"one", "two"});
}

TEST_CASE("A group is free when its message's visibility is changed to 0", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  w.SendTo(url, "g", "two");
  CHECK(w.Hide(url, w.One(url).receipt_handle, absl::ZeroDuration()) == "OK");
  CHECK(w.Bodies(url) == Strings{"one", "two"});
}

TEST_CASE("A group is blocked until all of a receive's messages are done", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  for (const char* body : {"1", "2", "3"}) w.SendTo(url, "g", body);
  const std::vector<Message> two = w.ReceiveWith({.queue_url = url, .max_number_of_messages = 2});
  REQUIRE(BodiesOf(two) == Strings{"1", "2"});
  w.Delete(url, two[0].receipt_handle);
  CHECK(w.Bodies(url).empty());
  w.Delete(url, two[1].receipt_handle);
  CHECK(w.Bodies(url) == Strings{"3"});
}

TEST_CASE("A message deleted out of turn leaves the one before it first", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  for (const char* body : {"1", "2", "3"}) w.SendTo(url, "g", body);
  const std::vector<Message> two = w.ReceiveWith({.queue_url = url, .max_number_of_messages = 2});
  w.Delete(url, two[1].receipt_handle);
  w.Advance(absl::Seconds(30));
  CHECK(w.Bodies(url) == Strings{"1", "3"});
}

TEST_CASE("A later message that is visible again waits for the earlier one in flight",
          "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "1");
  w.SendTo(url, "g", "2");
  const std::vector<Message> two = w.Ten(url);
  REQUIRE(two.size() == 2);
  CHECK(w.Hide(url, two[1].receipt_handle, absl::ZeroDuration()) == "OK");
  CHECK(w.Bodies(url).empty());
  w.Delete(url, two[0].receipt_handle);
  CHECK(w.Bodies(url) == Strings{"2"});
}

TEST_CASE("A receive takes as many as it can from one group, then from the next", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  for (int i = 0; i < 4; ++i) {
    w.SendTo(url, "a", "a" + std::to_string(i));
    w.SendTo(url, "b", "b" + std::to_string(i));
  }
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url, .max_number_of_messages = 6})) ==
        Strings{"a0", "a1", "a2", "a3", "b0", "b1"});
}

TEST_CASE("The group with the oldest message that can be had comes first", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "a", "a1");
  w.SendTo(url, "b", "b1");
  w.SendTo(url, "a", "a2");
  const Message a1 = w.One(url);
  w.Delete(url, a1.receipt_handle);
  CHECK(w.One(url).body == "b1");
  CHECK(w.One(url).body == "a2");
}

TEST_CASE("A FIFO message received many times stays in its place", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "poison");
  w.SendTo(url, "g", "next");
  for (int32_t i = 1; i <= 10; ++i) {
    const Message message = w.One(url);
    CHECK(message.body == "poison");
    CHECK(message.receive_count == i);
    w.Advance(absl::Seconds(30));
  }
}

TEST_CASE("Sequence numbers have 20 digits and increase", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  std::optional<SequenceNumber> last;
  for (int i = 0; i < 100; ++i) {
    const SendMessageResponse sent = w.SendTo(url, i % 2 == 0 ? "a" : "b", std::to_string(i));
    REQUIRE(sent.sequence_number.has_value());
    CHECK(sent.sequence_number->str().size() == 20);
    if (last.has_value()) {
      CHECK(*sent.sequence_number > *last);
      CHECK(sent.sequence_number->str() > last->str());
    }
    last = sent.sequence_number;
  }
}

TEST_CASE("A FIFO message tells group, deduplication id and sequence number", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  const SendMessageResponse sent = w.SendTo(url, "g", "one", "d");
  const Message message = w.One(url);
  CHECK(message.attributes.message_group_id == Text("g"));
  CHECK(message.attributes.message_deduplication_id == Text("d"));
  CHECK(message.attributes.sequence_number == sent.sequence_number);
  CHECK(message.attributes.Find("SequenceNumber") == sent.sequence_number->str());
}

TEST_CASE("A message that waits for its delay blocks the later ones of its group",
          "[sqs][fifo][delays]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.delay_seconds = absl::Seconds(60)});
  w.SendTo(url, "g", "one");
  w.Advance(absl::Seconds(10));
  w.SendTo(url, "g", "two");
  w.Advance(absl::Seconds(60));
  CHECK(w.Bodies(url) == Strings{"one", "two"});
}

TEST_CASE("Thousands of groups do not disturb each other", "[sqs][fifo]") {
  World w;
  const std::string url = w.Fifo();
  for (int round = 0; round < 2; ++round) {
    for (int group = 0; group < 2000; ++group) {
      w.SendTo(url, "g" + std::to_string(group),
               std::to_string(round) + "-" + std::to_string(group));
    }
  }
  // Both of each group at once, group after group.
  for (int group = 0; group < 2000; ++group) {
    const std::vector<Message> two = w.ReceiveWith({.queue_url = url, .max_number_of_messages = 2});
    REQUIRE(BodiesOf(two) == Strings{"0-" + std::to_string(group), "1-" + std::to_string(group)});
  }
  CHECK(w.Bodies(url).empty());
}

// ---- Throughput limits

TEST_CASE("A FIFO queue is not throttled by default", "[sqs][fifo][quotas]") {
  World w;
  const std::string url = w.Fifo();
  for (int i = 0; i < 1000; ++i) w.SendTo(url, "g", std::to_string(i));
  CHECK(w.Counts(url) == QueueCounts{.visible = 1000});
}

std::string SendCode(World& w, const std::string& url, std::string group, int i) {
  return Code(w.sqs.SendMessage({.queue_url = url,
                                 .message_body = "x",
                                 .message_deduplication_id = std::to_string(i),
                                 .message_group_id = std::move(group)}));
}

TEST_CASE("A FIFO queue's transaction limit holds for each method by itself",
          "[sqs][fifo][quotas]") {
  World w({.quotas = {{"sqs.fifo_transactions_per_second", 3}}});
  const std::string url = w.Fifo();
  for (int i = 0; i < 3; ++i) CHECK(SendCode(w, url, "g" + std::to_string(i), i) == "OK");
  const uint64_t before = w.State();
  CHECK(SendCode(w, url, "g", 3) == "ThrottlingException");
  CHECK(w.State() == before);
  CHECK(w.ReceiveWith({.queue_url = url}).size() == 1);
  w.Advance(absl::Seconds(1));
  CHECK(SendCode(w, url, "g", 3) == "OK");
}

TEST_CASE("The transaction limit of one queue is not the other's", "[sqs][fifo][quotas]") {
  World w({.quotas = {{"sqs.fifo_transactions_per_second", 1}}});
  const std::string a = w.Fifo("a.fifo");
  const std::string b = w.Fifo("b.fifo");
  CHECK(SendCode(w, a, "g", 0) == "OK");
  CHECK(SendCode(w, a, "g", 1) == "ThrottlingException");
  CHECK(SendCode(w, b, "g", 0) == "OK");
  CHECK(Code(w.sqs.SendMessage({.queue_url = w.Queue(), .message_body = "x"})) == "OK");
}

TEST_CASE("A batch is one transaction", "[sqs][fifo][quotas]") {
  World w({.quotas = {{"sqs.fifo_transactions_per_second", 1}}});
  const std::string url = w.Fifo();
  std::vector<SendMessageBatchRequestEntry> entries;
  for (int i = 0; i < 10; ++i) {
    entries.push_back({.id = std::to_string(i),
                       .message_body = "x",
                       .message_deduplication_id = std::to_string(i),
                       .message_group_id = "g"});
  }
  const auto sent = w.sqs.SendMessageBatch({.queue_url = url, .entries = entries});
  REQUIRE(Code(sent) == "OK");
  CHECK(sent->successful.size() == 10);
  CHECK(SendCode(w, url, "g", 10) == "ThrottlingException");
}

TEST_CASE("With high throughput the limit holds for each message group", "[sqs][fifo][quotas]") {
  World w({.quotas = {{"sqs.fifo_transactions_per_second", 2},
                      {"sqs.fifo_group_transactions_per_second", 2}}});
  const std::string url = w.Fifo("orders.fifo", {.deduplication_scope = "messageGroup",
                                                 .fifo_throughput_limit = "perMessageGroupId"});
  for (int i = 0; i < 2; ++i) {
    CHECK(SendCode(w, url, "a", i) == "OK");
    CHECK(SendCode(w, url, "b", i) == "OK");
  }
  CHECK(SendCode(w, url, "a", 2) == "ThrottlingException");
  CHECK(SendCode(w, url, "c", 0) == "OK");
}

}  // namespace
}  // namespace skybox::sqs
