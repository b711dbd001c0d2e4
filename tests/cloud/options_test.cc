#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "support/sqs_world.h"

// What a Cloud is made with, what may be changed later, and what it tells of itself: options.h.
namespace skybox {
namespace {

using sqs::Code;
using sqs::kInstant;
using sqs::Strings;
using sqs::Words;

const absl::Time kLastStart = absl::FromUnixSeconds(7'258'118'400);  // 2200-01-01

// ---- Options that are wrong

struct BadOptions {
  CloudOptions options = {};
  std::string names = {};  // what the error says
};

std::vector<BadOptions> AllBadOptions() {
  constexpr int64_t kMost = 1'000'000'000;
  const auto latency = [](const char* action, absl::Duration time) {
    return CloudOptions{.latency = {.by_operation = {{action, time}}}};
  };
  const auto rate = [](const char* action, int64_t per_second, int64_t burst) {
    return CloudOptions{.rate_limits = {{action, {.per_second = per_second, .burst = burst}}}};
  };
  // One by one: of a long list of such temporaries g++ 12 says at -O2 that some may be
  // uninitialized.
  std::vector<BadOptions> all;
  const auto add = [&all](CloudOptions options, std::string names) {
    all.push_back({.options = std::move(options), .names = std::move(names)});
  };
  add({.start_time = absl::UnixEpoch() - kInstant}, "start_time");
  add({.start_time = kLastStart + kInstant}, "start_time");
  add({.start_time = absl::InfinitePast()}, "start_time");
  add({.start_time = absl::InfiniteFuture()}, "start_time");
  add({.start_time = absl::UnixEpoch() + kInstant / 2}, "start_time");
  add({.account = ""}, "account ''");
  add({.account = "12345678901"}, "12345678901");
  add({.account = "arn:aws:iam"}, "arn:aws:iam");
  add({.region = ""}, "region ''");
  add({.region = "Mars"}, "Mars");
  add({.quotas = {{"sqs.no_such_thing", 1}}}, "sqs.no_such_thing");
  add({.quotas = {{"sqs.maximum_message_size", 1023}}}, "sqs.maximum_message_size");
  add({.latency = {.every_call = -kInstant}}, "every_call");
  add({.latency = {.every_call = absl::Hours(1) + kInstant}}, "every_call");
  add({.latency = {.every_call = absl::InfiniteDuration()}}, "every_call");
  add(latency("sqs:SendMessage", -kInstant), "sqs:SendMessage");
  add(latency("sqs:SendMessage", absl::Hours(1) + kInstant), "sqs:SendMessage");
  add(latency("sqs:SendMessages", absl::Seconds(1)), "sqs:SendMessages");
  add(latency("SendMessage", absl::Seconds(1)), "SendMessage");
  add(rate("sqs:SendMessage", 0, 1), "sqs:SendMessage");
  add(rate("sqs:SendMessage", 1, 0), "sqs:SendMessage");
  add(rate("sqs:SendMessage", kMost + 1, 1), "sqs:SendMessage");
  add(rate("sqs:SendMessage", 1, kMost + 1), "sqs:SendMessage");
  add(rate("sqs:SendMessage", -1, -1), "sqs:SendMessage");
  add(rate("sqs:*", 1, 1), "sqs:*");
  add({.max_steps_at_one_instant = 0}, "max_steps_at_one_instant");
  add({.max_steps_at_one_instant = -1}, "max_steps_at_one_instant");
  return all;
}

TEST_CASE("Make refuses options that are wrong, and names them", "[options][Make]") {
  for (const BadOptions& bad : AllBadOptions()) {
    INFO(bad.names);
    const absl::StatusOr<Cloud> cloud = Cloud::Make(bad.options);
    CHECK(Code(cloud) == "INVALID_ARGUMENT");
    CHECK_THAT(Words(cloud), Catch::Contains(bad.names));
  }
}

TEST_CASE("Options at the ends of their ranges are good", "[options][Make]") {
  constexpr int64_t kMost = 1'000'000'000;
  const std::vector<CloudOptions> all = {
      {},
      {.start_time = absl::UnixEpoch()},
      {.start_time = kLastStart},
      {.start_time = absl::UnixEpoch() + kInstant},
      {.account = "000000000000", .region = "us-isob-east-1"},
      {.quotas = {{"sqs.maximum_message_size", 1024}}},
      {.quotas = {{"sqs.maximum_message_size", 1'048'576}}},
      {.latency = {.every_call = absl::Hours(1),
                   .by_operation = {{"sqs:SendMessage", absl::ZeroDuration()}}}},
      {.rate_limits = {{"sqs:SendMessage", {.per_second = 1, .burst = kMost}},
                       {"sqs:ListQueues", {.per_second = kMost, .burst = 1}}}},
      {.max_steps_at_one_instant = 1},
  };
  for (const CloudOptions& options : all) {
    absl::StatusOr<Cloud> cloud = Cloud::Make(options);
    CHECK(Code(cloud) == "OK");
    REQUIRE(cloud.ok());
    CHECK(Code(cloud->status()) == "OK");
    CHECK(cloud->Now() == options.start_time);
    CHECK(cloud->options().account == options.account);
    CHECK(Code(cloud->sqs().CreateQueue({.queue_name = "orders"})) == "OK");
  }
}

Task<> Begin(bool& begun) {
  begun = true;
  co_return;
}

TEST_CASE("Every call of a Cloud with wrong options answers its status", "[options]") {
  for (const BadOptions& bad : AllBadOptions()) {
    INFO(bad.names);
    Cloud cloud(bad.options);
    const absl::Status problem = cloud.status();
    CHECK(Code(problem) == "INVALID_ARGUMENT");
    CHECK(Words(problem) == Words(Cloud::Make(bad.options)));
    cloud.SetHandler("mine", [](Cloud&, uint64_t) {});
    bool begun = false;
    cloud.Spawn(Begin(begun));
    CHECK_FALSE(begun);
    const absl::Time now = cloud.Now();
    auto sqs = cloud.sqs();
    for (const absl::Status& status :
         {cloud.Advance(absl::Seconds(1)), cloud.Advance(-absl::Seconds(1)),
          cloud.AdvanceTo(now + absl::Seconds(1)), cloud.AdvanceTo(now - absl::Seconds(1)),
          cloud.AdvanceUntil([] { return true; }, absl::Seconds(1)), cloud.Step().status(),
          cloud.CallAt(now, "mine").status(), cloud.CallAfter(absl::Seconds(1), "mine").status(),
          cloud.SetQuota("sqs.in_flight_fifo", 1), cloud.SetQuota("none", 1),
          cloud.Deliver({.target_arn = "nobody"}), cloud.Fork().status(), cloud.Save().status(),
          sqs.CreateQueue({.queue_name = "orders"}).status(), sqs.ListQueues({}).status(),
          sqs.SendMessage({}).status(),
          cloud.As({.account = "me"}).sqs().ListQueues({}).status()}) {
      CHECK(status == problem);
    }
    CHECK(cloud.Now() == now);
    CHECK_FALSE(cloud.CancelCall(TimerId{}));
    CHECK(cloud.usage().rows.empty());
  }
}

// ---- Quotas

struct QuotaRange {
  const char* name;
  int64_t initial;
  int64_t least;
  int64_t most;
};
constexpr QuotaRange kQuotas[] = {
    {"sqs.maximum_message_size", 262'144, 1024, 1'048'576},
    {"sqs.in_flight_standard", 120'000, 1, 100'000'000},
    {"sqs.in_flight_fifo", 20'000, 1, 100'000'000},
    {"sqs.fifo_transactions_per_second", 0, 0, 1'000'000'000},
    {"sqs.fifo_group_transactions_per_second", 0, 0, 1'000'000'000},
};

TEST_CASE("A quota has a range, and both of its ends are in it", "[quotas][SetQuota]") {
  for (const QuotaRange& quota : kQuotas) {
    INFO(quota.name);
    Cloud cloud;
    CHECK(Code(cloud.SetQuota(quota.name, quota.initial)) == "OK");
    CHECK(Code(cloud.SetQuota(quota.name, quota.least)) == "OK");
    CHECK(Code(cloud.SetQuota(quota.name, quota.most)) == "OK");
    CHECK(cloud.options().quotas.at(quota.name) == quota.most);
    for (const int64_t value : {quota.least - 1, quota.most + 1}) {
      const absl::Status status = cloud.SetQuota(quota.name, value);
      CHECK(Code(status) == "INVALID_ARGUMENT");
      CHECK_THAT(Words(status), Catch::Contains(quota.name) &&
                                    Catch::Contains(std::to_string(value)) &&
                                    Catch::Contains(std::to_string(quota.most)));
    }
    CHECK(cloud.options().quotas.at(quota.name) == quota.most);
    CHECK(Code(Cloud::Make({.quotas = {{quota.name, quota.least}}})) == "OK");
    CHECK(Code(Cloud::Make({.quotas = {{quota.name, quota.most + 1}}})) == "INVALID_ARGUMENT");
  }
}

TEST_CASE("A quota that no service knows is refused by name", "[quotas][SetQuota]") {
  Cloud cloud;
  for (const char* name : {"sqs.in_flight", "in_flight_standard", "", "SQS.in_flight_standard"}) {
    const absl::Status status = cloud.SetQuota(name, 1);
    CHECK(Code(status) == "INVALID_ARGUMENT");
    CHECK_THAT(Words(status), Catch::Contains("'" + std::string(name) + "'"));
  }
  CHECK(cloud.options().quotas.empty());
}

TEST_CASE("A quota holds from now on", "[quotas][SetQuota]") {
  sqs::World w({.quotas = {{"sqs.in_flight_standard", 2}}});
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c", "d"});
  CHECK(w.Bodies(url).size() == 2);
  CHECK(Code(w.sqs.ReceiveMessage({.queue_url = url})) == "OverLimit");
  CHECK(Code(w.cloud.SetQuota("sqs.in_flight_standard", 3)) == "OK");
  CHECK(w.Bodies(url).size() == 1);
  CHECK(Code(w.cloud.SetQuota("sqs.in_flight_standard", 1)) == "OK");
  CHECK(Code(w.sqs.ReceiveMessage({.queue_url = url})) == "OverLimit");
  CHECK(w.Counts(url).in_flight == 3);  // who is over it already stays
}

TEST_CASE("Quotas go along into forks and snapshots, and part there", "[quotas][Fork][Save]") {
  sqs::World w;
  CHECK(Code(w.cloud.SetQuota("sqs.in_flight_standard", 1)) == "OK");
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c"});
  absl::StatusOr<Cloud> fork = w.cloud.Fork();
  absl::StatusOr<Cloud> restored = Cloud::Restore(*w.cloud.Save());
  CHECK(Code(w.cloud.SetQuota("sqs.in_flight_standard", 2)) == "OK");
  const auto receive = [&url](Cloud& cloud) {
    return cloud.sqs()
        .ReceiveMessage({.queue_url = url, .max_number_of_messages = 10})
        ->messages.size();
  };
  CHECK(receive(w.cloud) == 2);
  CHECK(receive(*fork) == 1);
  CHECK(receive(*restored) == 1);
}

// ---- Usage

TEST_CASE("Usage has a row for each operation and outcome that there was", "[usage]") {
  sqs::World w({.rate_limits = {{"sqs:ListQueues", {.per_second = 1, .burst = 1}}}});
  CHECK(w.cloud.usage().rows.empty());
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b"});
  w.sqs.SendMessage({.queue_url = url}).IgnoreError();
  w.sqs.SendMessage({.queue_url = url + "s", .message_body = "c"}).IgnoreError();
  w.sqs.ListQueues({}).IgnoreError();
  w.sqs.ListQueues({}).IgnoreError();
  const std::vector<UsageRow> expected = {
      {.service = "sqs", .operation = "CreateQueue", .outcome = "OK", .calls = 1},
      {.service = "sqs", .operation = "ListQueues", .outcome = "OK", .calls = 1},
      {.service = "sqs", .operation = "ListQueues", .outcome = "RequestThrottled", .calls = 1},
      {.service = "sqs", .operation = "SendMessage", .outcome = "MissingParameter", .calls = 1},
      {.service = "sqs", .operation = "SendMessage", .outcome = "OK", .calls = 2},
      {.service = "sqs", .operation = "SendMessage", .outcome = "QueueDoesNotExist", .calls = 1},
  };
  CHECK(w.cloud.usage().rows == expected);
}

TEST_CASE("Calls of a usage adds up the rows that match", "[usage]") {
  const Usage usage = {
      .rows = {
          {"a", "X", "OK", 1}, {"a", "X", "Bad", 2}, {"a", "Y", "OK", 4}, {"b", "X", "OK", 8}}};
  CHECK(usage.Calls() == 15);
  CHECK(usage.Calls("a") == 7);
  CHECK(usage.Calls("a", "X") == 3);
  CHECK(usage.Calls("a", "X", "OK") == 1);
  CHECK(usage.Calls({}, "X") == 11);
  CHECK(usage.Calls({}, {}, "OK") == 13);
  CHECK(usage.Calls("c") == 0);
  CHECK(Usage{}.Calls() == 0);
}

TEST_CASE("A call that blocks where it may not is counted as what it was", "[usage]") {
  sqs::World w;
  const std::string url = w.Queue();
  w.cloud.SetHandler("poll", [&](Cloud& c, uint64_t) {
    c.sqs().ReceiveMessage({.queue_url = url, .wait_time_seconds = absl::Seconds(1)}).IgnoreError();
  });
  CHECK(Code(w.cloud.CallAfter(absl::ZeroDuration(), "poll")) == "OK");
  CHECK(w.cloud.usage().Calls("sqs", "ReceiveMessage", "FAILED_PRECONDITION") == 1);
}

// ---- Digest

TEST_CASE("A digest is one line of numbers by component", "[Digest]") {
  WorldDigest digest = {.history = 0x1234, .components = {{"sqs", 1}, {"clock", 0xABCDEF}}};
  CHECK(digest.str() == "history=0000000000001234 clock=0000000000abcdef sqs=0000000000000001");
  Cloud cloud;
  for (const char* name : {"clock", "choices", "front_door", "sqs"}) {
    CHECK(cloud.Digest().components.contains(name));
  }
}

TEST_CASE("What makes a difference later makes a digest differ", "[Digest]") {
  const auto with = [](const std::function<void(Cloud&)>& change, CloudOptions options = {}) {
    Cloud cloud(std::move(options));
    cloud.SetHandler("mine", [](Cloud&, uint64_t) {});
    change(cloud);
    return cloud.Digest().str();
  };
  const std::vector<std::string> all = {
      with([](Cloud&) {}),
      with([](Cloud&) {}, {.start_time = absl::UnixEpoch()}),
      with([](Cloud&) {}, {.choices = std::make_shared<Seeded>(1)}),
      with([](Cloud&) {}, {.choices = std::make_shared<Seeded>(2)}),
      with([](Cloud&) {}, {.account = "210987654321"}),
      with([](Cloud& c) { CHECK(c.Advance(kInstant).ok()); }),
      with([](Cloud& c) { CHECK(c.CallAfter(absl::Seconds(1), "mine").ok()); }),
      with([](Cloud& c) { CHECK(c.CallAfter(absl::Seconds(1), "mine", 1).ok()); }),
      with([](Cloud& c) { CHECK(c.CallAfter(absl::Seconds(2), "mine").ok()); }),
      with([](Cloud& c) { c.SetHandler("other", [](Cloud&, uint64_t) {}); }),
      with([](Cloud& c) { CHECK(c.SetQuota("sqs.in_flight_fifo", 7).ok()); }),
      with([](Cloud& c) { CHECK(c.sqs().ListQueues({}).ok()); }),
      with([](Cloud& c) { CHECK(c.sqs().CreateQueue({.queue_name = "a"}).ok()); }),
      with([](Cloud& c) { CHECK(c.sqs().CreateQueue({.queue_name = "b"}).ok()); }),
  };
  for (size_t a = 0; a < all.size(); ++a) {
    for (size_t b = 0; b < a; ++b) {
      INFO(a << " and " << b);
      CHECK(all[a] != all[b]);
    }
  }
  CHECK(with([](Cloud&) {}) == all[0]);
  CHECK(with([](Cloud&) {}, {.choices = std::make_shared<Benign>()}) == all[0]);
}

}  // namespace
}  // namespace skybox
