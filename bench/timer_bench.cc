// The timer queue under the loads of limits' section 1, step by step the same, so that the two can
// be compared in one run on one machine. One iteration is one operation.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/timer_queue.h"

namespace skybox::kernel {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kForever = INT64_MAX;

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  int64_t Below(uint64_t bound) {
    state_ += 0x9E3779B97F4A7C15;
    uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    mixed ^= mixed >> 31;
    __extension__ using Wide = unsigned __int128;
    return static_cast<int64_t>(static_cast<Wide>(mixed) * bound >> 64);
  }

 private:
  uint64_t state_ = 0;
};

int64_t UniformDelay(SplitMix64& random) { return 1 + random.Below(60 * kSecond); }

int64_t MostlyEqualDelay(SplitMix64& random) {
  if (random.Below(20) != 0) return 30 * kSecond;
  return UniformDelay(random);
}

double HeapBytes() {
  const struct mallinfo2 heap = mallinfo2();
  return static_cast<double>(heap.uordblks + heap.hblkhd);
}

// Fires the first of a fixed number of timers and sets another.
template <int64_t (*kDelay)(SplitMix64&)>
void Hold(benchmark::State& state) {
  const int64_t pending = state.range(0);
  const double heap_before = HeapBytes();
  TimerQueue queue;
  SplitMix64 random(1);
  for (int64_t i = 0; i < pending; ++i) {
    queue.Schedule(0, UniformDelay(random), {.argument = static_cast<uint64_t>(i)});
  }
  TimerQueue::Due due;
  const auto step = [&] {
    queue.PopDue(kForever, due);
    queue.Schedule(due.at, due.at + kDelay(random), due.timer);
  };
  for (int64_t i = 0; i < pending; ++i) step();
  for (auto _ : state) step();
  const uint64_t last = due.timer.argument;
  benchmark::DoNotOptimize(last);
  state.counters["bytes"] = (HeapBytes() - heap_before) / static_cast<double>(pending);
}

// Cancels one of a fixed number of timeouts of 30 s, or one time in a hundred forgets it, sets its
// successor, and fires what is due. A timeout lives for 3 s on average.
void Cancel(benchmark::State& state) {
  struct Timeout {
    TimerId id = {};
    uint32_t serial = 0;
  };
  const int64_t pending = state.range(0);
  const int64_t pace = 3 * kSecond / pending;
  const double heap_before = HeapBytes();
  TimerQueue queue;
  SplitMix64 random(1);
  std::vector<Timeout> timeouts(static_cast<size_t>(pending));
  int64_t now = 0;
  uint32_t serial = 0;
  const auto set = [&](uint64_t i) {
    ++serial;
    timeouts[i] = {queue.Schedule(now, now + 30 * kSecond, {.kind = serial, .argument = i}),
                   serial};
  };
  const auto step = [&] {
    now += pace;
    const auto i = static_cast<uint64_t>(random.Below(static_cast<uint64_t>(pending)));
    if (random.Below(100) != 0) queue.Cancel(timeouts[i].id);
    set(i);
    TimerQueue::Due due;
    while (queue.PopDue(now, due)) {
      if (timeouts[due.timer.argument].serial == due.timer.kind) set(due.timer.argument);
    }
  };
  for (int64_t i = 0; i < pending; ++i) set(static_cast<uint64_t>(i));
  for (int64_t i = 0; i < 11 * pending; ++i) step();
  for (auto _ : state) step();
  const double timeout_bytes = static_cast<double>(timeouts.size() * sizeof(Timeout));
  state.counters["bytes"] =
      (HeapBytes() - heap_before - timeout_bytes) / static_cast<double>(pending);
}

// With one timer in it: without any, nothing is allocated.
void MakeAndDestroy(benchmark::State& state) {
  int64_t at = 0;
  for (auto _ : state) {
    TimerQueue queue;
    queue.Schedule(0, ++at, {});
    const size_t size = queue.size();
    benchmark::DoNotOptimize(size);
  }
}

void Copy(benchmark::State& state) {
  TimerQueue queue;
  SplitMix64 random(1);
  for (int64_t i = 0; i < state.range(0); ++i) queue.Schedule(0, MostlyEqualDelay(random), {});
  for (auto _ : state) {
    const TimerQueue copy = queue;
    const size_t size = copy.size();
    benchmark::DoNotOptimize(size);
  }
}

const int kRegistered = [] {
  const auto sizes = [](const char* name, void (*run)(benchmark::State&)) {
    for (const int64_t size : {1'000, 100'000, 1'000'000}) {
      // As many as limits does: the load goes through phases.
      benchmark::RegisterBenchmark(name, run)->Arg(size)->Iterations(2'000'000);
    }
  };
  sizes("timers/hold/uniform", Hold<UniformDelay>);
  sizes("timers/hold/mostly-equal", Hold<MostlyEqualDelay>);
  sizes("timers/cancel", Cancel);
  benchmark::RegisterBenchmark("timers/make-and-destroy", MakeAndDestroy);
  benchmark::RegisterBenchmark("timers/copy", Copy)->Arg(0)->Arg(1'000)->Arg(100'000);
  return 0;
}();

}  // namespace
}  // namespace skybox::kernel
