#include "kernel/kernel.h"

// The world as a value: what of it is compared and copied. How it is saved is in
// kernel_snapshot.cc.
namespace skybox::kernel {

WorldDigest Kernel::Digest() const {
  WorldDigest digest;
  digest.history = history_.value();
  const auto add = [&digest](std::string_view name, const auto& fill) {
    Hasher hasher;
    fill(hasher);
    digest.components.emplace(name, hasher.value());
  };
  add("clock", [this](Hasher& hasher) {
    hasher.Add(now_);
    for (const TimerQueue::Due& due : timers_.Pending()) {
      hasher.Add(due.at);
      hasher.Add(uint64_t{due.timer.component} << 32 | due.timer.kind);
      hasher.Add(due.timer.argument);
    }
    for (const Handler& handler : handlers_) hasher.Add(std::string_view(handler.name));
  });
  add("choices", [this](Hasher& hasher) {
    if (choices_.source() != nullptr) hasher.Add(std::string_view(choices_.source()->Name()));
    for (const Choices::StreamPosition& position : choices_.Positions()) {
      hasher.Add(position.stream);
      hasher.Add(position.draws);
    }
  });
  add("front_door", [this](Hasher& hasher) {
    for (const auto& info : sessions_) AddValue(hasher, info->session);
    for (const auto& [name, quota] : quotas_) {
      hasher.Add(std::string_view(name));
      hasher.Add(quota.value);
    }
    for (const OperationUsage& usage : usage_) {
      hasher.Add(usage.ok);
      AddValue(hasher, usage.errors);
    }
    throttle_.AddTo(hasher);
  });
  for (size_t i = kFirstService; i < components_.size(); ++i) {
    const Component& component = *components_[i];
    add(component.name(), [&component](Hasher& hasher) { component.AddTo(hasher); });
  }
  return digest;
}

absl::Status Kernel::CanFork() const {
  if (!problem_.ok()) return problem_;
  if (dispatching_) {
    return absl::FailedPreconditionError(
        "a world cannot be forked or saved inside a handler or a task");
  }
  if (tasks_.live() != 0) {
    return absl::FailedPreconditionError(
        "a world with live tasks cannot be forked or saved: coroutines cannot be copied. Cancel "
        "them first");
  }
  for (size_t i = kFirstService; i < components_.size(); ++i) {
    if (absl::Status status = components_[i]->CanFork(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void Kernel::ForkFrom(Kernel& other) {
  now_ = other.now_;
  timers_ = other.timers_;
  due_now_ = other.due_now_;
  failure_ = other.failure_;
  step_instant_ = other.step_instant_;
  steps_at_instant_ = other.steps_at_instant_;
  step_tally_ = other.step_tally_;
  handlers_ = other.handlers_;
  choices_ = other.choices_;
  last_id_ = other.last_id_;
  tasks_.SetLastId(other.tasks_.last_id());
  history_ = other.history_;
  sessions_ = other.sessions_;
  quotas_ = other.quotas_;
  ++quota_version_;
  usage_ = other.usage_;
  throttle_ = other.throttle_;
  latencies_ = other.latencies_;
  for (size_t i = kFirstService; i < components_.size(); ++i) {
    components_[i]->ForkFrom(*other.components_[i]);
  }
  UpdateGuard();
}

}  // namespace skybox::kernel
