#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "skybox/choices.h"
#include "sqs_api/checked_world.h"
#include "sqs_api/queue_model.h"
#include "support/shorten.h"

// Long random sequences of calls and time steps, over several queues at once, against the model of
// queue_model.h, which predicts every answer exactly. Forks and restored worlds go on beside their
// origin.
namespace skybox::sqs {
namespace {

using Kind = CheckedCall::Kind;

constexpr size_t kMostWorlds = 3;
constexpr int kFirstFifo = 3;

template <typename T>
T OneOf(RandomStream& random, std::initializer_list<T> values) {
  return *(values.begin() + random.Below(values.size()));
}

// ---- What a run starts with

struct Setup {
  CloudOptions options = {};
  std::vector<ModelSettings> settings = {};
  std::vector<int> queues = {};  // that it is about
};

// The settings with one of them drawn anew.
ModelSettings DrawSettings(RandomStream& random, int queue, ModelSettings settings) {
  switch (random.Below(8)) {
    case 0:
      settings.delay = absl::Seconds(OneOf(random, {0, 0, 0, 5, 20, 60}));
      break;
    case 1:
      settings.retention = absl::Seconds(OneOf(random, {60, 90, 300, 345'600}));
      break;
    case 2:
      settings.visibility_timeout = absl::Seconds(OneOf(random, {0, 1, 5, 30, 120}));
      break;
    case 3:
      settings.wait_time = absl::Seconds(OneOf(random, {0, 0, 0, 3, 20}));
      break;
    case 4:
    case 5: {
      const int first = queue < kFirstFifo ? 0 : kFirstFifo;
      const int target = first + static_cast<int>(random.Below(3));
      const auto receives = static_cast<int32_t>(random.Between(1, 5));
      settings.redrive.reset();
      if (target != queue) {
        settings.redrive = ModelRedrive{.target = target, .max_receive_count = receives};
      }
      break;
    }
    case 6:
      settings.content_based_deduplication = random.Chance(1, 2);
      break;
    default:
      settings.deduplication_by_group = random.Chance(1, 2);
  }
  return settings;
}

// Every second run has little room for messages in flight.
Setup DrawSetup(uint64_t seed, bool fifo_only, std::shared_ptr<const ChoiceSource> choices) {
  RandomStream random(seed, "setup");
  Setup setup = {.options = {.choices = std::move(choices)}};
  const bool cramped = random.Chance(1, 2);
  setup.options.quotas = {{"sqs.in_flight_standard", cramped ? 6 : 120'000},
                          {"sqs.in_flight_fifo", cramped ? 4 : 20'000}};
  for (int queue = 0; queue < kCheckedQueueCount; ++queue) {
    ModelSettings settings;
    for (int i = 0; i < 8; ++i) settings = DrawSettings(random, queue, settings);
    setup.settings.push_back(settings);
  }
  const bool fifo = fifo_only || random.Chance(1, 2);
  const int64_t count = random.Between(1, 3);
  for (int64_t i = 0; i < count; ++i) {
    setup.queues.push_back(static_cast<int>(random.Below(3)) + (fifo ? kFirstFifo : 0));
  }
  if (!fifo_only && random.Chance(1, 3)) setup.queues.push_back(static_cast<int>(random.Below(6)));
  return setup;
}

// ---- Drawing calls

// Draws calls that have something to do in a world as it is, mostly.
class Player {
 public:
  Player(uint64_t seed, std::vector<int> queues)
      : random_(seed, "calls"), queues_(std::move(queues)) {}

  CheckedCall Draw(int number, const std::deque<CheckedWorld>& worlds);

 private:
  enum class With : uint8_t { kAnything, kMessages, kHandles, kSources };

  CheckedCall DrawIn(const CheckedWorld& world, const std::string& label);
  Kind DrawKind(const CheckedWorld& world);
  std::vector<int> QueuesWith(const CheckedWorld& world, With what) const;
  int DrawQueue(const CheckedWorld& world, With what);
  SendMessageBatchRequestEntry DrawMessage(const CheckedWorld& world, int queue,
                                           const std::string& label);
  ReceiveMessageRequest DrawReceive(int queue);
  CheckedCall::Handle DrawHandle(const CheckedWorld& world, int queue);
  absl::Duration DrawTimeout(const CheckedWorld& world, int queue, const std::string& label);
  absl::Duration DrawTime(const CheckedWorld& world);

  RandomStream random_;
  std::vector<int> queues_;
};

// Whether it is the dead-letter queue of another.
bool IsTarget(const CheckedWorld& world, int queue) {
  const std::vector<ModelQueue>& queues = world.model().queues();
  return std::any_of(queues.begin(), queues.end(), [queue](const ModelQueue& q) {
    return q.settings.redrive.has_value() && q.settings.redrive->target == queue;
  });
}

std::vector<int> Player::QueuesWith(const CheckedWorld& world, With what) const {
  std::vector<int> queues;
  for (int queue = 0; queue < kCheckedQueueCount; ++queue) {
    const std::vector<ModelMessage>& messages = world.model().queues()[queue].messages;
    const bool has_handles = std::any_of(messages.begin(), messages.end(),
                                         [](const ModelMessage& m) { return m.handle != 0; });
    bool fits = what == With::kHandles ? has_handles : !messages.empty();
    if (what == With::kSources) fits = fits && IsTarget(world, queue);
    if (fits) queues.push_back(queue);
  }
  return queues;
}

int Player::DrawQueue(const CheckedWorld& world, With what) {
  if (what != With::kAnything && random_.Chance(19, 20)) {
    const std::vector<int> queues = QueuesWith(world, what);
    if (!queues.empty()) return queues[random_.Below(queues.size())];
  }
  return queues_[random_.Below(queues_.size())];
}

SendMessageBatchRequestEntry Player::DrawMessage(const CheckedWorld& world, int queue,
                                                 const std::string& label) {
  SendMessageBatchRequestEntry message = {.id = label, .message_body = label};
  if (random_.Chance(1, 50)) message.message_body = "";
  if (random_.Chance(1, 5)) {
    message.message_attributes = {{"n", {.data_type = "String", .string_value = label}}};
  }
  if (queue < kFirstFifo) {
    if (random_.Chance(1, 2)) {
      message.delay_seconds = absl::Seconds(OneOf(random_, {0, 0, 1, 5, 10, 60, 900}));
    }
    if (random_.Chance(1, 5)) message.message_group_id = "a";
    if (random_.Chance(1, 50)) message.message_deduplication_id = "d";
    return message;
  }
  if (!random_.Chance(1, 50)) message.message_group_id = OneOf(random_, {"a", "a", "b", "c"});
  if (random_.Chance(1, 50)) message.delay_seconds = absl::Seconds(OneOf(random_, {0, 1}));
  if (world.model().queues()[queue].settings.content_based_deduplication && random_.Chance(1, 2)) {
    if (random_.Chance(1, 2)) message.message_body = fmt::format("same{}", random_.Below(4));
  } else if (random_.Chance(1, 3)) {
    message.message_deduplication_id = fmt::format("d{}", random_.Below(4));
  } else if (!random_.Chance(1, 50)) {
    message.message_deduplication_id = label;
  }
  return message;
}

ReceiveMessageRequest Player::DrawReceive(int queue) {
  ReceiveMessageRequest request = {.max_number_of_messages = OneOf(random_, {1, 1, 2, 3, 5, 10})};
  if (random_.Chance(2, 3)) {
    request.visibility_timeout = absl::Seconds(OneOf(random_, {0, 1, 2, 5, 10, 30, 60, 43'200}));
  }
  const uint64_t wait = random_.Below(10);
  if (wait < 6) request.wait_time_seconds = absl::ZeroDuration();
  if (wait > 6) request.wait_time_seconds = absl::Seconds(random_.Between(1, 20));
  if (queue >= kFirstFifo ? random_.Chance(1, 2) : random_.Chance(1, 40)) {
    request.receive_request_attempt_id = fmt::format("t{}", random_.Below(3));
  }
  return request;
}

// One that works now, mostly; or an old one, one of another queue, or none at all.
CheckedCall::Handle Player::DrawHandle(const CheckedWorld& world, int queue) {
  const std::vector<std::string> all = world.HandleLabels();
  std::vector<std::string> current;
  for (const ModelMessage& message : world.model().queues()[queue].messages) {
    if (message.handle != 0) current.push_back(all[static_cast<size_t>(message.handle) - 1]);
  }
  const uint64_t kind = random_.Below(30);
  if (kind == 0 || all.empty()) return {.label = "nonsense"};
  if (kind < 24 && !current.empty()) return {.label = current[random_.Below(current.size())]};
  const size_t old = kind < 27 ? std::min<size_t>(all.size(), 20) : all.size();
  return {.label = all[all.size() - 1 - random_.Below(old)]};
}

// Also the longest that is still allowed, and a second more.
absl::Duration Player::DrawTimeout(const CheckedWorld& world, int queue, const std::string& label) {
  if (random_.Chance(1, 6)) {
    const std::vector<std::string> all = world.HandleLabels();
    for (const ModelMessage& message : world.model().queues()[queue].messages) {
      if (message.handle == 0 || all[static_cast<size_t>(message.handle) - 1] != label) continue;
      const absl::Duration left = message.received + absl::Hours(12) - world.model().now();
      const absl::Duration whole = absl::Trunc(left, absl::Seconds(1));
      if (whole >= absl::ZeroDuration()) return whole + absl::Seconds(random_.Between(0, 1));
    }
  }
  return absl::Seconds(OneOf(random_, {0, 0, 1, 2, 5, 10, 30, 60, 600, 43'200, 43'201}));
}

// To an instant at which something ends, mostly, or the one before, or the one after.
absl::Duration Player::DrawTime(const CheckedWorld& world) {
  const std::vector<absl::Time> deadlines = world.model().Deadlines();
  const uint64_t kind = random_.Below(40);
  if (kind < 30 && !deadlines.empty()) {
    const size_t near = random_.Chance(9, 10) ? 6 : deadlines.size();
    const absl::Time deadline = deadlines[random_.Below(std::min(near, deadlines.size()))];
    return deadline - world.model().now() + absl::Nanoseconds(random_.Between(-1, 1));
  }
  if (kind < 35) return absl::Seconds(random_.Between(0, 40));
  if (kind < 39) return absl::Nanoseconds(random_.Between(0, 30'000'000'000));
  return absl::Seconds(OneOf(random_, {60, 300, 3600, 43'200, 345'600}));
}

// Where there is nothing yet to do a thing with, mostly one that makes something.
Kind Player::DrawKind(const CheckedWorld& world) {
  uint64_t kind = random_.Below(100);
  const bool any = random_.Chance(1, 20);
  if (kind < 21 && !any && QueuesWith(world, With::kHandles).empty()) kind = 21;
  if (((kind >= 21 && kind < 51) || kind == 94) && !any &&
      QueuesWith(world, With::kMessages).empty()) {
    kind = 51;
  }
  if (kind < 7) return Kind::kDelete;
  if (kind < 10) return Kind::kDeleteBatch;
  if (kind < 18) return Kind::kChangeVisibility;
  if (kind < 21) return Kind::kChangeVisibilityBatch;
  if (kind < 46) return Kind::kReceive;
  if (kind < 51) return Kind::kReceiveInTask;
  if (kind < 73) return Kind::kSend;
  if (kind < 78) return Kind::kSendBatch;
  if (kind < 90) return Kind::kAdvance;
  if (kind < 94) return Kind::kSetAttributes;
  if (kind < 95) return Kind::kPurge;
  if (kind < 98) return Kind::kStartMoveTask;
  return kind < 99 ? Kind::kCancelMoveTask : Kind::kListMoveTasks;
}

CheckedCall Player::DrawIn(const CheckedWorld& world, const std::string& label) {
  CheckedCall call = {.kind = DrawKind(world), .look = random_.Chance(1, 2)};
  const int64_t entries = random_.Between(1, 5);
  switch (call.kind) {
    case Kind::kSend:
      call.queue = DrawQueue(world, With::kAnything);
      call.messages.push_back(DrawMessage(world, call.queue, label));
      break;
    case Kind::kSendBatch:
      call.queue = DrawQueue(world, With::kAnything);
      for (int64_t i = 0; i < entries; ++i) {
        call.messages.push_back(DrawMessage(world, call.queue, fmt::format("{}-{}", label, i)));
      }
      break;
    case Kind::kReceiveInTask:
    case Kind::kReceive:
      call.queue = DrawQueue(world, With::kMessages);
      call.receive = DrawReceive(call.queue);
      if (call.kind == Kind::kReceiveInTask) call.receive.receive_request_attempt_id.clear();
      break;
    case Kind::kDelete:
    case Kind::kChangeVisibility:
    case Kind::kDeleteBatch:
    case Kind::kChangeVisibilityBatch: {
      const bool batch =
          call.kind == Kind::kDeleteBatch || call.kind == Kind::kChangeVisibilityBatch;
      call.queue = DrawQueue(world, With::kHandles);
      for (int64_t i = 0; i < (batch ? entries : 1); ++i) {
        CheckedCall::Handle handle = DrawHandle(world, call.queue);
        handle.timeout = DrawTimeout(world, call.queue, handle.label);
        call.handles.push_back(handle);
      }
      break;
    }
    case Kind::kAdvance:
      call.time = DrawTime(world);
      break;
    case Kind::kSetAttributes:
      call.queue = DrawQueue(world, With::kAnything);
      call.settings =
          DrawSettings(random_, call.queue, world.model().queues()[call.queue].settings);
      break;
    case Kind::kStartMoveTask:
      call.queue = DrawQueue(world, With::kSources);
      if (random_.Chance(2, 3)) call.destination = DrawQueue(world, With::kMessages);
      if (random_.Chance(4, 5)) call.rate = OneOf(random_, {1, 1, 1, 3, 500});
      break;
    case Kind::kCancelMoveTask: {
      const std::vector<int> tasks = world.TaskNumbers();
      if (tasks.empty()) break;
      call.task = tasks[tasks.size() - 1 - random_.Below(std::min<size_t>(tasks.size(), 2))];
      break;
    }
    default:
      call.queue = DrawQueue(world, With::kMessages);
  }
  return call;
}

CheckedCall Player::Draw(int number, const std::deque<CheckedWorld>& worlds) {
  const size_t world = random_.Below(worlds.size());
  const uint64_t kind = random_.Below(200);
  CheckedCall call;
  if (kind == 0) {
    call.kind = Kind::kFork;
    const int64_t both = random_.Between(0, 4);
    for (int64_t i = 0; i < both; ++i) {
      call.both.push_back(DrawIn(worlds[world], fmt::format("m{}-{}", number, "abcd"[i])));
    }
  } else if (kind == 1) {
    call.kind = Kind::kRestore;
  } else {
    call = DrawIn(worlds[world], fmt::format("m{}", number));
  }
  call.number = number;
  call.world = world;
  return call;
}

// ---- Runs

using Seen = std::map<std::string, int>;

// The worlds of a run, and what is done in them.
class Run {
 public:
  explicit Run(const Setup& setup) {
    worlds_.emplace_back(setup.options, setup.settings);
    start_ = worlds_[0].model().now();
  }

  const std::deque<CheckedWorld>& worlds() const { return worlds_; }

  // Whether the worlds and their models still agree.
  bool Do(const CheckedCall& call, std::string* text = nullptr) {
    CheckedWorld& world = worlds_[call.world % worlds_.size()];
    if (text != nullptr) {
      *text +=
          fmt::format("{:>5} {} ", call.number, absl::FormatDuration(world.model().now() - start_));
      if (worlds_.size() > 1) *text += fmt::format("world {} ", call.world % worlds_.size());
      *text += Describe(call);
      for (const CheckedCall& each : call.both) *text += "\n        both " + Describe(each);
    }
    if (call.kind == Kind::kFork) {
      Fork(call);
    } else {
      world.Do(call);
      difference_ = world.difference();
    }
    if (text != nullptr)
      *text += fmt::format(" -> {}{}\n", world.answer(), call.look ? " (look)" : "");
    return difference_.empty();
  }

  const std::string& CompareAll() {
    for (CheckedWorld& world : worlds_) {
      world.CompareQueues();
      if (difference_.empty()) difference_ = world.difference();
    }
    return difference_;
  }
  void AddSeen(Seen& seen) const {
    for (const CheckedWorld& world : worlds_) Add(world.seen(), seen);
    Add(seen_, seen);
  }

 private:
  void Fork(const CheckedCall& call) {
    CheckedWorld& world = worlds_[call.world % worlds_.size()];
    std::optional<CheckedWorld> fork = world.Fork();
    difference_ = world.difference();
    if (!fork.has_value()) return;
    world.Do(call);
    fork->Do(call);
    difference_ = world.difference();
    if (difference_.empty()) difference_ = fork->difference();
    if (difference_.empty() && fork->cloud().Digest() != world.cloud().Digest()) {
      difference_ = "a fork that did the same differs: " + fork->cloud().Digest().str() + " and " +
                    world.cloud().Digest().str();
    }
    // The fork stays, in the place of an older one where there are many.
    if (worlds_.size() < kMostWorlds) {
      worlds_.push_back(std::move(*fork));
    } else {
      CheckedWorld& older = worlds_[(call.world + 1) % worlds_.size()];
      Add(older.seen(), seen_);
      older = std::move(*fork);
    }
  }

  static void Add(const Seen& from, Seen& to) {
    for (const auto& [what, times] : from) to[what] += times;
  }

  std::deque<CheckedWorld> worlds_ = {};
  Seen seen_ = {};  // in worlds that are gone
  absl::Time start_ = absl::UnixEpoch();
  std::string difference_ = {};
};

// How many of the calls were done, the failing one included; 0 when none failed.
size_t Replay(const Setup& setup, const std::vector<CheckedCall>& calls, std::string* text,
              std::string* difference) {
  Run run(setup);
  for (size_t i = 0; i < calls.size(); ++i) {
    if (!run.Do(calls[i], text)) {
      *difference = run.CompareAll();
      return i + 1;
    }
  }
  *difference = run.CompareAll();
  return difference->empty() ? 0 : calls.size();
}

std::string Describe(const Setup& setup, uint64_t seed) {
  std::string text = fmt::format("seed {}, up to {} in flight, {} in a FIFO queue\n", seed,
                                 setup.options.quotas.at("sqs.in_flight_standard"),
                                 setup.options.quotas.at("sqs.in_flight_fifo"));
  for (int queue = 0; queue < kCheckedQueueCount; ++queue) {
    text += fmt::format("{}: {}\n", kCheckedQueues[queue].name,
                        Describe(setup.settings[queue], kCheckedQueues[queue].fifo));
  }
  return text;
}

// Draws and does `steps` calls. Where one fails, the test fails with the seed and a short list of
// calls that fail.
void CheckRun(const Setup& setup, uint64_t seed, int steps, Seen& seen) {
  Player player(seed, setup.queues);
  Run run(setup);
  std::vector<CheckedCall> calls;
  bool agree = true;
  for (int number = 1; agree && number <= steps; ++number) {
    calls.push_back(player.Draw(number, run.worlds()));
    agree = run.Do(calls.back());
  }
  run.AddSeen(seen);
  const std::string first_difference = run.CompareAll();
  if (first_difference.empty()) return;
  std::string difference;
  calls = Shortened(std::move(calls), [&](const std::vector<CheckedCall>& some) {
    return Replay(setup, some, nullptr, &difference);
  });
  std::string text = Describe(setup, seed);
  Replay(setup, calls, &text, &difference);
  if (difference.empty()) difference = first_difference + ", but not when it is done again";
  FAIL(text << "Difference: " << difference);
}

// A test is worth what it has seen.
void CheckSeen(Seen& seen, const std::vector<std::string>& rules, int times) {
  for (const std::string& rule : rules) {
    INFO(rule);
    CHECK(seen[rule] >= times);
  }
}

TEST_CASE("Queues answer as the model does", "[sqs][model]") {
  Seen seen;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    CheckRun(DrawSetup(seed, false, nullptr), seed, 1000, seen);
  }
  CheckSeen(seen,
            {"SendMessage: a duplicate",
             "standard at once: messages",
             "standard at once: nothing",
             "standard at once: OverLimit",
             "standard after a wait: messages",
             "standard after a wait: nothing",
             "standard message received more than three times",
             "standard message moved to a dead-letter queue",
             "standard message redriven",
             "FIFO at once: messages",
             "FIFO at once: nothing",
             "FIFO after a wait: messages",
             "FIFO after a wait: nothing",
             "FIFO in a task: messages",
             "standard in a task: messages",
             "FIFO message moved to a dead-letter queue",
             "FIFO message redriven",
             "attempt repeated",
             "DeleteMessage: OK",
             "DeleteMessage: InvalidParameterValue",
             "DeleteMessageBatch: ReceiptHandleIsInvalid",
             "ChangeMessageVisibility: OK",
             "ChangeMessageVisibility: InvalidParameterValue",
             "ChangeMessageVisibility: MessageNotInflight",
             "PurgeQueue: OK",
             "PurgeQueue: PurgeQueueInProgress",
             "StartMessageMoveTask: OK",
             "task of several messages: COMPLETED",
             "task: CouldNotDetermineMessageSource"},
            10);
}

TEST_CASE("FIFO queues answer as the model does, whatever is chosen", "[sqs][model][fifo]") {
  Seen seen;
  for (uint64_t seed = 101; seed <= 105; ++seed) {
    CheckRun(DrawSetup(seed, true, std::make_shared<Seeded>(seed)), seed, 1000, seen);
  }
  CheckSeen(seen, {"SendMessage: a duplicate", "FIFO at once: messages", "attempt repeated"}, 10);
}

// Hidden: it takes half a minute in a release build.
TEST_CASE("Queues answer as the model does for a million steps", "[.][long_model]") {
  Seen seen;
  for (uint64_t seed = 1000; seed < 2000; ++seed) {
    CheckRun(DrawSetup(seed, false, nullptr), seed, 1000, seen);
  }
  for (uint64_t seed = 2000; seed < 2200; ++seed) {
    CheckRun(DrawSetup(seed, true, std::make_shared<Seeded>(seed)), seed, 1000, seen);
  }
  CheckSeen(seen, {"CancelMessageMoveTask: OK", "SendMessage: OK"}, 10);
}

}  // namespace
}  // namespace skybox::sqs
