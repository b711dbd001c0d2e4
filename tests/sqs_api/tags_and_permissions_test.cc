#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

using Tags = std::map<std::string, std::string>;

Tags TagsOf(World& w, const std::string& url) {
  const auto listed = w.sqs.ListQueueTags({.queue_url = url});
  REQUIRE(Code(listed) == "OK");
  return listed->tags;
}

TEST_CASE("Tags are added, replaced and removed by key", "[sqs][TagQueue]") {
  World w;
  const std::string url = w.Queue();
  CHECK(TagsOf(w, url).empty());
  REQUIRE(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{"a", "1"}, {"b", "2"}}})) == "OK");
  REQUIRE(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{"b", "3"}, {"B", ""}}})) == "OK");
  CHECK(TagsOf(w, url) == Tags{{"a", "1"}, {"b", "3"}, {"B", ""}});
  REQUIRE(Code(w.sqs.UntagQueue({.queue_url = url, .tag_keys = {"b"}})) == "OK");
  CHECK(TagsOf(w, url) == Tags{{"a", "1"}, {"B", ""}});
}

TEST_CASE("Removing a tag that is not there is no error", "[sqs][UntagQueue]") {
  World w;
  const std::string url = w.Queue();
  CHECK(Code(w.sqs.UntagQueue({.queue_url = url, .tag_keys = {"nothing"}})) == "OK");
}

TEST_CASE("A queue has up to 50 tags", "[sqs][TagQueue]") {
  World w;
  const std::string url = w.Queue();
  Tags tags;
  for (int i = 0; i < 50; ++i) tags["key-" + std::to_string(i)] = "v";
  REQUIRE(Code(w.sqs.TagQueue({.queue_url = url, .tags = tags})) == "OK");
  CHECK(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{"key-0", "w"}}})) == "OK");
  const uint64_t before = w.State();
  CHECK(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{"one more", "v"}}})) ==
        "InvalidParameterValue");
  CHECK(w.State() == before);
  CHECK(TagsOf(w, url).size() == 50);
}

TEST_CASE("A tag's key has 1 to 128 characters and its value up to 256", "[sqs][TagQueue]") {
  World w;
  const std::string url = w.Queue();
  const auto tag = [&](const std::string& key, const std::string& value) {
    return Code(w.sqs.TagQueue({.queue_url = url, .tags = {{key, value}}}));
  };
  CHECK(tag("", "v") == "InvalidParameterValue");
  CHECK(tag("k", "") == "OK");
  CHECK(tag(std::string(128, 'k'), std::string(256, 'v')) == "OK");
  CHECK(tag(std::string(129, 'k'), "v") == "InvalidParameterValue");
  CHECK(tag("k", std::string(257, 'v')) == "InvalidParameterValue");
}

TEST_CASE("A tag's characters are counted, not its bytes", "[sqs][TagQueue]") {
  World w;
  const std::string url = w.Queue();
  std::string key;
  for (int i = 0; i < 128; ++i) key += "\xC3\xA4";
  CHECK(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{key, "v"}}})) == "OK");
}

TEST_CASE("Tags that start with aws: are reserved", "[sqs][TagQueue]") {
  World w;
  const std::string url = w.Queue();
  CHECK(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{"aws:k", "v"}}})) ==
        "InvalidParameterValue");
  CHECK(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{"awsk", "v"}}})) == "OK");
}

TEST_CASE("Tags have letters, digits, whitespace and _ . : / = + - @", "[sqs][TagQueue]") {
  World w;
  const std::string url = w.Queue();
  CHECK(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{"aZ 0_.:/=+-@", "aZ 0_.:/=+-@"}}})) ==
        "OK");
  for (const char* bad : {"a,b", "a;b", "a#b", "a*b", "a\x01", "a\xFF"}) {
    INFO(bad);
    CHECK(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{bad, "v"}}})) ==
          "InvalidParameterValue");
    CHECK(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{"k", bad}}})) ==
          "InvalidParameterValue");
  }
}

TEST_CASE("Tagging needs tags, and untagging keys", "[sqs][TagQueue]") {
  World w;
  const std::string url = w.Queue();
  CHECK(Code(w.sqs.TagQueue({.queue_url = url})) == "MissingParameter");
  CHECK(Code(w.sqs.UntagQueue({.queue_url = url})) == "MissingParameter");
}

TEST_CASE("One bad tag leaves the good ones out too", "[sqs][TagQueue]") {
  World w;
  const std::string url = w.Queue();
  CHECK(Code(w.sqs.TagQueue({.queue_url = url, .tags = {{"a", "1"}, {"aws:b", "2"}}})) ==
        "InvalidParameterValue");
  CHECK(TagsOf(w, url).empty());
}

// ---- Permissions

TEST_CASE("AddPermission writes a statement into the queue's policy", "[sqs][AddPermission]") {
  World w;
  const std::string url = w.Queue();
  REQUIRE(Code(w.sqs.AddPermission({.queue_url = url,
                                    .label = "partner",
                                    .aws_account_ids = {"111122223333"},
                                    .actions = {"SendMessage"}})) == "OK");
  const std::string policy = w.Attributes(url).policy.value();
  CHECK_THAT(policy, Catch::Contains(R"("Sid":"partner")"));
  CHECK_THAT(policy, Catch::Contains(R"("Effect":"Allow")"));
  CHECK_THAT(policy, Catch::Contains("arn:aws:iam::111122223333:root"));
  CHECK_THAT(policy, Catch::Contains("SQS:SendMessage"));
  CHECK_THAT(policy, Catch::Contains(w.Arn(url)));
  // What is written can be written back.
  w.Set(url, {.policy = policy});
}

TEST_CASE("AddPermission keeps what the policy has", "[sqs][AddPermission]") {
  World w;
  const std::string url = w.Queue();
  for (const char* label : {"one", "two"}) {
    REQUIRE(Code(w.sqs.AddPermission({.queue_url = url,
                                      .label = label,
                                      .aws_account_ids = {"111122223333", "444455556666"},
                                      .actions = {"SendMessage", "ReceiveMessage"}})) == "OK");
  }
  const std::string policy = w.Attributes(url).policy.value();
  CHECK_THAT(policy, Catch::Contains(R"("Sid":"one")"));
  CHECK_THAT(policy, Catch::Contains(R"("Sid":"two")"));
}

TEST_CASE("RemovePermission takes the statement away, and the last one the policy",
          "[sqs][RemovePermission]") {
  World w;
  const std::string url = w.Queue();
  for (const char* label : {"one", "two"}) {
    REQUIRE(Code(w.sqs.AddPermission({.queue_url = url,
                                      .label = label,
                                      .aws_account_ids = {"111122223333"},
                                      .actions = {"*"}})) == "OK");
  }
  REQUIRE(Code(w.sqs.RemovePermission({.queue_url = url, .label = "one"})) == "OK");
  CHECK_THAT(w.Attributes(url).policy.value(), !Catch::Contains(R"("Sid":"one")"));
  REQUIRE(Code(w.sqs.RemovePermission({.queue_url = url, .label = "two"})) == "OK");
  CHECK_FALSE(w.Attributes(url).policy.has_value());
}

TEST_CASE("Removing a label that is not there is InvalidParameterValue",
          "[sqs][RemovePermission]") {
  World w;
  const std::string url = w.Queue();
  const auto removed = w.sqs.RemovePermission({.queue_url = url, .label = "nobody"});
  CHECK(Code(removed) == "InvalidParameterValue");
  CHECK_THAT(Words(removed), Catch::Contains("nobody"));
}

TEST_CASE("A label can be added once", "[sqs][AddPermission]") {
  World w;
  const std::string url = w.Queue();
  const AddPermissionRequest request = {.queue_url = url,
                                        .label = "partner",
                                        .aws_account_ids = {"111122223333"},
                                        .actions = {"SendMessage"}};
  REQUIRE(Code(w.sqs.AddPermission(request)) == "OK");
  const uint64_t before = w.State();
  const auto again = w.sqs.AddPermission(request);
  CHECK(Code(again) == "InvalidParameterValue");
  CHECK_THAT(Words(again), Catch::Contains("partner"));
  CHECK(w.State() == before);
}

TEST_CASE("A permission names 1 to 7 actions", "[sqs][AddPermission]") {
  World w;
  const std::string url = w.Queue();
  AddPermissionRequest request = {
      .queue_url = url,
      .label = "partner",
      .aws_account_ids = {"111122223333"},
      .actions = {"SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility",
                  "GetQueueAttributes", "GetQueueUrl", "PurgeQueue", "ListDeadLetterSourceQueues"}};
  CHECK(Code(w.sqs.AddPermission(request)) == "OverLimit");
  request.actions.pop_back();
  CHECK(Code(w.sqs.AddPermission(request)) == "OK");
  request.label = "nothing";
  request.actions.clear();
  CHECK(Code(w.sqs.AddPermission(request)) == "MissingParameter");
}

TEST_CASE("A policy takes 20 permissions", "[sqs][AddPermission]") {
  World w;
  const std::string url = w.Queue();
  for (int i = 0; i <= 20; ++i) {
    const auto added = w.sqs.AddPermission({.queue_url = url,
                                            .label = "label-" + std::to_string(i),
                                            .aws_account_ids = {"111122223333"},
                                            .actions = {"SendMessage"}});
    INFO(i << ": " << Words(added));
    CHECK(Code(added) == (i < 20 ? "OK" : "OverLimit"));
  }
}

TEST_CASE("A label has 1 to 80 letters, digits, hyphens and underscores", "[sqs][AddPermission]") {
  World w;
  const std::string url = w.Queue();
  const auto add = [&](const std::string& label) {
    return Code(w.sqs.AddPermission({.queue_url = url,
                                     .label = label,
                                     .aws_account_ids = {"111122223333"},
                                     .actions = {"SendMessage"}}));
  };
  CHECK(add("") == "MissingParameter");
  CHECK(add("l") == "OK");
  CHECK(add(std::string(80, 'l')) == "OK");
  CHECK(add(std::string(81, 'l')) == "InvalidParameterValue");
  CHECK(add("a b") == "InvalidParameterValue");
  CHECK(Code(w.sqs.RemovePermission({.queue_url = url})) == "MissingParameter");
}

TEST_CASE("A permission is for accounts and actions that can exist", "[sqs][AddPermission]") {
  World w;
  const std::string url = w.Queue();
  AddPermissionRequest request = {.queue_url = url, .label = "l", .actions = {"SendMessage"}};
  CHECK(Code(w.sqs.AddPermission(request)) == "MissingParameter");
  for (const char* account : {"12345678901", "1234567890123", "me", "*", ""}) {
    INFO(account);
    request.aws_account_ids = {account};
    CHECK(Code(w.sqs.AddPermission(request)) == "InvalidParameterValue");
  }
  request.aws_account_ids = {"111122223333"};
  for (const char* action : {"Send", "sqs:Nothing", "", "send message"}) {
    INFO(action);
    request.actions = {action};
    CHECK(Code(w.sqs.AddPermission(request)) == "InvalidParameterValue");
  }
  CHECK_FALSE(w.Attributes(url).policy.has_value());
}

}  // namespace
}  // namespace skybox::sqs
