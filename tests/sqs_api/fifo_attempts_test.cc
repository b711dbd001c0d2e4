#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

std::vector<Message> Attempt(World& w, const std::string& url, std::string id,
                             int32_t number = 10) {
  return w.ReceiveWith({.queue_url = url,
                        .max_number_of_messages = number,
                        .receive_request_attempt_id = std::move(id)});
}

std::vector<ReceiptHandle> HandlesOf(const std::vector<Message>& messages) {
  std::vector<ReceiptHandle> handles;
  for (const Message& message : messages) handles.push_back(message.receipt_handle);
  return handles;
}

TEST_CASE("The same attempt id answers the same messages and receipt handles", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  for (const char* body : {"1", "2", "3"}) w.SendTo(url, "g", body);
  const std::vector<Message> first = Attempt(w, url, "attempt", 2);
  CHECK(BodiesOf(first) == Strings{"1", "2"});
  w.Advance(absl::Seconds(10));
  const std::vector<Message> again = Attempt(w, url, "attempt", 2);
  CHECK(BodiesOf(again) == Strings{"1", "2"});
  CHECK(HandlesOf(again) == HandlesOf(first));
}

TEST_CASE("An attempt that is repeated does not count as a receive", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  CHECK(Attempt(w, url, "attempt")[0].receive_count == 1);
  CHECK(Attempt(w, url, "attempt")[0].receive_count == 1);
  w.Advance(absl::Seconds(30));
  CHECK(w.One(url).receive_count == 2);
}

TEST_CASE("An attempt that is repeated starts the visibility timeout again", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  Attempt(w, url, "attempt");
  w.Advance(absl::Seconds(20));
  const ReceiptHandle handle = Attempt(w, url, "attempt")[0].receipt_handle;
  w.Advance(absl::Seconds(30) - kInstant);
  CHECK(w.Bodies(url).empty());
  w.Advance(kInstant);
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("Another attempt id is another receive", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "a", "one");
  w.SendTo(url, "b", "two");
  CHECK(BodiesOf(Attempt(w, url, "first", 1)) == Strings{"one"});
  CHECK(BodiesOf(Attempt(w, url, "second", 1)) == Strings{"two"});
  CHECK(BodiesOf(Attempt(w, url, "first", 1)) == Strings{"one"});
}

TEST_CASE("An attempt is void when one of its messages is deleted", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  w.SendTo(url, "g", "two");
  const std::vector<Message> both = Attempt(w, url, "attempt");
  REQUIRE(both.size() == 2);
  w.Delete(url, both[0].receipt_handle);
  CHECK(Attempt(w, url, "attempt").empty());
}

TEST_CASE("An attempt is void when a message's visibility is changed", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  const std::vector<Message> first = Attempt(w, url, "attempt");
  CHECK(w.Hide(url, first[0].receipt_handle, absl::Seconds(60)) == "OK");
  CHECK(Attempt(w, url, "attempt").empty());
}

TEST_CASE("An attempt whose message is visible again is a fresh receive", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  const std::vector<Message> first = Attempt(w, url, "attempt");
  w.Advance(absl::Seconds(30));
  const std::vector<Message> again = Attempt(w, url, "attempt");
  REQUIRE(again.size() == 1);
  CHECK(again[0].receive_count == 2);
  CHECK(again[0].receipt_handle != first[0].receipt_handle);
}

TEST_CASE("An attempt can be repeated for 5 minutes", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.visibility_timeout = absl::Hours(1)});
  w.SendTo(url, "g", "one");
  Attempt(w, url, "attempt");
  w.Advance(absl::Seconds(300) - kInstant);
  CHECK(Attempt(w, url, "attempt").size() == 1);
  w.Advance(kInstant);
  CHECK(Attempt(w, url, "attempt").empty());
}

TEST_CASE("Without an attempt id nothing is answered twice", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  CHECK(w.Bodies(url) == Strings{"one"});
  CHECK(w.Bodies(url).empty());
}

TEST_CASE("An attempt id has up to 128 letters, digits and punctuation marks", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  const auto receive = [&](std::string id) {
    return Code(
        w.sqs.ReceiveMessage({.queue_url = url, .receive_request_attempt_id = std::move(id)}));
  };
  CHECK(receive(std::string(128, 'i')) == "OK");
  CHECK(receive(std::string(129, 'i')) == "InvalidParameterValue");
  CHECK(receive(R"(aZ09!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)") == "OK");
  CHECK(receive("a b") == "InvalidParameterValue");
}

TEST_CASE("An attempt that found nothing finds what came since", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  CHECK(Attempt(w, url, "attempt").empty());
  w.SendTo(url, "g", "one");
  CHECK(BodiesOf(Attempt(w, url, "attempt")) == Strings{"one"});
}

TEST_CASE("An attempt of before a purge answers nothing", "[sqs][attempts]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  Attempt(w, url, "attempt");
  REQUIRE(w.sqs.PurgeQueue({.queue_url = url}).ok());
  CHECK(Attempt(w, url, "attempt").empty());
}

}  // namespace
}  // namespace skybox::sqs
