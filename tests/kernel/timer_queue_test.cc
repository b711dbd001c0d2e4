#include "kernel/timer_queue.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skybox::kernel {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;
constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

Timer Numbered(uint64_t argument) { return {.argument = argument}; }

// Arguments of what is due by `limit`, in the order of firing.
std::vector<uint64_t> Fire(TimerQueue& queue, int64_t limit) {
  std::vector<uint64_t> fired;
  TimerQueue::Due due;
  while (queue.PopDue(limit, due)) fired.push_back(due.timer.argument);
  return fired;
}

// SplitMix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Below(uint64_t bound) {
    state_ += 0x9E3779B97F4A7C15;
    uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    return (mixed ^ mixed >> 31) % bound;
  }

  int64_t UpTo(int64_t bound) {
    return static_cast<int64_t>(Below(static_cast<uint64_t>(bound) + 1));
  }

 private:
  uint64_t state_ = 0;
};

TEST_CASE("An empty timer queue has nothing due", "[kernel][timers]") {
  TimerQueue queue;
  TimerQueue::Due due;
  CHECK_FALSE(queue.PopDue(kForever, due));
  CHECK(queue.NextDeadline() == std::nullopt);
  CHECK(queue.size() == 0);
  CHECK(queue.Pending().empty());
}

TEST_CASE("A timer fires once, with what it was set with", "[kernel][timers]") {
  TimerQueue queue;
  const Timer timer = {.component = 3, .kind = 7, .argument = 11};
  const TimerId id = queue.Schedule(kStart, kStart + 5, timer);
  CHECK(queue.IsPending(id));
  CHECK(queue.size() == 1);
  REQUIRE(queue.Find(id) != nullptr);
  CHECK(*queue.Find(id) == timer);

  TimerQueue::Due due;
  REQUIRE(queue.PopDue(kStart + 5, due));
  CHECK(due == TimerQueue::Due{.at = kStart + 5, .sequence = 0, .timer = timer, .id = id});
  CHECK_FALSE(queue.IsPending(id));
  CHECK(queue.Find(id) == nullptr);
  CHECK(queue.size() == 0);
  CHECK_FALSE(queue.PopDue(kForever, due));
}

TEST_CASE("A timer is due at its tick and not before", "[kernel][timers]") {
  TimerQueue queue;
  for (const int64_t delay : {int64_t{1}, kSecond, 3600 * kSecond}) {
    queue.Schedule(kStart, kStart + delay, Numbered(1));
    TimerQueue::Due due = {.sequence = 99};
    CHECK_FALSE(queue.PopDue(kStart + delay - 1, due));
    CHECK(due.sequence == 99);
    CHECK(queue.PopDue(kStart + delay, due));
  }
}

TEST_CASE("A timer can be set for this very tick, also from what fires at it", "[kernel][timers]") {
  TimerQueue queue;
  queue.Schedule(kStart, kStart, Numbered(1));
  queue.Schedule(kStart, kStart, Numbered(2));
  TimerQueue::Due due;
  REQUIRE(queue.PopDue(kStart, due));
  CHECK(due.timer.argument == 1);
  queue.Schedule(kStart, kStart, Numbered(3));
  CHECK(Fire(queue, kStart) == std::vector<uint64_t>{2, 3});
}

TEST_CASE("Timers fire in order of time, whatever the order in which they were set",
          "[kernel][timers]") {
  TimerQueue queue;
  const std::vector<int64_t> delays = {70 * kSecond, 1, 86400 * kSecond, 64, 63, 0, kSecond, 4096};
  std::vector<uint64_t> expected;
  for (const int64_t delay : delays) {
    queue.Schedule(kStart, kStart + delay, Numbered(static_cast<uint64_t>(delay)));
    expected.push_back(static_cast<uint64_t>(delay));
  }
  std::sort(expected.begin(), expected.end());
  CHECK(Fire(queue, kForever) == expected);
}

TEST_CASE("Timers of one tick fire in the order in which they were set, whatever their delays",
          "[kernel][timers]") {
  // Two repeating delays that meet each other, and single ones that meet both, at one tick.
  TimerQueue queue;
  const int64_t meeting = kStart + 100 * kSecond;
  std::vector<uint64_t> expected;
  uint64_t number = 0;
  for (int64_t now = kStart; now <= meeting; now += kSecond / 2) {
    for (const int64_t delay : {30 * kSecond, 60 * kSecond, meeting - now}) {
      queue.Schedule(now, now + delay, Numbered(++number));
      if (now + delay == meeting) expected.push_back(number);
    }
  }
  REQUIRE(expected.size() > 200);
  Fire(queue, meeting - 1);
  CHECK(Fire(queue, meeting) == expected);
}

TEST_CASE("Very many timers of one tick fire in the order in which they were set",
          "[kernel][timers]") {
  TimerQueue queue;
  std::vector<uint64_t> expected;
  for (uint64_t i = 0; i < 1000; ++i) {
    // From different ticks, so that no two delays are equal.
    queue.Schedule(kStart + static_cast<int64_t>(i), kStart + kSecond, Numbered(i));
    expected.push_back(i);
  }
  CHECK(queue.NextDeadline() == kStart + kSecond);
  queue.Schedule(kStart + 5000, kStart + kSecond, Numbered(1000));
  expected.push_back(1000);
  CHECK(Fire(queue, kForever) == expected);
}

TEST_CASE("A cancelled timer does not fire, and can be cancelled once", "[kernel][timers]") {
  TimerQueue queue;
  const TimerId first = queue.Schedule(kStart, kStart + 1, Numbered(1));
  const TimerId second = queue.Schedule(kStart, kStart + 2, Numbered(2));
  CHECK(queue.Cancel(first));
  CHECK_FALSE(queue.Cancel(first));
  CHECK_FALSE(queue.IsPending(first));
  CHECK(queue.size() == 1);
  CHECK(queue.NextDeadline() == kStart + 2);
  CHECK(Fire(queue, kForever) == std::vector<uint64_t>{2});
  CHECK_FALSE(queue.Cancel(second));
}

TEST_CASE("An id of the past or out of thin air cancels nothing", "[kernel][timers]") {
  TimerQueue queue;
  CHECK_FALSE(queue.Cancel({}));
  CHECK_FALSE(queue.Cancel({.slot = 1'000'000, .generation = 1}));
  const TimerId old = queue.Schedule(kStart, kStart + 1, Numbered(1));
  Fire(queue, kForever);
  const TimerId current = queue.Schedule(kStart + 1, kStart + 2, Numbered(2));
  CHECK(current.slot == old.slot);
  CHECK(current.generation != old.generation);
  for (uint32_t generation = 0; generation < 100; ++generation) {
    if (generation != current.generation) {
      CHECK_FALSE(queue.Cancel({.slot = current.slot, .generation = generation}));
    }
  }
  CHECK_FALSE(queue.Cancel({.slot = kForever & 0xFFFFFFFF, .generation = 0xFFFFFFFF}));
  CHECK(queue.Cancel(current));
  for (uint32_t generation = 0; generation < 100; ++generation) {
    CHECK_FALSE(queue.Cancel({.slot = current.slot, .generation = generation}));
  }
}

TEST_CASE("A slot that has had all its generations is used no more", "[kernel][timers]") {
  const TimerQueue::Snapshot snapshot = {.generations = {0xFFFFFFFE}, .free_slots = {0}};
  auto queue = TimerQueue::Restore(snapshot);
  REQUIRE(queue.ok());
  const TimerId last = queue->Schedule(kStart, kStart + 1, Numbered(1));
  CHECK(last == TimerId{.slot = 0, .generation = 0xFFFFFFFF});
  CHECK(queue->Cancel(last));
  CHECK_FALSE(queue->IsPending({}));
  CHECK(queue->Schedule(kStart, kStart + 1, Numbered(2)) == TimerId{.slot = 1, .generation = 1});
  auto again = TimerQueue::Restore(queue->Save());
  REQUIRE(again.ok());
  CHECK(again->Schedule(kStart, kStart + 1, Numbered(3)) == TimerId{.slot = 2, .generation = 1});
}

TEST_CASE("Asking for the next deadline does not stand in the way of earlier timers",
          "[kernel][timers]") {
  TimerQueue queue;
  for (int i = 0; i < 500; ++i) {  // too many to be sorted at once
    queue.Schedule(kStart, kStart + 3600 * kSecond + i, Numbered(1000));
  }
  CHECK(queue.NextDeadline() == kStart + 3600 * kSecond);
  queue.Schedule(kStart, kStart + 9, Numbered(9));
  CHECK(queue.NextDeadline() == kStart + 9);
  queue.Schedule(kStart, kStart + 3, Numbered(3));
  queue.Schedule(kStart, kStart, Numbered(0));
  queue.Schedule(kStart + 1, kStart + 3, Numbered(4));
  CHECK(queue.NextDeadline() == kStart);
  CHECK(Fire(queue, kStart + 3600 * kSecond - 1) == std::vector<uint64_t>{0, 3, 4, 9});
  CHECK(queue.NextDeadline() == kStart + 3600 * kSecond);
  CHECK(queue.size() == 500);
}

TEST_CASE("A limit before the next deadline leaves room for timers in between",
          "[kernel][timers]") {
  TimerQueue queue;
  for (int i = 0; i < 500; ++i) {
    queue.Schedule(kStart, kStart + 3600 * kSecond + i, Numbered(1000));
  }
  int64_t now = kStart;
  for (const int64_t step : {int64_t{1}, kSecond, 60 * kSecond, 1800 * kSecond}) {
    now += step;
    CHECK(Fire(queue, now).empty());
    queue.Schedule(now, now + 2, Numbered(2));
    queue.Schedule(now, now + 1, Numbered(1));
    now += 2;
    CHECK(Fire(queue, now) == std::vector<uint64_t>{1, 2});
  }
}

TEST_CASE("Timers can be set for the first and for the last tick there is", "[kernel][timers]") {
  TimerQueue queue;
  queue.Schedule(0, 0, Numbered(1));
  for (uint64_t i = 0; i < 100; ++i) queue.Schedule(0, kForever, Numbered(100 + i));
  queue.Schedule(0, kForever - 1, Numbered(2));
  CHECK(Fire(queue, 0) == std::vector<uint64_t>{1});
  CHECK(queue.NextDeadline() == kForever - 1);
  CHECK(Fire(queue, kForever - 1) == std::vector<uint64_t>{2});
  queue.Schedule(kForever - 1, kForever, Numbered(200));
  const std::vector<uint64_t> last = Fire(queue, kForever);
  CHECK(last.size() == 101);
  CHECK(std::is_sorted(last.begin(), last.end()));
  queue.Schedule(kForever, kForever, Numbered(3));
  CHECK(queue.NextDeadline() == kForever);
  CHECK(Fire(queue, kForever) == std::vector<uint64_t>{3});
}

TEST_CASE("More repeating delays than there are lanes come and go, and order stays",
          "[kernel][timers]") {
  TimerQueue queue;
  std::multimap<int64_t, uint64_t> expected;  // equal keys keep their order
  uint64_t number = 0;
  int64_t now = kStart;
  for (int64_t phase = 0; phase < 6; ++phase) {
    for (int round = 0; round < 300; ++round) {
      for (int64_t i = 1; i <= 9; ++i) {
        const int64_t at = now + (phase * 5 + i) * kSecond;
        expected.emplace(at, ++number);
        queue.Schedule(now, at, Numbered(number));
      }
      now += kSecond / 4 * (round % 2);
    }
  }
  std::vector<uint64_t> in_order;
  for (const auto& [at, argument] : expected) in_order.push_back(argument);
  CHECK(Fire(queue, kForever) == in_order);
}

TEST_CASE("A copy of a timer queue goes its own way", "[kernel][timers]") {
  TimerQueue queue;
  for (uint64_t i = 0; i < 10; ++i) queue.Schedule(kStart, kStart + 30 * kSecond, Numbered(i));
  const TimerId id = queue.Schedule(kStart, kStart + kSecond, Numbered(10));
  TimerQueue copy = queue;
  CHECK(copy.Pending() == queue.Pending());
  CHECK(copy.Cancel(id));
  CHECK(queue.IsPending(id));
  copy.Schedule(kStart, kStart + 1, Numbered(11));
  CHECK(Fire(queue, kForever) == std::vector<uint64_t>{10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(Fire(copy, kForever) == std::vector<uint64_t>{11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("Pending timers are listed in firing order, and listing them changes nothing",
          "[kernel][timers]") {
  TimerQueue queue;
  const TimerId late = queue.Schedule(kStart, kStart + 9, Numbered(1));
  const TimerId gone = queue.Schedule(kStart, kStart + 5, Numbered(2));
  const TimerId early = queue.Schedule(kStart, kStart + 2, Numbered(3));
  const TimerId tied = queue.Schedule(kStart + 2, kStart + 9, Numbered(4));
  queue.Cancel(gone);
  const std::vector<TimerQueue::Due> expected = {
      {.at = kStart + 2, .sequence = 2, .timer = Numbered(3), .id = early},
      {.at = kStart + 9, .sequence = 0, .timer = Numbered(1), .id = late},
      {.at = kStart + 9, .sequence = 3, .timer = Numbered(4), .id = tied}};
  CHECK(queue.Pending() == expected);
  CHECK(queue.Pending() == expected);
  CHECK(Fire(queue, kForever) == std::vector<uint64_t>{3, 1, 4});
}

TEST_CASE("A restored timer queue carries on as the saved one does", "[kernel][timers]") {
  TimerQueue queue;
  std::vector<TimerId> ids;
  for (uint64_t i = 0; i < 300; ++i) {
    const int64_t delay = i % 3 == 0 ? 30 * kSecond : static_cast<int64_t>(i * i * i) * 1000;
    ids.push_back(queue.Schedule(kStart, kStart + delay, Numbered(i)));
  }
  for (size_t i = 0; i < 300; i += 7) queue.Cancel(ids[i]);
  Fire(queue, kStart + 1'000'000);

  const TimerQueue::Snapshot snapshot = queue.Save();
  auto restored = TimerQueue::Restore(snapshot);
  REQUIRE(restored.ok());
  CHECK(restored->Save() == snapshot);
  CHECK(restored->size() == queue.size());
  CHECK(restored->Pending() == queue.Pending());
  for (const TimerId id : ids) CHECK(restored->IsPending(id) == queue.IsPending(id));

  const int64_t now = kStart + 1'000'000;
  for (TimerQueue* each : {&queue, &*restored}) {
    each->Cancel(ids[100]);
    for (uint64_t i = 0; i < 100; ++i) each->Schedule(now, now + 5 * kSecond, Numbered(1000 + i));
  }
  CHECK(restored->Save() == queue.Save());
  TimerQueue::Due due;
  TimerQueue::Due due_restored;
  while (queue.PopDue(kForever, due)) {
    REQUIRE(restored->PopDue(kForever, due_restored));
    CHECK(due_restored == due);
  }
  CHECK(restored->size() == 0);
}

TEST_CASE("A snapshot that contradicts itself is refused", "[kernel][timers]") {
  const TimerQueue::Snapshot good = {
      .generations = {1, 2, 7, 0},
      .free_slots = {1},
      .pending = {{.at = 5, .sequence = 8, .slot = 0}, {.at = 4, .sequence = 9, .slot = 2}},
      .next_sequence = 10};
  REQUIRE(TimerQueue::Restore(good).ok());

  TimerQueue::Snapshot bad = good;
  std::string what;
  SECTION("a pending slot out of range") { bad.pending[0].slot = 4; }
  SECTION("a pending slot far out of range") { bad.pending[0].slot = 0xFFFFFFFF; }
  SECTION("a slot with two timers") { bad.pending[1].slot = 0; }
  SECTION("a timer in a free slot") { bad.pending.push_back({.at = 6, .sequence = 7, .slot = 1}); }
  SECTION("a timer in a retired slot") { bad.pending[0].slot = 3; }
  SECTION("a timer in a slot of a free one's generation") { bad.generations[0] = 2; }
  SECTION("a timer before the epoch") { bad.pending[0].at = -1; }
  SECTION("a sequence number that is yet to come") { bad.pending[0].sequence = 10; }
  SECTION("one sequence number twice") { bad.pending[0].sequence = 9; }
  SECTION("a free slot out of range") { bad.free_slots[0] = 4; }
  SECTION("a free slot twice") { bad.free_slots.push_back(1); }
  SECTION("a free slot of a pending one's generation") { bad.generations[1] = 3; }
  SECTION("a free slot that is retired") { bad.free_slots.push_back(3); }
  SECTION("a slot that is neither free nor pending") { bad.free_slots.clear(); }
  SECTION("a pending generation without a timer") { bad.pending.pop_back(); }
  SECTION("no slots at all") { bad.generations.clear(); }
  CHECK(TimerQueue::Restore(bad).status().code() == absl::StatusCode::kInvalidArgument);
}

// A timer queue as one would first write it.
struct Model {
  std::map<std::pair<int64_t, uint64_t>, std::pair<Timer, TimerId>> pending = {};
  uint64_t next_sequence = 0;
};

struct World {
  TimerQueue queue = {};
  Model model = {};
  std::vector<std::pair<TimerId, std::pair<int64_t, uint64_t>>> handed_out = {};
  int64_t now = 0;
};

void ScheduleOne(World& world, int64_t at, Random& random) {
  const Timer timer = {.component = static_cast<uint32_t>(random.Below(5)),
                       .kind = static_cast<uint32_t>(random.Below(5)),
                       .argument = random.Below(1000)};
  const TimerId id = world.queue.Schedule(world.now, at, timer);
  const std::pair<int64_t, uint64_t> key = {at, world.model.next_sequence++};
  world.model.pending.emplace(key, std::pair(timer, id));
  world.handed_out.emplace_back(id, key);
}

// Fires up to `most` of what is due by `limit`, the clock following, and compares each.
bool FireSome(World& world, int64_t limit, uint64_t most) {
  for (; most > 0; --most) {
    TimerQueue::Due due;
    auto& pending = world.model.pending;
    const bool is_due = !pending.empty() && pending.begin()->first.first <= limit;
    if (world.queue.PopDue(limit, due) != is_due) return false;
    if (!is_due) {
      world.now = limit;
      return true;
    }
    const auto& [key, what] = *pending.begin();
    if (due != TimerQueue::Due{key.first, key.second, what.first, what.second}) return false;
    world.now = due.at;
    pending.erase(pending.begin());
  }
  return true;
}

bool IsSame(const World& world) {
  const std::vector<TimerQueue::Due> listed = world.queue.Pending();
  if (world.queue.size() != world.model.pending.size()) return false;
  size_t i = 0;
  for (const auto& [key, what] : world.model.pending) {
    if (i == listed.size()) return false;
    if (listed[i++] != TimerQueue::Due{key.first, key.second, what.first, what.second})
      return false;
  }
  return i == listed.size();
}

// Delays of several kinds: those which repeat, those which do not, and those which meet.
int64_t ChooseAt(const World& world, Random& random) {
  const int64_t room = kForever - world.now;
  const auto after = [&](int64_t delay) { return world.now + std::min(delay, room); };
  switch (random.Below(10)) {
    case 0:
      return world.now;
    case 1:
      return after(random.UpTo(200));
    case 2:
      return after(random.UpTo(60 * kSecond));
    case 3:  // a time at which others are due
      return world.model.pending.empty()
                 ? world.now
                 : std::max(world.now, world.model.pending.rbegin()->first.first);
    case 4:  // the next full second, or minute
      return after(kSecond - world.now % kSecond);
    case 5:
      return after(60 * kSecond - world.now % (60 * kSecond));
    case 6:  // any magnitude
      return after(random.UpTo(kForever >> random.Below(63)));
    default:  // those of this while
      return after(static_cast<int64_t>(random.Below(12) +
                                        static_cast<uint64_t>(world.now / (3600 * kSecond) % 7)) *
                   5 * kSecond);
  }
}

// Random steps. `crowd` is how many timers there are, roughly.
void CompareWithModel(uint64_t seed, size_t crowd, int steps) {
  INFO("seed " << seed << ", crowd " << crowd);
  Random random(seed);
  World world;
  world.now = seed % 3 == 0 ? 0 : kStart;
  std::vector<World> forks;
  for (int step = 0; step < steps; ++step) {
    INFO("step " << step);
    const uint64_t action = random.Below(1000);
    const bool is_crowded = world.queue.size() > crowd;
    if (action < (is_crowded ? 200 : 500)) {
      for (uint64_t i = random.Below(6); i > 0; --i) {
        ScheduleOne(world, ChooseAt(world, random), random);
      }
    } else if (action < 700) {
      for (uint64_t i = random.Below(is_crowded ? 20 : 4); i > 0; --i) {
        if (world.handed_out.empty()) break;
        const auto [id, key] = world.handed_out[random.Below(world.handed_out.size())];
        const bool is_pending = world.model.pending.erase(key) != 0;
        REQUIRE(world.queue.IsPending(id) == is_pending);
        REQUIRE(world.queue.Cancel(id) == is_pending);
      }
    } else if (action < 900) {
      const int64_t ahead =
          std::min(random.UpTo(60 * kSecond >> random.Below(36)), kForever - world.now);
      REQUIRE(FireSome(world, world.now + ahead, 1 + random.Below(20)));
    } else if (action < 960) {
      std::optional<int64_t> expected;
      if (!world.model.pending.empty()) expected = world.model.pending.begin()->first.first;
      REQUIRE(world.queue.NextDeadline() == expected);
    } else if (action < 970) {
      const int64_t hours = static_cast<int64_t>(random.Below(3)) * 3600 * kSecond;
      REQUIRE(FireSome(world, world.now + std::min(hours, kForever - world.now), kForever));
    } else if (action < 972) {
      REQUIRE(IsSame(world));
    } else if (action < 974) {
      auto restored = TimerQueue::Restore(world.queue.Save());
      REQUIRE(restored.ok());
      REQUIRE(restored->Save() == world.queue.Save());
      world.queue = *std::move(restored);
    } else if (action < 976) {
      forks.push_back(world);
    } else if (action < 978 && !forks.empty()) {
      std::swap(world, forks[random.Below(forks.size())]);
    } else if (action == 978) {
      // A burst that is cancelled, as when a queue is purged.
      const size_t before = world.handed_out.size();
      for (int i = 0; i < 300; ++i) ScheduleOne(world, ChooseAt(world, random), random);
      for (size_t i = before; i < world.handed_out.size(); ++i) {
        const auto& [id, key] = world.handed_out[i];
        world.model.pending.erase(key);
        REQUIRE(world.queue.Cancel(id));
      }
    }
    if (forks.size() > 4) forks.erase(forks.begin());
  }
  forks.push_back(std::move(world));
  for (World& fork : forks) {
    REQUIRE(IsSame(fork));
    REQUIRE(FireSome(fork, kForever, kForever));
    REQUIRE(fork.queue.size() == 0);
    REQUIRE(fork.queue.NextDeadline() == std::nullopt);
  }
}

TEST_CASE("A timer queue does what a sorted map does", "[kernel][timers][model]") {
  for (uint64_t seed = 1; seed <= 12; ++seed) CompareWithModel(seed, 30, 3000);
  for (uint64_t seed = 13; seed <= 20; ++seed) CompareWithModel(seed, 600, 6000);
  for (uint64_t seed = 21; seed <= 23; ++seed) CompareWithModel(seed, 5000, 8000);
}

}  // namespace
}  // namespace skybox::kernel
