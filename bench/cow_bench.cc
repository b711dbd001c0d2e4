// The copy-on-write containers: what they cost where nobody forks, and what a fork costs.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernel/cow_index.h"
#include "kernel/cow_table.h"
#include "kernel/timed_list.h"

namespace skybox::kernel {
namespace {

constexpr uint32_t kRows = 100'000;

// SplitMix64.
class Rng {
 public:
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>((Next() >> 32) * bound >> 32); }

 private:
  uint64_t state_ = 1;
};

struct Row {
  uint64_t body = 0;
  uint64_t id = 0;
  uint64_t sent = 0;
  uint64_t visible = 0;
  RowLinks links = {};
  TimedPlace place = {};
  uint32_t receive_count = 0;
  uint32_t generation = 0;
};

using Table = CowTable<Row>;

Table MakeTable(uint32_t rows) {
  Table table;
  for (uint32_t i = 0; i < rows; ++i) table.Append({.body = i});
  return table;
}

// One operation writes to a random row. Several sizes: in the cache of the first and second level,
// and beyond.
void WriteVector(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  std::vector<Row> rows(size);
  Rng rng;
  for (auto _ : state) ++rows[rng.Below(size)].receive_count;
  benchmark::DoNotOptimize(rows.data());
}
BENCHMARK(WriteVector)->Name("cow/write/vector")->Arg(256)->Arg(kRows)->Arg(1'000'000);

void WriteTable(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  Table table = MakeTable(size);
  Rng rng;
  for (auto _ : state) ++table.Write(rng.Below(size)).receive_count;
}
BENCHMARK(WriteTable)->Name("cow/write/table")->Arg(256)->Arg(kRows)->Arg(1'000'000);

void ReadVector(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  const std::vector<Row> rows(size);
  Rng rng;
  uint64_t sum = 0;
  for (auto _ : state) sum += rows[rng.Below(size)].body;
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(ReadVector)->Name("cow/read/vector")->Arg(256)->Arg(kRows);

void ReadTable(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  const Table table = MakeTable(size);
  Rng rng;
  uint64_t sum = 0;
  for (auto _ : state) sum += table[rng.Below(size)].body;
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(ReadTable)->Name("cow/read/table")->Arg(256)->Arg(kRows);

// One operation copies the table and frees the copy.
void Fork(benchmark::State& state) {
  const Table table = MakeTable(static_cast<uint32_t>(state.range(0)));
  for (auto _ : state) {
    Table fork = table;
    benchmark::DoNotOptimize(&fork);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(Fork)->Name("cow/fork")->Arg(kRows);

// One operation copies the table, writes to random rows of the copy, and frees it.
void ForkAndWrite(benchmark::State& state) {
  Table table = MakeTable(kRows);
  Rng rng;
  for (auto _ : state) {
    Table fork = table;
    for (int64_t i = 0; i < state.range(0); ++i) ++fork.Write(rng.Below(kRows)).receive_count;
    benchmark::ClobberMemory();
  }
}
BENCHMARK(ForkAndWrite)->Name("cow/first-write-after-fork")->Arg(1)->Arg(1'000)->Arg(kRows);

// One operation writes to every row of a table that was forked before, its fork still alive or
// gone.
void WriteAll(benchmark::State& state, bool alive) {
  Table table = MakeTable(kRows);
  Table fork;
  for (auto _ : state) {
    fork = table;
    if (!alive) fork.Clear();
    for (uint32_t i = 0; i < kRows; ++i) ++table.Write(i).receive_count;
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(WriteAll, alive, true)->Name("cow/write-all/fork-alive");
BENCHMARK_CAPTURE(WriteAll, gone, false)->Name("cow/write-all/fork-gone");

// One operation finds a random one of the rows.
void IndexFind(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  CowIndex index;
  for (uint32_t i = 0; i < size; ++i) index.Insert(i, i);
  Rng rng;
  uint64_t sum = 0;
  for (auto _ : state) {
    const uint32_t wanted = rng.Below(size);
    sum += index.Find(wanted, [wanted](uint32_t row) { return row == wanted; });
  }
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(IndexFind)->Name("cow/index/find")->Arg(1'000)->Arg(kRows)->Arg(1'000'000);

void IndexInsertErase(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  CowIndex index;
  for (uint32_t i = 0; i < size; ++i) index.Insert(i, i);
  uint32_t i = 0;
  for (auto _ : state) {
    index.Erase(i, i);
    index.Insert(i + size, i + size);
    ++i;
  }
}
BENCHMARK(IndexInsertErase)->Name("cow/index/insert-erase")->Arg(1'000)->Arg(kRows);

// The plainest slab there is, to compare with.
class PlainTable {
 public:
  const Row& operator[](uint32_t i) const { return rows_[i]; }
  Row& Write(uint32_t i) { return rows_[i]; }
  uint32_t Take() {
    if (free_ != kNone) return std::exchange(free_, rows_[free_].links.next);
    rows_.emplace_back();
    return static_cast<uint32_t>(rows_.size() - 1);
  }
  void Give(uint32_t i) {
    rows_[i] = Row{};
    rows_[i].links.next = std::exchange(free_, i);
  }

 private:
  std::vector<Row> rows_;
  uint32_t free_ = kNone;
};

// A list that has a time but relies on rows coming in its order.
class PlainList : public RowList<&Row::links> {
 public:
  template <class Rows>
  uint32_t First(const Rows&) const {
    return head();
  }
  template <class Rows>
  void Insert(Rows& rows, uint32_t i) {
    Append(rows, i);
  }
  template <class Rows>
  void Remove(Rows& rows, uint32_t i) {
    Unlink(rows, i);
  }
};

// One operation is what a queue does to send, receive and delete a message: the last a random one
// of those in flight, of which there are always as many as there are waiting.
template <class Rows, class Hidden>
void MessagePath(benchmark::State& state) {
  const auto in_flight = static_cast<uint32_t>(state.range(0));
  Rows rows;
  RowList<&Row::links> ready;
  Hidden hidden;
  std::vector<uint32_t> receipts(in_flight);
  Rng rng;
  uint64_t now = 1;
  const auto send = [&] {
    const uint32_t i = rows.Take();
    Row& row = rows.Write(i);
    row.body = now;
    row.sent = now;
    row.receive_count = 0;
    ready.Append(rows, i);
  };
  const auto receive = [&] {
    const uint32_t due = hidden.First(rows);
    if (due != kNone && rows[due].visible <= now) {
      hidden.Remove(rows, due);
      ready.Append(rows, due);
    }
    const uint32_t i = ready.head();
    ready.Unlink(rows, i);
    Row& row = rows.Write(i);
    row.visible = now + 30'000'000'000;
    ++row.generation;
    ++row.receive_count;
    hidden.Insert(rows, i);
    return i;
  };
  for (uint32_t i = 0; i < in_flight; ++i) send();
  for (uint32_t& receipt : receipts) {
    send();
    receipt = receive();
  }
  const auto step = [&] {
    ++now;
    send();
    const uint32_t i = std::exchange(receipts[rng.Below(in_flight)], receive());
    hidden.Remove(rows, i);
    rows.Give(i);
  };
  for (uint32_t i = 0; i < in_flight; ++i) step();
  for (auto _ : state) step();
}
BENCHMARK_TEMPLATE(MessagePath, PlainTable, PlainList)
    ->Name("cow/message-path/plain")
    ->Arg(1'000)
    ->Arg(1'000'000)
    ->Iterations(1'000'000);
BENCHMARK_TEMPLATE(MessagePath, Table, PlainList)
    ->Name("cow/message-path/table")
    ->Arg(1'000)
    ->Arg(1'000'000)
    ->Iterations(1'000'000);
BENCHMARK_TEMPLATE(MessagePath, Table, TimedList<&Row::place, &Row::visible>)
    ->Name("cow/message-path/table-and-timed-list")
    ->Arg(1'000)
    ->Arg(1'000'000)
    ->Iterations(1'000'000);

// One operation takes the first row out and puts it back at a random later time.
void TimedListRandom(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  Table table = MakeTable(size);
  TimedList<&Row::place, &Row::visible> list;
  Rng rng;
  const auto insert = [&](uint32_t i, uint64_t now) {
    table.Write(i).visible = now + rng.Below(1'000'000);
    list.Insert(table, i);
  };
  for (uint32_t i = 0; i < size; ++i) insert(i, 0);
  for (auto _ : state) {
    const uint32_t i = list.First(table);
    list.Remove(table, i);
    insert(i, table[i].visible);
  }
}
BENCHMARK(TimedListRandom)->Name("cow/timed-list/random")->Arg(1'000)->Arg(kRows);

}  // namespace
}  // namespace skybox::kernel
