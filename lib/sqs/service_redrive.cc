#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sqs/errors.h"
#include "sqs/names.h"
#include "sqs/service.h"
#include "sqs/tokens.h"

namespace skybox::sqs {

namespace {

using kernel::MakeError;

// Rule: "Message quotas" and "Configure a dead-letter queue redrive", Developer Guide.
constexpr int32_t kMostMovesPerSecond = 500;
constexpr int kMostActiveMoves = 100;  // of an account
constexpr Ticks kLongestMove = 36 * 3600 * kTicksPerSecond;
// Rule: "ListMessageMoveTasks", API Reference: up to 10 can be seen.
constexpr int32_t kMostMovesListed = 10;

// Rule: "Troubleshooting dead-letter queue and DLQ redrive issues", Developer Guide.
constexpr std::string_view kQueueIsGone = "AWS.SimpleQueueService.NonExistentQueue";
constexpr std::string_view kSourceIsUnknown = "CouldNotDetermineMessageSource";
constexpr std::string_view kTookTooLong = "The task ran for more than 36 hours.";

std::string_view NameOf(MoveStatus status) {
  switch (status) {
    case MoveStatus::kRunning:
      return "RUNNING";
    case MoveStatus::kCompleted:
      return "COMPLETED";
    case MoveStatus::kCancelled:
      return "CANCELLED";
    case MoveStatus::kFailed:
      return "FAILED";
  }
  return {};
}

// Which message goes next: the one that a receive would come to first, so that messages move in the
// order in which they came, and a FIFO queue keeps the order of each group. kNone when none can be
// had.
// Rule: "Learn how to configure a dead-letter queue redrive", Developer Guide.
uint32_t NextToMove(Queue& queue) {
  return queue.fifo() ? queue.NextInGroups() : queue.VisibleAt(0);
}

// A redriven message is a new one.
// Rule: "Learn how to configure a dead-letter queue redrive", Developer Guide.
Letter Renewed(Letter letter, uint64_t message, Ticks now) {
  letter.message = message;
  letter.dead_letter_source = {};
  letter.moved = 0;
  letter.sent = now;
  letter.arrived = now;
  letter.first_received = 0;
  letter.receive_count = 0;
  return letter;
}

absl::Status DoesNotExist(std::string_view parameter, std::string_view value) {
  return MakeError(
      kResourceNotFoundException,
      fmt::format("The resource that you specified for the {} parameter doesn't exist: {}",
                  parameter, Shown(value)));
}

ListMessageMoveTasksResultEntry EntryOf(const MoveTask& task) {
  return {.task_handle = task.status == MoveStatus::kRunning ? task.handle : std::string(),
          .status = std::string(NameOf(task.status)),
          .source_arn = task.source_arn,
          .destination_arn = task.destination_arn,
          .max_number_of_messages_per_second = task.rate,
          .approximate_number_of_messages_moved = task.moved,
          .approximate_number_of_messages_to_move = task.to_move,
          .failure_reason = task.failure_reason,
          .started_timestamp = kernel::FromTicks(task.started)};
}

}  // namespace

// ---- ListDeadLetterSourceQueues
// -----------------------------------------------------------------------

std::vector<uint32_t> Service::DeadLetterSourcesOf(const QueueRecord& target) const {
  std::vector<uint32_t> sources = RecordsOf(target.account, target.region);
  std::erase_if(
      sources, [&](uint32_t i) { return records_[i].config.dead_letter_target_arn != target.arn; });
  return sources;
}

absl::Status Service::Validate(const ListDeadLetterSourceQueuesRequest& request) const {
  if (request.queue_url.empty()) return MissingParameter("QueueUrl");
  return CheckPage(request.max_results, request.next_token);
}

absl::StatusOr<ListDeadLetterSourceQueuesResponse> Service::Execute(
    const ListDeadLetterSourceQueuesRequest& request, const CallContext& call) {
  const absl::StatusOr<uint32_t> found = Find(request.queue_url, call, Access::kAnyone);
  if (!found.ok()) return found.status();
  const std::vector<uint32_t> sources = DeadLetterSourcesOf(records_[*found]);
  std::vector<std::string_view> names;
  names.reserve(sources.size());
  for (const uint32_t i : sources) names.push_back(records_[i].name);
  absl::StatusOr<Page> page =
      SelectPage(names, request.max_results, request.next_token,
                 fmt::format("ListDeadLetterSourceQueues {}", records_[*found].arn));
  if (!page.ok()) return page.status();
  ListDeadLetterSourceQueuesResponse response = {.next_token = std::move(page->next_token)};
  for (size_t i = page->begin; i < page->end; ++i) {
    response.queue_urls.push_back(records_[sources[i]].url);
  }
  Open(*found, call.now);
  return response;
}

// ---- StartMessageMoveTask
// -----------------------------------------------------------------------------

absl::StatusOr<uint32_t> Service::FindOwnArn(std::string_view arn, std::string_view parameter,
                                             const CallContext& call) const {
  const Session& session = call.session.session;
  const uint32_t found = FindArn(arn);
  if (found != kNone && records_[found].account == session.account &&
      records_[found].region == session.region) {
    return found;
  }
  return DoesNotExist(parameter, arn);
}

absl::Status Service::Validate(const StartMessageMoveTaskRequest& request) const {
  if (absl::Status status = ParseArn(request.source_arn, "SourceArn").status(); !status.ok()) {
    return status;
  }
  if (!request.destination_arn.empty()) {
    if (absl::Status status = ParseArn(request.destination_arn, "DestinationArn").status();
        !status.ok()) {
      return status;
    }
  }
  const int32_t rate = request.max_number_of_messages_per_second.value_or(1);
  if (rate >= 1 && rate <= kMostMovesPerSecond) return absl::OkStatus();
  return InvalidParameter(fmt::format("{}", rate), "MaxNumberOfMessagesPerSecond",
                          "Must be between 1 and 500, if provided.");
}

absl::Status Service::CheckMoveDestination(const StartMessageMoveTaskRequest& request,
                                           uint32_t source, const CallContext& call) const {
  const std::string& arn = request.destination_arn;
  if (arn.empty()) return absl::OkStatus();
  const absl::StatusOr<uint32_t> found = FindOwnArn(arn, "DestinationArn", call);
  if (!found.ok()) return found.status();
  if (*found == source) {
    return InvalidParameter(arn, "DestinationArn", "It is the source queue itself.");
  }
  if (records_[*found].config.fifo != records_[source].config.fifo) {
    return InvalidParameter(arn, "DestinationArn", "It must be of the same type as the source.");
  }
  return absl::OkStatus();
}

absl::Status Service::CheckActiveMoves(const QueueRecord& source) const {
  int active = 0;
  for (const auto& [id, task] : moves_) {
    if (task.status != MoveStatus::kRunning) continue;
    if (task.source_arn == source.arn) {
      return MakeError(kInvalidParameterValue,
                       fmt::format("There is already a task running. Only one active task is "
                                   "allowed for a source queue arn at a given time: {}",
                                   source.arn));
    }
    const absl::StatusOr<QueueAddress> address = ParseArn(task.source_arn, "SourceArn");
    if (address.ok() && address->account == source.account) ++active;
  }
  if (active < kMostActiveMoves) return absl::OkStatus();
  return MakeError(kRequestThrottled,
                   fmt::format("Account {} has {} active message move tasks, the most that it may "
                               "have.",
                               source.account, active));
}

absl::StatusOr<StartMessageMoveTaskResponse> Service::Execute(
    const StartMessageMoveTaskRequest& request, const CallContext& call) {
  const absl::StatusOr<uint32_t> found = FindOwnArn(request.source_arn, "SourceArn", call);
  if (!found.ok()) return found.status();
  if (DeadLetterSourcesOf(records_[*found]).empty()) {
    return InvalidParameter(request.source_arn, "SourceArn",
                            "Source queue must be configured as a Dead Letter Queue.");
  }
  if (absl::Status status = CheckMoveDestination(request, *found, call); !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckActiveMoves(records_[*found]); !status.ok()) return status;

  const QueueRecord& source = Open(*found, call.now);
  const uint64_t id = NextId();
  MoveTask& task = moves_[id];
  task = {.id = id,
          .handle = MakeTaskHandle(IdOf(id), source.arn),
          .source_arn = source.arn,
          .destination_arn = request.destination_arn,
          .rate = request.max_number_of_messages_per_second,
          .to_move = source.queue.size(),
          .started = call.now};
  ScheduleMove(task);
  return StartMessageMoveTaskResponse{.task_handle = task.handle};
}

// ---- CancelMessageMoveTask, ListMessageMoveTasks
// ------------------------------------------------------

absl::Status Service::Validate(const CancelMessageMoveTaskRequest& request) const {
  return SourceArnOfTaskHandle(request.task_handle).status();
}

absl::StatusOr<CancelMessageMoveTaskResponse> Service::Execute(
    const CancelMessageMoveTaskRequest& request, const CallContext& call) {
  const absl::StatusOr<std::string> source = SourceArnOfTaskHandle(request.task_handle);
  if (!source.ok()) return source.status();
  if (!FindOwnArn(*source, "TaskHandle", call).ok()) {
    return DoesNotExist("TaskHandle", request.task_handle);
  }
  for (auto& [id, task] : moves_) {
    if (task.handle != request.task_handle) continue;
    if (task.status != MoveStatus::kRunning) {
      return MakeError(kUnsupportedOperation,
                       fmt::format("Only active tasks can be cancelled. {} is {}.", task.handle,
                                   NameOf(task.status)));
    }
    const CancelMessageMoveTaskResponse response = {.approximate_number_of_messages_moved =
                                                        task.moved};
    EndMove(task, MoveStatus::kCancelled);
    return response;
  }
  return DoesNotExist("TaskHandle", request.task_handle);
}

absl::Status Service::Validate(const ListMessageMoveTasksRequest& request) const {
  if (absl::Status status = ParseArn(request.source_arn, "SourceArn").status(); !status.ok()) {
    return status;
  }
  const int32_t most = request.max_results.value_or(1);
  if (most >= 1 && most <= kMostMovesListed) return absl::OkStatus();
  return InvalidParameter(fmt::format("{}", most), "MaxResults",
                          "Must be between 1 and 10, if provided.");
}

absl::StatusOr<ListMessageMoveTasksResponse> Service::Execute(
    const ListMessageMoveTasksRequest& request, const CallContext& call) {
  const absl::StatusOr<uint32_t> found = FindOwnArn(request.source_arn, "SourceArn", call);
  if (!found.ok()) return found.status();
  const auto most = static_cast<size_t>(request.max_results.value_or(1));
  ListMessageMoveTasksResponse response;
  for (auto each = moves_.rbegin(); each != moves_.rend() && response.results.size() < most;
       ++each) {
    if (each->second.source_arn == request.source_arn) {
      response.results.push_back(EntryOf(each->second));
    }
  }
  Open(*found, call.now);
  return response;
}

// ---- The tasks at work
// --------------------------------------------------------------------------------

void Service::ScheduleMove(MoveTask& task) {
  // From the start, so that a rate that does not divide a second is kept in the long run.
  const int64_t rate = task.rate.value_or(kMostMovesPerSecond);
  const Ticks at = task.started + task.moved * kTicksPerSecond / rate;
  task.timer = kernel_.Schedule(at, component_, kMove, task.id);
}

void Service::RunMoveTask(uint64_t id) {
  const auto entry = moves_.find(id);
  if (entry == moves_.end() || entry->second.status != MoveStatus::kRunning) return;
  MoveTask& task = entry->second;
  task.timer = {};
  const Ticks now = kernel_.now();
  if (now - task.started >= kLongestMove) return EndMove(task, MoveStatus::kFailed, kTookTooLong);
  const uint32_t from = FindArn(task.source_arn);
  if (from == kNone) return EndMove(task, MoveStatus::kFailed, kQueueIsGone);

  Queue& queue = Open(from, now).queue;
  const uint32_t next = NextToMove(queue);
  if (next == kNone || task.moved >= task.to_move) return EndMove(task, MoveStatus::kCompleted);
  const std::string destination = task.destination_arn.empty()
                                      ? Text(queue.DeadLetterSourceOf(queue.row(next))).str()
                                      : task.destination_arn;
  if (destination.empty()) return EndMove(task, MoveStatus::kFailed, kSourceIsUnknown);
  const uint32_t to = FindArn(destination);
  if (to == kNone) return EndMove(task, MoveStatus::kFailed, kQueueIsGone);

  QueueRecord& target = Open(to, now);
  Letter letter = Renewed(queue.Extract(next), NextId(), now);
  target.queue.Send(std::move(letter), now, now + target.config.delay_seconds * kTicksPerSecond);
  ++task.moved;
  ServeWaiters(to);
  if (task.moved == task.to_move) return EndMove(task, MoveStatus::kCompleted);
  ScheduleMove(task);
}

void Service::EndMove(MoveTask& task, MoveStatus status, std::string_view failure_reason) {
  kernel_.CancelTimer(task.timer);
  task.timer = {};
  task.status = status;
  task.failure_reason = failure_reason;
  // Those that ListMessageMoveTasks cannot show any more are forgotten. The task itself is the
  // latest of its source.
  int seen = 0;
  for (auto each = moves_.end(); each != moves_.begin();) {
    --each;
    if (each->second.source_arn == task.source_arn && ++seen > kMostMovesListed) {
      each = moves_.erase(each);
    }
  }
}

void Service::FailMovesFrom(std::string_view source_arn) {
  for (auto& [id, task] : moves_) {
    if (task.source_arn == source_arn && task.status == MoveStatus::kRunning) {
      return EndMove(task, MoveStatus::kFailed, kQueueIsGone);  // there is one at most
    }
  }
}

}  // namespace skybox::sqs
