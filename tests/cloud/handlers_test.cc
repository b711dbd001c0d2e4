#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "support/scene.h"

// The program's own timers: named handlers, and what a call sets off at its instant.
namespace skybox {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'704'067'200);

TEST_CASE("A handler is called by its name, with its argument and its Cloud", "[clock][handlers]") {
  Cloud cloud;
  const Cloud* given = nullptr;
  uint64_t argument = 0;
  cloud.SetHandler("mine", [&](Cloud& c, uint64_t a) {
    given = &c;
    argument = a;
  });
  CHECK(Code(cloud.CallAfter(absl::Seconds(1), "mine", 0xFFFF'FFFF'FFFF'FFFFu)) == "OK");
  CHECK(Code(cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(given == &cloud);
  CHECK(argument == 0xFFFF'FFFF'FFFF'FFFFu);

  Cloud moved = std::move(cloud);
  CHECK(Code(moved.CallAfter(absl::Seconds(1), "mine")) == "OK");
  CHECK(Code(moved.Advance(absl::Seconds(1))) == "OK");
  CHECK(given == &moved);
  CHECK(argument == 0);
}

TEST_CASE("A timer calls the handler that has the name when it fires", "[clock][handlers]") {
  Cloud cloud;
  Strings called;
  cloud.SetHandler("mine", [&](Cloud& c, uint64_t) {
    called.push_back("first");
    c.SetHandler("mine", [&](Cloud&, uint64_t) { called.push_back("second"); });
  });
  for (const int seconds : {1, 2}) {
    CHECK(Code(cloud.CallAfter(absl::Seconds(seconds), "mine")) == "OK");
  }
  CHECK(Code(cloud.Advance(absl::Seconds(2))) == "OK");
  CHECK(called == Strings{"first", "second"});
}

TEST_CASE("A name without a handler is NotFound", "[clock][handlers]") {
  Cloud cloud;
  const auto nobody = cloud.CallAfter(absl::Seconds(1), "nobody");
  CHECK(Code(nobody) == "NOT_FOUND");
  CHECK_THAT(Words(nobody), Catch::Contains("nobody"));
  CHECK(cloud.NextDeadline() == std::nullopt);
}

TEST_CASE("A timer whose handler was taken away ends Advance and names it", "[clock][handlers]") {
  Notes n;
  n.After(absl::Seconds(1), 1);
  n.cloud.SetHandler("note", nullptr);
  const absl::Status status = n.cloud.Advance(absl::Seconds(2));
  CHECK(Code(status) == "FAILED_PRECONDITION");
  CHECK_THAT(Words(status), Catch::Contains("note"));
  CHECK(Code(n.cloud.CallAfter(absl::Seconds(1), "note")) == "NOT_FOUND");
}

TEST_CASE("A call in the past, or never, is refused", "[clock][handlers]") {
  Notes n;
  CHECK(Code(n.cloud.CallAt(kStart - kInstant, "note")) == "INVALID_ARGUMENT");
  CHECK(Code(n.cloud.CallAfter(-kInstant, "note")) == "INVALID_ARGUMENT");
  CHECK(Code(n.cloud.CallAt(absl::InfinitePast(), "note")) == "INVALID_ARGUMENT");
  CHECK(Code(n.cloud.CallAt(absl::InfiniteFuture(), "note")) == "INVALID_ARGUMENT");
  CHECK(Code(n.cloud.CallAfter(absl::InfiniteDuration(), "note")) == "INVALID_ARGUMENT");
  CHECK(n.cloud.NextDeadline() == std::nullopt);
  CHECK(n.lines.empty());
}

TEST_CASE("A call for now has been made when CallAt returns", "[clock][handlers][settled]") {
  Notes n;
  const TimerId id = n.After(absl::ZeroDuration(), 1);
  CHECK(n.lines == Strings{"1@0"});
  CHECK_FALSE(n.cloud.CancelCall(id));
}

TEST_CASE("A cancelled call is not made, and cancelling works once", "[clock][handlers]") {
  Notes n;
  const TimerId first = n.After(absl::Seconds(1), 1);
  n.After(absl::Seconds(1), 2);
  CHECK(n.cloud.CancelCall(first));
  CHECK_FALSE(n.cloud.CancelCall(first));
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(n.lines == Strings{"2@1s"});
}

TEST_CASE("What has fired, or is nobody's, cannot be cancelled", "[clock][handlers]") {
  Notes n;
  CHECK_FALSE(n.cloud.CancelCall(TimerId{}));
  const TimerId old = n.After(absl::Seconds(1), 1);
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK_FALSE(n.cloud.CancelCall(old));
  n.After(absl::Seconds(1), 2);  // where the old one was
  CHECK_FALSE(n.cloud.CancelCall(old));
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(n.lines == Strings{"1@1s", "2@2s"});
}

TEST_CASE("A handler may cancel what is due at its own instant", "[clock][handlers]") {
  Notes n;
  TimerId later;
  n.cloud.SetHandler("cancel", [&](Cloud& c, uint64_t) { CHECK(c.CancelCall(later)); });
  CHECK(Code(n.cloud.CallAfter(absl::Seconds(1), "cancel")) == "OK");
  later = n.After(absl::Seconds(1), 1);
  n.After(absl::Seconds(1), 2);
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(n.lines == Strings{"2@1s"});
}

TEST_CASE("Timers of services are not the program's to cancel", "[clock][handlers]") {
  sqs::World w;
  const std::string dead = w.Queue("dead");
  const std::string url =
      w.Queue("orders", {.redrive_policy = R"({"maxReceiveCount":1,"deadLetterTargetArn":")" +
                                           w.Arn(dead) + R"("})"});
  w.Send(url, "one");
  w.ReceiveWith({.queue_url = url, .visibility_timeout = absl::ZeroDuration()});
  CHECK(w.Ten(url).empty());
  REQUIRE(w.sqs.StartMessageMoveTask({.source_arn = w.Arn(dead)}).ok());
  REQUIRE(w.cloud.NextDeadline().has_value());
  int cancelled = 0;
  for (uint32_t slot = 0; slot < 16; ++slot) {
    for (uint32_t generation = 0; generation < 16; ++generation) {
      cancelled += w.cloud.CancelCall({.slot = slot, .generation = generation});
    }
  }
  CHECK(cancelled == 0);
  w.Advance(absl::Minutes(1));
  CHECK(w.Counts(url).visible == 1);
}

TEST_CASE("Handlers go along into a fork, and get the fork", "[clock][handlers][Fork]") {
  Cloud cloud;
  std::vector<const Cloud*> given;
  cloud.SetHandler("mine", [&given](Cloud& c, uint64_t) { given.push_back(&c); });
  const TimerId id = *cloud.CallAfter(absl::Seconds(1), "mine");
  absl::StatusOr<Cloud> fork = cloud.Fork();
  REQUIRE(fork.ok());
  CHECK(Code(fork->Advance(absl::Seconds(1))) == "OK");
  CHECK(given == std::vector<const Cloud*>{&*fork});
  CHECK(cloud.CancelCall(id));  // its own is still there
  CHECK(Code(cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(given.size() == 1);
}

// ---- Inside a handler

TEST_CASE("A handler cannot move the clock", "[clock][handlers]") {
  Notes n;
  Strings codes;
  n.cloud.SetHandler("move", [&](Cloud& c, uint64_t) {
    for (const absl::Status& status :
         {c.Advance(absl::Seconds(1)), c.Advance(absl::ZeroDuration()), c.AdvanceTo(c.Now()),
          c.AdvanceUntil([] { return true; }, absl::Hours(1)), c.Step().status()}) {
      codes.push_back(Code(status));
      CHECK_THAT(Words(status), Catch::Contains("handler"));
    }
  });
  n.After(absl::Seconds(1), 1);
  CHECK(Code(n.cloud.CallAfter(absl::Seconds(1), "move")) == "OK");
  n.After(absl::Seconds(1), 2);
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(codes == Strings(5, "FAILED_PRECONDITION"));
  CHECK(n.lines == Strings{"1@1s", "2@1s"});
}

TEST_CASE("A handler may call everything else", "[clock][handlers]") {
  sqs::World w;
  const std::string url = w.Queue();
  Strings bodies;
  w.cloud.SetHandler("work", [&](Cloud& c, uint64_t) {
    auto sqs = c.sqs();
    CHECK(Code(sqs.SendMessage({.queue_url = url, .message_body = "one"})) == "OK");
    bodies = sqs::BodiesOf(sqs.ReceiveMessage({.queue_url = url})->messages);
    CHECK(c.NextDeadline().has_value());
    CHECK(Code(c.SetQuota("sqs.in_flight_standard", 7)) == "OK");
    CHECK(c.usage().Calls("sqs", "SendMessage") == 1);
    CHECK(c.Digest() == c.Digest());
  });
  REQUIRE(w.cloud.CallAfter(absl::Seconds(1), "work").ok());
  w.Advance(absl::Seconds(1));
  CHECK(bodies == Strings{"one"});
}

TEST_CASE("A world is neither forked nor saved inside a handler", "[clock][handlers][Fork][Save]") {
  Cloud cloud;
  Strings codes;
  cloud.SetHandler("copy", [&](Cloud& c, uint64_t) { codes = {Code(c.Fork()), Code(c.Save())}; });
  CHECK(Code(cloud.CallAfter(absl::Seconds(1), "copy")) == "OK");
  CHECK(Code(cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(codes == Strings{"FAILED_PRECONDITION", "FAILED_PRECONDITION"});
  CHECK(Code(cloud.Fork()) == "OK");
}

// ---- Settled

TEST_CASE("What a call sets off at its instant is done before it returns", "[clock][settled]") {
  Notes n;
  // A handler that sets others, three deep.
  n.cloud.SetHandler("chain", [&n](Cloud& c, uint64_t argument) {
    n.Note(argument);
    if (argument > 0) {
      CHECK(Code(c.CallAfter(absl::ZeroDuration(), "chain", argument - 1)) == "OK");
    }
  });
  CHECK(Code(n.cloud.CallAfter(absl::ZeroDuration(), "chain", 3)) == "OK");
  CHECK(n.lines == Strings{"3@0", "2@0", "1@0", "0@0"});
}

TEST_CASE("Inside a handler what is due now is left to the running loop", "[clock][settled]") {
  Notes n;
  n.cloud.SetHandler("set", [&n](Cloud& c, uint64_t) {
    CHECK(Code(c.CallAfter(absl::ZeroDuration(), "note", 1)) == "OK");
    CHECK(n.lines.empty());
  });
  CHECK(Code(n.cloud.CallAfter(absl::Seconds(1), "set")) == "OK");
  CHECK(Code(n.cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(n.lines == Strings{"1@1s"});
}

}  // namespace
}  // namespace skybox
