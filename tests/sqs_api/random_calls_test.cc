#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "support/sqs_world.h"

namespace skybox::sqs {
namespace {

// Calls of every operation whose members are drawn from good, almost good and wild values. Most are
// refused, many are not; what holds for all is checked.
class Caller {
 public:
  explicit Caller(uint64_t seed) : state_(seed) {
    for (const char* name : {"a", "b", "c.fifo", "d.fifo"}) {
      QueueAttributes attributes;
      if (std::string_view(name).ends_with(".fifo")) attributes.fifo_queue = true;
      urls_.push_back(w_.Queue(name, attributes));
      arns_.push_back(w_.Arn(urls_.back()));
    }
    handles_ = {"", "junk", std::string(2000, 'A')};
    tasks_ = {"", "junk"};
  }

  World& world() { return w_; }
  uint64_t failures() const { return failures_; }
  uint64_t successes() const { return successes_; }

  void Call() {
    const uint64_t before = w_.State();
    const absl::Status status = CallOne();
    if (status.ok()) {
      ++successes_;
      return;
    }
    ++failures_;
    INFO(Code(status) << ": " << Words(status));
    CHECK_FALSE(ErrorCode(status).empty());
    CHECK_FALSE(status.message().empty());
    CHECK(status.message().size() < 10'000);
    CHECK(w_.State() == before);
  }

 private:
  uint64_t Draw(uint64_t n) {  // splitmix64
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (z ^ (z >> 31)) % n;
  }
  template <typename T>
  T OneOf(const std::vector<T>& values) {
    return values[Draw(values.size())];
  }

  std::string Wild() {
    return OneOf<std::string>({"",
                               " ",
                               "x",
                               std::string("\0", 1),
                               "\xFF\xFE",
                               "\xED\xA0\x80",
                               "{}",
                               "[[[[",
                               "{\"a\":1}",
                               std::string(300, 'x'),
                               std::string(100'000, '['),
                               "All",
                               ".*",
                               "AWS.x",
                               "aws:x",
                               "-1",
                               "1e400",
                               "%s%n",
                               "a b",
                               "..",
                               "\xC3\xA9"});
  }
  std::string Url() { return Draw(8) == 0 ? Wild() : OneOf(urls_); }
  std::string Name() {
    return Draw(3) == 0 ? Wild() : OneOf<std::string>({"a", "b", "c.fifo", "e", "f.fifo", ".fifo"});
  }
  std::string Arn() { return Draw(4) == 0 ? Wild() : OneOf(arns_); }
  std::string Word() {
    return Draw(4) == 0 ? Wild() : OneOf<std::string>({"g", "h", "SendMessage", "111122223333"});
  }
  ReceiptHandle Handle() { return OneOf(handles_); }
  int32_t Number() {
    return OneOf<int32_t>({1, 2, 10, 10, 10, 11, 0, -1, 1000, 1001,
                           std::numeric_limits<int32_t>::min(),
                           std::numeric_limits<int32_t>::max()});
  }
  std::optional<absl::Duration> Time() {
    if (Draw(2) == 0) return std::nullopt;
    return OneOf<absl::Duration>(
        {absl::ZeroDuration(), absl::Seconds(1), absl::Seconds(5), absl::Seconds(20),
         absl::Seconds(60), absl::Seconds(900), absl::Seconds(901), absl::Hours(12),
         absl::Hours(12) + absl::Seconds(1), absl::Seconds(-1), absl::Nanoseconds(1),
         absl::InfiniteDuration(), -absl::InfiniteDuration()});
  }
  template <typename T>
  std::optional<T> Maybe(T value) {
    return Draw(6) == 0 ? std::optional<T>(std::move(value)) : std::nullopt;
  }
  QueueAttributes Attributes() {
    QueueAttributes given;
    given.delay_seconds = Maybe(Time().value_or(absl::Seconds(1)));
    given.visibility_timeout = Maybe(Time().value_or(absl::Seconds(1)));
    given.message_retention_period = Maybe(Time().value_or(absl::Seconds(60)));
    given.maximum_message_size =
        Maybe(OneOf<int64_t>({1024, 262'144, 1, std::numeric_limits<int64_t>::min()}));
    given.policy = Maybe(Wild());
    given.redrive_policy = Maybe(
        Draw(3) == 0
            ? Wild()
            : RedrivePolicy{.dead_letter_target_arn = Arn(), .max_receive_count = Number()}.str());
    given.redrive_allow_policy =
        Maybe(Draw(3) == 0 ? Wild() : RedriveAllowPolicy{.redrive_permission = "denyAll"}.str());
    given.kms_master_key_id = Maybe(Wild());
    given.fifo_queue = Maybe(Draw(4) != 0);
    given.content_based_deduplication = Maybe(true);
    given.deduplication_scope = Maybe(OneOf<std::string>({"queue", "messageGroup", "x"}));
    given.fifo_throughput_limit = Maybe(OneOf<std::string>({"perQueue", "perMessageGroupId", ""}));
    given.queue_arn = Draw(50) == 0 ? std::optional(Arn()) : std::nullopt;
    return given;
  }
  std::map<std::string, std::string> TagsOf() {
    std::map<std::string, std::string> tags;
    for (uint64_t n = Draw(3); n > 0; --n) tags[Draw(3) == 0 ? Wild() : "k"] = Wild();
    return tags;
  }
  MessageAttributes Attached() {
    MessageAttributes attributes;
    for (uint64_t n = Draw(3); n > 0; --n) {
      MessageAttributeValue& value = attributes[Draw(2) == 0 ? Wild() : "n"];
      value.data_type = OneOf<std::string>({"String", "Number", "Binary", "String.x", "", "Float"});
      if (Draw(4) != 0) value.string_value = Draw(2) == 0 ? Wild() : "12";
      if (Draw(3) == 0) value.binary_value = Wild();
    }
    return attributes;
  }
  template <typename Message>
  void Fill(Message& message) {
    message.message_body = Text(Draw(4) == 0 ? Wild() : "body");
    if (Draw(4) == 0) message.delay_seconds = Time();
    if (Draw(3) == 0) message.message_attributes = Attached();
    if (Draw(8) == 0) message.message_system_attributes = Attached();
    if (Draw(2) == 0) message.message_group_id = Text(Word());
    if (Draw(2) == 0) message.message_deduplication_id = Text(std::to_string(Draw(50)));
  }
  std::string EntryId(size_t i) { return Draw(20) == 0 ? Wild() : "id-" + std::to_string(i); }
  size_t EntryCount() { return Draw(10) == 0 ? Draw(13) : 1 + Draw(4); }

  void Keep(const std::vector<Message>& messages) {
    for (const Message& message : messages) handles_.push_back(message.receipt_handle);
    if (handles_.size() > 60) handles_.erase(handles_.begin() + 3, handles_.begin() + 20);
  }

  absl::Status CallOne() {
    const Client& c = w_.sqs;
    switch (Draw(23)) {
      case 0: {
        const auto made =
            c.CreateQueue({.queue_name = Name(), .attributes = Attributes(), .tags = TagsOf()});
        return made.status();
      }
      case 1:
        return c.GetQueueUrl({.queue_name = Name(), .queue_owner_aws_account_id = Word()}).status();
      case 2:
        return c.ListQueues({.queue_name_prefix = Wild(), .max_results = Number()}).status();
      case 3:
        // Seldom, so that there is something left for the others.
        return c.DeleteQueue({.queue_url = Draw(20) == 0 ? Url() : Wild()}).status();
      case 4:
        return c.PurgeQueue({.queue_url = Draw(4) == 0 ? Url() : Wild()}).status();
      case 5:
        return c.GetQueueAttributes({.queue_url = Url(), .attribute_names = {Wild()}}).status();
      case 6:
        return c.SetQueueAttributes({.queue_url = Url(), .attributes = Attributes()}).status();
      case 7:
        return c.TagQueue({.queue_url = Url(), .tags = TagsOf()}).status();
      case 8:
        return c.UntagQueue({.queue_url = Url(), .tag_keys = {Wild()}}).status();
      case 9:
        return c.ListQueueTags({.queue_url = Url()}).status();
      case 10:
        return c
            .AddPermission({.queue_url = Url(),
                            .label = Word(),
                            .aws_account_ids = {Word()},
                            .actions = {Word()}})
            .status();
      case 11:
        return c.RemovePermission({.queue_url = Url(), .label = Word()}).status();
      case 12:
      case 13: {
        SendMessageRequest request = {.queue_url = Url()};
        Fill(request);
        return c.SendMessage(request).status();
      }
      case 14: {
        SendMessageBatchRequest request = {.queue_url = Url()};
        request.entries.resize(EntryCount());
        for (size_t i = 0; i < request.entries.size(); ++i) {
          request.entries[i].id = EntryId(i);
          Fill(request.entries[i]);
        }
        return c.SendMessageBatch(request).status();
      }
      case 15:
      case 16: {
        ReceiveMessageRequest request = {.queue_url = Url(), .max_number_of_messages = Number()};
        request.visibility_timeout = Time();
        if (Draw(4) == 0) request.wait_time_seconds = Time();
        if (Draw(4) == 0) request.message_system_attribute_names = {Wild()};
        if (Draw(4) == 0) request.message_attribute_names = {Wild()};
        if (Draw(4) == 0) request.receive_request_attempt_id = Word();
        const auto received = c.ReceiveMessage(request);
        if (received.ok()) Keep(received->messages);
        return received.status();
      }
      case 17:
        return c.DeleteMessage({.queue_url = Url(), .receipt_handle = Handle()}).status();
      case 18: {
        DeleteMessageBatchRequest request = {.queue_url = Url()};
        for (size_t i = EntryCount(); i > 0; --i) {
          request.entries.push_back({.id = EntryId(i), .receipt_handle = Handle()});
        }
        return c.DeleteMessageBatch(request).status();
      }
      case 19:
        return c
            .ChangeMessageVisibility(
                {.queue_url = Url(), .receipt_handle = Handle(), .visibility_timeout = Time()})
            .status();
      case 20: {
        ChangeMessageVisibilityBatchRequest request = {.queue_url = Url()};
        for (size_t i = EntryCount(); i > 0; --i) {
          request.entries.push_back(
              {.id = EntryId(i), .receipt_handle = Handle(), .visibility_timeout = Time()});
        }
        return c.ChangeMessageVisibilityBatch(request).status();
      }
      case 21: {
        const auto started = c.StartMessageMoveTask(
            {.source_arn = Arn(), .destination_arn = Draw(2) == 0 ? Arn() : std::string()});
        if (started.ok()) tasks_.push_back(started->task_handle);
        return started.status();
      }
      default:
        return Draw(2) == 0 ? c.CancelMessageMoveTask({.task_handle = OneOf(tasks_)}).status()
                            : c.ListMessageMoveTasks({.source_arn = Arn(), .max_results = Number()})
                                  .status();
    }
  }

  World w_;
  uint64_t state_;
  std::vector<std::string> urls_ = {};
  std::vector<std::string> arns_ = {};
  std::vector<ReceiptHandle> handles_ = {};
  std::vector<std::string> tasks_ = {};
  uint64_t failures_ = 0;
  uint64_t successes_ = 0;
};

TEST_CASE("A call that fails changes nothing, whatever it asks for", "[sqs][random]") {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("seed " << seed);
    Caller caller(seed);
    for (int i = 0; i < 2'000; ++i) {
      INFO("call " << i);
      caller.Call();
      if (i % 10 == 0) caller.world().Advance(absl::Seconds(i % 70));
    }
    // Neither all of one kind nor all of the other.
    CHECK(caller.failures() > 200);
    CHECK(caller.successes() > 200);
  }
}

}  // namespace
}  // namespace skybox::sqs
