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
#include "support/shorten.h"
#include "support/sqs_world.h"

// What a standard queue promises whatever is chosen: order, duplicates, and what a short poll sees
// are open, all else is not. Long random sequences of calls, and a ledger of the messages that
// holds the answers to the promises. Rule: "Amazon SQS standard queues", Developer Guide.
namespace skybox::sqs {
namespace {

struct PromisedQueue {
  const char* name;
  absl::Duration retention;
  int32_t max_receive_count;  // 0: none; then to the queue "dead"
};
constexpr int kDead = 2;
const PromisedQueue kQueues[] = {
    {"orders", absl::Hours(96), 0},
    {"brief", absl::Seconds(90), 0},
    {"dead", absl::Hours(96), 0},
    {"risky", absl::Hours(96), 3},
};
constexpr int kQueueCount = 4;

// What is known of a message.
struct Entry {
  int queue = 0;
  std::string body = {};
  absl::Time sent = absl::UnixEpoch();
  absl::Time hidden_until = absl::UnixEpoch();  // by its delay, then by its latest receive
  int32_t receives = 0;
  ReceiptHandle handle = {};
  std::vector<ReceiptHandle> old_handles = {};
  bool deleted = false;
  bool perhaps_deleted = false;  // by an old handle, which is open
  bool drained = false;

  // Whether the next receive would move it, so that it may be in either queue.
  bool may_have_moved() const {
    const int32_t most = kQueues[queue].max_receive_count;
    return most > 0 && receives >= most;
  }
  absl::Time expiry() const { return sent + kQueues[queue].retention; }
};

struct ChosenWorld {
  Cloud cloud;
  std::map<MessageId, Entry> entries = {};
};

template <typename T>
T OneOf(RandomStream& random, std::initializer_list<T> values) {
  return *(values.begin() + random.Below(values.size()));
}

class Promises {
 public:
  Promises(uint64_t seed, bool twice, bool old_handles_may_delete);

  // How many steps were done, the failing one included; 0 when all promises were kept.
  size_t Do(const std::vector<uint64_t>& steps);
  const std::string& failure() const { return failure_; }
  const std::string& text() const { return text_; }
  int received() const { return received_; }
  int received_in_flight() const { return received_in_flight_; }

 private:
  void Promise(bool kept, const char* what, const Entry* entry = nullptr);
  void Step(ChosenWorld& world, RandomStream& random, int number);
  void Send(ChosenWorld& world, RandomStream& random, int number);
  void Receive(ChosenWorld& world, RandomStream& random);
  void CheckReceived(ChosenWorld& world, int queue, absl::Duration timeout, const Message& message);
  void CheckWait(const ChosenWorld& world, int queue, absl::Time before, absl::Duration wait,
                 bool empty);
  void Delete(ChosenWorld& world, RandomStream& random);
  void ChangeVisibility(ChosenWorld& world, RandomStream& random);
  void CheckCounts(ChosenWorld& world);
  void Drain(ChosenWorld& world);
  static Entry* DrawEntry(ChosenWorld& world, RandomStream& random);
  const std::string& Url(int queue) const { return urls_[static_cast<size_t>(queue)]; }

  bool twice_;
  bool old_handles_may_delete_;
  std::vector<std::string> urls_ = {};
  std::deque<ChosenWorld> worlds_ = {};
  std::string failure_ = {};
  std::string text_ = {};
  int received_ = 0;
  int received_in_flight_ = 0;
};

Promises::Promises(uint64_t seed, bool twice, bool old_handles_may_delete)
    : twice_(twice), old_handles_may_delete_(old_handles_may_delete) {
  const std::map<std::string, uint32_t> one_in = {
      {"sqs.receive_order", 1},
      {"sqs.short_poll", 3},
      {"sqs.deliver_twice", twice ? 3 : 0},
      {"sqs.stale_delete", old_handles_may_delete ? 1 : 0}};
  worlds_.push_back({.cloud = Cloud({.choices = std::make_shared<Seeded>(seed, one_in)})});
  Client sqs = worlds_[0].cloud.sqs();
  for (const PromisedQueue& queue : kQueues) {
    QueueAttributes attributes = {.message_retention_period = queue.retention};
    if (queue.max_receive_count > 0) {
      attributes.redrive_policy = RedrivePolicy{
          .dead_letter_target_arn = fmt::format("arn:aws:sqs:us-east-1:{}:dead", kAccount),
          .max_receive_count = queue.max_receive_count};
    }
    const auto made = sqs.CreateQueue({.queue_name = queue.name, .attributes = attributes});
    Promise(made.ok(), "the queue is made");
    urls_.push_back(made.ok() ? made->queue_url : "");
  }
}

void Promises::Promise(bool kept, const char* what, const Entry* entry) {
  if (kept || !failure_.empty()) return;
  failure_ = fmt::format("broken: {}", what);
  if (entry != nullptr) {
    failure_ += fmt::format(" ({}, sent {}, received {} times, hidden until {})", entry->body,
                            absl::FormatTime(entry->sent, absl::UTCTimeZone()), entry->receives,
                            absl::FormatTime(entry->hidden_until, absl::UTCTimeZone()));
  }
}

// ---- Calls

Entry* Promises::DrawEntry(ChosenWorld& world, RandomStream& random) {
  std::vector<Entry*> received;
  for (auto& [id, entry] : world.entries) {
    if (entry.receives > 0 && (!entry.deleted || random.Chance(1, 10))) received.push_back(&entry);
  }
  return received.empty() ? nullptr : received[random.Below(received.size())];
}

void Promises::Send(ChosenWorld& world, RandomStream& random, int number) {
  Entry entry = {.queue = static_cast<int>(random.Below(kQueueCount)),
                 .body = fmt::format("m{}", number),
                 .sent = world.cloud.Now()};
  const absl::Duration delay = absl::Seconds(OneOf(random, {0, 0, 0, 5, 100}));
  entry.hidden_until = entry.sent + delay;
  text_ += fmt::format("Send {} to {} delay {}", entry.body, kQueues[entry.queue].name,
                       absl::FormatDuration(delay));
  const auto sent = world.cloud.sqs().SendMessage(
      {.queue_url = Url(entry.queue), .message_body = entry.body, .delay_seconds = delay});
  Promise(sent.ok(), "a message is accepted");
  if (!sent.ok()) return;
  Promise(!world.entries.contains(sent->message_id), "a message id is a new one");
  world.entries[sent->message_id] = entry;
}

void Promises::CheckReceived(ChosenWorld& world, int queue, absl::Duration timeout,
                             const Message& message) {
  const absl::Time now = world.cloud.Now();
  const auto known = world.entries.find(message.message_id);
  if (known == world.entries.end()) return Promise(false, "nothing is invented");
  Entry& entry = known->second;
  if (queue == kDead && entry.may_have_moved()) entry.queue = kDead;
  Promise(entry.queue == queue, "a message is in its queue", &entry);
  Promise(!entry.may_have_moved(), "a message is received maxReceiveCount times", &entry);
  Promise(message.body == entry.body, "a message is what was sent", &entry);
  Promise(message.attributes.sent_timestamp == entry.sent, "SentTimestamp is as it was", &entry);
  Promise(!entry.deleted, "a deleted message does not come back", &entry);
  Promise(now < entry.expiry(), "an expired message does not come", &entry);
  const bool is_hidden = now < entry.hidden_until;
  Promise(!is_hidden || (twice_ && entry.receives > 0), "a hidden message does not come", &entry);
  Promise(message.receive_count == entry.receives + 1, "the receive count goes up by one", &entry);
  Promise(std::find(entry.old_handles.begin(), entry.old_handles.end(), message.receipt_handle) ==
                  entry.old_handles.end() &&
              message.receipt_handle != entry.handle,
          "a receipt handle is a new one", &entry);
  ++received_;
  if (is_hidden) ++received_in_flight_;
  if (entry.receives > 0) entry.old_handles.push_back(entry.handle);
  entry.handle = message.receipt_handle;
  ++entry.receives;
  entry.hidden_until = now + timeout;
  entry.perhaps_deleted = false;  // as it is here
}

// A long poll misses nothing: it is served as soon as there is something, and no sooner.
void Promises::CheckWait(const ChosenWorld& world, int queue, absl::Time before,
                         absl::Duration wait, bool empty) {
  const absl::Time now = world.cloud.Now();
  Promise(!empty || now == before + wait, "an empty answer comes at the end of the wait");
  Promise(now <= before + wait, "a long poll ends with its wait");
  if (wait == absl::ZeroDuration()) return;
  for (const auto& [id, entry] : world.entries) {
    if (entry.queue != queue || entry.deleted || entry.perhaps_deleted || entry.may_have_moved()) {
      continue;
    }
    const absl::Time due = std::max(before, entry.hidden_until);
    Promise(due >= entry.expiry() || due > now || (due == now && !empty),
            "a long poll is served as soon as there is a message", &entry);
  }
}

void Promises::Receive(ChosenWorld& world, RandomStream& random) {
  const auto queue = static_cast<int>(random.Below(kQueueCount));
  const absl::Duration wait = absl::Seconds(OneOf(random, {0, 0, 0, 1, 20}));
  const absl::Duration timeout = absl::Seconds(OneOf(random, {0, 1, 5, 30, 100}));
  const auto most = static_cast<int32_t>(random.Between(1, 10));
  text_ += fmt::format("Receive up to {} from {} timeout {} wait {} ->", most, kQueues[queue].name,
                       absl::FormatDuration(timeout), absl::FormatDuration(wait));
  const absl::Time before = world.cloud.Now();
  const auto got = world.cloud.sqs().ReceiveMessage({.queue_url = Url(queue),
                                                     .message_system_attribute_names = {"All"},
                                                     .max_number_of_messages = most,
                                                     .visibility_timeout = timeout,
                                                     .wait_time_seconds = wait});
  Promise(got.ok(), "a receive is no error");
  if (!got.ok()) return;
  for (const Message& message : got->messages) {
    text_ += fmt::format(" {}#{}", message.body.str(), message.receive_count);
  }
  Promise(got->messages.size() <= static_cast<size_t>(most), "no more than was asked for");
  CheckWait(world, queue, before, wait, got->messages.empty());
  std::map<MessageId, int> times;
  for (const Message& message : got->messages) {
    Promise(++times[message.message_id] == 1, "an answer has no message twice");
    CheckReceived(world, queue, timeout, message);
  }
}

void Promises::Delete(ChosenWorld& world, RandomStream& random) {
  Entry* entry = DrawEntry(world, random);
  if (entry == nullptr) return;
  const bool old = !entry->old_handles.empty() && random.Chance(1, 3);
  const ReceiptHandle handle = old ? entry->old_handles.back() : entry->handle;
  text_ += fmt::format("Delete {}{}", entry->body, old ? " by an old handle" : "");
  const auto got =
      world.cloud.sqs().DeleteMessage({.queue_url = Url(entry->queue), .receipt_handle = handle});
  // An old handle may be one of the queue that the message was in before.
  Promise(got.ok() || (old && entry->queue == kDead), "deleting is no error", entry);
  if (!old) {
    // One that has moved since is not this handle's any more.
    if (entry->may_have_moved()) {
      entry->perhaps_deleted = true;
    } else {
      entry->deleted = true;
    }
  } else if (old_handles_may_delete_ && got.ok()) {
    entry->perhaps_deleted = true;
  }
}

void Promises::ChangeVisibility(ChosenWorld& world, RandomStream& random) {
  Entry* entry = DrawEntry(world, random);
  if (entry == nullptr) return;
  const absl::Time now = world.cloud.Now();
  const absl::Duration timeout = absl::Seconds(OneOf(random, {0, 1, 5, 30, 100}));
  text_ += fmt::format("Hide {} for {}", entry->body, absl::FormatDuration(timeout));
  const auto got = world.cloud.sqs().ChangeMessageVisibility({.queue_url = Url(entry->queue),
                                                              .receipt_handle = entry->handle,
                                                              .visibility_timeout = timeout});
  const bool is_in_flight = now < entry->hidden_until && now < entry->expiry() && !entry->deleted;
  Promise(got.ok() || !is_in_flight || twice_ || entry->perhaps_deleted,
          "the visibility of a message in flight can be changed", entry);
  Promise(!got.ok() || is_in_flight, "that of another cannot", entry);
  if (got.ok()) entry->hidden_until = now + timeout;
}

// ---- Counts, and the end

void Promises::CheckCounts(ChosenWorld& world) {
  const absl::Time now = world.cloud.Now();
  QueueCounts sure;
  int64_t perhaps = 0;
  for (const auto& [id, entry] : world.entries) {
    if (entry.deleted || now >= entry.expiry()) continue;
    if (entry.perhaps_deleted) {
      ++perhaps;
    } else if (now >= entry.hidden_until) {
      ++sure.visible;
    } else if (entry.receives > 0) {
      ++sure.in_flight;
    } else {
      ++sure.delayed;
    }
  }
  QueueCounts all;
  for (const std::string& url : urls_) {
    const auto got =
        world.cloud.sqs().GetQueueAttributes({.queue_url = url, .attribute_names = {"All"}});
    Promise(got.ok(), "the attributes can be had");
    if (!got.ok()) return;
    all.visible += got->attributes.approximate_number_of_messages.value_or(0);
    all.in_flight += got->attributes.approximate_number_of_messages_not_visible.value_or(0);
    all.delayed += got->attributes.approximate_number_of_messages_delayed.value_or(0);
  }
  Promise(all.delayed == sure.delayed, "delayed messages are counted");
  const int64_t total = sure.visible + sure.in_flight;
  Promise(all.visible + all.in_flight >= total, "a message is not lost");
  Promise(all.visible + all.in_flight <= total + perhaps, "a message is not counted twice");
  // One that was delivered twice is visible though it was received just now.
  if (!twice_ && perhaps == 0) Promise(all == sure, "visible ones and ones in flight are counted");
}

// Whatever has not expired and was not deleted can still be had.
void Promises::Drain(ChosenWorld& world) {
  RandomStream random(1, "drain");
  const auto is_owed = [&](const Entry& entry) {
    return !entry.drained && !entry.deleted && !entry.perhaps_deleted &&
           world.cloud.Now() < entry.expiry();
  };
  for (int round = 0; failure_.empty() && round < 1000; ++round) {
    const bool owed = std::any_of(world.entries.begin(), world.entries.end(),
                                  [&](const auto& each) { return is_owed(each.second); });
    if (!owed) return;
    Promise(world.cloud.Advance(absl::Seconds(20)).ok(), "the clock moves");
    for (int queue = 0; queue < kQueueCount; ++queue) {
      const auto got = world.cloud.sqs().ReceiveMessage({.queue_url = Url(queue),
                                                         .message_system_attribute_names = {"All"},
                                                         .max_number_of_messages = 10,
                                                         .visibility_timeout = absl::Seconds(60)});
      Promise(got.ok(), "a receive is no error");
      if (!got.ok()) return;
      for (const Message& message : got->messages) {
        CheckReceived(world, queue, absl::Seconds(60), message);
        if (failure_.empty()) world.entries.at(message.message_id).drained = true;
      }
    }
  }
  Promise(false, "every message that was not deleted can be received");
}

// ---- A run

void Promises::Step(ChosenWorld& world, RandomStream& random, int number) {
  const uint64_t kind = random.Below(100);
  if (kind < 25) return Send(world, random, number);
  if (kind < 60) return Receive(world, random);
  if (kind < 75) return Delete(world, random);
  if (kind < 85) return ChangeVisibility(world, random);
  if (kind < 98) {
    const absl::Duration time = OneOf(
        random, {absl::Nanoseconds(1), absl::Seconds(1), absl::Seconds(5), absl::Seconds(30)});
    text_ += "Advance " + absl::FormatDuration(time);
    Promise(world.cloud.Advance(time).ok(), "the clock moves");
    return;
  }
  text_ += "Fork";
  auto fork = world.cloud.Fork();
  Promise(fork.ok() && fork->Digest() == world.cloud.Digest(), "a fork is equal to its world");
  if (!fork.ok() || worlds_.size() == 3) return;
  worlds_.push_back({.cloud = std::move(*fork), .entries = world.entries});
}

size_t Promises::Do(const std::vector<uint64_t>& steps) {
  for (size_t i = 0; i < steps.size(); ++i) {
    RandomStream random(steps[i], "step");
    ChosenWorld& world = worlds_[random.Below(worlds_.size())];
    text_ += fmt::format("{:>5} ", i + 1);
    // A message is named by what it is sent with, so that it keeps its name in a shorter run.
    Step(world, random, static_cast<int>(steps[i] % 100'000));
    text_ += "\n";
    // Not always: looking must not be what makes it right.
    if (failure_.empty() && random.Chance(1, 2)) CheckCounts(world);
    if (!failure_.empty()) return i + 1;
  }
  for (ChosenWorld& world : worlds_) {
    CheckCounts(world);
    Drain(world);
  }
  return failure_.empty() ? 0 : steps.size();
}

struct Seen {
  int received = 0;
  int received_in_flight = 0;
};

void CheckPromises(uint64_t seed, bool twice, bool old_handles_may_delete, Seen& seen) {
  RandomStream random(seed, "steps");
  std::vector<uint64_t> steps;
  for (int i = 0; i < 500; ++i) steps.push_back(random.Next());
  Promises promises(seed, twice, old_handles_may_delete);
  const bool kept = promises.Do(steps) == 0;
  seen.received += promises.received();
  seen.received_in_flight += promises.received_in_flight();
  if (kept) return;
  steps = Shortened(std::move(steps), [&](const std::vector<uint64_t>& some) {
    return Promises(seed, twice, old_handles_may_delete).Do(some);
  });
  Promises shortest(seed, twice, old_handles_may_delete);
  shortest.Do(steps);
  FAIL("seed " << seed << "\n" << shortest.text() << shortest.failure());
}

TEST_CASE("A standard queue keeps its promises in any order of its messages",
          "[sqs][model][choices]") {
  Seen seen;
  for (uint64_t seed = 1; seed <= 6; ++seed) CheckPromises(seed, false, false, seen);
  CHECK(seen.received > 1000);
  CHECK(seen.received_in_flight == 0);
}

TEST_CASE("A standard queue keeps its promises where old receipt handles delete",
          "[sqs][model][choices]") {
  Seen seen;
  for (uint64_t seed = 1; seed <= 6; ++seed) CheckPromises(seed, false, true, seen);
  CHECK(seen.received > 1000);
}

TEST_CASE("A standard queue keeps its promises where it delivers twice", "[sqs][model][choices]") {
  Seen seen;
  for (uint64_t seed = 1; seed <= 6; ++seed) CheckPromises(seed, true, true, seen);
  CHECK(seen.received > 1000);
  CHECK(seen.received_in_flight > 50);
}

}  // namespace
}  // namespace skybox::sqs
