#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

using Entries = std::vector<SendMessageBatchRequestEntry>;

Entries Some(int count) {
  Entries entries;
  for (int i = 0; i < count; ++i) {
    entries.push_back(
        {.id = "id-" + std::to_string(i), .message_body = "body " + std::to_string(i)});
  }
  return entries;
}

std::string BatchCode(World& w, const std::string& url, Entries entries) {
  const uint64_t before = w.State();
  const auto sent = w.sqs.SendMessageBatch({.queue_url = url, .entries = std::move(entries)});
  if (!sent.ok()) CHECK(w.State() == before);
  return Code(sent);
}

TEST_CASE("A batch's messages come in the order of its entries", "[sqs][SendMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  const auto sent = w.sqs.SendMessageBatch({.queue_url = url, .entries = Some(10)});
  REQUIRE(Code(sent) == "OK");
  CHECK(sent->failed.empty());
  REQUIRE(sent->successful.size() == 10);
  const std::vector<Message> received = w.Ten(url);
  REQUIRE(received.size() == 10);
  for (size_t i = 0; i < 10; ++i) {
    CHECK(sent->successful[i].id == "id-" + std::to_string(i));
    CHECK(sent->successful[i].message_id == received[i].message_id);
    CHECK(sent->successful[i].md5_of_message_body == received[i].md5_of_body);
    CHECK(received[i].body == "body " + std::to_string(i));
  }
}

TEST_CASE("A batch has 1 to 10 entries", "[sqs][SendMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  CHECK(BatchCode(w, url, Some(0)) == "EmptyBatchRequest");
  CHECK(BatchCode(w, url, Some(1)) == "OK");
  CHECK(BatchCode(w, url, Some(10)) == "OK");
  CHECK(BatchCode(w, url, Some(11)) == "TooManyEntriesInBatchRequest");
  const auto eleven = w.sqs.SendMessageBatch({.queue_url = url, .entries = Some(11)});
  CHECK_THAT(Words(eleven), Catch::Contains("11"));
  CHECK(QueryErrorCode(eleven.status()) == "AWS.SimpleQueueService.TooManyEntriesInBatchRequest");
  const auto none = w.sqs.SendMessageBatch({.queue_url = url});
  CHECK_THAT(Words(none), Catch::Contains("SendMessageBatchRequestEntry"));
  CHECK(QueryErrorCode(none.status()) == "AWS.SimpleQueueService.EmptyBatchRequest");
}

TEST_CASE("The ids of a batch are different", "[sqs][SendMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  Entries entries = Some(3);
  entries[2].id = "id-0";
  CHECK(BatchCode(w, url, entries) == "BatchEntryIdsNotDistinct");
  entries[2].id = "ID-0";
  CHECK(BatchCode(w, url, entries) == "OK");
}

TEST_CASE("An entry's id has 1 to 80 letters, digits, hyphens and underscores",
          "[sqs][SendMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  const auto with = [](const std::string& id) {
    Entries entries = Some(2);
    entries[1].id = id;
    return entries;
  };
  CHECK(BatchCode(w, url, with("aZ09-_")) == "OK");
  CHECK(BatchCode(w, url, with(std::string(80, 'i'))) == "OK");
  CHECK(BatchCode(w, url, with(std::string(81, 'i'))) == "InvalidBatchEntryId");
  for (const char* bad : {"", "a b", "a.b", "\xC3\xA4", "a/b"}) {
    INFO(bad);
    CHECK(BatchCode(w, url, with(bad)) == "InvalidBatchEntryId");
  }
}

TEST_CASE("A batch has up to 262,144 bytes in all", "[sqs][SendMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  Entries entries = Some(10);
  for (SendMessageBatchRequestEntry& entry : entries) entry.message_body = std::string(26'214, 'x');
  entries[9].message_body = std::string(26'214 + 4, 'x');
  CHECK(BatchCode(w, url, entries) == "OK");
  entries[9].message_body = std::string(26'214 + 5, 'x');
  CHECK(BatchCode(w, url, entries) == "BatchRequestTooLong");
  const auto sent = w.sqs.SendMessageBatch({.queue_url = url, .entries = entries});
  CHECK_THAT(Words(sent), Catch::Contains("262145"));
  // Attributes count too.
  entries[9].message_body = std::string(26'214 - 8, 'x');
  entries[9].message_attributes = {{"name", {.data_type = "String", .string_value = "xx"}}};
  CHECK(BatchCode(w, url, entries) == "OK");
  entries[9].message_attributes["name"].string_value = "xxx";
  CHECK(BatchCode(w, url, entries) == "BatchRequestTooLong");
}

TEST_CASE("With the quota raised a batch has up to 1 MiB in all",
          "[sqs][SendMessageBatch][quotas]") {
  World w({.quotas = {{"sqs.maximum_message_size", 1'048'576}}});
  const std::string url = w.Queue();
  Entries entries = Some(2);
  entries[0].message_body = std::string(524'288, 'x');
  entries[1].message_body = std::string(524'288, 'x');
  CHECK(BatchCode(w, url, entries) == "OK");
  entries[1].message_body = std::string(524'289, 'x');
  CHECK(BatchCode(w, url, entries) == "BatchRequestTooLong");
}

TEST_CASE("An entry over the queue's maximum message size fails by itself",
          "[sqs][SendMessageBatch]") {
  World w;
  const std::string url = w.Queue("orders", {.maximum_message_size = 1024});
  Entries entries = Some(3);
  entries[1].message_body = std::string(1025, 'x');
  const auto sent = w.sqs.SendMessageBatch({.queue_url = url, .entries = entries});
  REQUIRE(Code(sent) == "OK");
  CHECK(sent->successful.size() == 2);
  REQUIRE(sent->failed.size() == 1);
  CHECK(sent->failed[0].id == "id-1");
  CHECK(sent->failed[0].code == "InvalidParameterValue");
  CHECK(sent->failed[0].sender_fault);
  CHECK_THAT(sent->failed[0].message, Catch::Contains("1024"));
  CHECK(w.Bodies(url) == Strings{"body 0", "body 2"});
}

TEST_CASE("Each entry of a batch succeeds or fails by itself", "[sqs][SendMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  const Entries entries = {
      {.id = "good", .message_body = "good"},
      {.id = "empty"},
      {.id = "forbidden", .message_body = "a\x01z"},
      {.id = "late", .message_body = "x", .delay_seconds = absl::Seconds(901)},
      {.id = "attribute",
       .message_body = "x",
       .message_attributes = {{"a", {.data_type = "Text"}}}},
      {.id = "fifo", .message_body = "x", .message_deduplication_id = "d"},
      {.id = "good-too", .message_body = "good too"},
  };
  const auto sent = w.sqs.SendMessageBatch({.queue_url = url, .entries = entries});
  REQUIRE(Code(sent) == "OK");
  Strings good;
  for (const SendMessageBatchResultEntry& entry : sent->successful) good.push_back(entry.id);
  Strings bad;
  for (const BatchResultErrorEntry& entry : sent->failed) {
    bad.push_back(entry.id + ": " + entry.code);
    CHECK(entry.sender_fault);
    CHECK_FALSE(entry.message.empty());
  }
  CHECK(good == Strings{"good", "good-too"});
  CHECK(bad == Strings{"empty: MissingParameter", "forbidden: InvalidMessageContents",
                       "late: InvalidParameterValue", "attribute: InvalidParameterValue",
                       "fifo: InvalidParameterValue"});
  CHECK(w.Bodies(url) == Strings{"good", "good too"});
}

TEST_CASE("Entries have their own delays, attributes and trace headers",
          "[sqs][SendMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  const auto sent = w.sqs.SendMessageBatch(
      {.queue_url = url,
       .entries = {{.id = "a", .message_body = "a", .delay_seconds = absl::Seconds(5)},
                   {.id = "b",
                    .message_body = "b",
                    .message_attributes =
                        {{"my_attribute_name_1",
                          {.data_type = "String", .string_value = "my_attribute_value_1"}},
                         {"my_attribute_name_2",
                          {.data_type = "String", .string_value = "my_attribute_value_2"}}},
                    .message_system_attributes = {
                        {"AWSTraceHeader",
                         {.data_type = "String",
                          .string_value = "Root=1-5759e988-bd862e3fe1be46a994272793"}}}}}});
  REQUIRE(Code(sent) == "OK");
  REQUIRE(sent->successful.size() == 2);
  CHECK(sent->successful[0].md5_of_message_attributes.empty());
  CHECK(sent->successful[1].md5_of_message_attributes == "c48838208d2b4e14e3ca0093a8443f09");
  CHECK(sent->successful[1].md5_of_message_system_attributes.str().size() == 32);
  CHECK(w.Bodies(url) == Strings{"b"});
  w.Advance(absl::Seconds(5));
  CHECK(w.Bodies(url) == Strings{"a"});
}

TEST_CASE("A FIFO batch has sequence numbers in the order of its entries",
          "[sqs][SendMessageBatch][fifo]") {
  World w;
  const std::string url = w.Fifo();
  Entries entries = Some(10);
  for (SendMessageBatchRequestEntry& entry : entries) {
    entry.message_group_id = "g";
    entry.message_deduplication_id = entry.id;
  }
  const auto sent = w.sqs.SendMessageBatch({.queue_url = url, .entries = entries});
  REQUIRE(Code(sent) == "OK");
  REQUIRE(sent->successful.size() == 10);
  for (size_t i = 1; i < 10; ++i) {
    CHECK(sent->successful[i - 1].sequence_number < sent->successful[i].sequence_number);
  }
  CHECK(w.Ten(url).size() == 10);
}

TEST_CASE("A FIFO entry without a message group id fails by itself",
          "[sqs][SendMessageBatch][fifo]") {
  World w;
  const std::string url = w.Fifo();
  Entries entries = Some(2);
  entries[0].message_deduplication_id = "d";
  entries[1].message_group_id = "g";
  entries[1].message_deduplication_id = "e";
  const auto sent = w.sqs.SendMessageBatch({.queue_url = url, .entries = entries});
  REQUIRE(Code(sent) == "OK");
  CHECK(sent->successful.size() == 1);
  REQUIRE(sent->failed.size() == 1);
  // Unlike the single call, which says MissingParameter.
  CHECK(sent->failed[0].code == "InvalidParameterValue");
  CHECK_THAT(sent->failed[0].message, Catch::Contains("MessageGroupId"));
}

TEST_CASE("A duplicate within one FIFO batch is accepted and not delivered",
          "[sqs][SendMessageBatch][fifo]") {
  World w;
  const std::string url = w.Fifo();
  Entries entries = Some(2);
  for (SendMessageBatchRequestEntry& entry : entries) {
    entry.message_group_id = "g";
    entry.message_deduplication_id = "same";
  }
  const auto sent = w.sqs.SendMessageBatch({.queue_url = url, .entries = entries});
  REQUIRE(sent->successful.size() == 2);
  CHECK(sent->successful[0].message_id == sent->successful[1].message_id);
  CHECK(w.Bodies(url) == Strings{"body 0"});
}

TEST_CASE("A batch to a queue that is not there is QueueDoesNotExist", "[sqs][SendMessageBatch]") {
  World w;
  const std::string url = w.Queue();
  CHECK(BatchCode(w, url + "2", Some(1)) == "QueueDoesNotExist");
  CHECK(BatchCode(w, "", Some(1)) == "MissingParameter");
}

}  // namespace
}  // namespace skybox::sqs
