#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "skybox/cloud.h"
#include "skybox/sqs.h"
#include "skybox/status.h"

namespace skybox {
namespace {

std::string MakeQueue(Cloud& cloud, const std::string& name) {
  sqs::CreateQueueRequest request = {.queue_name = name};
  if (name.ends_with(".fifo")) {
    request.attributes = {.fifo_queue = true, .content_based_deduplication = true};
  }
  return cloud.sqs().CreateQueue(request)->queue_url;
}

// Some life in two queues, the same in every world that starts equal.
void Live(Cloud& cloud, const std::string& standard, const std::string& fifo, int from) {
  sqs::Client sqs = cloud.sqs();
  for (int i = from; i < from + 40; ++i) {
    const std::string number = std::to_string(i);
    CHECK(sqs.SendMessage({.queue_url = standard, .message_body = number}).ok());
    CHECK(sqs.SendMessage({.queue_url = fifo,
                           .message_body = number,
                           .message_group_id = std::to_string(i % 3)})
              .ok());
    for (const std::string& url : {standard, fifo}) {
      const auto received = sqs.ReceiveMessage({.queue_url = url, .max_number_of_messages = 2});
      REQUIRE(received.ok());
      if (i % 2 == 0 || received->messages.empty()) continue;
      CHECK(sqs.DeleteMessage(
                   {.queue_url = url, .receipt_handle = received->messages[0].receipt_handle})
                .ok());
    }
    CHECK(cloud.Advance(absl::Seconds(7)).ok());
  }
}

TEST_CASE("A fork is equal to its world and goes its own way", "[cloud][Fork]") {
  Cloud cloud({.choices = std::make_shared<Seeded>(5)});
  const std::string standard = MakeQueue(cloud, "orders");
  const std::string fifo = MakeQueue(cloud, "orders.fifo");
  Live(cloud, standard, fifo, 0);
  absl::StatusOr<Cloud> fork = cloud.Fork();
  REQUIRE(fork.ok());
  CHECK(fork->Digest() == cloud.Digest());
  const WorldDigest before = cloud.Digest();
  Live(*fork, standard, fifo, 100);
  CHECK(cloud.Digest() == before);
  Live(cloud, standard, fifo, 100);
  CHECK(cloud.Digest() == fork->Digest());
}

TEST_CASE("A restored world gives the same answers to the same calls", "[cloud][Save][Restore]") {
  Cloud cloud({.choices = std::make_shared<Seeded>(6)});
  const std::string standard = MakeQueue(cloud, "orders");
  const std::string fifo = MakeQueue(cloud, "orders.fifo");
  Live(cloud, standard, fifo, 0);
  const absl::StatusOr<std::string> bytes = cloud.Save();
  REQUIRE(bytes.ok());
  absl::StatusOr<Cloud> restored = Cloud::Restore(*bytes);
  INFO(restored.status().ToString());
  REQUIRE(restored.ok());
  CHECK(restored->Digest() == cloud.Digest());
  Live(cloud, standard, fifo, 100);
  Live(*restored, standard, fifo, 100);
  CHECK(restored->Digest() == cloud.Digest());
}

TEST_CASE("A truncated or corrupted world is refused", "[cloud][Restore]") {
  Cloud cloud;
  const std::string standard = MakeQueue(cloud, "orders");
  CHECK(cloud.sqs().SendMessage({.queue_url = standard, .message_body = "one"}).ok());
  const std::string bytes = *cloud.Save();
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(Cloud::Restore(std::string_view(bytes).substr(0, size)).ok());
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 1 << i % 8);
    CHECK_FALSE(Cloud::Restore(flipped).ok());
  }
}

}  // namespace
}  // namespace skybox
