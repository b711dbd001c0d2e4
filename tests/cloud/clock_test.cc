#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "support/scene.h"

// Time is something you move: what cloud.h promises of the clock and of the program's own timers.
namespace skybox {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'704'067'200);

// ---- Now

TEST_CASE("The clock stands at the start of 2024 unless the options say otherwise",
          "[clock][Now]") {
  Cloud cloud;
  CHECK(cloud.Now() == kStart);
  CHECK(absl::FormatTime(cloud.Now(), absl::UTCTimeZone()) == "2024-01-01T00:00:00+00:00");
  const absl::Time other = absl::FromUnixNanos(1'234'567'890'123'456'789);
  CHECK(Cloud({.start_time = other}).Now() == other);
}

TEST_CASE("Calls that take no time leave the clock where it is", "[clock][Now]") {
  sqs::World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  w.One(url);
  CHECK(w.cloud.Now() == kStart);
}

// ---- Advance, AdvanceTo

TEST_CASE("Advance moves the clock by exactly its duration", "[clock][Advance]") {
  Cloud cloud;
  CHECK(Code(cloud.Advance(absl::Seconds(90))) == "OK");
  CHECK(cloud.Now() == kStart + absl::Seconds(90));
  CHECK(Code(cloud.Advance(kInstant)) == "OK");
  CHECK(cloud.Now() == kStart + absl::Seconds(90) + kInstant);
  CHECK(Code(cloud.Advance(absl::ZeroDuration())) == "OK");
  CHECK(cloud.Now() == kStart + absl::Seconds(90) + kInstant);
}

TEST_CASE("AdvanceTo moves the clock to exactly its time", "[clock][AdvanceTo]") {
  Cloud cloud;
  CHECK(Code(cloud.AdvanceTo(kStart + absl::Hours(5))) == "OK");
  CHECK(cloud.Now() == kStart + absl::Hours(5));
  CHECK(Code(cloud.AdvanceTo(cloud.Now())) == "OK");
  CHECK(cloud.Now() == kStart + absl::Hours(5));
}

TEST_CASE("What is due at the very time is fired, what is due later is not", "[clock][Advance]") {
  Notes n;
  n.After(absl::Seconds(10), 1);
  n.After(absl::Seconds(10) + kInstant, 2);
  CHECK(Code(n.cloud.Advance(absl::Seconds(10) - kInstant)) == "OK");
  CHECK(n.lines.empty());
  CHECK(Code(n.cloud.Advance(kInstant)) == "OK");
  CHECK(n.lines == Strings{"1@10s"});
  CHECK(Code(n.cloud.Advance(kInstant)) == "OK");
  CHECK(n.lines == Strings{"1@10s", "2@10.000000001s"});
}

TEST_CASE("Time never goes back", "[clock][Advance][AdvanceTo]") {
  Cloud cloud;
  const absl::Status by = cloud.Advance(-kInstant);
  CHECK(Code(by) == "INVALID_ARGUMENT");
  CHECK_THAT(Words(by), Catch::Contains("-1ns"));
  const absl::Status to = cloud.AdvanceTo(kStart - absl::Seconds(1));
  CHECK(Code(to) == "INVALID_ARGUMENT");
  CHECK_THAT(Words(to), Catch::Contains("2023-12-31T23:59:59"));
  CHECK(Code(cloud.AdvanceUntil([] { return true; }, -kInstant)) == "INVALID_ARGUMENT");
  CHECK(Code(cloud.Advance(-absl::InfiniteDuration())) == "INVALID_ARGUMENT");
  CHECK(Code(cloud.AdvanceTo(absl::InfinitePast())) == "INVALID_ARGUMENT");
  CHECK(cloud.Now() == kStart);
}

TEST_CASE("The clock ends in the year 2261, and nothing carries it further", "[clock][Advance]") {
  // A year before the end of 64 bits of nanoseconds, 2262-04-11T23:47:16.854775807Z.
  const absl::Time end = absl::FromUnixNanos(9'223'372'036'854'775'807) - absl::Hours(24 * 366);
  Cloud cloud;
  for (const absl::Status& status :
       {cloud.AdvanceTo(end + kInstant), cloud.AdvanceTo(absl::InfiniteFuture()),
        cloud.Advance(absl::InfiniteDuration())}) {
    CHECK(Code(status) == "INVALID_ARGUMENT");
    CHECK_THAT(Words(status), Catch::Contains("2261"));
  }
  CHECK(cloud.Now() == kStart);
  CHECK(Code(cloud.AdvanceTo(end)) == "OK");
  CHECK(cloud.Now() == end);
  CHECK(Code(cloud.Advance(kInstant)) == "INVALID_ARGUMENT");

  // Not a timer, not a wait, not a message that falls due behind the end.
  cloud.SetHandler("late", [](Cloud&, uint64_t) {});
  CHECK(Code(cloud.CallAfter(kInstant, "late")) == "INVALID_ARGUMENT");
  auto sqs = cloud.sqs();
  const std::string url = sqs.CreateQueue({.queue_name = "orders"})->queue_url;
  const sqs::SendMessageRequest later = {
      .queue_url = url, .message_body = "later", .delay_seconds = absl::Seconds(5)};
  CHECK(Code(sqs.SendMessage(later)) == "OK");
  CHECK(cloud.NextDeadline() == std::nullopt);
  CHECK(*cloud.Step() == false);
  CHECK(Code(cloud.AdvanceUntil([] { return false; }, absl::Hours(1))) == "DEADLINE_EXCEEDED");
  CHECK(Code(sqs.ReceiveMessage({.queue_url = url, .wait_time_seconds = absl::Seconds(20)})) ==
        "INVALID_ARGUMENT");
  CHECK(cloud.Now() == end);
  REQUIRE(cloud.Save().ok());
  CHECK(Code(Cloud::Restore(*cloud.Save())) == "OK");
}

// ---- Order

TEST_CASE("Timers fire in the order of their times, whatever order they were set in",
          "[clock][order]") {
  Notes n;
  for (const int seconds : {7, 3, 5, 1}) n.After(absl::Seconds(seconds), 0);
  CHECK(Code(n.cloud.Advance(absl::Minutes(1))) == "OK");
  CHECK(n.lines == Strings{"0@1s", "0@3s", "0@5s", "0@7s"});
}

TEST_CASE("Timers for one instant fire in the order in which they were set", "[clock][order]") {
  Notes n;
  n.After(absl::Seconds(2), 1);
  n.After(absl::Seconds(1), 2);
  CHECK(Code(n.cloud.CallAt(kStart + absl::Seconds(2), "note", 3)) == "OK");
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  n.After(absl::Seconds(1), 4);
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(n.lines == Strings{"2@1s", "1@2s", "3@2s", "4@2s"});
}

TEST_CASE("A thousand timers for one instant keep their order", "[clock][order]") {
  Notes n;
  Strings expected;
  for (uint64_t i = 0; i < 1000; ++i) {
    n.After(absl::Seconds(1), i);
    expected.push_back(std::to_string(i) + "@1s");
  }
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(n.lines == expected);
}

TEST_CASE("What a handler sets for its own instant fires there, after what was set before",
          "[clock][order]") {
  Notes n;
  n.cloud.SetHandler("more", [&n](Cloud& c, uint64_t argument) {
    n.Note(argument);
    CHECK(Code(c.CallAfter(absl::ZeroDuration(), "note", argument + 10)) == "OK");
    n.Note(argument + 1);  // a handler is not interrupted
  });
  CHECK(Code(n.cloud.CallAfter(absl::Seconds(1), "more", 1)) == "OK");
  n.After(absl::Seconds(1), 3);
  n.After(absl::Seconds(1) + kInstant, 4);
  CHECK(Code(n.cloud.Advance(absl::Seconds(2))) == "OK");
  CHECK(n.lines == Strings{"1@1s", "2@1s", "3@1s", "11@1s", "4@1.000000001s"});
}

TEST_CASE("Inside a handler the clock stands at its instant", "[clock][Now]") {
  Notes n;
  n.After(absl::Hours(1), 1);
  n.After(absl::Hours(2), 2);
  CHECK(Code(n.cloud.Advance(absl::Hours(24))) == "OK");
  CHECK(n.lines == Strings{"1@1h", "2@2h"});
  CHECK(n.cloud.Now() == kStart + absl::Hours(24));
}

// ---- AdvanceUntil

TEST_CASE("AdvanceUntil asks first, and then stops at the first due thing that does it",
          "[clock][AdvanceUntil]") {
  Notes n;
  n.After(absl::Seconds(1), 1);
  n.After(absl::Seconds(2), 2);
  n.After(absl::Seconds(2), 3);
  CHECK(Code(n.cloud.AdvanceUntil([] { return true; }, absl::Hours(1))) == "OK");
  CHECK(n.cloud.Now() == kStart);
  CHECK(n.lines.empty());
  const auto two = [&n] { return n.lines.size() == 2; };
  CHECK(Code(n.cloud.AdvanceUntil(two, absl::Hours(1))) == "OK");
  CHECK(n.cloud.Now() == kStart + absl::Seconds(2));
  CHECK(n.lines == Strings{"1@1s", "2@2s"});
  CHECK(Code(n.cloud.Advance(absl::ZeroDuration())) == "OK");
  CHECK(n.lines == Strings{"1@1s", "2@2s", "3@2s"});
}

TEST_CASE("AdvanceUntil is DeadlineExceeded when the predicate never held, with the clock there",
          "[clock][AdvanceUntil]") {
  Notes n;
  n.After(absl::Seconds(30), 1);
  n.After(absl::Seconds(31), 2);
  int asked = 0;
  const auto never = [&asked] { return ++asked < 0; };
  const absl::Status status = n.cloud.AdvanceUntil(never, absl::Seconds(30));
  CHECK(Code(status) == "DEADLINE_EXCEEDED");
  CHECK_THAT(Words(status), Catch::Contains("30s"));
  CHECK(n.cloud.Now() == kStart + absl::Seconds(30));
  CHECK(n.lines == Strings{"1@30s"});
  CHECK(Code(n.cloud.AdvanceUntil(never, absl::ZeroDuration())) == "DEADLINE_EXCEEDED");
}

TEST_CASE("AdvanceUntil asks a last time at its limit", "[clock][AdvanceUntil]") {
  Cloud cloud;
  const auto later = [&cloud] { return cloud.Now() >= kStart + absl::Seconds(30); };
  CHECK(Code(cloud.AdvanceUntil(later, absl::Seconds(30) - kInstant)) == "DEADLINE_EXCEEDED");
  CHECK(Code(cloud.AdvanceUntil(later, kInstant)) == "OK");
}

TEST_CASE("AdvanceUntil sees what falls due without a timer", "[clock][AdvanceUntil]") {
  sqs::World w;
  const std::string url = w.Queue();
  w.Send({.queue_url = url, .message_body = "later", .delay_seconds = absl::Seconds(90)});
  const auto arrived = [&w, &url] { return w.Counts(url).visible == 1; };
  CHECK(Code(w.cloud.AdvanceUntil(arrived, absl::Hours(1))) == "OK");
  CHECK(w.cloud.Now() == kStart + absl::Seconds(90));
}

TEST_CASE("The predicate of AdvanceUntil may call the cloud", "[clock][AdvanceUntil]") {
  Notes n;
  const auto once = [&n] {
    if (n.cloud.Now() == kStart) n.After(absl::Seconds(5), 1);
    return !n.lines.empty();
  };
  CHECK(Code(n.cloud.AdvanceUntil(once, absl::Minutes(1))) == "OK");
  CHECK(n.lines == Strings{"1@5s"});
}

// ---- Step, NextDeadline

TEST_CASE("Step fires one timer", "[clock][Step]") {
  Notes n;
  n.After(absl::Hours(3), 1);
  n.After(absl::Hours(3), 2);
  CHECK(n.cloud.NextDeadline() == kStart + absl::Hours(3));
  CHECK(*n.cloud.Step());
  CHECK(n.lines == Strings{"1@3h"});
  CHECK(n.cloud.Now() == kStart + absl::Hours(3));
  CHECK(n.cloud.NextDeadline() == kStart + absl::Hours(3));
  CHECK(*n.cloud.Step());
  CHECK(n.lines == Strings{"1@3h", "2@3h"});
  CHECK(n.cloud.NextDeadline() == std::nullopt);
  CHECK_FALSE(*n.cloud.Step());
  CHECK(n.cloud.Now() == kStart + absl::Hours(3));
}

TEST_CASE("Step goes to what falls due without a timer", "[clock][Step][NextDeadline]") {
  sqs::World w;
  const std::string url = w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
  CHECK(w.cloud.NextDeadline() == std::nullopt);
  w.Send({.queue_url = url, .message_body = "later", .delay_seconds = absl::Seconds(9)});
  CHECK(w.cloud.NextDeadline() == kStart + absl::Seconds(9));
  CHECK(*w.cloud.Step());
  CHECK(w.cloud.Now() == kStart + absl::Seconds(9));
  CHECK(w.Counts(url).visible == 1);
  CHECK(w.cloud.NextDeadline() == kStart + absl::Seconds(60));  // it expires
  CHECK(*w.cloud.Step());
  CHECK(w.cloud.Now() == kStart + absl::Seconds(60));
  CHECK(w.Counts(url).visible == 0);
  CHECK_FALSE(*w.cloud.Step());
}

TEST_CASE("A timer due at the instant of something silent is a step of its own", "[clock][Step]") {
  sqs::World w;
  const std::string url = w.Queue();
  w.Send({.queue_url = url, .message_body = "later", .delay_seconds = absl::Seconds(9)});
  int64_t visible = -1;
  w.cloud.SetHandler("look", [&](Cloud&, uint64_t) { visible = w.Counts(url).visible; });
  REQUIRE(w.cloud.CallAfter(absl::Seconds(9), "look").ok());
  while (visible < 0) REQUIRE(*w.cloud.Step());
  CHECK(visible == 1);
  CHECK(w.cloud.Now() == kStart + absl::Seconds(9));
}

TEST_CASE("A cancelled timer is no deadline", "[clock][NextDeadline]") {
  Notes n;
  const TimerId first = n.After(absl::Seconds(1), 1);
  n.After(absl::Seconds(2), 2);
  CHECK(n.cloud.CancelCall(first));
  CHECK(n.cloud.NextDeadline() == kStart + absl::Seconds(2));
}

TEST_CASE("An idle year costs nothing: it is one step", "[clock][Step]") {
  Notes n;
  n.After(absl::Hours(24 * 365), 1);
  CHECK(*n.cloud.Step());
  CHECK(n.cloud.Now() == kStart + absl::Hours(24 * 365));
  CHECK_FALSE(*n.cloud.Step());

  sqs::World idle;  // with all that a service keeps
  const std::string url = idle.Queue("orders", {.message_retention_period = absl::Seconds(600)});
  for (int i = 0; i < 50; ++i) idle.Send(url, "one");
  idle.One(url);
  int steps = 0;
  while (*idle.cloud.Step()) ++steps;
  CHECK(steps < 5);  // its visibility timeout ends; all expire
  CHECK(Code(idle.cloud.Advance(absl::Hours(24 * 365))) == "OK");
  CHECK(idle.cloud.NextDeadline() == std::nullopt);
}

TEST_CASE("How the clock gets there leaves no trace", "[clock][Digest]") {
  const auto run = [](auto advance) {
    sqs::World w({.choices = std::make_shared<Seeded>(3)});
    w.cloud.SetHandler("send", [](Cloud& c, uint64_t argument) {
      const std::string url = c.sqs().GetQueueUrl({.queue_name = "orders"})->queue_url;
      CHECK(Code(c.sqs().SendMessage({.queue_url = url,
                                      .message_body = std::to_string(argument),
                                      .delay_seconds = absl::Seconds(argument)})) == "OK");
      if (argument > 0) CHECK(Code(c.CallAfter(absl::Seconds(5), "send", argument - 1)) == "OK");
    });
    w.Queue("orders", {.message_retention_period = absl::Seconds(60)});
    REQUIRE(w.cloud.CallAfter(absl::Seconds(5), "send", 9).ok());
    advance(w.cloud, w.cloud.Now() + absl::Seconds(75));
    return w.cloud.Digest();
  };
  const WorldDigest at_once = run([](Cloud& c, absl::Time end) { c.AdvanceTo(end).IgnoreError(); });
  const WorldDigest in_pieces = run([](Cloud& c, absl::Time end) {
    while (c.Now() < end) CHECK(Code(c.Advance(absl::Milliseconds(100))) == "OK");
  });
  const WorldDigest by_steps = run([](Cloud& c, absl::Time end) {
    while (c.NextDeadline().has_value() && *c.NextDeadline() <= end) CHECK(*c.Step());
    CHECK(Code(c.AdvanceTo(end)) == "OK");
  });
  const WorldDigest until = run([](Cloud& c, absl::Time end) {
    CHECK(Code(c.AdvanceUntil([] { return false; }, end - c.Now())) == "DEADLINE_EXCEEDED");
  });
  CHECK(in_pieces.str() == at_once.str());
  CHECK(by_steps.str() == at_once.str());
  CHECK(until.str() == at_once.str());
}

// ---- Trouble

TEST_CASE("A handler that throws ends Advance at its instant with Unknown, and nothing is lost",
          "[clock][handlers][errors]") {
  Notes n;
  n.cloud.SetHandler("throw", [](Cloud&, uint64_t) { throw std::runtime_error("out of paper"); });
  n.After(absl::Seconds(1), 1);
  CHECK(Code(n.cloud.CallAfter(absl::Seconds(1), "throw")) == "OK");
  n.After(absl::Seconds(1), 2);
  n.After(absl::Seconds(2), 3);
  const absl::Status status = n.cloud.Advance(absl::Seconds(2));
  CHECK(Code(status) == "UNKNOWN");
  CHECK_THAT(Words(status), Catch::Contains("'throw'") && Catch::Contains("out of paper"));
  CHECK(n.cloud.Now() == kStart + absl::Seconds(1));
  CHECK(n.lines == Strings{"1@1s"});
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(n.lines == Strings{"1@1s", "2@1s", "3@2s"});
}

TEST_CASE("A handler may throw anything", "[clock][handlers][errors]") {
  Cloud cloud;
  cloud.SetHandler("throw", [](Cloud&, uint64_t) { throw 7; });
  CHECK(Code(cloud.CallAfter(absl::Seconds(1), "throw")) == "OK");
  const absl::Status status = cloud.Advance(absl::Seconds(2));
  CHECK(Code(status) == "UNKNOWN");
  CHECK_THAT(Words(status), Catch::Contains("'throw'"));
}

TEST_CASE("Step and AdvanceUntil tell of a handler that throws too", "[clock][handlers][errors]") {
  Cloud cloud;
  cloud.SetHandler("throw", [](Cloud&, uint64_t) { throw std::runtime_error("out of paper"); });
  for (const int seconds : {1, 2, 3}) {
    CHECK(Code(cloud.CallAfter(absl::Seconds(seconds), "throw")) == "OK");
  }
  CHECK(Code(cloud.Step()) == "UNKNOWN");
  CHECK(cloud.Now() == kStart + absl::Seconds(1));
  CHECK(Code(cloud.AdvanceUntil([] { return false; }, absl::Hours(1))) == "UNKNOWN");
  CHECK(cloud.Now() == kStart + absl::Seconds(2));
}

TEST_CASE("Trouble in a call that does not move the clock is told by the next one that does",
          "[clock][handlers][errors]") {
  Notes n;
  n.cloud.SetHandler("throw", [](Cloud&, uint64_t) { throw std::runtime_error("out of paper"); });
  CHECK(Code(n.cloud.CallAfter(absl::ZeroDuration(), "throw")) == "OK");
  // Until then the world lives on: what is due is done.
  n.After(absl::ZeroDuration(), 1);
  n.After(absl::ZeroDuration(), 2);
  CHECK(n.lines == Strings{"1@0", "2@0"});
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "UNKNOWN");
  CHECK(n.cloud.Now() == kStart);
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
}

TEST_CASE("Handlers that set each other at one instant are stopped, and the busiest is named",
          "[clock][errors]") {
  Cloud cloud({.max_steps_at_one_instant = 100});
  cloud.SetHandler("ping", [](Cloud& c, uint64_t argument) {
    CHECK(Code(c.CallAfter(absl::ZeroDuration(), "pong", argument)) == "OK");
    CHECK(Code(c.CallAfter(absl::ZeroDuration(), "pong", 1)) == "OK");
  });
  cloud.SetHandler("pong", [](Cloud& c, uint64_t argument) {
    if (argument == 0) CHECK(Code(c.CallAfter(absl::ZeroDuration(), "ping", 0)) == "OK");
  });
  cloud.SetHandler("bystander", [](Cloud&, uint64_t) {});
  CHECK(Code(cloud.CallAfter(absl::Seconds(1), "bystander")) == "OK");
  CHECK(Code(cloud.CallAfter(absl::Seconds(1), "ping")) == "OK");
  const absl::Status status = cloud.Advance(absl::Seconds(2));
  CHECK(Code(status) == "RESOURCE_EXHAUSTED");
  CHECK_THAT(Words(status), Catch::Contains("handler 'pong'") && Catch::Contains("100") &&
                                Catch::Contains("2024-01-01T00:00:01"));
  CHECK(cloud.Now() == kStart + absl::Seconds(1));
}

TEST_CASE("As many timers as the limit may fire at one instant, and one more is too many",
          "[clock][errors]") {
  Notes n({.max_steps_at_one_instant = 10});
  for (uint64_t i = 0; i < 10; ++i) n.After(absl::Seconds(1), i);
  for (uint64_t i = 0; i < 10; ++i) n.After(absl::Seconds(1) + kInstant, i);
  CHECK(Code(n.cloud.Advance(absl::Seconds(2))) == "OK");
  for (uint64_t i = 0; i < 11; ++i) n.After(absl::Seconds(1), i);
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "RESOURCE_EXHAUSTED");
}

TEST_CASE("Who goes on after too many timers at one instant gets the others, in their order",
          "[clock][errors]") {
  Notes n({.max_steps_at_one_instant = 4});
  Strings expected;
  for (uint64_t i = 0; i < 20; ++i) {
    n.After(absl::Seconds(1), i);
    expected.push_back(std::to_string(i) + "@1s");
  }
  int times = 0;
  while (!n.cloud.Advance(absl::Seconds(1)).ok()) ++times;
  CHECK(times > 2);
  CHECK(n.lines == expected);
}

TEST_CASE("Step counts the timers of one instant too", "[clock][errors][Step]") {
  Notes n({.max_steps_at_one_instant = 2});
  Strings expected;
  for (uint64_t i = 0; i < 5; ++i) {
    n.After(absl::Seconds(1), i);
    expected.push_back(std::to_string(i) + "@1s");
  }
  CHECK(Code(n.cloud.Step()) == "OK");
  CHECK(Code(n.cloud.Step()) == "OK");
  CHECK(Code(n.cloud.Step()) == "RESOURCE_EXHAUSTED");
  while (n.cloud.NextDeadline().has_value()) n.cloud.Step().IgnoreError();
  CHECK(n.lines == expected);
}

}  // namespace
}  // namespace skybox
