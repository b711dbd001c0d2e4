#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "skybox/ports.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

TEST_CASE("Queues of one name live in several regions", "[sqs][regions]") {
  World w;
  const std::string here = w.Queue("orders");
  auto ireland = w.cloud.As({.region = "eu-west-1"}).sqs();
  const auto made = ireland.CreateQueue({.queue_name = "orders"});
  REQUIRE(Code(made) == "OK");
  CHECK(made->queue_url == "https://sqs.eu-west-1.amazonaws.com/123456789012/orders");
  w.Send(here, "here");
  CHECK(ireland.ReceiveMessage({.queue_url = made->queue_url})->messages.empty());
  CHECK(w.Bodies(here) == Strings{"here"});
}

TEST_CASE("Queues of one name live in several accounts", "[sqs][accounts]") {
  World w;
  const std::string mine = w.Queue("orders", {.visibility_timeout = absl::Seconds(5)});
  auto other = w.cloud.As({.account = "999999999999"}).sqs();
  const auto made = other.CreateQueue(
      {.queue_name = "orders", .attributes = {.visibility_timeout = absl::Seconds(6)}});
  REQUIRE(Code(made) == "OK");
  CHECK(made->queue_url == "https://sqs.us-east-1.amazonaws.com/999999999999/orders");
  REQUIRE(other.SendMessage({.queue_url = made->queue_url, .message_body = "theirs"}).ok());
  CHECK(w.Counts(mine) == QueueCounts{});
}

TEST_CASE("ListQueues lists the queues of the caller's account and region", "[sqs][accounts]") {
  World w;
  const std::string mine = w.Queue("mine");
  auto account = w.cloud.As({.account = "999999999999"}).sqs();
  auto region = w.cloud.As({.region = "eu-west-1"}).sqs();
  REQUIRE(account.CreateQueue({.queue_name = "theirs"}).ok());
  REQUIRE(region.CreateQueue({.queue_name = "there"}).ok());
  CHECK(w.sqs.ListQueues({})->queue_urls == Strings{mine});
  CHECK(account.ListQueues({})->queue_urls.size() == 1);
  CHECK(region.ListQueues({})->queue_urls.size() == 1);
}

TEST_CASE("GetQueueUrl finds a queue of the caller's own account and region", "[sqs][accounts]") {
  World w;
  w.Queue("mine");
  CHECK(Code(w.cloud.As({.account = "999999999999"}).sqs().GetQueueUrl({.queue_name = "mine"})) ==
        "QueueDoesNotExist");
  CHECK(Code(w.cloud.As({.region = "eu-west-1"}).sqs().GetQueueUrl({.queue_name = "mine"})) ==
        "QueueDoesNotExist");
}

TEST_CASE("GetQueueUrl finds another account's queue by its owner", "[sqs][accounts]") {
  World w;
  const std::string mine = w.Queue("mine");
  auto other = w.cloud.As({.account = "999999999999"}).sqs();
  const auto got =
      other.GetQueueUrl({.queue_name = "mine", .queue_owner_aws_account_id = kAccount});
  REQUIRE(Code(got) == "OK");
  CHECK(got->queue_url == mine);
}

TEST_CASE("A URL of another region is InvalidAddress", "[sqs][regions]") {
  World w;
  const std::string here = w.Queue("orders");
  auto ireland = w.cloud.As({.region = "eu-west-1"}).sqs();
  REQUIRE(ireland.CreateQueue({.queue_name = "orders"}).ok());
  const auto sent = ireland.SendMessage({.queue_url = here, .message_body = "one"});
  CHECK(Code(sent) == "InvalidAddress");
  CHECK_THAT(Words(sent), Catch::Contains(here));
  CHECK(w.Counts(here) == QueueCounts{});
}

TEST_CASE("What is no queue's URL is InvalidAddress", "[sqs][regions]") {
  World w;
  w.Queue("orders");
  for (const char* url :
       {"orders", "https://", "https://sqs.us-east-1.amazonaws.com",
        "https://sqs.us-east-1.amazonaws.com/orders", "https://example.com/123456789012/orders",
        "https://sqs.us-east-1.amazonaws.com/12345/orders",
        "https://sqs.us-east-1.amazonaws.com/123456789012/orders/more",
        "ftp://sqs.us-east-1.amazonaws.com/123456789012/orders"}) {
    INFO(url);
    const auto sent = w.sqs.SendMessage({.queue_url = url, .message_body = "one"});
    CHECK(Code(sent) == "InvalidAddress");
    CHECK_THAT(Words(sent), Catch::Contains(url));
  }
}

TEST_CASE("The older forms of a queue's URL name the same queue", "[sqs][regions]") {
  World w;
  const std::string url = w.Queue("orders");
  for (const char* form : {"https://sqs.us-east-1.amazonaws.com/123456789012/orders/",
                           "https://queue.amazonaws.com/123456789012/orders",
                           "https://us-east-1.queue.amazonaws.com/123456789012/orders",
                           "https://sqs.us-east-1.api.aws/123456789012/orders"}) {
    INFO(form);
    CHECK(Code(w.sqs.SendMessage({.queue_url = form, .message_body = "one"})) == "OK");
  }
  CHECK(w.Counts(url).visible == 4);
}

TEST_CASE("Queues in China have a URL and an ARN of their own", "[sqs][regions]") {
  World w({.region = "cn-north-1"});
  const std::string url = w.Queue("orders");
  CHECK(url == "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders");
  CHECK(w.Arn(url) == "arn:aws-cn:sqs:cn-north-1:123456789012:orders");
  w.Send(url, "one");
  CHECK(w.Bodies(url) == Strings{"one"});
}

TEST_CASE("The sender id is the sender's account, user or role", "[sqs][accounts]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "root");
  CHECK(w.One(url).attributes.sender_id == Text(kAccount));
  auto user = w.cloud.As({.principal = "arn:aws:iam::123456789012:user/alice"}).sqs();
  REQUIRE(user.SendMessage({.queue_url = url, .message_body = "user"}).ok());
  const Text alice = w.One(url).attributes.sender_id.value();
  CHECK_FALSE(alice.empty());
  CHECK(alice != Text(kAccount));
  auto role =
      w.cloud.As({.principal = "arn:aws:sts::123456789012:assumed-role/worker/run-1"}).sqs();
  REQUIRE(role.SendMessage({.queue_url = url, .message_body = "role"}).ok());
  CHECK_THAT(w.One(url).attributes.sender_id->str(), Catch::EndsWith(":run-1"));
}

TEST_CASE("A deleted queue's name is taken for 60 seconds in its own account and region only",
          "[sqs][accounts]") {
  World w;
  REQUIRE(w.sqs.DeleteQueue({.queue_url = w.Queue("orders")}).ok());
  CHECK(Code(w.cloud.As({.account = "999999999999"}).sqs().CreateQueue({.queue_name = "orders"})) ==
        "OK");
  CHECK(Code(w.cloud.As({.region = "eu-west-1"}).sqs().CreateQueue({.queue_name = "orders"})) ==
        "OK");
  CHECK(Code(w.sqs.CreateQueue({.queue_name = "orders"})) == "QueueDeletedRecently");
}

TEST_CASE("A session has an account and a region that can be", "[sqs][accounts]") {
  World w;
  CHECK_FALSE(w.cloud.As({.account = "me"}).sqs().CreateQueue({.queue_name = "orders"}).ok());
  CHECK_FALSE(w.cloud.As({.region = "Mars"}).sqs().CreateQueue({.queue_name = "orders"}).ok());
}

// ---- Delivery

TEST_CASE("A parcel that is delivered is a message", "[sqs][delivery]") {
  World w;
  const std::string url = w.Queue();
  REQUIRE(Code(w.cloud.Deliver({.target_arn = w.Arn(url),
                                .body = "parcel",
                                .attributes = {{"a", {.data_type = "Number", .value = "1"}},
                                               {"b", {.data_type = "Binary", .value = "\xFF"}}},
                                .sender_id = "AIDAEXAMPLE"})) == "OK");
  const Message message = w.One(url);
  CHECK(message.body == "parcel");
  CHECK(message.attributes.sender_id == Text("AIDAEXAMPLE"));
  CHECK(message.message_attributes.at("a").string_value == "1");
  CHECK(message.message_attributes.at("b").binary_value == "\xFF");
}

TEST_CASE("A parcel for a FIFO queue has group and deduplication id", "[sqs][delivery][fifo]") {
  World w;
  const std::string url = w.Fifo();
  Parcel parcel = {.target_arn = w.Arn(url), .body = "parcel"};
  CHECK_FALSE(w.cloud.Deliver(parcel).ok());
  parcel.message_group_id = "g";
  parcel.message_deduplication_id = "d";
  CHECK(Code(w.cloud.Deliver(parcel)) == "OK");
  CHECK(Code(w.cloud.Deliver(parcel)) == "OK");
  CHECK(w.Bodies(url) == Strings{"parcel"});
}

TEST_CASE("A parcel for a queue that is not there is refused", "[sqs][delivery]") {
  World w;
  const auto refused = w.cloud.Deliver(
      {.target_arn = "arn:aws:sqs:us-east-1:123456789012:nowhere", .body = "parcel"});
  CHECK_FALSE(refused.ok());
  CHECK_THAT(Words(refused), Catch::Contains("nowhere"));
  for (const char* arn :
       {"", "nonsense", "arn:aws:sns:us-east-1:123456789012:topic", "arn:aws:sqs"}) {
    INFO(arn);
    CHECK_FALSE(w.cloud.Deliver({.target_arn = arn, .body = "parcel"}).ok());
  }
}

TEST_CASE("A parcel that is no valid message is refused", "[sqs][delivery]") {
  World w;
  const std::string url = w.Queue();
  CHECK_FALSE(w.cloud.Deliver({.target_arn = w.Arn(url), .body = ""}).ok());
  CHECK_FALSE(w.cloud.Deliver({.target_arn = w.Arn(url), .body = std::string(262'145, 'x')}).ok());
  CHECK(w.Counts(url) == QueueCounts{});
}

}  // namespace
}  // namespace skybox::sqs
