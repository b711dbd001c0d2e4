#ifndef SKYBOX_SQS_H_
#define SKYBOX_SQS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "skybox/fields.h"
#include "skybox/session.h"
#include "skybox/sqs_types.h"
#include "skybox/task.h"
#include "skybox/text.h"

// Amazon Simple Queue Service: standard and FIFO queues, dead-letter queues and message move tasks.
// Operations, members, limits, defaults and error codes are those of the "Amazon SQS API Reference"
// and the "Amazon SQS Developer Guide"; a rule below names its page where it is not obvious. Start
// at Client.
//
// Durations are whole seconds, as the API's integers are: a fraction is an InvalidParameterValue
// (in queue attributes an InvalidAttributeValue).
//
// What a standard queue leaves open is a choice (skybox/choices.h). Benign, messages come first in,
// first out, once, and a short poll sees all of them. The choice points:
//   sqs.receive_order     which of the visible messages a standard queue hands out next
//   sqs.short_poll        how many of the visible messages a short poll misses
//   sqs.deliver_twice     whether a standard queue hands a message out and leaves it visible too
//   sqs.stale_delete      whether DeleteMessage with a receipt handle that is not the latest works
//                         (standard queues; benign: it answers OK and deletes nothing)
//
// Quotas (CloudOptions::quotas, Cloud::SetQuota), with the default first:
//   sqs.maximum_message_size           262144     bytes, attributes included; 1024 to 1048576
//   sqs.in_flight_standard             120000     messages; 1 to 100000000
//   sqs.in_flight_fifo                  20000     messages; 1 to 100000000
//   sqs.fifo_transactions_per_second        0     calls a queue and API method (send, receive,
//   delete); 0: no limit.
//                                                 The documented 300 is off by default, as
//                                                 throttling is
//   sqs.fifo_group_transactions_per_second  0     the same for each message group, where
//   FifoThroughputLimit is
//                                                 perMessageGroupId (high throughput); 0: no limit
namespace skybox {

namespace kernel {
class Kernel;
}  // namespace kernel

namespace sqs {

class Service;

// ---- Queues
// -----------------------------------------------------------------------------------------

struct CreateQueueResponse {
  std::string queue_url = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
  }
};

struct CreateQueueRequest {
  using Response = CreateQueueResponse;

  std::string queue_name =
      {};  // required; 1 to 80 letters, digits, '-' and '_'; a FIFO queue's ends in ".fifo"
  QueueAttributes attributes = {};
  std::map<std::string, std::string> tags = {};  // up to 50

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueName", self.queue_name);
    visit("Attributes", self.attributes);
    visit("tags", self.tags);
  }
};

struct GetQueueUrlResponse {
  std::string queue_url = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
  }
};

struct GetQueueUrlRequest {
  using Response = GetQueueUrlResponse;

  std::string queue_name = {};                  // required
  std::string queue_owner_aws_account_id = {};  // empty: the caller's account

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueName", self.queue_name);
    visit("QueueOwnerAWSAccountId", self.queue_owner_aws_account_id);
  }
};

struct ListQueuesResponse {
  std::vector<std::string> queue_urls = {};  // by name
  std::string next_token = {};               // empty: that was all

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrls", self.queue_urls);
    visit("NextToken", self.next_token);
  }
};

struct ListQueuesRequest {
  using Response = ListQueuesResponse;

  std::string queue_name_prefix = {};       // empty: all; upper and lower case differ
  std::optional<int32_t> max_results = {};  // 1 to 1000; unset: up to 1000 and no token
  std::string next_token = {};              // only together with max_results

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueNamePrefix", self.queue_name_prefix);
    visit("MaxResults", self.max_results);
    visit("NextToken", self.next_token);
  }
};

struct DeleteQueueResponse {
  template <typename Self, typename Visitor>
  static void Fields(Self&, Visitor&) {}
};

struct DeleteQueueRequest {
  using Response = DeleteQueueResponse;

  std::string queue_url = {};  // required

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
  }
};

struct PurgeQueueResponse {
  template <typename Self, typename Visitor>
  static void Fields(Self&, Visitor&) {}
};

struct PurgeQueueRequest {
  using Response = PurgeQueueResponse;

  std::string queue_url = {};  // required

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
  }
};

struct GetQueueAttributesResponse {
  QueueAttributes attributes = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Attributes", self.attributes);
  }
};

struct GetQueueAttributesRequest {
  using Response = GetQueueAttributesResponse;

  std::string queue_url = {};  // required
  std::vector<std::string> attribute_names =
      {};  // names of attributes, or "All"; none: no attributes

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("AttributeNames", self.attribute_names);
  }
};

struct SetQueueAttributesResponse {
  template <typename Self, typename Visitor>
  static void Fields(Self&, Visitor&) {}
};

struct SetQueueAttributesRequest {
  using Response = SetQueueAttributesResponse;

  std::string queue_url = {};       // required
  QueueAttributes attributes = {};  // required: at least one

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("Attributes", self.attributes);
  }
};

struct TagQueueResponse {
  template <typename Self, typename Visitor>
  static void Fields(Self&, Visitor&) {}
};

struct TagQueueRequest {
  using Response = TagQueueResponse;

  std::string queue_url = {};  // required
  std::map<std::string, std::string> tags =
      {};  // required; keys of 1 to 128 characters, values of up to 256

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("Tags", self.tags);
  }
};

struct UntagQueueResponse {
  template <typename Self, typename Visitor>
  static void Fields(Self&, Visitor&) {}
};

struct UntagQueueRequest {
  using Response = UntagQueueResponse;

  std::string queue_url = {};              // required
  std::vector<std::string> tag_keys = {};  // required; keys that are not there are no error

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("TagKeys", self.tag_keys);
  }
};

struct ListQueueTagsResponse {
  std::map<std::string, std::string> tags = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Tags", self.tags);
  }
};

struct ListQueueTagsRequest {
  using Response = ListQueueTagsResponse;

  std::string queue_url = {};  // required

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
  }
};

struct AddPermissionResponse {
  template <typename Self, typename Visitor>
  static void Fields(Self&, Visitor&) {}
};

struct AddPermissionRequest {
  using Response = AddPermissionResponse;

  std::string queue_url = {};                     // required
  std::string label = {};                         // required; 1 to 80 letters, digits, '-' and '_'
  std::vector<std::string> aws_account_ids = {};  // required
  std::vector<std::string> actions = {};  // required; such as "SendMessage", or "*"; up to 7

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("Label", self.label);
    visit("AWSAccountIds", self.aws_account_ids);
    visit("Actions", self.actions);
  }
};

struct RemovePermissionResponse {
  template <typename Self, typename Visitor>
  static void Fields(Self&, Visitor&) {}
};

struct RemovePermissionRequest {
  using Response = RemovePermissionResponse;

  std::string queue_url = {};  // required
  std::string label = {};      // required

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("Label", self.label);
  }
};

// ---- Messages
// ---------------------------------------------------------------------------------------

struct SendMessageResponse {
  Md5 md5_of_message_body = {};
  Md5 md5_of_message_attributes = {};
  Md5 md5_of_message_system_attributes = {};
  MessageId message_id = {};
  std::optional<SequenceNumber> sequence_number = {};  // FIFO

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("MD5OfMessageBody", self.md5_of_message_body);
    visit("MD5OfMessageAttributes", self.md5_of_message_attributes);
    visit("MD5OfMessageSystemAttributes", self.md5_of_message_system_attributes);
    visit("MessageId", self.message_id);
    visit("SequenceNumber", self.sequence_number);
  }
};

struct SendMessageRequest {
  using Response = SendMessageResponse;

  std::string queue_url = {};  // required
  Text message_body =
      {};  // required; 1 byte up to the queue's MaximumMessageSize, attributes included
  std::optional<absl::Duration> delay_seconds =
      {};  // 0 to 15 minutes; unset: the queue's. Not for FIFO queues
  MessageAttributes message_attributes = {};
  MessageAttributes message_system_attributes = {};  // only "AWSTraceHeader", of type String
  Text message_deduplication_id =
      {};  // FIFO: required unless ContentBasedDeduplication; up to 128 characters
  Text message_group_id = {};  // FIFO: required; up to 128 characters

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("MessageBody", self.message_body, kSensitive);
    visit("DelaySeconds", self.delay_seconds, kSeconds);
    visit("MessageAttributes", self.message_attributes, kSensitive);
    visit("MessageSystemAttributes", self.message_system_attributes);
    visit("MessageDeduplicationId", self.message_deduplication_id);
    visit("MessageGroupId", self.message_group_id);
  }
};

struct SendMessageBatchRequestEntry {
  std::string id = {};  // required; 1 to 80 letters, digits, '-' and '_', different in each entry
  Text message_body =
      {};  // required; 1 byte up to the queue's MaximumMessageSize, attributes included
  std::optional<absl::Duration> delay_seconds =
      {};  // 0 to 15 minutes; unset: the queue's. Not for FIFO queues
  MessageAttributes message_attributes = {};
  MessageAttributes message_system_attributes = {};  // only "AWSTraceHeader", of type String
  Text message_deduplication_id =
      {};  // FIFO: required unless ContentBasedDeduplication; up to 128 characters
  Text message_group_id = {};  // FIFO: required; up to 128 characters

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Id", self.id);
    visit("MessageBody", self.message_body, kSensitive);
    visit("DelaySeconds", self.delay_seconds, kSeconds);
    visit("MessageAttributes", self.message_attributes, kSensitive);
    visit("MessageSystemAttributes", self.message_system_attributes);
    visit("MessageDeduplicationId", self.message_deduplication_id);
    visit("MessageGroupId", self.message_group_id);
  }
};

struct SendMessageBatchResultEntry {
  std::string id = {};
  MessageId message_id = {};
  Md5 md5_of_message_body = {};
  Md5 md5_of_message_attributes = {};
  Md5 md5_of_message_system_attributes = {};
  std::optional<SequenceNumber> sequence_number = {};  // FIFO

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Id", self.id);
    visit("MessageId", self.message_id);
    visit("MD5OfMessageBody", self.md5_of_message_body);
    visit("MD5OfMessageAttributes", self.md5_of_message_attributes);
    visit("MD5OfMessageSystemAttributes", self.md5_of_message_system_attributes);
    visit("SequenceNumber", self.sequence_number);
  }
};

struct SendMessageBatchResponse {
  std::vector<SendMessageBatchResultEntry> successful = {};
  std::vector<BatchResultErrorEntry> failed = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Successful", self.successful);
    visit("Failed", self.failed);
  }
};

struct SendMessageBatchRequest {
  using Response = SendMessageBatchResponse;

  std::string queue_url = {};                              // required
  std::vector<SendMessageBatchRequestEntry> entries = {};  // 1 to 10

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("Entries", self.entries);
  }
};

struct ReceiveMessageResponse {
  std::vector<Message> messages = {};  // none is not an error

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Messages", self.messages);
  }
};

struct ReceiveMessageRequest {
  using Response = ReceiveMessageResponse;

  std::string queue_url = {};  // required
  std::vector<std::string> attribute_names =
      {};  // names of system attributes, or "All"; the older form of the next
  std::vector<std::string> message_system_attribute_names =
      {};                                                 // names of system attributes, or "All"
  std::vector<std::string> message_attribute_names = {};  // names, "prefix.*", "All" or ".*"
  int32_t max_number_of_messages = 1;                     // 1 to 10
  std::optional<absl::Duration> visibility_timeout = {};  // 0 to 12 hours; unset: the queue's
  std::optional<absl::Duration> wait_time_seconds = {};   // 0 to 20 s; unset: the queue's
  std::string receive_request_attempt_id = {};            // FIFO; up to 128 characters

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("AttributeNames", self.attribute_names);
    visit("MessageSystemAttributeNames", self.message_system_attribute_names);
    visit("MessageAttributeNames", self.message_attribute_names);
    visit("MaxNumberOfMessages", self.max_number_of_messages);
    visit("VisibilityTimeout", self.visibility_timeout, kSeconds);
    visit("WaitTimeSeconds", self.wait_time_seconds, kSeconds);
    visit("ReceiveRequestAttemptId", self.receive_request_attempt_id);
  }
};

struct DeleteMessageResponse {
  template <typename Self, typename Visitor>
  static void Fields(Self&, Visitor&) {}
};

struct DeleteMessageRequest {
  using Response = DeleteMessageResponse;

  std::string queue_url = {};         // required
  ReceiptHandle receipt_handle = {};  // required

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("ReceiptHandle", self.receipt_handle);
  }
};

struct DeleteMessageBatchRequestEntry {
  std::string id = {};
  ReceiptHandle receipt_handle = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Id", self.id);
    visit("ReceiptHandle", self.receipt_handle);
  }
};

struct DeleteMessageBatchResultEntry {
  std::string id = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Id", self.id);
  }
};

struct DeleteMessageBatchResponse {
  std::vector<DeleteMessageBatchResultEntry> successful = {};
  std::vector<BatchResultErrorEntry> failed = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Successful", self.successful);
    visit("Failed", self.failed);
  }
};

struct DeleteMessageBatchRequest {
  using Response = DeleteMessageBatchResponse;

  std::string queue_url = {};                                // required
  std::vector<DeleteMessageBatchRequestEntry> entries = {};  // 1 to 10

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("Entries", self.entries);
  }
};

struct ChangeMessageVisibilityResponse {
  template <typename Self, typename Visitor>
  static void Fields(Self&, Visitor&) {}
};

struct ChangeMessageVisibilityRequest {
  using Response = ChangeMessageVisibilityResponse;

  std::string queue_url = {};                             // required
  ReceiptHandle receipt_handle = {};                      // required
  std::optional<absl::Duration> visibility_timeout = {};  // required; 0 to 12 hours

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("ReceiptHandle", self.receipt_handle);
    visit("VisibilityTimeout", self.visibility_timeout, kSeconds);
  }
};

struct ChangeMessageVisibilityBatchRequestEntry {
  std::string id = {};
  ReceiptHandle receipt_handle = {};
  std::optional<absl::Duration> visibility_timeout = {};  // unset: 0

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Id", self.id);
    visit("ReceiptHandle", self.receipt_handle);
    visit("VisibilityTimeout", self.visibility_timeout, kSeconds);
  }
};

struct ChangeMessageVisibilityBatchResultEntry {
  std::string id = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Id", self.id);
  }
};

struct ChangeMessageVisibilityBatchResponse {
  std::vector<ChangeMessageVisibilityBatchResultEntry> successful = {};
  std::vector<BatchResultErrorEntry> failed = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Successful", self.successful);
    visit("Failed", self.failed);
  }
};

struct ChangeMessageVisibilityBatchRequest {
  using Response = ChangeMessageVisibilityBatchResponse;

  std::string queue_url = {};                                          // required
  std::vector<ChangeMessageVisibilityBatchRequestEntry> entries = {};  // 1 to 10

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("Entries", self.entries);
  }
};

// ---- Dead-letter queues
// -----------------------------------------------------------------------------

struct ListDeadLetterSourceQueuesResponse {
  std::vector<std::string> queue_urls = {};  // by name
  std::string next_token = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("queueUrls", self.queue_urls);
    visit("NextToken", self.next_token);
  }
};

struct ListDeadLetterSourceQueuesRequest {
  using Response = ListDeadLetterSourceQueuesResponse;

  std::string queue_url = {};               // required
  std::optional<int32_t> max_results = {};  // 1 to 1000; unset: up to 1000 and no token
  std::string next_token = {};              // only together with max_results

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("QueueUrl", self.queue_url);
    visit("MaxResults", self.max_results);
    visit("NextToken", self.next_token);
  }
};

struct StartMessageMoveTaskResponse {
  std::string task_handle = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("TaskHandle", self.task_handle);
  }
};

struct StartMessageMoveTaskRequest {
  using Response = StartMessageMoveTaskResponse;

  std::string source_arn = {};       // required; of a dead-letter queue
  std::string destination_arn = {};  // empty: back to the queues that the messages came from
  std::optional<int32_t> max_number_of_messages_per_second =
      {};  // 1 to 500; unset: as fast as the service likes

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("SourceArn", self.source_arn);
    visit("DestinationArn", self.destination_arn);
    visit("MaxNumberOfMessagesPerSecond", self.max_number_of_messages_per_second);
  }
};

struct CancelMessageMoveTaskResponse {
  int64_t approximate_number_of_messages_moved = 0;

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("ApproximateNumberOfMessagesMoved", self.approximate_number_of_messages_moved);
  }
};

struct CancelMessageMoveTaskRequest {
  using Response = CancelMessageMoveTaskResponse;

  std::string task_handle = {};  // required; of a running task

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("TaskHandle", self.task_handle);
  }
};

struct ListMessageMoveTasksResultEntry {
  std::string task_handle = {};  // only of a running task
  std::string status = {};       // RUNNING, COMPLETED, CANCELLING, CANCELLED or FAILED
  std::string source_arn = {};
  std::string destination_arn = {};  // empty: back to the sources
  std::optional<int32_t> max_number_of_messages_per_second = {};
  int64_t approximate_number_of_messages_moved = 0;
  std::optional<int64_t> approximate_number_of_messages_to_move =
      {};  // as it was when the task started
  std::string failure_reason = {};
  absl::Time started_timestamp = absl::UnixEpoch();

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("TaskHandle", self.task_handle);
    visit("Status", self.status);
    visit("SourceArn", self.source_arn);
    visit("DestinationArn", self.destination_arn);
    visit("MaxNumberOfMessagesPerSecond", self.max_number_of_messages_per_second);
    visit("ApproximateNumberOfMessagesMoved", self.approximate_number_of_messages_moved);
    visit("ApproximateNumberOfMessagesToMove", self.approximate_number_of_messages_to_move);
    visit("FailureReason", self.failure_reason);
    visit("StartedTimestamp", self.started_timestamp, kMilliseconds);
  }
};

struct ListMessageMoveTasksResponse {
  std::vector<ListMessageMoveTasksResultEntry> results = {};  // the latest first

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Results", self.results);
  }
};

struct ListMessageMoveTasksRequest {
  using Response = ListMessageMoveTasksResponse;

  std::string source_arn = {};              // required; of a dead-letter queue
  std::optional<int32_t> max_results = {};  // 1 to 10; unset: 1

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("SourceArn", self.source_arn);
    visit("MaxResults", self.max_results);
  }
};

// ---- Client
// -----------------------------------------------------------------------------------------

// SQS as one session sees it. A small value: copy it; the Cloud outlives it. Every operation below
// also answers the front door's errors: AccessDenied, RequestThrottled where throttling is on, and
// what a fault injector makes up; and for a missing, malformed or unknown member
// MissingParameter, InvalidParameterValue, InvalidAddress (a queue URL that is none, or of another
// region) or QueueDoesNotExist. When a call fails, nothing has changed.
class Client {
 public:
  // ---- Queues

  // Makes a queue, or answers the URL of the one of that name if all attributes given are equal to
  // its own. Errors: QueueNameExists when one differs; QueueDeletedRecently within 60 s of
  // DeleteQueue; InvalidAttributeName, InvalidAttributeValue; InvalidParameterValue for a name
  // against the rules.
  absl::StatusOr<CreateQueueResponse> CreateQueue(const CreateQueueRequest& request) const;

  // Errors: QueueDoesNotExist.
  absl::StatusOr<GetQueueUrlResponse> GetQueueUrl(const GetQueueUrlRequest& request) const;

  // The caller's queues in its region, by name.
  absl::StatusOr<ListQueuesResponse> ListQueues(const ListQueuesRequest& request) const;

  // Deletes the queue with its messages, at once; its name is free for CreateQueue after 60 s.
  absl::StatusOr<DeleteQueueResponse> DeleteQueue(const DeleteQueueRequest& request) const;

  // Deletes all messages, those in flight and delayed too, at once.
  // Errors: PurgeQueueInProgress within 60 s of the last one.
  absl::StatusOr<PurgeQueueResponse> PurgeQueue(const PurgeQueueRequest& request) const;

  // Errors: InvalidAttributeName.
  absl::StatusOr<GetQueueAttributesResponse> GetQueueAttributes(
      const GetQueueAttributesRequest& request) const;

  // Takes effect at once. A new visibility timeout holds for later receives, a new delay for
  // messages sent later (FIFO: for those waiting too), a new retention period for the messages that
  // are there as well. Errors: InvalidAttributeName, InvalidAttributeValue.
  absl::StatusOr<SetQueueAttributesResponse> SetQueueAttributes(
      const SetQueueAttributesRequest& request) const;

  // Adds or replaces. Errors: InvalidParameterValue for more than 50 tags, and for keys and values
  // against the rules.
  absl::StatusOr<TagQueueResponse> TagQueue(const TagQueueRequest& request) const;
  absl::StatusOr<UntagQueueResponse> UntagQueue(const UntagQueueRequest& request) const;
  absl::StatusOr<ListQueueTagsResponse> ListQueueTags(const ListQueueTagsRequest& request) const;

  // Adds a statement to the queue's policy. Errors: OverLimit for more than 7 actions or 20
  // statements; InvalidParameterValue for a label that is there already.
  absl::StatusOr<AddPermissionResponse> AddPermission(const AddPermissionRequest& request) const;
  absl::StatusOr<RemovePermissionResponse> RemovePermission(
      const RemovePermissionRequest& request) const;

  // ---- Messages

  // The message can be received at once, or after its delay. In FIFO queues a message with a
  // deduplication id that was sent within the last 5 minutes is accepted, answered as the first one
  // was, and not delivered. Errors: InvalidMessageContents; InvalidParameterValue, also for a
  // message over the size limit.
  absl::StatusOr<SendMessageResponse> SendMessage(const SendMessageRequest& request) const;

  // Up to 10, in order; each entry succeeds or fails by itself. Errors of the whole call:
  // EmptyBatchRequest, TooManyEntriesInBatchRequest, BatchEntryIdsNotDistinct, InvalidBatchEntryId,
  // BatchRequestTooLong.
  absl::StatusOr<SendMessageBatchResponse> SendMessageBatch(
      const SendMessageBatchRequest& request) const;

  // Up to 10 visible messages, which are then in flight for the visibility timeout. With a wait
  // time and nothing visible, blocks: moves the clock to the instant at which a message can be
  // received, or to the end of the wait. Inside a handler or a task a wait time above 0 is a
  // FailedPrecondition: use Await. Errors: OverLimit at 120,000 messages in flight in a standard
  // queue (FIFO: an empty answer).
  absl::StatusOr<ReceiveMessageResponse> ReceiveMessage(const ReceiveMessageRequest& request) const;

  // Errors: ReceiptHandleIsInvalid. A message that is gone already is no error.
  absl::StatusOr<DeleteMessageResponse> DeleteMessage(const DeleteMessageRequest& request) const;
  absl::StatusOr<DeleteMessageBatchResponse> DeleteMessageBatch(
      const DeleteMessageBatchRequest& request) const;

  // The message becomes visible that long from now; at 0, at once. Errors: MessageNotInflight;
  // ReceiptHandleIsInvalid; InvalidParameterValue when that is more than 12 hours after the
  // receive.
  absl::StatusOr<ChangeMessageVisibilityResponse> ChangeMessageVisibility(
      const ChangeMessageVisibilityRequest& request) const;
  absl::StatusOr<ChangeMessageVisibilityBatchResponse> ChangeMessageVisibilityBatch(
      const ChangeMessageVisibilityBatchRequest& request) const;

  // ---- Dead-letter queues

  absl::StatusOr<ListDeadLetterSourceQueuesResponse> ListDeadLetterSourceQueues(
      const ListDeadLetterSourceQueuesRequest& request) const;

  // Moves the messages of a dead-letter queue, on the virtual clock: the one that a receive would
  // come to first at once, and the others at the task's rate. Those in flight stay.
  // Errors: ResourceNotFoundException; UnsupportedOperation; InvalidParameterValue.
  absl::StatusOr<StartMessageMoveTaskResponse> StartMessageMoveTask(
      const StartMessageMoveTaskRequest& request) const;
  absl::StatusOr<CancelMessageMoveTaskResponse> CancelMessageMoveTask(
      const CancelMessageMoveTaskRequest& request) const;
  absl::StatusOr<ListMessageMoveTasksResponse> ListMessageMoveTasks(
      const ListMessageMoveTasksRequest& request) const;

  // ---- Awaited calls

  // Any of the above from inside a task, where it may take time: a long poll, or a Cloud with
  // latencies.
  //   const skybox::sqs::ReceiveMessageRequest poll = {.queue_url = url, .wait_time_seconds =
  //   absl::Seconds(20)}; auto received = co_await sqs.Await(poll);
  // The request is copied. Those who wait on one queue are served in the order in which they came.
  // Give the request a name, as above: g++ up to 12 miscompiles braces inside a co_await
  // expression.
  template <typename Request>
  Task<absl::StatusOr<typename Request::Response>> Await(const Request& request) const;

  const Session& session() const;

 private:
  friend class Service;
  Client(Service* service, uint32_t session) : service_(service), session_(session) {}

  Service* service_;
  uint32_t session_;
};

}  // namespace sqs
}  // namespace skybox

#endif  // SKYBOX_SQS_H_
