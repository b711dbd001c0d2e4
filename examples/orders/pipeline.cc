#include "orders/pipeline.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "fmt/format.h"
#include "skybox/choices.h"
#include "skybox/text.h"

namespace orders {

namespace sqs = skybox::sqs;

namespace {

constexpr std::string_view kOrders = "orders";
constexpr std::string_view kBusiness = "business.fifo";
constexpr int32_t kMaxReceiveCount = 3;
constexpr absl::Duration kTimeOfRedrive = absl::Hours(6);
constexpr absl::Duration kLongestDrain = absl::Hours(72);
constexpr int64_t kClerks = 2;
// Every sixteenth order is the business customer's, up to what one sequence can carry.
constexpr int64_t kBusinessShare = 16;
constexpr int64_t kMostBusinessInSlot = 100;

const absl::Duration kDay = absl::Hours(24);

skybox::CloudOptions CloudOptionsFor(const Traffic& traffic, const PipelineOptions& options) {
  skybox::CloudOptions out;
  out.start_time = traffic.start();
  if (options.seed.has_value()) out.choices = std::make_shared<skybox::Seeded>(*options.seed);
  return out;
}

int64_t WorkersFor(const Traffic& traffic, const PipelineOptions& options) {
  if (options.workers > 0) return options.workers;
  const absl::Duration work = kMeanWork * traffic.busiest_hour;
  return std::clamp(absl::ToInt64Hours(work) + 1, int64_t{2}, kMostWorkers);
}

absl::Time MidnightBefore(absl::Time time) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return absl::FromCivil(absl::ToCivilDay(time, utc), utc);
}

}  // namespace

Pipeline::Pipeline(const Traffic& traffic, const PipelineOptions& options)
    : traffic_(traffic),
      workers_(WorkersFor(traffic, options)),
      midnight_(MidnightBefore(traffic.start())),
      cloud_(CloudOptionsFor(traffic, options)),
      sqs_(cloud_.sqs()) {
  records_.reserve(static_cast<size_t>(traffic.requests));
  cloud_.Connect({.metric_sink = this});
}

void Pipeline::Fail(std::string_view what, const absl::Status& status) {
  if (!status_.ok()) return;
  status_ = absl::Status(status.code(), fmt::format("{}: {}", what, std::string(status.message())));
}

// ---- The queues

absl::StatusOr<std::string> Pipeline::CreateQueue(const sqs::CreateQueueRequest& request) {
  const absl::StatusOr<sqs::CreateQueueResponse> created = sqs_.CreateQueue(request);
  if (!created.ok()) return created.status();
  return created->queue_url;
}

absl::StatusOr<std::string> Pipeline::ArnOf(const std::string& queue_url) {
  const auto answer =
      sqs_.GetQueueAttributes({.queue_url = queue_url, .attribute_names = {"QueueArn"}});
  if (!answer.ok()) return answer.status();
  return answer->attributes.queue_arn.value();
}

absl::Status Pipeline::CreateQueues() {
  absl::StatusOr<std::string> dead = CreateQueue(
      {.queue_name = "orders-dlq", .attributes = {.message_retention_period = kDay * 14}});
  if (!dead.ok()) return dead.status();
  dead_url_ = *std::move(dead);
  absl::StatusOr<std::string> arn = ArnOf(dead_url_);
  if (!arn.ok()) return arn.status();
  dead_arn_ = *std::move(arn);

  const sqs::RedrivePolicy policy = {.dead_letter_target_arn = dead_arn_,
                                     .max_receive_count = kMaxReceiveCount};
  absl::StatusOr<std::string> orders =
      CreateQueue({.queue_name = std::string(kOrders),
                   .attributes = {.message_retention_period = kDay * 14,
                                  .visibility_timeout = absl::Seconds(60),
                                  .redrive_policy = policy.str()}});
  if (!orders.ok()) return orders.status();
  orders_url_ = *std::move(orders);
  orders_batch_.queue_url = orders_url_;

  absl::StatusOr<std::string> business =
      CreateQueue({.queue_name = std::string(kBusiness),
                   .attributes = {.message_retention_period = kDay * 14,
                                  .visibility_timeout = absl::Seconds(30),
                                  .fifo_queue = true,
                                  .content_based_deduplication = true}});
  if (!business.ok()) return business.status();
  business_url_ = *std::move(business);
  business_batch_.queue_url = business_url_;
  return absl::OkStatus();
}

// ---- The shop

// Spreads each slot's requests over it, hands over what came within one second together.
skybox::Task<> Pipeline::Sell() {
  skybox::RandomStream arrivals(0, "orders.arrivals");
  constexpr int64_t kParts = 1024;  // of the gap from one request to the next
  for (const Slot& slot : traffic_.slots) {
    const int64_t length = absl::ToInt64Seconds(slot.length);
    for (int64_t i = 0; i < slot.requests; ++i) {
      const int64_t part = arrivals.Between(0, kParts - 1);
      const int64_t second = length * (i * kParts + part) / (slot.requests * kParts);
      const absl::Time arrival = slot.start + absl::Seconds(second);
      if (arrival > cloud_.Now()) {
        Send(orders_batch_);
        Send(business_batch_);
        co_await cloud_.SleepUntil(arrival);
      }
      TakeOrder(i);
    }
  }
  Send(orders_batch_);
  Send(business_batch_);
}

void Pipeline::TakeOrder(int64_t place_in_slot) {
  Order order = {.id = records_.size()};
  records_.push_back({.repairs_before = repairs_});
  const bool business =
      place_in_slot % kBusinessShare == 0 && place_in_slot / kBusinessShare < kMostBusinessInSlot;
  if (business) {
    order.customer = kBusinessCustomer;
    order.sequence = ++business_sent_;
  } else {
    order.customer = 1000 + skybox::RandomStream(order.id, "orders.customer").Below(9000);
  }
  sqs::SendMessageBatchRequest& batch = business ? business_batch_ : orders_batch_;
  sqs::SendMessageBatchRequestEntry& entry = batch.entries.emplace_back();
  entry.id = std::to_string(batch.entries.size());
  entry.message_body = order.Body();
  if (business) entry.message_group_id = "business";
  if (batch.entries.size() == 10) Send(batch);
}

void Pipeline::Send(sqs::SendMessageBatchRequest& batch) {
  if (batch.entries.empty()) return;
  const absl::StatusOr<sqs::SendMessageBatchResponse> answer = sqs_.SendMessageBatch(batch);
  batch.entries.clear();
  if (!answer.ok()) return Fail("SendMessageBatch", answer.status());
  if (!answer->failed.empty()) {
    return Fail("SendMessageBatch", absl::InternalError(answer->failed.front().message));
  }
  Today().sent += static_cast<int64_t>(answer->successful.size());
}

// ---- The workers

std::optional<Order> Pipeline::Open(const sqs::Message& message) {
  const std::optional<Order> order = Order::Parse(message.body.view());
  if (order.has_value() && order->id < records_.size()) return order;
  Fail("ReceiveMessage", absl::InternalError(fmt::format("nobody sent '{}'", message.body.view())));
  return std::nullopt;
}

void Pipeline::Delete(const std::string& queue_url, const sqs::Message& message) {
  const auto answer =
      sqs_.DeleteMessage({.queue_url = queue_url, .receipt_handle = message.receipt_handle});
  if (!answer.ok()) Fail("DeleteMessage", answer.status());
}

bool Pipeline::Process(const Order& order, int32_t receive_count) {
  Record& record = records_[order.id];
  if (record.done) {  // a copy was quicker, while this one was being worked on
    ++Today().repeated;
    return true;
  }
  if (record.failures > 0) ++Today().retried;
  const Trouble trouble = TroubleOf(order);
  if (receive_count <= trouble.failures ||
      repairs_ < record.repairs_before + static_cast<uint32_t>(trouble.repairs)) {
    if (record.failures < 0xFFFF) ++record.failures;
    return false;
  }
  record.done = true;
  ++Today().done;
  return true;
}

skybox::Task<> Pipeline::Work() {
  const sqs::ReceiveMessageRequest poll = {.queue_url = orders_url_,
                                           .max_number_of_messages = 10,
                                           .wait_time_seconds = absl::Seconds(20)};
  while (true) {
    const absl::StatusOr<sqs::ReceiveMessageResponse> received = co_await sqs_.Await(poll);
    if (!received.ok()) {
      Fail("ReceiveMessage", received.status());
      co_return;
    }
    for (const sqs::Message& message : received->messages) {
      const std::optional<Order> order = Open(message);
      if (!order.has_value()) co_return;
      // A standard queue delivers at least once. What is done is not done again.
      if (records_[order->id].done) {
        ++Today().repeated;
        Delete(orders_url_, message);
        continue;
      }
      co_await cloud_.Sleep(WorkOf(*order, message.receive_count));
      // A failed order stays where it is: its visibility timeout brings it back.
      if (Process(*order, message.receive_count)) Delete(orders_url_, message);
    }
  }
}

// One customer's orders, each exactly after the one before it. A failure ends the batch: those
// behind it have to wait until it has been tried again.
skybox::Task<> Pipeline::WorkInSequence() {
  const sqs::ReceiveMessageRequest poll = {.queue_url = business_url_,
                                           .message_system_attribute_names = {"SequenceNumber"},
                                           .max_number_of_messages = 10,
                                           .wait_time_seconds = absl::Seconds(20)};
  while (true) {
    const absl::StatusOr<sqs::ReceiveMessageResponse> received = co_await sqs_.Await(poll);
    if (!received.ok()) {
      Fail("ReceiveMessage", received.status());
      co_return;
    }
    for (const sqs::Message& message : received->messages) {
      const std::optional<Order> order = Open(message);
      if (!order.has_value()) co_return;
      const sqs::SequenceNumber number =
          message.attributes.sequence_number.value_or(sqs::SequenceNumber());
      if (order->sequence != business_done_ + 1 || number <= business_sequence_) {
        Fail("the FIFO queue",
             absl::InternalError(fmt::format("order {} of the business customer came after {}",
                                             order->sequence, business_done_)));
        co_return;
      }
      co_await cloud_.Sleep(WorkOf(*order, message.receive_count));
      if (!Process(*order, message.receive_count)) break;
      business_done_ = order->sequence;
      business_sequence_ = number;
      Delete(business_url_, message);
    }
  }
}

// ---- Repair and redrive

skybox::Task<> Pipeline::RepairAndRedrive() {
  for (absl::Time morning = midnight_ + kTimeOfRedrive;; morning += kDay) {
    if (morning < cloud_.Now()) continue;
    co_await cloud_.SleepUntil(morning);
    ++repairs_;
    if (CountMessages(dead_url_) == 0) continue;
    const auto started = sqs_.StartMessageMoveTask(
        {.source_arn = dead_arn_, .max_number_of_messages_per_second = 50});
    if (!started.ok()) {
      Fail("StartMessageMoveTask", started.status());
      co_return;
    }
    redriving_ = true;
    while (redriving_) {
      co_await cloud_.Sleep(absl::Seconds(10));
      const auto list = sqs_.ListMessageMoveTasks({.source_arn = dead_arn_});
      if (!list.ok() || list->results.empty()) {
        Fail("ListMessageMoveTasks", list.status());
        co_return;
      }
      const sqs::ListMessageMoveTasksResultEntry& latest = list->results.front();
      if (latest.status == "RUNNING") continue;
      if (latest.status != "COMPLETED") {
        Fail("the redrive", absl::InternalError(latest.status + ": " + latest.failure_reason));
        co_return;
      }
      moved_ += latest.approximate_number_of_messages_moved;
      redriving_ = false;
    }
  }
}

int64_t Pipeline::MovedSoFar() {
  if (!redriving_) return moved_;
  const auto list = sqs_.ListMessageMoveTasks({.source_arn = dead_arn_});
  if (!list.ok() || list->results.empty()) return moved_;
  return moved_ + list->results.front().approximate_number_of_messages_moved;
}

// ---- The run

int64_t Pipeline::CountMessages(const std::string& queue_url) {
  const auto answer = sqs_.GetQueueAttributes(
      {.queue_url = queue_url,
       .attribute_names = {"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
                           "ApproximateNumberOfMessagesDelayed"}});
  if (!answer.ok()) {
    Fail("GetQueueAttributes", answer.status());
    return 0;
  }
  const sqs::QueueAttributes& attributes = answer->attributes;
  return attributes.approximate_number_of_messages.value_or(0) +
         attributes.approximate_number_of_messages_not_visible.value_or(0) +
         attributes.approximate_number_of_messages_delayed.value_or(0);
}

Day& Pipeline::DayOf(absl::Time time) {
  const auto index = static_cast<size_t>((time - midnight_) / kDay);
  while (days_.size() <= index) {
    days_.push_back({.date = absl::ToCivilDay(midnight_, absl::UTCTimeZone()) +
                             static_cast<absl::civil_diff_t>(days_.size())});
  }
  return days_[index];
}

// The metrics of the last minute, as CloudWatch would get them.
void Pipeline::Put(const skybox::MetricSample& sample) {
  const bool backlog = sample.metric_name == "ApproximateNumberOfMessagesVisible";
  const bool age = sample.metric_name == "ApproximateAgeOfOldestMessage";
  if (!backlog && !age) return;
  for (const skybox::Dimension& dimension : sample.dimensions) {
    if (dimension.name != "QueueName") continue;
    if (dimension.value != kOrders && dimension.value != kBusiness) return;
  }
  // The first minute may have begun before the first timestamp did.
  Day& day = DayOf(std::max(sample.timestamp, traffic_.start()));
  if (backlog) {
    day.largest_backlog = std::max(day.largest_backlog, static_cast<int64_t>(sample.maximum));
  } else {
    day.oldest_age = std::max(day.oldest_age, absl::Seconds(static_cast<int64_t>(sample.maximum)));
  }
}

// What came into the dead-letter queue is what is there more, and what was moved out of it.
void Pipeline::CloseDay(const Observer& observer) {
  const absl::Time date = midnight_ + kDay * static_cast<int64_t>(closed_days_);
  Day& day = DayOf(date);
  const int64_t dead = CountMessages(dead_url_);
  const int64_t moved = MovedSoFar();
  day.redriven = moved - moved_at_close_;
  day.dead_lettered = dead - dead_at_close_ + day.redriven;
  dead_at_close_ = dead;
  moved_at_close_ = moved;
  ++closed_days_;
  if (observer.on_day) observer.on_day(day);
}

absl::Status Pipeline::AdvanceTo(absl::Time time, const Observer& observer) {
  if (absl::Status status = cloud_.AdvanceTo(time); !status.ok()) return status;
  if (!status_.ok()) return status_;
  if (time == midnight_ + kDay * static_cast<int64_t>(closed_days_ + 1)) CloseDay(observer);
  if (observer.on_progress) observer.on_progress(time);
  return status_;
}

absl::Status Pipeline::Run(const Observer& observer) {
  if (absl::Status status = cloud_.status(); !status.ok()) return status;
  if (absl::Status status = CreateQueues(); !status.ok()) return status;

  const skybox::TaskHandle<> shop = cloud_.Spawn(Sell());
  std::vector<skybox::TaskHandle<>> staff;
  for (int64_t i = 0; i < workers_; ++i) staff.push_back(cloud_.Spawn(Work()));
  for (int64_t i = 0; i < kClerks; ++i) staff.push_back(cloud_.Spawn(WorkInSequence()));
  staff.push_back(cloud_.Spawn(RepairAndRedrive()));

  absl::Time hour = absl::FromUnixSeconds(absl::ToUnixSeconds(traffic_.start()) / 3600 * 3600);
  while (!shop.done()) {
    hour += absl::Hours(1);
    if (absl::Status status = AdvanceTo(hour, observer); !status.ok()) return status;
  }
  const absl::Time limit = cloud_.Now() + kLongestDrain;
  while (cloud_.Now() < limit &&
         (redriving_ || CountMessages(orders_url_) + CountMessages(business_url_) > 0)) {
    if (absl::Status status = AdvanceTo(cloud_.Now() + absl::Minutes(1), observer); !status.ok()) {
      return status;
    }
  }
  for (skybox::TaskHandle<>& task : staff) task.Cancel();
  CloseDay(observer);
  SettleAccounts();
  return status_;
}

// ---- The proof

void Pipeline::SettleAccounts() {
  Accounts& accounts = accounts_;
  for (const Day& day : days_) {
    accounts.sent += day.sent;
    accounts.times_done += day.done;
  }
  for (const Record& record : records_) accounts.done += record.done ? 1 : 0;
  accounts.queued = CountMessages(orders_url_) + CountMessages(business_url_);
  accounts.dead = CountMessages(dead_url_);
  accounts.business_sent = static_cast<int64_t>(business_sent_);
  accounts.business_done = static_cast<int64_t>(business_done_);
  // Counts could agree by chance. So read what is left, and see whether it is what is not done: the
  // dead-letter queue last, as reading may send messages there.
  ReadOut(business_url_);
  ReadOut(orders_url_);
  ReadOut(dead_url_);
  for (const Record& record : records_) accounts.missing += record.done || record.found ? 0 : 1;
}

void Pipeline::ReadOut(const std::string& queue_url) {
  while (status_.ok() && CountMessages(queue_url) > 0) {
    // What was in flight when the workers left comes back while this waits.
    const auto received = sqs_.ReceiveMessage({.queue_url = queue_url,
                                               .max_number_of_messages = 10,
                                               .wait_time_seconds = absl::Seconds(20)});
    if (!received.ok()) return Fail("ReceiveMessage", received.status());
    for (const sqs::Message& message : received->messages) {
      const std::optional<Order> order = Open(message);
      if (!order.has_value()) return;
      Record& record = records_[order->id];
      if (record.done && !record.found) ++accounts_.copies;
      record.found = true;
      Delete(queue_url, message);
    }
  }
}

}  // namespace orders
