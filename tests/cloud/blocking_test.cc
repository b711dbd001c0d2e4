#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "skybox/task.h"
#include "support/scene.h"

// A call that takes time moves the clock itself; inside a handler or a task it has to be awaited.
namespace skybox {
namespace {

constexpr absl::Duration kSecond = absl::Seconds(1);

Task<> Block(Cloud& cloud, sqs::Client sqs, std::string url, Strings& answers) {
  const auto keep = [&answers](const absl::Status& status) {
    answers.push_back(Code(status) + ": " + Words(status));
  };
  keep(cloud.Advance(kSecond));
  keep(cloud.AdvanceTo(cloud.Now() + kSecond));
  keep(cloud.AdvanceUntil([] { return true; }, kSecond));
  keep(cloud.Step().status());
  const sqs::ReceiveMessageRequest poll = {.queue_url = url, .wait_time_seconds = kSecond};
  keep(sqs.ReceiveMessage(poll).status());
  co_return;
}

TEST_CASE("Inside a task what would block is FailedPrecondition and says so", "[task][blocking]") {
  sqs::World w;
  Strings answers;
  w.cloud.Spawn(Block(w.cloud, w.sqs, w.Queue(), answers));
  REQUIRE(answers.size() == 5);
  for (const std::string& answer : answers) {
    CHECK_THAT(answer, Catch::StartsWith("FAILED_PRECONDITION") && Catch::Contains("task") &&
                           Catch::Contains("await"));
  }
  CHECK(w.cloud.Now() == w.cloud.options().start_time);
}

TEST_CASE("Inside a handler a long poll or a call with latency is FailedPrecondition and says so",
          "[task][blocking]") {
  sqs::World w({.latency = {.by_operation = {{"sqs:SendMessage", absl::Milliseconds(3)}}}});
  const std::string url = w.Queue();
  Strings answers;
  w.cloud.SetHandler("block", [&](Cloud& c, uint64_t) {
    const auto poll = c.sqs().ReceiveMessage({.queue_url = url, .wait_time_seconds = kSecond});
    answers.push_back(Code(poll) + ": " + Words(poll));
    const auto sent = c.sqs().SendMessage({.queue_url = url, .message_body = "one"});
    answers.push_back(Code(sent) + ": " + Words(sent));
  });
  CHECK(Code(w.cloud.CallAfter(kSecond, "block")) == "OK");
  w.Advance(kSecond);
  REQUIRE(answers.size() == 2);
  for (const std::string& answer : answers) {
    CHECK_THAT(answer, Catch::StartsWith("FAILED_PRECONDITION") && Catch::Contains("handler") &&
                           Catch::Contains("Await"));
  }
  CHECK(w.Counts(url).visible == 0);
}

Task<> Slow(Scene& s, std::string url) {
  const sqs::SendMessageRequest send = {.queue_url = url, .message_body = "one"};
  const auto blocking = s.sqs.SendMessage(send);
  s.Add(Code(blocking));
  const auto awaited = co_await s.sqs.Await(send);
  s.Add(Code(awaited));
}

TEST_CASE("A call with latency is awaited in a task, and takes its time", "[task][blocking]") {
  Scene s({.latency = {.by_operation = {{"sqs:SendMessage", absl::Milliseconds(3)}}}});
  const std::string url = s.Queue();
  s.cloud.Spawn(Slow(s, url));
  s.cloud.Spawn(Slow(s, url));
  CHECK(s.Counts(url).visible == 0);
  s.Advance(absl::Milliseconds(3));
  CHECK(s.lines == Strings{"FAILED_PRECONDITION@0", "FAILED_PRECONDITION@0", "OK@3ms", "OK@3ms"});
  CHECK(s.Counts(url).visible == 2);
}

Task<> Poll(Scene& s, std::string url) {
  const sqs::ReceiveMessageRequest poll = {.queue_url = url,
                                           .wait_time_seconds = absl::Seconds(20)};
  const auto received = co_await s.sqs.Await(poll);
  s.Add(received.ok() ? std::to_string(received->messages.size()) : Code(received));
}

TEST_CASE("An awaited long poll is answered before the call that sends returns",
          "[task][blocking][settled]") {
  Scene s;
  const std::string url = s.Queue();
  s.cloud.Spawn(Poll(s, url));
  s.cloud.Spawn(Poll(s, url));
  s.Advance(absl::Seconds(5));
  s.Send(url, "one");
  CHECK(s.lines == Strings{"1@5s"});
  s.Advance(absl::Seconds(15));
  CHECK(s.lines == Strings{"1@5s", "0@20s"});
}

Task<> Slow(Scene& s, absl::Duration time) {
  co_await s.cloud.Sleep(time);
  s.Add("task");
}

TEST_CASE("While a call from outside blocks, tasks and handlers go on", "[task][blocking]") {
  Scene s;
  const std::string url = s.Queue();
  s.cloud.SetHandler("handler", [&s](Cloud&, uint64_t) { s.Add("handler"); });
  CHECK(Code(s.cloud.CallAfter(absl::Seconds(3), "handler")) == "OK");
  s.cloud.Spawn(Slow(s, absl::Seconds(4)));
  CHECK(s.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(10)}).empty());
  CHECK(s.lines == Strings{"handler@3s", "task@4s"});
  CHECK(s.cloud.Now() == s.start + absl::Seconds(10));
}

}  // namespace
}  // namespace skybox
