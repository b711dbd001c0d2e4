#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

// A message sent now is there until its retention ends, and gone at that instant.
void CheckKeptFor(World& w, const std::string& url, absl::Duration time) {
  w.Send(url, "one");
  w.Advance(time - kInstant);
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  w.Advance(kInstant);
  CHECK(w.Counts(url) == QueueCounts{});
  CHECK(w.Bodies(url).empty());
}

TEST_CASE("A message is kept for 4 days by default", "[sqs][retention]") {
  World w;
  CheckKeptFor(w, w.Queue(), absl::Hours(4 * 24));
}

TEST_CASE("A message is kept for 60 seconds at least", "[sqs][retention]") {
  World w;
  CheckKeptFor(w, w.Queue("orders", {.message_retention_period = absl::Seconds(60)}),
               absl::Seconds(60));
}

TEST_CASE("A message is kept for 14 days at most", "[sqs][retention]") {
  World w;
  CheckKeptFor(w, w.Queue("orders", {.message_retention_period = absl::Hours(14 * 24)}),
               absl::Hours(14 * 24));
}

TEST_CASE("A message can be received an instant before it expires", "[sqs][retention]") {
  World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  w.Send(url, "one");
  w.Advance(absl::Seconds(60) - kInstant);
  CHECK(w.Bodies(url) == Strings{"one"});
  w.Advance(kInstant);
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("A message expires while it is in flight, and does not come back", "[sqs][retention]") {
  World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  w.Send(url, "one");
  w.Advance(absl::Seconds(45));
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Advance(absl::Seconds(15));
  CHECK(w.Counts(url) == QueueCounts{});
  w.Advance(absl::Seconds(15));
  CHECK(w.Bodies(url).empty());
  CHECK(w.Hide(url, handle, absl::Seconds(1)) == "InvalidParameterValue");
}

TEST_CASE("A message expires while it is delayed", "[sqs][retention]") {
  World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  w.Send({.queue_url = url, .message_body = "one", .delay_seconds = absl::Seconds(900)});
  w.Advance(absl::Seconds(60) - kInstant);
  CHECK(w.Counts(url) == QueueCounts{.delayed = 1});
  w.Advance(kInstant);
  CHECK(w.Counts(url) == QueueCounts{});
  w.Advance(absl::Seconds(900));
  CHECK(w.Bodies(url).empty());
}

TEST_CASE("Retention counts from the sending, whatever happens in between", "[sqs][retention]") {
  World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(100)});
  w.Send(url, "one");
  for (int i = 0; i < 3; ++i) {
    CHECK(w.Bodies(url) == Strings{"one"});
    w.Advance(absl::Seconds(30));
  }
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  w.Advance(absl::Seconds(10));
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("Each message has its own retention", "[sqs][retention]") {
  World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  for (const char* body : {"a", "b", "c"}) {
    w.Send(url, body);
    w.Advance(absl::Seconds(20));
  }
  CHECK(w.Counts(url) == QueueCounts{.visible = 2});  // a has gone with this instant
  w.Advance(absl::Seconds(20));
  CHECK(w.Bodies(url) == Strings{"c"});
}

TEST_CASE("A shorter retention expires the messages that are too old at once", "[sqs][retention]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "old");
  w.Advance(absl::Seconds(40));
  w.Send(url, "new");
  w.Advance(absl::Seconds(20));
  w.Set(url, {.message_retention_period = absl::Seconds(60)});
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  w.Advance(absl::Seconds(40) - kInstant);
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  w.Advance(kInstant);
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("A longer retention keeps the messages that are there longer", "[sqs][retention]") {
  World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  w.Send(url, "one");
  w.Advance(absl::Seconds(50));
  w.Set(url, {.message_retention_period = absl::Seconds(120)});
  w.Advance(absl::Seconds(70) - kInstant);
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
  w.Advance(kInstant);
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("An expired message does not come back with a longer retention", "[sqs][retention]") {
  World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  w.Send(url, "one");
  w.Advance(absl::Seconds(60));
  w.Set(url, {.message_retention_period = absl::Hours(1)});
  CHECK(w.Counts(url) == QueueCounts{});
  CHECK(w.Bodies(url).empty());
}

TEST_CASE("An expired message frees its group", "[sqs][retention][fifo]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.message_retention_period = absl::Seconds(60),
                                                 .visibility_timeout = absl::Hours(1)});
  w.SendTo(url, "g", "one");
  w.Advance(absl::Seconds(30));
  w.SendTo(url, "g", "two");
  CHECK(w.One(url).body == "one");
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Bodies(url).empty());
  w.Advance(kInstant);
  CHECK(w.Bodies(url) == Strings{"two"});
}

TEST_CASE("A hundred thousand messages expire together", "[sqs][retention]") {
  World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  for (int i = 0; i < 100'000; ++i)
    w.sqs.SendMessage({.queue_url = url, .message_body = "x"}).IgnoreError();
  w.Advance(absl::Seconds(60));
  CHECK(w.Bodies(url).empty());
  CHECK(w.Counts(url) == QueueCounts{});
}

}  // namespace
}  // namespace skybox::sqs
