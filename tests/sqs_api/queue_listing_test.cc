#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

Strings NamesOf(const Strings& urls) {
  Strings names;
  for (const std::string& url : urls) names.push_back(url.substr(url.rfind('/') + 1));
  return names;
}

TEST_CASE("GetQueueUrl answers the URL that CreateQueue answered", "[sqs][GetQueueUrl]") {
  World w;
  const std::string url = w.Queue("orders");
  CHECK(w.sqs.GetQueueUrl({.queue_name = "orders"})->queue_url == url);
  CHECK(w.sqs.GetQueueUrl({.queue_name = "orders", .queue_owner_aws_account_id = kAccount})
            ->queue_url == url);
}

TEST_CASE("GetQueueUrl of a queue that is not there is QueueDoesNotExist", "[sqs][GetQueueUrl]") {
  World w;
  w.Queue("orders");
  const auto got = w.sqs.GetQueueUrl({.queue_name = "Orders"});
  CHECK(Code(got) == "QueueDoesNotExist");
  CHECK(QueryErrorCode(got.status()) == "AWS.SimpleQueueService.NonExistentQueue");
  CHECK(HttpStatus(got.status()) == 400);
  CHECK(FaultSide(got.status()) == Fault::kSender);
  CHECK_THAT(Words(got), Catch::Contains("Orders"));
  CHECK(Code(w.sqs.GetQueueUrl(
            {.queue_name = "orders", .queue_owner_aws_account_id = "999999999999"})) ==
        "QueueDoesNotExist");
}

TEST_CASE("GetQueueUrl needs a name", "[sqs][GetQueueUrl]") {
  World w;
  CHECK(Code(w.sqs.GetQueueUrl({})) == "MissingParameter");
}

TEST_CASE("ListQueues answers all queues by name", "[sqs][ListQueues]") {
  World w;
  CHECK(w.sqs.ListQueues({})->queue_urls.empty());
  for (const char* name : {"b", "a", "C", "a-1", "a0"}) w.Queue(name);
  w.Fifo("a.fifo");
  const auto listed = w.sqs.ListQueues({});
  CHECK(NamesOf(listed->queue_urls) == Strings{"C", "a", "a-1", "a.fifo", "a0", "b"});
  CHECK(listed->next_token.empty());
}

TEST_CASE("ListQueues answers the queues with a prefix, case sensitive", "[sqs][ListQueues]") {
  World w;
  for (const char* name : {"orders", "orders-2", "Orders", "order", "a-orders"}) w.Queue(name);
  CHECK(NamesOf(w.sqs.ListQueues({.queue_name_prefix = "orders"})->queue_urls) ==
        Strings{"orders", "orders-2"});
  CHECK(w.sqs.ListQueues({.queue_name_prefix = "ordersx"})->queue_urls.empty());
}

TEST_CASE("A deleted queue is not listed", "[sqs][ListQueues]") {
  World w;
  w.Queue("kept");
  REQUIRE(w.sqs.DeleteQueue({.queue_url = w.Queue("gone")}).ok());
  CHECK(NamesOf(w.sqs.ListQueues({})->queue_urls) == Strings{"kept"});
}

TEST_CASE("ListQueues pages through the queues with MaxResults and NextToken",
          "[sqs][ListQueues]") {
  World w;
  for (const char* name : {"a1", "a2", "a3", "a4", "a5", "b1"}) w.Queue(name);
  Strings names;
  ListQueuesRequest request = {.queue_name_prefix = "a", .max_results = 2};
  Strings sizes;
  do {
    const auto page = w.sqs.ListQueues(request);
    REQUIRE(Code(page) == "OK");
    for (const std::string& name : NamesOf(page->queue_urls)) names.push_back(name);
    sizes.push_back(std::to_string(page->queue_urls.size()));
    request.next_token = page->next_token;
  } while (!request.next_token.empty());
  CHECK(names == Strings{"a1", "a2", "a3", "a4", "a5"});
  CHECK(sizes == Strings{"2", "2", "1"});
}

TEST_CASE("There is no token after a last page that is full", "[sqs][ListQueues]") {
  World w;
  w.Queue("a");
  w.Queue("b");
  const auto page = w.sqs.ListQueues({.max_results = 2});
  CHECK(page->queue_urls.size() == 2);
  CHECK(page->next_token.empty());
}

TEST_CASE("Queues made and deleted between two pages disturb no other queue", "[sqs][ListQueues]") {
  World w;
  for (const char* name : {"a", "b", "c", "d"}) w.Queue(name);
  const auto first = w.sqs.ListQueues({.max_results = 2});
  REQUIRE(w.sqs.DeleteQueue({.queue_url = first->queue_urls[1]}).ok());
  w.Queue("aa");
  const auto second = w.sqs.ListQueues({.max_results = 2, .next_token = first->next_token});
  REQUIRE(Code(second) == "OK");
  CHECK(NamesOf(second->queue_urls) == Strings{"c", "d"});
}

TEST_CASE("Without MaxResults ListQueues answers up to 1000 queues and no token",
          "[sqs][ListQueues]") {
  World w;
  for (int i = 0; i < 1001; ++i) w.Queue("queue-" + std::to_string(i));
  const auto listed = w.sqs.ListQueues({});
  CHECK(listed->queue_urls.size() == 1000);
  CHECK(listed->next_token.empty());
  const auto page = w.sqs.ListQueues({.max_results = 1000});
  CHECK(page->queue_urls.size() == 1000);
  REQUIRE_FALSE(page->next_token.empty());
  CHECK(
      w.sqs.ListQueues({.max_results = 1000, .next_token = page->next_token})->queue_urls.size() ==
      1);
}

TEST_CASE("MaxResults of ListQueues is 1 to 1000", "[sqs][ListQueues]") {
  World w;
  w.Queue("a");
  CHECK(Code(w.sqs.ListQueues({.max_results = 0})) == "InvalidParameterValue");
  CHECK(Code(w.sqs.ListQueues({.max_results = 1})) == "OK");
  CHECK(Code(w.sqs.ListQueues({.max_results = 1000})) == "OK");
  const auto over = w.sqs.ListQueues({.max_results = 1001});
  CHECK(Code(over) == "InvalidParameterValue");
  CHECK_THAT(Words(over), Catch::Contains("1001"));
}

TEST_CASE("A token that ListQueues did not give out is refused", "[sqs][ListQueues]") {
  World w;
  w.Queue("a");
  const auto listed = w.sqs.ListQueues({.max_results = 1, .next_token = "no token"});
  CHECK(Code(listed) == "InvalidParameterValue");
  CHECK_THAT(Words(listed), Catch::Contains("no token"));
}

TEST_CASE("A token without MaxResults is refused", "[sqs][ListQueues]") {
  World w;
  w.Queue("a");
  w.Queue("b");
  const auto page = w.sqs.ListQueues({.max_results = 1});
  REQUIRE_FALSE(page->next_token.empty());
  CHECK(Code(w.sqs.ListQueues({.next_token = page->next_token})) == "InvalidParameterValue");
}

}  // namespace
}  // namespace skybox::sqs
