#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/digest.h"
#include "google/protobuf/arena.h"
#include "kernel/text_table.h"
#include "kernel/world_file.h"
#include "proto/snapshot.pb.h"
#include "skybox/arn.h"
#include "sqs/attributes.h"
#include "sqs/message_rules.h"
#include "sqs/names.h"
#include "sqs/service.h"
#include "sqs/tags.h"
#include "sqs/tokens.h"

// How all queues are saved and restored. What is read may have been made by anybody: it has to be
// what calls could have made.
namespace skybox::sqs {
namespace {

constexpr uint32_t kStateVersion = 1;
constexpr uint32_t kMostQueues = 1u << 31;  // ever made
constexpr int64_t kGreatestMessageSize = 1'048'576;
constexpr int64_t kMostParts = 1'000'000'000 * kTicksPerSecond;  // of a token bucket
constexpr size_t kMostGiven = 10;
constexpr int32_t kMostMovesPerSecond = 500;
constexpr Ticks kLongestMove = 36 * 3600 * kTicksPerSecond;

absl::Status Inconsistent(std::string_view reason) {
  return absl::DataLossError(fmt::format("the saved state of SQS is inconsistent: {}", reason));
}

absl::Status Inconsistent(std::string_view name, std::string_view reason) {
  return Inconsistent(fmt::format("queue '{}': {}", name, reason));
}

std::string_view View(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

bool IsPast(Ticks time, Ticks now) { return time >= 0 && time <= now; }

// ---- Attributes

void SaveConfig(const QueueConfig& config, proto::SqsConfig& out) {
  out.set_fifo(config.fifo);
  out.set_delay_seconds(config.delay_seconds);
  out.set_maximum_message_size(config.maximum_message_size);
  out.set_message_retention_period(config.message_retention_period);
  out.set_receive_message_wait_time_seconds(config.receive_message_wait_time_seconds);
  out.set_visibility_timeout(config.visibility_timeout);
  out.set_policy(config.policy);
  out.set_dead_letter_target_arn(config.dead_letter_target_arn);
  out.set_max_receive_count(config.max_receive_count);
  out.set_redrive_permission(
      static_cast<proto::SqsConfig::RedrivePermission>(config.redrive_permission));
  for (const std::string& arn : config.source_queue_arns) out.add_source_queue_arns(arn);
  out.set_kms_master_key_id(config.kms_master_key_id);
  out.set_kms_data_key_reuse_period_seconds(config.kms_data_key_reuse_period_seconds);
  out.set_sqs_managed_sse_enabled(config.sqs_managed_sse_enabled);
  out.set_content_based_deduplication(config.content_based_deduplication);
  out.set_deduplicates_by_message_group(config.deduplication_scope ==
                                        DeduplicationScope::kMessageGroup);
  out.set_limits_throughput_by_message_group(config.high_throughput());
}

static_assert(static_cast<int>(RedrivePermission::kUnset) == proto::SqsConfig::UNSET);
static_assert(static_cast<int>(RedrivePermission::kAllowAll) == proto::SqsConfig::ALLOW_ALL);
static_assert(static_cast<int>(RedrivePermission::kDenyAll) == proto::SqsConfig::DENY_ALL);
static_assert(static_cast<int>(RedrivePermission::kByQueue) == proto::SqsConfig::BY_QUEUE);

// The attributes of a CreateQueue that makes this config.
QueueAttributes AttributesFor(const QueueConfig& config) {
  QueueAttributes given;
  given.delay_seconds = absl::Seconds(config.delay_seconds);
  given.maximum_message_size = config.maximum_message_size;
  given.message_retention_period = absl::Seconds(config.message_retention_period);
  given.policy = config.policy;
  given.receive_message_wait_time_seconds = absl::Seconds(config.receive_message_wait_time_seconds);
  given.visibility_timeout = absl::Seconds(config.visibility_timeout);
  if (config.has_redrive_policy()) {
    given.redrive_policy = RedrivePolicy{.dead_letter_target_arn = config.dead_letter_target_arn,
                                         .max_receive_count = config.max_receive_count};
  }
  if (config.redrive_permission != RedrivePermission::kUnset) {
    RedriveAllowPolicy allow = {.source_queue_arns = config.source_queue_arns};
    if (config.redrive_permission == RedrivePermission::kDenyAll) {
      allow.redrive_permission = "denyAll";
    } else if (config.redrive_permission == RedrivePermission::kByQueue) {
      allow.redrive_permission = "byQueue";
    }
    given.redrive_allow_policy = allow;
  }
  given.kms_master_key_id = config.kms_master_key_id;
  given.kms_data_key_reuse_period_seconds = absl::Seconds(config.kms_data_key_reuse_period_seconds);
  given.sqs_managed_sse_enabled = config.sqs_managed_sse_enabled;
  if (!config.fifo) return given;
  given.fifo_queue = true;
  given.content_based_deduplication = config.content_based_deduplication;
  given.deduplication_scope =
      config.deduplication_scope == DeduplicationScope::kQueue ? "queue" : "messageGroup";
  given.fifo_throughput_limit = config.high_throughput() ? "perMessageGroupId" : "perQueue";
  return given;
}

absl::StatusOr<QueueConfig> RestoreConfig(const proto::SqsConfig& in, std::string_view name) {
  if (!proto::SqsConfig::RedrivePermission_IsValid(in.redrive_permission())) {
    return Inconsistent(name, "there is no such redrivePermission");
  }
  const QueueConfig config = {
      .fifo = in.fifo(),
      .delay_seconds = in.delay_seconds(),
      .maximum_message_size = in.maximum_message_size(),
      .message_retention_period = in.message_retention_period(),
      .receive_message_wait_time_seconds = in.receive_message_wait_time_seconds(),
      .visibility_timeout = in.visibility_timeout(),
      .policy = in.policy(),
      .dead_letter_target_arn = in.dead_letter_target_arn(),
      .max_receive_count = in.max_receive_count(),
      .redrive_permission = static_cast<RedrivePermission>(in.redrive_permission()),
      .source_queue_arns = {in.source_queue_arns().begin(), in.source_queue_arns().end()},
      .kms_master_key_id = in.kms_master_key_id(),
      .kms_data_key_reuse_period_seconds = in.kms_data_key_reuse_period_seconds(),
      .sqs_managed_sse_enabled = in.sqs_managed_sse_enabled(),
      .content_based_deduplication = in.content_based_deduplication(),
      .deduplication_scope = in.deduplicates_by_message_group() ? DeduplicationScope::kMessageGroup
                                                                : DeduplicationScope::kQueue,
      .fifo_throughput_limit = in.limits_throughput_by_message_group()
                                   ? FifoThroughputLimit::kPerMessageGroupId
                                   : FifoThroughputLimit::kPerQueue};
  // The rules of attributes have one place: what they would not make is refused.
  const absl::StatusOr<QueueConfig> made =
      ApplyAttributes(DefaultConfig(config.fifo, kGreatestMessageSize), AttributesFor(config),
                      /*creating=*/true, kGreatestMessageSize);
  if (!made.ok()) return Inconsistent(name, View(made.status()));
  if (!(*made == config)) return Inconsistent(name, "its attributes do not go together");
  return config;
}

// ---- Queues

void SaveActivity(const Activity& activity, proto::SqsActivity& out) {
  out.set_sent(activity.sent);
  out.set_received(activity.received);
  out.set_deleted(activity.deleted);
  out.set_empty_receives(activity.empty_receives);
  out.set_deduplicated(activity.deduplicated);
  out.set_sizes(activity.sizes);
  out.set_size_sum(activity.size_sum);
  out.set_size_least(activity.size_least);
  out.set_size_most(activity.size_most);
}

Activity RestoreActivity(const proto::SqsActivity& in) {
  return {.sent = in.sent(),
          .received = in.received(),
          .deleted = in.deleted(),
          .empty_receives = in.empty_receives(),
          .deduplicated = in.deduplicated(),
          .sizes = in.sizes(),
          .size_sum = in.size_sum(),
          .size_least = in.size_least(),
          .size_most = in.size_most()};
}

void SaveRecord(const QueueRecord& record, kernel::TextNumbers& texts, proto::SqsQueue& out) {
  out.set_number(record.number);
  out.set_account(record.account);
  out.set_region(record.region);
  out.set_name(record.name);
  SaveConfig(record.config, *out.mutable_config());
  for (const auto& [key, value] : record.tags) {
    proto::SqsQueue::Tag& tag = *out.add_tags();
    tag.set_key(key);
    tag.set_value(value);
  }
  out.set_created(record.created);
  out.set_modified(record.modified);
  if (record.purged != kLongAgo) out.set_purged(record.purged);
  out.set_last_active(record.last_active);
  SaveActivity(record.activity, *out.mutable_activity());
  for (const auto& [id, attempt] : record.attempts) {
    proto::SqsQueue::Attempt& saved = *out.add_attempts();
    saved.set_id(id);
    saved.set_expires(attempt.expires);
    for (const Attempt::Given& given : attempt.given) {
      proto::SqsQueue::Attempt::Given& saved_given = *saved.add_given();
      saved_given.set_row(given.row);
      saved_given.set_message(given.message);
      saved_given.set_receive(given.receive);
    }
  }
  for (const auto& [key, bucket] : record.buckets) {
    proto::SqsQueue::Bucket& saved = *out.add_buckets();
    saved.set_key(key);
    saved.set_parts(bucket.parts);
    saved.set_updated(bucket.updated);
  }
  record.queue.Save(*out.mutable_messages(), texts);
}

absl::Status RestoreTags(const proto::SqsQueue& in, QueueRecord& record) {
  for (const proto::SqsQueue::Tag& tag : in.tags()) {
    if (!record.tags.emplace(tag.key(), tag.value()).second) {
      return Inconsistent(record.name, "it has a tag twice");
    }
  }
  absl::Status status = CheckTags(record.tags);
  if (status.ok()) status = AddTags({}, record.tags, record.name).status();
  return status.ok() ? status : Inconsistent(record.name, View(status));
}

absl::Status RestoreAttempts(const proto::SqsQueue& in, Ticks now, QueueRecord& record) {
  for (const proto::SqsQueue::Attempt& saved : in.attempts()) {
    Attempt attempt = {.expires = saved.expires()};
    if (!record.config.fifo || saved.id().empty() || !CheckAttemptId(saved.id()).ok() ||
        attempt.expires < 0 || attempt.expires - now > kDeduplicationInterval ||
        saved.given().empty() || static_cast<size_t>(saved.given_size()) > kMostGiven) {
      return Inconsistent(record.name, "an attempt to receive is out of range");
    }
    for (const proto::SqsQueue::Attempt::Given& given : saved.given()) {
      attempt.given.push_back(
          {.row = given.row(), .message = given.message(), .receive = given.receive()});
    }
    if (!record.attempts.emplace(saved.id(), std::move(attempt)).second) {
      return Inconsistent(record.name, "two attempts to receive have one id");
    }
  }
  return absl::OkStatus();
}

absl::Status RestoreBuckets(const proto::SqsQueue& in, Ticks now, QueueRecord& record) {
  for (const proto::SqsQueue::Bucket& saved : in.buckets()) {
    if (!record.config.fifo || saved.parts() < 0 || saved.parts() > kMostParts ||
        !IsPast(saved.updated(), now) ||
        !record.buckets
             .emplace(saved.key(),
                      kernel::TokenBucket{.parts = saved.parts(), .updated = saved.updated()})
             .second) {
      return Inconsistent(record.name, "the tokens of its throughput are out of range");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<QueueRecord> RestoreRecord(const proto::SqsQueue& in,
                                          const kernel::NumberedTexts& texts, Ticks now) {
  if (!IsAccountId(in.account()) || !IsRegion(in.region()) ||
      !CheckQueueName(in.name(), in.config().fifo()).ok()) {
    return Inconsistent("the name of a queue, or where it is, is against the rules");
  }
  absl::StatusOr<QueueConfig> config = RestoreConfig(in.config(), in.name());
  if (!config.ok()) return config.status();
  QueueRecord record = {.number = in.number(),
                        .account = in.account(),
                        .region = in.region(),
                        .name = in.name(),
                        .url = MakeUrl(in.region(), in.account(), in.name()),
                        .arn = MakeArn(in.region(), in.account(), in.name()),
                        .config = *std::move(config),
                        .created = in.created(),
                        .modified = in.modified(),
                        .purged = in.has_purged() ? in.purged() : kLongAgo,
                        .last_active = in.last_active(),
                        .activity = RestoreActivity(in.activity())};
  for (const Ticks time : {record.created, record.modified, in.purged(), record.last_active}) {
    if (!IsPast(time, now)) return Inconsistent(record.name, "one of its times is out of range");
  }
  if (absl::Status status = RestoreTags(in, record); !status.ok()) return status;
  if (absl::Status status = RestoreAttempts(in, now, record); !status.ok()) return status;
  if (absl::Status status = RestoreBuckets(in, now, record); !status.ok()) return status;
  absl::StatusOr<Queue> queue = Queue::Restore(in.messages(), texts, record.config.fifo, now);
  if (!queue.ok()) return Inconsistent(record.name, View(queue.status()));
  record.queue = *std::move(queue);
  return record;
}

// Numbers of messages, receives and move tasks come from one counter, so no two are equal, whatever
// they are of. What is remembered of messages may be of those that are gone.
absl::Status CheckIds(const proto::SqsState& in) {
  std::vector<uint64_t> ids;
  bool good = in.last_id() <= kernel::kGreatestCount;
  const auto was_given = [&in](uint64_t id) { return id != 0 && id <= in.last_id(); };
  for (const proto::SqsQueue& queue : in.queues()) {
    for (const proto::SqsMessage& message : queue.messages().messages()) {
      ids.push_back(message.message());
      if (message.receive() != 0) ids.push_back(message.receive());
    }
    for (const proto::SqsDeduplication& row : queue.messages().deduplications()) {
      good = good && was_given(row.message());
    }
    for (const proto::SqsQueue::Attempt& attempt : queue.attempts()) {
      for (const proto::SqsQueue::Attempt::Given& given : attempt.given()) {
        good = good && was_given(given.message()) && was_given(given.receive());
      }
    }
    good = good && queue.messages().last_position() <= kernel::kGreatestCount;
  }
  for (const proto::SqsMoveTask& move : in.moves()) ids.push_back(move.id());
  for (const uint64_t id : ids) good = good && was_given(id);
  if (!good) return Inconsistent("the number of a message, receive or task is out of range");
  std::sort(ids.begin(), ids.end());
  if (std::adjacent_find(ids.begin(), ids.end()) == ids.end()) return absl::OkStatus();
  return Inconsistent("two of its messages, receives and tasks have one number");
}

// ---- Move tasks

static_assert(static_cast<int>(MoveStatus::kRunning) == proto::SqsMoveTask::RUNNING);
static_assert(static_cast<int>(MoveStatus::kCompleted) == proto::SqsMoveTask::COMPLETED);
static_assert(static_cast<int>(MoveStatus::kCancelled) == proto::SqsMoveTask::CANCELLED);
static_assert(static_cast<int>(MoveStatus::kFailed) == proto::SqsMoveTask::FAILED);

void SaveMove(const MoveTask& task, proto::SqsMoveTask& out) {
  out.set_id(task.id);
  out.set_source_arn(task.source_arn);
  out.set_destination_arn(task.destination_arn);
  if (task.rate.has_value()) out.set_rate(*task.rate);
  out.set_status(static_cast<proto::SqsMoveTask::Status>(task.status));
  out.set_moved(task.moved);
  out.set_to_move(task.to_move);
  out.set_failure_reason(task.failure_reason);
  out.set_started(task.started);
}

absl::StatusOr<MoveTask> RestoreMove(const proto::SqsMoveTask& in, Ticks now) {
  MoveTask task = {.id = in.id(),
                   .status = static_cast<MoveStatus>(in.status()),
                   .source_arn = in.source_arn(),
                   .destination_arn = in.destination_arn(),
                   .moved = in.moved(),
                   .to_move = in.to_move(),
                   .failure_reason = in.failure_reason(),
                   .started = in.started()};
  if (in.has_rate()) task.rate = in.rate();
  const int32_t rate = task.rate.value_or(kMostMovesPerSecond);
  if (!proto::SqsMoveTask::Status_IsValid(in.status()) || !IsQueueArn(task.source_arn) ||
      (!task.destination_arn.empty() && !IsQueueArn(task.destination_arn)) || rate < 1 ||
      rate > kMostMovesPerSecond || !IsPast(task.started, now) || task.moved < 0 ||
      task.moved > task.to_move || task.to_move > int64_t{kNone}) {
    return Inconsistent("a move task is out of range");
  }
  // Each message has its time, and after the longest a task ends.
  if (task.moved * kTicksPerSecond / rate > kLongestMove + kTicksPerSecond) {
    return Inconsistent("a move task has moved more than it can");
  }
  return task;
}

void SaveTimer(TimerId id, proto::TimerId& out) {
  out.set_slot(id.slot);
  out.set_generation(id.generation);
}

}  // namespace

// ---- The whole state
// ----------------------------------------------------------------------------------

std::string Service::Save() const {
  google::protobuf::Arena arena;
  proto::SqsState& out = *google::protobuf::Arena::CreateMessage<proto::SqsState>(&arena);
  out.set_version(kStateVersion);
  kernel::TextNumbers texts;
  const std::vector<uint32_t> free = records_.FreeRows();
  out.mutable_free_records()->Add(free.begin(), free.end());
  for (uint32_t i = 0; i < records_.size(); ++i) {
    if (records_[i].number == 0) continue;
    proto::SqsQueue& queue = *out.add_queues();
    queue.set_record(i);
    SaveRecord(records_[i], texts, queue);
  }
  for (const Text& text : texts.texts()) out.add_texts(text.data(), text.size());
  out.set_last_number(last_number_);
  out.set_last_id(last_id_);
  for (const auto& [url, when] : deleted_) {
    proto::SqsState::DeletedQueue& deleted = *out.add_deleted();
    deleted.set_url(url);
    deleted.set_deleted(when);
  }
  for (const auto& [id, task] : moves_) {
    proto::SqsMoveTask& move = *out.add_moves();
    SaveMove(task, move);
    if (task.status == MoveStatus::kRunning) SaveTimer(task.timer, *move.mutable_timer());
  }
  if (kernel_.IsPending(minute_timer_)) SaveTimer(minute_timer_, *out.mutable_minute_timer());
  return kernel::Serialize(out);
}

absl::Status Service::Restore(std::string_view bytes) {
  google::protobuf::Arena arena;
  proto::SqsState& in = *google::protobuf::Arena::CreateMessage<proto::SqsState>(&arena);
  if (!kernel::Parse(bytes, in) || in.version() == 0) return Inconsistent("it is malformed");
  if (in.version() != kStateVersion) {
    return absl::UnimplementedError(
        fmt::format("the state of SQS was saved in version {}; this library reads version {}",
                    in.version(), kStateVersion));
  }
  absl::Status status = CheckIds(in);
  if (status.ok()) status = RestoreRecords(in);
  if (status.ok()) status = RestoreMoves(in);
  if (!status.ok()) return status;

  const Ticks now = kernel_.now();
  deleted_.clear();
  for (const proto::SqsState::DeletedQueue& deleted : in.deleted()) {
    if (!IsPast(deleted.deleted(), now) || !ParseUrl(deleted.url()).ok() ||
        !deleted_.emplace(deleted.url(), deleted.deleted()).second) {
      return Inconsistent("a deleted queue is out of range or there twice");
    }
  }
  last_id_ = in.last_id();
  minute_timer_ = {};
  if (in.has_minute_timer()) {
    minute_timer_ = {in.minute_timer().slot(), in.minute_timer().generation()};
    if (!IsTimer(minute_timer_, kMinute, 0)) return Inconsistent("the timer of metrics is not set");
  }
  return absl::OkStatus();
}

// Whether that is a pending timer of ours.
bool Service::IsTimer(TimerId id, uint32_t kind, uint64_t argument) const {
  const kernel::Timer* timer = kernel_.FindTimer(id);
  return timer != nullptr &&
         *timer == kernel::Timer{.component = component_, .kind = kind, .argument = argument};
}

absl::Status Service::RestoreRecords(const proto::SqsState& in) {
  std::vector<Text> texts;
  texts.reserve(static_cast<size_t>(in.texts_size()));
  for (const std::string& text : in.texts()) texts.emplace_back(text);
  const kernel::NumberedTexts numbered(std::move(texts));

  const size_t size = static_cast<size_t>(in.queues_size()) + in.free_records_size();
  std::vector<bool> is_known(size);
  const auto is_new = [&](uint32_t i) {
    if (i >= size || is_known[i]) return false;
    is_known[i] = true;
    return true;
  };
  for (const uint32_t i : in.free_records()) {
    if (!is_new(i)) return Inconsistent("a free record is out of range or there twice");
  }
  if (in.last_number() > kMostQueues) return Inconsistent("the number of queues is out of range");
  last_number_ = in.last_number();
  records_ = kernel::CowTable<QueueRecord, 1>::WithFreeRows(
      static_cast<uint32_t>(size), {in.free_records().begin(), in.free_records().end()});
  by_url_.Clear();
  last_found_ = kNone;
  std::vector<uint32_t> numbers;
  for (const proto::SqsQueue& saved : in.queues()) {
    if (!is_new(saved.record())) {
      return Inconsistent("the record of a queue is out of range or taken");
    }
    absl::StatusOr<QueueRecord> restored = RestoreRecord(saved, numbered, kernel_.now());
    if (!restored.ok()) return restored.status();
    if (restored->number == 0 || restored->number > last_number_) {
      return Inconsistent(restored->name, "its number is out of range");
    }
    numbers.push_back(restored->number);
    if (FindUrl(restored->url) != kNone) return Inconsistent(restored->name, "it is there twice");
    by_url_.Insert(kernel::HashBytes(restored->url), saved.record());
    records_.Write(saved.record()) = *std::move(restored);
  }
  std::sort(numbers.begin(), numbers.end());
  if (std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end()) return absl::OkStatus();
  return Inconsistent("two queues have one number");
}

absl::Status Service::RestoreMoves(const proto::SqsState& in) {
  moves_.clear();
  for (const proto::SqsMoveTask& saved : in.moves()) {
    absl::StatusOr<MoveTask> task = RestoreMove(saved, kernel_.now());
    if (!task.ok()) return task.status();
    task->handle = MakeTaskHandle(IdOf(task->id), task->source_arn);
    if (saved.has_timer() != (task->status == MoveStatus::kRunning)) {
      return Inconsistent("a move task has a timer and does not run, or has none");
    }
    if (saved.has_timer()) {
      task->timer = {saved.timer().slot(), saved.timer().generation()};
      if (!IsTimer(task->timer, kMove, task->id)) {
        return Inconsistent("the timer of a move task is not set");
      }
    }
    moves_.emplace(task->id, *std::move(task));  // CheckIds has seen that the ids are not equal
  }
  return absl::OkStatus();
}

}  // namespace skybox::sqs
