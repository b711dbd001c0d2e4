// The way through the front door beside the plain function call behind it: the same request, asked
// of a client, of the service itself, and of a client with somebody at every place of the door.
//
// front_door/client less front_door/direct is what the door costs when nobody stands there:
// validation, the count of the call, its place in the world's history.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/kernel.h"
#include "skybox/ports.h"
#include "skybox/sqs.h"
#include "sqs/service.h"

namespace {

template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) std::abort();
  return *std::move(result);
}

// Looks at everything and says nothing.
struct Observer : skybox::FaultInjector, skybox::Authorizer, skybox::Recorder, skybox::Meter {
  absl::Status Before(const skybox::Call& call) override { return Look(call); }
  absl::Status Authorize(const skybox::Call& call) override { return Look(call); }
  void Record(const skybox::Call& call) override { bytes += call.request.size(); }
  void Use(const skybox::Call&, std::string_view, uint64_t quantity) override { bytes += quantity; }
  absl::Status After(const skybox::Call& call) override { return Look(call); }
  absl::Status Look(const skybox::Call& call) {
    bytes += call.resource.size();
    return absl::OkStatus();
  }

  uint64_t bytes = 0;
};

// As a Cloud puts it together, but with its parts within reach.
struct House {
  House() {
    if (!kernel.Open(options).ok()) std::abort();
    url = Must(client.CreateQueue({.queue_name = "orders"})).queue_url;
    if (!client.SendMessage({.queue_url = url, .message_body = "one"}).ok()) std::abort();
    delete_gone = {
        .queue_url = url,
        .receipt_handle =
            Must(client.ReceiveMessage({.queue_url = url})).messages.at(0).receipt_handle};
    if (!client.DeleteMessage(delete_gone).ok()) std::abort();
    receive_nothing = {.queue_url = url};
  }

  skybox::CloudOptions options = {};
  skybox::kernel::Kernel kernel{options};
  skybox::sqs::Service service{kernel};
  skybox::sqs::Client client = service.MakeClient(0);
  std::string url = {};
  skybox::sqs::DeleteMessageRequest delete_gone = {};  // of a message that is not there any more
  skybox::sqs::ReceiveMessageRequest receive_nothing = {};
};

skybox::sqs::DeleteMessageResponse AskClient(const House& house,
                                             const skybox::sqs::DeleteMessageRequest& request) {
  return Must(house.client.DeleteMessage(request));
}
skybox::sqs::ReceiveMessageResponse AskClient(const House& house,
                                              const skybox::sqs::ReceiveMessageRequest& request) {
  return Must(house.client.ReceiveMessage(request));
}

template <typename Request>
void Direct(benchmark::State& state, Request House::* request) {
  House house;
  const skybox::kernel::CallContext context = {.now = house.kernel.now(),
                                               .session = house.kernel.session(0)};
  for (auto _ : state) {
    benchmark::DoNotOptimize(Must(house.service.Execute(house.*request, context)));
  }
}

template <typename Request>
void Client(benchmark::State& state, Request House::* request) {
  House house;
  for (auto _ : state) benchmark::DoNotOptimize(AskClient(house, house.*request));
}

template <typename Request>
void Observed(benchmark::State& state, Request House::* request) {
  Observer observer;
  House house;
  house.kernel.Connect({.fault_injector = &observer,
                        .authorizer = &observer,
                        .recorder = &observer,
                        .meter = &observer});
  for (auto _ : state) benchmark::DoNotOptimize(AskClient(house, house.*request));
  benchmark::DoNotOptimize(observer.bytes);
}

const bool kRegistered = [] {
  // A cheap call of those on a message's way, and one that has more to write into the history.
  const auto gone = &House::delete_gone;
  const auto nothing = &House::receive_nothing;
  using benchmark::RegisterBenchmark;
  RegisterBenchmark("front_door/direct", [=](benchmark::State& s) { Direct(s, gone); });
  RegisterBenchmark("front_door/client", [=](benchmark::State& s) { Client(s, gone); });
  RegisterBenchmark("front_door/observed", [=](benchmark::State& s) { Observed(s, gone); });
  RegisterBenchmark("front_door/direct/receive-nothing",
                    [=](benchmark::State& s) { Direct(s, nothing); });
  RegisterBenchmark("front_door/client/receive-nothing",
                    [=](benchmark::State& s) { Client(s, nothing); });
  RegisterBenchmark("front_door/observed/receive-nothing",
                    [=](benchmark::State& s) { Observed(s, nothing); });
  return true;
}();

}  // namespace
