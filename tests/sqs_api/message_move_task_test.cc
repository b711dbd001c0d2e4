#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

// The queues "orders" and "invoices", whose messages go to "dead" when they are received once.
struct Moving : World {
  const std::string dead = Queue("dead");
  const std::string dead_arn = Arn(dead);
  const std::string orders = Source("orders");
  const std::string invoices = Source("invoices");

  std::string Source(const std::string& name) {
    return Queue(name, {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = dead_arn,
                                                        .max_receive_count = 1}});
  }
  void Kill(const std::string& source, const Strings& bodies) {
    SendAll(source, bodies);
    Move(source);
  }
  // What is visible in the source is received once, and with the next receive it is gone.
  void Move(const std::string& source) {
    while (!ReceiveWith({.queue_url = source,
                         .max_number_of_messages = 10,
                         .visibility_timeout = absl::ZeroDuration()})
                .empty()) {
    }
    REQUIRE(Counts(source) == QueueCounts{});
  }
  void KillMany(int count) {
    for (int i = 0; i < count; ++i) Send(orders, std::to_string(i));
    Move(orders);
    REQUIRE(Counts(dead).visible == count);
  }
  std::string Start(StartMessageMoveTaskRequest request = {}) {
    if (request.source_arn.empty()) request.source_arn = dead_arn;
    const auto started = sqs.StartMessageMoveTask(request);
    INFO(Words(started));
    REQUIRE(started.ok());
    CHECK_FALSE(started->task_handle.empty());
    return started->task_handle;
  }
  std::vector<ListMessageMoveTasksResultEntry> List(int32_t results = 10) {
    const auto listed = sqs.ListMessageMoveTasks({.source_arn = dead_arn, .max_results = results});
    INFO(Words(listed));
    REQUIRE(listed.ok());
    return listed->results;
  }
  ListMessageMoveTasksResultEntry Latest() {
    const auto all = List();
    REQUIRE_FALSE(all.empty());
    return all[0];
  }
};

TEST_CASE("A move task brings messages back to the queues that they came from",
          "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.Kill(w.orders, {"o1", "o2"});
  w.Kill(w.invoices, {"i1"});
  w.Start();
  w.Advance(absl::Minutes(1));
  CHECK(w.Counts(w.dead) == QueueCounts{});
  CHECK(w.Bodies(w.orders) == Strings{"o1", "o2"});
  CHECK(w.Bodies(w.invoices) == Strings{"i1"});
  CHECK(w.Latest().status == "COMPLETED");
  CHECK(w.Latest().approximate_number_of_messages_moved == 3);
  CHECK(w.Latest().approximate_number_of_messages_to_move == 3);
}

TEST_CASE("A move task with a destination moves everything there, the oldest first",
          "[sqs][StartMessageMoveTask]") {
  Moving w;
  const std::string other = w.Queue("other");
  w.Kill(w.orders, {"o1"});
  w.Kill(w.invoices, {"i1"});
  w.Send(w.dead, "sent there");
  w.Start({.destination_arn = w.Arn(other), .max_number_of_messages_per_second = 1});
  w.Advance(absl::Minutes(1));
  CHECK(w.Bodies(other) == Strings{"o1", "i1", "sent there"});
  CHECK(w.Latest().destination_arn == w.Arn(other));
  CHECK(w.Latest().status == "COMPLETED");
}

TEST_CASE("A move task goes by the order in which messages came to the dead-letter queue",
          "[sqs][StartMessageMoveTask]") {
  Moving w;
  const std::string other = w.Queue("other");
  w.Send(w.orders, "sent first");
  w.Advance(absl::Seconds(1));
  w.Kill(w.invoices, {"moved first", "moved second"});
  w.Move(w.orders);
  // In flight meanwhile, the first in turn is left where it is.
  CHECK(w.One(w.dead).body == "moved first");
  w.Start({.destination_arn = w.Arn(other), .max_number_of_messages_per_second = 1});
  CHECK(w.Bodies(other) == Strings{"moved second"});
  w.Advance(absl::Seconds(1));
  CHECK(w.Bodies(other) == Strings{"sent first"});
}

TEST_CASE("A redriven message is a new message", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.Send({.queue_url = w.orders,
          .message_body = "o1",
          .message_attributes = {{"a", {.data_type = "String", .string_value = "1"}}}});
  const Message first =
      w.ReceiveWith({.queue_url = w.orders, .visibility_timeout = absl::ZeroDuration()})[0];
  w.Move(w.orders);
  w.Advance(absl::Hours(1));
  const absl::Time start = w.cloud.Now();
  w.Start();
  w.Advance(absl::Seconds(10));
  const Message again = w.One(w.orders);
  CHECK(again.message_id != first.message_id);
  CHECK(again.body == "o1");
  CHECK(again.message_attributes.at("a").string_value == "1");
  CHECK(again.receive_count == 1);
  CHECK(again.attributes.sent_timestamp >= start);
  CHECK_FALSE(again.attributes.dead_letter_queue_source_arn.has_value());
}

TEST_CASE("A redriven message's retention starts anew", "[sqs][StartMessageMoveTask][retention]") {
  Moving w;
  w.Set(w.orders, {.message_retention_period = absl::Seconds(100)});
  w.Kill(w.orders, {"o1"});
  w.Advance(absl::Seconds(90));
  w.Start();
  w.Advance(absl::Seconds(90));
  CHECK(w.Counts(w.orders) == QueueCounts{.visible = 1});
  w.Advance(absl::Seconds(20));
  CHECK(w.Counts(w.orders) == QueueCounts{});
}

TEST_CASE("A redriven message can be dead-lettered and redriven again",
          "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.Kill(w.orders, {"o1"});
  for (int i = 0; i < 3; ++i) {
    w.Start();
    w.Advance(absl::Seconds(10));
    REQUIRE(w.Counts(w.orders) == QueueCounts{.visible = 1});
    w.Move(w.orders);
    REQUIRE(w.Counts(w.dead) == QueueCounts{.visible = 1});
  }
}

TEST_CASE("A move task keeps its rate", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.KillMany(50);
  w.Start({.max_number_of_messages_per_second = 10});
  CHECK(w.Latest().status == "RUNNING");
  CHECK(w.Latest().max_number_of_messages_per_second == 10);
  int64_t before = w.Latest().approximate_number_of_messages_moved;
  CHECK(before <= 10);
  for (int second = 1; second <= 4; ++second) {
    w.Advance(absl::Seconds(1));
    const int64_t moved = w.Latest().approximate_number_of_messages_moved;
    CHECK(moved - before == 10);
    CHECK(w.Counts(w.orders).visible == moved);
    CHECK(w.Counts(w.dead).visible == 50 - moved);
    before = moved;
  }
  w.Advance(absl::Seconds(1));
  CHECK(w.Latest().status == "COMPLETED");
  CHECK(w.Counts(w.orders).visible == 50);
}

TEST_CASE("A move task of one message a second moves one message a second",
          "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.KillMany(5);
  w.Start({.max_number_of_messages_per_second = 1});
  for (int second = 0; second < 5; ++second) {
    const int64_t moved = w.Counts(w.orders).visible;
    CHECK(moved >= second);
    CHECK(moved <= second + 1);
    w.Advance(absl::Seconds(1));
  }
  CHECK(w.Counts(w.orders).visible == 5);
}

TEST_CASE("A move task's rate is 1 to 500", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.Kill(w.orders, {"o1"});
  const auto start = [&](int32_t rate) {
    return Code(w.sqs.StartMessageMoveTask(
        {.source_arn = w.dead_arn, .max_number_of_messages_per_second = rate}));
  };
  CHECK(start(0) == "InvalidParameterValue");
  CHECK(start(501) == "InvalidParameterValue");
  CHECK(start(-1) == "InvalidParameterValue");
  CHECK(w.List().empty());
  CHECK(start(1) == "OK");
  w.Advance(absl::Seconds(10));
  CHECK(start(500) == "OK");
}

TEST_CASE("A move task without a rate takes thousands of messages", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.KillMany(2000);
  w.Start();
  w.Advance(absl::Minutes(1));
  CHECK(w.Counts(w.orders).visible == 2000);
  CHECK_FALSE(w.Latest().max_number_of_messages_per_second.has_value());
}

TEST_CASE("A move task of an empty queue completes", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.Start();
  w.Advance(absl::Seconds(10));
  CHECK(w.Latest().status == "COMPLETED");
  CHECK(w.Latest().approximate_number_of_messages_moved == 0);
}

TEST_CASE("The number of messages to move is that of the start", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.KillMany(5);
  w.Start({.max_number_of_messages_per_second = 1});
  w.Advance(absl::Seconds(1));
  w.Kill(w.invoices, {"i1"});
  CHECK(w.Latest().approximate_number_of_messages_to_move == 5);
}

TEST_CASE("One move task of a queue runs at a time", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.KillMany(5);
  w.Start({.max_number_of_messages_per_second = 1});
  const auto second = w.sqs.StartMessageMoveTask({.source_arn = w.dead_arn});
  CHECK(Code(second) == "InvalidParameterValue");
  CHECK_THAT(Words(second), Catch::Contains("already") && Catch::Contains(w.dead_arn));
  CHECK(w.List().size() == 1);
  w.Advance(absl::Seconds(10));
  w.Start();
}

TEST_CASE("The source of a move task is a dead-letter queue", "[sqs][StartMessageMoveTask]") {
  Moving w;
  const auto start = [&](std::string source, std::string destination) {
    return Code(w.sqs.StartMessageMoveTask(
        {.source_arn = std::move(source), .destination_arn = std::move(destination)}));
  };
  CHECK(start("", "") == "MissingParameter");
  CHECK(start(w.Arn(w.orders), "") == "InvalidParameterValue");
  CHECK(start("arn:aws:sqs:us-east-1:123456789012:nowhere", "") == "ResourceNotFoundException");
  CHECK_THAT(Words(w.sqs.StartMessageMoveTask(
                 {.source_arn = "arn:aws:sqs:us-east-1:123456789012:nowhere"})),
             Catch::Contains("nowhere"));
  CHECK(start(w.dead_arn, "arn:aws:sqs:us-east-1:123456789012:nowhere") ==
        "ResourceNotFoundException");
  CHECK(start("dead", "") == "InvalidParameterValue");
  CHECK(start(w.dead_arn, "orders") == "InvalidParameterValue");
  CHECK(w.List().empty());
}

TEST_CASE("A move task's destination is of the kind of its source", "[sqs][StartMessageMoveTask]") {
  Moving w;
  const auto started =
      w.sqs.StartMessageMoveTask({.source_arn = w.dead_arn, .destination_arn = w.Arn(w.Fifo())});
  CHECK(Code(started) == "InvalidParameterValue");
  CHECK(w.List().empty());
}

TEST_CASE("A message that came to the dead-letter queue by itself has no way back",
          "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.Kill(w.orders, {"o1"});
  w.Send(w.dead, "sent there");
  w.Start();
  w.Advance(absl::Seconds(10));
  CHECK(w.Latest().status == "FAILED");
  CHECK(w.Latest().failure_reason == "CouldNotDetermineMessageSource");
  CHECK(w.Latest().approximate_number_of_messages_moved == 1);
  CHECK(w.Bodies(w.orders) == Strings{"o1"});
  CHECK(w.Bodies(w.dead) == Strings{"sent there"});
}

TEST_CASE("A move task fails when the queue of a message is gone", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.Kill(w.orders, {"o1"});
  REQUIRE(w.sqs.DeleteQueue({.queue_url = w.orders}).ok());
  w.Start();
  w.Advance(absl::Seconds(10));
  CHECK(w.Latest().status == "FAILED");
  CHECK(w.Latest().failure_reason == "AWS.SimpleQueueService.NonExistentQueue");
  CHECK(w.Counts(w.dead) == QueueCounts{.visible = 1});
}

TEST_CASE("A move task fails when its destination goes", "[sqs][StartMessageMoveTask]") {
  Moving w;
  const std::string other = w.Queue("other");
  w.KillMany(5);
  w.Start({.destination_arn = w.Arn(other), .max_number_of_messages_per_second = 1});
  w.Advance(absl::Seconds(2));
  REQUIRE(w.sqs.DeleteQueue({.queue_url = other}).ok());
  w.Advance(absl::Seconds(10));
  CHECK(w.Latest().status == "FAILED");
  CHECK(w.Latest().failure_reason == "AWS.SimpleQueueService.NonExistentQueue");
  CHECK(w.Latest().approximate_number_of_messages_moved + w.Counts(w.dead).visible == 5);
}

TEST_CASE("A move task leaves alone what others have in flight", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.Kill(w.orders, {"o1", "o2"});
  const Message mine = w.One(w.dead);
  CHECK(mine.body == "o1");
  w.Start();
  w.Advance(absl::Seconds(10));
  CHECK(w.Bodies(w.orders) == Strings{"o2"});
  w.Delete(w.dead, mine.receipt_handle);
  w.Advance(absl::Minutes(1));
  CHECK(w.Counts(w.dead) == QueueCounts{});
}

TEST_CASE("Deleting the source ends a move task", "[sqs][StartMessageMoveTask]") {
  Moving w;
  w.KillMany(5);
  const std::string handle = w.Start({.max_number_of_messages_per_second = 1});
  w.Advance(absl::Seconds(2));
  REQUIRE(w.sqs.DeleteQueue({.queue_url = w.dead}).ok());
  const int64_t moved = w.Counts(w.orders).visible;
  w.Advance(absl::Seconds(10));
  CHECK(w.Counts(w.orders).visible == moved);
  CHECK(Code(w.sqs.CancelMessageMoveTask({.task_handle = handle})) == "ResourceNotFoundException");
}

TEST_CASE("A FIFO move task keeps groups and their order", "[sqs][StartMessageMoveTask][fifo]") {
  World w;
  const std::string dead = w.Fifo("dead.fifo");
  const std::string url =
      w.Fifo("orders.fifo", {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = w.Arn(dead),
                                                             .max_receive_count = 1}});
  for (const char* body : {"1", "2", "3"}) w.SendTo(url, "g", body);
  for (int i = 0; i < 2; ++i) {
    w.ReceiveWith({.queue_url = url,
                   .max_number_of_messages = 10,
                   .visibility_timeout = absl::ZeroDuration()});
  }
  REQUIRE(w.Counts(dead) == QueueCounts{.visible = 3});
  REQUIRE(Code(w.sqs.StartMessageMoveTask({.source_arn = w.Arn(dead)})) == "OK");
  w.Advance(absl::Minutes(1));
  const std::vector<Message> back = w.Ten(url);
  CHECK(BodiesOf(back) == Strings{"1", "2", "3"});
  for (const Message& message : back) CHECK(message.attributes.message_group_id == Text("g"));
}

TEST_CASE("A move task runs for 36 hours at most", "[sqs][StartMessageMoveTask]") {
  Moving w;
  const std::string other = w.Queue("other");
  constexpr int kSeconds = 36 * 3600;
  const SendMessageRequest request = {.queue_url = w.dead, .message_body = "x"};
  for (int i = 0; i < kSeconds + 10; ++i) w.sqs.SendMessage(request).IgnoreError();
  w.Start({.destination_arn = w.Arn(other), .max_number_of_messages_per_second = 1});
  w.Advance(absl::Seconds(kSeconds) - kInstant);
  CHECK(w.Latest().status == "RUNNING");
  w.Advance(kInstant);
  CHECK(w.Latest().status == "FAILED");
  CHECK(w.Latest().approximate_number_of_messages_moved == kSeconds);
  CHECK(w.Counts(w.dead).visible == 10);
}

TEST_CASE("An account has up to 100 move tasks that run", "[sqs][StartMessageMoveTask]") {
  World w;
  for (int i = 0; i <= 100; ++i) {
    const std::string number = std::to_string(i);
    const std::string dead = w.Queue("dead-" + number);
    w.Queue("orders-" + number,
            {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = w.Arn(dead)}});
    const std::string other = w.Queue("other-" + number);
    w.SendAll(dead, {"a", "b"});
    const auto started = w.sqs.StartMessageMoveTask({.source_arn = w.Arn(dead),
                                                     .destination_arn = w.Arn(other),
                                                     .max_number_of_messages_per_second = 1});
    INFO(Words(started));
    CHECK(Code(started) == (i < 100 ? "OK" : "RequestThrottled"));
  }
}

// ---- CancelMessageMoveTask

TEST_CASE("A cancelled move task leaves moved what has moved", "[sqs][CancelMessageMoveTask]") {
  Moving w;
  w.KillMany(10);
  const std::string handle = w.Start({.max_number_of_messages_per_second = 2});
  w.Advance(absl::Seconds(2));
  const int64_t moved = w.Counts(w.orders).visible;
  CHECK(moved >= 4);
  CHECK(moved <= 6);
  const auto cancelled = w.sqs.CancelMessageMoveTask({.task_handle = handle});
  REQUIRE(Code(cancelled) == "OK");
  CHECK(cancelled->approximate_number_of_messages_moved == moved);
  CHECK((w.Latest().status == "CANCELLING" || w.Latest().status == "CANCELLED"));
  w.Advance(absl::Minutes(1));
  CHECK(w.Latest().status == "CANCELLED");
  CHECK(w.Counts(w.orders).visible == moved);
  CHECK(w.Counts(w.dead).visible == 10 - moved);
  CHECK(w.Latest().approximate_number_of_messages_moved == moved);
}

TEST_CASE("A task handle of another account is ResourceNotFoundException",
          "[sqs][CancelMessageMoveTask]") {
  Moving w;
  w.KillMany(5);
  const std::string handle = w.Start({.max_number_of_messages_per_second = 1});
  const auto cancelled =
      w.cloud.As({.account = "999999999999"}).sqs().CancelMessageMoveTask({.task_handle = handle});
  CHECK(Code(cancelled) == "ResourceNotFoundException");
  CHECK(w.Latest().status == "RUNNING");
}

TEST_CASE("Another move task can start after a cancelled one", "[sqs][CancelMessageMoveTask]") {
  Moving w;
  w.KillMany(10);
  const std::string handle = w.Start({.max_number_of_messages_per_second = 1});
  REQUIRE(w.sqs.CancelMessageMoveTask({.task_handle = handle}).ok());
  w.Advance(absl::Seconds(10));
  w.Start();
  w.Advance(absl::Seconds(10));
  CHECK(w.Counts(w.orders).visible == 10);
}

TEST_CASE("Only a running move task can be cancelled", "[sqs][CancelMessageMoveTask]") {
  Moving w;
  w.Kill(w.orders, {"o1"});
  const std::string handle = w.Start();
  w.Advance(absl::Seconds(10));
  REQUIRE(w.Latest().status == "COMPLETED");
  const auto cancelled = w.sqs.CancelMessageMoveTask({.task_handle = handle});
  CHECK(Code(cancelled) == "UnsupportedOperation");
  CHECK_THAT(Words(cancelled), Catch::Contains("COMPLETED") && Catch::Contains(handle));
}

TEST_CASE("A task handle is one that StartMessageMoveTask gave out",
          "[sqs][CancelMessageMoveTask]") {
  Moving w;
  CHECK(Code(w.sqs.CancelMessageMoveTask({})) == "MissingParameter");
  const auto cancelled = w.sqs.CancelMessageMoveTask({.task_handle = "nonsense"});
  CHECK(Code(cancelled) == "InvalidParameterValue");
  CHECK_THAT(Words(cancelled), Catch::Contains("nonsense"));
}

// ---- ListMessageMoveTasks

TEST_CASE("Move tasks are listed from the latest, one unless asked for more",
          "[sqs][ListMessageMoveTasks]") {
  Moving w;
  CHECK(w.List().empty());
  for (int i = 0; i < 3; ++i) {
    w.Start();
    w.Advance(absl::Seconds(10));
  }
  const auto one = w.sqs.ListMessageMoveTasks({.source_arn = w.dead_arn});
  REQUIRE(one->results.size() == 1);
  CHECK(one->results[0].started_timestamp == w.cloud.Now() - absl::Seconds(10));
  const auto all = w.List();
  REQUIRE(all.size() == 3);
  CHECK(all[0].started_timestamp > all[1].started_timestamp);
  CHECK(all[1].started_timestamp > all[2].started_timestamp);
  CHECK(w.List(2).size() == 2);
}

TEST_CASE("Only a running move task is listed with its handle", "[sqs][ListMessageMoveTasks]") {
  Moving w;
  w.KillMany(3);
  const std::string handle = w.Start({.max_number_of_messages_per_second = 1});
  CHECK(w.Latest().task_handle == handle);
  CHECK(w.Latest().source_arn == w.dead_arn);
  CHECK(w.Latest().destination_arn.empty());
  CHECK(w.Latest().failure_reason.empty());
  w.Advance(absl::Seconds(10));
  CHECK(w.Latest().task_handle.empty());
}

TEST_CASE("MaxResults of ListMessageMoveTasks is 1 to 10", "[sqs][ListMessageMoveTasks]") {
  Moving w;
  for (int i = 0; i < 12; ++i) {
    w.Start();
    w.Advance(absl::Seconds(10));
  }
  const auto list = [&](int32_t results) {
    return Code(w.sqs.ListMessageMoveTasks({.source_arn = w.dead_arn, .max_results = results}));
  };
  CHECK(list(0) == "InvalidParameterValue");
  CHECK(list(1) == "OK");
  CHECK(list(10) == "OK");
  CHECK(list(11) == "InvalidParameterValue");
  CHECK(w.List(10).size() == 10);
}

TEST_CASE("The move tasks of a queue that is not there are ResourceNotFoundException",
          "[sqs][ListMessageMoveTasks]") {
  Moving w;
  CHECK(Code(w.sqs.ListMessageMoveTasks(
            {.source_arn = "arn:aws:sqs:us-east-1:123456789012:nowhere"})) ==
        "ResourceNotFoundException");
  CHECK(Code(w.sqs.ListMessageMoveTasks({})) == "MissingParameter");
}

}  // namespace
}  // namespace skybox::sqs
