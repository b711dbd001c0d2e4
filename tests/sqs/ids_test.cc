#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/text_rules.h"
#include "skybox/sqs_types.h"

namespace skybox::sqs {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

TEST_CASE("A message id prints as a UUID of version 4 and is read back", "[sqs][ids]") {
  const MessageId id(0x0A1B2C3D4E5F4678u, 0x9ABCDEF012345678u);
  CHECK(id.str() == "0a1b2c3d-4e5f-4678-9abc-def012345678");
  CHECK(MessageId(id.str()) == id);
  CHECK_FALSE(id.empty());
}

TEST_CASE("A message id of text that is no UUID is empty", "[sqs][ids]") {
  CHECK(MessageId().empty());
  CHECK(MessageId().str().empty());
  CHECK(MessageId("").empty());
  CHECK(MessageId("0a1b2c3d-4e5f-4678-9abc-def01234567").empty());
  CHECK(MessageId("0a1b2c3d-4e5f-4678-9abc-def0123456789").empty());
  CHECK(MessageId("0a1b2c3d-4e5f-1678-9abc-def012345678").empty());  // version 1
}

TEST_CASE("A receipt handle is read back from its text", "[sqs][ids]") {
  for (const ReceiptHandle& handle :
       {ReceiptHandle(1, 0, 1, 1), ReceiptHandle(7, 65'536, 1'000'000, 3),
        ReceiptHandle(0xFFFFFFFFu, 0xFFFFFFFFu, kMax, kMax)}) {
    const std::string text = handle.str();
    INFO(text);
    const ReceiptHandle read(text);
    CHECK(read == handle);
    CHECK(read.valid());
    CHECK_FALSE(read.empty());
    CHECK(read.queue() == handle.queue());
    CHECK(read.row() == handle.row());
    CHECK(read.message() == handle.message());
    CHECK(read.receive() == handle.receive());
    CHECK(read.str() == text);
  }
}

TEST_CASE("Receipt handles look like the real ones and have one length", "[sqs][ids]") {
  CHECK(ReceiptHandle(1, 0, 1, 1).str().starts_with("AQEB"));
  CHECK(ReceiptHandle(1, 0, 1, 1).str().size() == 48);
  CHECK(ReceiptHandle(0xFFFFFFFFu, 0xFFFFFFFFu, kMax, kMax).str().size() == 48);
}

TEST_CASE("Different receives have different receipt handles", "[sqs][ids]") {
  const std::string text = ReceiptHandle(1, 2, 3, 4).str();
  CHECK(ReceiptHandle(2, 2, 3, 4).str() != text);
  CHECK(ReceiptHandle(1, 1, 3, 4).str() != text);
  CHECK(ReceiptHandle(1, 2, 4, 4).str() != text);
  CHECK(ReceiptHandle(1, 2, 3, 5).str() != text);
}

TEST_CASE("Text that no queue gave out is kept as a foreign receipt handle", "[sqs][ids]") {
  for (const char* text :
       {"x", "AQEB", "not a handle", "MbZj6wDWli+JvwwJaBV+3dcjk2YW2vA3+STFFljT"}) {
    const ReceiptHandle handle(text);
    CHECK_FALSE(handle.valid());
    CHECK_FALSE(handle.empty());
    CHECK(handle.str() == text);
    CHECK(handle == ReceiptHandle(text));
  }
}

TEST_CASE("A receipt handle with any character changed is refused", "[sqs][ids]") {
  const std::string text = ReceiptHandle(1, 2, 3, 4).str();
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'A', 'B', '/', '=', ' ', '\0'}) {
      std::string changed = text;
      changed[i] = c;
      if (changed == text) continue;
      INFO(changed);
      CHECK_FALSE(ReceiptHandle(changed).valid());
      CHECK(ReceiptHandle(changed).str() == changed);
    }
  }
  CHECK_FALSE(ReceiptHandle(text + "A").valid());
  CHECK_FALSE(ReceiptHandle(text + "AAAA").valid());
  CHECK_FALSE(ReceiptHandle(text.substr(0, 47)).valid());
  CHECK_FALSE(ReceiptHandle(text.substr(0, 44)).valid());
}

TEST_CASE("A receipt handle whose numbers no queue has is refused", "[sqs][ids]") {
  CHECK_FALSE(ReceiptHandle(ReceiptHandle(0, 2, 3, 4).str()).valid());
  CHECK_FALSE(ReceiptHandle(ReceiptHandle(1, 2, 0, 4).str()).valid());
  CHECK(ReceiptHandle(ReceiptHandle(1, 0, 3, 4).str()).valid());
}

TEST_CASE("An empty text is an empty receipt handle", "[sqs][ids]") {
  CHECK(ReceiptHandle("").empty());
  CHECK(ReceiptHandle("") == ReceiptHandle());
  CHECK(ReceiptHandle().str().empty());
  CHECK_FALSE(ReceiptHandle().valid());
}

TEST_CASE("Sequence numbers have 20 digits and steps of 256", "[sqs][ids]") {
  CHECK(SequenceNumber().str() == "18849496460467696128");
  CHECK(SequenceNumber(1).str() == "18849496460467696384");
  CHECK(SequenceNumber(1'000'000'000'000).str() == "18849752460467696128");
}

TEST_CASE("Sequence numbers do not wrap around", "[sqs][ids]") {
  CHECK(SequenceNumber(kMax).str() == "4741215979330112909568");
  CHECK(SequenceNumber(2) > SequenceNumber(1));
}

TEST_CASE("A redrive policy is compact JSON with the count as a number", "[sqs][ids]") {
  const RedrivePolicy policy = {.dead_letter_target_arn = "arn:aws:sqs:us-east-1:123456789012:dlq",
                                .max_receive_count = 5};
  CHECK(policy.str() ==
        R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dlq","maxReceiveCount":5})");
  const std::string converted = policy;
  CHECK(converted == policy.str());
}

TEST_CASE("A redrive policy of any text is JSON", "[sqs][ids]") {
  CHECK(RedrivePolicy{.dead_letter_target_arn = "a\"b\\", .max_receive_count = -1}.str() ==
        R"({"deadLetterTargetArn":"a\"b\\","maxReceiveCount":-1})");
  CHECK(RedrivePolicy{.dead_letter_target_arn = "\xFF"}.str() ==
        "{\"deadLetterTargetArn\":\"\xEF\xBF\xBD\",\"maxReceiveCount\":10}");
}

TEST_CASE("A redrive allow policy lists its source queues where it has any", "[sqs][ids]") {
  CHECK(RedriveAllowPolicy{}.str() == R"({"redrivePermission":"allowAll"})");
  CHECK(
      RedriveAllowPolicy{.redrive_permission = "byQueue", .source_queue_arns = {"a", "b"}}.str() ==
      R"({"redrivePermission":"byQueue","sourceQueueArns":["a","b"]})");
}

TEST_CASE("System attributes are found by name as the API writes them", "[sqs][ids]") {
  const MessageSystemAttributes attributes = {
      .sender_id = "123456789012",
      .sent_timestamp = absl::FromUnixMillis(1'704'067'200'123) + absl::Microseconds(999),
      .approximate_receive_count = 3,
      .approximate_first_receive_timestamp = absl::FromUnixMillis(1'704'067'200'200),
      .sequence_number = SequenceNumber(1),
      .message_deduplication_id = "d",
      .message_group_id = "g",
      .aws_trace_header = "Root=1-2-3",
      .dead_letter_queue_source_arn = "arn"};
  CHECK(attributes.Find("SenderId") == "123456789012");
  CHECK(attributes.Find("SentTimestamp") == "1704067200123");
  CHECK(attributes.Find("ApproximateReceiveCount") == "3");
  CHECK(attributes.Find("ApproximateFirstReceiveTimestamp") == "1704067200200");
  CHECK(attributes.Find("SequenceNumber") == "18849496460467696384");
  CHECK(attributes.Find("MessageDeduplicationId") == "d");
  CHECK(attributes.Find("MessageGroupId") == "g");
  CHECK(attributes.Find("AWSTraceHeader") == "Root=1-2-3");
  CHECK(attributes.Find("DeadLetterQueueSourceArn") == "arn");
}

TEST_CASE("A system attribute that is not there or unknown is not found", "[sqs][ids]") {
  CHECK(MessageSystemAttributes{}.Find("SenderId") == std::nullopt);
  CHECK(MessageSystemAttributes{}.Find("SentTimestamp") == std::nullopt);
  CHECK(MessageSystemAttributes{.sender_id = "x"}.Find("senderid") == std::nullopt);
  CHECK(MessageSystemAttributes{.sender_id = "x"}.Find("All") == std::nullopt);
}

}  // namespace
}  // namespace skybox::sqs
