#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

TEST_CASE("An empty queue answers no messages, which is no error", "[sqs][ReceiveMessage]") {
  World w;
  const auto received = w.sqs.ReceiveMessage({.queue_url = w.Queue()});
  CHECK(Code(received) == "OK");
  CHECK(received->messages.empty());
}

TEST_CASE("A short poll does not move the clock", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  const absl::Time t0 = w.cloud.Now();
  w.Ten(url);
  CHECK(w.cloud.Now() == t0);
}

TEST_CASE("A receive answers one message unless asked for more", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c"});
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url})) == Strings{"a"});
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url, .max_number_of_messages = 10})) ==
        Strings{"b", "c"});
}

TEST_CASE("A receive answers 1 to 10 messages", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  for (int i = 0; i < 12; ++i) w.Send(url, "x");
  for (const int32_t number : {-1, 0, 11, 2'000'000'000}) {
    const auto received =
        w.sqs.ReceiveMessage({.queue_url = url, .max_number_of_messages = number});
    CHECK(Code(received) == "InvalidParameterValue");
    CHECK_THAT(Words(received), Catch::Contains(std::to_string(number)));
  }
  CHECK(w.Counts(url).in_flight == 0);
  CHECK(w.ReceiveWith({.queue_url = url, .max_number_of_messages = 1}).size() == 1);
  CHECK(w.ReceiveWith({.queue_url = url, .max_number_of_messages = 10}).size() == 10);
}

TEST_CASE("A standard queue hands messages out in the order of sending", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  Strings bodies;
  for (int i = 0; i < 100; ++i) bodies.push_back(std::to_string(i));
  w.SendAll(url, bodies);
  Strings received;
  for (int i = 0; i < 10; ++i) {
    for (const std::string& body : w.Bodies(url)) received.push_back(body);
  }
  CHECK(received == bodies);
}

TEST_CASE("Messages that are visible again come in the order of sending", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c"});
  w.ReceiveWith({.queue_url = url, .max_number_of_messages = 2});
  w.Advance(absl::Seconds(30));
  w.Send(url, "d");
  CHECK(w.Bodies(url) == Strings{"a", "b", "c", "d"});
}

TEST_CASE("A message received three times goes to the back of a standard queue",
          "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "poison");
  for (int i = 0; i < 2; ++i) {
    w.One(url);
    w.Advance(absl::Seconds(30));
  }
  w.SendAll(url, {"a", "b"});
  // Received twice: still at the front. With the third receive it goes behind those that are there.
  CHECK(w.One(url).body == "poison");
  w.Send(url, "c");
  w.Advance(absl::Seconds(30));
  CHECK(w.Bodies(url) == Strings{"a", "b", "poison", "c"});
}

TEST_CASE("A received message is in flight", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  CHECK(w.Bodies(url) == Strings{"one"});
  CHECK(w.Bodies(url).empty());
  CHECK(w.Counts(url) == QueueCounts{.in_flight = 1});
}

TEST_CASE("Each receive has a receipt handle of its own", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle first = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(30));
  const ReceiptHandle second = w.One(url).receipt_handle;
  CHECK(first != second);
  CHECK(first.str() != second.str());
  CHECK(first.str().size() <= 1024);
}

TEST_CASE("A receipt handle is what its text says", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const std::string text = w.One(url).receipt_handle.str();
  w.Delete(url, text);
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("System attributes come when asked for, by either name of the list",
          "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c"});
  const Message none = w.ReceiveWith({.queue_url = url})[0];
  CHECK(none.attributes == MessageSystemAttributes{});
  const Message newer =
      w.ReceiveWith({.queue_url = url, .message_system_attribute_names = {"SentTimestamp"}})[0];
  CHECK(newer.attributes == MessageSystemAttributes{.sent_timestamp = w.cloud.Now()});
  const Message both =
      w.ReceiveWith({.queue_url = url,
                     .attribute_names = {"SentTimestamp"},
                     .message_system_attribute_names = {"ApproximateReceiveCount"}})[0];
  CHECK(both.attributes ==
        MessageSystemAttributes{.sent_timestamp = w.cloud.Now(), .approximate_receive_count = 1});
}

TEST_CASE("A standard message has sender, times and receive count", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  const absl::Time sent = w.cloud.Now();
  w.Send(url, "one");
  w.Advance(absl::Seconds(5));
  const absl::Time first = w.cloud.Now();
  Message message = w.One(url);
  CHECK(message.attributes.sent_timestamp == sent);
  CHECK(message.attributes.approximate_first_receive_timestamp == first);
  CHECK(message.attributes.approximate_receive_count == 1);
  CHECK(message.attributes.sender_id == Text(kAccount));
  CHECK_FALSE(message.attributes.sequence_number.has_value());
  CHECK_FALSE(message.attributes.message_group_id.has_value());
  CHECK_FALSE(message.attributes.message_deduplication_id.has_value());
  CHECK_FALSE(message.attributes.aws_trace_header.has_value());
  CHECK_FALSE(message.attributes.dead_letter_queue_source_arn.has_value());
  w.Advance(absl::Seconds(30));
  message = w.One(url);
  CHECK(message.attributes.sent_timestamp == sent);
  CHECK(message.attributes.approximate_first_receive_timestamp == first);
  CHECK(message.attributes.approximate_receive_count == 2);
}

TEST_CASE("Timestamps of a message are written in milliseconds", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const Message message = w.One(url);
  CHECK(message.attributes.Find("SentTimestamp") == "1704067200000");
  CHECK(message.attributes.Find("ApproximateReceiveCount") == "1");
  CHECK_FALSE(message.attributes.Find("SequenceNumber").has_value());
  CHECK_FALSE(message.attributes.Find("Colour").has_value());
}

TEST_CASE("The receive count counts receives, whether it is asked for or not",
          "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  for (int32_t i = 1; i <= 20; ++i) {
    const std::vector<Message> received = w.ReceiveWith({.queue_url = url});
    REQUIRE(received.size() == 1);
    CHECK(received[0].receive_count == i);
    w.Advance(absl::Seconds(30));
  }
}

TEST_CASE("An unknown system attribute name is refused", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const auto newer = w.sqs.ReceiveMessage(
      {.queue_url = url, .message_system_attribute_names = {"SentTimestamp", "Colour"}});
  CHECK(Code(newer) == "InvalidParameterValue");
  CHECK_THAT(Words(newer), Catch::Contains("Colour"));
  const auto older = w.sqs.ReceiveMessage({.queue_url = url, .attribute_names = {"Colour"}});
  CHECK(Code(older) == Code(newer));
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
}

TEST_CASE("A visibility timeout of 0 to 12 hours can be asked for", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const auto receive = [&](absl::Duration timeout) {
    return Code(w.sqs.ReceiveMessage({.queue_url = url, .visibility_timeout = timeout}));
  };
  CHECK(receive(absl::Seconds(-1)) == "InvalidParameterValue");
  CHECK(receive(absl::Seconds(43'201)) == "InvalidParameterValue");
  CHECK(receive(absl::Milliseconds(1500)) == "InvalidParameterValue");
  CHECK(receive(absl::InfiniteDuration()) == "InvalidParameterValue");
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  CHECK(receive(absl::Seconds(0)) == "OK");
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  CHECK(receive(absl::Hours(12)) == "OK");
  CHECK(w.Counts(url) == QueueCounts{.in_flight = 1});
}

TEST_CASE("A wait time of 0 to 20 seconds can be asked for", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const auto receive = [&](absl::Duration wait) {
    return Code(w.sqs.ReceiveMessage({.queue_url = url, .wait_time_seconds = wait}));
  };
  CHECK(receive(absl::Seconds(-1)) == "InvalidParameterValue");
  CHECK(receive(absl::Seconds(21)) == "InvalidParameterValue");
  CHECK(receive(absl::Milliseconds(1)) == "InvalidParameterValue");
  CHECK(receive(absl::InfiniteDuration()) == "InvalidParameterValue");
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  CHECK(receive(absl::Seconds(20)) == "OK");
  CHECK(receive(absl::Seconds(0)) == "OK");
}

TEST_CASE("A standard queue takes no receive request attempt id", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const auto received =
      w.sqs.ReceiveMessage({.queue_url = url, .receive_request_attempt_id = "attempt"});
  CHECK(Code(received) == "InvalidParameterValue");
  CHECK_THAT(Words(received), Catch::Contains("ReceiveRequestAttemptId"));
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
}

TEST_CASE("A short poll at the in-flight limit of a standard queue is OverLimit",
          "[sqs][ReceiveMessage][quotas]") {
  World w({.quotas = {{"sqs.in_flight_standard", 3}}});
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c", "d"});
  CHECK(w.ReceiveWith({.queue_url = url, .max_number_of_messages = 2}).size() == 2);
  const Message third = w.One(url);
  const uint64_t before = w.State();
  const auto fourth = w.sqs.ReceiveMessage({.queue_url = url});
  CHECK(Code(fourth) == "OverLimit");
  CHECK(w.State() == before);
  w.Delete(url, third.receipt_handle);
  CHECK(w.One(url).body == "d");
}

TEST_CASE("A receive takes no more than the in-flight limit leaves",
          "[sqs][ReceiveMessage][quotas]") {
  World w({.quotas = {{"sqs.in_flight_standard", 3}}});
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c", "d"});
  CHECK(w.Bodies(url) == Strings{"a", "b", "c"});
  w.Advance(absl::Seconds(30));
  CHECK(w.Bodies(url) == Strings{"a", "b", "c"});
}

TEST_CASE("A long poll at the in-flight limit waits until there is room",
          "[sqs][ReceiveMessage][quotas]") {
  World w({.quotas = {{"sqs.in_flight_standard", 1}}});
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::Seconds(25)});
  w.SendAll(url, {"a", "b"});
  w.One(url);
  const absl::Time t0 = w.cloud.Now();
  CHECK(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)}).empty());
  CHECK(w.cloud.Now() == t0 + absl::Seconds(20));
  CHECK(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)}).size() == 1);
  CHECK(w.cloud.Now() == t0 + absl::Seconds(25));
}

TEST_CASE("A FIFO queue at the in-flight limit answers nothing",
          "[sqs][ReceiveMessage][quotas][fifo]") {
  World w({.quotas = {{"sqs.in_flight_fifo", 2}}});
  const std::string url = w.Fifo();
  for (const char* group : {"a", "b", "c"}) w.SendTo(url, group, group);
  CHECK(w.Bodies(url) == Strings{"a", "b"});
  const auto third = w.sqs.ReceiveMessage({.queue_url = url});
  CHECK(Code(third) == "OK");
  CHECK(third->messages.empty());
}

TEST_CASE("120,000 messages of a standard queue can be in flight", "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::Hours(1)});
  const std::string empty = w.Queue("empty");
  const Text body = "x";
  for (int i = 0; i < 120'001; ++i)
    w.sqs.SendMessage({.queue_url = url, .message_body = body}).IgnoreError();
  for (int i = 0; i < 12'000; ++i) {
    const auto received = w.sqs.ReceiveMessage({.queue_url = url, .max_number_of_messages = 10});
    if (!received.ok() || received->messages.size() != 10) FAIL("receive number " << i);
  }
  CHECK(w.Counts(url) == QueueCounts{.visible = 1, .in_flight = 120'000});
  CHECK(Code(w.sqs.ReceiveMessage({.queue_url = url})) == "OverLimit");
  CHECK(Code(w.sqs.ReceiveMessage({.queue_url = empty})) == "OK");
}

TEST_CASE("20,000 messages of a FIFO queue can be in flight", "[sqs][ReceiveMessage][fifo]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.visibility_timeout = absl::Hours(1)});
  for (int i = 0; i < 20'001; ++i) {
    const std::string id = std::to_string(i);
    w.sqs
        .SendMessage({.queue_url = url,
                      .message_body = "x",
                      .message_deduplication_id = id,
                      .message_group_id = id})
        .IgnoreError();
  }
  for (int i = 0; i < 2'000; ++i) {
    const auto received = w.sqs.ReceiveMessage({.queue_url = url, .max_number_of_messages = 10});
    if (!received.ok() || received->messages.size() != 10) FAIL("receive number " << i);
  }
  CHECK(w.Counts(url) == QueueCounts{.visible = 1, .in_flight = 20'000});
  CHECK(w.Ten(url).empty());
}

TEST_CASE("A receive from a queue that is not there is QueueDoesNotExist",
          "[sqs][ReceiveMessage]") {
  World w;
  const std::string url = w.Queue();
  CHECK(Code(w.sqs.ReceiveMessage({.queue_url = url + "2"})) == "QueueDoesNotExist");
  CHECK(Code(w.sqs.ReceiveMessage({})) == "MissingParameter");
}

}  // namespace
}  // namespace skybox::sqs
