#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "kernel/text_table.h"
#include "kernel/world_file.h"
#include "proto/snapshot.pb.h"
#include "skybox/choices.h"
#include "sqs/queue.h"

namespace skybox::sqs {
namespace {

constexpr Ticks kStart = 1'700'000'000 * kTicksPerSecond;
constexpr Ticks kRetention = 600 * kTicksPerSecond;

// A queue as bytes, with the table of its texts.
struct Saved {
  std::string messages = {};
  std::vector<Text> texts = {};
};

Saved SaveQueue(const Queue& queue) {
  kernel::TextNumbers texts;
  proto::SqsMessages messages;
  queue.Save(messages, texts);
  return {.messages = kernel::Serialize(messages), .texts = texts.texts()};
}

absl::StatusOr<Queue> RestoreQueue(const Saved& saved, bool fifo, Ticks now) {
  proto::SqsMessages messages;
  if (!kernel::Parse(saved.messages, messages)) return absl::DataLossError("malformed");
  return Queue::Restore(messages, kernel::NumberedTexts(saved.texts), fifo, now);
}

// All that can be seen of a queue without changing it.
std::string Describe(Queue& queue) {
  std::string out = fmt::format(
      "visible {} delayed {} in flight {} size {} available {} groups {} last {} first {} next {} "
      "change {} oldest {}\n",
      queue.visible(), queue.delayed(), queue.in_flight(), queue.size(), queue.available(),
      queue.groups_in_flight(), queue.last_position(), queue.FirstByAge(), queue.NextVisible(),
      queue.NextChange(kRetention), queue.OldestArrival().value_or(-1));
  for (const uint32_t i : queue.RowsInOrder()) {
    const MessageRow& row = queue.row(i);
    out += fmt::format(
        "{}: {} {} {} {} {} {} {} m{} r{} p{} sent {} arrived {} visible {} received {} first {} "
        "count {} state {}\n",
        i, row.body.view(), queue.AttributesOf(row).view(), row.deduplication_id.view(),
        row.sender.view(), queue.GroupOf(row).view(), queue.TraceHeaderOf(row).view(),
        queue.DeadLetterSourceOf(row).view(), row.message, row.receive, row.position, row.sent,
        queue.ArrivalOf(row), row.visible_at, row.received_at, row.first_received,
        row.receive_count, static_cast<int>(row.state));
    if (queue.fifo()) out += queue.GroupIsAvailable(i) ? " available\n" : " blocked\n";
  }
  for (const Queue::Deduplication& row : queue.Deduplications()) {
    out += fmt::format("{} {} {} {} {}\n", row.id.view(), row.group.view(), row.sent.message,
                       row.sent.position, row.expires);
  }
  if (queue.fifo()) return out + fmt::format("{}", queue.NextInGroups());
  for (uint32_t place = 0; place < queue.visible(); ++place) {
    out += fmt::format(" {}", queue.VisibleAt(place));
  }
  return out;
}

// Random calls, the same ones to several queues, which have to answer the same.
class Driver {
 public:
  Driver(uint64_t seed, bool fifo) : fifo_(fifo), random_(seed, "queue snapshots") {}

  Ticks now() const { return now_; }

  void Step(const std::vector<Queue*>& queues) {
    if (random_.Chance(1, 4)) now_ += random_.Between(0, 20) * kTicksPerSecond;
    for (Queue* queue : queues) queue->Settle(now_, kRetention);
    const std::vector<uint32_t> rows = queues.front()->RowsInOrder();
    const uint64_t action = random_.Below(100);
    if (action < 40 || rows.empty()) {
      Send(queues);
    } else if (action < 65) {
      Take(queues);
    } else {
      Change(queues, action, rows[random_.Below(rows.size())]);
    }
  }

 private:
  Text Name(std::string_view prefix, uint64_t count) {
    return Text(fmt::format("{}{}", prefix, random_.Below(count)));
  }

  Letter NewLetter() {
    Letter letter = {.body = Name("body", 20), .message = ++last_id_, .sender = "me"};
    letter.sent = letter.arrived = now_;
    if (random_.Chance(1, 3)) letter.attributes = Name("attributes", 3);
    if (fifo_ || random_.Chance(1, 5)) letter.group = Name("group", 4);
    if (fifo_) letter.deduplication_id = Name("id", 50);
    if (random_.Chance(1, 5)) letter.trace_header = Name("trace", 3);
    if (random_.Chance(1, 5)) {  // a dead letter: older than it looks
      letter.dead_letter_source = Name("source", 2);
      letter.sent -= random_.Between(0, 60) * kTicksPerSecond;
      letter.first_received = letter.sent;
      letter.receive_count = 3;
    }
    return letter;
  }

  void Send(const std::vector<Queue*>& queues) {
    const Letter letter = NewLetter();
    const bool by_group = random_.Chance(1, 2);
    const Ticks delay = random_.Chance(1, 3) ? random_.Between(0, 30) * kTicksPerSecond : 0;
    std::vector<uint64_t> answers;
    for (Queue* queue : queues) {
      if (fifo_) {
        const std::optional<Queue::Sent> first =
            queue->FindDuplicate(letter.deduplication_id, letter.group, by_group, now_);
        answers.push_back(first.has_value() ? first->message : 0);
        if (first.has_value()) continue;
      }
      const uint32_t i = queue->Send(Letter(letter), now_, now_ + delay);
      answers.push_back(i);
      const Queue::Sent sent = {.message = letter.message, .position = queue->row(i).position};
      if (fifo_) queue->Remember(letter.deduplication_id, letter.group, sent, now_);
    }
    CheckEqual(answers, queues.size());
  }

  void Take(const std::vector<Queue*>& queues) {
    const uint32_t place = static_cast<uint32_t>(random_.Below(4));
    const Ticks timeout = random_.Between(0, 60) * kTicksPerSecond;
    const uint64_t receives[] = {++last_id_, ++last_id_};
    std::vector<uint64_t> answers;
    for (Queue* queue : queues) {
      const uint32_t i = fifo_ ? queue->NextInGroups() : queue->VisibleAt(place);
      answers.push_back(i);
      if (i == kNone) continue;
      const uint32_t next = fifo_ ? queue->NextInSameGroup(i) : kNone;
      queue->Take(i, receives[0], now_, now_ + timeout);
      if (next != kNone && place == 0) queue->Take(next, receives[1], now_, now_ + timeout);
    }
    CheckEqual(answers, queues.size());
  }

  void Change(const std::vector<Queue*>& queues, uint64_t action, uint32_t i) {
    const Ticks timeout = random_.Between(0, 60) * kTicksPerSecond;
    const bool in_flight = queues.front()->row(i).state == MessageState::kInFlight;
    for (Queue* queue : queues) {
      if (action < 80) {
        if (in_flight) queue->ChangeVisibility(i, now_ + timeout);
      } else if (action < 94) {
        queue->Delete(i);
      } else if (action < 97) {
        Letter letter = queue->Extract(i);
        letter.arrived = now_;
        queue->Send(std::move(letter), now_, now_);
      } else if (action == 97) {
        if (fifo_) queue->ChangeDelay(now_, timeout);
      } else if (action == 98 && timeout == 0) {
        queue->Purge();
      }
    }
  }

  // Answers come queue by queue: as many from each, and the same ones.
  static void CheckEqual(const std::vector<uint64_t>& answers, size_t queues) {
    const size_t each = answers.size() / queues;
    REQUIRE(each * queues == answers.size());
    for (size_t i = each; i < answers.size(); ++i) REQUIRE(answers[i] == answers[i - each]);
  }

  bool fifo_ = false;
  RandomStream random_;
  Ticks now_ = kStart;
  uint64_t last_id_ = 0;
};

TEST_CASE("A restored queue goes on like the one that was saved", "[sqs][snapshot]") {
  const bool fifo = GENERATE(false, true);
  const uint64_t seed = GENERATE(range(uint64_t{0}, uint64_t{40}));
  CAPTURE(fifo, seed);
  Driver driver(seed, fifo);
  Queue original(fifo);
  const uint64_t steps = seed * 10;
  for (uint64_t step = 0; step < steps; ++step) driver.Step({&original});

  const Saved saved = SaveQueue(original);
  absl::StatusOr<Queue> restored = RestoreQueue(saved, fifo, driver.now());
  REQUIRE(restored.status() == absl::OkStatus());
  CHECK(Describe(*restored) == Describe(original));
  CHECK(SaveQueue(*restored).messages == saved.messages);

  for (uint64_t step = 0; step < 300; ++step) {
    driver.Step({&original, &*restored});
    if (step % 10 == 0) REQUIRE(Describe(*restored) == Describe(original));
  }
  CHECK(SaveQueue(*restored).messages == SaveQueue(original).messages);
}

TEST_CASE("What fell due and nobody looked at is saved as it is", "[sqs][snapshot]") {
  const bool fifo = GENERATE(false, true);
  Driver driver(7, fifo);
  Queue original(fifo);
  for (int step = 0; step < 100; ++step) driver.Step({&original});
  const Ticks later = driver.now() + kRetention / 2;
  absl::StatusOr<Queue> restored = RestoreQueue(SaveQueue(original), fifo, later);
  REQUIRE(restored.status() == absl::OkStatus());
  CHECK(Describe(*restored) == Describe(original));
  original.Settle(later, kRetention);
  restored->Settle(later, kRetention);
  CHECK(Describe(*restored) == Describe(original));
}

TEST_CASE("Messages that share a body share it after a restore", "[sqs][snapshot]") {
  Queue queue(false);
  const Text body(std::string(1000, 'x'));
  queue.Send({.body = body, .message = 1, .sent = kStart, .arrived = kStart}, kStart, kStart);
  queue.Send({.body = body, .message = 2, .sent = kStart, .arrived = kStart}, kStart, kStart);
  queue.Send({.body = Text(body.view()), .message = 3, .sent = kStart, .arrived = kStart}, kStart,
             kStart);
  const Saved saved = SaveQueue(queue);
  CHECK(saved.texts.size() == 1);
  CHECK(saved.messages.size() < 200);
  const absl::StatusOr<Queue> restored = RestoreQueue(saved, false, kStart);
  REQUIRE(restored.ok());
  CHECK(restored->row(0).body == body);
  CHECK(restored->row(1).body.SharesWith(restored->row(0).body));
  CHECK(restored->row(2).body.SharesWith(restored->row(0).body));
}

TEST_CASE("Of one id in several groups the first is the duplicate of a whole queue",
          "[sqs][snapshot][deduplication]") {
  Queue queue(true);
  for (uint64_t n = 1; n <= 1000; ++n) {
    const Text group(fmt::format("g{}", n));
    REQUIRE_FALSE(queue.FindDuplicate("same", group, true, kStart).has_value());
    queue.Remember("same", group, {.message = n, .position = n}, kStart + static_cast<Ticks>(n));
  }
  CHECK(queue.FindDuplicate("same", "elsewhere", false, kStart)->message == 1);
  CHECK(queue.FindDuplicate("same", "g500", false, kStart)->message == 1);
  CHECK(queue.FindDuplicate("same", "g500", true, kStart)->message == 500);
  CHECK_FALSE(queue.FindDuplicate("same", "elsewhere", true, kStart).has_value());
  CHECK_FALSE(queue.FindDuplicate("other", "g500", true, kStart).has_value());
  // They are forgotten one after the other.
  const Ticks end = kStart + kDeduplicationInterval;
  CHECK(queue.FindDuplicate("same", "", false, end + 400)->message == 401);
  CHECK_FALSE(queue.FindDuplicate("same", "g400", true, end + 400).has_value());
  CHECK(queue.FindDuplicate("same", "g401", true, end + 400)->message == 401);
  CHECK(queue.FindDuplicate("same", "g402", true, end + 400)->message == 402);
  CHECK(queue.FindDuplicate("same", "g1000", true, end + 999)->message == 1000);
  CHECK_FALSE(queue.FindDuplicate("same", "g1000", false, end + 1000).has_value());
}

// ---- What nobody saved
// ---------------------------------------------------------------------------------

// A queue of bytes that may be wrong: if it is taken, it is one like all others.
void CheckTakenOrRefused(const Saved& saved, bool fifo, Ticks now) {
  absl::StatusOr<Queue> queue = RestoreQueue(saved, fifo, now);
  if (!queue.ok()) {
    CHECK(queue.status().code() == absl::StatusCode::kDataLoss);
    CHECK_FALSE(queue.status().message().empty());
    return;
  }
  absl::StatusOr<Queue> again = RestoreQueue(SaveQueue(*queue), fifo, now);
  REQUIRE(again.status() == absl::OkStatus());
  Driver driver(1, fifo);
  for (int step = 0; step < 30; ++step) driver.Step({&*queue, &*again});
  REQUIRE(Describe(*queue) == Describe(*again));
  for (Queue* each : {&*queue, &*again}) {
    each->Settle(now + kLongestVisibility, 100'000 * kTicksPerSecond);
    while (each->FirstByAge() != kNone) each->Delete(each->FirstByAge());
    REQUIRE(each->size() == 0);
    REQUIRE(each->available() == 0);
    REQUIRE(each->groups_in_flight() == 0);
  }
}

TEST_CASE("Whatever bit of a saved queue is wrong, it is refused or a queue", "[sqs][snapshot]") {
  const bool fifo = GENERATE(false, true);
  Driver driver(3, fifo);
  Queue original(fifo);
  while (original.size() < 7 || original.in_flight() < 2 || original.delayed() < 2) {
    driver.Step({&original});
  }
  const Saved saved = SaveQueue(original);
  REQUIRE(saved.messages.size() > 300);
  for (size_t bit = 0; bit < saved.messages.size() * 8; ++bit) {
    CAPTURE(fifo, bit);
    Saved flipped = saved;
    flipped.messages[bit / 8] = static_cast<char>(flipped.messages[bit / 8] ^ (1 << bit % 8));
    CheckTakenOrRefused(flipped, fifo, driver.now());
  }
  for (size_t size = 0; size < saved.messages.size(); ++size) {
    CAPTURE(fifo, size);
    CheckTakenOrRefused({.messages = saved.messages.substr(0, size), .texts = saved.texts}, fifo,
                        driver.now());
  }
}

TEST_CASE("A state that no queue can have is refused", "[sqs][snapshot]") {
  Driver driver(5, true);
  Queue original(true);
  while (original.size() < 10 || original.in_flight() < 2 || original.delayed() < 2 ||
         original.Deduplications().size() < 3) {
    driver.Step({&original});
  }
  kernel::TextNumbers texts;
  proto::SqsMessages good;
  original.Save(good, texts);
  const kernel::NumberedTexts numbered(texts.texts());
  const Ticks now = driver.now();
  REQUIRE(Queue::Restore(good, numbered, true, now).ok());
  const auto refused = [&](const auto& change) {
    proto::SqsMessages bad = good;
    change(bad);
    return Queue::Restore(bad, numbered, true, now).status().code() == absl::StatusCode::kDataLoss;
  };
  using Bad = proto::SqsMessages;
  const auto last = [](Bad& bad) -> proto::SqsMessage& {
    return *bad.mutable_messages(bad.messages_size() - 1);
  };
  CHECK(refused([](Bad& bad) { bad.add_free_rows(0); }));
  CHECK(refused([](Bad& bad) { bad.add_free_rows(0xFFFFFFFF); }));
  CHECK(refused([](Bad& bad) { bad.mutable_messages()->RemoveLast(); }));
  CHECK(refused([](Bad& bad) { bad.add_messages(); }));
  CHECK(refused([](Bad& bad) { *bad.add_messages() = bad.messages(0); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_row(0xFFFFFFFF); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_row(bad.messages(0).row()); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_message(0); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_position(0); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_position(bad.messages(0).position()); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_position(bad.last_position() + 1); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_body(1000); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_group(1000); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_sent(-1); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_sent(0); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_arrived(now + 1); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_arrived(kNever); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_received_at(now + 1); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_received_at(-1); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_first_received(kNever); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_visible_at(now + kLongestVisibility + 1); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_visible_at(kNever); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_visible_at(-1); }));
  CHECK(refused([&](Bad& bad) { last(bad).set_receive_count(0xFFFFFFFF); }));
  CHECK(refused([](Bad& bad) { bad.add_delayed(bad.delayed(0)); }));
  CHECK(refused([](Bad& bad) { bad.add_delayed(0xFFFFFFFF); }));
  CHECK(refused([](Bad& bad) { bad.add_delayed(bad.in_flight(0)); }));
  CHECK(refused([](Bad& bad) { bad.add_in_flight(bad.in_flight(0)); }));
  CHECK(refused([](Bad& bad) { bad.add_in_flight(bad.delayed(0)); }));
  CHECK(refused([](Bad& bad) { bad.add_in_flight(1'000'000); }));
  CHECK(refused([](Bad& bad) {  // received by nobody
    bad.clear_delayed();
    bad.clear_in_flight();
    for (const proto::SqsMessage& message : bad.messages()) {
      if (message.receive() == 0) bad.add_in_flight(message.row());
    }
  }));
  CHECK(refused([](Bad& bad) { *bad.add_deduplications() = bad.deduplications(0); }));
  CHECK(refused([](Bad& bad) { bad.mutable_deduplications(0)->set_id(0); }));
  CHECK(refused([](Bad& bad) { bad.mutable_deduplications(0)->set_id(1000); }));
  CHECK(refused([](Bad& bad) { bad.mutable_deduplications(0)->set_message(0); }));
  CHECK(refused([](Bad& bad) { bad.mutable_deduplications(0)->set_position(uint64_t{1} << 63); }));
  CHECK(refused([](Bad& bad) { bad.mutable_deduplications(0)->set_expires(kNever); }));
  CHECK(refused([](Bad& bad) { bad.mutable_deduplications(1)->set_expires(0); }));
  CHECK(Queue::Restore(good, numbered, false, now).status().code() == absl::StatusCode::kDataLoss);
  CHECK(Queue::Restore(good, kernel::NumberedTexts(), true, now).status().code() ==
        absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace skybox::sqs
