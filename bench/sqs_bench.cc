// SQS through its typed API and the front door, beside the message paths of the physical limits:
// the same load, one operation sends and receives a message and deletes a random one of those in
// flight, of which there are always as many, as there are in the queue.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "skybox/choices.h"
#include "skybox/cloud.h"
#include "skybox/sqs.h"

namespace {

constexpr size_t kBodySize = 1024;

int64_t HeapBytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<int64_t>(info.uordblks + info.hblkhd);
}

template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) std::abort();
  return *std::move(result);
}

skybox::CloudOptions RoomForMany() {
  return {.quotas = {{"sqs.in_flight_standard", 100'000'000}, {"sqs.in_flight_fifo", 100'000'000}}};
}

// Keeps the requests and changes what differs, as a program does that sends a lot.
class Path {
 public:
  Path(bool fifo, size_t in_flight) : fifo_(fifo), cloud_(RoomForMany()), sqs_(cloud_.sqs()) {
    skybox::sqs::CreateQueueRequest create = {.queue_name = fifo ? "orders.fifo" : "orders"};
    create.attributes.visibility_timeout = absl::Seconds(43'200);
    if (fifo) create.attributes.fifo_queue = true;
    send_.queue_url = Must(sqs_.CreateQueue(create)).queue_url;
    receive_.queue_url = send_.queue_url;
    delete_.queue_url = send_.queue_url;
    for (size_t i = 0; fifo && i < 4 * in_flight; ++i) {
      groups_.emplace_back("group-" + std::to_string(1'000'000 + i));
    }
  }

  void Send() {
    send_.message_body = skybox::Text(text_);
    if (fifo_) {
      send_.message_group_id = groups_[random_.Below(groups_.size())];
      send_.message_deduplication_id = skybox::Text(std::to_string(++sent_));
    }
    if (!sqs_.SendMessage(send_).ok()) std::abort();
  }

  skybox::sqs::ReceiptHandle Receive() {
    auto received = sqs_.ReceiveMessage(receive_);
    if (!received.ok() || received->messages.empty()) std::abort();
    return std::move(received->messages[0].receipt_handle);
  }

  void Delete(skybox::sqs::ReceiptHandle handle) {
    delete_.receipt_handle = std::move(handle);
    if (!sqs_.DeleteMessage(delete_).ok()) std::abort();
  }

  void Advance(absl::Duration duration) {
    if (!cloud_.Advance(duration).ok()) std::abort();
  }
  uint64_t Random(uint64_t below) { return random_.Below(below); }

 private:
  bool fifo_;
  skybox::Cloud cloud_;
  skybox::sqs::Client sqs_;
  std::string text_ = std::string(kBodySize, 'x');
  std::vector<skybox::Text> groups_;
  uint64_t sent_ = 0;
  skybox::sqs::SendMessageRequest send_;
  skybox::sqs::ReceiveMessageRequest receive_;
  skybox::sqs::DeleteMessageRequest delete_;
  skybox::RandomStream random_{1, "bench"};
};

void SendReceiveDelete(benchmark::State& state, bool fifo) {
  const auto in_flight = static_cast<size_t>(state.range(0));
  Path path(fifo, in_flight);
  std::vector<skybox::sqs::ReceiptHandle> receipts(in_flight);
  const int64_t heap_before = HeapBytes();
  for (size_t i = 0; i < in_flight; ++i) path.Send();
  for (size_t i = 0; i < in_flight; ++i) {
    path.Send();
    receipts[i] = path.Receive();
  }
  const int64_t heap_after = HeapBytes();
  // FIFO: an hour of deduplication ids is what the interval keeps; the clock moves so that old ones
  // go.
  const absl::Duration pace = absl::Seconds(1) / static_cast<int64_t>(in_flight);
  const auto step = [&] {
    path.Advance(pace);
    path.Send();
    skybox::sqs::ReceiptHandle received = path.Receive();
    std::swap(receipts[path.Random(in_flight)], received);
    path.Delete(std::move(received));
  };
  for (size_t i = 0; i < in_flight; ++i) step();
  for (auto _ : state) step();
  state.counters["bytes"] =
      static_cast<double>(heap_after - heap_before) / (2 * static_cast<double>(in_flight));
  state.counters["bytes_beyond_body"] = state.counters["bytes"] - static_cast<double>(kBodySize);
}

// As a program writes it that makes each request anew.
void WholeRequests(benchmark::State& state) {
  skybox::Cloud cloud;
  skybox::sqs::Client sqs = cloud.sqs();
  const std::string url = Must(sqs.CreateQueue({.queue_name = "orders"})).queue_url;
  const std::string body(kBodySize, 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(sqs.SendMessage({.queue_url = url, .message_body = body}));
    auto received = sqs.ReceiveMessage({.queue_url = url});
    benchmark::DoNotOptimize(sqs.DeleteMessage(
        {.queue_url = url, .receipt_handle = received->messages[0].receipt_handle}));
  }
}

void MakeAndDestroyCloud(benchmark::State& state) {
  for (auto _ : state) {
    skybox::Cloud cloud;
    benchmark::DoNotOptimize(&cloud);
  }
}

void ForkCloud(benchmark::State& state) {
  skybox::Cloud cloud;
  skybox::sqs::Client sqs = cloud.sqs();
  const std::string url = Must(sqs.CreateQueue({.queue_name = "orders"})).queue_url;
  const skybox::Text body = std::string(kBodySize, 'x');
  for (int64_t i = 0; i < state.range(0); ++i) {
    if (!sqs.SendMessage({.queue_url = url, .message_body = body}).ok()) std::abort();
  }
  for (auto _ : state) {
    auto fork = cloud.Fork();
    if (!fork.ok()) std::abort();
    benchmark::DoNotOptimize(&fork);
  }
}

void WriteAfterFork(benchmark::State& state) {
  skybox::Cloud cloud;
  skybox::sqs::Client sqs = cloud.sqs();
  const std::string url = Must(sqs.CreateQueue({.queue_name = "orders"})).queue_url;
  const skybox::Text body = std::string(kBodySize, 'x');
  for (int64_t i = 0; i < state.range(0); ++i) {
    if (!sqs.SendMessage({.queue_url = url, .message_body = body}).ok()) std::abort();
  }
  for (auto _ : state) {
    auto fork = cloud.Fork();
    if (!fork.ok()) std::abort();
    benchmark::DoNotOptimize(fork->sqs().SendMessage({.queue_url = url, .message_body = body}));
  }
}

void RegisterPath(const char* name, bool fifo) {
  benchmark::RegisterBenchmark(name,
                               [fifo](benchmark::State& state) { SendReceiveDelete(state, fifo); })
      ->Arg(1'000)
      ->Arg(1'000'000)
      ->Iterations(2'000'000);
}

const bool kRegistered = [] {
  RegisterPath("sqs/standard/send-receive-delete", false);
  RegisterPath("sqs/fifo/send-receive-delete", true);
  benchmark::RegisterBenchmark("sqs/standard/whole-requests", WholeRequests);
  benchmark::RegisterBenchmark("cloud/make-and-destroy", MakeAndDestroyCloud);
  benchmark::RegisterBenchmark("cloud/fork", ForkCloud)->Arg(0)->Arg(100'000);
  benchmark::RegisterBenchmark("cloud/fork-and-send", WriteAfterFork)->Arg(100'000);
  return true;
}();

}  // namespace
