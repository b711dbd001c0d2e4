#include "sqs_api/checked_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "skybox/task.h"
#include "support/sqs_world.h"

namespace skybox::sqs {

namespace {

using As = QueueModel::As;
using Kind = CheckedCall::Kind;

std::string ArnOf(int queue) {
  return fmt::format("arn:aws:sqs:us-east-1:{}:{}", kAccount, kCheckedQueues[queue].name);
}

// ---- Values in words

std::string Show(absl::Duration time) { return absl::FormatDuration(time); }
std::string Show(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}
std::string Show(const std::string& text) { return text; }
std::string Show(const Text& text) { return text.str(); }
std::string Show(const Md5& md5) { return md5.str(); }
std::string Show(const MessageId& id) { return id.str(); }
std::string Show(const ReceiptHandle& handle) { return handle.str(); }
std::string Show(const SequenceNumber& number) { return number.str(); }
std::string Show(bool value) { return value ? "true" : "false"; }
std::string Show(int64_t value) { return std::to_string(value); }
std::string Show(int32_t value) { return std::to_string(value); }
std::string Show(const MessageAttributes& attributes) {
  std::string text;
  for (const auto& [name, value] : attributes) text += name + "=" + *value.string_value + " ";
  return text;
}
template <typename T>
std::string Show(const std::optional<T>& value) {
  return value.has_value() ? Show(*value) : "none";
}

template <typename T>
std::string Part(const char* name, const std::optional<T>& value) {
  return value.has_value() ? fmt::format(" {} {}", name, Show(*value)) : "";
}
std::string Part(const char* name, const std::string& value) {
  return value.empty() ? "" : fmt::format(" {} {}", name, value);
}

std::string Show(const SendMessageBatchRequestEntry& message) {
  return fmt::format("\"{}\"{}{}{}", message.message_body.str(),
                     Part("group", message.message_group_id.str()),
                     Part("deduplication", message.message_deduplication_id.str()),
                     Part("delay", message.delay_seconds));
}

std::string HandleLabel(const ModelMessage& message) {
  return fmt::format("{}#{}", message.label, message.receives);
}

QueueAttributes AttributesOf(const ModelSettings& settings, bool fifo) {
  QueueAttributes attributes = {.delay_seconds = settings.delay,
                                .message_retention_period = settings.retention,
                                .receive_message_wait_time_seconds = settings.wait_time,
                                .visibility_timeout = settings.visibility_timeout};
  if (settings.redrive.has_value()) {
    attributes.redrive_policy =
        RedrivePolicy{.dead_letter_target_arn = ArnOf(settings.redrive->target),
                      .max_receive_count = settings.redrive->max_receive_count};
  }
  if (fifo) {
    attributes.content_based_deduplication = settings.content_based_deduplication;
    attributes.deduplication_scope = settings.deduplication_by_group ? "messageGroup" : "queue";
  }
  return attributes;
}

std::string CountsOf(const QueueAttributes& attributes) {
  return fmt::format("{} visible, {} in flight, {} delayed",
                     attributes.approximate_number_of_messages.value_or(-1),
                     attributes.approximate_number_of_messages_not_visible.value_or(-1),
                     attributes.approximate_number_of_messages_delayed.value_or(-1));
}

const char* NameOf(Kind kind) {
  switch (kind) {
    case Kind::kSend:
      return "SendMessage";
    case Kind::kSendBatch:
      return "SendMessageBatch";
    case Kind::kReceive:
      return "ReceiveMessage";
    case Kind::kReceiveInTask:
      return "ReceiveMessage in a task";
    case Kind::kDelete:
      return "DeleteMessage";
    case Kind::kDeleteBatch:
      return "DeleteMessageBatch";
    case Kind::kChangeVisibility:
      return "ChangeMessageVisibility";
    case Kind::kChangeVisibilityBatch:
      return "ChangeMessageVisibilityBatch";
    case Kind::kAdvance:
      return "Advance";
    case Kind::kSetAttributes:
      return "SetQueueAttributes";
    case Kind::kPurge:
      return "PurgeQueue";
    case Kind::kStartMoveTask:
      return "StartMessageMoveTask";
    case Kind::kCancelMoveTask:
      return "CancelMessageMoveTask";
    case Kind::kListMoveTasks:
      return "ListMessageMoveTasks";
    case Kind::kRestore:
      return "Save and Restore";
    case Kind::kFork:
      return "Fork";
  }
  return "";
}

}  // namespace

std::string Describe(const ModelSettings& settings, bool fifo) {
  std::string text = fmt::format("visibility timeout {}, retention {}",
                                 Show(settings.visibility_timeout), Show(settings.retention));
  if (settings.delay > absl::ZeroDuration()) text += ", delay " + Show(settings.delay);
  if (settings.wait_time > absl::ZeroDuration()) text += ", wait " + Show(settings.wait_time);
  if (settings.redrive.has_value()) {
    text += fmt::format(", to {} after {} receives", kCheckedQueues[settings.redrive->target].name,
                        settings.redrive->max_receive_count);
  }
  if (fifo && settings.content_based_deduplication) text += ", content-based deduplication";
  if (fifo && settings.deduplication_by_group) text += ", deduplication by group";
  return text;
}

std::string Describe(const CheckedCall& call) {
  std::string text = NameOf(call.kind);
  if (call.kind == Kind::kAdvance) return text + " " + Show(call.time);
  if (call.kind == Kind::kCancelMoveTask) return text + fmt::format(" of step {}", call.task);
  if (call.kind == Kind::kRestore || call.kind == Kind::kFork) return text;
  text += fmt::format(" {}", kCheckedQueues[call.queue].name);
  for (const SendMessageBatchRequestEntry& message : call.messages) text += " " + Show(message);
  for (const CheckedCall::Handle& handle : call.handles) {
    text += " " + handle.label;
    if (call.kind == Kind::kChangeVisibility || call.kind == Kind::kChangeVisibilityBatch) {
      text += fmt::format(" to {}", Show(handle.timeout));
    }
  }
  if (call.kind == Kind::kReceive || call.kind == Kind::kReceiveInTask) {
    text += fmt::format(" up to {}{}{}{}", call.receive.max_number_of_messages,
                        Part("timeout", call.receive.visibility_timeout),
                        Part("wait", call.receive.wait_time_seconds),
                        Part("attempt", call.receive.receive_request_attempt_id));
  }
  if (call.kind == Kind::kSetAttributes) {
    text += " " + Describe(call.settings, kCheckedQueues[call.queue].fifo);
  }
  if (call.kind == Kind::kStartMoveTask) {
    if (call.destination.has_value()) {
      text += fmt::format(" to {}", kCheckedQueues[*call.destination].name);
    }
    text += Part("rate", call.rate);
  }
  return text;
}

// ---- The world

CheckedWorld::CheckedWorld(CloudOptions options, const std::vector<ModelSettings>& settings)
    : cloud_(std::move(options)),
      model_(cloud_.Now(), cloud_.options().quotas.at("sqs.in_flight_standard"),
             cloud_.options().quotas.at("sqs.in_flight_fifo")) {
  // Without redrive policies first: what they name has to be there.
  for (int queue = 0; queue < kCheckedQueueCount; ++queue) {
    const bool fifo = kCheckedQueues[queue].fifo;
    QueueAttributes attributes = AttributesOf(settings[queue], fifo);
    attributes.redrive_policy.reset();
    if (fifo) attributes.fifo_queue = true;
    const auto made = cloud_.sqs().CreateQueue(
        {.queue_name = kCheckedQueues[queue].name, .attributes = std::move(attributes)});
    Expect("CreateQueue", Code(made), std::string("OK"));
    urls_.push_back(made.ok() ? made->queue_url : "");
    model_.MakeQueue(fifo, settings[queue]);
  }
  for (int queue = 0; queue < kCheckedQueueCount; ++queue) {
    SetAttributes({.queue = queue, .settings = settings[queue]});
  }
}

CheckedWorld::CheckedWorld(Cloud cloud, const CheckedWorld& other)
    : cloud_(std::move(cloud)),
      model_(other.model_),
      urls_(other.urls_),
      names_(other.names_),
      difference_(other.difference_) {}

std::optional<CheckedWorld> CheckedWorld::Fork() {
  auto fork = cloud_.Fork();
  Expect("Fork", Code(fork), std::string(polls_.empty() ? "OK" : "FAILED_PRECONDITION"));
  if (!fork.ok()) return std::nullopt;
  Expect("the fork's digest", fork->Digest().str(), cloud_.Digest().str());
  return CheckedWorld(std::move(*fork), *this);
}

// Restores the world in its own place.
void CheckedWorld::Restore() {
  const auto bytes = cloud_.Save();
  Expect("Save", Code(bytes), std::string(polls_.empty() ? "OK" : "FAILED_PRECONDITION"));
  if (!bytes.ok()) return;
  auto restored = Cloud::Restore(*bytes);
  Expect("Restore", Code(restored), std::string("OK"));
  if (!restored.ok()) return;
  Expect("the restored digest", restored->Digest().str(), cloud_.Digest().str());
  cloud_ = std::move(*restored);
}

std::vector<std::string> CheckedWorld::HandleLabels() const {
  std::vector<std::string> labels(static_cast<size_t>(model_.handles()));
  for (const auto& [label, number] : names_.handle_labels) {
    labels[static_cast<size_t>(number) - 1] = label;
  }
  return labels;
}

std::vector<int> CheckedWorld::TaskNumbers() const {
  std::vector<int> numbers;
  for (const auto& [number, task] : names_.task_numbers) numbers.push_back(number);
  return numbers;
}

int CheckedWorld::NumberOf(const CheckedCall::Handle& handle) const {
  const auto known = names_.handle_labels.find(handle.label);
  return known == names_.handle_labels.end() ? 0 : known->second;
}

ReceiptHandle CheckedWorld::HandleOf(const CheckedCall::Handle& handle) const {
  const int number = NumberOf(handle);
  return number == 0 ? ReceiptHandle("nonsense") : names_.handles.at(number);
}

// ---- Comparing

// What differs first is what counts.
void CheckedWorld::Fail(std::string text) {
  if (difference_.empty()) difference_ = std::move(text);
}

template <typename T, typename U>
void CheckedWorld::Expect(const char* what, const T& got, const U& expected) {
  if (!difference_.empty() || got == expected) return;
  Fail(fmt::format("{} is {}, the model says {}", what, Show(got), Show(expected)));
}

// The first time that something is named, the name has to be a new one; later it is the same.
template <typename Name>
void CheckedWorld::ExpectName(const char* what, std::map<int, Name>& names, int number,
                              const Name& got) {
  const auto known = names.find(number);
  if (known != names.end()) return Expect(what, got, known->second);
  for (const auto& [other, name] : names) {
    if (name == got) Fail(fmt::format("{} is that of another: {}", what, Show(got)));
  }
  names[number] = got;
}

// Sequence numbers increase with the arrivals in a queue, also of those that are not seen in order.
void CheckedWorld::CompareSequenceNumber(int queue, int arrival, const SequenceNumber& got) {
  auto& numbers = names_.sequence_numbers;
  const auto [place, is_new] = numbers.insert({{queue, arrival}, got});
  if (!is_new) return Expect("the sequence number", got, place->second);
  if (place != numbers.begin() && std::prev(place)->first.first == queue &&
      got <= std::prev(place)->second) {
    Fail("the sequence number " + got.str() + " is not above that of an earlier message");
  }
  if (std::next(place) != numbers.end() && std::next(place)->first.first == queue &&
      got >= std::next(place)->second) {
    Fail("the sequence number " + got.str() + " is not below that of a later message");
  }
}

void CheckedWorld::CompareSent(int queue, const ModelSent& expected, const MessageId& id,
                               const std::optional<SequenceNumber>& sequence_number) {
  ExpectName("the message id", names_.messages, expected.message, id);
  Expect("whether there is a sequence number", sequence_number.has_value(),
         kCheckedQueues[queue].fifo);
  if (sequence_number.has_value()) {
    CompareSequenceNumber(queue, expected.arrival, *sequence_number);
  }
}

// All but the sequence number, of which only the order is known.
MessageSystemAttributes CheckedWorld::SystemAttributesOf(int queue,
                                                         const ModelMessage& message) const {
  MessageSystemAttributes all = {.sender_id = kAccount,
                                 .sent_timestamp = message.sent,
                                 .approximate_receive_count = message.receives,
                                 .approximate_first_receive_timestamp = message.first_received};
  if (!message.group.empty()) all.message_group_id = message.group;
  if (message.source.has_value()) all.dead_letter_queue_source_arn = ArnOf(*message.source);
  if (!kCheckedQueues[queue].fifo) return all;
  all.message_deduplication_id = message.deduplication_id;
  if (message.deduplication_id[0] == '=') {
    all.message_deduplication_id =
        names_.messages.at(std::stoi(message.deduplication_id.substr(1))).str();
  }
  return all;
}

void CheckedWorld::CompareReceived(int queue, const Message& got, const ModelMessage& expected) {
  ExpectName("the message id", names_.messages, expected.number, got.message_id);
  ExpectName("the receipt handle", names_.handles, expected.handle, got.receipt_handle);
  Expect("the body", got.body, expected.body);
  Expect("MD5OfBody", got.md5_of_body, Md5(expected.body));
  Expect("the message attributes", got.message_attributes, expected.attributes);
  Expect("the receive count", got.receive_count, expected.receives);
  if (!difference_.empty()) return;
  MessageSystemAttributes all = SystemAttributesOf(queue, expected);
  Expect("whether there is a sequence number", got.attributes.sequence_number.has_value(),
         kCheckedQueues[queue].fifo);
  if (got.attributes.sequence_number.has_value()) {
    all.sequence_number = got.attributes.sequence_number;
    CompareSequenceNumber(queue, expected.arrival, *all.sequence_number);
  }
  Expect("SentTimestamp", got.attributes.sent_timestamp, all.sent_timestamp);
  Expect("ApproximateReceiveCount", got.attributes.approximate_receive_count,
         all.approximate_receive_count);
  Expect("ApproximateFirstReceiveTimestamp", got.attributes.approximate_first_receive_timestamp,
         all.approximate_first_receive_timestamp);
  Expect("MessageDeduplicationId", got.attributes.message_deduplication_id,
         all.message_deduplication_id);
  Expect("MessageGroupId", got.attributes.message_group_id, all.message_group_id);
  Expect("DeadLetterQueueSourceArn", got.attributes.dead_letter_queue_source_arn,
         all.dead_letter_queue_source_arn);
  Expect("that the system attributes are equal", got.attributes == all, true);
}

void CheckedWorld::CompareFailed(const std::vector<BatchResultErrorEntry>& got,
                                 const std::string& expected) {
  std::string text;
  for (const BatchResultErrorEntry& entry : got) {
    text += entry.id + ": " + entry.code + " ";
    Expect("SenderFault", entry.sender_fault, true);
  }
  Expect("the list of failures", text, expected);
}

// The ids of the entries are their places, from 0.
template <typename Response>
void CheckedWorld::CompareBatch(const absl::StatusOr<Response>& got,
                                const std::vector<std::string>& codes) {
  std::string succeeded;
  std::string failed;
  for (size_t id = 0; id < codes.size(); ++id) {
    if (codes[id] == "OK") {
      succeeded += fmt::format("{} ", id);
    } else {
      failed += fmt::format("{}: {} ", id, codes[id]);
    }
  }
  answer_ = failed.empty() ? "OK" : failed;
  Expect("the code", Code(got), std::string("OK"));
  if (!got.ok()) return;
  std::string got_succeeded;
  for (const auto& entry : got->successful) got_succeeded += entry.id + " ";
  Expect("the list of successes", got_succeeded, succeeded);
  CompareFailed(got->failed, failed);
}

void CheckedWorld::CompareQueue(int queue) {
  const ModelQueue& model = model_.queues()[queue];
  const auto got =
      cloud_.sqs().GetQueueAttributes({.queue_url = urls_[queue], .attribute_names = {"All"}});
  Expect("GetQueueAttributes", Code(got), std::string("OK"));
  if (!got.ok()) return;
  const ModelCounts counts = model_.Counts(queue);
  QueueAttributes expected = AttributesOf(model.settings, model.fifo);
  expected.approximate_number_of_messages = counts.visible;
  expected.approximate_number_of_messages_not_visible = counts.in_flight;
  expected.approximate_number_of_messages_delayed = counts.delayed;
  // In whole seconds, as the API's is.
  expected.last_modified_timestamp = absl::FromUnixSeconds(absl::ToUnixSeconds(model.modified));
  // What no call changes is not the model's.
  expected.maximum_message_size = got->attributes.maximum_message_size;
  expected.sqs_managed_sse_enabled = got->attributes.sqs_managed_sse_enabled;
  expected.fifo_queue = got->attributes.fifo_queue;
  expected.fifo_throughput_limit = got->attributes.fifo_throughput_limit;
  expected.created_timestamp = got->attributes.created_timestamp;
  expected.queue_arn = ArnOf(queue);
  Expect(kCheckedQueues[queue].name, CountsOf(got->attributes), CountsOf(expected));
  Expect("RedrivePolicy", got->attributes.redrive_policy, expected.redrive_policy);
  Expect("LastModifiedTimestamp", got->attributes.last_modified_timestamp,
         expected.last_modified_timestamp);
  Expect("that the queue attributes are equal", got->attributes == expected, true);
}

void CheckedWorld::CompareQueues() {
  for (int queue = 0; queue < kCheckedQueueCount; ++queue) CompareQueue(queue);
}

// ---- Calls

void CheckedWorld::Do(const CheckedCall& call) {
  answer_.clear();
  switch (call.kind) {
    case Kind::kSend:
      Send(call);
      break;
    case Kind::kSendBatch:
      SendBatch(call);
      break;
    case Kind::kReceive:
      Receive(call);
      break;
    case Kind::kReceiveInTask:
      ReceiveInTask(call);
      break;
    case Kind::kDelete:
      Delete(call);
      break;
    case Kind::kDeleteBatch:
      DeleteBatch(call);
      break;
    case Kind::kChangeVisibility:
      ChangeVisibility(call);
      break;
    case Kind::kChangeVisibilityBatch:
      ChangeVisibilityBatch(call);
      break;
    case Kind::kAdvance:
      Expect("the code", Code(cloud_.Advance(call.time)), std::string("OK"));
      model_.AdvanceTo(model_.now() + call.time);
      break;
    case Kind::kSetAttributes:
      SetAttributes(call);
      break;
    case Kind::kPurge:
      answer_ = model_.Purge(call.queue);
      Expect("the code", Code(cloud_.sqs().PurgeQueue({.queue_url = urls_[call.queue]})), answer_);
      See("PurgeQueue: " + answer_);
      break;
    case Kind::kStartMoveTask:
      StartMoveTask(call);
      break;
    case Kind::kCancelMoveTask:
      CancelMoveTask(call);
      break;
    case Kind::kListMoveTasks:
      ListMoveTasks(call);
      break;
    case Kind::kRestore:
      Restore();
      break;
    case Kind::kFork:
      for (const CheckedCall& each : call.both) {
        if (each.kind != Kind::kReceiveInTask) Do(each);
      }
      answer_.clear();
      break;
  }
  model_.Settle();
  CompareAnswersInTasks();
  Expect("the time", cloud_.Now(), model_.now());
  if (call.look) CompareQueues();
}

void CheckedWorld::Send(const CheckedCall& call) {
  const SendMessageBatchRequestEntry& message = call.messages[0];
  const auto got =
      cloud_.sqs().SendMessage({.queue_url = urls_[call.queue],
                                .message_body = message.message_body,
                                .delay_seconds = message.delay_seconds,
                                .message_attributes = message.message_attributes,
                                .message_deduplication_id = message.message_deduplication_id,
                                .message_group_id = message.message_group_id});
  const ModelSent expected = model_.Send(call.queue, message, As::kCall);
  const bool duplicate = names_.messages.contains(expected.message);
  answer_ = duplicate ? "a duplicate" : expected.code;
  See("SendMessage: " + answer_);
  Expect("the code", Code(got), expected.code);
  if (!got.ok() || expected.code != "OK") return;
  Expect("MD5OfMessageBody", got->md5_of_message_body, Md5(message.message_body));
  CompareSent(call.queue, expected, got->message_id, got->sequence_number);
}

void CheckedWorld::SendBatch(const CheckedCall& call) {
  const auto got =
      cloud_.sqs().SendMessageBatch({.queue_url = urls_[call.queue], .entries = call.messages});
  Expect("the code", Code(got), std::string("OK"));
  if (!got.ok()) return;
  std::string failed;
  auto success = got->successful.begin();
  for (const SendMessageBatchRequestEntry& message : call.messages) {
    const ModelSent expected = model_.Send(call.queue, message, As::kEntry);
    See("SendMessageBatch: " + expected.code);
    if (expected.code != "OK") {
      failed += message.id + ": " + expected.code + " ";
      continue;
    }
    if (success == got->successful.end()) return Fail(message.id + " is not among the successes");
    Expect("the id", success->id, message.id);
    Expect("MD5OfMessageBody", success->md5_of_message_body, Md5(message.message_body));
    CompareSent(call.queue, expected, success->message_id, success->sequence_number);
    ++success;
  }
  answer_ = failed.empty() ? "OK" : failed;
  if (success != got->successful.end()) Fail(success->id + " is among the successes");
  CompareFailed(got->failed, failed);
}

ReceiveMessageRequest CheckedWorld::RequestOf(const CheckedCall& call) const {
  ReceiveMessageRequest request = call.receive;
  request.queue_url = urls_[call.queue];
  request.message_system_attribute_names = {"All"};
  request.message_attribute_names = {"All"};
  return request;
}

void CheckedWorld::CompareAnswer(int queue, const absl::StatusOr<ReceiveMessageResponse>& got,
                                 const ModelReceived& expected, const char* how) {
  std::string bodies;
  answer_ += fmt::format("{}:", how);
  if (expected.code != "OK") {
    answer_ += " " + expected.code;
  } else if (expected.messages.empty()) {
    answer_ += " nothing";
  }
  for (const ModelMessage& message : expected.messages) {
    bodies += message.body + " ";
    answer_ += " " + HandleLabel(message);
    names_.handle_labels[HandleLabel(message)] = message.handle;
  }
  const std::string kind = kCheckedQueues[queue].fifo ? "FIFO " : "standard ";
  See(kind + how + ": " +
      (expected.code != "OK" ? expected.code
       : bodies.empty()      ? "nothing"
                             : "messages"));
  for (const ModelMessage& message : expected.messages) {
    if (message.receives > 3) See(kind + "message received more than three times");
    if (message.source.has_value()) See(kind + "message moved to a dead-letter queue");
    if (message.label.ends_with("-again")) See(kind + "message redriven");
    if (names_.handles.contains(message.handle)) See("attempt repeated");
  }
  Expect("the code", Code(got), expected.code);
  if (!got.ok()) return;
  std::string got_bodies;
  for (const Message& message : got->messages) got_bodies += message.body.str() + " ";
  Expect(how, got_bodies, bodies);
  for (size_t i = 0; difference_.empty() && i < got->messages.size(); ++i) {
    CompareReceived(queue, got->messages[i], expected.messages[i]);
  }
}

void CheckedWorld::Receive(const CheckedCall& call) {
  ReceiveMessageRequest request = RequestOf(call);
  // Where it is open what comes first, there is no wait.
  QueueModel trial = model_;
  trial.Receive(call.queue, request);
  const bool others_wait = std::any_of(model_.waiters().begin(), model_.waiters().end(),
                                       [&](const auto& w) { return w.queue != call.queue; });
  if (trial.is_tie() || others_wait) request.wait_time_seconds = absl::ZeroDuration();
  const absl::Time before = model_.now();
  const auto got = cloud_.sqs().ReceiveMessage(request);
  const ModelReceived expected = model_.Receive(call.queue, request);
  Expect("the time", cloud_.Now(), model_.now());
  CompareAnswer(call.queue, got, expected, before < model_.now() ? "after a wait" : "at once");
}

namespace {

Task<> AwaitReceive(Client sqs, ReceiveMessageRequest request,
                    std::shared_ptr<std::optional<absl::StatusOr<ReceiveMessageResponse>>> answer) {
  *answer = co_await sqs.Await(request);
}

}  // namespace

// Tasks wait on one queue at a time, and not while messages are moved: else it would be open what
// comes first.
void CheckedWorld::ReceiveInTask(const CheckedCall& call) {
  for (const ModelWaiter& waiter : model_.waiters()) {
    if (waiter.queue != call.queue) return;
  }
  for (const ModelMoveTask& task : model_.tasks()) {
    if (task.status == "RUNNING") return;
  }
  const ReceiveMessageRequest request = RequestOf(call);
  Poll poll = {.queue = call.queue};
  poll.answer = std::make_shared<std::optional<absl::StatusOr<ReceiveMessageResponse>>>();
  cloud_.Spawn(AwaitReceive(cloud_.sqs(), request, poll.answer));
  polls_[model_.ReceiveInTask(call.queue, request)] = poll;
}

// Those that the model has answered are done, and no others.
void CheckedWorld::CompareAnswersInTasks() {
  for (const auto& [number, expected] : model_.answers()) {
    const Poll& poll = polls_.at(number);
    answer_ += answer_.empty() ? "" : ", ";
    if (!poll.answer->has_value()) return Fail("a task waits that the model has answered");
    CompareAnswer(poll.queue, **poll.answer, expected, "in a task");
    polls_.erase(number);
  }
  model_.answers().clear();
  for (const auto& [number, poll] : polls_) {
    if (poll.answer->has_value()) Fail("a task was answered that waits in the model");
  }
}

void CheckedWorld::Delete(const CheckedCall& call) {
  const CheckedCall::Handle& handle = call.handles[0];
  const auto got = cloud_.sqs().DeleteMessage(
      {.queue_url = urls_[call.queue], .receipt_handle = HandleOf(handle)});
  answer_ = model_.Delete(call.queue, NumberOf(handle), As::kCall);
  See("DeleteMessage: " + answer_);
  Expect("the code", Code(got), answer_);
}

void CheckedWorld::DeleteBatch(const CheckedCall& call) {
  DeleteMessageBatchRequest request = {.queue_url = urls_[call.queue]};
  std::vector<std::string> codes;
  for (const CheckedCall::Handle& handle : call.handles) {
    const std::string id = std::to_string(request.entries.size());
    request.entries.push_back({.id = id, .receipt_handle = HandleOf(handle)});
    codes.push_back(model_.Delete(call.queue, NumberOf(handle), As::kEntry));
    See("DeleteMessageBatch: " + codes.back());
  }
  CompareBatch(cloud_.sqs().DeleteMessageBatch(request), codes);
}

void CheckedWorld::ChangeVisibility(const CheckedCall& call) {
  const CheckedCall::Handle& handle = call.handles[0];
  const auto got = cloud_.sqs().ChangeMessageVisibility({.queue_url = urls_[call.queue],
                                                         .receipt_handle = HandleOf(handle),
                                                         .visibility_timeout = handle.timeout});
  answer_ = model_.ChangeVisibility(call.queue, NumberOf(handle), handle.timeout);
  See("ChangeMessageVisibility: " + answer_);
  Expect("the code", Code(got), answer_);
}

void CheckedWorld::ChangeVisibilityBatch(const CheckedCall& call) {
  ChangeMessageVisibilityBatchRequest request = {.queue_url = urls_[call.queue]};
  std::vector<std::string> codes;
  for (const CheckedCall::Handle& handle : call.handles) {
    const std::string id = std::to_string(request.entries.size());
    request.entries.push_back(
        {.id = id, .receipt_handle = HandleOf(handle), .visibility_timeout = handle.timeout});
    codes.push_back(model_.ChangeVisibility(call.queue, NumberOf(handle), handle.timeout));
    See("ChangeMessageVisibilityBatch: " + codes.back());
  }
  CompareBatch(cloud_.sqs().ChangeMessageVisibilityBatch(request), codes);
}

void CheckedWorld::SetAttributes(const CheckedCall& call) {
  QueueAttributes attributes = AttributesOf(call.settings, kCheckedQueues[call.queue].fifo);
  if (!call.settings.redrive.has_value()) attributes.redrive_policy = "";
  const auto got = cloud_.sqs().SetQueueAttributes(
      {.queue_url = urls_[call.queue], .attributes = std::move(attributes)});
  Expect("the code", Code(got), std::string("OK"));
  model_.SetAttributes(call.queue, call.settings);
}

void CheckedWorld::StartMoveTask(const CheckedCall& call) {
  if (!model_.waiters().empty()) return;  // see ReceiveInTask
  const auto got = cloud_.sqs().StartMessageMoveTask(
      {.source_arn = ArnOf(call.queue),
       .destination_arn = call.destination.has_value() ? ArnOf(*call.destination) : std::string(),
       .max_number_of_messages_per_second = call.rate});
  const ModelTaskStarted expected = model_.StartMoveTask(call.queue, call.destination, call.rate);
  answer_ = expected.code;
  See("StartMessageMoveTask: " + expected.code);
  Expect("the code", Code(got), expected.code);
  if (!got.ok() || expected.code != "OK") return;
  ExpectName("the task handle", names_.tasks, expected.task, got->task_handle);
  names_.task_numbers[call.number] = expected.task;
}

void CheckedWorld::CancelMoveTask(const CheckedCall& call) {
  const auto known = names_.task_numbers.find(call.task);
  if (known == names_.task_numbers.end()) return;
  const int task = known->second;
  const auto got = cloud_.sqs().CancelMessageMoveTask({.task_handle = names_.tasks.at(task)});
  answer_ = model_.CancelMoveTask(task);
  See("CancelMessageMoveTask: " + answer_);
  Expect("the code", Code(got), answer_);
  if (!got.ok()) return;
  Expect("ApproximateNumberOfMessagesMoved", got->approximate_number_of_messages_moved,
         model_.tasks()[task - 1].moved);
}

void CheckedWorld::ListMoveTasks(const CheckedCall& call) {
  const auto got =
      cloud_.sqs().ListMessageMoveTasks({.source_arn = ArnOf(call.queue), .max_results = 10});
  Expect("the code", Code(got), std::string("OK"));
  if (!got.ok()) return;
  std::vector<ListMessageMoveTasksResultEntry> expected;
  for (auto task = model_.tasks().rbegin(); task != model_.tasks().rend(); ++task) {
    if (task->source != call.queue || expected.size() == 10) continue;
    if (task->moved > 1) See("task of several messages: " + task->status);
    if (!task->failure_reason.empty()) See("task: " + task->failure_reason);
    expected.push_back(
        {.task_handle = task->status == "RUNNING" ? names_.tasks.at(task->number) : "",
         .status = task->status,
         .source_arn = ArnOf(call.queue),
         .destination_arn = task->destination.has_value() ? ArnOf(*task->destination) : "",
         .max_number_of_messages_per_second = task->rate,
         .approximate_number_of_messages_moved = task->moved,
         .approximate_number_of_messages_to_move = task->to_move,
         .failure_reason = task->failure_reason,
         .started_timestamp = task->started});
  }
  Expect("the number of tasks", static_cast<int64_t>(got->results.size()),
         static_cast<int64_t>(expected.size()));
  for (size_t i = 0; difference_.empty() && i < expected.size(); ++i) {
    Expect("Status", got->results[i].status, expected[i].status);
    Expect("ApproximateNumberOfMessagesMoved", got->results[i].approximate_number_of_messages_moved,
           expected[i].approximate_number_of_messages_moved);
    Expect("that the tasks are equal", got->results[i] == expected[i], true);
  }
}

}  // namespace skybox::sqs
