#ifndef SKYBOX_SQS_TYPES_H_
#define SKYBOX_SQS_TYPES_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "skybox/fields.h"
#include "skybox/text.h"

// The ids and the shared structs of SQS: what the operations in sqs.h are made of.
namespace skybox::sqs {

using skybox::operator==;  // of structs with Fields

// ---- Ids
// ------------------------------------------------------------------------------------------

// Prints as a version 4 UUID.
class MessageId {
 public:
  MessageId() = default;
  MessageId(uint64_t high, uint64_t low) : high_(high), low_(low) {}
  // An id from its text; an empty id when the text is no UUID.
  explicit MessageId(std::string_view text);

  bool empty() const { return high_ == 0 && low_ == 0; }
  std::string str() const;  // empty for an empty id
  uint64_t high() const { return high_; }
  uint64_t low() const { return low_; }
  uint64_t DigestValue() const { return high_ ^ (low_ << 1 | low_ >> 63); }
  auto operator<=>(const MessageId&) const = default;

 private:
  uint64_t high_ = 0;
  uint64_t low_ = 0;
};

// Names one receive of one message. Prints as base 64; any text makes one, so that a program can
// hand in what it has, but only what a ReceiveMessage gave out is accepted.
class ReceiptHandle {
 public:
  ReceiptHandle() = default;
  ReceiptHandle(std::string_view text);  // NOLINT(google-explicit-constructor)
  ReceiptHandle(const char* text) : ReceiptHandle(std::string_view(text)) {}         // NOLINT
  ReceiptHandle(const std::string& text) : ReceiptHandle(std::string_view(text)) {}  // NOLINT
  // As a queue gives it out: the queue's number, the message's number and the receive's number,
  // none of them 0.
  ReceiptHandle(uint32_t queue, uint32_t row, uint64_t message, uint64_t receive)
      : queue_(queue), row_(row), message_(message), receive_(receive) {}

  bool empty() const { return receive_ == 0 && foreign_.empty(); }
  bool valid() const { return receive_ != 0; }  // has the form of one that a queue gives out
  std::string str() const;
  uint32_t queue() const { return queue_; }
  uint32_t row() const { return row_; }
  uint64_t message() const { return message_; }
  uint64_t receive() const { return receive_; }
  uint64_t DigestValue() const {
    return (uint64_t{queue_} << 32 | row_) ^ message_ * 0x9E3779B97F4A7C15u ^
           receive_ * 0xD6E8FEB86659FD93u ^ foreign_.Hash();
  }
  bool operator==(const ReceiptHandle&) const = default;

 private:
  uint32_t queue_ = 0;
  uint32_t row_ = 0;
  uint64_t message_ = 0;
  uint64_t receive_ = 0;
  Text foreign_ = {};  // the text, where it is not of our form
};

// The order of a FIFO queue's messages: increases with every message, not by 1. Prints as 20
// digits.
class SequenceNumber {
 public:
  SequenceNumber() = default;
  explicit SequenceNumber(uint64_t place) : place_(place) {}
  uint64_t place() const { return place_; }
  uint64_t DigestValue() const { return place_; }
  std::string str() const;
  auto operator<=>(const SequenceNumber&) const = default;

 private:
  uint64_t place_ = 0;
};

// ---- Shared structs
// ---------------------------------------------------------------------------------

// The value of the RedrivePolicy attribute; the attribute itself is its JSON text, and takes this
// as well.
struct RedrivePolicy {
  std::string dead_letter_target_arn = {};
  int32_t max_receive_count = 10;  // 1 to 1000

  std::string str() const;
  operator std::string() const { return str(); }  // NOLINT(google-explicit-constructor)
};

// The value of the RedriveAllowPolicy attribute.
struct RedriveAllowPolicy {
  std::string redrive_permission = "allowAll";      // or "denyAll", "byQueue"
  std::vector<std::string> source_queue_arns = {};  // byQueue: 1 to 10

  std::string str() const;
  operator std::string() const { return str(); }  // NOLINT(google-explicit-constructor)
};

// A queue's attributes. In a request, those that are set; in an answer, those that were asked for
// and exist. A read-only one in a request is an InvalidAttributeName. Rule: "SetQueueAttributes"
// and "CreateQueue", API Reference.
struct QueueAttributes {
  std::optional<absl::Duration> delay_seconds = {};  // 0 to 15 minutes; default 0
  std::optional<int64_t> maximum_message_size =
      {};  // 1024 bytes up to the quota sqs.maximum_message_size, the default
  std::optional<absl::Duration> message_retention_period = {};  // 60 s to 14 days; default 4 days
  std::optional<std::string> policy = {};                       // JSON; empty removes it
  std::optional<absl::Duration> receive_message_wait_time_seconds = {};  // 0 to 20 s; default 0
  std::optional<absl::Duration> visibility_timeout = {};  // 0 to 12 hours; default 30 s
  std::optional<std::string> redrive_policy = {};  // JSON or sqs::RedrivePolicy; empty removes it
  std::optional<std::string> redrive_allow_policy =
      {};  // JSON or sqs::RedriveAllowPolicy; empty removes it
  std::optional<std::string> kms_master_key_id = {};  // key id, ARN or alias; empty removes it
  std::optional<absl::Duration> kms_data_key_reuse_period_seconds =
      {};  // 60 s to 24 hours; default 5 minutes
  std::optional<bool> sqs_managed_sse_enabled =
      {};  // default true; false where a KmsMasterKeyId is set
  std::optional<bool> fifo_queue =
      {};  // only at creation, and only true: a standard queue has none
  std::optional<bool> content_based_deduplication = {};  // FIFO; default false
  std::optional<std::string> deduplication_scope = {};  // FIFO; "queue" (default) or "messageGroup"
  std::optional<std::string> fifo_throughput_limit =
      {};  // FIFO; "perQueue" (default) or "perMessageGroupId"
  std::optional<int64_t> approximate_number_of_messages = {};              // read only: visible
  std::optional<int64_t> approximate_number_of_messages_not_visible = {};  // read only: in flight
  std::optional<int64_t> approximate_number_of_messages_delayed = {};      // read only
  std::optional<absl::Time> created_timestamp = {};                        // read only
  std::optional<absl::Time> last_modified_timestamp = {};                  // read only
  std::optional<std::string> queue_arn = {};                               // read only

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("DelaySeconds", self.delay_seconds, kSeconds);
    visit("MaximumMessageSize", self.maximum_message_size);
    visit("MessageRetentionPeriod", self.message_retention_period, kSeconds);
    visit("Policy", self.policy);
    visit("ReceiveMessageWaitTimeSeconds", self.receive_message_wait_time_seconds, kSeconds);
    visit("VisibilityTimeout", self.visibility_timeout, kSeconds);
    visit("RedrivePolicy", self.redrive_policy);
    visit("RedriveAllowPolicy", self.redrive_allow_policy);
    visit("KmsMasterKeyId", self.kms_master_key_id);
    visit("KmsDataKeyReusePeriodSeconds", self.kms_data_key_reuse_period_seconds, kSeconds);
    visit("SqsManagedSseEnabled", self.sqs_managed_sse_enabled);
    visit("FifoQueue", self.fifo_queue);
    visit("ContentBasedDeduplication", self.content_based_deduplication);
    visit("DeduplicationScope", self.deduplication_scope);
    visit("FifoThroughputLimit", self.fifo_throughput_limit);
    visit("ApproximateNumberOfMessages", self.approximate_number_of_messages);
    visit("ApproximateNumberOfMessagesNotVisible", self.approximate_number_of_messages_not_visible);
    visit("ApproximateNumberOfMessagesDelayed", self.approximate_number_of_messages_delayed);
    visit("CreatedTimestamp", self.created_timestamp, kSeconds);
    visit("LastModifiedTimestamp", self.last_modified_timestamp, kSeconds);
    visit("QueueArn", self.queue_arn);
  }
};

// The value of a message attribute or of a message system attribute.
struct MessageAttributeValue {
  std::string data_type =
      {};  // "String", "Number" or "Binary", or one of these with ".label"; up to 256 characters
  std::optional<std::string> string_value = {};      // for String and Number
  std::optional<std::string> binary_value = {};      // for Binary
  std::vector<std::string> string_list_values = {};  // reserved by the service: must be empty
  std::vector<std::string> binary_list_values = {};  // reserved by the service: must be empty

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("DataType", self.data_type);
    visit("StringValue", self.string_value);
    visit("BinaryValue", self.binary_value);
    visit("StringListValues", self.string_list_values);
    visit("BinaryListValues", self.binary_list_values);
  }
};

// Message attributes by name: up to 10. Names have letters, digits, '_', '-' and single inner '.',
// up to 256 characters, and do not start with "AWS." or "Amazon." in any case. Rule: "Amazon SQS
// message metadata", Developer Guide.
using MessageAttributes = std::map<std::string, MessageAttributeValue>;

// A received message's system attributes: those that were asked for and that it has.
struct MessageSystemAttributes {
  std::optional<Text> sender_id = {};  // user id, role id with session name, or account
  std::optional<absl::Time> sent_timestamp = {};
  std::optional<int32_t> approximate_receive_count = {};
  std::optional<absl::Time> approximate_first_receive_timestamp = {};
  std::optional<SequenceNumber> sequence_number = {};  // FIFO
  std::optional<Text> message_deduplication_id = {};   // FIFO
  std::optional<Text> message_group_id = {};  // FIFO, and standard where the sender gave one
  std::optional<Text> aws_trace_header = {};
  std::optional<Text> dead_letter_queue_source_arn = {};  // in a dead-letter queue

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("SenderId", self.sender_id);
    visit("SentTimestamp", self.sent_timestamp, kMilliseconds);
    visit("ApproximateReceiveCount", self.approximate_receive_count);
    visit("ApproximateFirstReceiveTimestamp", self.approximate_first_receive_timestamp,
          kMilliseconds);
    visit("SequenceNumber", self.sequence_number);
    visit("MessageDeduplicationId", self.message_deduplication_id);
    visit("MessageGroupId", self.message_group_id);
    visit("AWSTraceHeader", self.aws_trace_header);
    visit("DeadLetterQueueSourceArn", self.dead_letter_queue_source_arn);
  }

  // As the API writes it: "1704067200000" for SentTimestamp. Nothing where the name is not here.
  std::optional<std::string> Find(std::string_view name) const;
};

// A message as ReceiveMessage hands it out.
struct Message {
  MessageId message_id = {};
  ReceiptHandle receipt_handle = {};
  Md5 md5_of_body = {};
  Text body = {};
  MessageSystemAttributes attributes = {};
  Md5 md5_of_message_attributes = {};  // of those handed out; empty without any
  MessageAttributes message_attributes = {};
  int32_t receive_count = 0;  // this receive included; here whether asked for or not

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("MessageId", self.message_id);
    visit("ReceiptHandle", self.receipt_handle);
    visit("MD5OfBody", self.md5_of_body);
    visit("Body", self.body, kSensitive);
    visit("Attributes", self.attributes);
    visit("MD5OfMessageAttributes", self.md5_of_message_attributes);
    visit("MessageAttributes", self.message_attributes, kSensitive);
  }
};

// An entry of a batch that failed, while the call as a whole succeeded.
struct BatchResultErrorEntry {
  std::string id = {};
  bool sender_fault = false;
  std::string code = {};  // such as "InvalidParameterValue"
  std::string message = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Id", self.id);
    visit("SenderFault", self.sender_fault);
    visit("Code", self.code);
    visit("Message", self.message);
  }
};

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_TYPES_H_
