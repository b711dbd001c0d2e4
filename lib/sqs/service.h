#ifndef SKYBOX_SQS_SERVICE_H_
#define SKYBOX_SQS_SERVICE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/cow_index.h"
#include "kernel/cow_table.h"
#include "kernel/front_door.h"
#include "kernel/kernel.h"
#include "skybox/sqs.h"
#include "sqs/attributes.h"
#include "sqs/errors.h"
#include "sqs/message_rules.h"
#include "sqs/names.h"
#include "sqs/queue.h"

namespace skybox::proto {
class SqsState;
}  // namespace skybox::proto

namespace skybox::sqs {

using kernel::CallContext;
using kernel::SessionInfo;

inline constexpr Ticks kLongAgo = std::numeric_limits<Ticks>::min();

// What happened in a queue since the last whole minute, for its metrics.
struct Activity {
  uint64_t sent = 0;
  uint64_t received = 0;
  uint64_t deleted = 0;
  uint64_t empty_receives = 0;
  uint64_t deduplicated = 0;
  uint64_t sizes = 0;  // of messages sent
  uint64_t size_sum = 0;
  uint64_t size_least = 0;
  uint64_t size_most = 0;

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Sent", self.sent);
    visit("Received", self.received);
    visit("Deleted", self.deleted);
    visit("EmptyReceives", self.empty_receives);
    visit("Deduplicated", self.deduplicated);
    visit("Sizes", self.sizes);
    visit("SizeSum", self.size_sum);
    visit("SizeLeast", self.size_least);
    visit("SizeMost", self.size_most);
  }
};

// What a ReceiveMessage with an attempt id gave out, so that a retry gets the same.
struct Attempt {
  struct Given {
    uint32_t row = 0;
    uint64_t message = 0;
    uint64_t receive = 0;
  };
  Ticks expires = 0;
  std::vector<Given> given = {};
};

// A queue with all that is known of it.
struct QueueRecord {
  uint32_t number = 0;  // of all queues ever made, from 1; 0: deleted
  std::string account = {};
  std::string region = {};
  std::string name = {};
  std::string url = {};
  std::string arn = {};
  QueueConfig config = {};
  std::map<std::string, std::string> tags = {};
  Ticks created = 0;
  Ticks modified = 0;
  Ticks purged = kLongAgo;  // kLongAgo: never
  Ticks last_active = 0;    // for metrics
  Activity activity = {};
  std::map<std::string, Attempt> attempts = {};
  std::map<std::string, kernel::TokenBucket> buckets =
      {};  // FIFO throughput, by API method and group
  Queue queue = {};

  Ticks retention() const { return config.message_retention_period * kTicksPerSecond; }
};

enum class MoveStatus : uint8_t { kRunning, kCompleted, kCancelled, kFailed };

// A message move task: data, driven by one timer.
struct MoveTask {
  uint64_t id = 0;
  std::string handle = {};
  MoveStatus status = MoveStatus::kRunning;
  std::string source_arn = {};
  std::string destination_arn = {};
  std::optional<int32_t> rate = {};  // messages a second
  int64_t moved = 0;
  int64_t to_move = 0;
  std::string failure_reason = {};
  Ticks started = 0;
  TimerId timer = {};
};

// All queues of all accounts and regions of one Cloud.
class Service final : public kernel::Component, public Delivery {
 public:
  explicit Service(kernel::Kernel& kernel);

  Client MakeClient(uint32_t session) { return Client(this, session); }

  // ---- Component
  std::string_view name() const override { return "sqs"; }
  void OnTimer(uint32_t kind, uint64_t argument) override;
  kernel::Ticks NextSilentDeadline() override;
  void AddTo(kernel::Hasher& hasher) const override;
  void ForkFrom(kernel::Component& other) override;
  std::string Save() const override;
  absl::Status Restore(std::string_view bytes) override;
  void OnConnect() override;
  absl::Status CanFork() const override;

  // ---- Delivery: SendMessage in the name of another service
  absl::Status Deliver(const Parcel& parcel) override;

  // ---- For the front door
  kernel::Kernel& kernel() const { return kernel_; }
  uint32_t first_operation() const { return first_operation_; }
  const kernel::Error& throttled() const { return kRequestThrottled; }
  // ARN of what the request touches, whether it exists or not.
  template <typename Request>
  std::string ResourceOf(const Request& request, const SessionInfo& session) const;
  // The source of the move task of that handle; empty when there is none.
  std::string MoveTaskSource(std::string_view handle) const;
  // A request is billed for each 64 KiB of payload begun.
  // Rule: "Amazon SQS pricing".
  template <typename Request>
  uint64_t BilledUnits(const Request& request) const;

  // The history of the messages' way, in few words: a message's number follows from the queue and
  // all that came before, so the queue's URL need not be read again.
  bool AddToTrace(kernel::Hasher& history, const SendMessageRequest& request,
                  const SendMessageResponse& response) const {
    if (request.delay_seconds.has_value() || !request.message_attributes.empty() ||
        !request.message_system_attributes.empty()) {
      return false;
    }
    history.Add(request.message_body);
    history.Add(response.message_id.DigestValue());
    if (response.sequence_number.has_value()) [[unlikely]] {
      history.Add(request.message_group_id);
      history.Add(request.message_deduplication_id);
      history.Add(response.sequence_number->place());
    }
    return true;
  }
  bool AddToTrace(kernel::Hasher& history, const ReceiveMessageRequest& request,
                  const ReceiveMessageResponse& response) const {
    if (response.messages.size() > 1 || request.visibility_timeout.has_value() ||
        request.wait_time_seconds.has_value() || !request.attribute_names.empty() ||
        !request.message_system_attribute_names.empty() ||
        !request.message_attribute_names.empty() || !request.receive_request_attempt_id.empty()) {
      return false;
    }
    history.Add(request.max_number_of_messages);
    if (response.messages.empty()) {
      const uint32_t found = FindUrl(request.queue_url);
      history.Add(found == kNone ? 0 : records_[found].number);
      return found != kNone;
    }
    history.Add(response.messages.front().receipt_handle.DigestValue());
    return true;
  }
  bool AddToTrace(kernel::Hasher& history, const DeleteMessageRequest& request,
                  const DeleteMessageResponse&) const {
    history.Add(request.receipt_handle.DigestValue());
    return true;
  }

  // ---- Operations: service_queues.cc
  absl::Status Validate(const CreateQueueRequest& request) const;
  absl::Status Validate(const GetQueueUrlRequest& request) const;
  absl::Status Validate(const ListQueuesRequest& request) const;
  absl::Status Validate(const DeleteQueueRequest& request) const;
  absl::Status Validate(const PurgeQueueRequest& request) const;
  absl::Status Validate(const GetQueueAttributesRequest& request) const;
  absl::Status Validate(const SetQueueAttributesRequest& request) const;
  absl::Status Validate(const TagQueueRequest& request) const;
  absl::Status Validate(const UntagQueueRequest& request) const;
  absl::Status Validate(const ListQueueTagsRequest& request) const;
  absl::Status Validate(const AddPermissionRequest& request) const;
  absl::Status Validate(const RemovePermissionRequest& request) const;
  absl::StatusOr<CreateQueueResponse> Execute(const CreateQueueRequest& request,
                                              const CallContext& call);
  absl::StatusOr<GetQueueUrlResponse> Execute(const GetQueueUrlRequest& request,
                                              const CallContext& call);
  absl::StatusOr<ListQueuesResponse> Execute(const ListQueuesRequest& request,
                                             const CallContext& call);
  absl::StatusOr<DeleteQueueResponse> Execute(const DeleteQueueRequest& request,
                                              const CallContext& call);
  absl::StatusOr<PurgeQueueResponse> Execute(const PurgeQueueRequest& request,
                                             const CallContext& call);
  absl::StatusOr<GetQueueAttributesResponse> Execute(const GetQueueAttributesRequest& request,
                                                     const CallContext& call);
  absl::StatusOr<SetQueueAttributesResponse> Execute(const SetQueueAttributesRequest& request,
                                                     const CallContext& call);
  absl::StatusOr<TagQueueResponse> Execute(const TagQueueRequest& request, const CallContext& call);
  absl::StatusOr<UntagQueueResponse> Execute(const UntagQueueRequest& request,
                                             const CallContext& call);
  absl::StatusOr<ListQueueTagsResponse> Execute(const ListQueueTagsRequest& request,
                                                const CallContext& call);
  absl::StatusOr<AddPermissionResponse> Execute(const AddPermissionRequest& request,
                                                const CallContext& call);
  absl::StatusOr<RemovePermissionResponse> Execute(const RemovePermissionRequest& request,
                                                   const CallContext& call);

  // ---- Operations: service_messages.cc
  absl::Status Validate(const SendMessageRequest& request) const;
  absl::Status Validate(const SendMessageBatchRequest& request) const;
  absl::Status Validate(const ReceiveMessageRequest& request) const;
  absl::Status Validate(const DeleteMessageRequest& request) const;
  absl::Status Validate(const DeleteMessageBatchRequest& request) const;
  absl::Status Validate(const ChangeMessageVisibilityRequest& request) const;
  absl::Status Validate(const ChangeMessageVisibilityBatchRequest& request) const;
  absl::StatusOr<SendMessageResponse> Execute(const SendMessageRequest& request,
                                              const CallContext& call);
  absl::StatusOr<SendMessageBatchResponse> Execute(const SendMessageBatchRequest& request,
                                                   const CallContext& call);
  absl::StatusOr<ReceiveMessageResponse> Execute(const ReceiveMessageRequest& request,
                                                 const CallContext& call);
  absl::StatusOr<DeleteMessageResponse> Execute(const DeleteMessageRequest& request,
                                                const CallContext& call);
  absl::StatusOr<DeleteMessageBatchResponse> Execute(const DeleteMessageBatchRequest& request,
                                                     const CallContext& call);
  absl::StatusOr<ChangeMessageVisibilityResponse> Execute(
      const ChangeMessageVisibilityRequest& request, const CallContext& call);
  absl::StatusOr<ChangeMessageVisibilityBatchResponse> Execute(
      const ChangeMessageVisibilityBatchRequest& request, const CallContext& call);

  // ---- Operations: service_redrive.cc
  absl::Status Validate(const ListDeadLetterSourceQueuesRequest& request) const;
  absl::Status Validate(const StartMessageMoveTaskRequest& request) const;
  absl::Status Validate(const CancelMessageMoveTaskRequest& request) const;
  absl::Status Validate(const ListMessageMoveTasksRequest& request) const;
  absl::StatusOr<ListDeadLetterSourceQueuesResponse> Execute(
      const ListDeadLetterSourceQueuesRequest& request, const CallContext& call);
  absl::StatusOr<StartMessageMoveTaskResponse> Execute(const StartMessageMoveTaskRequest& request,
                                                       const CallContext& call);
  absl::StatusOr<CancelMessageMoveTaskResponse> Execute(const CancelMessageMoveTaskRequest& request,
                                                        const CallContext& call);
  absl::StatusOr<ListMessageMoveTasksResponse> Execute(const ListMessageMoveTasksRequest& request,
                                                       const CallContext& call);

  // ---- Long polls
  // A receive that waits for messages. The one who waits owns it; the service only knows where it
  // is.
  struct Waiter {
    uint64_t number = 0;  // in the order of coming
    uint64_t ticket = 0;  // of the task to wake; 0: the program itself waits
    bool called = false;  // there is something for it, after those before it
    bool woken = false;   // its turn has come
    TimerId turn = {};    // brings it, where the program itself waits
  };
  // How long the request waits when nothing is there; 0 also where the queue does not exist.
  Ticks WaitOf(const ReceiveMessageRequest& request, const CallContext& call) const;
  // Waits until somebody wakes it; `number` is 0 at the first time. Ended by RemoveWaiter.
  void AddWaiter(uint32_t record, Waiter& waiter);
  void RemoveWaiter(uint32_t record, const Waiter& waiter);
  // Calls those for whom there is something now. Whether any of them came before this one.
  bool CallWaiters(uint32_t record, const Waiter& waiter);
  uint32_t RecordOf(std::string_view url) const { return FindUrl(url); }
  // What can be received now; a long poll's empty answer means that it goes on waiting.
  absl::StatusOr<ReceiveMessageResponse> ReceiveNow(const ReceiveMessageRequest& request,
                                                    const CallContext& call, bool long_poll);
  void CountEmptyReceive(const ReceiveMessageRequest& request);

 private:
  enum TimerKind : uint32_t { kWaiters, kMinute, kMove, kTurn };
  enum class Access {
    kOwner,
    kAnyone
  };  // who may use an operation: the queue's account, or others too

  // The record of a queue URL. QueueDoesNotExist, InvalidAddress, MissingParameter; AccessDenied
  // for kOwner where the session's account is another; `action` is the one that it names. Rule:
  // "Limitations of custom policies", Developer Guide.
  absl::StatusOr<uint32_t> Find(std::string_view url, const CallContext& call, Access access,
                                std::string_view action = {}) const;
  // The same for kAnyone, in fewer steps: programs ask for the same queue again and again.
  absl::Status Find(std::string_view url, const CallContext& call, uint32_t& found) const {
    if (call.session_index == last_session_ && last_found_ != kNone &&
        url == records_[last_found_].url) [[likely]] {
      found = last_found_;
      return absl::OkStatus();
    }
    return FindAnew(url, call, found);
  }
  absl::Status FindAnew(std::string_view url, const CallContext& call, uint32_t& found) const;
  uint32_t FindUrl(std::string_view url) const;  // kNone
  uint32_t FindArn(std::string_view arn) const;  // kNone
  // The record with its messages as they are now; counts as a touch for metrics.
  QueueRecord& Open(uint32_t i, Ticks now) {
    QueueRecord& opened = records_.Write(i);
    opened.queue.Settle(now, opened.retention());
    opened.last_active = now;
    if (kernel_.ports().metric_sink != nullptr) [[unlikely]]
      EnsureMinuteTimer();
    return opened;
  }
  const QueueRecord& record(uint32_t i) const { return records_[i]; }

  // Records of one account and region in order of their names.
  std::vector<uint32_t> RecordsOf(std::string_view account, std::string_view region) const;

  // Whether messages of `source` may go to the queue of that ARN: it is there, of the same type,
  // account and region, and its RedriveAllowPolicy has nothing against it. Answers its record or
  // the reason.
  struct DeadLetterTarget {
    uint32_t record = kNone;
    std::string problem = {};
  };
  DeadLetterTarget FindDeadLetterTarget(const QueueRecord& source, std::string_view arn) const;
  absl::Status CheckRedrivePolicy(const QueueRecord& source, const QueueConfig& config) const;

  struct SendOutcome {
    MessageId message_id = {};
    std::optional<SequenceNumber> sequence_number = {};
    Text attributes = {};  // encoded
  };
  // One message into a queue: what SendMessage, its batch form and a delivery have in common.
  // `Message` is a SendMessageRequest or a batch entry.
  template <typename Message>
  absl::Status SendOne(QueueRecord& record, const Message& message, const Text& sender, Ticks now,
                       bool in_batch, SendOutcome& outcome);
  Ticks WaitOf(const ReceiveMessageRequest& request, uint32_t record) const {
    if (request.wait_time_seconds.has_value()) return kernel::ToTicks(*request.wait_time_seconds);
    return records_[record].config.receive_message_wait_time_seconds * kTicksPerSecond;
  }
  absl::Status Send(const SendMessageRequest& request, const CallContext& call,
                    SendMessageResponse& response);
  absl::Status Receive(const ReceiveMessageRequest& request, const CallContext& call,
                       ReceiveMessageResponse& response);
  absl::Status ReceiveFrom(uint32_t record, const ReceiveMessageRequest& request, bool long_poll,
                           ReceiveMessageResponse& response);
  void Hand(const QueueRecord& record, uint32_t row, const ReceiveMessageRequest& request,
            Message& message);
  bool Repeat(QueueRecord& record, const ReceiveMessageRequest& request, Ticks now,
              Ticks visible_at, ReceiveMessageResponse& response);
  static void EndAttempts(QueueRecord& record, uint64_t receive);
  absl::Status DeleteOne(QueueRecord& record, const ReceiptHandle& handle, Ticks now,
                         bool in_batch);
  absl::Status ChangeVisibilityOne(QueueRecord& record, const ReceiptHandle& handle, Ticks timeout,
                                   Ticks now);
  // Puts a letter into a queue by the rules of redrive policies.
  void PutInDeadLetterQueue(QueueRecord& target, Letter letter, const QueueRecord& source,
                            Ticks now);
  // Takes a token of the queue's FIFO throughput.
  absl::Status TakeFifoToken(QueueRecord& record, std::string_view method, std::string_view group,
                             Ticks now);

  // To be called whenever messages may have become visible: serves those who wait and sets their
  // timer.
  void ServeWaiters(uint32_t record) {
    if (!waiting_.empty()) [[unlikely]]
      ServeWaitersOf(record);
  }
  void ServeWaitersOf(uint32_t record);
  bool CanReceive(const QueueRecord& record) const;
  void OnMinute();
  void EnsureMinuteTimer();
  void PublishMetrics(QueueRecord& record, Ticks minute);
  // Forgets queues that were deleted so long ago that their names are free.
  void ForgetDeletions(Ticks now);

  // The record of an ARN in the session's account and region. ResourceNotFoundException.
  absl::StatusOr<uint32_t> FindOwnArn(std::string_view arn, std::string_view parameter,
                                      const CallContext& call) const;
  // Records of queues whose RedrivePolicy names the queue of this record, in order of their names.
  std::vector<uint32_t> DeadLetterSourcesOf(const QueueRecord& target) const;
  absl::Status CheckMoveDestination(const StartMessageMoveTaskRequest& request, uint32_t source,
                                    const CallContext& call) const;
  absl::Status CheckActiveMoves(const QueueRecord& source) const;
  // Moves one message and sets the timer of the next, or ends the task.
  void RunMoveTask(uint64_t id);
  void ScheduleMove(MoveTask& task);
  void EndMove(MoveTask& task, MoveStatus status, std::string_view failure_reason = {});
  void FailMovesFrom(std::string_view source_arn);

  // service_snapshot.cc
  absl::Status RestoreRecords(const proto::SqsState& in);
  absl::Status RestoreMoves(const proto::SqsState& in);
  bool IsTimer(TimerId id, uint32_t kind, uint64_t argument) const;

  uint64_t NextId() { return ++last_id_; }
  static MessageId IdOf(uint64_t message);
  int64_t maximum_message_size() const;
  void RefreshQuotas() const;

  kernel::Kernel& kernel_;
  uint32_t component_ = 0;
  uint32_t first_operation_ = 0;

  kernel::CowTable<QueueRecord, 1> records_;
  kernel::CowIndex by_url_;
  mutable uint32_t last_found_ = kNone;    // by URL, last of all; not empty where not kNone
  mutable uint32_t last_session_ = kNone;  // one that may use the queue that was last found
  uint32_t last_number_ = 0;
  uint64_t last_id_ = 0;                  // messages, receives, tasks
  std::map<std::string, Ticks> deleted_;  // URL -> when, for 60 s
  std::map<uint64_t, MoveTask> moves_;    // by id: in order of their start
  TimerId minute_timer_ = {};

  // Of live tasks and of a receive that blocks: no state.
  struct WaitingRoom {
    std::map<uint64_t, Waiter*> waiters = {};  // by number
    TimerId timer = {};
    Ticks timer_at = kNever;
  };
  std::map<uint32_t, WaitingRoom> waiting_;  // by record
  uint64_t last_waiter_ = 0;

  // Quotas, read again when the kernel's have changed.
  mutable uint64_t quota_version_ = ~uint64_t{0};
  mutable int64_t maximum_message_size_ = 0;
  mutable int64_t in_flight_standard_ = 0;
  mutable int64_t in_flight_fifo_ = 0;
  mutable int64_t fifo_rate_ = 0;
  mutable int64_t fifo_group_rate_ = 0;
};

template <typename Request>
std::string Service::ResourceOf(const Request& request, const SessionInfo& session) const {
  if constexpr (requires { request.queue_url; }) {
    const uint32_t found = FindUrl(request.queue_url);
    if (found != kNone) return records_[found].arn;
    const absl::StatusOr<QueueAddress> address = ParseUrl(request.queue_url);
    return address.ok() ? MakeArn(address->region, address->account, address->name) : std::string();
  } else if constexpr (requires { request.queue_owner_aws_account_id; }) {
    return MakeArn(session.session.region,
                   request.queue_owner_aws_account_id.empty() ? session.session.account
                                                              : request.queue_owner_aws_account_id,
                   request.queue_name);
  } else if constexpr (requires { request.queue_name; }) {
    return MakeArn(session.session.region, session.session.account, request.queue_name);
  } else if constexpr (requires { request.source_arn; }) {
    return request.source_arn;
  } else if constexpr (requires { request.task_handle; }) {
    return MoveTaskSource(request.task_handle);
  } else {
    return MakeArn(session.session.region, session.session.account, "*");
  }
}

template <typename Request>
uint64_t Service::BilledUnits(const Request& request) const {
  constexpr uint64_t kUnit = 65'536;
  uint64_t bytes = 0;
  if constexpr (requires { request.message_body; }) {
    bytes = request.message_body.size() +
            static_cast<uint64_t>(AttributesSize(request.message_attributes));
  } else if constexpr (requires { request.entries; }) {
    for (const auto& entry : request.entries) {
      if constexpr (requires { entry.message_body; }) {
        bytes += entry.message_body.size() +
                 static_cast<uint64_t>(AttributesSize(entry.message_attributes));
      }
    }
  }
  return bytes <= kUnit ? 1 : (bytes + kUnit - 1) / kUnit;
}

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_SERVICE_H_
