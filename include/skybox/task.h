#ifndef SKYBOX_TASK_H_
#define SKYBOX_TASK_H_

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

// Coroutines on the virtual clock: the user's own code as a worker, a container or a function runs
// it.
//
//   skybox::Task<> Worker(skybox::Cloud& cloud) {
//     co_await cloud.Sleep(absl::Seconds(5));
//   }
//   skybox::TaskHandle<> worker = cloud.Spawn(Worker(cloud));
//
// A Task does nothing until it is awaited by another task or spawned by a Cloud. What a task awaits
// belongs to it and ends with it. Arguments are kept as the function's signature says, so a
// reference has to outlive the task; never spawn a lambda that captures (its captures die with the
// lambda object).
namespace skybox {

namespace kernel {
class Tasks;
}  // namespace kernel

template <typename T>
class Task;

namespace internal {

// A coroutine that waits in a Cloud. The frame that waits owns it: when the frame is destroyed, the
// Cloud forgets it.
class Parking {
 public:
  Parking() = default;
  Parking(const Parking&) = delete;
  Parking& operator=(const Parking&) = delete;
  ~Parking();

  // Resumes `coroutine` at `wake`; with InfiniteFuture only when Wake(ticket()) is called.
  void Park(kernel::Tasks& tasks, std::coroutine_handle<> coroutine, absl::Time wake);
  uint64_t ticket() const { return ticket_; }

 private:
  kernel::Tasks* tasks_ = nullptr;
  uint64_t ticket_ = 0;
};

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();  // while somebody waits
  std::exception_ptr exception = nullptr;

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> coroutine) noexcept {
      return coroutine.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value = std::nullopt;
  Task<T> get_return_object();
  template <typename U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T Result() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() noexcept {}
  void Result() {
    if (exception) std::rethrow_exception(exception);
  }
};

// How a spawned task ended, shared by its handles.
struct Ending {
  bool done = false;
  absl::Status status = absl::OkStatus();  // Cancelled; Unknown for a task that threw
  std::vector<uint64_t> waiting = {};      // tickets of those who await the end, or did
  size_t many = 16;                        // so many that it is time to forget those who did
};

template <typename T>
struct EndingWith : Ending {
  std::optional<T> value = std::nullopt;
};
template <>
struct EndingWith<void> : Ending {};

// The coroutine that a Cloud owns for each spawned task.
class Root {
 public:
  struct promise_type {
    Root get_return_object() {
      return Root(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept {}
  };
  explicit Root(std::coroutine_handle<> coroutine) : coroutine_(coroutine) {}
  std::coroutine_handle<> coroutine() const { return coroutine_; }

 private:
  std::coroutine_handle<> coroutine_;
};

absl::Status TaskThrew(std::exception_ptr exception);

template <typename T>
Root RunRoot(Task<T> task, std::shared_ptr<EndingWith<T>> ending);

uint64_t SpawnRoot(kernel::Tasks& tasks, Root root, std::shared_ptr<Ending> ending);
void AwaitEnd(kernel::Tasks& tasks, Ending& ending, uint64_t ticket);
void CancelRoot(kernel::Tasks& tasks, uint64_t id);

}  // namespace internal

// A coroutine that yields a T. Move-only; it owns its frame.
template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::Promise<T>;

  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  // `co_await std::move(task)` or `co_await Function()`: runs it now and waits for its end. An
  // exception that leaves it goes on into the awaiting task.
  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> coroutine;
      bool await_ready() const noexcept { return false; }
      // Like a call: what ends without waiting leaves no trace on the stack, also where a compiler
      // does not turn the transfer to another coroutine into a jump.
      bool await_suspend(std::coroutine_handle<> awaiting) {
        coroutine.resume();
        if (coroutine.done()) return false;
        coroutine.promise().continuation = awaiting;
        return true;
      }
      T await_resume() { return coroutine.promise().Result(); }
    };
    return Awaiter{coroutine_};
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

  std::coroutine_handle<promise_type> coroutine_;
};

// What all handles of spawned tasks share, whatever their tasks yield.
class AnyTaskHandle {
 public:
  AnyTaskHandle() = default;

  // True when the task has returned, was cancelled or threw.
  bool done() const { return ending_ != nullptr && ending_->done; }

  // OK while it runs and after it returned; Cancelled; Unknown, with the exception's text, after it
  // threw.
  absl::Status status() const { return ending_ == nullptr ? absl::OkStatus() : ending_->status; }

  // Destroys the task's frame, and with it everything that it awaits; those who await it see
  // Cancelled. A task that cancels itself ends at its next wait; it has returned, if it returns
  // before that. Nothing happens to a task that is done.
  void Cancel() {
    if (ending_ != nullptr && !ending_->done) internal::CancelRoot(*tasks_, id_);
  }

  // Of all tasks that the Cloud has spawned, in order from 1.
  uint64_t id() const { return id_; }

 protected:
  AnyTaskHandle(kernel::Tasks* tasks, uint64_t id, std::shared_ptr<internal::Ending> ending)
      : tasks_(tasks), id_(id), ending_(std::move(ending)) {}

  struct EndAwaiter {
    kernel::Tasks* tasks;
    std::shared_ptr<internal::Ending> ending;
    internal::Parking parking = {};

    bool await_ready() const noexcept { return ending == nullptr || ending->done; }
    void await_suspend(std::coroutine_handle<> coroutine) {
      parking.Park(*tasks, coroutine, absl::InfiniteFuture());
      internal::AwaitEnd(*tasks, *ending, parking.ticket());
    }
  };

  kernel::Tasks* tasks_ = nullptr;
  uint64_t id_ = 0;
  std::shared_ptr<internal::Ending> ending_;

  friend class AnyOfAwaiter;
};

// A spawned task: copies name the same one. `co_await handle` yields absl::StatusOr<T>, for void
// absl::Status. The Cloud owns the task; dropping the handle does not end it.
template <typename T = void>
class TaskHandle : public AnyTaskHandle {
 public:
  TaskHandle() = default;
  TaskHandle(kernel::Tasks* tasks, uint64_t id, std::shared_ptr<internal::EndingWith<T>> ending)
      : AnyTaskHandle(tasks, id, std::move(ending)) {}

  // What the task returned. FailedPrecondition while it runs.
  absl::StatusOr<T> result() const {
    if (!done()) return absl::FailedPreconditionError("the task has not ended");
    if (!ending_->status.ok()) return ending_->status;
    return *static_cast<const internal::EndingWith<T>&>(*ending_).value;
  }

  auto operator co_await() const {
    struct Awaiter : EndAwaiter {
      absl::StatusOr<T> await_resume() const {
        if (this->ending == nullptr) return absl::FailedPreconditionError("an empty task handle");
        if (!this->ending->status.ok()) return this->ending->status;
        return *static_cast<const internal::EndingWith<T>&>(*this->ending).value;
      }
    };
    return Awaiter{{tasks_, ending_}};
  }
};

template <>
class TaskHandle<void> : public AnyTaskHandle {
 public:
  TaskHandle() = default;
  TaskHandle(kernel::Tasks* tasks, uint64_t id, std::shared_ptr<internal::EndingWith<void>> ending)
      : AnyTaskHandle(tasks, id, std::move(ending)) {}

  // OK when the task has returned. FailedPrecondition while it runs.
  absl::Status result() const {
    if (!done()) return absl::FailedPreconditionError("the task has not ended");
    return ending_->status;
  }

  auto operator co_await() const {
    struct Awaiter : EndAwaiter {
      absl::Status await_resume() const {
        if (ending == nullptr) return absl::FailedPreconditionError("an empty task handle");
        return ending->status;
      }
    };
    return Awaiter{{tasks_, ending_}};
  }
};

// Awaits the first of several: `size_t first = co_await skybox::AnyOf(a, b)` is the place of the
// task that ended, counted from 0, the lowest of them where several have. The others go on.
// Awaiting none never ends.
class AnyOfAwaiter {
 public:
  explicit AnyOfAwaiter(std::vector<AnyTaskHandle> tasks) : handles_(std::move(tasks)) {}

  bool await_ready() const noexcept { return FirstDone() < handles_.size(); }
  bool await_suspend(std::coroutine_handle<> coroutine);
  size_t await_resume() const noexcept { return FirstDone(); }

 private:
  size_t FirstDone() const noexcept {
    size_t place = 0;
    while (place < handles_.size() && !handles_[place].done()) ++place;
    return place;
  }

  std::vector<AnyTaskHandle> handles_;
  internal::Parking parking_;
};

inline AnyOfAwaiter AnyOf(std::vector<AnyTaskHandle> tasks) {
  return AnyOfAwaiter(std::move(tasks));
}

template <std::derived_from<AnyTaskHandle>... Handles>
AnyOfAwaiter AnyOf(const Handles&... tasks) {
  return AnyOfAwaiter(std::vector<AnyTaskHandle>{AnyTaskHandle(tasks)...});
}

// `co_await cloud.Sleep(absl::Seconds(5))`.
class SleepAwaiter {
 public:
  SleepAwaiter(kernel::Tasks& tasks, absl::Time wake) : tasks_(&tasks), wake_(wake) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    parking_.Park(*tasks_, coroutine, wake_);
  }
  void await_resume() const noexcept {}

 private:
  kernel::Tasks* tasks_;
  absl::Time wake_;
  internal::Parking parking_;
};

namespace internal {

template <typename T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}

inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

template <typename T>
Root RunRoot(Task<T> task, std::shared_ptr<EndingWith<T>> ending) {
  std::exception_ptr exception;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
    } else {
      ending->value.emplace(co_await std::move(task));
    }
  } catch (...) {
    exception = std::current_exception();
  }
  if (exception) ending->status = TaskThrew(exception);
}

}  // namespace internal

}  // namespace skybox

#endif  // SKYBOX_TASK_H_
