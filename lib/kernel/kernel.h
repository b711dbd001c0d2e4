#ifndef SKYBOX_KERNEL_KERNEL_H_
#define SKYBOX_KERNEL_KERNEL_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/digest.h"
#include "kernel/tasks.h"
#include "kernel/throttle.h"
#include "kernel/timer_queue.h"
#include "skybox/choices.h"
#include "skybox/options.h"
#include "skybox/ports.h"
#include "skybox/session.h"
#include "skybox/text.h"

namespace skybox::proto {
class Kernel;
}  // namespace skybox::proto

namespace skybox::kernel {

// Virtual time inside: nanoseconds since the Unix epoch.
using Ticks = int64_t;
inline constexpr Ticks kNever = std::numeric_limits<Ticks>::max();
inline constexpr Ticks kTicksPerSecond = 1'000'000'000;
// Where the clock ends, and what is due later never is: a year before the end of what ticks hold,
// so that sums with the longest of the services' periods stay within.
inline constexpr Ticks kLastTick = kNever - 366 * 86'400 * kTicksPerSecond;

// A time beyond what ticks hold becomes the nearest that they do.
Ticks ToTicks(absl::Time time);
Ticks ToTicks(absl::Duration duration);
inline absl::Time FromTicks(Ticks ticks) { return absl::UnixEpoch() + absl::Nanoseconds(ticks); }
inline absl::Duration DurationOfTicks(Ticks ticks) { return absl::Nanoseconds(ticks); }

class Kernel;

// A part of the world: what owns state, gets timers, and can be copied, saved and compared.
class Component {
 public:
  virtual ~Component() = default;

  virtual std::string_view name() const = 0;
  virtual void OnTimer(uint32_t kind, uint64_t argument) = 0;

  // The earliest instant after now at which something changes without a timer; kNever when nothing
  // does.
  virtual Ticks NextSilentDeadline() { return kNever; }

  // Feeds the whole state, in an order that does not depend on how it came about.
  virtual void AddTo(Hasher& hasher) const = 0;

  // Takes over the other's state, which is of the same class and belongs to another kernel.
  virtual void ForkFrom(Component& other) = 0;

  // The state as bytes of a protocol buffer, and back; DataLoss, with a reason, for bytes that do
  // not fit.
  virtual std::string Save() const = 0;
  virtual absl::Status Restore(std::string_view bytes) = 0;

  // The ports have changed hands.
  virtual void OnConnect() {}

  // OK, or why the component cannot be forked or saved at this moment.
  virtual absl::Status CanFork() const { return absl::OkStatus(); }
};

// A session as services use it: complete, and with what is worked out of it.
struct SessionInfo {
  Session session = {};
  std::string partition = {};
  std::string dns_suffix = {};
  Text sender_id = {};  // of messages: account of a root user, else the unique id of the principal
  bool is_root = true;
  absl::Status problem = {};  // what is wrong with the session; every call answers it
};

// A limit with a name, as a service declares it.
struct QuotaRule {
  std::string_view name = {};
  int64_t initial = 0;
  int64_t least = 0;
  int64_t most = 0;
};

// Time, choices, sessions, ports, usage and history: what every service stands on. Knows no
// service.
class Kernel {
 public:
  // The Cloud is only handed to the program's own handlers. The options have been checked.
  explicit Kernel(const CloudOptions& options);
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel();

  // ---- Putting the house together

  // Components are numbered from 0 in the order of this call: the number is the timers' address.
  uint32_t AddComponent(Component& component);
  Component& component(uint32_t index) const { return *components_[index]; }
  size_t component_count() const { return components_.size(); }
  void AddQuotas(std::vector<QuotaRule> rules);
  // Operations get dense numbers across services; the answer is that of the service's first.
  uint32_t AddOperations(const Operation* operations, size_t count);
  // Checks quotas, latencies and rate limits against what services declared, once they all have.
  absl::Status Open(const CloudOptions& options);
  void SetCloud(Cloud* cloud) { cloud_ = cloud; }

  // ---- Time

  Ticks now() const { return now_; }
  absl::Time Now() const { return FromTicks(now_); }

  // `at` in the past means now.
  TimerId Schedule(Ticks at, uint32_t component, uint32_t kind, uint64_t argument) {
    if (at <= now_) {
      at = now_;
      due_now_ = true;
    }
    return timers_.Schedule(now_, at, {component, kind, argument});
  }
  bool CancelTimer(TimerId id) { return timers_.Cancel(id); }
  bool IsPending(TimerId id) const { return timers_.IsPending(id); }
  // The pending timer of that id, or null. Good until a timer is set or cancelled.
  const Timer* FindTimer(TimerId id) const { return timers_.Find(id); }

  // Inside a handler, a task or a timer of a component: the clock is already moving.
  bool dispatching() const { return dispatching_; }

  // OK, or why nobody can move the clock: it is moving already, or the Cloud has no good options.
  absl::Status Enter() const;
  absl::Status RunTo(Ticks time);
  // From due thing to due thing until done() or `limit`; silent deadlines count if `silent`. True
  // if done.
  absl::StatusOr<bool> RunUntil(const std::function<bool()>& done, Ticks limit, bool silent);
  absl::StatusOr<bool> Step();
  Ticks NextDeadline() const;

  // Fires what is due now, unless the loop that is running will. Trouble is answered by the next
  // call that moves the clock.
  void Settle() {
    if (due_now_ && !dispatching_) SettleNow();
  }

  // Ends the loop that is running with this status.
  void Fail(absl::Status status);

  // ---- The program's own handlers

  void SetHandler(std::string_view name, TimerHandler handler);
  absl::StatusOr<TimerId> CallAt(Ticks at, std::string_view name, uint64_t argument);
  bool CancelCall(TimerId id);

  // ---- Sessions

  uint32_t Intern(const Session& session);
  const SessionInfo& session(uint32_t index) const { return *sessions_[index]; }
  const CloudOptions& options() const { return options_; }

  // ---- What services ask for

  Choices& choices() { return choices_; }
  const Choices& choices() const { return choices_; }
  // 64 bits that no other call gets: for ids. The same in a fork, where the worlds part.
  uint64_t NextId() { return ++last_id_; }
  int64_t quota(std::string_view name) const;
  uint64_t quota_version() const { return quota_version_; }
  absl::Status SetQuota(std::string_view name, int64_t value);
  Hasher& history() { return history_; }

  const Ports& ports() const { return ports_; }
  void Connect(const Ports& ports);

  // Services that can be delivered to, by the service part of their ARNs.
  void AddReceiver(std::string_view service, Delivery& receiver);
  absl::Status Deliver(const Parcel& parcel);

  Tasks& tasks() { return tasks_; }

  // ---- The front door's part (front_door.h)

  // Whether a call has to look at anything beside its own work.
  bool guarded() const { return guarded_; }
  const absl::Status& problem() const { return problem_; }
  void SetProblem(absl::Status problem);
  absl::Duration LatencyOf(const Operation& operation, uint32_t number) const;
  // Waits for the call's latency, where it has one: FailedPrecondition where it may not block.
  absl::Status TakeLatency(const Operation& operation, uint32_t number);
  bool Throttled(uint32_t number, const SessionInfo& session);
  void Count(uint32_t number, const absl::Status& status) {
    if (status.ok()) {
      ++usage_[number].ok;
    } else {
      CountError(number, status);
    }
  }
  Usage GetUsage() const;

  // ---- The world as a value

  WorldDigest Digest() const;
  absl::Status CanFork() const;
  // Takes over the other's state. Both have the same components.
  void ForkFrom(Kernel& other);
  // Without the components. Where OptionsOf (world_file.h) finds nothing wrong, the kernel to
  // restore into was made of its answer, has all its components, and has been opened. DataLoss,
  // with a reason, for a state that no kernel can have; the kernel is good for nothing then.
  void Save(proto::Kernel& out) const;
  absl::Status Restore(const proto::Kernel& in);

 private:
  struct Handler {
    std::string name = {};
    TimerHandler call = {};
  };
  struct OperationUsage {
    const Operation* operation = nullptr;
    uint64_t ok = 0;
    std::map<std::string, uint64_t> errors = {};
  };
  struct QuotaState {
    QuotaRule rule = {};
    int64_t value = 0;
  };

  // A complete session with what is worked out of it.
  static SessionInfo Describe(const Session& full);
  absl::Status RestoreTime(const proto::Kernel& in);
  absl::Status RestoreSessions(const proto::Kernel& in);
  absl::Status RestoreUsage(const proto::Kernel& in);
  absl::Status RestoreBuckets(const proto::Kernel& in);

  void SettleNow();
  // Fires what is due up to `time`; stops at the first trouble, which is the answer.
  absl::Status FireDue(Ticks time);
  absl::Status Fire(const TimerQueue::Due& due);
  void Dispatch(const TimerQueue::Due& due);
  // Counts a step at this instant; ResourceExhausted when there have been too many.
  absl::Status CountStep(const TimerQueue::Due& due);
  Ticks NextSilentDeadline() const;
  void CountError(uint32_t number, const absl::Status& status);
  void UpdateGuard();
  std::string NameOf(uint32_t component, uint32_t kind) const;

  CloudOptions options_;
  absl::Status problem_;
  bool guarded_ = false;

  Ticks now_ = 0;
  // Asking for the next deadline tidies away cancelled timers, which nobody sees.
  mutable TimerQueue timers_;
  bool due_now_ = false;
  bool dispatching_ = false;
  absl::Status failure_;
  Ticks step_instant_ = -1;
  int64_t steps_at_instant_ = 0;
  std::map<std::pair<uint32_t, uint32_t>, int64_t>
      step_tally_;  // only once there are suspiciously many

  std::vector<Component*> components_;
  std::vector<Handler> handlers_;
  Cloud* cloud_ = nullptr;

  Choices choices_;
  uint64_t last_id_ = 0;
  Hasher history_;
  std::vector<std::shared_ptr<const SessionInfo>> sessions_;
  std::map<std::string, QuotaState, std::less<>> quotas_;
  uint64_t quota_version_ = 0;
  std::vector<OperationUsage> usage_;
  Throttle throttle_;
  std::vector<absl::Duration> latencies_;  // by operation number; empty: none
  Ports ports_;
  std::map<std::string, Delivery*, std::less<>> receivers_;
  Tasks tasks_;  // last: its frames go first
};

// Numbers of the components that the kernel itself brings.
inline constexpr uint32_t kHandlers = 0;
inline constexpr uint32_t kTasks = 1;
inline constexpr uint32_t kFirstService = 2;

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_KERNEL_H_
