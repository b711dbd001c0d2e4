#include "sqs/names.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "skybox/sqs.h"
#include "skybox/status.h"

namespace skybox::sqs {
namespace {

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// ---- Queue names

TEST_CASE("A queue name has letters, digits, hyphens and underscores", "[sqs][names]") {
  CHECK(CheckQueueName("orders-EU_2", false).ok());
  for (const char* name : {"a b", "a.b", "a/b", "\xC3\xA9", "a\n", "orders!"}) {
    CHECK(ErrorCode(CheckQueueName(name, false)) == "InvalidParameterValue");
  }
  CHECK(Message(CheckQueueName("a b", false))
            .ends_with("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 "
                       "in length"));
}

TEST_CASE("A queue name has 1 to 80 characters", "[sqs][names]") {
  CHECK(CheckQueueName("a", false).ok());
  CHECK(CheckQueueName(std::string(80, 'a'), false).ok());
  CHECK(ErrorCode(CheckQueueName(std::string(81, 'a'), false)) == "InvalidParameterValue");
  CHECK(ErrorCode(CheckQueueName("", false)) == "MissingParameter");
  CHECK(Message(CheckQueueName("", false)) == "The request must contain the parameter QueueName.");
}

TEST_CASE("A FIFO queue's name ends in .fifo, which counts", "[sqs][names]") {
  CHECK(CheckQueueName("a.fifo", true).ok());
  CHECK(CheckQueueName(std::string(75, 'a') + ".fifo", true).ok());
  CHECK_FALSE(CheckQueueName(std::string(76, 'a') + ".fifo", true).ok());
  for (const char* name : {"a", ".fifo", "a.fifo.fifo", "a.FIFO", "a b.fifo", "a.fifox"}) {
    const absl::Status status = CheckQueueName(name, true);
    INFO(name);
    CHECK(ErrorCode(status) == "InvalidParameterValue");
    CHECK(Message(status).ends_with(
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
        "underscores, must end with .fifo suffix and be 1 to 80 in length."));
  }
}

TEST_CASE("A standard queue's name does not end in .fifo", "[sqs][names]") {
  CHECK(ErrorCode(CheckQueueName("a.fifo", false)) == "InvalidParameterValue");
}

TEST_CASE("Where no kind is given the name tells it", "[sqs][names]") {
  CHECK(CheckQueueName("a").ok());
  CHECK(CheckQueueName("a.fifo").ok());
  CHECK_FALSE(CheckQueueName("a.fif").ok());
  CHECK(HasFifoSuffix("a.fifo"));
  CHECK_FALSE(HasFifoSuffix("fifo"));
}

// ---- URLs

constexpr std::string_view kAccount = "123456789012";

TEST_CASE("A queue's URL is made of region, account and name", "[sqs][names]") {
  CHECK(MakeUrl("eu-west-1", kAccount, "orders") ==
        "https://sqs.eu-west-1.amazonaws.com/123456789012/orders");
  CHECK(MakeUrl("cn-north-1", kAccount, "orders") ==
        "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders");
}

TEST_CASE("A URL that was made is read back", "[sqs][names]") {
  for (const char* region : {"us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"}) {
    const std::string url = MakeUrl(region, kAccount, "orders.fifo");
    const auto address = ParseUrl(url);
    REQUIRE(address.ok());
    CHECK(*address == QueueAddress{region, kAccount, "orders.fifo"});
  }
}

TEST_CASE("One slash at the end of a URL is let through", "[sqs][names]") {
  const auto address = ParseUrl("https://sqs.us-east-1.amazonaws.com/123456789012/orders/");
  REQUIRE(address.ok());
  CHECK(address->name == "orders");
  CHECK_FALSE(ParseUrl("https://sqs.us-east-1.amazonaws.com/123456789012/orders//").ok());
}

TEST_CASE("The older hosts of SQS are understood", "[sqs][names]") {
  CHECK(ParseUrl("https://queue.amazonaws.com/123456789012/q")->region == "us-east-1");
  CHECK(ParseUrl("https://eu-west-1.queue.amazonaws.com/123456789012/q")->region == "eu-west-1");
  CHECK(ParseUrl("https://cn-north-1.queue.amazonaws.com.cn/123456789012/q")->region ==
        "cn-north-1");
}

TEST_CASE("FIPS and dual-stack hosts are understood", "[sqs][names]") {
  CHECK(ParseUrl("https://sqs-fips.us-east-2.amazonaws.com/123456789012/q")->region == "us-east-2");
  CHECK(ParseUrl("https://sqs.eu-west-1.api.aws/123456789012/q")->region == "eu-west-1");
  CHECK(ParseUrl("http://sqs.eu-west-1.amazonaws.com/123456789012/q")->region == "eu-west-1");
}

TEST_CASE("A URL that is no queue's is an InvalidAddress", "[sqs][names]") {
  for (const char* url : {"orders",
                          "https://",
                          "https://sqs.us-east-1.amazonaws.com",
                          "https://sqs.us-east-1.amazonaws.com/",
                          "https://sqs.us-east-1.amazonaws.com/123456789012",
                          "https://sqs.us-east-1.amazonaws.com/123456789012/",
                          "https://sqs.us-east-1.amazonaws.com/12345678901/q",
                          "https://sqs.us-east-1.amazonaws.com/123456789012/a/b",
                          "https://sqs.us-east-1.amazonaws.com/123456789012/q?Action=X",
                          "https://sqs.us-east-1.amazonaws.com.cn/123456789012/q",
                          "https://sqs.cn-north-1.amazonaws.com/123456789012/q",
                          "https://sns.us-east-1.amazonaws.com/123456789012/q",
                          "https://sqs.nowhere.amazonaws.com/123456789012/q",
                          "https://sqs..amazonaws.com/123456789012/q",
                          "https://sqs./123456789012/q",
                          "https://sqs.us-east-1.amazonaws.com.api.aws/123456789012/q",
                          "https://.queue.amazonaws.com/123456789012/q",
                          "https://us-east-1.queue.example.com/123456789012/q",
                          "https://example.com/123456789012/q",
                          "ftp://sqs.us-east-1.amazonaws.com/123456789012/q",
                          "arn:aws:sqs:us-east-1:123456789012:q"}) {
    INFO(url);
    CHECK(ErrorCode(ParseUrl(url).status()) == "InvalidAddress");
  }
  CHECK(Message(ParseUrl("orders").status()) ==
        "The address orders is not valid for this endpoint.");
}

TEST_CASE("No URL is a missing parameter", "[sqs][names]") {
  CHECK(ErrorCode(ParseUrl("").status()) == "MissingParameter");
  CHECK(Message(ParseUrl("").status()) == "The request must contain the parameter QueueUrl.");
}

TEST_CASE("A very long or binary URL is shown cut and printable", "[sqs][names]") {
  CHECK(Message(ParseUrl(std::string(5000, 'x')).status()).size() < 1200);
  CHECK(Message(ParseUrl("a\x01\xFF").status()) ==
        "The address a?? is not valid for this endpoint.");
}

// ---- ARNs

TEST_CASE("A queue's ARN is made and read back", "[sqs][names]") {
  CHECK(MakeArn("eu-west-1", kAccount, "orders") == "arn:aws:sqs:eu-west-1:123456789012:orders");
  for (const char* region : {"us-east-1", "cn-north-1", "us-gov-west-1"}) {
    const std::string arn = MakeArn(region, kAccount, "a.fifo");
    const auto address = ParseArn(arn, "SourceArn");
    REQUIRE(address.ok());
    CHECK(*address == QueueAddress{region, kAccount, "a.fifo"});
  }
}

TEST_CASE("What is no queue's ARN is refused with the parameter's name", "[sqs][names]") {
  for (const char* arn :
       {"orders", "arn:aws:sqs", "arn:aws:sns:us-east-1:123456789012:t",
        "arn:aws-cn:sqs:us-east-1:123456789012:q", "arn:aws:sqs:cn-north-1:123456789012:q",
        "arn:aws:sqs::123456789012:q", "arn:aws:sqs:us-east-1:12345:q",
        "arn:aws:sqs:us-east-1:123456789012:", "arn:aws:sqs:us-east-1:123456789012:a:b",
        "arn:aws:sqs:us-east-1:123456789012:a*", "ARN:aws:sqs:us-east-1:123456789012:q"}) {
    INFO(arn);
    CHECK_FALSE(IsQueueArn(arn));
    CHECK(ErrorCode(ParseArn(arn, "SourceArn").status()) == "InvalidParameterValue");
  }
  CHECK(Message(ParseArn("x", "SourceArn").status()) ==
        "Value x for parameter SourceArn is invalid. Reason: It is not the ARN of a queue.");
  CHECK(ErrorCode(ParseArn("", "SourceArn").status()) == "MissingParameter");
}

// ---- Batches

TEST_CASE("A batch entry's id has 1 to 80 letters, digits, hyphens and underscores",
          "[sqs][names]") {
  CHECK(CheckBatchEntryId("a").ok());
  CHECK(CheckBatchEntryId("A-z_0").ok());
  CHECK(CheckBatchEntryId(std::string(80, '1')).ok());
  CHECK(ErrorCode(CheckBatchEntryId(std::string(81, '1'))) == "InvalidBatchEntryId");
  for (const char* id : {"a b", "a.b", "\xC3\xA9"}) {
    CHECK(ErrorCode(CheckBatchEntryId(id)) == "InvalidBatchEntryId");
  }
  CHECK(QueryErrorCode(CheckBatchEntryId("a.b")) == "AWS.SimpleQueueService.InvalidBatchEntryId");
}

std::vector<DeleteMessageBatchRequestEntry> Entries(const std::vector<std::string>& ids) {
  std::vector<DeleteMessageBatchRequestEntry> entries;
  for (const std::string& id : ids) entries.push_back({.id = id});
  return entries;
}

absl::Status CheckIds(const std::vector<std::string>& ids) {
  return CheckBatchEntries(Entries(ids), "DeleteMessageBatchRequestEntry");
}

TEST_CASE("A batch has at least one entry", "[sqs][names]") {
  CHECK(ErrorCode(CheckIds({})) == "EmptyBatchRequest");
  CHECK(Message(CheckIds({})) ==
        "There should be at least one DeleteMessageBatchRequestEntry in the request.");
}

TEST_CASE("A batch has at most ten entries", "[sqs][names]") {
  std::vector<std::string> ids = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  CHECK(CheckIds(ids).ok());
  ids.push_back("10");
  CHECK(ErrorCode(CheckIds(ids)) == "TooManyEntriesInBatchRequest");
  CHECK(Message(CheckIds(ids)) ==
        "Maximum number of entries per request are 10. You have sent 11.");
}

TEST_CASE("An empty id of a batch is against the rules for ids", "[sqs][names]") {
  CHECK(ErrorCode(CheckIds({"a", ""})) == "InvalidBatchEntryId");
}

TEST_CASE("The ids of a batch are distinct", "[sqs][names]") {
  CHECK(CheckIds({"a", "A"}).ok());
  CHECK(ErrorCode(CheckIds({"a", "b", "a"})) == "BatchEntryIdsNotDistinct");
  CHECK(Message(CheckIds({"a", "b", "a"})) == "Id a repeated.");
}

TEST_CASE("A malformed id of a batch is told before a repeated one", "[sqs][names]") {
  CHECK(ErrorCode(CheckIds({"a", "a", "b b"})) == "InvalidBatchEntryId");
}

TEST_CASE("The messages of a batch together are up to the limit long", "[sqs][names]") {
  CHECK(CheckBatchSize(262'144, 262'144).ok());
  CHECK(ErrorCode(CheckBatchSize(262'145, 262'144)) == "BatchRequestTooLong");
  CHECK(Message(CheckBatchSize(492'271, 262'144)) ==
        "Batch requests cannot be longer than 262144 bytes. You have sent 492271 bytes.");
}

// ---- Labels

TEST_CASE("A label has 1 to 80 letters, digits, hyphens and underscores", "[sqs][names]") {
  CHECK(CheckLabel("My_label-1").ok());
  CHECK(CheckLabel(std::string(80, 'a')).ok());
  CHECK(ErrorCode(CheckLabel(std::string(81, 'a'))) == "InvalidParameterValue");
  CHECK(ErrorCode(CheckLabel("a b")) == "InvalidParameterValue");
  CHECK(ErrorCode(CheckLabel("")) == "MissingParameter");
  CHECK(Message(CheckLabel("")) == "The request must contain the parameter Label.");
}

}  // namespace
}  // namespace skybox::sqs
