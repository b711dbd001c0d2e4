#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "skybox/ports.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

struct Sample {
  absl::Time time;
  std::string unit;
  double sum = 0;
  double minimum = 0;
  double maximum = 0;
  double count = 0;
};

// Keeps what it gets: "queue/metric" to its samples.
class Metrics : public MetricSink {
 public:
  void Put(const MetricSample& sample) override {
    CHECK(sample.metric_namespace == "AWS/SQS");
    CHECK(sample.period == absl::Minutes(1));
    REQUIRE(sample.dimensions.size() == 1);
    CHECK(sample.dimensions[0].name == "QueueName");
    CHECK(sample.account == kAccount);
    CHECK(sample.region == "us-east-1");
    CHECK((sample.timestamp - absl::UnixEpoch()) % absl::Minutes(1) == absl::ZeroDuration());
    samples_[std::string(sample.dimensions[0].value) + "/" + std::string(sample.metric_name)]
        .push_back({sample.timestamp, std::string(sample.unit), sample.sum, sample.minimum,
                    sample.maximum, sample.sample_count});
  }

  // The sum over all samples of one metric of the queue "orders" (or another).
  double Sum(const std::string& metric, const std::string& queue = "orders") const {
    double sum = 0;
    for (const Sample& sample : Of(metric, queue)) sum += sample.sum;
    return sum;
  }
  std::vector<Sample> Of(const std::string& metric, const std::string& queue = "orders") const {
    const auto found = samples_.find(queue + "/" + metric);
    return found == samples_.end() ? std::vector<Sample>{} : found->second;
  }
  // The maximum of the latest sample; -1 without any.
  double Last(const std::string& metric, const std::string& queue = "orders") const {
    const std::vector<Sample> samples = Of(metric, queue);
    return samples.empty() ? -1 : samples.back().maximum;
  }

 private:
  std::map<std::string, std::vector<Sample>> samples_;
};

struct Measured : World {
  Measured() { cloud.Connect({.metric_sink = &metrics}); }
  ~Measured() { cloud.Connect({}); }
  Metrics metrics;
};

// ---- Counts

TEST_CASE("The counts tell visible, in-flight and delayed messages", "[sqs][counts]") {
  World w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c"});
  w.Send({.queue_url = url, .message_body = "d", .delay_seconds = absl::Seconds(10)});
  CHECK(w.Counts(url) == QueueCounts{.visible = 3, .delayed = 1});
  const Message a = w.One(url);
  CHECK(w.Counts(url) == QueueCounts{.visible = 2, .in_flight = 1, .delayed = 1});
  w.Delete(url, a.receipt_handle);
  w.Advance(absl::Seconds(10));
  CHECK(w.Counts(url) == QueueCounts{.visible = 3});
}

TEST_CASE("A FIFO queue counts the messages of blocked groups as visible", "[sqs][counts][fifo]") {
  World w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one");
  w.SendTo(url, "g", "two");
  w.One(url);
  CHECK(w.Counts(url) == QueueCounts{.visible = 1, .in_flight = 1});
}

TEST_CASE("Messages are counted where they are after a move", "[sqs][counts]") {
  World w;
  const std::string dead = w.Queue("dead");
  const std::string url =
      w.Queue("orders", {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = w.Arn(dead),
                                                         .max_receive_count = 1}});
  w.SendAll(url, {"a", "b"});
  w.Ten(url);
  w.Advance(absl::Seconds(30));
  w.Ten(url);
  CHECK(w.Counts(url) == QueueCounts{});
  CHECK(w.Counts(dead) == QueueCounts{.visible = 2});
}

TEST_CASE("Looking changes nothing", "[sqs][counts]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  const uint64_t before = w.State();
  w.Attributes(url);
  w.sqs.ListQueues({}).IgnoreError();
  w.sqs.ListQueueTags({.queue_url = url}).IgnoreError();
  w.sqs.GetQueueUrl({.queue_name = "orders"}).IgnoreError();
  CHECK(w.State() == before);
}

// ---- Metrics

TEST_CASE("Sent, received and deleted messages are counted by the minute", "[sqs][metrics]") {
  Measured w;
  const std::string url = w.Queue();
  w.SendAll(url, {"a", "b", "c"});
  const std::vector<Message> got = w.ReceiveWith({.queue_url = url, .max_number_of_messages = 2});
  w.Delete(url, got[0].receipt_handle);
  w.Advance(absl::Minutes(2));
  CHECK(w.metrics.Sum("NumberOfMessagesSent") == 3);
  CHECK(w.metrics.Sum("NumberOfMessagesReceived") == 2);
  CHECK(w.metrics.Sum("NumberOfMessagesDeleted") == 1);
  CHECK(w.metrics.Of("NumberOfMessagesSent")[0].unit == "Count");
  CHECK(w.metrics.Of("NumberOfMessagesSent")[0].time == absl::FromUnixSeconds(1'704'067'200));
}

TEST_CASE("A message of the next minute is in the next sample", "[sqs][metrics]") {
  Measured w;
  const std::string url = w.Queue();
  w.Send(url, "a");
  w.Advance(absl::Minutes(1));
  w.Send(url, "b");
  w.Send(url, "c");
  w.Advance(absl::Minutes(1));
  std::map<absl::Time, double> by_minute;
  for (const Sample& sample : w.metrics.Of("NumberOfMessagesSent")) {
    by_minute[sample.time] += sample.sum;
  }
  CHECK(by_minute[absl::FromUnixSeconds(1'704'067'200)] == 1);
  CHECK(by_minute[absl::FromUnixSeconds(1'704'067'260)] == 2);
}

TEST_CASE("A batch counts its messages", "[sqs][metrics]") {
  Measured w;
  const std::string url = w.Queue();
  REQUIRE(w.sqs
              .SendMessageBatch({.queue_url = url,
                                 .entries = {{.id = "a", .message_body = "a"},
                                             {.id = "b", .message_body = "b"},
                                             {.id = "c", .message_body = ""}}})
              .ok());
  w.Advance(absl::Minutes(1));
  CHECK(w.metrics.Sum("NumberOfMessagesSent") == 2);
}

TEST_CASE("Empty receives are counted", "[sqs][metrics]") {
  Measured w;
  const std::string url = w.Queue();
  w.Ten(url);
  w.Ten(url);
  w.ReceiveWith({.queue_url = url, .wait_time_seconds = absl::Seconds(5)});
  w.Send(url, "one");
  w.Ten(url);
  w.Advance(absl::Minutes(1));
  CHECK(w.metrics.Sum("NumberOfEmptyReceives") == 3);
}

TEST_CASE("The sizes of sent messages are measured in bytes", "[sqs][metrics]") {
  Measured w;
  const std::string url = w.Queue();
  w.Send(url, std::string(100, 'x'));
  w.Send({.queue_url = url,
          .message_body = std::string(300, 'x'),
          .message_attributes = {{"n", {.data_type = "String", .string_value = "abc"}}}});
  w.Advance(absl::Minutes(1));
  const std::vector<Sample> sizes = w.metrics.Of("SentMessageSize");
  REQUIRE(sizes.size() == 1);
  CHECK(sizes[0].unit == "Bytes");
  CHECK(sizes[0].count == 2);
  CHECK(sizes[0].minimum == 100);
  CHECK(sizes[0].maximum == 310);
  CHECK(sizes[0].sum == 410);
}

TEST_CASE("The numbers of messages are measured", "[sqs][metrics]") {
  Measured w;
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::Hours(1)});
  w.SendAll(url, {"a", "b", "c"});
  w.Send({.queue_url = url, .message_body = "d", .delay_seconds = absl::Seconds(900)});
  w.One(url);
  w.Advance(absl::Minutes(3));
  CHECK(w.metrics.Last("ApproximateNumberOfMessagesVisible") == 2);
  CHECK(w.metrics.Last("ApproximateNumberOfMessagesNotVisible") == 1);
  CHECK(w.metrics.Last("ApproximateNumberOfMessagesDelayed") == 1);
}

TEST_CASE("The age of the oldest message is measured in seconds", "[sqs][metrics]") {
  Measured w;
  const std::string url = w.Queue();
  w.Send(url, "old");
  w.Advance(absl::Minutes(5));
  w.Send(url, "new");
  w.Advance(absl::Minutes(5));
  const std::vector<Sample> ages = w.metrics.Of("ApproximateAgeOfOldestMessage");
  REQUIRE_FALSE(ages.empty());
  CHECK(ages.back().unit == "Seconds");
  CHECK(ages.back().maximum >= 540);
  CHECK(ages.back().maximum <= 600);
  w.Delete(url, w.One(url).receipt_handle);
  w.Advance(absl::Minutes(2));
  CHECK(w.metrics.Last("ApproximateAgeOfOldestMessage") >= 360);
  CHECK(w.metrics.Last("ApproximateAgeOfOldestMessage") <= 420);
}

TEST_CASE("A message received more than three times does not count in the age of the oldest",
          "[sqs][metrics]") {
  Measured w;
  const std::string url = w.Queue("orders", {.visibility_timeout = absl::ZeroDuration()});
  w.Send(url, "poison");
  w.Advance(absl::Minutes(10));
  w.Send(url, "new");
  for (int i = 0; i < 3; ++i) {
    CHECK(w.ReceiveWith({.queue_url = url})[0].body == "poison");
  }
  w.Advance(absl::Minutes(1));
  CHECK(w.metrics.Last("ApproximateAgeOfOldestMessage") >= 600);
  CHECK(w.Bodies(url) == Strings{"new", "poison"});
  w.Advance(absl::Minutes(1));
  CHECK(w.metrics.Last("ApproximateAgeOfOldestMessage") <= 120);
}

TEST_CASE("The age of the oldest message of a dead-letter queue counts from the move",
          "[sqs][metrics]") {
  // However often the message was received before. Rule: "Available CloudWatch metrics for Amazon
  // SQS", Developer Guide.
  Measured w;
  const std::string dead = w.Queue("dead");
  const std::string url =
      w.Queue("orders", {.visibility_timeout = absl::ZeroDuration(),
                         .redrive_policy = RedrivePolicy{.dead_letter_target_arn = w.Arn(dead),
                                                         .max_receive_count = 5}});
  w.Send(url, "poison");
  w.Advance(absl::Minutes(30));
  for (int i = 0; i < 5; ++i) CHECK(w.Bodies(url) == Strings{"poison"});
  CHECK(w.Bodies(url).empty());
  w.Advance(absl::Minutes(10));
  CHECK(w.metrics.Last("ApproximateAgeOfOldestMessage", "dead") >= 540);
  CHECK(w.metrics.Last("ApproximateAgeOfOldestMessage", "dead") <= 600);
}

TEST_CASE("Moves to a dead-letter queue are not sent messages", "[sqs][metrics]") {
  Measured w;
  const std::string dead = w.Queue("dead");
  const std::string url =
      w.Queue("orders", {.redrive_policy = RedrivePolicy{.dead_letter_target_arn = w.Arn(dead),
                                                         .max_receive_count = 1}});
  w.Send(url, "poison");
  w.Ten(url);
  w.Advance(absl::Seconds(30));
  w.Ten(url);
  w.Advance(absl::Minutes(2));
  CHECK(w.metrics.Sum("NumberOfMessagesSent", "dead") == 0);
  CHECK(w.metrics.Last("ApproximateNumberOfMessagesVisible", "dead") == 1);
}

TEST_CASE("Duplicates are counted", "[sqs][metrics][fifo]") {
  Measured w;
  const std::string url = w.Fifo();
  w.SendTo(url, "g", "one", "d");
  w.SendTo(url, "g", "two", "d");
  w.SendTo(url, "g", "three", "d");
  w.Advance(absl::Minutes(1));
  CHECK(w.metrics.Sum("NumberOfDeduplicatedSentMessages", "orders.fifo") == 2);
}

TEST_CASE("The groups with messages in flight are measured", "[sqs][metrics][fifo]") {
  Measured w;
  const std::string url = w.Fifo("orders.fifo", {.visibility_timeout = absl::Hours(1)});
  for (const char* group : {"a", "b", "c"}) w.SendTo(url, group, group);
  w.ReceiveWith({.queue_url = url, .max_number_of_messages = 2});
  w.Advance(absl::Minutes(2));
  CHECK(w.metrics.Last("ApproximateNumberOfGroupsWithInflightMessages", "orders.fifo") == 2);
}

TEST_CASE("A queue that nobody touches falls silent after 6 hours", "[sqs][metrics]") {
  Measured w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  w.Delete(url, w.One(url).receipt_handle);
  w.Advance(absl::Hours(5));
  const size_t after_five = w.metrics.Of("ApproximateNumberOfMessagesVisible").size();
  CHECK(after_five >= 299);
  w.Advance(absl::Hours(2));
  const size_t after_seven = w.metrics.Of("ApproximateNumberOfMessagesVisible").size();
  CHECK(after_seven >= 359);
  CHECK(after_seven <= 362);
  w.Advance(absl::Hours(24));
  CHECK(w.metrics.Of("ApproximateNumberOfMessagesVisible").size() == after_seven);
  w.Send(url, "two");
  w.Advance(absl::Minutes(2));
  CHECK(w.metrics.Of("ApproximateNumberOfMessagesVisible").size() > after_seven);
}

TEST_CASE("Who listens to metrics changes nothing in the queues", "[sqs][metrics]") {
  const auto run = [](World& w) {
    const std::string url = w.Queue();
    Strings seen;
    for (int i = 0; i < 20; ++i) {
      w.Send(url, std::to_string(i));
      w.Advance(absl::Seconds(20));
      for (const Message& message : w.Ten(url)) seen.push_back(message.receipt_handle.str());
    }
    return seen;
  };
  World silent;
  Measured measured;
  CHECK(run(silent) == run(measured));
}

// ---- Usage

TEST_CASE("Calls are counted by operation and outcome", "[sqs][usage]") {
  World w;
  const std::string url = w.Queue();
  w.Send(url, "one");
  w.Send(url, "two");
  w.sqs.SendMessage({.queue_url = url}).IgnoreError();
  CHECK(w.cloud.usage().Calls("sqs", "SendMessage") == 3);
  CHECK(w.cloud.usage().Calls("sqs", "SendMessage", "OK") == 2);
  CHECK(w.cloud.usage().Calls("sqs", "SendMessage", "MissingParameter") == 1);
  CHECK(w.cloud.usage().Calls("sqs", "CreateQueue") == 1);
}

}  // namespace
}  // namespace skybox::sqs
