#include "skybox/ports.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "support/sqs_world.h"

// The null form of each port: allow, drop or refuse. (Who stands at the front door is in
// front_door_test.cc.)
namespace skybox {
namespace {

using sqs::Code;
using sqs::Words;

constexpr Operation kOperation = {.service = "lockers", .name = "CollectParcels"};

TEST_CASE("Nobody breaks, forbids, records or bills a call", "[ports]") {
  const Session session;
  const Call call = {.operation = kOperation, .session = session, .time = absl::UnixEpoch()};
  CHECK(Code(FaultInjector().Before(call)) == "OK");
  CHECK(Code(FaultInjector().After(call)) == "OK");
  CHECK(Code(Authorizer().Authorize(call)) == "OK");
  Recorder().Record(call);
  Meter().Use(call, "Requests", 1);
}

TEST_CASE("Nobody keeps samples, lines and events", "[ports]") {
  MetricSink().Put({});
  LogSink().Write({}, "group", "stream", absl::UnixEpoch(), "line");
  EventSink().Put({}, "source", "type", "{}");
}

TEST_CASE("Nobody encrypts, and says under which key", "[ports]") {
  Vault vault;
  const auto encrypted = vault.Encrypt({}, "alias/orders", "plain");
  CHECK(Code(encrypted) == "UNIMPLEMENTED");
  CHECK_THAT(Words(encrypted), Catch::Contains("alias/orders"));
  const auto key = vault.GenerateDataKey({}, "alias/orders");
  CHECK(Code(key) == "UNIMPLEMENTED");
  CHECK_THAT(Words(key), Catch::Contains("alias/orders"));
  CHECK(Code(vault.Decrypt({}, "cipher")) == "UNIMPLEMENTED");
}

TEST_CASE("Nobody keeps bytes, and says in which bucket", "[ports]") {
  ObjectStore store;
  const absl::Status put = store.Put({}, "parcels", "key", "bytes");
  CHECK(Code(put) == "UNIMPLEMENTED");
  CHECK_THAT(Words(put), Catch::Contains("parcels"));
  const auto got = store.Get({}, "parcels", "key");
  CHECK(Code(got) == "UNIMPLEMENTED");
  CHECK_THAT(Words(got), Catch::Contains("parcels"));
}

TEST_CASE("What nobody can receive is NotFound, and names the ARN", "[ports][Deliver]") {
  const std::string arn = "arn:aws:sns:us-east-1:123456789012:topic";
  Cloud cloud;
  for (const absl::Status& status :
       {Delivery().Deliver({.target_arn = arn}), cloud.Deliver({.target_arn = arn})}) {
    CHECK(Code(status) == "NOT_FOUND");
    CHECK_THAT(Words(status), Catch::Contains(arn));
  }
  CHECK(Code(cloud.Deliver({.target_arn = "topic"})) == "INVALID_ARGUMENT");
}

Task<> Receive(sqs::Client sqs, std::string url, std::string& body) {
  const sqs::ReceiveMessageRequest poll = {.queue_url = url,
                                           .wait_time_seconds = absl::Seconds(20)};
  const auto received = co_await sqs.Await(poll);
  body = received->messages.at(0).body.str();
}

TEST_CASE("What is delivered has arrived when Deliver returns", "[ports][Deliver][settled]") {
  sqs::World w;
  const std::string url = w.Queue();
  std::string body;
  w.cloud.Spawn(Receive(w.sqs, url, body));
  CHECK(Code(w.cloud.Deliver({.target_arn = w.Arn(url), .body = "parcel"})) == "OK");
  CHECK(body == "parcel");
}

TEST_CASE("Connect takes the place of all that was connected before", "[ports][Connect]") {
  Cloud cloud;
  Recorder recorder;
  Meter meter;
  cloud.Connect({.recorder = &recorder});
  cloud.Connect({.meter = &meter});
  CHECK(cloud.ports().recorder == nullptr);
  CHECK(cloud.ports().meter == &meter);
}

}  // namespace
}  // namespace skybox
