#ifndef SKYBOX_EXAMPLES_ORDERS_PIPELINE_H_
#define SKYBOX_EXAMPLES_ORDERS_PIPELINE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "orders/csv.h"
#include "orders/order.h"
#include "skybox/cloud.h"
#include "skybox/ports.h"
#include "skybox/sqs.h"
#include "skybox/task.h"

// The order pipeline: a shop that sends, workers that take, a dead-letter queue for what keeps
// failing, and somebody who repairs and redrives it every morning.
//
//   shop -> orders ------> workers
//             |  ^
//   3 receives|  |every day at 06:00
//             v  |
//         orders-dlq
//   shop -> business.fifo -> clerks, who see one customer's orders in sequence
namespace orders {

inline constexpr int64_t kMostWorkers = 10'000;

struct PipelineOptions {
  std::optional<uint64_t> seed = {};  // set: what the cloud leaves open is chosen by this seed
  int64_t workers = 0;                // 0: what the busiest hour needs, at least 2
};

struct Day {
  absl::CivilDay date = {};
  int64_t sent = 0;
  int64_t done = 0;
  int64_t retried = 0;  // attempts at an order that had failed before
  int64_t dead_lettered = 0;
  int64_t redriven = 0;
  int64_t repeated = 0;         // deliveries of an order that was done already
  int64_t largest_backlog = 0;  // messages visible in one queue at a whole minute
  absl::Duration oldest_age = absl::ZeroDuration();
};

// Where every order is at the end.
struct Accounts {
  int64_t sent = 0;
  int64_t done = 0;        // orders
  int64_t times_done = 0;  // how often any of them was done
  int64_t queued = 0;      // in the two queues, by GetQueueAttributes
  int64_t dead = 0;        // in the dead-letter queue, by GetQueueAttributes
  int64_t copies = 0;      // of these, messages of orders that are done
  int64_t missing = 0;     // orders neither done nor found when all that was left was read
  int64_t business_sent = 0;
  int64_t business_done = 0;

  // Every order is done once, or waits in a queue.
  bool Balanced() const {
    return sent + copies == done + queued + dead && times_done == done && missing == 0;
  }
};

class Pipeline final : private skybox::MetricSink {
 public:
  // Both have to outlive the pipeline.
  struct Observer {
    std::function<void(const Day&)> on_day = {};       // a day is over
    std::function<void(absl::Time)> on_progress = {};  // an hour is
  };

  Pipeline(const Traffic& traffic, const PipelineOptions& options);

  // From the first timestamp until everything that was sent is done or dead, at most
  // kLongestDrain after the last slot; then settles the accounts.
  absl::Status Run(const Observer& observer);

  int64_t workers() const { return workers_; }
  const std::vector<Day>& days() const { return days_; }
  const Accounts& accounts() const { return accounts_; }
  absl::Duration elapsed() const { return cloud_.Now() - traffic_.start(); }
  std::string DigestLine() const { return cloud_.Digest().str(); }

 private:
  // What the shop knows of an order.
  struct Record {
    uint32_t repairs_before = 0;  // how often things had been repaired when it was sent
    uint16_t failures = 0;
    bool done = false;
    bool found = false;  // among what was left at the end
  };

  absl::Status CreateQueues();
  absl::StatusOr<std::string> CreateQueue(const skybox::sqs::CreateQueueRequest& request);
  absl::StatusOr<std::string> ArnOf(const std::string& queue_url);

  skybox::Task<> Sell();
  void TakeOrder(int64_t place_in_slot);
  void Send(skybox::sqs::SendMessageBatchRequest& batch);

  skybox::Task<> Work();
  skybox::Task<> WorkInSequence();
  // Whether the order is done, so that its message can be deleted.
  bool Process(const Order& order, int32_t receive_count);
  std::optional<Order> Open(const skybox::sqs::Message& message);
  void Delete(const std::string& queue_url, const skybox::sqs::Message& message);

  skybox::Task<> RepairAndRedrive();
  int64_t MovedSoFar();

  // All messages of a queue: visible, in flight and delayed.
  int64_t CountMessages(const std::string& queue_url);
  absl::Status AdvanceTo(absl::Time time, const Observer& observer);
  void CloseDay(const Observer& observer);
  void SettleAccounts();
  void ReadOut(const std::string& queue_url);

  void Put(const skybox::MetricSample& sample) override;
  Day& DayOf(absl::Time time);
  Day& Today() { return DayOf(cloud_.Now()); }
  // Remembers the first thing that went wrong; the run ends with it.
  void Fail(std::string_view what, const absl::Status& status);

  const Traffic& traffic_;
  int64_t workers_;
  absl::Time midnight_;  // before the first timestamp
  absl::Status status_ = absl::OkStatus();

  std::vector<Record> records_ = {};  // by order
  uint64_t business_sent_ = 0;
  uint64_t business_done_ = 0;  // the sequence that was done last
  skybox::sqs::SequenceNumber business_sequence_ = {};
  uint32_t repairs_ = 0;
  bool redriving_ = false;
  int64_t moved_ = 0;  // by redrives that are over

  std::vector<Day> days_ = {};
  size_t closed_days_ = 0;
  int64_t dead_at_close_ = 0;
  int64_t moved_at_close_ = 0;
  Accounts accounts_ = {};

  std::string orders_url_ = {};
  std::string business_url_ = {};
  std::string dead_url_ = {};
  std::string dead_arn_ = {};
  skybox::sqs::SendMessageBatchRequest orders_batch_ = {};
  skybox::sqs::SendMessageBatchRequest business_batch_ = {};

  // Last, so that its tasks are destroyed before what they use.
  skybox::Cloud cloud_;
  skybox::sqs::Client sqs_;
};

}  // namespace orders

#endif  // SKYBOX_EXAMPLES_ORDERS_PIPELINE_H_
