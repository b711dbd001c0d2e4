#include <catch2/catch.hpp>
#include <cstdint>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

std::string SendCode(World& w, const std::string& url, std::string body) {
  return Code(w.sqs.SendMessage({.queue_url = url, .message_body = std::move(body)}));
}

TEST_CASE("A message without a delay can be received at once", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  const SendMessageResponse sent = w.Send(url, "one");
  const Message received = w.One(url);
  CHECK(received.body == "one");
  CHECK(received.message_id == sent.message_id);
  CHECK(received.md5_of_body == sent.md5_of_message_body);
}

TEST_CASE("SendMessage answers the MD5 of the body", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  const SendMessageResponse sent = w.Send(url, "This is a test message");
  CHECK(sent.md5_of_message_body == "fafb00f5732ab283681e124bf8747ed1");
  CHECK(sent.md5_of_message_attributes.empty());
  CHECK(sent.md5_of_message_system_attributes.empty());
  CHECK(w.One(url).md5_of_body == "fafb00f5732ab283681e124bf8747ed1");
}

TEST_CASE("Message ids are different version 4 UUIDs", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = w.Send(url, "x").message_id.str();
    CHECK(id.size() == 36);
    CHECK(id[14] == '4');
    CHECK(std::string("89ab").find(id[19]) != std::string::npos);
    ids.insert(id);
  }
  CHECK(ids.size() == 1000);
}

TEST_CASE("A standard queue's messages have no sequence number", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  CHECK_FALSE(w.Send(url, "one").sequence_number.has_value());
  CHECK_FALSE(w.One(url).attributes.sequence_number.has_value());
}

TEST_CASE("A message has a body", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  const auto sent = w.sqs.SendMessage({.queue_url = url});
  CHECK(Code(sent) == "MissingParameter");
  CHECK_THAT(Words(sent), Catch::Contains("MessageBody"));
  CHECK(SendCode(w, url, "x") == "OK");
}

TEST_CASE("A message has up to 262,144 bytes", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  CHECK(SendCode(w, url, std::string(262'144, 'x')) == "OK");
  const uint64_t before = w.State();
  const auto over =
      w.sqs.SendMessage({.queue_url = url, .message_body = std::string(262'145, 'x')});
  CHECK(Code(over) == "InvalidParameterValue");
  CHECK_THAT(Words(over), Catch::Contains("262144"));
  CHECK(w.State() == before);
  CHECK(w.Counts(url) == QueueCounts{.visible = 1});
}

TEST_CASE("A message's attributes count: name, type and value", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  // 1 + 6 + 3 bytes, and 1 + 8 + 2.
  const MessageAttributes attributes = {{"a", {.data_type = "String", .string_value = "xyz"}},
                                        {"b", {.data_type = "Binary.x", .binary_value = "\1\2"}}};
  SendMessageRequest request = {.queue_url = url,
                                .message_body = std::string(262'144 - 21, 'x'),
                                .message_attributes = attributes};
  CHECK(Code(w.sqs.SendMessage(request)) == "OK");
  request.message_body = std::string(262'144 - 20, 'x');
  CHECK(Code(w.sqs.SendMessage(request)) == "InvalidParameterValue");
}

TEST_CASE("System attributes do not count in a message's size", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  CHECK(Code(w.sqs.SendMessage(
            {.queue_url = url,
             .message_body = std::string(262'144, 'x'),
             .message_system_attributes = {
                 {"AWSTraceHeader",
                  {.data_type = "String",
                   .string_value = "Root=1-5759e988-bd862e3fe1be46a994272793"}}}})) == "OK");
}

TEST_CASE("The queue's own maximum message size holds", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue("orders", {.maximum_message_size = 1024});
  CHECK(SendCode(w, url, std::string(1024, 'x')) == "OK");
  CHECK(SendCode(w, url, std::string(1025, 'x')) == "InvalidParameterValue");
  w.Set(url, {.maximum_message_size = 1025});
  CHECK(SendCode(w, url, std::string(1025, 'x')) == "OK");
}

TEST_CASE("With the quota raised a message has up to 1 MiB", "[sqs][SendMessage][quotas]") {
  World w({.quotas = {{"sqs.maximum_message_size", 1'048'576}}});
  const std::string url = w.Queue();
  CHECK(SendCode(w, url, std::string(1'048'576, 'x')) == "OK");
  CHECK(SendCode(w, url, std::string(1'048'577, 'x')) == "InvalidParameterValue");
}

TEST_CASE("A body has the characters that XML 1.0 allows", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  const Strings good = {"\t\n\r ",
                        "\x7F",
                        "\xC2\x80",
                        "\xED\x9F\xBF" /* D7FF */,
                        "\xEE\x80\x80" /* E000 */,
                        "\xEF\xBF\xBD" /* FFFD */,
                        "\xF0\x90\x80\x80" /* 10000 */,
                        "\xF4\x8F\xBF\xBF" /* 10FFFF */};
  for (const std::string& body : good) CHECK(SendCode(w, url, body) == "OK");
  CHECK(w.Bodies(url) == good);

  const uint64_t before = w.State();
  const Strings bad = {std::string("\0", 1),      "a\x01z",      "\x08", "\x0B", "\x0C", "\x1F",
                       "\xEF\xBF\xBE" /* FFFE */, "\xEF\xBF\xBF" /* FFFF */};
  for (const std::string& body : bad) CHECK(SendCode(w, url, body) == "InvalidMessageContents");
  CHECK(w.State() == before);
}

TEST_CASE("The error names the forbidden character", "[sqs][SendMessage]") {
  World w;
  const auto sent = w.sqs.SendMessage({.queue_url = w.Queue(), .message_body = "a\x01z"});
  CHECK_THAT(Words(sent), Catch::Contains("#x1"));
}

TEST_CASE("A body that is not UTF-8 is refused", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  for (const char* body : {"\x80", "\xC3", "a\xC3(", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF8\x88\x80\x80\x80", "\xE2\x82", "\xFF"}) {
    CHECK(SendCode(w, url, body) == "InvalidMessageContents");
  }
}

TEST_CASE("A trace header is kept, returned and hashed", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  const char* header = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
  const SendMessageResponse sent =
      w.Send({.queue_url = url,
              .message_body = "one",
              .message_system_attributes = {
                  {"AWSTraceHeader", {.data_type = "String", .string_value = header}}}});
  CHECK(sent.md5_of_message_system_attributes.str().size() == 32);
  CHECK(sent.md5_of_message_attributes.empty());
  CHECK(w.One(url).attributes.aws_trace_header == Text(header));
}

TEST_CASE("Only AWSTraceHeader can be sent as a system attribute, as a String",
          "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  const auto send = [&](MessageAttributes attributes) {
    return Code(w.sqs.SendMessage({.queue_url = url,
                                   .message_body = "one",
                                   .message_system_attributes = std::move(attributes)}));
  };
  CHECK(send({{"SenderId", {.data_type = "String", .string_value = "me"}}}) ==
        "InvalidParameterValue");
  CHECK(send({{"AWSTraceHeader", {.data_type = "Number", .string_value = "1"}}}) ==
        "InvalidParameterValue");
  CHECK(send({{"AWSTraceHeader", {.data_type = "String", .string_value = ""}}}) ==
        "InvalidParameterValue");
  CHECK(send({{"AWSTraceHeader", {.data_type = "String"}}}) == "InvalidParameterValue");
  CHECK(w.Counts(url) == QueueCounts{});
}

TEST_CASE("A standard queue takes a message group id and returns it", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send({.queue_url = url, .message_body = "one", .message_group_id = "tenant"});
  CHECK(w.One(url).attributes.message_group_id == Text("tenant"));
}

TEST_CASE("A message group id blocks nothing in a standard queue", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  w.Send({.queue_url = url, .message_body = "one", .message_group_id = "tenant"});
  w.Send({.queue_url = url, .message_body = "two", .message_group_id = "tenant"});
  CHECK(w.One(url).body == "one");
  CHECK(w.One(url).body == "two");
}

TEST_CASE("A standard queue takes no deduplication id", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  const auto sent =
      w.sqs.SendMessage({.queue_url = url, .message_body = "one", .message_deduplication_id = "d"});
  CHECK(Code(sent) == "InvalidParameterValue");
  CHECK_THAT(Words(sent), Catch::Contains("MessageDeduplicationId"));
}

TEST_CASE("A FIFO queue's message has a message group id", "[sqs][SendMessage][fifo]") {
  World w;
  const std::string url = w.Fifo();
  const auto sent =
      w.sqs.SendMessage({.queue_url = url, .message_body = "one", .message_deduplication_id = "d"});
  CHECK(Code(sent) == "MissingParameter");
  CHECK_THAT(Words(sent), Catch::Contains("MessageGroupId"));
}

TEST_CASE("A FIFO queue's message has a deduplication id, or the queue makes one",
          "[sqs][SendMessage][fifo]") {
  World w;
  const std::string url = w.Fifo();
  const SendMessageRequest request = {
      .queue_url = url, .message_body = "one", .message_group_id = "g"};
  const auto sent = w.sqs.SendMessage(request);
  CHECK(Code(sent) == "InvalidParameterValue");
  CHECK_THAT(Words(sent), Catch::Contains("ContentBasedDeduplication"));
  w.Set(url, {.content_based_deduplication = true});
  CHECK(Code(w.sqs.SendMessage(request)) == "OK");
}

TEST_CASE("Group and deduplication ids have 1 to 128 letters, digits and punctuation marks",
          "[sqs][SendMessage][fifo]") {
  World w;
  const std::string url = w.Fifo();
  const auto send = [&](std::string group, std::string deduplication) {
    return Code(w.sqs.SendMessage({.queue_url = url,
                                   .message_body = "one",
                                   .message_deduplication_id = std::move(deduplication),
                                   .message_group_id = std::move(group)}));
  };
  const std::string marks = R"(aZ09!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";
  CHECK(send(marks, marks) == "OK");
  CHECK(send(std::string(128, 'g'), std::string(128, 'd')) == "OK");
  CHECK(send(std::string(129, 'g'), "d") == "InvalidParameterValue");
  CHECK(send("g", std::string(129, 'd')) == "InvalidParameterValue");
  for (const char* bad : {" ", "a b", "a\n", "\xC3\xA4", "a\x7F"}) {
    INFO(bad);
    CHECK(send(bad, "d") == "InvalidParameterValue");
    CHECK(send("g", bad) == "InvalidParameterValue");
  }
}

TEST_CASE("The same rules hold for a message group id in a standard queue", "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  CHECK(
      Code(w.sqs.SendMessage(
          {.queue_url = url, .message_body = "one", .message_group_id = std::string(129, 'g')})) ==
      "InvalidParameterValue");
}

TEST_CASE("A message sent to a queue that is not there is QueueDoesNotExist",
          "[sqs][SendMessage]") {
  World w;
  const std::string url = w.Queue();
  CHECK(SendCode(w, url + "2", "one") == "QueueDoesNotExist");
  CHECK(SendCode(w, "", "one") == "MissingParameter");
}

}  // namespace
}  // namespace skybox::sqs
