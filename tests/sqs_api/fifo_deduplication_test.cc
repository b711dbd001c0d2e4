#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

TEST_CASE("A duplicate within 5 minutes is accepted and not delivered", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  const SendMessageResponse first = w.SendTo(url, "g", "one", "d");
  w.Advance(absl::Seconds(300) - kInstant);
  const SendMessageResponse duplicate = w.SendTo(url, "g", "two", "d");
  CHECK(duplicate.message_id == first.message_id);
  CHECK(duplicate.sequence_number == first.sequence_number);
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("After 5 minutes the same deduplication id is new", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  const SendMessageResponse first = w.SendTo(url, "g", "one", "d");
  w.Advance(absl::Seconds(300));
  const SendMessageResponse second = w.SendTo(url, "g", "two", "d");
  CHECK(second.message_id != first.message_id);
  CHECK(second.sequence_number > first.sequence_number);
  CHECK(w.Bodies(url) == Strings{"one", "two"});
}

TEST_CASE("A duplicate does not prolong the 5 minutes", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one", "d");
  w.Advance(absl::Seconds(299));
  w.SendTo(url, "g", "two", "d");
  w.Advance(absl::Seconds(1));
  w.SendTo(url, "g", "three", "d");
  CHECK(w.Bodies(url) == Strings{"one", "three"});
}

TEST_CASE("A duplicate's MD5 is of its own body", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one", "d");
  CHECK(w.SendTo(url, "g", "This is a test message", "d").md5_of_message_body ==
        "fafb00f5732ab283681e124bf8747ed1");
}

TEST_CASE("Deduplication goes on after the message was received and deleted",
          "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one", "d");
  w.Delete(url, w.One(url).receipt_handle);
  w.SendTo(url, "g", "two", "d");
  CHECK(w.Bodies(url).empty());
  w.Advance(absl::Seconds(300));
  w.SendTo(url, "g", "three", "d");
  CHECK(w.Bodies(url) == Strings{"three"});
}

TEST_CASE("Deduplication holds while the first message is still delayed", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.delay_seconds = absl::Seconds(60)});
  w.SendTo(url, "g", "one", "d");
  w.SendTo(url, "g", "two", "d");
  w.Advance(absl::Seconds(60));
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("Other deduplication ids are other messages", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  for (const char* id : {"d", "D", "dd", "d.", "e"}) w.SendTo(url, "g", "same", id);
  CHECK(w.Ten(url).size() == 5);
}

TEST_CASE("Deduplication is of the whole queue, over all groups", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "a", "one", "d");
  w.SendTo(url, "b", "two", "d");
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("With the scope messageGroup deduplication is of each group", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.deduplication_scope = "messageGroup"});
  w.SendTo(url, "a", "one", "d");
  w.SendTo(url, "b", "two", "d");
  w.SendTo(url, "b", "three", "d");
  CHECK(w.Bodies(url) == Strings{"one", "two"});
}

TEST_CASE("Deduplication is of one queue", "[sqs][deduplication]") {
  World w;
  const std::string a = w.Fifo("a.fifo");
  const std::string b = w.Fifo("b.fifo");
  w.SendTo(a, "g", "one", "d");
  w.SendTo(b, "g", "two", "d");
  CHECK(w.Bodies(b) == Strings{"two"});
}

TEST_CASE("Content-based deduplication goes by the body", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.content_based_deduplication = true});
  const auto send = [&](std::string body, MessageAttributes attributes) {
    return w.Send({.queue_url = url,
                   .message_body = std::move(body),
                   .message_attributes = std::move(attributes),
                   .message_group_id = "g"});
  };
  send("same", {});
  send("same", {{"a", {.data_type = "String", .string_value = "another"}}});
  send("other", {});
  CHECK(w.Bodies(url) == Strings{"same", "other"});
}

TEST_CASE("A content-based deduplication id is the SHA-256 of the body", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.content_based_deduplication = true});
  w.Send({.queue_url = url, .message_body = "abc", .message_group_id = "g"});
  const char* hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(w.One(url).attributes.message_deduplication_id == Text(hash));
  // An id given that equals the hash is a duplicate.
  w.SendTo(url, "h", "other body", hash);
  CHECK(w.Bodies(url).empty());
}

TEST_CASE("A deduplication id that is given stands above the content", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.content_based_deduplication = true});
  w.SendTo(url, "g", "same", "d1");
  w.SendTo(url, "g", "same", "d2");
  w.Send({.queue_url = url, .message_body = "same", .message_group_id = "g"});
  CHECK(w.Ten(url).size() == 3);
}

TEST_CASE("Switching content-based deduplication off asks for ids again", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo("orders.fifo", {.content_based_deduplication = true});
  w.Set(url, {.content_based_deduplication = false});
  CHECK(Code(w.sqs.SendMessage({.queue_url = url, .message_body = "x", .message_group_id = "g"})) ==
        "InvalidParameterValue");
}

TEST_CASE("A refused message leaves no trace for deduplication", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  CHECK(Code(w.sqs.SendMessage({.queue_url = url,
                                .message_body = "a\x01z",
                                .message_deduplication_id = "d",
                                .message_group_id = "g"})) == "InvalidMessageContents");
  w.SendTo(url, "g", "one", "d");
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("A re-created queue has forgotten the deduplication ids", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one", "d");
  REQUIRE(w.sqs.DeleteQueue({.queue_url = url}).ok());
  w.Advance(absl::Seconds(60));
  w.Fifo();
  w.SendTo(url, "g", "two", "d");
  CHECK(w.Bodies(url) == Strings{"two"});
}

TEST_CASE("Ten thousand ids are remembered and forgotten at their time", "[sqs][deduplication]") {
  World w;
  const std::string url = w.Fifo();
  const auto send_all = [&](absl::Duration pace) {
    for (int i = 0; i < 10'000; ++i) {
      w.SendTo(url, std::to_string(i), std::to_string(i));
      w.Advance(pace);
    }
    return w.Counts(url).visible;
  };
  CHECK(send_all(absl::Milliseconds(10)) == 10'000);  // 100 s
  CHECK(send_all(absl::ZeroDuration()) == 10'000);    // all of them duplicates
  w.Advance(absl::Seconds(250));
  // 350 s after the first: those of the first 50 seconds are new.
  CHECK(send_all(absl::ZeroDuration()) == 15'001);
}

}  // namespace
}  // namespace skybox::sqs
