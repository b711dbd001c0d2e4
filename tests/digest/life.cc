// A life in the cloud, told in lines: a function of this code and of nothing else. Whatever
// compiler, flags, environment and machine made and ran it, each line has to be the same, and
// same_everywhere.sh compares them. A line tells what happened last, all that the program has seen
// so far as one number, and the digest of the world. The first line that differs says in which part
// of a life, and in which component, to look.

#include <clocale>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <locale>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "digest/witness.h"
#include "skybox/choices.h"
#include "skybox/cloud.h"
#include "skybox/ports.h"
#include "skybox/sqs.h"
#include "skybox/task.h"

namespace life {
namespace {

namespace sqs = skybox::sqs;
using skybox::Cloud;
using skybox::RandomStream;
using skybox::Task;
using skybox::TaskHandle;

std::string Numbered(std::string_view name, uint64_t number) {
  return std::string(name) + std::to_string(number);
}

// ---- Numbers: what programs draw for themselves, and what worlds draw

void LiveByNumbers() {
  for (const uint64_t seed : {uint64_t{0}, uint64_t{42}, ~uint64_t{0}}) {
    RandomStream random(seed, "life.numbers");
    Witness integers;
    for (uint64_t i = 0; i < 4000; ++i) {
      integers.See(random.Next());
      integers.See(random.Below(i));
      integers.See(random.Below((uint64_t{1} << 63) + i));
      integers.See(random.Between(-static_cast<int64_t>(i), 3));
      integers.See(random.Chance(i, 4000));
    }
    integers.See(random.index());
    integers.Tell(Numbered("integers of seed ", seed));
    Witness reals;
    double sum = 0;
    for (int i = 0; i < 4000; ++i) {
      reals.See(random.Unit());
      reals.See(random.Real(-1e3, 1e-3));
      reals.See(random.Real(-1.7e308, 1.7e308));
      const double waited = random.Exponential();
      reals.See(waited);
      sum += waited * 0.3;
      reals.See(sum);
    }
    reals.Tell(Numbered("reals of seed ", seed));

    Cloud cloud({.choices = std::make_shared<skybox::Seeded>(
                     seed, std::map<std::string, uint32_t>{{"life.often", 2}, {"life.never", 0}})});
    Witness choices;
    for (uint64_t i = 0; i < 2000; ++i) {
      choices.See(cloud.choices().Pick({.name = "life.always"}, i));
      choices.See(cloud.choices().Pick({.name = "life.often", .one_in = 50}, 3));
      choices.See(cloud.choices().Pick({.name = "life.never"}, 3));
      choices.See(cloud.choices().Pick({.name = "life.rare", .one_in = 50, .instance = i % 3}, 9));
    }
    choices.Tell(Numbered("choices of seed ", seed), cloud);
  }
}

// ---- Wandering: any call, in any order, right and wrong ones alike

class Wanderer {
 public:
  Wanderer(Cloud cloud, uint64_t seed, Witness& witness)
      : cloud_(std::move(cloud)), random_(seed, "life.wanderer"), witness_(witness) {
    cloud_.SetHandler("alarm", [this](Cloud& world, uint64_t argument) { Ring(world, argument); });
  }

  // The queues to begin with: "dead" letters come from "work" and "rest".
  void Settle() {
    const std::string dead = Make({.queue_name = "dead"});
    const std::string dead_fifo =
        Make({.queue_name = "dead.fifo", .attributes = {.fifo_queue = true}});
    for (const std::string_view name : {"work", "rest"}) {
      Make({.queue_name = std::string(name),
            .attributes = {.visibility_timeout = absl::Seconds(20),
                           .redrive_policy = sqs::RedrivePolicy{
                               .dead_letter_target_arn = ArnOf(dead), .max_receive_count = 3}}});
    }
    Make({.queue_name = "line.fifo",
          .attributes = {
              .redrive_policy = sqs::RedrivePolicy{.dead_letter_target_arn = ArnOf(dead_fifo),
                                                   .max_receive_count = 2},
              .fifo_queue = true,
              .content_based_deduplication = true}});
    Make({.queue_name = "lines.fifo",
          .attributes = {.delay_seconds = absl::Seconds(3),
                         .fifo_queue = true,
                         .deduplication_scope = "messageGroup",
                         .fifo_throughput_limit = "perMessageGroupId"}});
    Make({.queue_name = "abroad", .tags = {{"team", "sea"}, {"cost", "low"}}}, kAbroad);
  }

  void Wander(int steps) {
    for (int i = 0; i < steps; ++i) TakeStep();
  }

  Cloud& cloud() { return cloud_; }
  // Another world takes the place of this one.
  void MoveTo(Cloud cloud) {
    cloud_ = std::move(cloud);
    cloud_.SetHandler("alarm", [this](Cloud& c, uint64_t argument) { Ring(c, argument); });
  }

 private:
  static constexpr uint64_t kAbroad = 1;
  static constexpr std::string_view kPolicy = R"({"Version": "2012-10-17", "Statement": {
      "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*",
      "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 1.5e3}}}})";

  sqs::Client Sqs(uint64_t session) {
    switch (session) {
      case kAbroad:
        return cloud_.As({.region = "eu-central-1"}).sqs();
      case 2:
        return cloud_
            .As({.principal = "arn:aws:iam::123456789012:user/ann", .mfa_authenticated = true})
            .sqs();
      case 3:
        return cloud_.As({.account = "210987654321"}).sqs();
      default:
        return cloud_.sqs();
    }
  }
  // Mostly the first.
  sqs::Client AnySqs() { return Sqs(random_.Chance(1, 6) ? random_.Below(4) : 0); }

  std::string Make(const sqs::CreateQueueRequest& request, uint64_t session = 0) {
    const auto made = Sqs(session).CreateQueue(request);
    witness_.See(made);
    if (!made.ok()) return {};
    urls_.push_back(made->queue_url);
    return made->queue_url;
  }
  std::string ArnOf(const std::string& url) {
    const auto got =
        cloud_.sqs().GetQueueAttributes({.queue_url = url, .attribute_names = {"QueueArn"}});
    witness_.See(got);
    return got.ok() ? got->attributes.queue_arn.value_or("") : "";
  }
  const std::string& AnyUrl() { return urls_[random_.Below(urls_.size())]; }
  static bool IsFifo(const std::string& url) { return url.ends_with(".fifo"); }

  sqs::ReceiptHandle AnyHandle() {
    if (handles_.empty() || random_.Chance(1, 50)) return "no handle";
    // Mostly one of the last.
    const uint64_t reach = random_.Chance(1, 5) ? handles_.size() : 8;
    const uint64_t back = random_.Below(reach < handles_.size() ? reach : handles_.size());
    return handles_[handles_.size() - 1 - back].handle;
  }
  std::string UrlOf(const sqs::ReceiptHandle& handle) {
    for (auto held = handles_.rbegin(); held != handles_.rend(); ++held) {
      if (held->handle == handle && !random_.Chance(1, 50)) return held->url;
    }
    return AnyUrl();
  }

  std::string AnyBody() {
    constexpr std::string_view kPieces[] = {"a",  "order ",     "\xC3\xA9",        "0.5",
                                            "\n", "I\xC4\xB0i", "{\"key\": 1.5e3}"};
    std::string body;
    const uint64_t pieces = random_.Chance(1, 20) ? random_.Below(400) : random_.Between(1, 12);
    for (uint64_t i = 0; i < pieces; ++i) body += kPieces[random_.Below(std::size(kPieces))];
    if (random_.Chance(1, 100)) body += '\x01';  // no XML character
    return body;
  }
  sqs::MessageAttributes AnyAttributes() {
    sqs::MessageAttributes attributes;
    for (uint64_t i = random_.Chance(1, 3) ? random_.Below(4) : 0; i > 0; --i) {
      sqs::MessageAttributeValue& value = attributes[Numbered("part.", random_.Below(12))];
      switch (random_.Below(3)) {
        case 0:
          value = {.data_type = "String", .string_value = AnyBody()};
          break;
        case 1:
          value = {.data_type = "Number.float",
                   .string_value = random_.Chance(1, 9) ? "1,5" : "-1.5e-3"};
          break;
        default:
          value = {.data_type = "Binary", .binary_value = std::string("\0\xFF\x80", 3)};
      }
    }
    return attributes;
  }
  absl::Duration AnyDuration(int64_t most_seconds) {
    return absl::Seconds(random_.Between(random_.Chance(1, 40) ? -1 : 0, most_seconds));
  }

  template <typename Entry>
  void Fill(Entry& entry, bool fifo) {
    entry.message_body = AnyBody();
    entry.message_attributes = AnyAttributes();
    if (random_.Chance(1, 6)) {
      entry.message_system_attributes["AWSTraceHeader"] = {
          .data_type = "String", .string_value = Numbered("Root=1-", random_.Below(1000))};
    }
    if (fifo != random_.Chance(1, 60)) {
      entry.message_group_id = Numbered("group ", random_.Below(5));
      if (random_.Chance(1, 2)) entry.message_deduplication_id = Numbered("id ", random_.Below(40));
    } else if (random_.Chance(1, 4)) {
      entry.delay_seconds = AnyDuration(60);
    }
  }

  void Send() {
    const std::string& url = AnyUrl();
    if (random_.Chance(2, 3)) {
      sqs::SendMessageRequest request = {.queue_url = url};
      Fill(request, IsFifo(url));
      witness_.See(AnySqs().SendMessage(request));
      return;
    }
    sqs::SendMessageBatchRequest request = {.queue_url = url};
    const int64_t entries = random_.Between(random_.Chance(1, 30) ? 0 : 1, 11);
    for (int64_t i = 0; i < entries; ++i) {
      sqs::SendMessageBatchRequestEntry& entry = request.entries.emplace_back();
      entry.id = Numbered("entry-", random_.Chance(1, 100) ? 0 : static_cast<uint64_t>(i));
      Fill(entry, IsFifo(url));
    }
    witness_.See(AnySqs().SendMessageBatch(request));
  }

  void Receive() {
    const std::string& url = AnyUrl();
    sqs::ReceiveMessageRequest request = {
        .queue_url = url, .max_number_of_messages = static_cast<int32_t>(random_.Between(1, 10))};
    if (random_.Chance(1, 2)) request.message_system_attribute_names = {"All"};
    if (random_.Chance(1, 2)) request.message_attribute_names = {"part.1.*", "part.2"};
    if (random_.Chance(1, 3)) request.visibility_timeout = AnyDuration(300);
    if (random_.Chance(1, 4)) request.wait_time_seconds = AnyDuration(20);
    if (IsFifo(url) && random_.Chance(1, 3)) {
      request.receive_request_attempt_id = Numbered("attempt ", random_.Below(6));
    }
    const auto received = AnySqs().ReceiveMessage(request);
    witness_.See(received);
    if (!received.ok()) return;
    for (const sqs::Message& message : received->messages) {
      handles_.push_back({.url = url, .handle = message.receipt_handle});
    }
  }

  void Finish() {
    const sqs::ReceiptHandle handle = AnyHandle();
    const std::string url = UrlOf(handle);
    switch (random_.Below(6)) {
      case 0: {
        sqs::DeleteMessageBatchRequest request = {.queue_url = url};
        for (uint64_t i = random_.Below(11); i > 0; --i) {
          request.entries.push_back({.id = std::to_string(i), .receipt_handle = AnyHandle()});
        }
        witness_.See(AnySqs().DeleteMessageBatch(request));
        return;
      }
      case 1: {
        sqs::ChangeMessageVisibilityBatchRequest request = {.queue_url = url};
        for (uint64_t i = random_.Below(11); i > 0; --i) {
          sqs::ChangeMessageVisibilityBatchRequestEntry& entry = request.entries.emplace_back();
          entry.id = std::to_string(i);
          entry.receipt_handle = AnyHandle();
          entry.visibility_timeout = AnyDuration(90);
        }
        witness_.See(AnySqs().ChangeMessageVisibilityBatch(request));
        return;
      }
      case 2: {
        const absl::Duration timeout = AnyDuration(600);
        witness_.See(AnySqs().ChangeMessageVisibility(
            {.queue_url = url, .receipt_handle = handle, .visibility_timeout = timeout}));
        return;
      }
      default:
        witness_.See(AnySqs().DeleteMessage({.queue_url = url, .receipt_handle = handle}));
    }
  }

  void Manage() {
    const std::string url = AnyUrl();
    sqs::Client sqs = AnySqs();
    switch (random_.Below(14)) {
      case 0:
        Make(
            {.queue_name = Numbered("season", random_.Below(4)),
             .attributes = {.message_retention_period = absl::Seconds(random_.Between(50, 4000))}});
        return;
      case 1:
        if (url.find("season") != std::string::npos) {
          witness_.See(sqs.DeleteQueue({.queue_url = url}));
        }
        return;
      case 2:
        if (random_.Chance(1, 4)) witness_.See(sqs.PurgeQueue({.queue_url = url}));
        return;
      case 3: {
        sqs::QueueAttributes attributes;
        if (random_.Chance(1, 2)) attributes.delay_seconds = AnyDuration(9);
        if (random_.Chance(1, 2)) attributes.visibility_timeout = AnyDuration(60);
        if (random_.Chance(1, 9)) attributes.message_retention_period = AnyDuration(90'000);
        if (random_.Chance(1, 9)) attributes.receive_message_wait_time_seconds = AnyDuration(2);
        if (random_.Chance(1, 9)) attributes.policy = std::string(kPolicy);
        witness_.See(sqs.SetQueueAttributes({.queue_url = url, .attributes = attributes}));
        return;
      }
      case 4:
        witness_.See(sqs.TagQueue({.queue_url = url,
                                   .tags = {{Numbered("key", random_.Below(9)), "value"},
                                            {"\xC4\xB0", Numbered("", random_.Below(9))}}}));
        return;
      case 5:
        witness_.See(
            sqs.UntagQueue({.queue_url = url, .tag_keys = {Numbered("key", random_.Below(9))}}));
        witness_.See(sqs.ListQueueTags({.queue_url = url}));
        return;
      case 6: {
        const std::string label = Numbered("label", random_.Below(5));
        witness_.See(sqs.AddPermission({.queue_url = url,
                                        .label = label,
                                        .aws_account_ids = {"210987654321"},
                                        .actions = {"SendMessage", "ReceiveMessage"}}));
        return;
      }
      case 7:
        witness_.See(
            sqs.RemovePermission({.queue_url = url, .label = Numbered("label", random_.Below(5))}));
        return;
      case 8: {
        sqs::ListQueuesRequest request = {.max_results = 3};
        do {
          const auto page = sqs.ListQueues(request);
          witness_.See(page);
          request.next_token = page.ok() ? page->next_token : "";
        } while (!request.next_token.empty());
        return;
      }
      case 9:
        witness_.See(sqs.ListDeadLetterSourceQueues({.queue_url = url, .max_results = 1}));
        witness_.See(sqs.GetQueueUrl({.queue_name = Numbered("season", random_.Below(4))}));
        return;
      case 10: {
        // As another service delivers.
        skybox::Parcel parcel = {.target_arn = ArnOf(url), .body = AnyBody()};
        parcel.attributes["part.1"] = {.data_type = "String", .value = "parcel"};
        if (IsFifo(url)) parcel.message_group_id = "parcels";
        parcel.sender_id = "AIDAPARCELS";
        witness_.See(cloud_.Deliver(parcel));
        return;
      }
      case 11:
        witness_.See(cloud_.SetQuota("sqs.in_flight_fifo", random_.Between(0, 30)));
        return;
      default:
        witness_.See(sqs.GetQueueAttributes({.queue_url = url, .attribute_names = {"All"}}));
    }
  }

  void Redrive() {
    sqs::Client sqs = AnySqs();
    const std::string source = ArnOf(AnyUrl());
    switch (random_.Below(3)) {
      case 0: {
        sqs::StartMessageMoveTaskRequest request = {.source_arn = source};
        if (random_.Chance(1, 3)) request.destination_arn = ArnOf(AnyUrl());
        if (random_.Chance(1, 2)) request.max_number_of_messages_per_second = 1;
        const auto started = sqs.StartMessageMoveTask(request);
        witness_.See(started);
        if (started.ok()) move_ = started->task_handle;
        return;
      }
      case 1:
        witness_.See(sqs.CancelMessageMoveTask({.task_handle = move_}));
        return;
      default:
        witness_.See(sqs.ListMessageMoveTasks({.source_arn = source, .max_results = 10}));
    }
  }

  void Wait() {
    switch (random_.Below(8)) {
      case 0: {
        const uint64_t argument = random_.Below(100);
        const auto timer = cloud_.CallAfter(AnyDuration(200), "alarm", argument);
        witness_.See(timer.status());
        if (timer.ok() && random_.Chance(1, 5)) witness_.See(cloud_.CancelCall(*timer));
        return;
      }
      case 1: {
        const auto stepped = cloud_.Step();
        witness_.See(stepped);
        witness_.See(cloud_.NextDeadline());
        return;
      }
      case 2: {
        const sqs::GetQueueAttributesRequest request = {
            .queue_url = AnyUrl(), .attribute_names = {"ApproximateNumberOfMessages"}};
        const auto visible = [&] {
          const auto got = cloud_.sqs().GetQueueAttributes(request);
          return got.ok() && got->attributes.approximate_number_of_messages.value_or(0) > 3;
        };
        witness_.See(cloud_.AdvanceUntil(visible, AnyDuration(90)));
        return;
      }
      case 3:
        if (random_.Chance(1, 10))
          witness_.See(cloud_.Advance(absl::Minutes(random_.Between(1, 600))));
        return;
      default:
        witness_.See(cloud_.Advance(absl::Milliseconds(random_.Between(-1, 9000))));
    }
  }

  void Ring(Cloud& cloud, uint64_t argument) {
    witness_.See(argument);
    sqs::Client sqs = cloud.sqs();
    const std::string url = urls_[argument % urls_.size()];
    witness_.See(sqs.SendMessage({.queue_url = url, .message_body = Numbered("alarm ", argument)}));
    // Nobody may block here.
    witness_.See(sqs.ReceiveMessage({.queue_url = url, .wait_time_seconds = absl::Seconds(1)}));
    if (argument % 7 == 0) {
      witness_.See(cloud.CallAfter(absl::ZeroDuration(), "alarm", argument + 1).status());
    }
    if (argument == 99) throw std::runtime_error("the alarm broke");
  }

  void TakeStep() {
    const uint64_t step = random_.Below(100);
    if (step < 30) return Send();
    if (step < 55) return Receive();
    if (step < 75) return Finish();
    if (step < 82) return Manage();
    if (step < 86) return Redrive();
    Wait();
  }

  struct Held {
    std::string url = {};
    sqs::ReceiptHandle handle = {};
  };

  Cloud cloud_;
  RandomStream random_;
  Witness& witness_;
  std::vector<std::string> urls_;
  std::vector<Held> handles_;
  std::string move_;
};

// Lives in such a world, and from its middle on in what was forked or restored from it.
void Wander(const std::string& name, const skybox::CloudOptions& options, uint64_t seed) {
  Witness witness;
  Wanderer wanderer(Cloud(options), seed, witness);
  wanderer.Settle();
  for (int day = 1; day <= 10; ++day) {
    wanderer.Wander(300);
    const absl::StatusOr<std::string> bytes = wanderer.cloud().Save();
    witness.See(bytes);
    if (day % 5 == 2) {
      absl::StatusOr<Cloud> fork = wanderer.cloud().Fork();
      witness.See(fork.status());
      if (fork.ok()) wanderer.MoveTo(*std::move(fork));
    } else if (day % 5 == 4 && bytes.ok()) {
      absl::StatusOr<Cloud> restored = Cloud::Restore(*bytes, options.choices);
      witness.See(restored.status());
      if (restored.ok()) wanderer.MoveTo(*std::move(restored));
    }
    witness.Tell(name + Numbered(" day ", static_cast<uint64_t>(day)), wanderer.cloud());
  }
}

void LiveByWandering() {
  Wander("benign", {}, 1);
  Wander("seeded", {.choices = std::make_shared<skybox::Seeded>(7)}, 2);
  const std::map<std::string, uint32_t> often = {{"sqs.receive_order", 1},
                                                 {"sqs.short_poll", 2},
                                                 {"sqs.deliver_twice", 4},
                                                 {"sqs.stale_delete", 1}};
  Wander("unruly", {.choices = std::make_shared<skybox::Seeded>(8, often)}, 3);
  skybox::CloudOptions strict = {.choices = std::make_shared<skybox::Seeded>(9)};
  strict.quotas = {{"sqs.in_flight_standard", 12},
                   {"sqs.in_flight_fifo", 6},
                   {"sqs.maximum_message_size", 2048},
                   {"sqs.fifo_transactions_per_second", 2},
                   {"sqs.fifo_group_transactions_per_second", 1}};
  strict.latency.every_call = absl::Milliseconds(15);
  strict.latency.by_operation = {{"sqs:SendMessage", absl::Nanoseconds(12'345'678)}};
  strict.rate_limits = {{"sqs:ReceiveMessage", {.per_second = 1, .burst = 5}}};
  Wander("strict", strict, 4);
}

// ---- Work: tasks, handlers and observers over days

// Everything that a program may listen to; breaks some calls too.
class Observer : public skybox::FaultInjector,
                 public skybox::Authorizer,
                 public skybox::Recorder,
                 public skybox::Meter,
                 public skybox::MetricSink {
 public:
  explicit Observer(Witness& witness) : random_(5, "life.faults"), witness_(witness) {}

  skybox::Ports AllPorts() {
    return {.fault_injector = this,
            .authorizer = this,
            .recorder = this,
            .meter = this,
            .metric_sink = this};
  }

  absl::Status Before(const skybox::Call& call) override {
    if (!random_.Chance(1, 300)) return absl::OkStatus();
    return absl::UnavailableError(std::string(call.operation.name) + " got lost");
  }
  absl::Status After(const skybox::Call&) override {
    if (!random_.Chance(1, 300)) return absl::OkStatus();
    return absl::DeadlineExceededError("the answer got lost");
  }
  absl::Status Authorize(const skybox::Call& call) override {
    if (call.operation.read_only || !call.session.principal.ends_with("/ann")) {
      return absl::OkStatus();
    }
    return absl::PermissionDeniedError("not for ann");
  }
  void Record(const skybox::Call& call) override {
    witness_.See(call.operation.iam_action);
    witness_.See(call.session);
    witness_.See(call.time);
    witness_.See(call.resource);
    witness_.See(call.request);
    witness_.See(call.status);
  }
  void Use(const skybox::Call&, std::string_view billed_as, uint64_t quantity) override {
    witness_.See(billed_as);
    witness_.See(quantity);
  }
  void Put(const skybox::MetricSample& sample) override {
    witness_.See(sample.metric_name);
    for (const skybox::Dimension& dimension : sample.dimensions) witness_.See(dimension.value);
    witness_.See(sample.timestamp);
    witness_.See(sample.sum);
    witness_.See(sample.minimum);
    witness_.See(sample.maximum);
    witness_.See(sample.sample_count);
  }

 private:
  RandomStream random_;
  Witness& witness_;
};

class Office {
 public:
  Office(const skybox::CloudOptions& options, Witness& witness)
      : cloud_(options), sqs_(cloud_.sqs()), observer_(witness), witness_(witness) {
    cloud_.Connect(observer_.AllPorts());
    const std::string dead = Make({.queue_name = "dead"});
    dead_arn_ = "arn:aws:sqs:us-east-1:123456789012:dead";
    counter_ =
        Make({.queue_name = "counter",
              .attributes = {.visibility_timeout = absl::Seconds(90),
                             .redrive_policy = sqs::RedrivePolicy{
                                 .dead_letter_target_arn = dead_arn_, .max_receive_count = 2}}});
    line_ = Make({.queue_name = "line.fifo",
                  .attributes = {.visibility_timeout = absl::Minutes(5),
                                 .fifo_queue = true,
                                 .content_based_deduplication = true}});
  }

  void Work(const std::string& name) {
    cloud_.SetHandler("inspect", [this](Cloud& cloud, uint64_t round) { Inspect(cloud, round); });
    cloud_.SetHandler("panic", [](Cloud&, uint64_t) { throw std::runtime_error("panic"); });
    witness_.See(cloud_.CallAfter(absl::Hours(1), "inspect", 1).status());
    witness_.See(cloud_.CallAfter(absl::Hours(17), "panic").status());
    std::vector<TaskHandle<>> staff;
    for (uint64_t i = 0; i < 3; ++i) staff.push_back(cloud_.Spawn(Shop(i)));
    for (uint64_t i = 0; i < 2; ++i) staff.push_back(cloud_.Spawn(Serve(i, counter_)));
    staff.push_back(cloud_.Spawn(Serve(2, line_)));
    staff.push_back(cloud_.Spawn(Supervise()));
    for (int hour = 4; hour <= 48; hour += 4) {
      const absl::Time end = cloud_.Now() + absl::Hours(4);
      // A handler or task that throws ends Advance early.
      while (cloud_.Now() < end) witness_.See(cloud_.AdvanceTo(end));
      witness_.See(cloud_.live_tasks());
      witness_.Tell(name + Numbered(" hour ", static_cast<uint64_t>(hour)), cloud_);
    }
    for (TaskHandle<>& task : staff) task.Cancel();
    for (const TaskHandle<>& task : staff) witness_.See(task.status());
    for (const skybox::UsageRow& row : cloud_.usage().rows) {
      witness_.See(row.operation);
      witness_.See(row.outcome);
      witness_.See(row.calls);
    }
    witness_.See(cloud_.Save());
    witness_.Tell(name + " end", cloud_);
  }

 private:
  std::string Make(const sqs::CreateQueueRequest& request) {
    absl::StatusOr<sqs::CreateQueueResponse> made;
    do made = sqs_.CreateQueue(request);
    while (!made.ok());  // the observer may break the first
    return made->queue_url;
  }

  Task<> Shop(uint64_t number) {
    RandomStream random(number, "life.shop");
    while (true) {
      const double gap = random.Exponential() * random.Real(20, 400);
      co_await cloud_.Sleep(absl::Milliseconds(static_cast<int64_t>(gap * 1000)));
      const bool fifo = random.Chance(1, 3);
      sqs::SendMessageBatchRequest request = {.queue_url = fifo ? line_ : counter_};
      for (uint64_t i = random.Below(6); i > 0; --i) {
        sqs::SendMessageBatchRequestEntry& entry = request.entries.emplace_back();
        entry.id = std::to_string(i);
        entry.message_body = Numbered("order ", random.Below(200));
        if (fifo) entry.message_group_id = Numbered("", random.Below(3));
        if (!fifo && random.Chance(1, 4)) entry.delay_seconds = absl::Seconds(random.Below(900));
      }
      witness_.See(co_await sqs_.Await(request));
    }
  }

  Task<> Serve(uint64_t number, std::string url) {
    RandomStream random(number, "life.serve");
    while (true) {
      sqs::ReceiveMessageRequest poll = {
          .queue_url = url,
          .message_system_attribute_names = {"All"},
          .max_number_of_messages = static_cast<int32_t>(random.Between(1, 10))};
      poll.wait_time_seconds = absl::Seconds(random.Between(10, 20));
      const auto received = co_await sqs_.Await(poll);
      witness_.See(received);
      if (!received.ok()) {
        co_await cloud_.Sleep(absl::Seconds(1));
        continue;
      }
      for (const sqs::Message& message : received->messages) {
        co_await cloud_.Sleep(absl::Milliseconds(random.Between(0, 40'000)));
        const uint64_t mood = random.Below(10);
        if (mood == 0) continue;  // forgotten
        if (mood == 1) {
          const sqs::ChangeMessageVisibilityRequest later = {
              .queue_url = url,
              .receipt_handle = message.receipt_handle,
              .visibility_timeout = absl::Seconds(random.Between(0, 600))};
          witness_.See(co_await sqs_.Await(later));
          continue;
        }
        const sqs::DeleteMessageRequest done = {.queue_url = url,
                                                .receipt_handle = message.receipt_handle};
        witness_.See(co_await sqs_.Await(done));
      }
    }
  }

  Task<uint64_t> Learn(uint64_t number) {
    RandomStream random(number, "life.learn");
    co_await cloud_.Sleep(absl::Seconds(random.Between(1, 5000)));
    if (random.Chance(1, 5)) throw std::runtime_error(Numbered("apprentice ", number));
    co_return random.Next();
  }

  Task<> Supervise() {
    for (uint64_t round = 0;; ++round) {
      std::vector<TaskHandle<uint64_t>> apprentices;
      for (uint64_t i = 0; i < 3; ++i) apprentices.push_back(cloud_.Spawn(Learn(round * 3 + i)));
      std::vector<skybox::AnyTaskHandle> race(apprentices.begin(), apprentices.end());
      const size_t first = co_await skybox::AnyOf(race);
      witness_.See(first);
      apprentices[(first + 1) % 3].Cancel();
      for (const TaskHandle<uint64_t>& apprentice : apprentices) {
        const absl::StatusOr<uint64_t> result = co_await apprentice;
        witness_.See(result);
      }
      const sqs::StartMessageMoveTaskRequest redrive = {.source_arn = dead_arn_,
                                                        .max_number_of_messages_per_second = 2};
      witness_.See(co_await sqs_.Await(redrive));
      co_await cloud_.Sleep(absl::Minutes(30));
    }
  }

  void Inspect(Cloud& cloud, uint64_t round) {
    skybox::Session session = {.principal = "arn:aws:sts::123456789012:assumed-role/check/ann"};
    if (round % 2 == 0) session = {.region = "ap-southeast-2", .user_agent = "inspector"};
    sqs::Client sqs = cloud.As(session).sqs();
    witness_.See(sqs.ListQueues({}));
    witness_.See(sqs.SendMessage({.queue_url = counter_, .message_body = "inspection"}));
    for (const std::string& url : {counter_, line_}) {
      witness_.See(sqs.GetQueueAttributes({.queue_url = url, .attribute_names = {"All"}}));
    }
    witness_.See(sqs.ListMessageMoveTasks({.source_arn = dead_arn_, .max_results = 10}));
    witness_.See(cloud.CallAfter(absl::Minutes(100), "inspect", round + 1).status());
  }

  Cloud cloud_;
  sqs::Client sqs_;
  Observer observer_;
  Witness& witness_;
  std::string counter_;
  std::string line_;
  std::string dead_arn_;
};

void LiveByWorking() {
  {
    Witness witness;
    Office office({.choices = std::make_shared<skybox::Seeded>(11)}, witness);
    office.Work("office");
  }
  Witness witness;
  Office office({.start_time = absl::FromUnixSeconds(951'782'400),  // 29 February 2000
                 .choices = std::make_shared<skybox::Seeded>(12),
                 .rate_limits = {{"sqs:ReceiveMessage", {.per_second = 1, .burst = 3}}}},
                witness);
  office.Work("busy office");
}

// ---- Worlds that refuse

void LiveByMistake() {
  Witness witness;
  const auto refuse = [&witness](const skybox::CloudOptions& options) {
    const Cloud cloud(options);
    witness.See(cloud.status());
  };
  refuse({.start_time = absl::FromUnixSeconds(-1)});
  refuse({.account = "12"});
  refuse({.region = "Us-East-1"});
  refuse({.quotas = {{"sqs.no_such_quota", 1}}});
  refuse({.latency = {.by_operation = {{"sqs:Nothing", absl::Seconds(1)}}}});
  Cloud cloud({.max_steps_at_one_instant = 50});
  cloud.SetHandler("loop",
                   [](Cloud& c, uint64_t) { (void)c.CallAfter(absl::ZeroDuration(), "loop"); });
  witness.See(cloud.CallAfter(absl::Seconds(1), "loop").status());
  for (int i = 0; i < 3; ++i) witness.See(cloud.Advance(absl::Seconds(2)));
  witness.See(cloud.CallAt(absl::InfiniteFuture(), "loop").status());
  witness.See(cloud.AdvanceTo(absl::UnixEpoch()));
  witness.See(cloud.AdvanceTo(absl::InfiniteFuture()));
  witness.See(cloud.SetQuota("sqs.in_flight_fifo", -1));
  witness.See(cloud.As({.account = "x"}).sqs().ListQueues({}));
  witness.See(cloud.Deliver({.target_arn = "arn:aws:sqs:us-east-1:123456789012:none"}));
  witness.See(Cloud::Restore("no world").status());
  witness.Tell("mistakes", cloud);
}

}  // namespace
}  // namespace life

int main() {
  // The locale of the environment, as programs with users of their own have it. One that is not
  // there would be replaced with "C" without a word.
  if (std::setlocale(LC_ALL, "") == nullptr) {
    std::fputs("the locale of the environment does not exist\n", stderr);
    return 2;
  }
  try {
    std::locale::global(std::locale(""));
    life::LiveByNumbers();
    life::LiveByWandering();
    life::LiveByWorking();
    life::LiveByMistake();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "an exception left the library: %s\n", e.what());
    return 1;
  }
  return 0;
}
