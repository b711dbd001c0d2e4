#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "skybox/sqs.h"
#include "skybox/task.h"

// Clouds share nothing: any number may live on any threads. (The threads are the test's: Catch2 is
// left alone while they run.)
namespace skybox {
namespace {

Task<> Consume(Cloud& cloud, std::string url) {
  sqs::Client sqs = cloud.sqs();
  const sqs::ReceiveMessageRequest poll = {
      .queue_url = url, .max_number_of_messages = 3, .wait_time_seconds = absl::Seconds(20)};
  for (;;) {
    const auto received = co_await sqs.Await(poll);
    if (!received.ok()) co_return;
    for (const sqs::Message& message : received->messages) {
      co_await cloud.Sleep(absl::Milliseconds(700));
      sqs.DeleteMessage({.queue_url = url, .receipt_handle = message.receipt_handle}).IgnoreError();
    }
  }
}

// A life of everything there is: choices, handlers, tasks, both kinds of queues, a fork, a
// snapshot.
std::string Live(uint64_t seed, std::shared_ptr<const ChoiceSource> choices) {
  Cloud cloud({.choices = std::move(choices),
               .rate_limits = {{"sqs:SendMessage", {.per_second = 20, .burst = 30}}}});
  RandomStream random(seed, "parallel");
  sqs::Client sqs = cloud.sqs();
  const std::string standard = sqs.CreateQueue({.queue_name = "orders"})->queue_url;
  const std::string fifo =
      sqs.CreateQueue({.queue_name = "orders.fifo",
                       .attributes = {.fifo_queue = true, .content_based_deduplication = true}})
          ->queue_url;
  cloud.SetHandler("send", [standard, fifo](Cloud& c, uint64_t number) {
    const Text body = std::to_string(number % 50);
    c.sqs().SendMessage({.queue_url = standard, .message_body = body}).IgnoreError();
    c.sqs()
        .SendMessage({.queue_url = fifo,
                      .message_body = body,
                      .message_group_id = std::to_string(number % 3)})
        .IgnoreError();
    c.CallAfter(absl::Milliseconds(200 + number % 7 * 50), "send", number + 1).IgnoreError();
  });
  cloud.CallAfter(absl::ZeroDuration(), "send", seed).IgnoreError();
  std::vector<TaskHandle<>> consumers;
  for (const std::string& url : {standard, fifo, fifo}) {
    consumers.push_back(cloud.Spawn(Consume(cloud, url)));
  }
  for (int i = 0; i < 40; ++i) {
    cloud.Advance(absl::Milliseconds(random.Between(1, 3000))).IgnoreError();
  }
  for (TaskHandle<>& consumer : consumers) consumer.Cancel();
  absl::StatusOr<Cloud> fork = cloud.Fork();
  if (!fork.ok()) return fork.status().ToString();
  absl::StatusOr<Cloud> restored = Cloud::Restore(*cloud.Save(), cloud.choices().source());
  if (!restored.ok()) return restored.status().ToString();
  cloud.Advance(absl::Minutes(1)).IgnoreError();
  fork->Advance(absl::Minutes(1)).IgnoreError();
  return cloud.Digest().str() + "\n" + fork->Digest().str() + "\n" + restored->Digest().str();
}

TEST_CASE("Many clouds on many threads are what each is alone", "[parallel][Digest]") {
  constexpr uint64_t kWorlds = 12;
  // One source serves them all: it is immutable.
  const auto choices = std::make_shared<const Seeded>(7);
  std::vector<std::string> alone(kWorlds);
  for (uint64_t i = 0; i < kWorlds; ++i) alone[i] = Live(i, choices);
  std::vector<std::string> together(kWorlds);
  {
    std::vector<std::thread> threads;
    for (uint64_t i = 0; i < kWorlds; ++i) {
      threads.emplace_back([&, i] { together[i] = Live(i, choices); });
    }
    for (std::thread& thread : threads) thread.join();
  }
  for (uint64_t i = 0; i < kWorlds; ++i) CHECK(together[i] == alone[i]);
  CHECK(alone[0] != alone[1]);
}

TEST_CASE("A cloud may go from thread to thread", "[parallel][Digest]") {
  const auto live = [](Cloud& cloud) {
    sqs::Client sqs = cloud.sqs();
    const std::string url = sqs.CreateQueue({.queue_name = "orders"})->queue_url;
    sqs.SendMessage({.queue_url = url, .message_body = "one"}).IgnoreError();
    cloud.Advance(absl::Seconds(1)).IgnoreError();
  };
  Cloud at_home({.choices = std::make_shared<Seeded>(7)});
  Cloud travelling({.choices = std::make_shared<Seeded>(7)});
  for (int i = 0; i < 4; ++i) {
    live(at_home);
    std::thread([&] { live(travelling); }).join();
  }
  CHECK(travelling.Digest() == at_home.Digest());
}

TEST_CASE("A fork may live on another thread than its world, though they share their messages",
          "[parallel][Fork]") {
  Cloud cloud({.choices = std::make_shared<Seeded>(7)});
  sqs::Client sqs = cloud.sqs();
  const std::string url = sqs.CreateQueue({.queue_name = "orders"})->queue_url;
  for (int i = 0; i < 3000; ++i) {
    sqs.SendMessage({.queue_url = url, .message_body = std::string(200, 'x')}).IgnoreError();
  }
  const auto drain = [&url](Cloud& each) {
    sqs::Client client = each.sqs();
    for (int i = 0; i < 400; ++i) {
      const auto received = client.ReceiveMessage({.queue_url = url, .max_number_of_messages = 10});
      for (const sqs::Message& message : received->messages) {
        client.DeleteMessage({.queue_url = url, .receipt_handle = message.receipt_handle})
            .IgnoreError();
      }
    }
  };
  std::vector<Cloud> forks;
  for (int i = 0; i < 4; ++i) forks.push_back(*cloud.Fork());
  {
    std::vector<std::thread> threads;
    for (Cloud& fork : forks) threads.emplace_back([&] { drain(fork); });
    drain(cloud);
    for (std::thread& thread : threads) thread.join();
  }
  for (const Cloud& fork : forks) CHECK(fork.Digest() == cloud.Digest());
}

}  // namespace
}  // namespace skybox
