#include "sqs_api/queue_model.h"

#include <openssl/evp.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace skybox::sqs {

namespace {

constexpr absl::Duration kDeduplicationInterval = absl::Minutes(5);
constexpr absl::Duration kAttemptInterval = absl::Minutes(5);
constexpr absl::Duration kPurgeInterval = absl::Seconds(60);
constexpr absl::Duration kLongestTimeout = absl::Hours(12);  // and how long a handle is good
constexpr absl::Duration kLongestMove = absl::Hours(36);
constexpr int64_t kFastestMove = 500;  // messages a second
constexpr int32_t kBackOfTheQueue = 3;

std::string Sha256(std::string_view text) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), hash, &size, EVP_sha256(), nullptr);
  std::string digits;
  for (unsigned int i = 0; i < size; ++i) {
    digits += "0123456789abcdef"[hash[i] / 16];
    digits += "0123456789abcdef"[hash[i] % 16];
  }
  return digits;
}

int PlaceOf(const ModelQueue& queue, int message) {
  for (size_t i = 0; i < queue.messages.size(); ++i) {
    if (queue.messages[i].number == message) return static_cast<int>(i);
  }
  return -1;
}

// A message that has moved away is not there, also when it comes back.
int PlaceOfArrival(const ModelQueue& queue, int arrival) {
  for (size_t i = 0; i < queue.messages.size(); ++i) {
    if (queue.messages[i].arrival == arrival) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

// ---- Queues

int QueueModel::MakeQueue(bool fifo, const ModelSettings& settings) {
  queues_.push_back({.fifo = fifo, .settings = settings, .modified = now_});
  return static_cast<int>(queues_.size()) - 1;
}

// "SetQueueAttributes" in sqs.h: at once, a new retention period for what is there as well.
void QueueModel::SetAttributes(int queue, const ModelSettings& settings) {
  queues_[queue].settings = settings;
  queues_[queue].modified = now_;
  DropExpired();
}

std::string QueueModel::Purge(int queue) {
  ModelQueue& q = queues_[queue];
  if (q.purged.has_value() && now_ < *q.purged + kPurgeInterval) return "PurgeQueueInProgress";
  q.messages.clear();
  q.purged = now_;
  return "OK";
}

ModelCounts QueueModel::Counts(int queue) const {
  const ModelQueue& q = queues_[queue];
  ModelCounts counts;
  for (const ModelMessage& message : q.messages) {
    if (IsDelayed(q, message)) {
      ++counts.delayed;
    } else if (IsInFlight(message)) {
      ++counts.in_flight;
    } else {
      ++counts.visible;
    }
  }
  return counts;
}

// ---- The states of a message

// "Amazon SQS delay queues": in a FIFO queue, a changed delay holds for the messages in it too.
absl::Time QueueModel::DelayEnd(const ModelQueue& queue, const ModelMessage& message) const {
  return queue.fifo ? message.sent + queue.settings.delay : message.delay_end;
}

bool QueueModel::IsDelayed(const ModelQueue& queue, const ModelMessage& message) const {
  return message.receives == 0 && now_ < DelayEnd(queue, message);
}

bool QueueModel::IsInFlight(const ModelMessage& message) const {
  return now_ < message.hidden_until;
}

bool QueueModel::IsVisible(const ModelQueue& queue, const ModelMessage& message) const {
  return !IsDelayed(queue, message) && !IsInFlight(message);
}

absl::Time QueueModel::Expiry(const ModelQueue& queue, const ModelMessage& message) const {
  return message.sent + queue.settings.retention;
}

void QueueModel::DropExpired() {
  for (ModelQueue& queue : queues_) {
    std::erase_if(queue.messages,
                  [&](const ModelMessage& message) { return Expiry(queue, message) <= now_; });
  }
}

// ---- SendMessage

ModelSent QueueModel::Send(int queue, const SendMessageBatchRequestEntry& entry, As as) {
  ModelQueue& q = queues_[queue];
  ModelMessage message = {.label = entry.id,
                          .body = entry.message_body.str(),
                          .group = entry.message_group_id.str(),
                          .deduplication_id = entry.message_deduplication_id.str(),
                          .attributes = entry.message_attributes,
                          .sent = now_};
  if (message.body.empty()) return {.code = "MissingParameter"};
  if (!q.fifo) {
    if (!message.deduplication_id.empty()) return {.code = "InvalidParameterValue"};
    message.delay_end = now_ + entry.delay_seconds.value_or(q.settings.delay);
  } else {
    if (entry.delay_seconds.value_or(absl::ZeroDuration()) != absl::ZeroDuration()) {
      return {.code = "InvalidParameterValue"};
    }
    if (message.group.empty()) {
      return {.code = as == As::kEntry ? "InvalidParameterValue" : "MissingParameter"};
    }
    if (message.deduplication_id.empty()) {
      if (!q.settings.content_based_deduplication) return {.code = "InvalidParameterValue"};
      message.deduplication_id = Sha256(message.body);
    }
    // "Exactly-once processing": accepted, answered as the first one was, and not delivered.
    for (const ModelQueue::Sent& sent : q.sent) {
      if (sent.deduplication_id == message.deduplication_id &&
          (sent.group == message.group || !q.settings.deduplication_by_group) &&
          now_ < sent.time + kDeduplicationInterval) {
        return {.message = sent.message, .arrival = sent.arrival};
      }
    }
  }
  message.number = ++messages_;
  message.arrival = ++q.arrivals;
  if (q.fifo) {
    q.sent.push_back(
        {message.deduplication_id, message.group, now_, message.number, message.arrival});
  }
  q.messages.push_back(message);
  return {.message = message.number, .arrival = message.arrival};
}

// ---- ReceiveMessage

// The messages that a receive would come to one after the other, by number. A standard queue hands
// out whatever is visible, in order.
std::vector<int> QueueModel::NextInOrder(const ModelQueue& queue) const {
  std::vector<int> next;
  for (const ModelMessage& message : queue.messages) {
    if (IsVisible(queue, message)) next.push_back(message.number);
  }
  return next;
}

// "FIFO delivery logic": a group with a message in flight gives none; from the others as many of
// one group as there are, in order, then those of the next.
std::vector<int> QueueModel::NextInGroups(const ModelQueue& queue) const {
  std::vector<int> next;
  std::vector<std::string> seen;
  for (const ModelMessage& first : queue.messages) {
    if (std::find(seen.begin(), seen.end(), first.group) != seen.end()) continue;
    seen.push_back(first.group);
    bool blocked = false;
    for (const ModelMessage& message : queue.messages) {
      blocked = blocked || (message.group == first.group && IsInFlight(message));
    }
    if (blocked) continue;
    for (const ModelMessage& message : queue.messages) {
      if (message.group != first.group) continue;
      if (!IsVisible(queue, message)) break;
      next.push_back(message.number);
    }
  }
  return next;
}

std::vector<int> QueueModel::Next(const ModelQueue& queue) const {
  return queue.fifo ? NextInGroups(queue) : NextInOrder(queue);
}

// "ReceiveRequestAttemptId" of "ReceiveMessage": for 5 minutes the same messages and handles, as
// long as all of them are in flight as that receive left them. Nothing where it does not hold.
std::optional<std::vector<ModelMessage>> QueueModel::RepeatAttempt(int queue,
                                                                   const std::string& attempt,
                                                                   absl::Duration timeout) {
  ModelQueue& q = queues_[queue];
  for (const ModelQueue::Attempt& known : q.attempts) {
    if (known.id != attempt || known.time + kAttemptInterval <= now_) continue;
    std::vector<int> places;
    for (const int handle : known.handles) {
      const int place = PlaceOfArrival(q, handles_[handle - 1].arrival);
      if (place < 0) return std::nullopt;
      const ModelMessage& message = q.messages[place];
      if (message.handle != handle || message.changed || !IsInFlight(message)) return std::nullopt;
      places.push_back(place);
    }
    std::vector<ModelMessage> again;
    for (const int place : places) {
      q.messages[place].hidden_until = now_ + timeout;
      again.push_back(q.messages[place]);
    }
    return again;
  }
  return std::nullopt;
}

ModelMessage QueueModel::Take(int queue, int message, absl::Duration timeout) {
  ModelQueue& q = queues_[queue];
  const int place = PlaceOf(q, message);
  ModelMessage& taken = q.messages[place];
  if (taken.receives == 0) taken.first_received = now_;
  ++taken.receives;
  ++taken.receives_here;
  handles_.push_back({.queue = queue, .arrival = taken.arrival, .received = now_});
  taken.handle = handles();
  taken.received = now_;
  taken.hidden_until = now_ + timeout;
  taken.changed = false;
  ModelMessage copy = taken;
  // "Available CloudWatch metrics for Amazon SQS": received three times or more, to the back.
  if (!q.fifo && copy.receives_here >= kBackOfTheQueue) {
    q.messages.erase(q.messages.begin() + place);
    q.messages.push_back(copy);
  }
  return copy;
}

// "Using dead-letter queues in Amazon SQS": a standard message keeps the time of its sending, a
// FIFO message's starts anew, and its id becomes its deduplication id.
void QueueModel::MoveToDeadLetterQueue(int queue, int message) {
  ModelQueue& q = queues_[queue];
  ModelQueue& target = queues_[q.settings.redrive->target];
  const int place = PlaceOf(q, message);
  ModelMessage moved = q.messages[place];
  q.messages.erase(q.messages.begin() + place);
  moved.source = queue;
  moved.arrival = ++target.arrivals;
  moved.hidden_until = absl::InfinitePast();
  moved.handle = 0;
  moved.receives_here = 0;
  if (target.fifo) {
    moved.sent = now_;
    moved.deduplication_id = "=" + std::to_string(message);
  }
  target.messages.push_back(moved);
  DropExpired();
}

// What would be handed out once too often moves instead, and the others are looked through anew.
std::vector<ModelMessage> QueueModel::TakeSome(int queue, int64_t count, absl::Duration timeout) {
  while (true) {
    std::vector<int> next = Next(queues_[queue]);
    next.resize(std::min(next.size(), static_cast<size_t>(std::max<int64_t>(0, count))));
    std::optional<int> poison;
    for (const int message : next) {
      const ModelMessage& m = queues_[queue].messages[PlaceOf(queues_[queue], message)];
      const std::optional<ModelRedrive>& redrive = queues_[queue].settings.redrive;
      if (!poison.has_value() && redrive.has_value() &&
          m.receives_here >= redrive->max_receive_count) {
        poison = message;
      }
    }
    if (poison.has_value()) {
      MoveToDeadLetterQueue(queue, *poison);
      continue;
    }
    std::vector<ModelMessage> taken;
    for (const int message : next) taken.push_back(Take(queue, message, timeout));
    return taken;
  }
}

absl::Duration QueueModel::WaitOf(int queue, const ReceiveMessageRequest& request) const {
  return request.wait_time_seconds.value_or(queues_[queue].settings.wait_time);
}

// What can be had at this instant.
ModelReceived QueueModel::TryReceive(int queue, const ReceiveMessageRequest& request, bool waits) {
  const std::string& attempt = request.receive_request_attempt_id;
  const bool fifo = queues_[queue].fifo;
  if (!fifo && !attempt.empty()) return {.code = "InvalidParameterValue"};
  const absl::Duration timeout =
      request.visibility_timeout.value_or(queues_[queue].settings.visibility_timeout);
  if (!attempt.empty()) {
    const auto again = RepeatAttempt(queue, attempt, timeout);
    if (again.has_value()) return {.messages = *again};
  }
  const int64_t room = (fifo ? fifo_limit_ : standard_limit_) - Counts(queue).in_flight;
  if (room <= 0 && !fifo && !waits) return {.code = "OverLimit"};
  const std::vector<ModelMessage> taken =
      TakeSome(queue, std::min<int64_t>(room, request.max_number_of_messages), timeout);
  if (!attempt.empty() && !taken.empty()) {
    std::erase_if(queues_[queue].attempts, [&](const auto& a) { return a.id == attempt; });
    ModelQueue::Attempt made = {.id = attempt, .time = now_};
    for (const ModelMessage& message : taken) made.handles.push_back(message.handle);
    queues_[queue].attempts.push_back(made);
  }
  return {.messages = taken};
}

int QueueModel::ReceiveInTask(int queue, const ReceiveMessageRequest& request) {
  const int number = ++waiters_so_far_;
  const absl::Duration wait = WaitOf(queue, request);
  const ModelReceived now = TryReceive(queue, request, wait > absl::ZeroDuration());
  if (now.code != "OK" || !now.messages.empty() || wait == absl::ZeroDuration()) {
    answers_[number] = now;
  } else {
    waiters_.push_back({.number = number, .queue = queue, .request = request, .end = now_ + wait});
  }
  return number;
}

ModelReceived QueueModel::Receive(int queue, const ReceiveMessageRequest& request) {
  const absl::Time end = now_ + WaitOf(queue, request);
  const int number = ReceiveInTask(queue, request);
  while (IsWaiting(number)) StepTo(end);
  const ModelReceived answer = answers_[number];
  answers_.erase(number);
  return answer;
}

bool QueueModel::IsWaiting(int waiter) const {
  return std::any_of(waiters_.begin(), waiters_.end(),
                     [waiter](const ModelWaiter& w) { return w.number == waiter; });
}

// Those who wait are served in the order of coming.
void QueueModel::ServeWaiters() {
  for (size_t i = 0; i < waiters_.size();) {
    const ModelWaiter waiter = waiters_[i];
    const ModelReceived received = TryReceive(waiter.queue, waiter.request, true);
    // At the end of a wait, what else is due at that instant comes first.
    if (received.messages.empty() && (now_ < waiter.end || TaskDueNow() != nullptr)) {
      ++i;
      continue;
    }
    answers_[waiter.number] = received;
    waiters_.erase(waiters_.begin() + static_cast<std::ptrdiff_t>(i));
    i = 0;
  }
}

void QueueModel::StepTo(absl::Time limit) {
  absl::Time deadline = absl::InfiniteFuture();
  absl::Time next = limit;
  for (const ModelWaiter& waiter : waiters_) {
    next = std::min(next, waiter.end);
    for (const absl::Time time : QueueDeadlines(queues_[waiter.queue])) {
      if (time > now_) deadline = std::min(deadline, time);
    }
  }
  next = std::min(next, deadline);
  const std::optional<absl::Time> move = NextMove();
  const bool is_move = move.has_value() && *move <= next;
  now_ = is_move ? *move : next;
  DropExpired();
  if (is_move) RunMoveTask(*TaskDueNow());
  is_tie_ = is_tie_ || (is_move && (*move == deadline || TaskDueNow() != nullptr));
  ServeWaiters();
}

void QueueModel::Settle() {
  ServeWaiters();
  while (ModelMoveTask* task = TaskDueNow()) {
    RunMoveTask(*task);
    ServeWaiters();
  }
}

// ---- DeleteMessage, ChangeMessageVisibility

std::string QueueModel::Delete(int queue, int handle, As as) {
  ModelQueue& q = queues_[queue];
  if (handle == 0 || handles_[handle - 1].queue != queue) return "ReceiptHandleIsInvalid";
  const Handle& receipt = handles_[handle - 1];
  const int place = PlaceOfArrival(q, receipt.arrival);
  if (place < 0) return "OK";
  const ModelMessage& message = q.messages[place];
  if (q.fifo ? message.handle != handle || !IsInFlight(message)
             : message.handle == handle && receipt.received + kLongestTimeout < now_) {
    return as == As::kEntry ? "ReceiptHandleIsInvalid" : "InvalidParameterValue";  // expired
  }
  if (message.handle == handle) q.messages.erase(q.messages.begin() + place);
  return "OK";
}

std::string QueueModel::ChangeVisibility(int queue, int handle, absl::Duration timeout) {
  ModelQueue& q = queues_[queue];
  if (timeout < absl::ZeroDuration() || timeout > kLongestTimeout) return "InvalidParameterValue";
  if (handle == 0 || handles_[handle - 1].queue != queue) return "ReceiptHandleIsInvalid";
  const Handle& receipt = handles_[handle - 1];
  const int place = PlaceOfArrival(q, receipt.arrival);
  if (place < 0) return "InvalidParameterValue";
  ModelMessage& message = q.messages[place];
  if (message.handle != handle || !IsInFlight(message)) {
    return q.fifo ? "InvalidParameterValue" : "MessageNotInflight";
  }
  if (now_ + timeout > receipt.received + kLongestTimeout) return "InvalidParameterValue";
  message.hidden_until = now_ + timeout;
  message.changed = true;
  return "OK";
}

// ---- Message move tasks

ModelTaskStarted QueueModel::StartMoveTask(int source, std::optional<int> destination,
                                           std::optional<int32_t> rate) {
  bool is_target = false;
  for (const ModelQueue& queue : queues_) {
    const auto& redrive = queue.settings.redrive;
    is_target = is_target || (redrive.has_value() && redrive->target == source);
  }
  if (!is_target || destination == source) return {.code = "InvalidParameterValue"};
  if (destination.has_value() && queues_[*destination].fifo != queues_[source].fifo) {
    return {.code = "InvalidParameterValue"};
  }
  for (const ModelMoveTask& task : tasks_) {
    if (task.source == source && task.status == "RUNNING") return {.code = "InvalidParameterValue"};
  }
  const int number = static_cast<int>(tasks_.size()) + 1;
  tasks_.push_back({.number = number,
                    .source = source,
                    .destination = destination,
                    .rate = rate,
                    .to_move = static_cast<int64_t>(queues_[source].messages.size()),
                    .started = now_,
                    .turn = ++turns_});
  return {.task = number};
}

std::string QueueModel::CancelMoveTask(int task) {
  ModelMoveTask& t = tasks_[task - 1];
  if (t.status != "RUNNING") return "UnsupportedOperation";
  t.status = "CANCELLED";
  return "OK";
}

// The n-th message moves n intervals after the start, the first of them at once.
absl::Time QueueModel::NextMoveOf(const ModelMoveTask& task) const {
  const int64_t rate = task.rate.value_or(kFastestMove);
  return task.started + absl::Nanoseconds(task.moved * 1'000'000'000 / rate);
}

std::optional<absl::Time> QueueModel::NextMove() const {
  std::optional<absl::Time> next;
  for (const ModelMoveTask& task : tasks_) {
    if (task.status != "RUNNING") continue;
    next = std::min(next.value_or(NextMoveOf(task)), NextMoveOf(task));
  }
  return next;
}

ModelMoveTask* QueueModel::TaskDueNow() {
  ModelMoveTask* next = nullptr;
  for (ModelMoveTask& task : tasks_) {
    if (task.status == "RUNNING" && NextMoveOf(task) <= now_ &&
        (next == nullptr || task.turn < next->turn)) {
      next = &task;
    }
  }
  return next;
}

// "Learn how to configure a dead-letter queue redrive": in the order in which messages came, as new
// messages.
void QueueModel::RunMoveTask(ModelMoveTask& task) {
  if (now_ - task.started >= kLongestMove) {
    task.status = "FAILED";
    task.failure_reason = "The task ran for more than 36 hours.";
    return;
  }
  ModelQueue& source = queues_[task.source];
  const std::vector<int> next = Next(source);
  if (next.empty() || task.moved == task.to_move) {
    task.status = "COMPLETED";
    return;
  }
  const int place = PlaceOf(source, next[0]);
  ModelMessage moved = source.messages[place];
  const std::optional<int> destination =
      task.destination.has_value() ? task.destination : moved.source;
  if (!destination.has_value()) {
    task.status = "FAILED";
    task.failure_reason = "CouldNotDetermineMessageSource";
    return;
  }
  source.messages.erase(source.messages.begin() + place);
  ModelQueue& target = queues_[*destination];
  target.messages.push_back({.number = ++messages_,
                             .arrival = ++target.arrivals,
                             .label = moved.label + "-again",
                             .body = moved.body,
                             .group = moved.group,
                             .deduplication_id = moved.deduplication_id,
                             .attributes = moved.attributes,
                             .sent = now_,
                             .delay_end = now_ + target.settings.delay});
  ++task.moved;
  task.turn = ++turns_;
  if (task.moved == task.to_move) task.status = "COMPLETED";
}

// ---- Time

void QueueModel::AdvanceTo(absl::Time time) {
  while (now_ < time) StepTo(time);
  Settle();
}

std::vector<absl::Time> QueueModel::QueueDeadlines(const ModelQueue& queue) const {
  std::vector<absl::Time> deadlines;
  for (const ModelMessage& message : queue.messages) {
    deadlines.push_back(Expiry(queue, message));
    if (message.receives == 0) deadlines.push_back(DelayEnd(queue, message));
    if (message.receives > 0) deadlines.push_back(message.hidden_until);
  }
  return deadlines;
}

std::vector<absl::Time> QueueModel::Deadlines() const {
  std::vector<absl::Time> all;
  for (const ModelQueue& queue : queues_) {
    for (const absl::Time time : QueueDeadlines(queue)) all.push_back(time);
    for (const ModelQueue::Sent& sent : queue.sent) {
      all.push_back(sent.time + kDeduplicationInterval);
    }
    for (const ModelQueue::Attempt& attempt : queue.attempts) {
      all.push_back(attempt.time + kAttemptInterval);
    }
    for (const ModelMessage& message : queue.messages) {
      if (message.receives > 0) all.push_back(message.received + kLongestTimeout);
    }
    if (queue.purged.has_value()) all.push_back(*queue.purged + kPurgeInterval);
  }
  if (NextMove().has_value()) all.push_back(*NextMove());
  for (const ModelWaiter& waiter : waiters_) all.push_back(waiter.end);
  std::erase_if(all, [&](absl::Time time) { return time <= now_; });
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace skybox::sqs
