#include "sqs/service.h"

#include <algorithm>
#include <utility>

#include "base/multiply.h"
#include "sqs/names.h"
#include "sqs/operations.h"
#include "sqs/tokens.h"

namespace skybox::sqs {

namespace {

constexpr Ticks kMinuteTicks = 60 * kTicksPerSecond;
// Rule: "Available CloudWatch metrics for Amazon SQS", Developer Guide.
constexpr Ticks kActiveFor = 6 * 60 * kMinuteTicks;

}  // namespace

Service::Service(kernel::Kernel& kernel) : kernel_(kernel) {
  component_ = kernel_.AddComponent(*this);
  first_operation_ = kernel_.AddOperations(kOperations.data(), kOperations.size());
  kernel_.AddQuotas({
      {.name = "sqs.maximum_message_size", .initial = 262'144, .least = 1024, .most = 1'048'576},
      {.name = "sqs.in_flight_standard", .initial = 120'000, .least = 1, .most = 100'000'000},
      {.name = "sqs.in_flight_fifo", .initial = 20'000, .least = 1, .most = 100'000'000},
      {.name = "sqs.fifo_transactions_per_second", .initial = 0, .least = 0, .most = 1'000'000'000},
      {.name = "sqs.fifo_group_transactions_per_second",
       .initial = 0,
       .least = 0,
       .most = 1'000'000'000},
  });
  kernel_.AddReceiver("sqs", *this);
}

void Service::RefreshQuotas() const {
  if (quota_version_ == kernel_.quota_version()) return;
  quota_version_ = kernel_.quota_version();
  maximum_message_size_ = kernel_.quota("sqs.maximum_message_size");
  in_flight_standard_ = kernel_.quota("sqs.in_flight_standard");
  in_flight_fifo_ = kernel_.quota("sqs.in_flight_fifo");
  fifo_rate_ = kernel_.quota("sqs.fifo_transactions_per_second");
  fifo_group_rate_ = kernel_.quota("sqs.fifo_group_transactions_per_second");
}

int64_t Service::maximum_message_size() const {
  RefreshQuotas();
  return maximum_message_size_;
}

// A bijection in the low word, so ids never collide; the rest makes it look like the real thing.
MessageId Service::IdOf(uint64_t message) {
  const kernel::Product product =
      kernel::Multiply(message ^ 0x9E3779B97F4A7C15u, 0xD6E8FEB86659FD93u);
  const uint64_t high = (product.high ^ product.low << 7) * 0xA0761D6478BD642Fu;
  return MessageId((high & ~uint64_t{0xF000}) | 0x4000,
                   (product.low & ~(uint64_t{3} << 62)) | uint64_t{1} << 63);
}

// ---- Component
// ------------------------------------------------------------------------------------

std::string Service::MoveTaskSource(std::string_view handle) const {
  return SourceArnOfTaskHandle(handle).value_or(std::string());
}

void Service::OnTimer(uint32_t kind, uint64_t argument) {
  switch (kind) {
    case kWaiters: {
      const auto record = static_cast<uint32_t>(argument);
      const auto room = waiting_.find(record);
      if (room == waiting_.end()) return;
      room->second.timer = {};
      room->second.timer_at = kNever;
      Open(record, kernel_.now());
      ServeWaiters(record);
      return;
    }
    case kMinute:
      OnMinute();
      return;
    case kMove:
      RunMoveTask(argument);
      return;
    case kTurn: {
      // The program itself waits in one place at most.
      const auto room = waiting_.find(static_cast<uint32_t>(argument));
      if (room == waiting_.end()) return;
      for (auto& [number, waiter] : room->second.waiters) {
        if (waiter->ticket == 0) waiter->woken = true;
      }
      return;
    }
    default:
      return;
  }
}

kernel::Ticks Service::NextSilentDeadline() {
  Ticks next = kNever;
  const Ticks now = kernel_.now();
  for (uint32_t i = 0; i < records_.size(); ++i) {
    if (records_[i].number == 0) continue;
    const Ticks retention = records_[i].retention();
    // What fell due earlier and nobody has looked at since is no change still to come.
    if (records_[i].queue.NextChange(retention) <= now)
      records_.Write(i).queue.Settle(now, retention);
    next = std::min(next, records_[i].queue.NextChange(retention));
  }
  return next;
}

absl::Status Service::CanFork() const {
  if (waiting_.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError("a ReceiveMessage is waiting for messages");
}

void Service::ForkFrom(kernel::Component& other) {
  auto& from = static_cast<Service&>(other);
  records_ = from.records_;
  by_url_ = from.by_url_;
  last_number_ = from.last_number_;
  last_id_ = from.last_id_;
  deleted_ = from.deleted_;
  moves_ = from.moves_;
  minute_timer_ = from.minute_timer_;
}

// ---- Long polls
// -------------------------------------------------------------------------------------

Ticks Service::WaitOf(const ReceiveMessageRequest& request, const CallContext& call) const {
  uint32_t found = kNone;
  return Find(request.queue_url, call, found).ok() ? WaitOf(request, found) : 0;
}

bool Service::CanReceive(const QueueRecord& record) const {
  RefreshQuotas();
  return record.queue.HasAvailable() &&
         record.queue.in_flight() < (record.queue.fifo() ? in_flight_fifo_ : in_flight_standard_);
}

void Service::AddWaiter(uint32_t record, Waiter& waiter) {
  if (waiter.number == 0) waiter.number = ++last_waiter_;
  waiter.called = false;
  waiter.woken = false;
  waiting_[record].waiters.emplace(waiter.number, &waiter);
  ServeWaiters(record);
}

void Service::RemoveWaiter(uint32_t record, const Waiter& waiter) {
  const auto room = waiting_.find(record);
  if (room == waiting_.end()) return;
  kernel_.CancelTimer(waiter.turn);
  room->second.waiters.erase(waiter.number);
  if (!room->second.waiters.empty()) return;
  kernel_.CancelTimer(room->second.timer);
  waiting_.erase(room);
}

bool Service::CallWaiters(uint32_t record, const Waiter& waiter) {
  const auto room = waiting_.find(record);
  if (room == waiting_.end()) return false;
  if (records_[record].number != 0) Open(record, kernel_.now());
  ServeWaiters(record);
  for (const auto& [number, other] : room->second.waiters) {
    if (number < waiter.number && other->called) return true;
  }
  return false;
}

void Service::ServeWaitersOf(uint32_t record) {
  const auto found = waiting_.find(record);
  if (found == waiting_.end()) return;
  WaitingRoom& room = found->second;
  const QueueRecord& queue_record = records_[record];
  const bool gone = queue_record.number == 0;
  uint32_t places = gone ? kNone : CanReceive(queue_record) ? queue_record.queue.available() : 0;
  bool left_waiting = false;
  for (auto& [number, waiter] : room.waiters) {
    if (places == 0) {
      left_waiting = left_waiting || !waiter->called;
      continue;
    }
    --places;
    if (waiter->called) continue;
    waiter->called = true;
    // Both come after those that were called before them.
    if (waiter->ticket != 0) {
      kernel_.tasks().Wake(waiter->ticket);
    } else {
      waiter->turn = kernel_.Schedule(kernel_.now(), component_, kTurn, record);
    }
  }
  // Not only what becomes visible: a message in flight that expires frees its group and its room.
  const Ticks next =
      left_waiting ? queue_record.queue.NextChange(queue_record.retention()) : kNever;
  if (next == room.timer_at) return;
  kernel_.CancelTimer(room.timer);
  room.timer_at = next;
  room.timer = next == kNever ? TimerId{} : kernel_.Schedule(next, component_, kWaiters, record);
}

// ---- Delivery
// ---------------------------------------------------------------------------------------

absl::Status Service::Deliver(const Parcel& parcel) {
  const uint32_t found = FindArn(parcel.target_arn);
  if (found == kNone) {
    return kernel::MakeError(kQueueDoesNotExist,
                             "The specified queue does not exist: " + parcel.target_arn);
  }
  SendMessageRequest request;
  request.queue_url = records_[found].url;
  request.message_body = parcel.body;
  request.message_group_id = parcel.message_group_id;
  request.message_deduplication_id = parcel.message_deduplication_id;
  for (const auto& [name, attribute] : parcel.attributes) {
    MessageAttributeValue value = {.data_type = attribute.data_type};
    (attribute.data_type.starts_with("Binary") ? value.binary_value : value.string_value) =
        attribute.value;
    request.message_attributes.emplace(name, std::move(value));
  }
  if (absl::Status status = Validate(request); !status.ok()) return status;
  const Ticks now = kernel_.now();
  SendOutcome sent;
  if (absl::Status status =
          SendOne(Open(found, now), request, Text(parcel.sender_id), now, false, sent);
      !status.ok()) {
    return status;
  }
  kernel_.history().Add(now);
  kernel_.history().Add(std::string_view(parcel.target_arn));
  kernel_.history().Add(parcel.body);
  kernel_.history().Add(sent.message_id.low());
  ServeWaiters(found);
  return absl::OkStatus();
}

// ---- Metrics
// ----------------------------------------------------------------------------------------

void Service::OnConnect() {
  kernel_.CancelTimer(minute_timer_);
  minute_timer_ = {};
  if (kernel_.ports().metric_sink == nullptr) return;
  // What nobody counted so far belongs to nobody's minute.
  for (uint32_t i = 0; i < records_.size(); ++i) {
    if (records_[i].number != 0) records_.Write(i).activity = {};
  }
  EnsureMinuteTimer();
}

void Service::EnsureMinuteTimer() {
  if (kernel_.IsPending(minute_timer_)) return;
  const Ticks next = (kernel_.now() / kMinuteTicks + 1) * kMinuteTicks;
  minute_timer_ = kernel_.Schedule(next, component_, kMinute, 0);
}

void Service::OnMinute() {
  if (kernel_.ports().metric_sink == nullptr) return;
  const Ticks now = kernel_.now();
  bool active = false;
  for (uint32_t i = 0; i < records_.size(); ++i) {
    const QueueRecord& known = records_[i];
    if (known.number == 0 || (now - known.last_active >= kActiveFor && known.queue.size() == 0))
      continue;
    QueueRecord& record = records_.Write(i);
    record.queue.Settle(now, record.retention());
    if (record.queue.size() > 0) record.last_active = now;
    if (now - record.last_active >= kActiveFor) continue;
    active = true;
    PublishMetrics(record, now - kMinuteTicks);
    record.activity = {};
  }
  if (active) EnsureMinuteTimer();
}

void Service::PublishMetrics(QueueRecord& record, Ticks minute) {
  const Dimension dimensions[] = {{.name = "QueueName", .value = record.name}};
  MetricSample sample = {.account = record.account,
                         .region = record.region,
                         .metric_namespace = "AWS/SQS",
                         .dimensions = dimensions,
                         .timestamp = kernel::FromTicks(minute),
                         .period = absl::Minutes(1)};
  MetricSink& sink = *kernel_.ports().metric_sink;
  const auto put = [&](std::string_view name, std::string_view unit, double value) {
    sample.metric_name = name;
    sample.unit = unit;
    sample.sum = sample.minimum = sample.maximum = value;
    sample.sample_count = 1;
    sink.Put(sample);
  };
  const Activity& activity = record.activity;
  const Queue& queue = record.queue;
  if (const std::optional<Ticks> oldest = queue.OldestArrival(); oldest.has_value()) {
    put("ApproximateAgeOfOldestMessage", "Seconds",
        static_cast<double>((kernel_.now() - *oldest) / kTicksPerSecond));
  }
  if (queue.fifo()) {
    put("ApproximateNumberOfGroupsWithInflightMessages", "Count", queue.groups_in_flight());
    put("NumberOfDeduplicatedSentMessages", "Count", static_cast<double>(activity.deduplicated));
  }
  put("ApproximateNumberOfMessagesDelayed", "Count", queue.delayed());
  put("ApproximateNumberOfMessagesNotVisible", "Count", queue.in_flight());
  put("ApproximateNumberOfMessagesVisible", "Count", queue.visible());
  put("NumberOfEmptyReceives", "Count", static_cast<double>(activity.empty_receives));
  put("NumberOfMessagesDeleted", "Count", static_cast<double>(activity.deleted));
  put("NumberOfMessagesReceived", "Count", static_cast<double>(activity.received));
  put("NumberOfMessagesSent", "Count", static_cast<double>(activity.sent));
  if (activity.sizes > 0) {
    sample.metric_name = "SentMessageSize";
    sample.unit = "Bytes";
    sample.sum = static_cast<double>(activity.size_sum);
    sample.minimum = static_cast<double>(activity.size_least);
    sample.maximum = static_cast<double>(activity.size_most);
    sample.sample_count = static_cast<double>(activity.sizes);
    sink.Put(sample);
  }
}

}  // namespace skybox::sqs
