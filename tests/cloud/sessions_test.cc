#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "skybox/cloud.h"
#include "skybox/ports.h"
#include "skybox/session.h"
#include "support/sqs_world.h"

// Who calls, from where: Cloud::As and what session.h promises.
namespace skybox {
namespace {

using sqs::Code;
using sqs::Strings;
using sqs::Words;

// Keeps what passed the front door.
class Trail : public Recorder {
 public:
  void Record(const Call& call) override { sessions.push_back(call.session); }
  std::vector<Session> sessions = {};
};

// ---- Defaults

TEST_CASE("The default session is the root user of the default account and region",
          "[session][As]") {
  Cloud cloud;
  const Session session = cloud.sqs().session();
  CHECK(session.account == "123456789012");
  CHECK(session.region == "us-east-1");
  CHECK(session.principal == "arn:aws:iam::123456789012:root");
  CHECK(session.source_address == "127.0.0.1");
  CHECK(session.user_agent == "skybox");
  CHECK_FALSE(session.mfa_authenticated);
  CHECK(cloud.As({}).session() == session);
}

TEST_CASE("The options say what the default account and region are", "[session][As]") {
  Cloud cloud({.account = "999999999999", .region = "ap-southeast-2"});
  const Session session = cloud.sqs().session();
  CHECK(session.account == "999999999999");
  CHECK(session.region == "ap-southeast-2");
  CHECK(session.principal == "arn:aws:iam::999999999999:root");
}

TEST_CASE("What a session leaves empty is filled in, what it says stays", "[session][As]") {
  Cloud cloud;
  const Session said = {.account = "210987654321",
                        .region = "eu-west-1",
                        .principal = "arn:aws:iam::210987654321:user/sales/ann",
                        .source_address = "203.0.113.7",
                        .user_agent = "ann's program",
                        .mfa_authenticated = true};
  CHECK(cloud.As(said).session() == said);
  Session in_ireland = cloud.sqs().session();
  in_ireland.region = "eu-west-1";
  CHECK(cloud.As({.region = "eu-west-1"}).session() == in_ireland);
  CHECK(cloud.As({.account = "210987654321"}).session().principal ==
        "arn:aws:iam::210987654321:root");
}

TEST_CASE("The root user belongs to the partition of its region", "[session][As]") {
  Cloud cloud;
  CHECK(cloud.As({.region = "cn-north-1"}).session().principal ==
        "arn:aws-cn:iam::123456789012:root");
  CHECK(cloud.As({.region = "us-gov-west-1"}).session().principal ==
        "arn:aws-us-gov:iam::123456789012:root");
}

TEST_CASE("A client has the session that it was made for, and is a value", "[session][As]") {
  Cloud cloud;
  const SessionView ann = cloud.As({.principal = "arn:aws:iam::123456789012:user/ann"});
  sqs::Client client = ann.sqs();
  CHECK(client.session() == ann.session());
  client = cloud.sqs();
  CHECK(client.session() == cloud.As({}).session());
  const Cloud moved = std::move(cloud);
  CHECK(Code(client.CreateQueue({.queue_name = "orders"})) == "OK");
  CHECK(moved.usage().Calls("sqs", "CreateQueue", "OK") == 1);
}

TEST_CASE("Sessions that are equal are one", "[session][As][Digest]") {
  Cloud cloud;
  const WorldDigest before = cloud.Digest();
  CHECK(cloud.As({}).session() == cloud.sqs().session());
  CHECK(cloud.As(cloud.sqs().session()).session() == cloud.sqs().session());
  CHECK(cloud.Digest() == before);
}

TEST_CASE("Hooks see the session of the call", "[session][Recorder]") {
  Cloud cloud;
  Trail trail;
  cloud.Connect({.recorder = &trail});
  const Session ann = {.region = "eu-west-1",
                       .principal = "arn:aws:sts::123456789012:assumed-role/clerk/ann",
                       .user_agent = "ann's program",
                       .mfa_authenticated = true};
  CHECK(Code(cloud.As(ann).sqs().CreateQueue({.queue_name = "orders"})) == "OK");
  CHECK(Code(cloud.sqs().CreateQueue({.queue_name = "orders"})) == "OK");
  REQUIRE(trail.sessions.size() == 2);
  CHECK(trail.sessions[0] == cloud.As(ann).session());
  CHECK(trail.sessions[1] == cloud.sqs().session());
}

// ---- Accounts and regions

TEST_CASE("Each account has queues of its own in each region", "[session][As]") {
  Cloud cloud;
  const Strings accounts = {"123456789012", "210987654321"};
  const Strings regions = {"us-east-1", "eu-west-1", "cn-north-1"};
  for (const std::string& account : accounts) {
    for (const std::string& region : regions) {
      auto sqs = cloud.As({.account = account, .region = region}).sqs();
      const auto made = sqs.CreateQueue({.queue_name = "orders"});
      REQUIRE(made.ok());
      const std::string suffix = region == "cn-north-1" ? ".cn" : "";
      CHECK(made->queue_url ==
            "https://sqs." + region + ".amazonaws.com" + suffix + "/" + account + "/orders");
      CHECK(Code(sqs.SendMessage(
                {.queue_url = made->queue_url, .message_body = account + region})) == "OK");
    }
  }
  for (const std::string& account : accounts) {
    for (const std::string& region : regions) {
      auto sqs = cloud.As({.account = account, .region = region}).sqs();
      const auto urls = sqs.ListQueues({});
      REQUIRE(urls.ok());
      REQUIRE(urls->queue_urls.size() == 1);
      const auto received =
          sqs.ReceiveMessage({.queue_url = urls->queue_urls[0], .max_number_of_messages = 10});
      CHECK(sqs::BodiesOf(received->messages) == Strings{account + region});
    }
  }
}

TEST_CASE("Inside a handler the cloud may be seen as anybody", "[session][As]") {
  Cloud cloud;
  cloud.SetHandler("make", [](Cloud& c, uint64_t) {
    auto sqs = c.As({.region = "eu-west-1"}).sqs();
    CHECK(Code(sqs.CreateQueue({.queue_name = "orders"})) == "OK");
  });
  CHECK(Code(cloud.CallAfter(absl::Seconds(1), "make")) == "OK");
  CHECK(Code(cloud.Advance(absl::Seconds(1))) == "OK");
  CHECK(cloud.sqs().ListQueues({})->queue_urls.empty());
  CHECK(cloud.As({.region = "eu-west-1"}).sqs().ListQueues({})->queue_urls.size() == 1);
}

TEST_CASE("A fork and a restored world know the sessions", "[session][Fork][Save]") {
  Cloud cloud;
  const Session ann = {.principal = "arn:aws:iam::123456789012:user/ann"};
  CHECK(Code(cloud.As(ann).sqs().CreateQueue({.queue_name = "orders"})) == "OK");
  absl::StatusOr<Cloud> fork = cloud.Fork();
  absl::StatusOr<Cloud> restored = Cloud::Restore(*cloud.Save());
  REQUIRE(fork.ok());
  REQUIRE(restored.ok());
  for (Cloud* each : {&cloud, &*fork, &*restored}) {
    CHECK(each->As(ann).sqs().ListQueues({})->queue_urls.size() == 1);
  }
  CHECK(fork->Digest() == cloud.Digest());
  CHECK(restored->Digest() == cloud.Digest());
}

// ---- Sessions that cannot be

struct BadSession {
  Session session = {};
  std::string names = {};  // what the error says
};

std::vector<BadSession> BadSessions() {
  std::vector<BadSession> all = {
      {{.account = "12345678901"}, "12345678901"},
      {{.account = "1234567890123"}, "1234567890123"},
      {{.account = "12345678901x"}, "12345678901x"},
      {{.account = " 23456789012"}, "' 23456789012'"},
      {{.region = "Mars"}, "Mars"},
      {{.region = "us-east"}, "'us-east'"},
      {{.region = "US-EAST-1"}, "US-EAST-1"},
      {{.region = "us-east-1 "}, "'us-east-1 '"},
  };
  for (const char* principal : {
           "ann",                                                // no ARN
           "arn:aws:iam::123456789012:user",                     // nobody
           "arn:aws:iam::123456789012:user/",                    //
           "arn:aws:iam::123456789012:user/sales/",              //
           "arn:aws:iam::123456789012:role/worker",              // a role calls by being assumed
           "arn:aws:iam::123456789012:group/clerks",             // a group calls nobody
           "arn:aws:iam::123456789012:assumed-role/worker/run",  // is of sts
           "arn:aws:sts::123456789012:user/ann",                 // is of iam
           "arn:aws:sts::123456789012:assumed-role/worker",      // without a session
           "arn:aws:sts::123456789012:assumed-role/worker/",     //
           "arn:aws:sts::123456789012:assumed-role//run",        //
           "arn:aws:sts::123456789012:assumed-role/a/worker/run",
           "arn:aws:iam::210987654321:user/ann",           // another account's
           "arn:aws:iam::210987654321:root",               //
           "arn:aws-cn:iam::123456789012:user/ann",        // another partition's
           "arn:aws:iam:us-east-1:123456789012:user/ann",  // people have no region
           "arn:aws:sqs:us-east-1:123456789012:orders",    // a queue calls nobody
       }) {
    all.push_back({{.principal = principal}, principal});
  }
  return all;
}

TEST_CASE("Whoever cannot be is answered InvalidArgument by each call, and nothing happens",
          "[session][errors]") {
  for (const BadSession& bad : BadSessions()) {
    INFO(bad.names);
    sqs::World w;
    const std::string url = w.Queue();
    w.Send(url, "one");
    Trail trail;
    w.cloud.Connect({.recorder = &trail});
    auto sqs = w.cloud.As(bad.session).sqs();
    const uint64_t state = w.State();
    for (const absl::Status& status :
         {sqs.CreateQueue({.queue_name = "other"}).status(), sqs.ListQueues({}).status(),
          sqs.SendMessage({.queue_url = url, .message_body = "two"}).status(),
          sqs.ReceiveMessage({.queue_url = url, .wait_time_seconds = absl::Seconds(20)}).status(),
          sqs.PurgeQueue({.queue_url = url}).status(), sqs.DeleteQueue({.queue_url = url}).status(),
          sqs.SendMessage({}).status()}) {  // before it is looked at
      CHECK(Code(status) == "INVALID_ARGUMENT");
      CHECK_THAT(Words(status), Catch::Contains(bad.names) && Catch::Contains("session"));
    }
    CHECK(w.State() == state);
    CHECK(w.cloud.Now() == w.cloud.options().start_time);
    CHECK(trail.sessions.empty());
    CHECK(w.cloud.usage().Calls() == 2);
  }
}

Task<> AwaitedReceive(sqs::Client sqs, std::string url, Strings& codes) {
  const sqs::ReceiveMessageRequest poll = {.queue_url = url,
                                           .wait_time_seconds = absl::Seconds(20)};
  const auto received = co_await sqs.Await(poll);
  codes.push_back(Code(received));
}

TEST_CASE("Whoever cannot be is answered at once where it awaits", "[session][errors][task]") {
  sqs::World w({.latency = {.every_call = absl::Seconds(1)}});
  const std::string url = w.Queue();
  Strings codes;
  w.cloud.Spawn(AwaitedReceive(w.cloud.As({.account = "me"}).sqs(), url, codes));
  CHECK(codes == Strings{"INVALID_ARGUMENT"});
}

TEST_CASE("Users and assumed roles may be", "[session]") {
  Cloud cloud;
  for (const Session& session : {
           Session{.principal = "arn:aws:iam::123456789012:root"},
           Session{.principal = "arn:aws:iam::123456789012:user/ann"},
           Session{.principal = "arn:aws:iam::123456789012:user/sales/europe/ann"},
           Session{.principal = "arn:aws:sts::123456789012:assumed-role/worker/run-1"},
           Session{.account = "210987654321",
                   .region = "cn-north-1",
                   .principal = "arn:aws-cn:iam::210987654321:user/ann"},
       }) {
    INFO(session.principal);
    CHECK(Code(cloud.As(session).sqs().ListQueues({})) == "OK");
  }
}

}  // namespace
}  // namespace skybox
