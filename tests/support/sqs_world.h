#ifndef SKYBOX_TESTS_SUPPORT_SQS_WORLD_H_
#define SKYBOX_TESTS_SUPPORT_SQS_WORLD_H_

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "skybox/sqs.h"
#include "skybox/status.h"
#include "skybox/text.h"

// What tests of queues through the public API share: a Cloud with a client, and short forms of the
// calls that are only a step on the way (they REQUIRE that it succeeds).
namespace skybox::sqs {

using Strings = std::vector<std::string>;

inline constexpr absl::Duration kInstant = absl::Nanoseconds(1);  // the least time there is
inline constexpr const char* kAccount = "123456789012";           // of the default session

// "OK", the service's error code, or the canonical code of an error of the simulation.
inline std::string Code(const absl::Status& status) {
  const std::string code = ErrorCode(status);
  return code.empty() ? absl::StatusCodeToString(status.code()) : code;
}
template <typename T>
std::string Code(const absl::StatusOr<T>& answer) {
  return Code(answer.status());
}

inline std::string Words(const absl::Status& status) { return std::string(status.message()); }
template <typename T>
std::string Words(const absl::StatusOr<T>& answer) {
  return Words(answer.status());
}

inline Strings BodiesOf(const std::vector<Message>& messages) {
  Strings bodies;
  for (const Message& message : messages) bodies.push_back(message.body.str());
  return bodies;
}

// The three counts that GetQueueAttributes tells of a queue.
struct QueueCounts {
  int64_t visible = 0;
  int64_t in_flight = 0;
  int64_t delayed = 0;
  bool operator==(const QueueCounts&) const = default;
};

struct World {
  explicit World(CloudOptions options = {}) : cloud(std::move(options)), sqs(cloud.sqs()) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Cloud cloud;
  Client sqs;

  // ---- Queues, by URL

  std::string Queue(std::string name = "orders", QueueAttributes attributes = {}) {
    const auto made =
        sqs.CreateQueue({.queue_name = std::move(name), .attributes = std::move(attributes)});
    INFO(Words(made));
    REQUIRE(made.ok());
    return made->queue_url;
  }
  std::string Fifo(std::string name = "orders.fifo", QueueAttributes attributes = {}) {
    attributes.fifo_queue = true;
    return Queue(std::move(name), std::move(attributes));
  }
  void Set(const std::string& url, QueueAttributes attributes) {
    const auto set =
        sqs.SetQueueAttributes({.queue_url = url, .attributes = std::move(attributes)});
    INFO(Words(set));
    REQUIRE(set.ok());
  }
  QueueAttributes Attributes(const std::string& url) {
    const auto got = sqs.GetQueueAttributes({.queue_url = url, .attribute_names = {"All"}});
    INFO(Words(got));
    REQUIRE(got.ok());
    return got->attributes;
  }
  std::string Arn(const std::string& url) { return Attributes(url).queue_arn.value(); }
  QueueCounts Counts(const std::string& url) {
    const QueueAttributes all = Attributes(url);
    return {.visible = all.approximate_number_of_messages.value(),
            .in_flight = all.approximate_number_of_messages_not_visible.value(),
            .delayed = all.approximate_number_of_messages_delayed.value()};
  }

  // ---- Messages

  SendMessageResponse Send(const SendMessageRequest& request) {
    const auto sent = sqs.SendMessage(request);
    INFO(Words(sent));
    REQUIRE(sent.ok());
    return *sent;
  }
  SendMessageResponse Send(const std::string& url, Text body) {
    return Send({.queue_url = url, .message_body = std::move(body)});
  }
  void SendAll(const std::string& url, const Strings& bodies) {
    for (const std::string& body : bodies) Send(url, body);
  }
  // To a FIFO queue; the deduplication id is the body unless given.
  SendMessageResponse SendTo(const std::string& url, std::string_view group, std::string_view body,
                             std::string_view deduplication_id = {}) {
    return Send({.queue_url = url,
                 .message_body = body,
                 .message_deduplication_id = deduplication_id.empty() ? body : deduplication_id,
                 .message_group_id = group});
  }

  std::vector<Message> ReceiveWith(const ReceiveMessageRequest& request) {
    auto received = sqs.ReceiveMessage(request);
    INFO(Words(received));
    REQUIRE(received.ok());
    return std::move(received->messages);
  }
  // Up to ten messages with all that they have.
  std::vector<Message> Ten(const std::string& url) {
    return ReceiveWith({.queue_url = url,
                        .message_system_attribute_names = {"All"},
                        .message_attribute_names = {"All"},
                        .max_number_of_messages = 10});
  }
  Strings Bodies(const std::string& url) { return BodiesOf(Ten(url)); }
  // The one message that a receive of one message gives.
  Message One(const std::string& url) {
    std::vector<Message> messages = ReceiveWith({.queue_url = url,
                                                 .message_system_attribute_names = {"All"},
                                                 .message_attribute_names = {"All"}});
    REQUIRE(messages.size() == 1);
    return messages[0];
  }
  void Delete(const std::string& url, const ReceiptHandle& handle) {
    REQUIRE(Code(sqs.DeleteMessage({.queue_url = url, .receipt_handle = handle})) == "OK");
  }
  std::string Hide(const std::string& url, const ReceiptHandle& handle, absl::Duration timeout) {
    return Code(sqs.ChangeMessageVisibility(
        {.queue_url = url, .receipt_handle = handle, .visibility_timeout = timeout}));
  }

  // ---- The world

  void Advance(absl::Duration duration) { REQUIRE(Code(cloud.Advance(duration)) == "OK"); }
  // The state of all queues as one number: what a failed call must not change.
  uint64_t State() const { return cloud.Digest().components.at("sqs"); }
};

}  // namespace skybox::sqs

namespace Catch {

template <>
struct StringMaker<absl::Status> {
  static std::string convert(const absl::Status& status) {
    return skybox::sqs::Code(status) + ": " + skybox::sqs::Words(status);
  }
};
template <>
struct StringMaker<skybox::Text> {
  static std::string convert(const skybox::Text& text) { return '"' + text.str() + '"'; }
};
template <>
struct StringMaker<skybox::Md5> {
  static std::string convert(const skybox::Md5& md5) { return md5.str(); }
};
template <>
struct StringMaker<skybox::sqs::MessageId> {
  static std::string convert(const skybox::sqs::MessageId& id) { return id.str(); }
};
template <>
struct StringMaker<skybox::sqs::ReceiptHandle> {
  static std::string convert(const skybox::sqs::ReceiptHandle& handle) { return handle.str(); }
};
template <>
struct StringMaker<skybox::sqs::SequenceNumber> {
  static std::string convert(const skybox::sqs::SequenceNumber& number) { return number.str(); }
};
template <>
struct StringMaker<skybox::sqs::QueueCounts> {
  static std::string convert(const skybox::sqs::QueueCounts& counts) {
    return std::to_string(counts.visible) + " visible, " + std::to_string(counts.in_flight) +
           " in flight, " + std::to_string(counts.delayed) + " delayed";
  }
};

}  // namespace Catch

#endif  // SKYBOX_TESTS_SUPPORT_SQS_WORLD_H_
