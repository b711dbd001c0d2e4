#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "skybox/task.h"
#include "support/scene.h"

// Coroutines on the virtual clock: what task.h and cloud.h promise of them.
namespace skybox {
namespace {

constexpr absl::Duration kSecond = absl::Seconds(1);

// Writes down when its frame goes.
struct Guard {
  Guard(Scene& scene, std::string n) : s(scene), name(std::move(n)) {}
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() { s.Add("~" + name); }

  Scene& s;
  std::string name;
};

Task<> Sleeper(Scene& s, std::string name, absl::Duration time) {
  Guard guard(s, name);
  co_await s.cloud.Sleep(time);
  s.Add(name);
}

Task<int> Answer(Cloud& cloud, int value, absl::Duration after) {
  co_await cloud.Sleep(after);
  co_return value;
}

Task<int> Failure(Cloud& cloud, absl::Duration after) {
  co_await cloud.Sleep(after);
  throw std::runtime_error("out of paper");
  co_return 0;
}

// ---- Spawn, Sleep

TEST_CASE("A task does nothing until it is spawned, and has run to its first wait then",
          "[task][Spawn]") {
  Scene s;
  Task<> task = Sleeper(s, "a", kSecond);
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  CHECK(s.lines.empty());
  struct Local {
    static Task<> Run(Scene& s) {
      s.Add("begun");
      co_await s.cloud.Sleep(kSecond);
      s.Add("ended");
    }
  };
  const TaskHandle<> handle = s.cloud.Spawn(Local::Run(s));
  CHECK(s.lines == Strings{"begun@1s"});
  CHECK_FALSE(handle.done());
  CHECK(s.cloud.live_tasks() == 1);
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  CHECK(s.lines == Strings{"begun@1s", "ended@2s"});
  CHECK(handle.done());
  CHECK(s.cloud.live_tasks() == 0);
}

TEST_CASE("A task that is never spawned is destroyed with its owner", "[task]") {
  Scene s;
  {
    Task<> task = Sleeper(s, "a", kSecond);
    Task<> moved = std::move(task);
  }
  CHECK(s.lines.empty());
  CHECK(s.cloud.live_tasks() == 0);
}

TEST_CASE("A task sleeps to the instant", "[task][Sleep]") {
  Scene s;
  s.cloud.Spawn(Sleeper(s, "a", kSecond));
  CHECK(s.cloud.NextDeadline() == s.start + kSecond);
  CHECK(Code(s.cloud.Advance(kSecond - kInstant)) == "OK");
  CHECK(s.lines.empty());
  CHECK(Code(s.cloud.Advance(kInstant)) == "OK");
  CHECK(s.lines == Strings{"a@1s", "~a@1s"});
}

Task<> SleepUntil(Scene& s, std::string name, absl::Time time) {
  co_await s.cloud.SleepUntil(time);
  s.Add(name);
}

TEST_CASE("A sleep into the past waits for nothing but the other things due now", "[task][Sleep]") {
  Scene s;
  s.cloud.SetHandler("start", [&s](Cloud& c, uint64_t) {
    c.Spawn(Sleeper(s, "negative", -kSecond));
    c.Spawn(SleepUntil(s, "past", absl::InfinitePast()));
    CHECK(Code(c.CallAfter(absl::ZeroDuration(), "other")) == "OK");
  });
  s.cloud.SetHandler("other", [&s](Cloud&, uint64_t) { s.Add("other"); });
  CHECK(Code(s.cloud.CallAfter(kSecond, "start")) == "OK");
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  CHECK(s.lines == Strings{"other@1s", "negative@1s", "~negative@1s", "past@1s"});
}

TEST_CASE("A sleep for ever does not end, and is no deadline", "[task][Sleep]") {
  Scene s;
  s.cloud.Spawn(Sleeper(s, "a", absl::InfiniteDuration()));
  s.cloud.Spawn(SleepUntil(s, "b", absl::InfiniteFuture()));
  s.cloud.Spawn(SleepUntil(s, "c", absl::FromUnixSeconds(9'999'999'999)));  // after the clock's end
  CHECK(s.cloud.NextDeadline() == std::nullopt);
  CHECK_FALSE(*s.cloud.Step());
  s.Advance(absl::Hours(24 * 365 * 200));
  CHECK(s.cloud.live_tasks() == 3);
  CHECK(s.lines.empty());
}

TEST_CASE("Tasks that are due at one instant go in the order in which they went to sleep",
          "[task][order]") {
  Scene s;
  s.cloud.SetHandler("handler", [&s](Cloud&, uint64_t) { s.Add("handler"); });
  s.cloud.Spawn(SleepUntil(s, "a", s.start + absl::Seconds(2)));
  CHECK(Code(s.cloud.CallAfter(absl::Seconds(2), "handler")) == "OK");
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  s.cloud.Spawn(SleepUntil(s, "b", s.start + absl::Seconds(2)));
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  CHECK(s.lines == Strings{"a@2s", "handler@2s", "b@2s"});
}

TEST_CASE("A task spawned inside a handler or a task starts later at the same instant",
          "[task][Spawn][order]") {
  struct Local {
    static Task<> Child(Scene& s) {
      s.Add("child");
      co_return;
    }
    static Task<> Parent(Scene& s) {
      const TaskHandle<> child = s.cloud.Spawn(Child(s));
      s.Add("parent");
      CHECK_FALSE(child.done());
      (co_await child).IgnoreError();
      s.Add("parent again");
    }
  };
  Scene s;
  s.cloud.Spawn(Local::Parent(s));
  CHECK(s.lines == Strings{"parent@0", "child@0", "parent again@0"});
}

TEST_CASE("Tasks are numbered from 1", "[task][Spawn]") {
  Scene s;
  CHECK(TaskHandle<>().id() == 0);
  CHECK(s.cloud.Spawn(Sleeper(s, "a", kSecond)).id() == 1);
  CHECK(s.cloud.Spawn(Sleeper(s, "b", kSecond)).id() == 2);
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  CHECK(s.cloud.Spawn(Sleeper(s, "c", kSecond)).id() == 3);
}

TEST_CASE("A fork and a restored world number tasks as the world itself does",
          "[task][Spawn][Fork]") {
  Cloud cloud;
  for (int i = 0; i < 3; ++i) cloud.Spawn(Answer(cloud, i, absl::ZeroDuration()));
  absl::StatusOr<Cloud> fork = cloud.Fork();
  absl::StatusOr<Cloud> restored = Cloud::Restore(*cloud.Save());
  REQUIRE(fork.ok());
  REQUIRE(restored.ok());
  for (Cloud* each : {&cloud, &*fork, &*restored}) {
    CHECK(each->Spawn(Answer(*each, 0, absl::ZeroDuration())).id() == 4);
  }
  CHECK(fork->Digest() == cloud.Digest());
  CHECK(restored->Digest() == cloud.Digest());
}

// ---- Results, and awaiting

TEST_CASE("A handle has the task's result when it has ended", "[task][result]") {
  Cloud cloud;
  const TaskHandle<int> handle = cloud.Spawn(Answer(cloud, 42, kSecond));
  CHECK(Code(handle.result()) == "FAILED_PRECONDITION");
  CHECK(handle.status().ok());
  CHECK(Code(cloud.Advance(kSecond)) == "OK");
  CHECK(*handle.result() == 42);
  CHECK(*handle.result() == 42);  // as often as one likes
  const TaskHandle<int> copy = handle;
  CHECK(copy.id() == handle.id());
  CHECK(*copy.result() == 42);

  Scene s;
  const TaskHandle<> nothing = s.cloud.Spawn(Sleeper(s, "a", kSecond));
  CHECK(Code(nothing.result()) == "FAILED_PRECONDITION");
  s.Advance(kSecond);
  CHECK(Code(nothing.result()) == "OK");
}

TEST_CASE("A dropped handle does not end the task", "[task][Spawn]") {
  Scene s;
  s.cloud.Spawn(Sleeper(s, "a", kSecond));
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  CHECK(s.lines == Strings{"a@1s", "~a@1s"});
}

TEST_CASE("A task awaits another function's task as a part of itself", "[task][await]") {
  struct Local {
    static Task<int> Sum(Cloud& cloud, int depth) {
      if (depth == 0) co_return 0;
      co_await cloud.Sleep(kSecond);
      const int rest = co_await Sum(cloud, depth - 1);
      co_return rest + depth;
    }
  };
  Cloud cloud;
  const TaskHandle<int> handle = cloud.Spawn(Local::Sum(cloud, 4));
  CHECK(cloud.live_tasks() == 1);
  CHECK(Code(cloud.Advance(absl::Seconds(4) - kInstant)) == "OK");
  CHECK_FALSE(handle.done());
  CHECK(Code(cloud.Advance(kInstant)) == "OK");
  CHECK(*handle.result() == 10);
}

TEST_CASE("A long chain of awaited tasks does not grow the stack", "[task][await]") {
  struct Local {
    static Task<int> One() { co_return 1; }
    static Task<int> Many() {
      int sum = 0;
      for (int i = 0; i < 100'000; ++i) sum += co_await One();
      co_return sum;
    }
  };
  Cloud cloud;
  CHECK(*cloud.Spawn(Local::Many()).result() == 100'000);
}

Task<> AwaitInt(Scene& s, TaskHandle<int> handle) {
  const absl::StatusOr<int> answer = co_await handle;
  s.Add(answer.ok() ? std::to_string(*answer) : Code(answer) + ": " + Words(answer));
}

TEST_CASE("A task awaits a spawned one at the instant of its end", "[task][await]") {
  Scene s;
  const TaskHandle<int> worker = s.cloud.Spawn(Answer(s.cloud, 7, kSecond));
  s.cloud.Spawn(AwaitInt(s, worker));
  s.cloud.Spawn(AwaitInt(s, worker));
  CHECK(s.lines.empty());
  CHECK(Code(s.cloud.Advance(absl::Seconds(5))) == "OK");
  CHECK(s.lines == Strings{"7@1s", "7@1s"});
  s.cloud.Spawn(AwaitInt(s, worker));  // which has ended
  CHECK(s.lines.size() == 3);
  s.cloud.Spawn(AwaitInt(s, TaskHandle<int>()));
  CHECK_THAT(s.lines[3], Catch::StartsWith("FAILED_PRECONDITION"));
}

Task<> First(Scene& s, std::vector<AnyTaskHandle> tasks) {
  const size_t first = co_await AnyOf(std::move(tasks));
  s.Add(std::to_string(first));
}

TEST_CASE("AnyOf is the place of the first task that ends; the others go on", "[task][AnyOf]") {
  Scene s;
  const TaskHandle<> slow = s.cloud.Spawn(Sleeper(s, "slow", absl::Seconds(3)));
  const TaskHandle<int> quick = s.cloud.Spawn(Answer(s.cloud, 1, kSecond));
  s.cloud.Spawn(First(s, {slow, quick}));
  CHECK(Code(s.cloud.Advance(absl::Seconds(2))) == "OK");
  CHECK(s.lines == Strings{"1@1s"});
  CHECK_FALSE(slow.done());
  CHECK(Code(s.cloud.Advance(absl::Seconds(2))) == "OK");
  CHECK(s.lines == Strings{"1@1s", "slow@3s", "~slow@3s"});
}

TEST_CASE("AnyOf is the lowest place where several tasks have ended", "[task][AnyOf]") {
  Scene s;
  const TaskHandle<int> running = s.cloud.Spawn(Answer(s.cloud, 0, absl::Hours(1)));
  const TaskHandle<int> first = s.cloud.Spawn(Answer(s.cloud, 1, kSecond));
  const TaskHandle<int> second = s.cloud.Spawn(Answer(s.cloud, 2, kSecond));
  s.cloud.Spawn(First(s, {running, second, first}));  // which end at one instant
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  s.cloud.Spawn(First(s, {running, first, second}));  // which have ended
  CHECK(s.lines == Strings{"1@1s", "1@1s"});
}

TEST_CASE("AnyOf none, or empty handles, never ends", "[task][AnyOf]") {
  Scene s;
  const TaskHandle<> none = s.cloud.Spawn(First(s, {}));
  const TaskHandle<> empty = s.cloud.Spawn(First(s, {TaskHandle<>(), TaskHandle<int>()}));
  CHECK(Code(s.cloud.Advance(absl::Hours(1000))) == "OK");
  CHECK(s.cloud.live_tasks() == 2);
  none.status().IgnoreError();
  TaskHandle<>(none).Cancel();
  TaskHandle<>(empty).Cancel();
  CHECK(s.cloud.live_tasks() == 0);
  CHECK(s.lines.empty());
}

TEST_CASE("AnyOf sees tasks that are cancelled or throw", "[task][AnyOf]") {
  Scene s;
  const TaskHandle<int> other = s.cloud.Spawn(Answer(s.cloud, 0, absl::Hours(1)));
  TaskHandle<int> cancelled = s.cloud.Spawn(Answer(s.cloud, 0, absl::Hours(1)));
  const TaskHandle<int> throwing = s.cloud.Spawn(Failure(s.cloud, absl::Seconds(5)));
  s.cloud.Spawn(First(s, {other, cancelled}));
  s.cloud.Spawn(First(s, {other, throwing}));
  cancelled.Cancel();
  CHECK(Code(s.cloud.Advance(absl::Seconds(5))) == "OK");
  CHECK(s.lines == Strings{"1@0", "1@5s"});
}

Task<> FirstOfTwo(Scene& s, TaskHandle<int> a, TaskHandle<> b) {
  const size_t first = co_await AnyOf(a, b);
  s.Add(std::to_string(first));
}

TEST_CASE("AnyOf takes handles of tasks that yield different things", "[task][AnyOf]") {
  Scene s;
  const TaskHandle<int> a = s.cloud.Spawn(Answer(s.cloud, 7, absl::Seconds(9)));
  const TaskHandle<> b = s.cloud.Spawn(Sleeper(s, "b", kSecond));
  for (int i = 0; i < 10; ++i) s.cloud.Spawn(FirstOfTwo(s, a, b));
  CHECK(Code(s.cloud.Advance(absl::Minutes(1))) == "OK");
  CHECK(s.lines.size() == 12);
  CHECK(s.lines.back() == "1@1s");
  CHECK(*a.result() == 7);
}

Task<> Supervise(Cloud& cloud, TaskHandle<int> worker, int& rounds) {
  for (;;) {
    const TaskHandle<int> pause = cloud.Spawn(Answer(cloud, 0, kSecond));
    const size_t first = co_await AnyOf(worker, pause);
    if (first == 0) break;
    ++rounds;
  }
}

TEST_CASE("A task may be awaited again and again", "[task][AnyOf]") {
  Cloud cloud;
  int rounds = 0;
  const TaskHandle<int> worker = cloud.Spawn(Answer(cloud, 7, absl::Seconds(10'000) - kInstant));
  const TaskHandle<> supervisor = cloud.Spawn(Supervise(cloud, worker, rounds));
  CHECK(Code(cloud.Advance(absl::Hours(5))) == "OK");
  CHECK(supervisor.done());
  CHECK(rounds == 9'999);
}

// ---- Cancelling

TEST_CASE("Cancel destroys the task's frame at once, with all that it awaits", "[task][Cancel]") {
  struct Local {
    static Task<> Outer(Scene& s) {
      Guard guard(s, "outer");
      co_await Sleeper(s, "inner", absl::Hours(1));
    }
  };
  Scene s;
  TaskHandle<> handle = s.cloud.Spawn(Local::Outer(s));
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  handle.Cancel();
  CHECK(s.lines == Strings{"~inner@1s", "~outer@1s"});
  CHECK(handle.done());
  CHECK(Code(handle.status()) == "CANCELLED");
  CHECK(Code(handle.result()) == "CANCELLED");
  CHECK(s.cloud.live_tasks() == 0);
  CHECK(s.cloud.NextDeadline() == std::nullopt);
  handle.Cancel();  // does nothing
  CHECK(Code(s.cloud.Advance(absl::Hours(2))) == "OK");
  CHECK(s.lines.size() == 2);
}

TEST_CASE("A task that has ended is not cancelled any more", "[task][Cancel]") {
  Cloud cloud;
  TaskHandle<int> handle = cloud.Spawn(Answer(cloud, 42, kSecond));
  CHECK(Code(cloud.Advance(kSecond)) == "OK");
  handle.Cancel();
  CHECK(Code(handle.status()) == "OK");
  CHECK(*handle.result() == 42);
  TaskHandle<>().Cancel();  // nobody's
}

TEST_CASE("Those who await a cancelled task see Cancelled", "[task][Cancel][await]") {
  Scene s;
  TaskHandle<int> worker = s.cloud.Spawn(Answer(s.cloud, 7, absl::Hours(1)));
  s.cloud.Spawn(AwaitInt(s, worker));
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  worker.Cancel();
  REQUIRE(s.lines.size() == 1);
  CHECK_THAT(s.lines[0], Catch::StartsWith("CANCELLED") && Catch::EndsWith("@1s"));
}

TEST_CASE("Who awaits may be cancelled without harm to what it awaits", "[task][Cancel][await]") {
  Scene s;
  const TaskHandle<int> worker = s.cloud.Spawn(Answer(s.cloud, 7, kSecond));
  TaskHandle<> waiting = s.cloud.Spawn(AwaitInt(s, worker));
  s.cloud.Spawn(AwaitInt(s, worker));
  waiting.Cancel();
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  CHECK(s.lines == Strings{"7@1s"});
}

TEST_CASE("A task that cancels itself ends at its next wait", "[task][Cancel]") {
  struct Local {
    static Task<> Run(Scene& s, TaskHandle<>& self) {
      Guard guard(s, "self");
      co_await s.cloud.Sleep(kSecond);
      self.Cancel();
      CHECK_FALSE(self.done());
      s.Add("goes on");
      co_await s.cloud.Sleep(kSecond);
      s.Add("never");
    }
  };
  Scene s;
  TaskHandle<> self = s.cloud.Spawn(Local::Run(s, self));
  CHECK(Code(s.cloud.Advance(absl::Minutes(1))) == "OK");
  CHECK(s.lines == Strings{"goes on@1s", "~self@1s"});
  CHECK(Code(self.status()) == "CANCELLED");
  CHECK(s.cloud.NextDeadline() == std::nullopt);
}

TEST_CASE("A task that cancels itself and returns has returned", "[task][Cancel]") {
  struct Local {
    static Task<int> Run(Cloud& cloud, TaskHandle<int>& self) {
      co_await cloud.Sleep(kSecond);
      self.Cancel();
      co_return 42;
    }
  };
  Cloud cloud;
  TaskHandle<int> self = cloud.Spawn(Local::Run(cloud, self));
  CHECK(Code(cloud.Advance(kSecond)) == "OK");
  CHECK(*self.result() == 42);
}

TEST_CASE("A task may cancel another, also before that has begun", "[task][Cancel]") {
  struct Local {
    static Task<> Run(Scene& s, TaskHandle<> victim) {
      victim.Cancel();
      s.Add("cancelled");
      TaskHandle<> stillborn = s.cloud.Spawn(Sleeper(s, "stillborn", kSecond));
      stillborn.Cancel();
      CHECK(stillborn.done());
      co_return;
    }
  };
  Scene s;
  const TaskHandle<> victim = s.cloud.Spawn(Sleeper(s, "victim", kSecond));
  s.cloud.Spawn(Local::Run(s, victim));
  CHECK(s.lines == Strings{"~victim@0", "cancelled@0"});
  CHECK(Code(s.cloud.Advance(absl::Minutes(1))) == "OK");
  CHECK(s.lines.size() == 2);
  CHECK(s.cloud.live_tasks() == 0);
}

TEST_CASE("A frame that goes may call the cloud", "[task][Cancel]") {
  struct Farewell {
    explicit Farewell(sqs::World& world) : w(world) {}
    Farewell(const Farewell&) = delete;
    Farewell& operator=(const Farewell&) = delete;
    ~Farewell() { w.Send("https://sqs.us-east-1.amazonaws.com/123456789012/orders", "farewell"); }
    sqs::World& w;
  };
  struct Local {
    static Task<> Run(sqs::World& w) {
      Farewell farewell(w);
      co_await w.cloud.Sleep(absl::Hours(1));
    }
    static Task<> Receive(sqs::World& w, std::string url, Strings& bodies) {
      const sqs::ReceiveMessageRequest poll = {.queue_url = url,
                                               .wait_time_seconds = absl::Seconds(20)};
      const auto received = co_await w.sqs.Await(poll);
      bodies = sqs::BodiesOf(received->messages);
    }
  };
  sqs::World w;
  const std::string url = w.Queue("orders");
  Strings bodies;
  TaskHandle<> worker = w.cloud.Spawn(Local::Run(w));
  w.cloud.Spawn(Local::Receive(w, url, bodies));
  worker.Cancel();
  CHECK(bodies == Strings{"farewell"});
}

// ---- The end of the cloud

TEST_CASE("A cloud that goes destroys its tasks in the order in which they were spawned",
          "[task][end]") {
  Strings names;
  Strings expected;
  {
    Cloud cloud;
    struct Local {
      static Task<> Run(Cloud& c, Strings& gone, int number) {
        struct Note {
          Strings& gone;
          int number;
          ~Note() { gone.push_back(std::to_string(number)); }
        };
        const Note note{gone, number};
        co_await c.Sleep(absl::Seconds(1000 - number % 7 * 100));
      }
    };
    for (int i = 0; i < 20; ++i) {
      cloud.Spawn(Local::Run(cloud, names, i));
      expected.push_back(std::to_string(i));
    }
  }
  CHECK(names == expected);
}

// Spawns a child when its frame goes.
struct Testament {
  Testament(Cloud& c, Strings& l) : cloud(c), lines(l) {}
  Testament(const Testament&) = delete;
  Testament& operator=(const Testament&) = delete;
  ~Testament() { lines.push_back(Code(cloud.Spawn(Child(lines)).status())); }
  static Task<> Child(Strings& lines) {
    lines.push_back("child");
    co_return;
  }

  Cloud& cloud;
  Strings& lines;
};

Task<> LeaveTestament(Cloud& cloud, Strings& lines) {
  const Testament testament(cloud, lines);
  co_await cloud.Sleep(kSecond);
}

TEST_CASE("What a frame spawns when its cloud goes never runs", "[task][end]") {
  Strings lines;
  {
    Cloud cloud;
    cloud.Spawn(LeaveTestament(cloud, lines));
  }
  CHECK(lines == Strings{"CANCELLED"});
}

TEST_CASE("A cloud that is assigned to destroys its tasks first", "[task][end]") {
  Strings lines;
  Cloud cloud;
  cloud.Spawn(LeaveTestament(cloud, lines));
  cloud = Cloud({.start_time = absl::UnixEpoch()});
  CHECK(lines == Strings{"CANCELLED"});
  CHECK(cloud.live_tasks() == 0);
  CHECK(cloud.Now() == absl::UnixEpoch());
}

TEST_CASE("A handle outlives its cloud", "[task][end]") {
  std::optional<Cloud> cloud(std::in_place);
  TaskHandle<int> running = cloud->Spawn(Answer(*cloud, 42, kSecond));
  TaskHandle<int> done = cloud->Spawn(Answer(*cloud, 7, absl::ZeroDuration()));
  cloud.reset();
  CHECK(running.done());
  CHECK(Code(running.result()) == "CANCELLED");
  running.Cancel();
  CHECK(*done.result() == 7);
}

// ---- Exceptions

TEST_CASE("A task that throws ends Advance with its words", "[task][errors]") {
  Scene s;
  const TaskHandle<int> handle = s.cloud.Spawn(Failure(s.cloud, kSecond));
  s.cloud.Spawn(Sleeper(s, "other", kSecond));
  const absl::Status status = s.cloud.Advance(absl::Seconds(2));
  CHECK(Code(status) == "UNKNOWN");
  CHECK_THAT(Words(status), Catch::Contains("out of paper"));
  CHECK(s.cloud.Now() == s.start + kSecond);
  CHECK(handle.done());
  CHECK(Code(handle.status()) == "UNKNOWN");
  CHECK_THAT(Words(handle.result()), Catch::Contains("out of paper"));
  CHECK(Code(s.cloud.Advance(absl::Seconds(2))) == "OK");
  CHECK(s.lines == Strings{"other@1s", "~other@1s"});
}

TEST_CASE("A task that throws at once is told by the next call that moves the clock",
          "[task][errors]") {
  struct Local {
    static Task<> Run() {
      throw 7;
      co_return;
    }
  };
  Scene s;
  const TaskHandle<> handle = s.cloud.Spawn(Local::Run());
  CHECK(Code(handle.status()) == "UNKNOWN");
  s.cloud.Spawn(Sleeper(s, "other", absl::ZeroDuration()));
  CHECK(s.lines == Strings{"other@0", "~other@0"});  // the world lives on
  CHECK(Code(s.cloud.Step()) == "UNKNOWN");
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
}

TEST_CASE("An exception goes on into the task that awaits", "[task][errors][await]") {
  struct Local {
    static Task<> Run(Scene& s) {
      try {
        const int value = co_await Failure(s.cloud, kSecond);
        s.Add(std::to_string(value));
      } catch (const std::runtime_error& error) {
        s.Add(error.what());
      }
    }
  };
  Scene s;
  const TaskHandle<> handle = s.cloud.Spawn(Local::Run(s));
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  CHECK(s.lines == Strings{"out of paper@1s"});
  CHECK(Code(handle.status()) == "OK");
}

TEST_CASE("A spawned task that throws is its awaiter's trouble, not the clock's",
          "[task][errors][await]") {
  Scene s;
  s.cloud.Spawn(AwaitInt(s, s.cloud.Spawn(Failure(s.cloud, kSecond))));
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  REQUIRE(s.lines.size() == 1);
  CHECK_THAT(s.lines[0], Catch::StartsWith("UNKNOWN") && Catch::Contains("out of paper"));
}

TEST_CASE("An exception is nobody's when all who awaited the task are gone",
          "[task][errors][await]") {
  Scene s;
  const TaskHandle<int> throwing = s.cloud.Spawn(Failure(s.cloud, kSecond));
  TaskHandle<> waiting = s.cloud.Spawn(AwaitInt(s, throwing));
  TaskHandle<> any = s.cloud.Spawn(First(s, {throwing}));
  waiting.Cancel();
  any.Cancel();
  CHECK(Code(s.cloud.Advance(kSecond)) == "UNKNOWN");
}

TEST_CASE("An AnyOf that has ended awaits nobody any more", "[task][errors][AnyOf]") {
  Scene s;
  const TaskHandle<int> throwing = s.cloud.Spawn(Failure(s.cloud, absl::Seconds(2)));
  s.cloud.Spawn(First(s, {throwing, s.cloud.Spawn(Answer(s.cloud, 1, kSecond))}));
  CHECK(Code(s.cloud.Advance(kSecond)) == "OK");
  CHECK(s.lines == Strings{"1@1s"});
  CHECK(Code(s.cloud.Advance(kSecond)) == "UNKNOWN");
}

TEST_CASE("Tasks that never let time pass are stopped and named", "[task][errors]") {
  struct Local {
    static Task<> Run(Cloud& cloud) {
      for (;;) co_await cloud.Sleep(absl::ZeroDuration());
    }
  };
  Cloud cloud({.max_steps_at_one_instant = 100});
  TaskHandle<> handle = cloud.Spawn(Local::Run(cloud));
  const absl::Status status = cloud.Advance(kSecond);
  CHECK(Code(status) == "RESOURCE_EXHAUSTED");
  CHECK_THAT(Words(status), Catch::Contains("tasks"));
  handle.Cancel();
  cloud.Advance(absl::ZeroDuration()).IgnoreError();  // what the cancelling call had to tell
  CHECK(Code(cloud.Advance(kSecond)) == "OK");
}

// ---- The world as a value

TEST_CASE("A world with live tasks is neither forked nor saved", "[task][Fork][Save]") {
  Scene s;
  TaskHandle<> task = s.cloud.Spawn(Sleeper(s, "a", absl::Hours(1)));
  for (const absl::Status& status : {s.cloud.Fork().status(), s.cloud.Save().status()}) {
    CHECK(Code(status) == "FAILED_PRECONDITION");
    CHECK_THAT(Words(status), Catch::Contains("tasks"));
  }
  task.Cancel();
  CHECK(Code(s.cloud.Fork()) == "OK");
  CHECK(Code(s.cloud.Save()) == "OK");
}

TEST_CASE("A world with tasks has a digest, and runs that are equal have equal ones",
          "[task][Digest]") {
  const auto run = [](int workers) {
    Scene s;
    for (int i = 0; i < workers; ++i) s.cloud.Spawn(Sleeper(s, "a", absl::Seconds(i)));
    s.Advance(absl::Seconds(2));
    return s.cloud.Digest();
  };
  CHECK(run(3) == run(3));
  CHECK(run(3) != run(4));
}

}  // namespace
}  // namespace skybox
