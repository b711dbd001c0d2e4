#include "kernel/tasks.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "kernel/kernel.h"

namespace skybox {

namespace internal {

Parking::~Parking() {
  if (tasks_ != nullptr) tasks_->Unpark(ticket_);
}

void Parking::Park(kernel::Tasks& tasks, std::coroutine_handle<> coroutine, absl::Time wake) {
  tasks_ = &tasks;
  ticket_ = tasks.Park(coroutine, wake);
}

absl::Status TaskThrew(std::exception_ptr exception) {
  try {
    std::rethrow_exception(std::move(exception));
  } catch (const std::exception& e) {
    return absl::UnknownError(std::string("a task threw: ") + e.what());
  } catch (...) {
    return absl::UnknownError("a task threw something that is no std::exception");
  }
}

uint64_t SpawnRoot(kernel::Tasks& tasks, Root root, std::shared_ptr<Ending> ending) {
  return tasks.Spawn(root.coroutine(), std::move(ending));
}

void CancelRoot(kernel::Tasks& tasks, uint64_t id) { tasks.Cancel(id); }

void AwaitEnd(kernel::Tasks& tasks, Ending& ending, uint64_t ticket) {
  if (ending.waiting.size() >= ending.many) {
    std::erase_if(ending.waiting, [&tasks](uint64_t old) { return !tasks.Waits(old); });
    ending.many = std::max(ending.many, 2 * ending.waiting.size());
  }
  ending.waiting.push_back(ticket);
}

}  // namespace internal

bool AnyOfAwaiter::await_suspend(std::coroutine_handle<> coroutine) {
  kernel::Tasks* tasks = nullptr;
  for (const AnyTaskHandle& handle : handles_) {
    if (handle.tasks_ != nullptr) tasks = handle.tasks_;
  }
  // Nobody will ever end: the frame stays suspended, with nothing that would resume it, until its
  // root is destroyed.
  if (tasks == nullptr) return true;
  parking_.Park(*tasks, coroutine, absl::InfiniteFuture());
  for (const AnyTaskHandle& handle : handles_) {
    if (handle.ending_ != nullptr) {
      internal::AwaitEnd(*tasks, *handle.ending_, parking_.ticket());
    }
  }
  return true;
}

namespace kernel {

uint64_t Tasks::Spawn(std::coroutine_handle<> coroutine, std::shared_ptr<internal::Ending> ending) {
  const uint64_t id = ++last_id_;
  if (closing_) {
    ending->status = absl::CancelledError("the Cloud is being destroyed");
    ending->done = true;
    coroutine.destroy();
    return id;
  }
  roots_.emplace(id, Root{.coroutine = coroutine, .ending = std::move(ending)});
  kernel_.Schedule(kernel_.now(), kTasks, kStart, id);
  kernel_.Settle();
  return id;
}

void Tasks::Cancel(uint64_t id) {
  const auto found = roots_.find(id);
  if (found == roots_.end()) return;
  if (id == running_) {
    found->second.cancelled = true;
    return;
  }
  End(id, true);
  kernel_.Settle();
}

void Tasks::DestroyAll() {
  closing_ = true;
  while (!roots_.empty()) End(roots_.begin()->first, true);
}

uint64_t Tasks::Park(std::coroutine_handle<> coroutine, absl::Time wake) {
  if (free_places_.empty()) {
    free_places_.push_back(static_cast<uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const uint32_t slot = free_places_.back();
  free_places_.pop_back();
  Place& place = places_[slot];
  place.coroutine = coroutine;
  place.root = running_;
  const uint64_t ticket = uint64_t{place.generation} << 32 | slot;
  place.timer = {};
  if (wake != absl::InfiniteFuture()) {
    place.timer = kernel_.Schedule(ToTicks(wake), kTasks, kResume, ticket);
  }
  return ticket;
}

Tasks::Place* Tasks::Find(uint64_t ticket) {
  const auto slot = static_cast<uint32_t>(ticket);
  if (slot >= places_.size()) return nullptr;
  Place& place = places_[slot];
  return place.coroutine && place.generation == ticket >> 32 ? &place : nullptr;
}

void Tasks::Unpark(uint64_t ticket) {
  Place* place = Find(ticket);
  if (place == nullptr) return;
  kernel_.CancelTimer(place->timer);
  place->coroutine = nullptr;
  ++place->generation;
  free_places_.push_back(static_cast<uint32_t>(ticket));
}

bool Tasks::Wake(uint64_t ticket) {
  Place* place = Find(ticket);
  if (place == nullptr) return false;
  kernel_.CancelTimer(place->timer);
  place->timer = kernel_.Schedule(kernel_.now(), kTasks, kResume, ticket);
  return true;
}

void Tasks::OnTimer(uint32_t kind, uint64_t argument) {
  if (kind == kStart) {
    const auto found = roots_.find(argument);
    if (found != roots_.end()) Resume(argument, found->second.coroutine);
    return;
  }
  const Place* place = Find(argument);
  if (place == nullptr) return;
  const uint64_t root = place->root;
  const std::coroutine_handle<> coroutine = place->coroutine;
  Unpark(argument);
  Resume(root, coroutine);
}

void Tasks::Resume(uint64_t root, std::coroutine_handle<> coroutine) {
  running_ = root;
  coroutine.resume();
  running_ = 0;
  const auto found = roots_.find(root);
  if (found == roots_.end()) return;
  if (found->second.coroutine.done()) {
    End(root, false);
  } else if (found->second.cancelled) {
    End(root, true);
  }
}

void Tasks::End(uint64_t id, bool cancelled) {
  auto node = roots_.extract(id);
  Root& root = node.mapped();
  const std::shared_ptr<internal::Ending> ending = root.ending;
  root.coroutine.destroy();
  if (cancelled) ending->status = absl::CancelledError("the task was cancelled");
  ending->done = true;
  if (closing_) return;
  bool awaited = false;
  for (const uint64_t ticket : ending->waiting) awaited |= Wake(ticket);
  ending->waiting.clear();
  if (!cancelled && !ending->status.ok() && !awaited) kernel_.Fail(ending->status);
}

}  // namespace kernel

}  // namespace skybox
