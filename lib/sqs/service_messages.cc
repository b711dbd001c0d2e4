#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "kernel/throttle.h"
#include "sqs/message_rules.h"
#include "sqs/names.h"
#include "sqs/operations.h"
#include "sqs/service.h"

namespace skybox::sqs {

namespace {

using kernel::MakeError;

// What a standard queue leaves open. 0 is first in, first out, once, all of it.
constexpr ChoicePoint kReceiveOrder = {.name = "sqs.receive_order", .one_in = 4};
constexpr ChoicePoint kShortPoll = {.name = "sqs.short_poll", .one_in = 10};
constexpr ChoicePoint kDeliverTwice = {.name = "sqs.deliver_twice", .one_in = 100};
constexpr ChoicePoint kStaleDelete = {.name = "sqs.stale_delete", .one_in = 2};
// How far reordering reaches: a standard queue keeps order as well as it can.
constexpr uint32_t kReorderWindow = 10;

// A stream of choices for each queue, so that another queue moves nothing in this one.
ChoicePoint Of(ChoicePoint point, const QueueRecord& record) {
  point.instance = record.number;
  return point;
}

absl::Status NotForThisType(std::string_view name, std::string_view value) {
  return MakeError(
      kInvalidParameterValue,
      fmt::format("Value {} for parameter {} is invalid. Reason: The request include parameter "
                  "that is not valid for this queue type.",
                  value, name));
}

absl::Status Missing(std::string_view name) {
  return MakeError(kMissingParameter,
                   fmt::format("The request must contain the parameter {}.", name));
}

absl::Status HandleIsInvalid(const ReceiptHandle& handle) {
  return MakeError(kReceiptHandleIsInvalid,
                   fmt::format("The input receipt handle {} is not a valid receipt handle.",
                               Shown(handle.str())));
}

absl::Status HandleHasExpired(const ReceiptHandle& handle) {
  return MakeError(kInvalidParameterValue,
                   fmt::format("Value {} for parameter ReceiptHandle is invalid. Reason: The "
                               "receipt handle has expired.",
                               handle.str()));
}

BatchResultErrorEntry Failure(std::string id, const absl::Status& status) {
  return {.id = std::move(id),
          .sender_fault = FaultSide(status) == Fault::kSender,
          .code = ErrorCode(status),
          .message = std::string(status.message().data(), status.message().size())};
}

// What is wrong with a message whatever queue it goes to.
template <typename MessageRequest>
absl::Status CheckMessage(const MessageRequest& message) {
  if (absl::Status status = CheckBody(message.message_body.view()); !status.ok()) return status;
  if (message.delay_seconds.has_value()) {
    if (absl::Status status = CheckSeconds(message.delay_seconds, "DelaySeconds", 0, 900);
        !status.ok()) {
      return status;
    }
  }
  if (!message.message_attributes.empty()) {
    if (absl::Status status = CheckMessageAttributes(message.message_attributes); !status.ok())
      return status;
  }
  if (!message.message_system_attributes.empty()) {
    if (absl::Status status = CheckSystemAttributes(message.message_system_attributes);
        !status.ok())
      return status;
  }
  if (!message.message_group_id.empty()) {
    if (absl::Status status = CheckGroupId(message.message_group_id.view()); !status.ok())
      return status;
  }
  if (message.message_deduplication_id.empty()) return absl::OkStatus();
  return CheckDeduplicationId(message.message_deduplication_id.view());
}

template <typename MessageRequest>
int64_t SizeOf(const MessageRequest& message) {
  return static_cast<int64_t>(message.message_body.size()) +
         AttributesSize(message.message_attributes);
}

}  // namespace

// ---- SendMessage
// --------------------------------------------------------------------------------------

absl::Status Service::Validate(const SendMessageRequest& request) const {
  if (request.queue_url.empty()) [[unlikely]]
    return Missing("QueueUrl");
  return CheckMessage(request);
}

absl::Status Service::TakeFifoToken(QueueRecord& record, std::string_view method,
                                    std::string_view group, Ticks now) {
  RefreshQuotas();
  const bool by_group = record.config.high_throughput();
  const int64_t rate = by_group ? fifo_group_rate_ : fifo_rate_;
  if (rate == 0) return absl::OkStatus();
  const RateLimit limit = {.per_second = rate, .burst = rate};
  const std::string key = by_group ? fmt::format("{}/{}", method, group) : std::string(method);
  const auto [bucket, is_new] =
      record.buckets.try_emplace(key, kernel::TokenBucket::Full(now, limit));
  if (bucket->second.Take(now, limit)) return absl::OkStatus();
  return MakeError(kThrottlingException, "Rate exceeded");
}

template <typename MessageRequest>
absl::Status Service::SendOne(QueueRecord& record, const MessageRequest& message,
                              const Text& sender, Ticks now, bool in_batch, SendOutcome& outcome) {
  const QueueConfig& config = record.config;
  const bool fifo = record.queue.fifo();
  const int64_t size = SizeOf(message);
  if (absl::Status status = CheckMessageSize(size, config.maximum_message_size); !status.ok())
    return status;
  Ticks delay = config.delay_seconds * kTicksPerSecond;
  Text deduplication_id = message.message_deduplication_id;
  if (fifo) {
    if (message.delay_seconds.has_value() && *message.delay_seconds != absl::ZeroDuration()) {
      return NotForThisType("DelaySeconds",
                            fmt::format("{}", absl::ToInt64Seconds(*message.delay_seconds)));
    }
    if (message.message_group_id.empty()) {
      if (!in_batch) return Missing("MessageGroupId");
      return MakeError(kInvalidParameterValue,
                       "The request must contain the parameter MessageGroupId.");
    }
    if (deduplication_id.empty()) {
      if (!config.content_based_deduplication) {
        return MakeError(kInvalidParameterValue,
                         "The queue should either have ContentBasedDeduplication enabled or "
                         "MessageDeduplicationId provided explicitly");
      }
      deduplication_id = ContentDeduplicationId(message.message_body.view());
    }
  } else {
    if (!message.message_deduplication_id.empty()) {
      return NotForThisType("MessageDeduplicationId", message.message_deduplication_id.view());
    }
    if (message.delay_seconds.has_value()) delay = kernel::ToTicks(*message.delay_seconds);
  }

  if (!message.message_attributes.empty())
    outcome.attributes = EncodeAttributes(message.message_attributes);
  if (fifo) {
    if (const auto first = record.queue.FindDuplicate(
            deduplication_id, message.message_group_id,
            config.deduplication_scope == DeduplicationScope::kMessageGroup, now);
        first.has_value()) {
      ++record.activity.deduplicated;
      outcome.message_id = IdOf(first->message);
      outcome.sequence_number = SequenceNumber(first->position);
      return absl::OkStatus();
    }
  }
  Letter letter = {.body = message.message_body,
                   .attributes = outcome.attributes,
                   .group = message.message_group_id,
                   .deduplication_id = deduplication_id,
                   .message = NextId(),
                   .sender = sender,
                   .sent = now,
                   .arrived = now};
  if (!message.message_system_attributes.empty()) {
    letter.trace_header = *message.message_system_attributes.begin()->second.string_value;
  }
  const uint64_t number = letter.message;
  const uint32_t row = record.queue.Send(std::move(letter), now, now + delay);
  outcome.message_id = IdOf(number);
  if (fifo) {
    const uint64_t position = record.queue.row(row).position;
    outcome.sequence_number = SequenceNumber(position);
    record.queue.Remember(deduplication_id, message.message_group_id,
                          {.message = number, .position = position}, now);
  }

  Activity& activity = record.activity;
  const auto bytes = static_cast<uint64_t>(size);
  ++activity.sent;
  activity.size_least = activity.sizes == 0 ? bytes : std::min(activity.size_least, bytes);
  activity.size_most = std::max(activity.size_most, bytes);
  activity.size_sum += bytes;
  ++activity.sizes;
  return absl::OkStatus();
}

template absl::Status Service::SendOne(QueueRecord& record, const SendMessageRequest& message,
                                       const Text& sender, Ticks now, bool in_batch,
                                       SendOutcome& outcome);

namespace {

// The digests that the sender can check.
template <typename Response, typename MessageRequest>
void AddDigests(Response& response, const MessageRequest& message, const Text& attributes) {
  response.md5_of_message_body = Md5(message.message_body);
  if (!attributes.empty()) response.md5_of_message_attributes = Md5(attributes);
  if (!message.message_system_attributes.empty()) {
    response.md5_of_message_system_attributes =
        Md5(EncodeAttributes(message.message_system_attributes));
  }
}

}  // namespace

absl::Status Service::Send(const SendMessageRequest& request, const CallContext& call,
                           SendMessageResponse& response) {
  uint32_t found = kNone;
  if (absl::Status status = Find(request.queue_url, call, found); !status.ok()) [[unlikely]]
    return status;
  QueueRecord& record = Open(found, call.now);
  if (record.queue.fifo()) {
    if (absl::Status status =
            TakeFifoToken(record, "SendMessage", request.message_group_id.view(), call.now);
        !status.ok()) {
      return status;
    }
  }
  SendOutcome sent;
  if (absl::Status status = SendOne(record, request, call.session.sender_id, call.now, false, sent);
      !status.ok()) [[unlikely]] {
    return status;
  }
  ServeWaiters(found);
  response.message_id = sent.message_id;
  response.sequence_number = sent.sequence_number;
  AddDigests(response, request, sent.attributes);
  return absl::OkStatus();
}

absl::StatusOr<SendMessageResponse> Service::Execute(const SendMessageRequest& request,
                                                     const CallContext& call) {
  absl::StatusOr<SendMessageResponse> answer(absl::in_place);
  if (absl::Status status = Send(request, call, *answer); !status.ok()) [[unlikely]]
    answer = std::move(status);
  return answer;
}

absl::Status Service::Validate(const SendMessageBatchRequest& request) const {
  if (request.queue_url.empty()) return Missing("QueueUrl");
  if (absl::Status status = CheckBatchEntries(request.entries, "SendMessageBatchRequestEntry");
      !status.ok()) {
    return status;
  }
  // The batch as a whole has the service's limit for one message, whatever the queue's own.
  // Rule: "Quotas related to messages", Developer Guide.
  int64_t total = 0;
  for (const SendMessageBatchRequestEntry& entry : request.entries) total += SizeOf(entry);
  return CheckBatchSize(total, maximum_message_size());
}

absl::StatusOr<SendMessageBatchResponse> Service::Execute(const SendMessageBatchRequest& request,
                                                          const CallContext& call) {
  const absl::StatusOr<uint32_t> found = Find(request.queue_url, call, Access::kAnyone);
  if (!found.ok()) return found.status();
  QueueRecord& record = Open(*found, call.now);
  if (record.queue.fifo()) {
    if (absl::Status status = TakeFifoToken(
            record, "SendMessage", request.entries.front().message_group_id.view(), call.now);
        !status.ok()) {
      return status;
    }
  }
  SendMessageBatchResponse response;
  for (const SendMessageBatchRequestEntry& entry : request.entries) {
    absl::Status status = CheckMessage(entry);
    SendOutcome sent;
    if (status.ok()) status = SendOne(record, entry, call.session.sender_id, call.now, true, sent);
    if (status.ok()) {
      SendMessageBatchResultEntry& result = response.successful.emplace_back();
      result.id = entry.id;
      result.message_id = sent.message_id;
      result.sequence_number = sent.sequence_number;
      AddDigests(result, entry, sent.attributes);
      continue;
    }
    response.failed.push_back(Failure(entry.id, status));
  }
  ServeWaiters(*found);
  return response;
}

// ---- ReceiveMessage
// -----------------------------------------------------------------------------------

namespace {

bool AsksForSystemAttributes(const ReceiveMessageRequest& request) {
  return !request.attribute_names.empty() || !request.message_system_attribute_names.empty();
}

// What is asked for under both of the names that the service has for it.
absl::StatusOr<SystemAttributeSet> SystemAttributesOf(const ReceiveMessageRequest& request) {
  SystemAttributeSet set;
  if (absl::Status status = AddSystemAttributes(request.attribute_names, "AttributeNames", set);
      !status.ok()) {
    return status;
  }
  if (absl::Status status = AddSystemAttributes(request.message_system_attribute_names,
                                                "MessageSystemAttributeNames", set);
      !status.ok()) {
    return status;
  }
  return set;
}

}  // namespace

absl::Status Service::Validate(const ReceiveMessageRequest& request) const {
  if (request.queue_url.empty()) [[unlikely]]
    return Missing("QueueUrl");
  if (absl::Status status =
          CheckCount(request.max_number_of_messages, "MaxNumberOfMessages", 1, 10);
      !status.ok()) {
    return status;
  }
  if (request.visibility_timeout.has_value()) {
    if (absl::Status status =
            CheckSeconds(request.visibility_timeout, "VisibilityTimeout", 0, 43'200);
        !status.ok()) {
      return status;
    }
  }
  if (request.wait_time_seconds.has_value()) {
    if (absl::Status status = CheckSeconds(request.wait_time_seconds, "WaitTimeSeconds", 0, 20);
        !status.ok()) {
      return status;
    }
  }
  if (AsksForSystemAttributes(request)) {
    if (absl::StatusOr<SystemAttributeSet> set = SystemAttributesOf(request); !set.ok())
      return set.status();
  }
  if (!request.message_attribute_names.empty()) {
    if (absl::Status status = CheckMessageAttributeNames(request.message_attribute_names);
        !status.ok())
      return status;
  }
  if (request.receive_request_attempt_id.empty()) return absl::OkStatus();
  return CheckAttemptId(request.receive_request_attempt_id);
}

namespace {

// The system attributes that were asked for and that the message has.
void SelectSystemAttributes(const Queue& queue, const MessageRow& row, SystemAttributeSet names,
                            MessageSystemAttributes& out) {
  const auto text = [](const Text& value, std::optional<Text>& member) {
    if (!value.empty()) member = value;
  };
  if (names.Has(SystemAttribute::kSenderId)) out.sender_id = row.sender;
  if (names.Has(SystemAttribute::kSentTimestamp)) out.sent_timestamp = kernel::FromTicks(row.sent);
  if (names.Has(SystemAttribute::kApproximateReceiveCount)) {
    out.approximate_receive_count = static_cast<int32_t>(row.receive_count);
  }
  if (names.Has(SystemAttribute::kApproximateFirstReceiveTimestamp)) {
    out.approximate_first_receive_timestamp = kernel::FromTicks(row.first_received);
  }
  if (names.Has(SystemAttribute::kSequenceNumber) && queue.fifo()) {
    out.sequence_number = SequenceNumber(row.position);
  }
  if (names.Has(SystemAttribute::kMessageDeduplicationId)) {
    text(row.deduplication_id, out.message_deduplication_id);
  }
  if (names.Has(SystemAttribute::kMessageGroupId)) text(queue.GroupOf(row), out.message_group_id);
  if (names.Has(SystemAttribute::kAwsTraceHeader))
    text(queue.TraceHeaderOf(row), out.aws_trace_header);
  if (names.Has(SystemAttribute::kDeadLetterQueueSourceArn)) {
    text(queue.DeadLetterSourceOf(row), out.dead_letter_queue_source_arn);
  }
}

}  // namespace

void Service::Hand(const QueueRecord& record, uint32_t i, const ReceiveMessageRequest& request,
                   Message& message) {
  const MessageRow& row = record.queue.row(i);
  message.message_id = IdOf(row.message);
  message.receipt_handle = ReceiptHandle(record.number, i, row.message, row.receive);
  message.md5_of_body = Md5(row.body);
  message.body = row.body;
  message.receive_count = static_cast<int32_t>(row.receive_count);
  if (AsksForSystemAttributes(request)) {
    // Validate has seen that the names are good.
    if (const auto names = SystemAttributesOf(request); names.ok())
      SelectSystemAttributes(record.queue, row, *names, message.attributes);
  }
  if (row.extra == kNone || request.message_attribute_names.empty()) return;
  const Text attributes = record.queue.AttributesOf(row);
  if (attributes.empty()) return;
  message.message_attributes = SelectAttributes(attributes.view(), request.message_attribute_names);
  if (message.message_attributes.empty()) return;
  message.md5_of_message_attributes = Md5(EncodeAttributes(message.message_attributes));
}

void Service::PutInDeadLetterQueue(QueueRecord& target, Letter letter, const QueueRecord& source,
                                   Ticks now) {
  letter.dead_letter_source = source.arn;
  letter.arrived = now;
  letter.moved = last_id_;
  if (target.queue.fifo()) {
    // Rule: "Using dead-letter queues in Amazon SQS": FIFO starts the retention anew; the message's
    // own id keeps it from being taken for a duplicate.
    letter.sent = now;
    letter.deduplication_id = IdOf(letter.message).str();
  }
  target.queue.Settle(now, target.retention());
  target.queue.Send(std::move(letter), now, now);
}

absl::StatusOr<ReceiveMessageResponse> Service::ReceiveNow(const ReceiveMessageRequest& request,
                                                           const CallContext& call,
                                                           bool long_poll) {
  ReceiveMessageResponse response;
  uint32_t found = kNone;
  absl::Status status = Find(request.queue_url, call, found);
  if (status.ok()) status = ReceiveFrom(found, request, long_poll, response);
  if (!status.ok()) return status;
  return response;
}

absl::Status Service::ReceiveFrom(uint32_t found, const ReceiveMessageRequest& request,
                                  bool long_poll, ReceiveMessageResponse& response) {
  const Ticks now = kernel_.now();
  QueueRecord& record = Open(found, now);
  Queue& queue = record.queue;
  const bool fifo = queue.fifo();
  if (!fifo && !request.receive_request_attempt_id.empty()) {
    return NotForThisType("ReceiveRequestAttemptId", request.receive_request_attempt_id);
  }
  if (fifo) {
    if (absl::Status status = TakeFifoToken(record, "ReceiveMessage", {}, now); !status.ok())
      return status;
  }
  const Ticks timeout = request.visibility_timeout.has_value()
                            ? kernel::ToTicks(*request.visibility_timeout)
                            : record.config.visibility_timeout * kTicksPerSecond;
  if (fifo && !request.receive_request_attempt_id.empty() &&
      Repeat(record, request, now, now + timeout, response)) {
    ServeWaiters(found);
    return absl::OkStatus();
  }

  RefreshQuotas();
  const int64_t room = (fifo ? in_flight_fifo_ : in_flight_standard_) - int64_t{queue.in_flight()};
  if (room <= 0) {
    if (fifo || long_poll) return absl::OkStatus();
    return MakeError(
        kOverLimit,
        "Too many messages have been received without being deleted. Please delete your received "
        "messages or let them timeout before receiving more.");
  }
  auto count = std::min<int64_t>(request.max_number_of_messages, room);

  // Where messages go that were received too often already.
  const auto most_receives = static_cast<uint32_t>(record.config.max_receive_count);
  uint32_t dead_letters = kNone;
  if (record.config.has_redrive_policy()) {
    dead_letters = FindDeadLetterTarget(record, record.config.dead_letter_target_arn).record;
  }
  Choices& choices = kernel_.choices();
  if (!fifo && !long_poll && !choices.benign()) {
    const uint32_t seen = std::min(queue.visible(), kReorderWindow);
    const uint64_t missed = choices.Pick(Of(kShortPoll, record), uint64_t{seen} + 1);
    count = std::min<int64_t>(count, int64_t{queue.visible()} - static_cast<int64_t>(missed));
  }

  bool moved = false;
  uint32_t next_in_group = kNone;
  while (static_cast<int64_t>(response.messages.size()) < count) {
    uint32_t i = kNone;
    if (fifo) {
      i = next_in_group != kNone ? next_in_group : queue.NextInGroups();
    } else if (choices.benign()) {
      i = queue.VisibleAt(0);
    } else {
      const uint32_t window = std::min(queue.visible(), kReorderWindow);
      const uint64_t place = choices.Pick(Of(kReceiveOrder, record), window);
      i = queue.VisibleAt(static_cast<uint32_t>(place));
    }
    if (i == kNone) break;
    next_in_group = fifo ? queue.NextInSameGroup(i) : kNone;
    if (dead_letters != kNone && queue.row(i).receives_here >= most_receives) {
      // The rest of the group can only follow while one of it is in this answer; otherwise it is
      // found again by its group.
      if (queue.GroupIsAvailable(i)) next_in_group = kNone;
      Letter letter = queue.Extract(i);
      PutInDeadLetterQueue(records_.Write(dead_letters), std::move(letter), record, now);
      moved = true;
      continue;
    }
    Ticks visible_at = now + timeout;
    if (!fifo && !choices.benign() && choices.Pick(Of(kDeliverTwice, record), 2) != 0)
      visible_at = now;
    queue.Take(i, NextId(), now, visible_at);
    if (response.messages.empty())
      response.messages.reserve(static_cast<size_t>(std::min<int64_t>(count, queue.visible() + 1)));
    Hand(record, i, request, response.messages.emplace_back());
  }
  record.activity.received += response.messages.size();
  if (fifo && !request.receive_request_attempt_id.empty() && !response.messages.empty()) {
    Attempt& attempt = record.attempts[request.receive_request_attempt_id];
    attempt = {.expires = now + kDeduplicationInterval};
    for (const Message& message : response.messages) {
      const ReceiptHandle& handle = message.receipt_handle;
      attempt.given.push_back(
          {.row = handle.row(), .message = handle.message(), .receive = handle.receive()});
    }
  }
  if (moved) ServeWaiters(dead_letters);
  // Who goes on waiting waits for these messages too now.
  if (!response.messages.empty()) ServeWaiters(found);
  return absl::OkStatus();
}

// The answer of an earlier receive with this attempt id, if nothing has become of its messages
// since.
bool Service::Repeat(QueueRecord& record, const ReceiveMessageRequest& request, Ticks now,
                     Ticks visible_at, ReceiveMessageResponse& response) {
  std::erase_if(record.attempts, [now](const auto& entry) { return entry.second.expires <= now; });
  const auto found = record.attempts.find(request.receive_request_attempt_id);
  if (found == record.attempts.end()) return false;
  Queue& queue = record.queue;
  for (const Attempt::Given& given : found->second.given) {
    if (!queue.Holds(given.row, given.message, given.receive) ||
        queue.row(given.row).receive != given.receive ||
        queue.row(given.row).state != MessageState::kInFlight) {
      record.attempts.erase(found);
      return false;
    }
  }
  for (const Attempt::Given& given : found->second.given) {
    queue.ChangeVisibility(given.row, visible_at);
    Hand(record, given.row, request, response.messages.emplace_back());
  }
  return true;
}

// A message that was deleted or whose visibility was changed ends the attempt that received it.
void Service::EndAttempts(QueueRecord& record, uint64_t receive) {
  if (record.attempts.empty()) [[likely]]
    return;
  std::erase_if(record.attempts, [receive](const auto& entry) {
    return std::any_of(entry.second.given.begin(), entry.second.given.end(),
                       [receive](const Attempt::Given& given) { return given.receive == receive; });
  });
}

void Service::CountEmptyReceive(const ReceiveMessageRequest& request) {
  const uint32_t found = FindUrl(request.queue_url);
  if (found != kNone) ++records_.Write(found).activity.empty_receives;
}

absl::Status Service::Receive(const ReceiveMessageRequest& request, const CallContext& call,
                              ReceiveMessageResponse& response) {
  uint32_t found = kNone;
  if (absl::Status status = Find(request.queue_url, call, found); !status.ok()) [[unlikely]]
    return status;
  const Ticks wait = WaitOf(request, found);
  if (wait > 0 && kernel_.dispatching()) {
    return absl::FailedPreconditionError(fmt::format(
        "ReceiveMessage with a wait time of {} may not block inside a handler or a task: "
        "co_await Await(request) there",
        absl::FormatDuration(kernel::DurationOfTicks(wait))));
  }
  absl::Status status = ReceiveFrom(found, request, wait > 0, response);
  const Ticks deadline = call.now + wait;
  Waiter waiter;
  while (status.ok() && response.messages.empty() && kernel_.now() < deadline) {
    const uint32_t record = FindUrl(request.queue_url);
    AddWaiter(record, waiter);
    const absl::StatusOr<bool> woken =
        kernel_.RunUntil([&waiter] { return waiter.woken; }, deadline, /*silent=*/false);
    RemoveWaiter(record, waiter);
    if (!woken.ok()) return woken.status();
    if (!*woken) continue;
    // The queue may have been deleted, and another may have come.
    status = Find(request.queue_url, call, found);
    if (status.ok()) status = ReceiveFrom(found, request, true, response);
  }
  if (status.ok() && response.messages.empty()) CountEmptyReceive(request);
  return status;
}

absl::StatusOr<ReceiveMessageResponse> Service::Execute(const ReceiveMessageRequest& request,
                                                        const CallContext& call) {
  absl::StatusOr<ReceiveMessageResponse> answer(absl::in_place);
  if (absl::Status status = Receive(request, call, *answer); !status.ok()) [[unlikely]]
    answer = std::move(status);
  return answer;
}

// ---- DeleteMessage
// ------------------------------------------------------------------------------------

absl::Status Service::Validate(const DeleteMessageRequest& request) const {
  if (request.queue_url.empty()) [[unlikely]]
    return Missing("QueueUrl");
  if (request.receipt_handle.empty()) [[unlikely]]
    return Missing("ReceiptHandle");
  return absl::OkStatus();
}

absl::Status Service::DeleteOne(QueueRecord& record, const ReceiptHandle& handle, Ticks now,
                                bool in_batch) {
  if (!handle.valid() || handle.queue() != record.number) [[unlikely]]
    return HandleIsInvalid(handle);
  Queue& queue = record.queue;
  ++record.activity.deleted;
  if (!queue.Holds(handle.row(), handle.message(), handle.receive())) return absl::OkStatus();
  const MessageRow& row = queue.row(handle.row());
  const auto expired = [&] {
    --record.activity.deleted;
    if (!in_batch) return HandleHasExpired(handle);
    return MakeError(kReceiptHandleIsInvalid, "The receipt handle has expired");
  };
  if (queue.fifo()) {
    if (row.receive != handle.receive() || row.state != MessageState::kInFlight) return expired();
  } else if (row.receive != handle.receive()) {
    if (kernel_.choices().Pick(Of(kStaleDelete, record), 2) == 0) return absl::OkStatus();
  } else if (now - row.received_at > kLongestVisibility) {
    return expired();
  }
  EndAttempts(record, handle.receive());
  queue.Delete(handle.row());
  return absl::OkStatus();
}

absl::StatusOr<DeleteMessageResponse> Service::Execute(const DeleteMessageRequest& request,
                                                       const CallContext& call) {
  uint32_t found = kNone;
  if (absl::Status status = Find(request.queue_url, call, found); !status.ok()) [[unlikely]]
    return status;
  QueueRecord& record = Open(found, call.now);
  if (record.queue.fifo()) {
    if (absl::Status status = TakeFifoToken(record, "DeleteMessage", {}, call.now); !status.ok())
      return status;
  }
  if (absl::Status status = DeleteOne(record, request.receipt_handle, call.now, false);
      !status.ok())
    return status;
  ServeWaiters(found);
  return DeleteMessageResponse{};
}

absl::Status Service::Validate(const DeleteMessageBatchRequest& request) const {
  if (request.queue_url.empty()) return Missing("QueueUrl");
  return CheckBatchEntries(request.entries, "DeleteMessageBatchRequestEntry");
}

absl::StatusOr<DeleteMessageBatchResponse> Service::Execute(
    const DeleteMessageBatchRequest& request, const CallContext& call) {
  const absl::StatusOr<uint32_t> found = Find(request.queue_url, call, Access::kAnyone);
  if (!found.ok()) return found.status();
  QueueRecord& record = Open(*found, call.now);
  if (record.queue.fifo()) {
    if (absl::Status status = TakeFifoToken(record, "DeleteMessage", {}, call.now); !status.ok())
      return status;
  }
  DeleteMessageBatchResponse response;
  for (const DeleteMessageBatchRequestEntry& entry : request.entries) {
    const absl::Status status = entry.receipt_handle.empty()
                                    ? Missing("ReceiptHandle")
                                    : DeleteOne(record, entry.receipt_handle, call.now, true);
    if (status.ok()) {
      response.successful.push_back({.id = entry.id});
    } else {
      response.failed.push_back(Failure(entry.id, status));
    }
  }
  ServeWaiters(*found);
  return response;
}

// ---- ChangeMessageVisibility
// ----------------------------------------------------------------------------

absl::Status Service::Validate(const ChangeMessageVisibilityRequest& request) const {
  if (request.queue_url.empty()) return Missing("QueueUrl");
  if (request.receipt_handle.empty()) return Missing("ReceiptHandle");
  if (!request.visibility_timeout.has_value()) return Missing("VisibilityTimeout");
  return CheckSeconds(request.visibility_timeout, "VisibilityTimeout", 0, 43'200);
}

absl::Status Service::ChangeVisibilityOne(QueueRecord& record, const ReceiptHandle& handle,
                                          Ticks timeout, Ticks now) {
  if (!handle.valid() || handle.queue() != record.number) return HandleIsInvalid(handle);
  Queue& queue = record.queue;
  if (!queue.Holds(handle.row(), handle.message(), handle.receive())) {
    return MakeError(
        kInvalidParameterValue,
        fmt::format(
            "Value {} for parameter ReceiptHandle is invalid. Reason: Message does not exist or "
            "is not available for visibility timeout change.",
            handle.str()));
  }
  const MessageRow& row = queue.row(handle.row());
  if (queue.fifo() && (row.receive != handle.receive() || row.state != MessageState::kInFlight)) {
    return HandleHasExpired(handle);
  }
  // In flight by a later receive is not this handle's to change.
  if (row.state != MessageState::kInFlight || row.receive != handle.receive()) {
    return MakeError(
        kMessageNotInflight,
        fmt::format("The message that the receipt handle {} refers to is not in flight.",
                    handle.str()));
  }
  if (now - row.received_at + timeout > kLongestVisibility) {
    return MakeError(
        kInvalidParameterValue,
        fmt::format(
            "Value {} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout "
            "for the message is beyond the limit [43200 seconds].",
            timeout / kTicksPerSecond));
  }
  EndAttempts(record, handle.receive());
  queue.ChangeVisibility(handle.row(), now + timeout);
  queue.Settle(now, record.retention());
  return absl::OkStatus();
}

absl::StatusOr<ChangeMessageVisibilityResponse> Service::Execute(
    const ChangeMessageVisibilityRequest& request, const CallContext& call) {
  const absl::StatusOr<uint32_t> found = Find(request.queue_url, call, Access::kAnyone);
  if (!found.ok()) return found.status();
  QueueRecord& record = Open(*found, call.now);
  if (absl::Status status = ChangeVisibilityOne(
          record, request.receipt_handle, kernel::ToTicks(*request.visibility_timeout), call.now);
      !status.ok()) {
    return status;
  }
  ServeWaiters(*found);
  return ChangeMessageVisibilityResponse{};
}

absl::Status Service::Validate(const ChangeMessageVisibilityBatchRequest& request) const {
  if (request.queue_url.empty()) return Missing("QueueUrl");
  return CheckBatchEntries(request.entries, "ChangeMessageVisibilityBatchRequestEntry");
}

absl::StatusOr<ChangeMessageVisibilityBatchResponse> Service::Execute(
    const ChangeMessageVisibilityBatchRequest& request, const CallContext& call) {
  const absl::StatusOr<uint32_t> found = Find(request.queue_url, call, Access::kAnyone);
  if (!found.ok()) return found.status();
  QueueRecord& record = Open(*found, call.now);
  ChangeMessageVisibilityBatchResponse response;
  for (const ChangeMessageVisibilityBatchRequestEntry& entry : request.entries) {
    const absl::Duration timeout = entry.visibility_timeout.value_or(absl::ZeroDuration());
    absl::Status status =
        entry.receipt_handle.empty() ? Missing("ReceiptHandle") : absl::OkStatus();
    if (status.ok()) status = CheckSeconds(timeout, "VisibilityTimeout", 0, 43'200);
    if (status.ok())
      status =
          ChangeVisibilityOne(record, entry.receipt_handle, kernel::ToTicks(timeout), call.now);
    if (status.ok()) {
      response.successful.push_back({.id = entry.id});
    } else {
      response.failed.push_back(Failure(entry.id, status));
    }
  }
  ServeWaiters(*found);
  return response;
}

}  // namespace skybox::sqs
