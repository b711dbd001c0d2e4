#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "fmt/format.h"
#include "kernel/kernel.h"
#include "kernel/world_file.h"
#include "proto/snapshot.pb.h"
#include "skybox/choices.h"
#include "skybox/ports.h"
#include "skybox/sqs.h"
#include "skybox/status.h"
#include "sqs/service.h"

namespace skybox::sqs {
namespace {

class Metrics final : public MetricSink {
 public:
  void Put(const MetricSample& sample) override {
    seen += fmt::format("{} {} {}\n", absl::ToUnixNanos(sample.timestamp), sample.metric_name,
                        sample.sum);
  }
  std::string seen = {};
};

// A kernel with SQS and nothing else.
struct World {
  explicit World(const CloudOptions& options) : kernel(options), sqs(kernel) {
    REQUIRE(kernel.Open(options) == absl::OkStatus());
  }

  Client client(uint32_t session = 0) { return sqs.MakeClient(session); }
  void Advance(absl::Duration duration) {
    REQUIRE(kernel.RunTo(kernel.now() + kernel::ToTicks(duration)) == absl::OkStatus());
  }

  Metrics metrics;
  kernel::Kernel kernel;
  Service sqs;
};

std::unique_ptr<World> Restore(const proto::Payload& payload, absl::Status& status) {
  const absl::StatusOr<CloudOptions> options = kernel::OptionsOf(payload.kernel(), nullptr);
  if (status = options.status(); !status.ok()) return nullptr;
  auto world = std::make_unique<World>(*options);
  if (status = kernel::RestoreWorld(payload, world->kernel); !status.ok()) return nullptr;
  return world;
}

proto::Payload Save(const World& world) {
  const absl::StatusOr<std::string> bytes = kernel::WriteWorld(world.kernel);
  REQUIRE(bytes.status() == absl::OkStatus());
  proto::Payload payload;
  REQUIRE(kernel::ReadWorld(*bytes, payload) == absl::OkStatus());
  return payload;
}

std::unique_ptr<World> Copy(const World& world) {
  const proto::Payload saved = Save(world);
  absl::Status status;
  std::unique_ptr<World> copy = Restore(saved, status);
  REQUIRE(status == absl::OkStatus());
  CHECK(copy->kernel.Digest() == world.kernel.Digest());
  CHECK(copy->kernel.GetUsage().rows == world.kernel.GetUsage().rows);
  CHECK(kernel::Serialize(Save(*copy)) == kernel::Serialize(saved));
  return copy;
}

// ---- Random calls

std::string Words(const absl::Status& status) { return status.ToString(); }

// The same random calls to several worlds, which have to answer the same.
class Driver {
 public:
  explicit Driver(uint64_t seed) : random_(seed, "service snapshots") {
    for (const char* name : {"a", "b", "c", "d.fifo", "e.fifo", "f.fifo"}) names_.push_back(name);
  }

  void Step(const std::vector<World*>& worlds) {
    const uint64_t action = random_.Below(100);
    const std::string name = names_[random_.Below(names_.size())];
    const bool fifo = name.ends_with(".fifo");
    const std::string url = MakeUrl("us-east-1", "123456789012", name);
    const uint64_t n = random_.Below(10);
    const absl::Duration time = absl::Seconds(random_.Between(0, 60));
    const std::string handle = handles_.empty() ? "none" : handles_[random_.Below(handles_.size())];
    std::vector<std::string> answers;
    for (World* world : worlds) {
      answers.push_back(Call(*world, action, name, fifo, url, n, time, handle));
    }
    for (const std::string& answer : answers) REQUIRE(answer == answers.front());
  }

 private:
  std::string Call(World& world, uint64_t action, const std::string& name, bool fifo,
                   const std::string& url, uint64_t n, absl::Duration time,
                   const std::string& handle) {
    const Client sqs = world.client(n == 9 ? 1 : 0);
    const std::string other = MakeArn("us-east-1", "123456789012", fifo ? "e.fifo" : "b");
    if (action < 8) return Create(world, name, fifo);
    if (action < 10) {
      QueueAttributes attributes = {.message_retention_period = absl::Minutes(5),
                                    .visibility_timeout = time};
      if (n < 5) {
        attributes.redrive_policy =
            RedrivePolicy{.dead_letter_target_arn = other, .max_receive_count = 1};
      }
      if (n == 6) attributes.delay_seconds = time;
      if (n == 7) attributes.kms_master_key_id = "alias/mine";
      if (n == 8) {
        attributes.redrive_allow_policy =
            RedriveAllowPolicy{.redrive_permission = "byQueue", .source_queue_arns = {other}};
      }
      return Words(sqs.SetQueueAttributes({.queue_url = url, .attributes = attributes}).status());
    }
    if (action == 10) return Words(sqs.DeleteQueue({.queue_url = url}).status());
    if (action == 11) return Words(sqs.PurgeQueue({.queue_url = url}).status());
    if (action == 12) {
      return Words(
          sqs.TagQueue({.queue_url = url, .tags = {{fmt::format("tag{}", n), "x"}}}).status());
    }
    if (action == 13) {
      return Words(sqs.AddPermission({.queue_url = url,
                                      .label = fmt::format("label{}", n),
                                      .aws_account_ids = {"999999999999"},
                                      .actions = {"SendMessage", "ReceiveMessage"}})
                       .status());
    }
    if (action == 14) {
      return Words(sqs.StartMessageMoveTask(
                          {.source_arn = other,
                           .max_number_of_messages_per_second = static_cast<int32_t>(n + 1)})
                       .status());
    }
    if (action == 15) {
      const auto moves = sqs.ListMessageMoveTasks({.source_arn = other, .max_results = 10});
      return moves.ok() ? fmt::format("{} moves", moves->results.size()) : Words(moves.status());
    }
    if (action < 50) return Send(sqs, fifo, url, n, time);
    if (action < 75) return Receive(sqs, fifo, url, n, time);
    if (action < 85) {
      return Words(sqs.DeleteMessage({.queue_url = url, .receipt_handle = handle}).status());
    }
    if (action < 92) {
      return Words(sqs.ChangeMessageVisibility(
                          {.queue_url = url, .receipt_handle = handle, .visibility_timeout = time})
                       .status());
    }
    world.Advance(time);
    return {};
  }

  static std::string Create(World& world, const std::string& name, bool fifo) {
    QueueAttributes attributes;
    if (fifo) {
      attributes.fifo_queue = true;
      attributes.content_based_deduplication = true;
    }
    if (name == "f.fifo") {
      attributes.deduplication_scope = "messageGroup";
      attributes.fifo_throughput_limit = "perMessageGroupId";
    }
    return Words(
        world.client().CreateQueue({.queue_name = name, .attributes = attributes}).status());
  }

  static std::string Send(const Client& sqs, bool fifo, const std::string& url, uint64_t n,
                          absl::Duration time) {
    SendMessageRequest request = {.queue_url = url, .message_body = fmt::format("body {}", n)};
    if (n < 3) {
      request.message_attributes = {
          {"Kind", {.data_type = "Binary", .binary_value = std::string("\0\xFF", 2)}}};
    }
    if (n == 4) {
      request.message_system_attributes = {
          {"AWSTraceHeader",
           {.data_type = "String", .string_value = "Root=1-5759e988-bd862e3fe1be46a994272793"}}};
    }
    if (fifo || n == 5) request.message_group_id = fmt::format("group{}", n % 3);
    if (!fifo && n > 6) request.delay_seconds = time;
    const auto sent = sqs.SendMessage(request);
    return sent.ok() ? sent->message_id.str() : Words(sent.status());
  }

  std::string Receive(const Client& sqs, bool fifo, const std::string& url, uint64_t n,
                      absl::Duration time) {
    ReceiveMessageRequest request = {.queue_url = url,
                                     .attribute_names = {"All"},
                                     .message_attribute_names = {"All"},
                                     .max_number_of_messages = static_cast<int32_t>(n + 1),
                                     .visibility_timeout = time};
    if (fifo && n < 4) request.receive_request_attempt_id = fmt::format("attempt{}", n);
    const auto received = sqs.ReceiveMessage(request);
    if (!received.ok()) return Words(received.status());
    std::string answer;
    for (const Message& message : received->messages) {
      handles_.push_back(message.receipt_handle.str());
      answer += fmt::format("{} {} {} {} {}\n", message.message_id.str(), handles_.back(),
                            message.body.view(), message.receive_count,
                            message.message_attributes.size());
    }
    return answer;
  }

  RandomStream random_;
  std::vector<std::string> names_;
  std::vector<std::string> handles_;
};

CloudOptions OptionsFor(uint64_t seed) {
  CloudOptions options;
  options.choices = std::make_shared<Seeded>(seed);
  if (seed % 2 == 0) {
    options.quotas = {{"sqs.fifo_transactions_per_second", 3},
                      {"sqs.fifo_group_transactions_per_second", 2}};
  }
  return options;
}

TEST_CASE("A restored world of queues goes on like the one that was saved", "[sqs][snapshot]") {
  const uint64_t seed = GENERATE(range(uint64_t{0}, uint64_t{12}));
  CAPTURE(seed);
  World original(OptionsFor(seed));
  original.kernel.Intern({.account = "999999999999"});
  original.kernel.Connect({.metric_sink = &original.metrics});
  Driver driver(seed);
  for (uint64_t step = 0; step < seed * 60; ++step) driver.Step({&original});

  const std::unique_ptr<World> restored = Copy(original);
  original.metrics.seen.clear();
  for (World* each : {&original, &*restored}) {
    each->kernel.Connect({.metric_sink = &each->metrics});
  }
  for (int step = 0; step < 600; ++step) driver.Step({&original, &*restored});
  CHECK(restored->kernel.Digest() == original.kernel.Digest());
  CHECK(restored->metrics.seen == original.metrics.seen);
  CHECK(kernel::Serialize(Save(*restored)) == kernel::Serialize(Save(original)));
}

TEST_CASE("A world without queues can be saved", "[sqs][snapshot]") {
  const World world((CloudOptions()));
  const std::unique_ptr<World> restored = Copy(world);
  CHECK(restored->client().ListQueues({})->queue_urls.empty());
}

TEST_CASE("A move task goes on after a restore", "[sqs][snapshot]") {
  World world((CloudOptions()));
  const auto client = world.client();
  const std::string dead = client.CreateQueue({.queue_name = "dead"})->queue_url;
  const std::string arn = MakeArn("us-east-1", "123456789012", "dead");
  REQUIRE(client
              .CreateQueue(
                  {.queue_name = "live",
                   .attributes = {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = arn}}})
              .ok());
  for (int i = 0; i < 5; ++i) {
    REQUIRE(client.SendMessage({.queue_url = dead, .message_body = "x"}).ok());
  }
  const auto started =
      client.StartMessageMoveTask({.source_arn = arn,
                                   .destination_arn = MakeArn("us-east-1", "123456789012", "live"),
                                   .max_number_of_messages_per_second = 1});
  REQUIRE(started.ok());
  world.Advance(absl::Seconds(2));
  const std::unique_ptr<World> restored = Copy(world);
  for (World* each : {&world, &*restored}) {
    each->Advance(absl::Seconds(1));
    const auto moves = each->client().ListMessageMoveTasks({.source_arn = arn});
    REQUIRE(moves.ok());
    CHECK(moves->results[0].approximate_number_of_messages_moved == 4);
    CHECK(moves->results[0].task_handle == started->task_handle);
    CHECK(each->client().CancelMessageMoveTask({.task_handle = started->task_handle}).ok());
    each->Advance(absl::Seconds(10));
  }
  CHECK(restored->kernel.Digest() == world.kernel.Digest());
}

// ---- What nobody saved

// A small world in which there is something of everything.
std::unique_ptr<World> MakeSmallWorld() {
  CloudOptions options;
  options.quotas = {{"sqs.fifo_transactions_per_second", 100}};
  auto world = std::make_unique<World>(options);
  world->kernel.Intern({.account = "999999999999"});
  const auto client = world->client();
  world->kernel.Connect({.metric_sink = &world->metrics});
  const std::string arn = MakeArn("us-east-1", "123456789012", "dead");
  const auto create = [&](const char* name, QueueAttributes attributes) {
    const auto made = client.CreateQueue({.queue_name = name, .attributes = attributes});
    REQUIRE(made.ok());
    return made->queue_url;
  };
  const std::string gone = create("gone", {});
  const std::string dead = create("dead", {});
  const std::string live = create(
      "live",
      {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = arn, .max_receive_count = 1}});
  const std::string fifo =
      create("f.fifo", {.fifo_queue = true, .content_based_deduplication = true});
  REQUIRE(client.DeleteQueue({.queue_url = gone}).ok());
  REQUIRE(client.PurgeQueue({.queue_url = dead}).ok());
  REQUIRE(client.TagQueue({.queue_url = live, .tags = {{"key", "value"}}}).ok());
  REQUIRE(client
              .AddPermission({.queue_url = live,
                              .label = "l",
                              .aws_account_ids = {"999999999999"},
                              .actions = {"SendMessage"}})
              .ok());
  const auto send = [&](const std::string& url, SendMessageRequest request) {
    request.queue_url = url;
    if (request.message_body.empty()) request.message_body = "body";
    REQUIRE(client.SendMessage(request).ok());
  };
  for (int i = 0; i < 3; ++i) send(live, {});
  send(live, {.delay_seconds = absl::Seconds(90)});
  for (const char* body : {"1", "2"}) {
    send(fifo, {.message_body = body, .message_group_id = "g"});
  }
  const auto receive = [&](const std::string& url, absl::Duration timeout, std::string attempt) {
    const auto received = client.ReceiveMessage({.queue_url = url,
                                                 .visibility_timeout = timeout,
                                                 .receive_request_attempt_id = std::move(attempt)});
    REQUIRE(received.ok());
    REQUIRE(received->messages.size() == 1);
    return received->messages[0].receipt_handle;
  };
  REQUIRE(client.DeleteMessage({.queue_url = live, .receipt_handle = receive(live, {}, {})}).ok());
  receive(live, absl::Seconds(300), {});
  receive(fifo, absl::Seconds(300), "try");
  for (int i = 0; i < 2; ++i) send(dead, {});
  REQUIRE(
      client
          .StartMessageMoveTask({.source_arn = arn,
                                 .destination_arn = MakeArn("us-east-1", "123456789012", "live"),
                                 .max_number_of_messages_per_second = 1})
          .ok());
  world->Advance(absl::Milliseconds(500));
  return world;
}

// A state that may be wrong: refused, or a world like all others.
void CheckTakenOrRefused(proto::Payload payload, std::string state) {
  payload.mutable_components(0)->set_state(std::move(state));
  absl::Status status;
  const std::unique_ptr<World> world = Restore(payload, status);
  if (world == nullptr) {
    INFO(Words(status));
    const bool is_expected = status.code() == absl::StatusCode::kDataLoss ||
                             status.code() == absl::StatusCode::kUnimplemented;
    REQUIRE(is_expected);
    return;
  }
  const std::unique_ptr<World> again = Copy(*world);
  Driver driver(1);
  for (int step = 0; step < 20; ++step) driver.Step({&*world, &*again});
  REQUIRE(again->kernel.Digest() == world->kernel.Digest());
  world->Advance(absl::Hours(400));
}

TEST_CASE("Whatever bit of saved queues is wrong, it is refused or a world", "[sqs][snapshot]") {
  const proto::Payload good = Save(*MakeSmallWorld());
  const std::string state = good.components(0).state();
  for (size_t bit = 0; bit < state.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string flipped = state;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    CheckTakenOrRefused(good, std::move(flipped));
  }
  for (size_t size = 0; size < state.size(); ++size) {
    CAPTURE(size);
    CheckTakenOrRefused(good, state.substr(0, size));
  }
}

TEST_CASE("A state that SQS cannot have is refused", "[sqs][snapshot]") {
  const proto::Payload payload = Save(*MakeSmallWorld());
  proto::SqsState good;
  REQUIRE(kernel::Parse(payload.components(0).state(), good));
  REQUIRE(good.queues_size() == 3);
  const auto code = [&](const auto& change) {
    proto::SqsState bad = good;
    change(bad);
    proto::Payload changed = payload;
    changed.mutable_components(0)->set_state(kernel::Serialize(bad));
    absl::Status status;
    Restore(changed, status);
    return status.code();
  };
  const auto refused = [&](const auto& change) {
    return code(change) == absl::StatusCode::kDataLoss;
  };
  using S = proto::SqsState;
  const auto queue = [](S& s, std::string_view name) -> proto::SqsQueue& {
    for (proto::SqsQueue& each : *s.mutable_queues()) {
      if (each.name() == name) return each;
    }
    return *s.add_queues();
  };
  CHECK_FALSE(refused([](S&) {}));
  CHECK(code([](S& s) { s.set_version(2); }) == absl::StatusCode::kUnimplemented);
  CHECK(refused([](S& s) { s.clear_version(); }));
  CHECK(refused([](S& s) { s.clear_texts(); }));
  CHECK(refused([](S& s) { s.set_last_number(2); }));
  CHECK(refused([](S& s) { s.set_last_number(0xFFFFFFFF); }));
  CHECK(refused([](S& s) { s.set_last_id(3); }));
  CHECK(refused([](S& s) { s.set_last_id(~uint64_t{0}); }));
  CHECK(refused([](S& s) { s.clear_free_records(); }));
  CHECK(refused([](S& s) { s.add_free_records(s.free_records_size()); }));
  CHECK(refused([](S& s) { s.mutable_deleted(0)->set_deleted(kNever); }));
  CHECK(refused([](S& s) { s.mutable_deleted(0)->set_url("nowhere"); }));
  CHECK(refused([](S& s) { *s.add_deleted() = s.deleted(0); }));
  CHECK(refused([](S& s) { s.mutable_minute_timer()->set_generation(99); }));
  CHECK(refused([](S& s) { *s.mutable_minute_timer() = s.moves(0).timer(); }));

  CHECK(refused([](S& s) { s.mutable_queues(0)->set_record(77); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_record(s.queues(1).record()); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_number(0); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_number(s.queues(1).number()); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_name(s.queues(1).name()); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_name("no name"); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_account("7"); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_region("everywhere"); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_created(-1); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_modified(kNever); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_purged(-1); }));
  CHECK(refused([](S& s) { s.mutable_queues(0)->set_last_active(kNever); }));
  CHECK(refused([&](S& s) { *queue(s, "live").add_tags() = queue(s, "live").tags(0); }));
  CHECK(refused([&](S& s) { queue(s, "live").mutable_tags(0)->set_key("aws:x"); }));
  CHECK(refused([&](S& s) {
    for (int i = 0; i < 50; ++i) queue(s, "live").add_tags()->set_key(fmt::format("k{}", i));
  }));

  const auto config = [&](S& s) -> proto::SqsConfig& { return *queue(s, "live").mutable_config(); };
  CHECK(refused([&](S& s) { config(s).set_fifo(true); }));
  CHECK(refused([&](S& s) { config(s).set_delay_seconds(901); }));
  CHECK(refused([&](S& s) { config(s).set_delay_seconds(kNever); }));
  CHECK(refused([&](S& s) { config(s).set_maximum_message_size(1023); }));
  CHECK(refused([&](S& s) { config(s).set_maximum_message_size(1'048'577); }));
  CHECK(refused([&](S& s) { config(s).set_message_retention_period(59); }));
  CHECK(refused([&](S& s) { config(s).set_message_retention_period(kNever); }));
  CHECK(refused([&](S& s) { config(s).set_receive_message_wait_time_seconds(21); }));
  CHECK(refused([&](S& s) { config(s).set_visibility_timeout(43'201); }));
  CHECK(refused([&](S& s) { config(s).set_visibility_timeout(-1); }));
  CHECK(refused([&](S& s) { config(s).set_policy("{"); }));
  CHECK(refused([&](S& s) { config(s).set_dead_letter_target_arn("\xFF"); }));
  CHECK(refused([&](S& s) { config(s).clear_dead_letter_target_arn(); }));
  CHECK(refused([&](S& s) { config(s).set_max_receive_count(1001); }));
  CHECK(refused([&](S& s) {
    config(s).set_redrive_permission(static_cast<proto::SqsConfig::RedrivePermission>(4));
  }));
  CHECK(refused([&](S& s) { config(s).set_redrive_permission(proto::SqsConfig::BY_QUEUE); }));
  CHECK(refused([&](S& s) { config(s).add_source_queue_arns("x"); }));
  CHECK(refused([&](S& s) { config(s).set_kms_master_key_id("alias/a"); }));
  CHECK(refused([&](S& s) { config(s).set_kms_data_key_reuse_period_seconds(59); }));
  CHECK(refused([&](S& s) { config(s).set_content_based_deduplication(true); }));
  CHECK(refused([&](S& s) {
    queue(s, "f.fifo").mutable_config()->set_limits_throughput_by_message_group(true);
  }));

  const auto fifo = [&](S& s) -> proto::SqsQueue& { return queue(s, "f.fifo"); };
  const auto attempt = [&](S& s) -> proto::SqsQueue::Attempt& {
    return *fifo(s).mutable_attempts(0);
  };
  CHECK(refused([&](S& s) { attempt(s).set_id(""); }));
  CHECK(refused([&](S& s) { attempt(s).set_id("\x01"); }));
  CHECK(refused([&](S& s) { attempt(s).set_expires(kNever); }));
  CHECK(refused([&](S& s) { attempt(s).clear_given(); }));
  CHECK(refused([&](S& s) { attempt(s).mutable_given(0)->set_message(0); }));
  CHECK(refused([&](S& s) { attempt(s).mutable_given(0)->set_receive(~uint64_t{0}); }));
  CHECK(refused([&](S& s) { *fifo(s).add_attempts() = attempt(s); }));
  CHECK(refused([&](S& s) { *queue(s, "live").add_attempts() = attempt(s); }));
  CHECK(refused([&](S& s) { fifo(s).mutable_buckets(0)->set_parts(kNever); }));
  CHECK(refused([&](S& s) { fifo(s).mutable_buckets(0)->set_updated(kNever); }));
  CHECK(refused([&](S& s) { *fifo(s).add_buckets() = fifo(s).buckets(0); }));
  CHECK(refused([&](S& s) { *queue(s, "live").add_buckets() = fifo(s).buckets(0); }));

  const auto messages = [&](S& s) -> proto::SqsMessages& { return *fifo(s).mutable_messages(); };
  CHECK(refused([&](S& s) { messages(s).set_last_position(~uint64_t{0}); }));
  CHECK(refused([&](S& s) { messages(s).mutable_messages(0)->set_message(~uint64_t{0}); }));
  CHECK(refused([&](S& s) {
    messages(s).mutable_messages(0)->set_message(queue(s, "live").messages().messages(0).message());
  }));
  CHECK(refused([&](S& s) { messages(s).mutable_deduplications(0)->set_message(99); }));
  CHECK(refused([&](S& s) {
    *queue(s, "live").mutable_messages()->add_deduplications() = messages(s).deduplications(0);
  }));

  const auto move = [](S& s) -> proto::SqsMoveTask& { return *s.mutable_moves(0); };
  CHECK(refused([&](S& s) { move(s).set_id(0); }));
  CHECK(refused([&](S& s) { move(s).set_id(1); }));
  CHECK(refused([&](S& s) { *s.add_moves() = move(s); }));
  CHECK(refused([&](S& s) { move(s).set_source_arn("x"); }));
  CHECK(refused([&](S& s) { move(s).set_destination_arn("x"); }));
  CHECK(refused([&](S& s) { move(s).set_rate(0); }));
  CHECK(refused([&](S& s) { move(s).set_rate(501); }));
  CHECK(refused([&](S& s) { move(s).set_status(static_cast<proto::SqsMoveTask::Status>(4)); }));
  CHECK(refused([&](S& s) { move(s).set_status(proto::SqsMoveTask::COMPLETED); }));
  CHECK(refused([&](S& s) { move(s).set_moved(-1); }));
  CHECK(refused([&](S& s) { move(s).set_moved(3); }));
  CHECK(refused([&](S& s) { move(s).set_to_move(kNever); }));
  CHECK(refused([&](S& s) {
    move(s).set_to_move(200'000);
    move(s).set_moved(150'000);
  }));
  CHECK(refused([&](S& s) { move(s).set_started(kNever); }));
  CHECK(refused([&](S& s) { move(s).clear_timer(); }));
  CHECK(refused([&](S& s) { *move(s).mutable_timer() = s.minute_timer(); }));
}

}  // namespace
}  // namespace skybox::sqs
