#ifndef SKYBOX_TESTS_SQS_API_QUEUE_MODEL_H_
#define SKYBOX_TESTS_SQS_API_QUEUE_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "skybox/sqs.h"

// What SQS does under benign choices, said as simply as it can be said: a queue is a vector of
// messages in the order in which they are handed out, looked through from its front each time. It
// is slow and means to be: the service is compared with it. It is written from the "Amazon SQS
// Developer Guide", the "Amazon SQS API Reference" and skybox/sqs.h.
//
// Queues go by their place, 0 for the first that was made. Messages, receipt handles and sequence
// numbers are numbers from 1, as ids are the service's to make up.
namespace skybox::sqs {

struct ModelMessage {
  int number = 0;
  int arrival = 0;         // in this queue; increases with every message
  std::string label = {};  // for the reader: the id of the entry that sent it
  std::string body = {};
  std::string group = {};
  std::string deduplication_id = {};  // "=7": the id of message 7
  MessageAttributes attributes = {};
  absl::Time sent = absl::UnixEpoch();
  std::optional<int> source = {};  // the queue that it was moved from, in a dead-letter queue

  // The end of its delay, fixed when it is sent; in a FIFO queue it follows the queue's.
  absl::Time delay_end = absl::UnixEpoch();

  // Of the latest receive.
  int receives = 0;
  int receives_here = 0;  // in this queue: what redrive policies count
  int handle = 0;
  absl::Time first_received = absl::UnixEpoch();
  absl::Time received = absl::UnixEpoch();
  absl::Time hidden_until = absl::InfinitePast();
  bool changed = false;  // its visibility timeout, since the receive
};

struct ModelRedrive {
  int target = 0;
  int32_t max_receive_count = 0;
};

struct ModelSettings {
  absl::Duration delay = absl::ZeroDuration();
  absl::Duration retention = absl::Hours(96);
  absl::Duration visibility_timeout = absl::Seconds(30);
  absl::Duration wait_time = absl::ZeroDuration();
  std::optional<ModelRedrive> redrive = {};
  bool content_based_deduplication = false;
  bool deduplication_by_group = false;
};

struct ModelQueue {
  bool fifo = false;
  ModelSettings settings = {};
  std::vector<ModelMessage> messages = {};
  int arrivals = 0;
  absl::Time modified = absl::UnixEpoch();
  std::optional<absl::Time> purged = {};

  // FIFO: what was sent, and who received what.
  struct Sent {
    std::string deduplication_id = {};
    std::string group = {};
    absl::Time time = absl::UnixEpoch();
    int message = 0;
    int arrival = 0;
  };
  std::vector<Sent> sent = {};
  struct Attempt {
    std::string id = {};
    absl::Time time = absl::UnixEpoch();
    std::vector<int> handles = {};
  };
  std::vector<Attempt> attempts = {};
};

struct ModelMoveTask {
  int number = 0;
  int source = 0;
  std::optional<int> destination = {};  // none: back to where the messages came from
  std::optional<int32_t> rate = {};
  int64_t to_move = 0;
  int64_t moved = 0;
  absl::Time started = absl::UnixEpoch();
  std::string status = "RUNNING";
  std::string failure_reason = {};
  int64_t turn = 0;  // of those that move at one instant, the lowest goes first
};

// Answers. `code` is "OK" or the error code.
struct ModelSent {
  std::string code = "OK";
  int message = 0;
  int arrival = 0;
};
struct ModelReceived {
  std::string code = "OK";
  std::vector<ModelMessage> messages = {};
};
// A long poll of a task, which waits.
struct ModelWaiter {
  int number = 0;
  int queue = 0;
  ReceiveMessageRequest request = {};
  absl::Time end = absl::UnixEpoch();
};
struct ModelTaskStarted {
  std::string code = "OK";
  int task = 0;
};
struct ModelCounts {
  int64_t visible = 0;
  int64_t in_flight = 0;
  int64_t delayed = 0;
  bool operator==(const ModelCounts&) const = default;
};

class QueueModel {
 public:
  // The limits are those of messages in flight in one queue.
  QueueModel(absl::Time now, int64_t standard_limit, int64_t fifo_limit)
      : now_(now), standard_limit_(standard_limit), fifo_limit_(fifo_limit) {}

  int MakeQueue(bool fifo, const ModelSettings& settings);
  void SetAttributes(int queue, const ModelSettings& settings);
  std::string Purge(int queue);
  ModelCounts Counts(int queue) const;

  // The calls, and the entries of the batches, which have some error codes of their own. A handle
  // of 0 is none that was ever given out.
  enum class As : uint8_t { kCall, kEntry };
  ModelSent Send(int queue, const SendMessageBatchRequestEntry& entry, As as);
  ModelReceived Receive(int queue, const ReceiveMessageRequest& request);
  // The same in a task, which waits while others go on; how it was answered is in answers().
  int ReceiveInTask(int queue, const ReceiveMessageRequest& request);
  std::string Delete(int queue, int handle, As as);
  std::string ChangeVisibility(int queue, int handle, absl::Duration timeout);

  ModelTaskStarted StartMoveTask(int source, std::optional<int> destination,
                                 std::optional<int32_t> rate);
  std::string CancelMoveTask(int task);

  absl::Time now() const { return now_; }
  void AdvanceTo(absl::Time time);
  // To be called after each call: does what is due at this instant.
  void Settle();
  // Whether a message for somebody who waited and a move of a task, or two moves, were ever due at
  // one instant: which comes first then is open.
  bool is_tie() const { return is_tie_; }
  // The instants after now at which something ends: delays, timeouts, retentions, intervals.
  std::vector<absl::Time> Deadlines() const;

  const std::vector<ModelQueue>& queues() const { return queues_; }
  const std::vector<ModelMoveTask>& tasks() const { return tasks_; }
  int handles() const { return static_cast<int>(handles_.size()); }
  const std::vector<ModelWaiter>& waiters() const { return waiters_; }
  std::map<int, ModelReceived>& answers() { return answers_; }  // of waiters, by number

 private:
  struct Handle {
    int queue = 0;
    int arrival = 0;
    absl::Time received = absl::UnixEpoch();
  };

  absl::Time DelayEnd(const ModelQueue& queue, const ModelMessage& message) const;
  bool IsDelayed(const ModelQueue& queue, const ModelMessage& message) const;
  bool IsInFlight(const ModelMessage& message) const;
  bool IsVisible(const ModelQueue& queue, const ModelMessage& message) const;
  absl::Time Expiry(const ModelQueue& queue, const ModelMessage& message) const;
  std::vector<absl::Time> QueueDeadlines(const ModelQueue& queue) const;
  void DropExpired();

  std::vector<int> NextInOrder(const ModelQueue& queue) const;
  std::vector<int> NextInGroups(const ModelQueue& queue) const;
  std::vector<int> Next(const ModelQueue& queue) const;
  std::optional<std::vector<ModelMessage>> RepeatAttempt(int queue, const std::string& attempt,
                                                         absl::Duration timeout);
  std::vector<ModelMessage> TakeSome(int queue, int64_t count, absl::Duration timeout);
  ModelReceived TryReceive(int queue, const ReceiveMessageRequest& request, bool waits);
  absl::Duration WaitOf(int queue, const ReceiveMessageRequest& request) const;
  void ServeWaiters();
  bool IsWaiting(int waiter) const;
  // On to the next instant at which something can change for those who wait, up to `limit`; at one
  // instant, one move at a time.
  void StepTo(absl::Time limit);
  ModelMessage Take(int queue, int message, absl::Duration timeout);
  void MoveToDeadLetterQueue(int queue, int message);

  std::optional<absl::Time> NextMove() const;
  absl::Time NextMoveOf(const ModelMoveTask& task) const;
  ModelMoveTask* TaskDueNow();
  void RunMoveTask(ModelMoveTask& task);

  absl::Time now_;
  int64_t standard_limit_;
  int64_t fifo_limit_;
  std::vector<ModelQueue> queues_ = {};
  std::vector<Handle> handles_ = {};
  std::vector<ModelMoveTask> tasks_ = {};
  int messages_ = 0;
  std::vector<ModelWaiter> waiters_ = {};  // in the order of coming
  std::map<int, ModelReceived> answers_ = {};
  int waiters_so_far_ = 0;
  int64_t turns_ = 0;
  bool is_tie_ = false;
};

}  // namespace skybox::sqs

#endif  // SKYBOX_TESTS_SQS_API_QUEUE_MODEL_H_
