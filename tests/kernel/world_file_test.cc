#include "kernel/world_file.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "kernel/kernel.h"
#include "proto/snapshot.pb.h"
#include "skybox/choices.h"
#include "skybox/status.h"

namespace skybox::kernel {
namespace {

constexpr Operation kOperations[] = {
    {.service = "bells", .name = "Ring", .iam_action = "bells:Ring", .index = 0},
    {.service = "bells", .name = "Listen", .iam_action = "bells:Listen", .index = 1},
};
constexpr Error kTooLoud = {.code = "TooLoud", .canonical = absl::StatusCode::kResourceExhausted};
constexpr ChoicePoint kTone = {.name = "bells.tone"};

// A component that counts what it hears.
class Bells final : public Component {
 public:
  explicit Bells(Kernel& kernel) : kernel_(kernel) {
    number_ = kernel.AddComponent(*this);
    first_operation_ = kernel.AddOperations(kOperations, 2);
    kernel.AddQuotas({{.name = "bells.most", .initial = 10, .least = 1, .most = 100}});
  }

  TimerId Ring(Ticks at, uint64_t tone) { return kernel_.Schedule(at, number_, 0, tone); }
  uint32_t first_operation() const { return first_operation_; }

  std::string_view name() const override { return "bells"; }
  void OnTimer(uint32_t kind, uint64_t argument) override {
    heard_ = heard_ * 31 + argument + kind + kernel_.choices().Pick(kTone, 1000);
    // As bells do, some go on.
    if (argument % 3 == 0 && argument != 0) Ring(kernel_.now() + kTicksPerSecond, argument / 3);
  }
  void AddTo(Hasher& hasher) const override { hasher.Add(heard_); }
  void ForkFrom(Component& other) override { heard_ = static_cast<Bells&>(other).heard_; }
  std::string Save() const override { return "heard " + std::to_string(heard_); }
  absl::Status Restore(std::string_view bytes) override {
    if (!bytes.starts_with("heard ") || bytes.size() == 6 || bytes.size() > 26) {
      return absl::DataLossError("no bells");
    }
    uint64_t heard = 0;
    for (const char c : bytes.substr(6)) {
      if (c < '0' || c > '9') return absl::DataLossError("no bells");
      heard = heard * 10 + static_cast<uint64_t>(c - '0');
    }
    heard_ = heard;
    return absl::OkStatus();
  }

 private:
  Kernel& kernel_;
  uint32_t number_ = 0;
  uint32_t first_operation_ = 0;
  uint64_t heard_ = 0;
};

struct World {
  explicit World(const CloudOptions& options) : kernel(options), bells(kernel) {
    REQUIRE(kernel.Open(options) == absl::OkStatus());
  }

  Kernel kernel;
  Bells bells;
};

// As lib/cloud does it; null and `status` where it is refused.
std::unique_ptr<World> Restore(std::string_view bytes, absl::Status& status,
                               std::shared_ptr<const ChoiceSource> source = nullptr) {
  proto::Payload payload;
  if (status = ReadWorld(bytes, payload); !status.ok()) return nullptr;
  const absl::StatusOr<CloudOptions> options = OptionsOf(payload.kernel(), std::move(source));
  if (status = options.status(); !status.ok()) return nullptr;
  Kernel probe(*options);
  Bells bells(probe);
  if (!probe.Open(*options).ok()) {
    status = absl::DataLossError("options");
    return nullptr;
  }
  auto world = std::make_unique<World>(*options);
  if (status = RestoreWorld(payload, world->kernel); !status.ok()) return nullptr;
  return world;
}

std::unique_ptr<World> MustRestore(std::string_view bytes) {
  absl::Status status;
  std::unique_ptr<World> world = Restore(bytes, status);
  REQUIRE(status == absl::OkStatus());
  return world;
}

std::string MustWrite(const Kernel& kernel) {
  absl::StatusOr<std::string> bytes = WriteWorld(kernel);
  REQUIRE(bytes.status() == absl::OkStatus());
  return *std::move(bytes);
}

CloudOptions BusyOptions() {
  return {.account = "210987654321",
          .region = "eu-west-1",
          .choices = std::make_shared<Seeded>(42),
          .quotas = {{"bells.most", 20}},
          .latency = {.every_call = absl::Nanoseconds(3) / 4,
                      .by_operation = {{"bells:Listen", absl::Milliseconds(5)}}},
          .rate_limits = {{"bells:Ring", {.per_second = 3, .burst = 2}}},
          .max_steps_at_one_instant = 1000};
}

// A world in which there is something of everything.
std::unique_ptr<World> MakeBusyWorld() {
  auto world = std::make_unique<World>(BusyOptions());
  Kernel& kernel = world->kernel;
  const Ticks start = kernel.now();
  kernel.SetHandler("first", [](Cloud&, uint64_t) {});
  kernel.SetHandler("\xFF second", [](Cloud&, uint64_t) {});
  kernel.Intern({.region = "us-west-2", .user_agent = "\xFF\x01", .mfa_authenticated = true});
  kernel.Intern({.principal = "arn:aws:iam::210987654321:user/ann"});
  kernel.Intern({.account = "no account"});
  for (uint64_t i = 0; i < 12; ++i) {
    const TimerId id = world->bells.Ring(start + static_cast<Ticks>(i % 4) * kTicksPerSecond, i);
    if (i % 5 == 1) kernel.CancelTimer(id);
  }
  REQUIRE(kernel.RunTo(start + kTicksPerSecond) == absl::OkStatus());
  REQUIRE(kernel.CallAt(kernel.now() + 5, "\xFF second", 99).ok());
  REQUIRE(kernel.CallAt(kLastTick, "first", 1).ok());
  REQUIRE(kernel.SetQuota("bells.most", 30) == absl::OkStatus());
  kernel.NextId();
  const uint32_t ring = world->bells.first_operation();
  kernel.Count(ring, absl::OkStatus());
  kernel.Count(ring + 1, MakeError(kTooLoud, "Ouch."));
  kernel.Count(ring + 1, absl::CancelledError("\xFF"));
  for (int i = 0; i < 3; ++i) kernel.Throttled(ring, kernel.session(0));
  kernel.Throttled(ring, kernel.session(1));
  // Trouble at an instant that is not over.
  kernel.Fail(MakeError(kTooLoud, "The bells are too loud."));
  return world;
}

TEST_CASE("A restored world has the same digest and the same bytes", "[kernel][snapshot]") {
  const std::unique_ptr<World> world = MakeBusyWorld();
  const std::string bytes = MustWrite(world->kernel);
  const std::unique_ptr<World> restored = MustRestore(bytes);
  CHECK(restored->kernel.Digest() == world->kernel.Digest());
  CHECK(restored->kernel.now() == world->kernel.now());
  CHECK(restored->kernel.GetUsage().rows == world->kernel.GetUsage().rows);
  CHECK(restored->kernel.quota("bells.most") == 30);
  CHECK(restored->kernel.options().latency.every_call == absl::Nanoseconds(3) / 4);
  CHECK(restored->kernel.session(1).session == world->kernel.session(1).session);
  CHECK(restored->kernel.session(2).sender_id == world->kernel.session(2).sender_id);
  CHECK(restored->kernel.session(3).problem == world->kernel.session(3).problem);
  CHECK(MustWrite(restored->kernel) == bytes);
}

TEST_CASE("A restored world goes on like the one that was saved", "[kernel][snapshot]") {
  const std::unique_ptr<World> world = MakeBusyWorld();
  const std::unique_ptr<World> restored = MustRestore(MustWrite(world->kernel));
  for (World* each : {&*world, &*restored}) {
    Kernel& kernel = each->kernel;
    kernel.SetHandler("\xFF second", [&kernel](Cloud&, uint64_t argument) {
      kernel.history().Add(argument * 1000);
    });
    const absl::Status failure = kernel.RunTo(kernel.now());
    CHECK(failure.message() == "The bells are too loud.");
    CHECK(ErrorCode(failure) == "TooLoud");
    const TimerId id = each->bells.Ring(kernel.now() + 7, 81);
    kernel.history().Add(uint64_t{id.slot} << 32 | id.generation);
    kernel.history().Add(kernel.NextId());
    kernel.history().Add(kernel.Intern({.account = "no account"}));
    kernel.history().Add(kernel.Intern({.account = "000000000001"}));
    const uint32_t ring = each->bells.first_operation();
    kernel.history().Add(kernel.Throttled(ring, kernel.session(1)));
    kernel.history().Add(kernel.Throttled(ring, kernel.session(1)));
    // Nobody moves the clock of a Cloud that the handlers would need.
    CHECK(kernel.RunTo(kernel.now() + 4) == absl::OkStatus());
    each->bells.Ring(kernel.now() + 1, 5);
    CHECK(kernel.CancelCall(id) == false);
    CHECK(kernel.CancelTimer(id));
  }
  CHECK(restored->kernel.Digest() == world->kernel.Digest());
  CHECK(MustWrite(restored->kernel) == MustWrite(world->kernel));
}

TEST_CASE("A restored handler is known by name and does nothing until it is set",
          "[kernel][snapshot]") {
  const std::unique_ptr<World> restored = MustRestore(MustWrite(MakeBusyWorld()->kernel));
  Kernel& kernel = restored->kernel;
  CHECK(kernel.CallAt(kernel.now() + 1, "first", 1).status().code() == absl::StatusCode::kNotFound);
  CHECK(kernel.RunTo(kernel.now()).code() == absl::StatusCode::kResourceExhausted);  // the bells
  const absl::Status status = kernel.RunTo(kernel.now() + 5);
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  kernel.SetHandler("first", [](Cloud&, uint64_t) {});
  CHECK(kernel.CallAt(kernel.now() + 1, "first", 1).ok());
}

// ---- Choices

class Unnamed final : public ChoiceSource {
 public:
  uint64_t Pick(const ChoicePoint&, uint64_t index, uint64_t n) const override { return index % n; }
};

class Named final : public ChoiceSource {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  uint64_t Pick(const ChoicePoint&, uint64_t, uint64_t) const override { return 1; }
  std::string Name() const override { return name_; }

 private:
  std::string name_;
};

TEST_CASE("A world gets back its source of choices", "[kernel][snapshot][choices]") {
  const auto save = [](std::shared_ptr<const ChoiceSource> source) {
    World world({.choices = std::move(source)});
    world.bells.Ring(world.kernel.now(), 1);
    REQUIRE(world.kernel.RunTo(world.kernel.now()) == absl::OkStatus());
    return MustWrite(world.kernel);
  };
  absl::Status status;
  const auto refused = [&status](std::string_view bytes,
                                 std::shared_ptr<const ChoiceSource> source = nullptr) {
    const bool is_refused = Restore(bytes, status, std::move(source)) == nullptr;
    return is_refused && status.code() == absl::StatusCode::kInvalidArgument;
  };

  const std::string benign = save(nullptr);
  CHECK(MustRestore(benign)->kernel.choices().benign());
  CHECK(save(std::make_shared<Benign>()) == benign);
  CHECK(Restore(benign, status, std::make_shared<Benign>()) != nullptr);
  CHECK(refused(benign, std::make_shared<Seeded>(1)));
  CHECK(refused(benign, std::make_shared<Unnamed>()));

  const std::string seeded = save(std::make_shared<Seeded>(~uint64_t{0}));
  const std::unique_ptr<World> restored = MustRestore(seeded);
  CHECK(restored->kernel.choices().source()->Name() == "seeded:18446744073709551615");
  CHECK(restored->kernel.choices().Positions().size() == 1);
  CHECK(Restore(seeded, status, std::make_shared<Seeded>(~uint64_t{0})) != nullptr);
  CHECK(refused(seeded, std::make_shared<Seeded>(1)));

  const std::string unnamed = save(std::make_shared<Unnamed>());
  CHECK(refused(unnamed));
  REQUIRE(Restore(unnamed, status, std::make_shared<Unnamed>()) != nullptr);
  CHECK(MustWrite(Restore(unnamed, status, std::make_shared<Unnamed>())->kernel) == unnamed);

  const std::string named = save(std::make_shared<Named>("mine"));
  CHECK(refused(named));
  CHECK(refused(named, std::make_shared<Named>("yours")));
  CHECK(Restore(named, status, std::make_shared<Named>("mine")) != nullptr);
  for (const char* name : {"seeded:", "seeded:x", "seeded:1x", "seeded:-1", "seeded:01",
                           "seeded: 1", "seeded:18446744073709551616", "seeded", "Benign"}) {
    CAPTURE(name);
    CHECK(refused(save(std::make_shared<Named>(name))));
  }
}

// ---- What nobody saved

// A frame around a payload, right but for what is in it.
std::string Frame(std::string_view payload, uint32_t version = kWorldFormatVersion) {
  proto::World world;
  world.set_magic(0x42594B53);
  world.set_format_version(version);
  world.set_checksum(HashBytes(payload));
  world.set_payload(std::string(payload));
  return world.SerializeAsString();
}

std::string PayloadOf(std::string_view bytes) {
  proto::World world;
  REQUIRE(world.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return world.payload();
}

TEST_CASE("A world of another format version is Unimplemented", "[kernel][snapshot]") {
  const std::string payload = PayloadOf(MustWrite(MakeBusyWorld()->kernel));
  absl::Status status;
  CHECK(Restore(Frame(payload), status) != nullptr);
  for (const uint32_t version : {2u, 3u, 0xFFFFFFFFu}) {
    CHECK(Restore(Frame(payload, version), status) == nullptr);
    CHECK(status.code() == absl::StatusCode::kUnimplemented);
  }
  // Whatever a later version has for a payload.
  CHECK(Restore(Frame("something else", 2), status) == nullptr);
  CHECK(status.code() == absl::StatusCode::kUnimplemented);
}

TEST_CASE("Fields that are not known here are not overlooked", "[kernel][snapshot]") {
  const std::string bytes = MustWrite(MakeBusyWorld()->kernel);
  const std::string unknown = {'\xF8', '\x7F', '\x01'};  // field 2047, a number
  absl::Status status;
  CHECK(Restore(bytes + unknown, status) == nullptr);
  CHECK(status.code() == absl::StatusCode::kDataLoss);
  CHECK(Restore(Frame(PayloadOf(bytes) + unknown), status) == nullptr);
  CHECK(status.code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("Truncated and corrupted worlds are refused", "[kernel][snapshot]") {
  const std::string bytes = MustWrite(MakeBusyWorld()->kernel);
  absl::Status status;
  for (size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    REQUIRE(Restore(bytes.substr(0, size), status) == nullptr);
    REQUIRE(status.code() == absl::StatusCode::kDataLoss);
    REQUIRE_FALSE(status.message().empty());
  }
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    REQUIRE(Restore(flipped, status) == nullptr);
    const bool is_version = status.code() == absl::StatusCode::kUnimplemented;
    REQUIRE((is_version || status.code() == absl::StatusCode::kDataLoss));
  }
}

// Bytes with a good checksum: refused, or a world like all others.
void CheckTakenOrRefused(const std::string& payload) {
  absl::Status status;
  const std::unique_ptr<World> world = Restore(Frame(payload), status);
  if (world == nullptr) {
    const bool is_expected = status.code() == absl::StatusCode::kDataLoss ||
                             status.code() == absl::StatusCode::kInvalidArgument;
    INFO(status.ToString());
    REQUIRE(is_expected);
    return;
  }
  Kernel& kernel = world->kernel;
  const std::string bytes = MustWrite(kernel);
  const std::unique_ptr<World> again = Restore(bytes, status);
  REQUIRE(again != nullptr);
  REQUIRE(MustWrite(again->kernel) == bytes);
  REQUIRE(again->kernel.Digest() == kernel.Digest());
  for (World* each : {&*world, &*again}) {
    for (int i = 0; i < 5; ++i) {
      (void)each->kernel.RunTo(each->kernel.now() + 2 * kTicksPerSecond);
      each->bells.Ring(each->kernel.now() + 5, 9);
      (void)each->kernel.Throttled(each->bells.first_operation(), each->kernel.session(0));
    }
  }
  REQUIRE(again->kernel.Digest() == kernel.Digest());
}

TEST_CASE("With a good checksum too, what is wrong is refused or does no harm",
          "[kernel][snapshot]") {
  const std::string payload = PayloadOf(MustWrite(MakeBusyWorld()->kernel));
  for (size_t bit = 0; bit < payload.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string flipped = payload;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    CheckTakenOrRefused(flipped);
  }
  for (size_t size = 0; size < payload.size(); ++size) {
    CAPTURE(size);
    CheckTakenOrRefused(payload.substr(0, size));
  }
  RandomStream random(1, "corruption");
  for (int i = 0; i < 5000; ++i) {
    CAPTURE(i);
    std::string changed = payload;
    for (uint64_t k = random.Below(3); k < 4; ++k) {
      changed[random.Below(changed.size())] = static_cast<char>(random.Below(256));
    }
    CheckTakenOrRefused(changed);
  }
}

TEST_CASE("A state that no kernel can have is refused", "[kernel][snapshot]") {
  proto::Payload good;
  REQUIRE(ReadWorld(MustWrite(MakeBusyWorld()->kernel), good) == absl::OkStatus());
  const auto refused = [&good](const auto& change) {
    proto::Payload bad = good;
    change(bad, *bad.mutable_kernel());
    absl::Status status;
    const bool is_refused = Restore(Frame(Serialize(bad)), status) == nullptr;
    return is_refused && status.code() == absl::StatusCode::kDataLoss;
  };
  using P = proto::Payload;
  using K = proto::Kernel;
  CHECK_FALSE(refused([](P&, K&) {}));
  CHECK(refused([](P& p, K&) { p.clear_components(); }));
  CHECK(refused([](P& p, K&) { p.add_components(); }));
  CHECK(refused([](P& p, K&) { p.mutable_components(0)->set_name("cells"); }));
  CHECK(refused([](P& p, K&) { p.mutable_components(0)->set_state(""); }));
  CHECK(refused([](P& p, K&) { p.clear_kernel(); }));

  CHECK(refused([](P&, K& k) { k.mutable_options()->set_start_time(-1); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->set_start_time(kNever); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->set_account("1"); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->set_region("somewhere else"); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->set_max_steps_at_one_instant(0); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->mutable_quotas(0)->set_value(101); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->mutable_quotas(0)->set_name("none"); }));
  CHECK(refused([](P&, K& k) { *k.mutable_options()->add_quotas() = k.options().quotas(0); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->set_latency_of_every_call(-1); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->set_latency_of_every_call(kNever); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->mutable_latencies(0)->set_action("x"); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->mutable_rate_limits(0)->set_burst(0); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->mutable_rate_limits(0)->set_burst(kNever); }));
  CHECK(refused([](P&, K& k) { k.mutable_options()->clear_rate_limits(); }));  // but buckets

  CHECK(refused([](P&, K& k) { k.set_now(k.options().start_time() - 1); }));
  CHECK(refused([](P&, K& k) { k.set_now(kNever); }));
  CHECK(refused([](P&, K& k) { k.set_now(k.now() + kTicksPerSecond); }));  // beyond timers
  CHECK(refused([](P&, K& k) { k.set_last_id(~uint64_t{0}); }));
  CHECK(refused([](P&, K& k) { k.set_last_task(~uint64_t{0}); }));
  CHECK(refused([](P&, K& k) { k.add_handlers(k.handlers(0)); }));
  CHECK(refused([](P&, K& k) { k.clear_handlers(); }));
  CHECK(refused([](P&, K& k) { *k.add_streams() = k.streams(0); }));

  const auto timer = [](K& k) -> proto::Timers::Pending& {
    return *k.mutable_timers()->mutable_pending(0);
  };
  CHECK(refused([&](P&, K& k) { timer(k).set_component(3); }));
  CHECK(refused([&](P&, K& k) { timer(k).set_component(0xFFFFFFFF); }));
  CHECK(refused([&](P&, K& k) { timer(k).set_at(-1); }));
  CHECK(refused([&](P&, K& k) { timer(k).set_slot(0xFFFFFFFF); }));
  CHECK(refused([&](P&, K& k) { timer(k).set_slot(k.timers().pending(1).slot()); }));
  CHECK(refused([&](P&, K& k) { timer(k).set_sequence(k.timers().pending(1).sequence()); }));
  CHECK(refused([&](P&, K& k) { k.mutable_timers()->set_next_sequence(0); }));
  CHECK(refused([&](P&, K& k) { k.mutable_timers()->set_next_sequence(~uint64_t{0}); }));
  CHECK(refused([&](P&, K& k) { k.mutable_timers()->add_generations(1); }));
  CHECK(refused([&](P&, K& k) { k.mutable_timers()->add_free_slots(0xFFFFFFFF); }));
  const auto of_tasks = [&](K& k, uint32_t kind, uint64_t argument) {
    k.set_last_task(5);
    timer(k).set_component(kTasks);
    timer(k).set_kind(kind);
    timer(k).set_argument(argument);
  };
  CHECK_FALSE(refused([&](P&, K& k) { of_tasks(k, Tasks::kStart, 5); }));
  CHECK(refused([&](P&, K& k) { of_tasks(k, Tasks::kStart, 6); }));
  CHECK(refused([&](P&, K& k) { of_tasks(k, Tasks::kResume, 0); }));

  CHECK(refused([](P&, K& k) { k.mutable_failure()->set_code(0); }));
  CHECK(refused([](P&, K& k) { k.mutable_failure()->set_code(17); }));
  CHECK(refused([](P&, K& k) { *k.mutable_failure()->add_payloads() = k.failure().payloads(0); }));
  CHECK(refused([](P&, K& k) { k.set_step_instant(kNever); }));
  CHECK(refused([](P&, K& k) { k.set_steps_at_instant(1001); }));
  CHECK(refused([](P&, K& k) { k.set_steps_at_instant(-1); }));
  CHECK(refused([](P&, K& k) { k.add_step_tally()->set_steps(0); }));
  CHECK(refused([](P&, K& k) { k.add_step_tally()->set_component(7); }));

  CHECK(refused([](P&, K& k) { k.clear_sessions(); }));
  CHECK(refused([](P&, K& k) { k.mutable_sessions()->SwapElements(0, 1); }));
  CHECK(refused([](P&, K& k) { *k.add_sessions() = k.sessions(1); }));
  CHECK(refused([](P&, K& k) { k.mutable_sessions(1)->clear_region(); }));

  CHECK(refused([](P&, K& k) { *k.add_usage() = k.usage(0); }));
  CHECK(refused([](P&, K& k) { k.mutable_usage(0)->set_operation("Swing"); }));
  CHECK(refused([](P&, K& k) { *k.mutable_usage(1)->add_errors() = k.usage(1).errors(0); }));
  CHECK(refused([](P&, K& k) { *k.add_buckets() = k.buckets(0); }));
  CHECK(refused([](P&, K& k) { k.mutable_buckets(0)->set_operation("Listen"); }));
  CHECK(refused([](P&, K& k) { k.mutable_buckets(0)->set_parts(-1); }));
  CHECK(refused([](P&, K& k) { k.mutable_buckets(0)->set_parts(kNever); }));
  CHECK(refused([](P&, K& k) { k.mutable_buckets(0)->set_updated(k.now() + 1); }));
}

}  // namespace
}  // namespace skybox::kernel
