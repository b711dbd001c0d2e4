#ifndef SKYBOX_CLOUD_H_
#define SKYBOX_CLOUD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "skybox/choices.h"
#include "skybox/clock.h"
#include "skybox/options.h"
#include "skybox/ports.h"
#include "skybox/session.h"
#include "skybox/task.h"

// A cloud that lives inside this process, on a clock that the program moves.
//
//   skybox::Cloud cloud;
//   skybox::sqs::Client sqs = cloud.sqs();   // with #include "skybox/sqs.h"
//   ... calls ...
//   cloud.Advance(absl::Seconds(30));
//
// One Cloud is used by one thread at a time. Clouds share nothing: any number may live on any
// threads.
namespace skybox {

namespace kernel {
class Kernel;
}  // namespace kernel

namespace sqs {
class Client;
}  // namespace sqs

class Cloud;

// A Cloud as one session sees it: its clients act for that session. A small value; the Cloud
// outlives it.
class SessionView {
 public:
  const Session& session() const;
  sqs::Client sqs() const;

 private:
  friend class Cloud;
  SessionView(kernel::Kernel* kernel, uint32_t session) : kernel_(kernel), session_(session) {}

  kernel::Kernel* kernel_;
  uint32_t session_;
};

class Cloud {
 public:
  // Options that Make would refuse leave a Cloud whose every call answers status().
  explicit Cloud(CloudOptions options = {});
  static absl::StatusOr<Cloud> Make(CloudOptions options);
  Cloud(Cloud&& other) noexcept;
  Cloud& operator=(Cloud&& other) noexcept;
  ~Cloud();  // destroys live tasks in the order in which they were spawned

  // OK, or what is wrong with the options.
  absl::Status status() const;
  const CloudOptions& options() const;
  // Changes a quota from now on. InvalidArgument for a name that no service knows or a value out of
  // its range.
  absl::Status SetQuota(std::string_view name, int64_t value);

  // ---- Time ------------------------------------------------------------------------------------

  absl::Time Now() const;

  // Fires everything that is due up to and including the new time, in order of (time, order of
  // being set), and leaves the clock there. Time never goes back. Errors: InvalidArgument for a
  // negative duration, a time before Now, or one beyond 2261-04-10, where the clock ends and what
  // is due later never is; FailedPrecondition inside a handler or a task, where the clock is
  // already moving; ResourceExhausted, naming the busiest component, when more than
  // max_steps_at_one_instant timers fire at one instant; the error of a handler that threw, or of a
  // task that threw and that nobody awaits. After an error the clock stands at the instant of the
  // trouble, and the next call goes on from there. Trouble in a call that does not move the clock
  // is answered by the next one that does.
  absl::Status Advance(absl::Duration duration);
  absl::Status AdvanceTo(absl::Time time);

  // Advances from one due thing to the next until the predicate holds: it is asked before the
  // first, after each, and at the limit. DeadlineExceeded, with the clock at the limit, when it
  // never held.
  absl::Status AdvanceUntil(const std::function<bool()>& predicate, absl::Duration limit);

  // Goes to the next due thing and fires it: one timer, or what falls due without one, such as a
  // message's visibility. False when nothing is due, ever.
  absl::StatusOr<bool> Step();

  // When the next thing is due; nothing when nothing ever is.
  std::optional<absl::Time> NextDeadline() const;

  // ---- The program's own timers -----------------------------------------------------------------

  // A handler is known by name, so that a timer stays data and travels with forks and snapshots. It
  // may call everything but what moves the clock. An exception that leaves it ends Advance with
  // Unknown.
  using Handler = TimerHandler;

  // Registers or replaces. Forks take the handlers along (so they must not hold on to one Cloud:
  // use the one they are given); after Restore they have to be registered again.
  void SetHandler(std::string_view name, Handler handler);

  // Calls the handler at `time`, or `delay` from now. Timers for one instant fire in the order in
  // which they were set. InvalidArgument for the past and beyond the end of the clock; NotFound for
  // a name without a handler.
  absl::StatusOr<TimerId> CallAt(absl::Time time, std::string_view name, uint64_t argument = 0);
  absl::StatusOr<TimerId> CallAfter(absl::Duration delay, std::string_view name,
                                    uint64_t argument = 0);
  bool CancelCall(TimerId timer);  // false when it has fired, was cancelled, or is nobody's

  // ---- Tasks (task.h) ---------------------------------------------------------------------------

  // Starts the task: it has run up to its first wait when a call from outside returns.
  template <typename T>
  TaskHandle<T> Spawn(Task<T> task) {
    auto ending = std::make_shared<internal::EndingWith<T>>();
    const uint64_t id =
        internal::SpawnRoot(tasks(), internal::RunRoot<T>(std::move(task), ending), ending);
    return TaskHandle<T>(&tasks(), id, std::move(ending));
  }
  // A negative duration and a time in the past wait for nothing but the other things due now.
  SleepAwaiter Sleep(absl::Duration duration);
  SleepAwaiter SleepUntil(absl::Time time);
  size_t live_tasks() const;

  // ---- Services ---------------------------------------------------------------------------------

  SessionView As(const Session& session);  // empty members: the defaults
  sqs::Client sqs();                       // of the default session: root, one account, one region

  // Hands a payload to the service that owns the target, as SNS or the event bus would.
  absl::Status Deliver(const Parcel& parcel);

  // Who answers the ports from now on; a null member is the null form.
  void Connect(const Ports& ports);
  const Ports& ports() const;

  Choices& choices();
  Usage usage() const;

  // ---- The world as a value
  // -----------------------------------------------------------------------

  WorldDigest Digest() const;

  // An independent copy: the same calls give the same answers in both. Message bodies are shared,
  // tables until somebody writes. FailedPrecondition with live tasks and inside a handler.
  absl::StatusOr<Cloud> Fork();

  // The world as bytes, with a format version. FailedPrecondition with live tasks and inside a
  // handler.
  absl::StatusOr<std::string> Save() const;

  // A world that Save wrote. `choices` is needed when the saved world's source has no name.
  // DataLoss for bytes that are truncated, corrupted or inconsistent; Unimplemented for a format
  // version that this library does not know; InvalidArgument for a source that does not fit.
  static absl::StatusOr<Cloud> Restore(std::string_view bytes,
                                       std::shared_ptr<const ChoiceSource> choices = nullptr);

 private:
  class Body;
  explicit Cloud(std::unique_ptr<Body> body);
  kernel::Tasks& tasks();

  std::unique_ptr<Body> body_;
};

}  // namespace skybox

#endif  // SKYBOX_CLOUD_H_
