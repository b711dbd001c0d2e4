#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "skybox/task.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

// What the waiters of a test saw, in order: "who@seconds: bodies", or the error.
struct Log {
  absl::Time start;
  Strings lines = {};
};

Task<> Wait(Cloud& cloud, Client sqs, ReceiveMessageRequest request, std::string who, Log& log) {
  const auto received = co_await sqs.Await(request);
  std::string line =
      who + "@" + std::to_string(absl::ToInt64Seconds(cloud.Now() - log.start)) + ":";
  if (!received.ok()) {
    line += " " + Code(received);
  } else {
    for (const Message& message : received->messages) line += " " + message.body.str();
  }
  log.lines.push_back(std::move(line));
}

struct Waiting : World {
  explicit Waiting(CloudOptions options = {}) : World(std::move(options)) {}

  TaskHandle<> Spawn(std::string who, const std::string& url,
                     absl::Duration time = absl::Seconds(20), int32_t number = 1) {
    return cloud.Spawn(Wait(
        cloud, sqs, {.queue_url = url, .max_number_of_messages = number, .wait_time_seconds = time},
        std::move(who), log));
  }

  Log log{cloud.Now()};
};

// ---- Blocking

TEST_CASE("A long poll with nothing to come moves the clock to the end of the wait",
          "[sqs][long_poll]") {
  World w;
  const std::string url = w.Queue();
  const absl::Time t0 = w.cloud.Now();
  CHECK(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)}).empty());
  CHECK(w.cloud.Now() == t0 + absl::Seconds(20));
}

TEST_CASE("A long poll with a visible message does not move the clock", "[sqs][long_poll]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b"});
  const absl::Time t0 = w.cloud.Now();
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url,
                                .max_number_of_messages = 10,
                                .wait_time_seconds = absl::Seconds(20)})) == Strings{"a", "b"});
  CHECK(w.cloud.Now() == t0);
}

TEST_CASE("A long poll ends when a delay ends", "[sqs][long_poll]") {
  World w;
  const std::string url = w.Queue();
  const absl::Time t0 = w.cloud.Now();
  w.Send({.queue_url = url, .message_body = "one", .delay_seconds = absl::Seconds(7)});
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)})) ==
        Strings{"one"});
  CHECK(w.cloud.Now() == t0 + absl::Seconds(7));
}

TEST_CASE("A long poll ends when another consumer's visibility timeout ends", "[sqs][long_poll]") {
  World w;
  const std::string url = w.Queue();
  const absl::Time t0 = w.cloud.Now();
  w.Send(url, "one");
  w.One(url);
  w.Advance(absl::Seconds(12));
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)})) ==
        Strings{"one"});
  CHECK(w.cloud.Now() == t0 + absl::Seconds(30));
}

TEST_CASE("A long poll gets what is visible at the very end of its wait", "[sqs][long_poll]") {
  World w;
  const std::string url = w.Queue();
  w.Send({.queue_url = url, .message_body = "one", .delay_seconds = absl::Seconds(20)});
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)})) ==
        Strings{"one"});
}

TEST_CASE("A long poll takes all that becomes visible at one instant", "[sqs][long_poll]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c"});
  w.Ten(url);
  w.Advance(absl::Seconds(15));
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url,
                                .max_number_of_messages = 10,
                                .wait_time_seconds = absl::Seconds(20)}))
            .size() == 3);
}

TEST_CASE("The queue's wait time holds for receives without one", "[sqs][long_poll]") {
  World w;
  const std::string url =
      w.Queue("orders", {.receive_message_wait_time_seconds = absl::Seconds(5)});
  const absl::Time t0 = w.cloud.Now();
  w.ReceiveWith({.queue_url = url});
  CHECK(w.cloud.Now() == t0 + absl::Seconds(5));
  w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::ZeroDuration()});
  CHECK(w.cloud.Now() == t0 + absl::Seconds(5));
  w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(10)});
  CHECK(w.cloud.Now() == t0 + absl::Seconds(15));
}

TEST_CASE("A long poll ends when the message that blocks its group expires",
          "[sqs][long_poll][fifo][retention]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.message_retention_period = absl::Seconds(60),
                                                 .visibility_timeout = absl::Hours(1)});
  w.SendTo(url, "g", "one");
  w.Advance(absl::Seconds(50));
  const absl::Time t = w.cloud.Now();
  w.SendTo(url, "g", "two");
  CHECK(w.One(url).body == "one");
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)})) ==
        Strings{"two"});
  CHECK(w.cloud.Now() == t + absl::Seconds(10));
}

TEST_CASE("A long poll at the in-flight limit ends when a message in flight expires",
          "[sqs][long_poll][quotas][retention]") {
  World w({.quotas = {{"sqs.in_flight_standard", 1}}});
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60),
                                             .visibility_timeout = absl::Hours(1)});
  w.Send(url, "one");
  w.Advance(absl::Seconds(50));
  const absl::Time t = w.cloud.Now();
  w.Send(url, "two");
  CHECK(w.One(url).body == "one");
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)})) ==
        Strings{"two"});
  CHECK(w.cloud.Now() == t + absl::Seconds(10));
}

TEST_CASE("What is due at the instant at which a long poll ends is done when it returns",
          "[sqs][long_poll]") {
  World w;
  const std::string url = w.Queue();
  w.Send({.queue_url = url, .message_body = "one", .delay_seconds = absl::Seconds(3)});
  // Set after the poll's own timer, so its turn comes after it.
  Strings done;
  w.cloud.SetHandler("later", [&](Cloud&, uint64_t) { done.push_back("later"); });
  w.cloud.SetHandler("sooner", [](Cloud& cloud, uint64_t) {
    REQUIRE(cloud.CallAfter(absl::Seconds(2), "later").ok());
  });
  REQUIRE(w.cloud.CallAfter(absl::Seconds(1), "sooner").ok());
  const absl::Time t0 = w.cloud.Now();
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)})) ==
        Strings{"one"});
  CHECK(w.cloud.Now() == t0 + absl::Seconds(3));
  CHECK(done == Strings{"later"});
}

void SendFromHandler(Cloud& cloud, uint64_t) {
  auto sqs = cloud.sqs();
  const std::string url = sqs.GetQueueUrl({.queue_name = "orders"})->queue_url;
  sqs.SendMessage({.queue_url = url, .message_body = "from the handler"}).IgnoreError();
}

TEST_CASE("A long poll ends when a handler sends", "[sqs][long_poll]") {
  World w;
  const std::string url = w.Queue();
  w.cloud.SetHandler("send", SendFromHandler);
  REQUIRE(w.cloud.CallAfter(absl::Seconds(3), "send").ok());
  const absl::Time t0 = w.cloud.Now();
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(20)})) ==
        Strings{"from the handler"});
  CHECK(w.cloud.Now() == t0 + absl::Seconds(3));
}

TEST_CASE("A blocking long poll inside a handler is FailedPrecondition", "[sqs][long_poll]") {
  World w;
  const std::string url = w.Queue();
  Strings codes;
  w.cloud.SetHandler("receive", [&](Cloud& cloud, uint64_t) {
    auto sqs = cloud.sqs();
    codes.push_back(
        Code(sqs.ReceiveMessage({.queue_url = url, .wait_time_seconds = absl::Seconds(1)})));
    codes.push_back(
        Code(sqs.ReceiveMessage({.queue_url = url, .wait_time_seconds = absl::ZeroDuration()})));
  });
  REQUIRE(w.cloud.CallAfter(absl::Seconds(1), "receive").ok());
  w.Advance(absl::Seconds(1));
  CHECK(codes == Strings{"FAILED_PRECONDITION", "OK"});
}

Task<> BlockingReceive(Client sqs, std::string url, Strings& codes) {
  const ReceiveMessageRequest request = {.queue_url = url, .wait_time_seconds = absl::Seconds(1)};
  const auto received = sqs.ReceiveMessage(request);
  codes.push_back(Code(received) + ": " + Words(received));
  co_return;
}

TEST_CASE("A blocking long poll inside a task is FailedPrecondition and names Await",
          "[sqs][long_poll]") {
  World w;
  Strings codes;
  w.cloud.Spawn(BlockingReceive(w.sqs, w.Queue(), codes));
  REQUIRE(codes.size() == 1);
  CHECK_THAT(codes[0], Catch::StartsWith("FAILED_PRECONDITION") && Catch::Contains("Await"));
}

// ---- Tasks

TEST_CASE("A waiting task gets a message at the instant of its sending", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  const TaskHandle<> task = w.Spawn("a", url);
  CHECK_FALSE(task.done());
  w.Advance(absl::Seconds(4));
  w.Send(url, "one");
  CHECK(task.done());
  CHECK(w.log.lines == Strings{"a@4: one"});
  CHECK(w.Counts(url) == QueueCounts{.in_flight = 1});
}

TEST_CASE("A waiting task gets a message at the instant at which its delay ends",
          "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.Send({.queue_url = url, .message_body = "one", .delay_seconds = absl::Seconds(7)});
  w.Spawn("a", url);
  w.Advance(absl::Seconds(7) - kInstant);
  CHECK(w.log.lines.empty());
  w.Advance(kInstant);
  CHECK(w.log.lines == Strings{"a@7: one"});
}

TEST_CASE("A waiting task gets a message at the instant at which its visibility timeout ends",
          "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  w.ReceiveWith({.queue_url = url, .visibility_timeout = absl::Seconds(9)});
  w.Spawn("a", url);
  w.Advance(absl::Seconds(9) - kInstant);
  CHECK(w.log.lines.empty());
  w.Advance(absl::Seconds(100));
  CHECK(w.log.lines == Strings{"a@9: one"});
}

TEST_CASE("A waiting task gets a message whose visibility is changed to 0",
          "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Spawn("a", url);
  w.Advance(absl::Seconds(3));
  CHECK(w.Hide(url, handle, absl::ZeroDuration()) == "OK");
  CHECK(w.log.lines == Strings{"a@3: one"});
}

TEST_CASE("A waiting task follows a visibility timeout that is changed", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.SendAll(url, {"sooner", "later"});
  const ReceiptHandle sooner = w.One(url).receipt_handle;
  const ReceiptHandle later = w.One(url).receipt_handle;
  w.Spawn("a", url);
  w.Spawn("b", url);
  CHECK(w.Hide(url, later, absl::Seconds(8)) == "OK");
  CHECK(w.Hide(url, sooner, absl::Seconds(5)) == "OK");
  w.Advance(absl::Seconds(20));
  CHECK(w.log.lines == Strings{"a@5: sooner", "b@8: later"});
}

TEST_CASE("A task's wait ends empty after its time", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.Spawn("a", url, absl::Seconds(20));
  w.Spawn("b", url, absl::Seconds(5));
  w.Advance(absl::Minutes(1));
  CHECK(w.log.lines == Strings{"b@5:", "a@20:"});
}

TEST_CASE("A task that does not wait is answered at once", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  const TaskHandle<> task = w.Spawn("a", url, absl::ZeroDuration());
  CHECK(task.done());
  CHECK(w.log.lines == Strings{"a@0:"});
}

TEST_CASE("Tasks that wait on one queue are served in the order of coming",
          "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  for (const char* who : {"a", "b", "c"}) w.Spawn(who, url);
  w.Advance(absl::Seconds(1));
  for (const char* body : {"1", "2", "3"}) w.Send(url, body);
  CHECK(w.log.lines == Strings{"a@1: 1", "b@1: 2", "c@1: 3"});
}

TEST_CASE("A program that waits on a queue comes after the tasks that came before it",
          "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  for (const char* body : {"1", "2", "3"}) {
    w.Send({.queue_url = url, .message_body = body, .delay_seconds = absl::Seconds(5)});
  }
  w.Spawn("a", url, absl::Seconds(20), 2);
  CHECK(BodiesOf(w.ReceiveWith({.queue_url = url,
                                .max_number_of_messages = 10,
                                .wait_time_seconds = absl::Seconds(20)})) == Strings{"3"});
  CHECK(w.log.lines == Strings{"a@5: 1 2"});
}

TEST_CASE("At the end of its wait a task comes after those that came before it",
          "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.Spawn("a", url, absl::Seconds(20));
  w.Spawn("b", url, absl::Seconds(5));
  w.Spawn("c", url, absl::Seconds(20));
  w.Send({.queue_url = url, .message_body = "1", .delay_seconds = absl::Seconds(5)});
  w.Advance(absl::Seconds(5));
  CHECK(w.log.lines == Strings{"a@5: 1", "b@5:"});
}

TEST_CASE("Messages that become visible together go to the waiting tasks in order",
          "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.SendAll(url, {"1", "2", "3", "4"});
  w.ReceiveWith(
      {.queue_url = url, .max_number_of_messages = 10, .visibility_timeout = absl::Seconds(6)});
  w.Spawn("a", url);
  w.Spawn("b", url);
  w.Spawn("c", url, absl::Seconds(20), 10);
  w.Advance(absl::Seconds(6));
  REQUIRE(w.log.lines.size() == 3);
  CHECK(w.log.lines == Strings{"a@6: 1", "b@6: 2", "c@6: 3 4"});
}

TEST_CASE("A waiting task does not take what somebody took before it", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  const std::string other = w.Queue("other");
  w.Spawn("a", url);
  w.Send(other, "elsewhere");
  CHECK(w.log.lines.empty());
  w.Advance(absl::Seconds(20));
  CHECK(w.log.lines == Strings{"a@20:"});
}

TEST_CASE("A waiting task of a deleted queue gets QueueDoesNotExist", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.Spawn("a", url);
  w.Spawn("b", url);
  w.Advance(absl::Seconds(2));
  REQUIRE(w.sqs.DeleteQueue({.queue_url = url}).ok());
  w.Advance(absl::Seconds(20));
  CHECK(w.log.lines == Strings{"a@2: QueueDoesNotExist", "b@2: QueueDoesNotExist"});
}

TEST_CASE("A cancelled waiter loses nothing", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  TaskHandle<> first = w.Spawn("a", url);
  w.Spawn("b", url);
  first.Cancel();
  w.SendAll(url, {"one", "two"});
  CHECK(w.log.lines == Strings{"b@0: one"});
  CHECK(w.Counts(url) == QueueCounts{.visible = 1, .in_flight = 1});
  CHECK(w.Bodies(url) == Strings{"two"});
}

TEST_CASE("A waiter that is cancelled alone leaves the message in the queue",
          "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.Spawn("a", url).Cancel();
  w.Send(url, "one");
  w.Advance(absl::Seconds(60));
  CHECK(w.log.lines.empty());
  CHECK(w.One(url).receive_count == 1);
}

Task<> CancelOther(Cloud& cloud, TaskHandle<> other) {
  co_await cloud.Sleep(absl::Seconds(5));
  other.Cancel();
}

TEST_CASE("A waiter cancelled at the instant of the message loses nothing",
          "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.Send({.queue_url = url, .message_body = "one", .delay_seconds = absl::Seconds(5)});
  TaskHandle<> waiter = w.Spawn("a", url);
  w.cloud.Spawn(CancelOther(w.cloud, waiter));
  w.Advance(absl::Seconds(5));
  // Either it has the message, or nobody has and it is there for the next one.
  const size_t served = w.log.lines.size();
  CHECK(w.Counts(url).visible + static_cast<int64_t>(served) == 1);
  CHECK(w.Counts(url).in_flight == static_cast<int64_t>(served));
}

TEST_CASE("A waiting task of a FIFO queue gets the next of a group when the group is free",
          "[sqs][long_poll][task][fifo]") {
  Waiting w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  w.SendTo(url, "g", "two");
  const ReceiptHandle handle = w.One(url).receipt_handle;
  w.Spawn("a", url);
  w.Advance(absl::Seconds(3));
  CHECK(w.log.lines.empty());
  w.Delete(url, handle);
  CHECK(w.log.lines == Strings{"a@3: two"});
}

TEST_CASE("A waiting task of a FIFO queue gets the next of a group when the first expires",
          "[sqs][long_poll][task][fifo][retention]") {
  Waiting w;
  const std::string url = w.Fifo("orders.fifo", {.message_retention_period = absl::Seconds(60),
                                                 .visibility_timeout = absl::Hours(1)});
  w.SendTo(url, "g", "one");
  w.Advance(absl::Seconds(50));
  w.SendTo(url, "g", "two");
  w.One(url);
  w.Spawn("a", url);
  w.Advance(absl::Seconds(10) - kInstant);
  CHECK(w.log.lines.empty());
  w.Advance(kInstant);
  CHECK(w.log.lines == Strings{"a@60: two"});
}

TEST_CASE("A waiting task of a FIFO queue gets the message again when its timeout ends",
          "[sqs][long_poll][task][fifo]") {
  Waiting w;
  const std::string url = w.Fifo("orders.fifo", {.visibility_timeout = absl::Seconds(8)});
  w.SendTo(url, "g", "one");
  w.One(url);
  w.Spawn("a", url);
  w.Advance(absl::Seconds(20));
  CHECK(w.log.lines == Strings{"a@8: one"});
}

TEST_CASE("A waiting task gets what is moved to a dead-letter queue", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string dead = w.Queue("dead");
  const std::string url =
      w.Queue("orders", {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = w.Arn(dead),
                                                         .max_receive_count = 1}});
  w.Send(url, "one");
  w.ReceiveWith({.queue_url = url, .visibility_timeout = absl::Seconds(4)});
  w.Spawn("dead", dead);
  w.Spawn("source", url);
  w.Advance(absl::Seconds(30));
  // The source's waiter causes the move at second 4, and goes on waiting.
  CHECK(w.log.lines == Strings{"dead@4: one", "source@20:"});
}

TEST_CASE("A waiting task gets what is redriven", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string dead = w.Queue("dead");
  const std::string url =
      w.Queue("orders", {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = w.Arn(dead),
                                                         .max_receive_count = 1}});
  w.Send(url, "one");
  w.ReceiveWith({.queue_url = url, .visibility_timeout = absl::Seconds(0)});
  CHECK(w.Bodies(url).empty());
  REQUIRE(w.Counts(dead) == QueueCounts{.visible = 1});
  w.Spawn("source", url);
  REQUIRE(w.sqs.StartMessageMoveTask({.source_arn = w.Arn(dead)}).ok());
  w.Advance(absl::Seconds(20));
  REQUIRE(w.log.lines.size() == 1);
  CHECK_THAT(w.log.lines[0], Catch::EndsWith(": one"));
}

TEST_CASE("A waiting task does not see a message that expires", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  w.Send({.queue_url = url, .message_body = "one", .delay_seconds = absl::Seconds(60)});
  w.Advance(absl::Seconds(50));
  w.Spawn("a", url);
  w.Advance(absl::Seconds(50));
  CHECK(w.log.lines == Strings{"a@70:"});
}

TEST_CASE("A waiting task of a FIFO queue follows a delay that is changed",
          "[sqs][long_poll][task][fifo]") {
  Waiting w;
  const std::string url = w.Fifo("orders.fifo", {.delay_seconds = absl::Seconds(600)});
  w.SendTo(url, "g", "one");
  w.Spawn("a", url);
  w.Advance(absl::Seconds(2));
  w.Set(url, {.delay_seconds = absl::Seconds(10)});
  w.Advance(absl::Seconds(30));
  CHECK(w.log.lines == Strings{"a@10: one"});
}

TEST_CASE("A waiting task goes on waiting after a purge", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  w.Send({.queue_url = url, .message_body = "purged", .delay_seconds = absl::Seconds(5)});
  w.Spawn("a", url);
  REQUIRE(w.sqs.PurgeQueue({.queue_url = url}).ok());
  w.Advance(absl::Seconds(10));
  CHECK(w.log.lines.empty());
  w.Send(url, "one");
  CHECK(w.log.lines == Strings{"a@10: one"});
}

TEST_CASE("A thousand waiting tasks share a thousand messages in order", "[sqs][long_poll][task]") {
  Waiting w;
  const std::string url = w.Queue();
  for (int i = 0; i < 1000; ++i) w.Spawn(std::to_string(i), url);
  for (int i = 0; i < 1000; ++i) w.Send(url, std::to_string(i));
  REQUIRE(w.log.lines.size() == 1000);
  for (int i = 0; i < 1000; ++i) {
    CHECK(w.log.lines[i] == std::to_string(i) + "@0: " + std::to_string(i));
  }
}

// The request has a name, as sqs.h shows it: g++ 12 destroys braces inside a co_await twice.
Task<> AwaitOnce(Client sqs, std::string url, Strings& bodies) {
  const ReceiveMessageRequest poll = {
      .queue_url = url, .max_number_of_messages = 10, .wait_time_seconds = absl::Seconds(20)};
  auto received = co_await sqs.Await(poll);
  bodies = BodiesOf(received->messages);
}

TEST_CASE("A task awaits a request by its name", "[sqs][long_poll][task]") {
  World w;
  const std::string url = w.Queue();
  Strings bodies;
  w.cloud.Spawn(AwaitOnce(w.sqs, url, bodies));
  w.Send(url, "a message long enough not to fit into a small string's own bytes");
  CHECK(bodies.size() == 1);
}

}  // namespace
}  // namespace skybox::sqs
