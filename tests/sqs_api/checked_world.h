#ifndef SKYBOX_TESTS_SQS_API_CHECKED_WORLD_H_
#define SKYBOX_TESTS_SQS_API_CHECKED_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "skybox/sqs.h"
#include "sqs_api/queue_model.h"

// A Cloud beside the model of its queues: does calls in both and compares the answers completely.
namespace skybox::sqs {

struct CheckedQueue {
  const char* name;
  bool fifo;
};
inline constexpr CheckedQueue kCheckedQueues[] = {{"orders", false},       {"invoices", false},
                                                  {"dead", false},         {"orders.fifo", true},
                                                  {"invoices.fifo", true}, {"dead.fifo", true}};
inline constexpr int kCheckedQueueCount = 6;

// One call or time step, as data: what it does depends on nothing but the world that it is done in.
struct CheckedCall {
  enum class Kind : uint8_t {
    kSend,
    kSendBatch,
    kReceive,
    kReceiveInTask,
    kDelete,
    kDeleteBatch,
    kChangeVisibility,
    kChangeVisibilityBatch,
    kAdvance,
    kSetAttributes,
    kPurge,
    kStartMoveTask,
    kCancelMoveTask,
    kListMoveTasks,
    kRestore,
    kFork,
  };
  // "m12#3": of the third receive of message m12. What was never given out is a handle all the
  // same.
  struct Handle {
    std::string label = {};
    absl::Duration timeout = absl::ZeroDuration();
  };

  Kind kind = Kind::kAdvance;
  int number = 0;
  size_t world = 0;
  bool look = false;  // compare the attributes of all queues afterwards
  int queue = 0;
  std::vector<SendMessageBatchRequestEntry> messages = {};  // their ids are their labels
  ReceiveMessageRequest receive = {};
  std::vector<Handle> handles = {};
  absl::Duration time = absl::ZeroDuration();
  ModelSettings settings = {};
  std::optional<int> destination = {};
  std::optional<int32_t> rate = {};
  int task = 0;                        // the number of the call that started it
  std::vector<CheckedCall> both = {};  // what a fork and its origin do, to be equal then
};

// The call in words, without its answer.
std::string Describe(const CheckedCall& call);
std::string Describe(const ModelSettings& settings, bool fifo);

class CheckedWorld {
 public:
  // Makes the queues, with these settings each.
  CheckedWorld(CloudOptions options, const std::vector<ModelSettings>& settings);

  // Does the call in both and compares. Of kFork, only what is done in one of the two.
  void Do(const CheckedCall& call);
  // A copy of both. Nothing where tasks wait.
  std::optional<CheckedWorld> Fork();
  void CompareQueues();

  // The first difference; empty while there is none.
  const std::string& difference() const { return difference_; }
  // What the last call answered, in words.
  const std::string& answer() const { return answer_; }
  const QueueModel& model() const { return model_; }
  const Cloud& cloud() const { return cloud_; }
  // Of all receives, and of all move tasks, that are known here.
  std::vector<std::string> HandleLabels() const;
  std::vector<int> TaskNumbers() const;
  // How often something happened: a test is worth what it has seen.
  const std::map<std::string, int>& seen() const { return seen_; }

 private:
  // What the service called what the model numbers.
  struct Names {
    std::map<int, MessageId> messages = {};
    std::map<int, ReceiptHandle> handles = {};
    std::map<std::string, int> handle_labels = {};
    std::map<int, std::string> tasks = {};
    std::map<int, int> task_numbers = {};                                 // by call
    std::map<std::pair<int, int>, SequenceNumber> sequence_numbers = {};  // by queue and arrival
  };

  // A long poll in a task, and its answer when it has one.
  struct Poll {
    int queue = 0;
    std::shared_ptr<std::optional<absl::StatusOr<ReceiveMessageResponse>>> answer = {};
  };

  CheckedWorld(Cloud cloud, const CheckedWorld& other);

  void Fail(std::string text);
  void See(const std::string& what) { ++seen_[what]; }
  template <typename T, typename U>
  void Expect(const char* what, const T& got, const U& expected);
  template <typename Name>
  void ExpectName(const char* what, std::map<int, Name>& names, int number, const Name& got);

  void Send(const CheckedCall& call);
  void SendBatch(const CheckedCall& call);
  void Receive(const CheckedCall& call);
  void ReceiveInTask(const CheckedCall& call);
  void Delete(const CheckedCall& call);
  void DeleteBatch(const CheckedCall& call);
  void ChangeVisibility(const CheckedCall& call);
  void ChangeVisibilityBatch(const CheckedCall& call);
  void SetAttributes(const CheckedCall& call);
  void StartMoveTask(const CheckedCall& call);
  void CancelMoveTask(const CheckedCall& call);
  void ListMoveTasks(const CheckedCall& call);
  void Restore();

  ReceiveMessageRequest RequestOf(const CheckedCall& call) const;
  void CompareAnswer(int queue, const absl::StatusOr<ReceiveMessageResponse>& got,
                     const ModelReceived& expected, const char* how);
  void CompareAnswersInTasks();
  void CompareSent(int queue, const ModelSent& expected, const MessageId& id,
                   const std::optional<SequenceNumber>& sequence_number);
  void CompareReceived(int queue, const Message& got, const ModelMessage& expected);
  MessageSystemAttributes SystemAttributesOf(int queue, const ModelMessage& message) const;
  void CompareSequenceNumber(int queue, int arrival, const SequenceNumber& got);
  void CompareFailed(const std::vector<BatchResultErrorEntry>& got, const std::string& expected);
  // `codes` are what the model says of the entries, in their order.
  template <typename Response>
  void CompareBatch(const absl::StatusOr<Response>& got, const std::vector<std::string>& codes);
  void CompareQueue(int queue);

  int NumberOf(const CheckedCall::Handle& handle) const;
  ReceiptHandle HandleOf(const CheckedCall::Handle& handle) const;

  Cloud cloud_;
  QueueModel model_;
  std::vector<std::string> urls_ = {};
  Names names_ = {};
  std::map<int, Poll> polls_ = {};
  std::map<std::string, int> seen_ = {};
  std::string difference_ = {};
  std::string answer_ = {};
};

}  // namespace skybox::sqs

#endif  // SKYBOX_TESTS_SQS_API_CHECKED_WORLD_H_
