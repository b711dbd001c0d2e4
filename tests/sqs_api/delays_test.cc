#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

std::string SendLater(World& w, const std::string& url, std::string body, absl::Duration delay) {
  return Code(w.sqs.SendMessage(
      {.queue_url = url, .message_body = std::move(body), .delay_seconds = delay}));
}

TEST_CASE("A delayed message is visible when its delay ends", "[sqs][delays]") {
  World w;
  const std::string url = w.Queue();
  CHECK(SendLater(w, url, "one", absl::Seconds(10)) == "OK");
  CHECK(w.Counts(url) == QueueCounts{.delayed = 1});
  w.Advance(absl::Seconds(10) - kInstant);
  CHECK(w.Bodies(url).empty());
  w.Advance(kInstant);
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("A message's delay is 0 to 15 minutes", "[sqs][delays]") {
  World w;
  const std::string url = w.Queue();
  CHECK(SendLater(w, url, "x", absl::Seconds(-1)) == "InvalidParameterValue");
  CHECK(SendLater(w, url, "x", absl::Seconds(901)) == "InvalidParameterValue");
  CHECK(SendLater(w, url, "x", absl::Milliseconds(1500)) == "InvalidParameterValue");
  CHECK(SendLater(w, url, "x", absl::InfiniteDuration()) == "InvalidParameterValue");
  CHECK(w.Counts(url) == QueueCounts{});
  CHECK(SendLater(w, url, "now", absl::Seconds(0)) == "OK");
  CHECK(SendLater(w, url, "later", absl::Seconds(900)) == "OK");
  CHECK(w.Bodies(url) == Strings{"now"});
  w.Advance(absl::Seconds(900));
  CHECK(w.Bodies(url) == Strings{"now", "later"});
}

TEST_CASE("The error names the delay", "[sqs][delays]") {
  World w;
  const auto sent = w.sqs.SendMessage(
      {.queue_url = w.Queue(), .message_body = "x", .delay_seconds = absl::Seconds(901)});
  CHECK_THAT(Words(sent), Catch::Contains("901") && Catch::Contains("DelaySeconds"));
}

TEST_CASE("A delay queue delays what has no delay of its own", "[sqs][delays]") {
  World w;
  const std::string url = w.Queue("orders", {.delay_seconds = absl::Seconds(60)});
  w.Send(url, "the queue's");
  CHECK(SendLater(w, url, "shorter", absl::Seconds(10)) == "OK");
  CHECK(SendLater(w, url, "none", absl::Seconds(0)) == "OK");
  CHECK(w.Bodies(url) == Strings{"none"});
  w.Advance(absl::Seconds(10));
  CHECK(w.Bodies(url) == Strings{"shorter"});
  w.Advance(absl::Seconds(20));
  w.Delete(url, w.One(url).receipt_handle);
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Counts(url).delayed == 1);
  w.Advance(kInstant);
  CHECK(w.Counts(url).delayed == 0);
}

TEST_CASE("Messages with different delays come when they are due", "[sqs][delays]") {
  World w;
  const std::string url = w.Queue();
  for (const int delay : {30, 10, 20}) {
    CHECK(SendLater(w, url, std::to_string(delay), absl::Seconds(delay)) == "OK");
  }
  for (const char* due : {"10", "20", "30"}) {
    w.Advance(absl::Seconds(10));
    const std::vector<Message> received =
        w.ReceiveWith({.queue_url = url, .visibility_timeout = absl::Hours(1)});
    CHECK(BodiesOf(received) == Strings{due});
  }
}

TEST_CASE("A delayed message that is due comes in the order of sending", "[sqs][delays]") {
  World w;
  const std::string url = w.Queue();
  CHECK(SendLater(w, url, "first", absl::Seconds(10)) == "OK");
  w.Advance(absl::Seconds(5));
  w.Send(url, "second");
  w.Advance(absl::Seconds(5));
  CHECK(w.Bodies(url) == Strings{"first", "second"});
}

TEST_CASE("A queue's new delay holds for messages sent later to a standard queue",
          "[sqs][delays]") {
  World w;
  const std::string url = w.Queue("orders", {.delay_seconds = absl::Seconds(60)});
  w.Send(url, "old");
  w.Set(url, {.delay_seconds = absl::Seconds(10)});
  w.Send(url, "new");
  w.Advance(absl::Seconds(10));
  CHECK(w.Bodies(url) == Strings{"new"});
  w.Advance(absl::Seconds(50) - kInstant);
  CHECK(w.Counts(url).delayed == 1);
  w.Advance(kInstant);
  CHECK(w.Counts(url).delayed == 0);
}

TEST_CASE("A message's delay does not shorten its visibility timeout", "[sqs][delays]") {
  World w;
  const std::string url = w.Queue();
  CHECK(SendLater(w, url, "one", absl::Seconds(10)) == "OK");
  w.Advance(absl::Seconds(10));
  w.One(url);
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Bodies(url).empty());
  w.Advance(kInstant);
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("A FIFO queue takes no delay of a message, except 0", "[sqs][delays][fifo]") {
  World w;
  const std::string url = w.Fifo();
  SendMessageRequest request = {.queue_url = url,
                                .message_body = "one",
                                .delay_seconds = absl::Seconds(1),
                                .message_deduplication_id = "d",
                                .message_group_id = "g"};
  const auto sent = w.sqs.SendMessage(request);
  CHECK(Code(sent) == "InvalidParameterValue");
  CHECK_THAT(Words(sent), Catch::Contains("DelaySeconds"));
  request.delay_seconds = absl::ZeroDuration();
  CHECK(Code(w.sqs.SendMessage(request)) == "OK");
}

TEST_CASE("A FIFO delay queue delays every message", "[sqs][delays][fifo]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.delay_seconds = absl::Seconds(60)});
  w.SendTo(url, "g", "one");
  w.Advance(absl::Seconds(30));
  w.SendTo(url, "g", "two");
  CHECK(w.Counts(url) == QueueCounts{.delayed = 2});
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Bodies(url).empty());
  w.Advance(kInstant);
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("A FIFO queue's new delay holds for the messages that wait too", "[sqs][delays][fifo]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.delay_seconds = absl::Seconds(60)});
  w.SendTo(url, "g", "one");
  w.Advance(absl::Seconds(10));
  w.Set(url, {.delay_seconds = absl::Seconds(20)});
  w.Advance(absl::Seconds(10) - kInstant);
  CHECK(w.Bodies(url).empty());
  w.Advance(kInstant);
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("A FIFO queue's delay that is taken away shows its messages at once",
          "[sqs][delays][fifo]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.delay_seconds = absl::Seconds(60)});
  w.SendTo(url, "g", "one");
  w.Set(url, {.delay_seconds = absl::ZeroDuration()});
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("Counted in seconds of the world, a delay outlives a queue's other business",
          "[sqs][delays]") {
  World w;
  const std::string url = w.Queue();
  CHECK(SendLater(w, url, "later", absl::Seconds(900)) == "OK");
  for (int i = 0; i < 899; ++i) {
    w.Send(url, "now");
    w.Delete(url, w.One(url).receipt_handle);
    w.Advance(absl::Seconds(1));
  }
  CHECK(w.Counts(url) == QueueCounts{.delayed = 1});
  w.Advance(absl::Seconds(1));
  CHECK(w.Bodies(url) == Strings{"later"});
}

}  // namespace
}  // namespace skybox::sqs
