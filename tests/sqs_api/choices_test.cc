#include "skybox/choices.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

const std::map<std::string, uint32_t> kQuiet = {{"sqs.receive_order", 0},
                                                {"sqs.short_poll", 0},
                                                {"sqs.deliver_twice", 0},
                                                {"sqs.stale_delete", 0}};

// Choices by a seed at one choice point, always free to; all others benign.
CloudOptions Only(std::string_view point, uint64_t seed) {
  std::map<std::string, uint32_t> one_in = kQuiet;
  one_in[std::string(point)] = 1;
  return {.choices = std::make_shared<Seeded>(seed, one_in)};
}

Strings Numbers(int count) {
  Strings numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

TEST_CASE("By choice a standard queue hands messages out in any order", "[sqs][choices]") {
  World w(Only("sqs.receive_order", 1));
  const std::string url = w.Queue();
  w.SendAll(url, Numbers(50));
  Strings received;
  for (int i = 0; i < 5; ++i) {
    for (const std::string& body : w.Bodies(url)) received.push_back(body);
  }
  CHECK(received != Numbers(50));
  // Every message once, whatever the order.
  Strings sorted = received;
  Strings expected = Numbers(50);
  std::sort(sorted.begin(), sorted.end());
  std::sort(expected.begin(), expected.end());
  CHECK(sorted == expected);
}

TEST_CASE("By choice a short poll misses messages, and a later one finds them", "[sqs][choices]") {
  World w(Only("sqs.short_poll", 1));
  const std::string url = w.Queue();
  w.SendAll(url, Numbers(10));
  bool missed = false;
  std::set<std::string> found;
  for (int i = 0; i < 1000 && found.size() < 10; ++i) {
    const Strings bodies = w.Bodies(url);
    missed = missed || (found.size() + bodies.size() < 10);
    found.insert(bodies.begin(), bodies.end());
  }
  CHECK(missed);
  CHECK(found.size() == 10);
}

TEST_CASE("A long poll misses nothing, whatever is chosen", "[sqs][choices]") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    World w(Only("sqs.short_poll", seed));
    const std::string url = w.Queue();
    w.SendAll(url, Numbers(10));
    CHECK(w.ReceiveWith({.queue_url = url,
                         .max_number_of_messages = 10,
                         .wait_time_seconds = absl::Seconds(20)})
              .size() == 10);
  }
}

TEST_CASE("By choice a standard queue delivers a message twice", "[sqs][choices]") {
  World w(Only("sqs.deliver_twice", 1));
  const std::string url = w.Queue();
  w.SendAll(url, Numbers(10));
  size_t received = 0;
  std::set<std::string> bodies;
  std::set<std::string> handles;
  for (int i = 0; i < 20; ++i) {
    for (const Message& message : w.Ten(url)) {
      ++received;
      bodies.insert(message.body.str());
      handles.insert(message.receipt_handle.str());
    }
  }
  CHECK(bodies.size() == 10);
  CHECK(received > 10);
  CHECK(handles.size() == received);
}

TEST_CASE("A message delivered twice can be deleted once and for all by its latest handle",
          "[sqs][choices]") {
  World w(Only("sqs.deliver_twice", 3));
  const std::string url = w.Queue();
  w.SendAll(url, Numbers(10));
  for (int i = 0; i < 1000 && w.Counts(url) != QueueCounts{}; ++i) {
    for (const Message& message : w.Ten(url)) w.Delete(url, message.receipt_handle);
    w.Advance(absl::Seconds(30));
  }
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("By choice an old receipt handle deletes its message", "[sqs][choices]") {
  int deleted = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    World w(Only("sqs.stale_delete", seed));
    const std::string url = w.Queue();
    w.Send(url, "one");
    const ReceiptHandle old = w.One(url).receipt_handle;
    w.Advance(absl::Seconds(30));
    w.One(url);
    w.Delete(url, old);
    if (w.Counts(url) == QueueCounts{}) ++deleted;
  }
  CHECK(deleted > 0);
  CHECK(deleted < 40);
}

// Sends and receives for a while, and tells what was seen.
Strings Run(const CloudOptions& options) {
  World w(options);
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::Seconds(5)});
  Strings seen;
  for (int i = 0; i < 200; ++i) {
    w.Send(url, std::to_string(i));
    for (const Message& message : w.Ten(url)) {
      seen.push_back(message.body.str() + "#" + std::to_string(message.receive_count));
      if (message.receive_count > 1) w.Delete(url, message.receipt_handle);
    }
    w.Advance(absl::Seconds(1));
  }
  seen.push_back(w.cloud.Digest().str());
  return seen;
}

TEST_CASE("The same seed gives the same world, another seed another", "[sqs][choices]") {
  const auto seeded = [](uint64_t seed) {
    return CloudOptions{
        .choices = std::make_shared<Seeded>(
            seed, std::map<std::string, uint32_t>{
                      {"sqs.deliver_twice", 3}, {"sqs.short_poll", 2}, {"sqs.receive_order", 1}})};
  };
  CHECK(Run(seeded(7)) == Run(seeded(7)));
  CHECK(Run(seeded(7)) != Run(seeded(8)));
}

TEST_CASE("A FIFO queue keeps its promises, whatever is chosen", "[sqs][choices][fifo]") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    World w({.choices = std::make_shared<Seeded>(
                 seed, std::map<std::string, uint32_t>{{"sqs.deliver_twice", 1},
                                                       {"sqs.short_poll", 1},
                                                       {"sqs.stale_delete", 1},
                                                       {"sqs.receive_order", 1}})});
    const std::string url = w.Fifo();
    for (int i = 0; i < 20; ++i) w.SendTo(url, i % 2 == 0 ? "a" : "b", std::to_string(i));
    std::map<std::string, Strings> by_group;
    for (int i = 0; i < 200; ++i) {
      for (const Message& message : w.Ten(url)) {
        by_group[message.attributes.message_group_id->str()].push_back(message.body.str());
        w.Delete(url, message.receipt_handle);
      }
    }
    Strings a;
    Strings b;
    for (int i = 0; i < 20; ++i) (i % 2 == 0 ? a : b).push_back(std::to_string(i));
    CHECK(by_group["a"] == a);
    CHECK(by_group["b"] == b);
  }
}

TEST_CASE("A visibility timeout holds, whatever is chosen but a second delivery",
          "[sqs][choices]") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    World w(Only("sqs.receive_order", seed));
    const std::string url = w.Queue();
    w.SendAll(url, Numbers(5));
    CHECK(w.Ten(url).size() == 5);
    w.Advance(absl::Seconds(30) - kInstant);
    CHECK(w.Bodies(url).empty());
    w.Advance(kInstant);
    CHECK(w.Ten(url).size() == 5);
  }
}

}  // namespace
}  // namespace skybox::sqs
