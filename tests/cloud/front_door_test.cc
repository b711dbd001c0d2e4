#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "skybox/ports.h"
#include "support/scene.h"

// The one way into every operation: fault before, validate, throttle, authorize, execute, record,
// meter, fault after. What of it a program sees, and what it may say.
namespace skybox {
namespace {

constexpr const char* kArn = "arn:aws:sqs:us-east-1:123456789012:orders";

// Stands at every place of the door, writes down who passes, and says what it is told to say.
struct Door : FaultInjector, Authorizer, Recorder, Meter {
  absl::Status Before(const Call& call) override {
    See("before", call);
    return before;
  }
  absl::Status Authorize(const Call& call) override {
    See("authorize", call);
    return authorize;
  }
  void Record(const Call& call) override { See("record " + Code(call.status), call); }
  void Use(const Call& call, std::string_view billed_as, uint64_t quantity) override {
    See("meter " + Code(call.status), call);
    used.push_back(std::to_string(quantity) + " " + std::string(billed_as));
  }
  absl::Status After(const Call& call) override {
    See("after " + Code(call.status), call);
    return after;
  }

  void See(const std::string& what, const Call& call) {
    lines.push_back(what);
    times.push_back(absl::FormatDuration(call.time - absl::FromUnixSeconds(1'704'067'200)));
    operations.push_back(std::string(call.operation.name) + " " +
                         std::string(call.operation.iam_action));
    resources.push_back(std::string(call.resource));
    requests.push_back(std::string(call.request));
    if (cloud != nullptr) states.push_back(cloud->Digest().components.at("sqs"));
  }
  void Clear() {
    lines.clear();
    times.clear();
    operations.clear();
    resources.clear();
    requests.clear();
    states.clear();
    used.clear();
  }

  absl::Status before;
  absl::Status authorize;
  absl::Status after;
  Strings lines = {};
  Strings times = {};
  Strings operations = {};
  Strings resources = {};
  Strings requests = {};
  Strings used = {};
  std::vector<uint64_t> states = {};
  const Cloud* cloud = nullptr;  // whose state to look at
};

// A queue with a door before it.
struct Guarded : Scene {
  explicit Guarded(CloudOptions options = {}) : Scene(std::move(options)), url(Queue()) {
    Connect();
  }
  ~Guarded() { cloud.Connect({}); }
  void Connect() {
    cloud.Connect(
        {.fault_injector = &door, .authorizer = &door, .recorder = &door, .meter = &door});
  }
  absl::Status TrySend(const std::string& body = "one") {
    return sqs.SendMessage({.queue_url = url, .message_body = body}).status();
  }
  int64_t Visible() {
    cloud.Connect({});
    const int64_t visible = Counts(url).visible;
    Connect();
    return visible;
  }

  Door door;
  std::string url;
};

// ---- The order

TEST_CASE("A call passes the door in order", "[front_door]") {
  Guarded g;
  g.door.cloud = &g.cloud;
  const uint64_t idle = g.State();
  CHECK(Code(g.TrySend()) == "OK");
  CHECK(g.door.lines == Strings{"before", "authorize", "record OK", "meter OK", "after OK"});
  const uint64_t done = g.State();
  CHECK(g.door.states == std::vector<uint64_t>{idle, idle, done, done, done});
  CHECK(done != idle);
}

TEST_CASE("A fault before is a request that never arrived", "[front_door][faults]") {
  Guarded g;
  const uint64_t idle = g.State();
  const uint64_t calls = g.cloud.usage().Calls();
  g.door.before = absl::UnavailableError("no route");
  const absl::Status status = g.TrySend();
  CHECK(Code(status) == "UNAVAILABLE");
  CHECK(Words(status) == "no route");
  CHECK(g.door.lines == Strings{"before"});
  CHECK(g.State() == idle);
  CHECK(g.cloud.usage().Calls() == calls);
}

TEST_CASE("A fault before comes before validation, and takes no token", "[front_door][faults]") {
  Guarded g({.rate_limits = {{"sqs:SendMessage", {.per_second = 1, .burst = 1}}}});
  g.door.before = absl::UnavailableError("no route");
  CHECK(Code(g.TrySend("")) == "UNAVAILABLE");
  CHECK(Code(g.TrySend()) == "UNAVAILABLE");
  g.door.before = absl::OkStatus();
  CHECK(Code(g.TrySend()) == "OK");
}

TEST_CASE("A request against the rules is not throttled and not authorized, but it is recorded",
          "[front_door][validation]") {
  Guarded g({.rate_limits = {{"sqs:SendMessage", {.per_second = 1, .burst = 1}}}});
  CHECK(Code(g.TrySend("")) == "MissingParameter");
  CHECK(g.door.lines == Strings{"before", "record MissingParameter", "meter MissingParameter",
                                "after MissingParameter"});
  CHECK(Code(g.TrySend()) == "OK");  // the token is still there
}

TEST_CASE("A call that is throttled is not authorized", "[front_door][throttling]") {
  Guarded g({.rate_limits = {{"sqs:SendMessage", {.per_second = 1, .burst = 1}}}});
  CHECK(Code(g.TrySend()) == "OK");
  g.door.Clear();
  CHECK(Code(g.TrySend()) == "RequestThrottled");
  CHECK(g.door.lines == Strings{"before", "record RequestThrottled", "meter RequestThrottled",
                                "after RequestThrottled"});
  CHECK(g.Visible() == 1);
}

TEST_CASE("A call that is refused is not executed, but took its token",
          "[front_door][authorization]") {
  Guarded g({.rate_limits = {{"sqs:SendMessage", {.per_second = 1, .burst = 1}}}});
  g.door.authorize = absl::PermissionDeniedError("not you");
  const uint64_t idle = g.State();
  const absl::Status status = g.TrySend();
  CHECK(Code(status) == "PERMISSION_DENIED");
  CHECK(Words(status) == "not you");
  CHECK(g.door.lines == Strings{"before", "authorize", "record PERMISSION_DENIED",
                                "meter PERMISSION_DENIED", "after PERMISSION_DENIED"});
  CHECK(g.State() == idle);
  g.door.authorize = absl::OkStatus();
  CHECK(Code(g.TrySend()) == "RequestThrottled");
}

TEST_CASE("A fault after is an answer that is lost although the work is done",
          "[front_door][faults]") {
  Guarded g;
  g.door.after = absl::DeadlineExceededError("no answer");
  const absl::Status status = g.TrySend();
  CHECK(Code(status) == "DEADLINE_EXCEEDED");
  CHECK(Words(status) == "no answer");
  CHECK(g.door.lines == Strings{"before", "authorize", "record OK", "meter OK", "after OK"});
  CHECK(g.Visible() == 1);
  CHECK(g.cloud.usage().Calls("sqs", "SendMessage", "OK") == 1);
  CHECK(g.cloud.usage().Calls("sqs", "SendMessage") == 1);
}

TEST_CASE("A fault after may lose an error too", "[front_door][faults]") {
  Guarded g;
  g.door.after = absl::DeadlineExceededError("no answer");
  CHECK(Code(g.TrySend("")) == "DEADLINE_EXCEEDED");
  CHECK(g.door.lines.back() == "after MissingParameter");
  CHECK(g.cloud.usage().Calls("sqs", "SendMessage", "MissingParameter") == 1);
}

TEST_CASE("Whoever stands at the door and says nothing changes nothing", "[front_door][Digest]") {
  const auto run = [](bool watched) {
    Guarded g({.choices = std::make_shared<Seeded>(4)});
    if (!watched) g.cloud.Connect({});
    for (int i = 0; i < 20; ++i) {
      g.TrySend(i % 5 == 0 ? "" : "body").IgnoreError();
      g.sqs.ReceiveMessage({.queue_url = g.url}).IgnoreError();
      g.Advance(absl::Seconds(4));
    }
    return g.cloud.Digest().str();
  };
  CHECK(run(true) == run(false));
}

TEST_CASE("The hooks are those of the instant at which the call arrives, and forks have none",
          "[front_door][Connect][Fork]") {
  Guarded g;
  absl::StatusOr<Cloud> fork = g.cloud.Fork();
  REQUIRE(fork.ok());
  CHECK(fork->ports().recorder == nullptr);
  CHECK(g.cloud.ports().recorder == &g.door);
  CHECK(Code(fork->sqs().SendMessage({.queue_url = g.url, .message_body = "one"})) == "OK");
  CHECK(g.door.lines.empty());
  g.cloud.Connect({});
  CHECK(Code(g.TrySend()) == "OK");
  CHECK(g.door.lines.empty());
}

// ---- What each of them sees

TEST_CASE("Hooks see the operation, its IAM action and its resource", "[front_door][Call]") {
  Guarded g;
  CHECK(Code(g.TrySend()) == "OK");
  CHECK(g.door.operations == Strings(5, "SendMessage sqs:SendMessage"));
  CHECK(g.door.resources == Strings(5, kArn));

  g.door.Clear();
  CHECK(Code(g.sqs.SendMessageBatch(
            {.queue_url = g.url, .entries = {{.id = "a", .message_body = "one"}}})) == "OK");
  CHECK(g.door.operations == Strings(5, "SendMessageBatch sqs:SendMessage"));
  CHECK(g.door.resources == Strings(5, kArn));
}

TEST_CASE("The resource is what the call would touch, whether it is there or not",
          "[front_door][Call]") {
  Guarded g;
  const auto resource = [&g](const absl::Status& status) {
    status.IgnoreError();
    const std::string seen = g.door.resources.back();
    g.door.Clear();
    return seen;
  };
  CHECK(resource(g.sqs.CreateQueue({.queue_name = "new"}).status()) ==
        "arn:aws:sqs:us-east-1:123456789012:new");
  CHECK(resource(g.sqs.GetQueueUrl({.queue_name = "none"}).status()) ==
        "arn:aws:sqs:us-east-1:123456789012:none");
  CHECK(
      resource(
          g.sqs.GetQueueUrl({.queue_name = "theirs", .queue_owner_aws_account_id = "210987654321"})
              .status()) == "arn:aws:sqs:us-east-1:210987654321:theirs");
  CHECK(resource(g.sqs.ListQueues({}).status()) == "arn:aws:sqs:us-east-1:123456789012:*");
  const std::string gone = "https://sqs.us-east-1.amazonaws.com/123456789012/gone";
  CHECK(resource(g.sqs.PurgeQueue({.queue_url = gone}).status()) ==
        "arn:aws:sqs:us-east-1:123456789012:gone");
  CHECK(resource(g.sqs.PurgeQueue({.queue_url = "nonsense"}).status()).empty());
  const std::string source = "arn:aws:sqs:us-east-1:123456789012:dead";
  CHECK(resource(g.sqs.StartMessageMoveTask({.source_arn = source}).status()) == source);
  auto in_china = g.cloud.As({.region = "cn-north-1"}).sqs();
  CHECK(resource(in_china.CreateQueue({.queue_name = "new"}).status()) ==
        "arn:aws-cn:sqs:cn-north-1:123456789012:new");
}

TEST_CASE("The recorder alone sees the request, sensitive members as their size",
          "[front_door][Call][Recorder]") {
  Guarded g;
  CHECK(Code(g.sqs.SendMessage(
            {.queue_url = g.url,
             .message_body = "a secret",
             .delay_seconds = absl::Seconds(30),
             .message_attributes = {
                 {"k", {.data_type = "String", .string_value = "secret too"}}}})) == "OK");
  CHECK(g.door.requests[2] ==
        R"({"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/orders",)"
        R"("MessageBody":"<8 bytes>","DelaySeconds":30,"MessageAttributes":"<1 item>",)"
        R"("MessageSystemAttributes":{},"MessageDeduplicationId":"","MessageGroupId":""})");
  for (const size_t place : {0, 1, 3, 4}) CHECK(g.door.requests[place].empty());
}

TEST_CASE("The recorder sees the requests that were refused too", "[front_door][Call][Recorder]") {
  Guarded g;
  CHECK(Code(g.sqs.ListQueues({.max_results = 1001})) == "InvalidParameterValue");
  CHECK(g.door.lines[1] == "record InvalidParameterValue");
  CHECK(g.door.requests[1] == R"({"QueueNamePrefix":"","MaxResults":1001,"NextToken":""})");
}

TEST_CASE("The meter counts what is billed: each 64 KiB of payload that is begun",
          "[front_door][Meter]") {
  Guarded g;
  const auto used = [&g](const absl::Status& status) {
    CHECK(Code(status) == "OK");
    REQUIRE(g.door.used.size() == 1);
    return std::exchange(g.door.used, {})[0];
  };
  CHECK(used(g.sqs.ListQueues({}).status()) == "1 Requests");
  CHECK(used(g.TrySend("x")) == "1 Requests");
  CHECK(used(g.TrySend(std::string(65'536, 'x'))) == "1 Requests");
  CHECK(used(g.TrySend(std::string(65'537, 'x'))) == "2 Requests");
  CHECK(used(g.TrySend(std::string(262'144, 'x'))) == "4 Requests");
  const Text half = std::string(40'000, 'x');
  CHECK(used(g.sqs
                 .SendMessageBatch({.queue_url = g.url,
                                    .entries = {{.id = "a", .message_body = half},
                                                {.id = "b", .message_body = half}}})
                 .status()) == "2 Requests");
}

// ---- Time

TEST_CASE("Calls see when they arrived, and when they were answered", "[front_door][Call]") {
  Guarded g;
  CHECK(g.ReceiveWith({.queue_url = g.url, .wait_time_seconds = absl::Seconds(20)}).empty());
  CHECK(g.door.times == Strings{"0", "0", "20s", "20s", "20s"});
}

TEST_CASE("A latency moves the clock before the call is looked at", "[front_door][latency]") {
  Guarded g({.latency = {.every_call = absl::Milliseconds(3)}});
  const absl::Time start = g.cloud.Now();
  g.door.Clear();
  CHECK(Code(g.TrySend()) == "OK");
  CHECK(g.cloud.Now() == start + absl::Milliseconds(3));
  CHECK(Code(g.TrySend("")) == "MissingParameter");
  CHECK(g.cloud.Now() == start + absl::Milliseconds(6));
  CHECK(g.door.times == Strings{"3ms", "6ms", "6ms", "6ms", "6ms", "6ms", "9ms", "9ms", "9ms"});
}

TEST_CASE("A call that never arrives takes no time", "[front_door][latency][faults]") {
  Guarded g({.latency = {.every_call = absl::Milliseconds(3)}});
  const absl::Time start = g.cloud.Now();
  g.door.before = absl::UnavailableError("no route");
  CHECK(Code(g.TrySend()) == "UNAVAILABLE");
  CHECK(g.cloud.Now() == start);
}

TEST_CASE("An operation may have a latency of its own, or none", "[front_door][latency]") {
  Scene s({.latency = {.every_call = absl::Seconds(1),
                       .by_operation = {{"sqs:SendMessage", absl::Seconds(5)},
                                        {"sqs:ReceiveMessage", absl::ZeroDuration()}}}});
  const std::string url = s.Queue();
  s.Add("created");
  s.Send(url, "one");
  s.Add("sent");
  s.One(url);
  s.Add("received");
  CHECK(s.lines == Strings{"created@1s", "sent@6s", "received@6s"});
}

TEST_CASE("A long poll waits after its latency", "[front_door][latency]") {
  Scene s({.latency = {.by_operation = {{"sqs:ReceiveMessage", absl::Seconds(1)}}}});
  const std::string url = s.Queue();
  CHECK(s.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(10)}).empty());
  CHECK(s.cloud.Now() == s.start + absl::Seconds(11));
}

TEST_CASE("What falls due while a call is on its way comes first", "[front_door][latency]") {
  Scene s({.latency = {.by_operation = {{"sqs:ReceiveMessage", absl::Seconds(10)}}}});
  const std::string url = s.Queue();
  s.cloud.SetHandler("send", [&](Cloud&, uint64_t) { s.Send(url, "from the handler"); });
  CHECK(Code(s.cloud.CallAfter(absl::Seconds(10), "send")) == "OK");
  CHECK(s.Bodies(url) == Strings{"from the handler"});
}

Task<> AwaitSend(sqs::Client sqs, std::string url, std::string body, Strings& codes) {
  const sqs::SendMessageRequest send = {.queue_url = url, .message_body = body};
  const auto sent = co_await sqs.Await(send);
  codes.push_back(Code(sent));
}

TEST_CASE("An awaited call passes the door as any other", "[front_door][latency][task]") {
  Guarded g({.latency = {.by_operation = {{"sqs:SendMessage", absl::Milliseconds(3)}}}});
  Strings codes;
  g.cloud.Spawn(AwaitSend(g.sqs, g.url, "one", codes));
  CHECK(g.door.lines == Strings{"before"});
  g.Advance(absl::Seconds(1));
  CHECK(codes == Strings{"OK"});
  CHECK(g.door.lines == Strings{"before", "authorize", "record OK", "meter OK", "after OK"});
  CHECK(g.door.times == Strings{"0", "3ms", "3ms", "3ms", "3ms"});
  g.door.before = absl::UnavailableError("no route");
  g.cloud.Spawn(AwaitSend(g.sqs, g.url, "two", codes));
  CHECK(codes == Strings{"OK", "UNAVAILABLE"});
  CHECK(g.Visible() == 1);
}

// ---- Throttling

TEST_CASE("Nothing is throttled unless the options say so", "[front_door][throttling]") {
  sqs::World w;
  const std::string url = w.Queue();
  for (int i = 0; i < 5000; ++i) w.Send(url, "one");
  CHECK(w.cloud.usage().Calls("sqs", "SendMessage", "OK") == 5000);
}

// Sends until it is throttled.
int Burst(sqs::Client sqs, const std::string& url) {
  int sent = 0;
  while (sqs.SendMessage({.queue_url = url, .message_body = "one"}).ok()) ++sent;
  return sent;
}

TEST_CASE("A bucket lets a burst through, and then its rate", "[front_door][throttling]") {
  sqs::World w({.rate_limits = {{"sqs:SendMessage", {.per_second = 10, .burst = 25}}}});
  const std::string url = w.Queue();
  CHECK(Burst(w.sqs, url) == 25);
  w.Advance(absl::Milliseconds(100) - kInstant);
  CHECK(Burst(w.sqs, url) == 0);
  w.Advance(kInstant);
  CHECK(Burst(w.sqs, url) == 1);
  w.Advance(absl::Seconds(1));
  CHECK(Burst(w.sqs, url) == 10);
  w.Advance(absl::Seconds(2));
  CHECK(Burst(w.sqs, url) == 20);
  w.Advance(absl::Hours(24 * 365));  // it never holds more than the burst
  CHECK(Burst(w.sqs, url) == 25);
}

TEST_CASE("A token is there when it is whole, to the nanosecond", "[front_door][throttling]") {
  sqs::World w({.rate_limits = {{"sqs:SendMessage", {.per_second = 3, .burst = 1}}}});
  const std::string url = w.Queue();
  CHECK(Burst(w.sqs, url) == 1);
  w.Advance(absl::Nanoseconds(333'333'333));
  CHECK(Burst(w.sqs, url) == 0);
  w.Advance(kInstant);
  CHECK(Burst(w.sqs, url) == 1);
}

TEST_CASE("The greatest rate and burst do not overflow", "[front_door][throttling]") {
  constexpr int64_t kMost = 1'000'000'000;
  sqs::World w({.rate_limits = {{"sqs:SendMessage", {.per_second = kMost, .burst = 1}},
                                {"sqs:PurgeQueue", {.per_second = 1, .burst = kMost}}}});
  const std::string url = w.Queue();
  CHECK(Burst(w.sqs, url) == 1);
  w.Advance(kInstant);
  CHECK(Burst(w.sqs, url) == 1);
  w.Advance(absl::Hours(24 * 365 * 200));
  CHECK(Burst(w.sqs, url) == 1);
  CHECK(Code(w.sqs.PurgeQueue({.queue_url = url})) == "OK");
}

TEST_CASE("Each account and region has a bucket of its own, for the operation named only",
          "[front_door][throttling]") {
  Cloud cloud({.rate_limits = {{"sqs:SendMessage", {.per_second = 1, .burst = 2}}}});
  for (const Session& session :
       {Session{}, Session{.account = "210987654321"}, Session{.region = "eu-west-1"}}) {
    auto sqs = cloud.As(session).sqs();
    const std::string url = sqs.CreateQueue({.queue_name = "orders"})->queue_url;
    CHECK(Burst(sqs, url) == 2);
    for (int i = 0; i < 10; ++i) CHECK(Code(sqs.ReceiveMessage({.queue_url = url})) == "OK");
    // Batches are another operation, and users of one account share its bucket.
    CHECK(Code(sqs.SendMessageBatch(
              {.queue_url = url, .entries = {{.id = "a", .message_body = "one"}}})) == "OK");
  }
  auto ann = cloud.As({.principal = "arn:aws:iam::123456789012:user/ann"}).sqs();
  CHECK(Burst(ann, ann.GetQueueUrl({.queue_name = "orders"})->queue_url) == 0);
}

TEST_CASE("Being throttled is an error that SDKs try again", "[front_door][throttling]") {
  sqs::World w({.rate_limits = {{"sqs:ListQueues", {.per_second = 1, .burst = 1}}}});
  CHECK(Code(w.sqs.ListQueues({})) == "OK");
  const absl::Status status = w.sqs.ListQueues({}).status();
  CHECK(ErrorCode(status) == "RequestThrottled");
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(HttpStatus(status) == 400);
  CHECK(FaultSide(status) == Fault::kSender);
  CHECK(IsRetryable(status));
}

TEST_CASE("A fork and a restored world have the tokens that the world had",
          "[front_door][throttling][Fork][Save]") {
  sqs::World w({.rate_limits = {{"sqs:SendMessage", {.per_second = 1, .burst = 5}}}});
  const std::string url = w.Queue();
  w.SendAll(url, {"1", "2", "3"});
  absl::StatusOr<Cloud> fork = w.cloud.Fork();
  absl::StatusOr<Cloud> restored = Cloud::Restore(*w.cloud.Save());
  for (Cloud* each : {&w.cloud, &*fork, &*restored}) {
    CHECK(Burst(each->sqs(), url) == 2);
    CHECK(Code(each->Advance(absl::Seconds(2))) == "OK");
    CHECK(Burst(each->sqs(), url) == 2);
  }
}

}  // namespace
}  // namespace skybox
