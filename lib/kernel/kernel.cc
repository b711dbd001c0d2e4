#include "kernel/kernel.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/error.h"
#include "fmt/format.h"
#include "skybox/arn.h"
#include "skybox/status.h"

namespace skybox::kernel {

namespace {

std::string ShowTime(Ticks ticks) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", FromTicks(ticks), absl::UTCTimeZone());
}

// Whether a user or an assumed role of that account has the ARN. A user may have a path before its
// name: user/sales/ann; in an assumed role it is left out: assumed-role/worker/session.
// Rule: "IAM identifiers", IAM User Guide.
bool IsPrincipal(const Arn& arn, std::string_view partition, std::string_view account) {
  if (arn.partition != partition || !arn.region.empty() || arn.account != account) return false;
  std::string_view rest = arn.resource;
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view kind = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  if (arn.service == "iam" && kind == "user") return !rest.empty() && !rest.ends_with('/');
  const size_t end = rest.find('/');
  return arn.service == "sts" && kind == "assumed-role" && end != std::string_view::npos &&
         end > 0 && end + 1 < rest.size() && rest.find('/', end + 1) == std::string_view::npos;
}

absl::Status BeyondTheEnd(Ticks ticks) {
  return absl::InvalidArgumentError(
      fmt::format("{} is beyond the year 2261, where the clock ends", ShowTime(ticks)));
}

}  // namespace

Ticks ToTicks(absl::Time time) { return ToTicks(time - absl::UnixEpoch()); }

// Saturates: absl answers the extremes of int64_t for what does not fit.
Ticks ToTicks(absl::Duration duration) { return absl::ToInt64Nanoseconds(duration); }

Kernel::Kernel(const CloudOptions& options)
    : options_(options),
      now_(ToTicks(options.start_time)),
      choices_(options.choices),
      tasks_(*this) {
  // The handlers and the tasks are addressed like components, but have their own ways to fork and
  // save.
  components_.assign(kFirstService, nullptr);
  history_.Add(now_);
  Intern(Session{});
}

Kernel::~Kernel() = default;

// ---- Putting the house together -----------------------------------------------------------------

uint32_t Kernel::AddComponent(Component& component) {
  components_.push_back(&component);
  return static_cast<uint32_t>(components_.size() - 1);
}

void Kernel::AddQuotas(std::vector<QuotaRule> rules) {
  for (const QuotaRule& rule : rules) {
    quotas_.emplace(rule.name, QuotaState{.rule = rule, .value = rule.initial});
  }
}

uint32_t Kernel::AddOperations(const Operation* operations, size_t count) {
  const auto first = static_cast<uint32_t>(usage_.size());
  for (size_t i = 0; i < count; ++i) usage_.push_back({.operation = &operations[i]});
  return first;
}

absl::Status Kernel::Open(const CloudOptions& options) {
  const auto number_of = [this](std::string_view action) -> int64_t {
    for (size_t i = 0; i < usage_.size(); ++i) {
      const Operation& operation = *usage_[i].operation;
      if (fmt::format("{}:{}", operation.service, operation.name) == action) {
        return static_cast<int64_t>(i);
      }
    }
    return -1;
  };
  for (const auto& [name, value] : options.quotas) {
    if (absl::Status status = SetQuota(name, value); !status.ok()) return status;
  }
  if (options.latency.every_call < absl::ZeroDuration() ||
      options.latency.every_call > absl::Hours(1)) {
    return absl::InvalidArgumentError(
        fmt::format("latency every_call {} is not 0 to 1 hour",
                    absl::FormatDuration(options.latency.every_call)));
  }
  if (options.latency.every_call > absl::ZeroDuration() || !options.latency.by_operation.empty()) {
    latencies_.assign(usage_.size(), options.latency.every_call);
  }
  for (const auto& [action, latency] : options.latency.by_operation) {
    const int64_t number = number_of(action);
    if (number < 0) {
      return absl::InvalidArgumentError(
          fmt::format("latency of '{}': there is no such operation", action));
    }
    if (latency < absl::ZeroDuration() || latency > absl::Hours(1)) {
      return absl::InvalidArgumentError(fmt::format("latency of '{}': {} is not 0 to 1 hour",
                                                    action, absl::FormatDuration(latency)));
    }
    latencies_[static_cast<size_t>(number)] = latency;
  }
  for (const auto& [action, limit] : options.rate_limits) {
    const int64_t number = number_of(action);
    if (number < 0) {
      return absl::InvalidArgumentError(
          fmt::format("rate limit of '{}': there is no such operation", action));
    }
    constexpr int64_t kMost = 1'000'000'000;
    if (limit.per_second < 1 || limit.per_second > kMost || limit.burst < 1 ||
        limit.burst > kMost) {
      return absl::InvalidArgumentError(
          fmt::format("rate limit of '{}': per_second {} and burst {} have to be 1 to 1000000000",
                      action, limit.per_second, limit.burst));
    }
    throttle_.SetLimit(static_cast<uint32_t>(number), limit);
  }
  UpdateGuard();
  return absl::OkStatus();
}

void Kernel::SetProblem(absl::Status problem) {
  problem_ = std::move(problem);
  UpdateGuard();
}

void Kernel::UpdateGuard() {
  guarded_ = !problem_.ok() || !latencies_.empty() || !throttle_.empty() ||
             ports_.fault_injector != nullptr || ports_.authorizer != nullptr ||
             ports_.recorder != nullptr || ports_.meter != nullptr;
}

// ---- Time ---------------------------------------------------------------------------------------

absl::Status Kernel::Enter() const {
  if (dispatching_) {
    return absl::FailedPreconditionError(
        "the clock is already moving: a handler or a task cannot move it; a task awaits instead");
  }
  return problem_;
}

absl::Status Kernel::CountStep(const TimerQueue::Due& due) {
  if (due.at != step_instant_) {
    step_instant_ = due.at;
    steps_at_instant_ = 0;
    if (!step_tally_.empty()) step_tally_.clear();
  }
  ++steps_at_instant_;
  const int64_t limit = options_.max_steps_at_one_instant;
  if (steps_at_instant_ <= limit / 2) return absl::OkStatus();
  // From here on it looks like a loop: keep a tally of who is in it.
  ++step_tally_[{due.timer.component, due.timer.component == kHandlers ? due.timer.kind : 0}];
  if (steps_at_instant_ <= limit) return absl::OkStatus();
  auto busiest = step_tally_.begin();
  for (auto it = step_tally_.begin(); it != step_tally_.end(); ++it) {
    if (it->second > busiest->second) busiest = it;
  }
  const std::string name = NameOf(busiest->first.first, busiest->first.second);
  steps_at_instant_ = 0;
  step_tally_.clear();
  return absl::ResourceExhaustedError(
      fmt::format("more than {} timers fired at {} without time moving on; the busiest is {}",
                  limit, ShowTime(due.at), name));
}

std::string Kernel::NameOf(uint32_t component, uint32_t kind) const {
  if (component == kHandlers) {
    return kind < handlers_.size() ? fmt::format("handler '{}'", handlers_[kind].name)
                                   : "a handler";
  }
  if (component == kTasks) return "tasks";
  return fmt::format("component '{}'", components_[component]->name());
}

void Kernel::Dispatch(const TimerQueue::Due& due) {
  const auto [component, kind, argument] = due.timer;
  history_.Add(due.at);
  history_.Add(uint64_t{component} << 32 | kind);
  if (component == kTasks) {
    tasks_.OnTimer(kind, argument);
    return;
  }
  history_.Add(argument);
  if (component != kHandlers) {
    components_[component]->OnTimer(kind, argument);
    return;
  }
  if (kind >= handlers_.size() || !handlers_[kind].call) {
    Fail(absl::FailedPreconditionError(
        fmt::format("a timer fired for {}, which is not registered", NameOf(component, kind))));
    return;
  }
  // A copy: the handler may replace itself.
  const TimerHandler call = handlers_[kind].call;
  try {
    call(*cloud_, argument);
  } catch (const std::exception& e) {
    Fail(absl::UnknownError(fmt::format("{} threw: {}", NameOf(component, kind), e.what())));
  } catch (...) {
    Fail(absl::UnknownError(
        fmt::format("{} threw something that is no std::exception", NameOf(component, kind))));
  }
}

void Kernel::Fail(absl::Status status) {
  if (failure_.ok()) failure_ = std::move(status);
}

Ticks Kernel::NextSilentDeadline() const {
  Ticks next = kNever;
  for (size_t i = kFirstService; i < components_.size(); ++i) {
    next = std::min(next, components_[i]->NextSilentDeadline());
  }
  return next;
}

absl::Status Kernel::Fire(const TimerQueue::Due& due) {
  now_ = due.at;
  absl::Status too_many = CountStep(due);
  dispatching_ = true;
  Dispatch(due);
  dispatching_ = false;
  return failure_.ok() ? std::move(too_many) : std::exchange(failure_, absl::OkStatus());
}

absl::Status Kernel::FireDue(Ticks time) {
  absl::Status status;
  TimerQueue::Due due;
  while (status.ok() && timers_.PopDue(time, due)) status = Fire(due);
  due_now_ = !status.ok();
  return status;
}

absl::Status Kernel::RunTo(Ticks time) {
  if (absl::Status status = Enter(); !status.ok()) return status;
  if (!failure_.ok()) return std::exchange(failure_, absl::OkStatus());
  if (time > kLastTick) return BeyondTheEnd(time);
  absl::Status status = FireDue(time);
  if (status.ok()) now_ = time;
  return status;
}

absl::StatusOr<bool> Kernel::RunUntil(const std::function<bool()>& done, Ticks limit, bool silent) {
  if (absl::Status status = Enter(); !status.ok()) return status;
  Settle();
  if (!failure_.ok()) return std::exchange(failure_, absl::OkStatus());
  if (limit > kLastTick) return BeyondTheEnd(limit);
  while (!done()) {
    const std::optional<Ticks> timer = timers_.NextDeadline();
    const Ticks next = std::min(timer.value_or(kNever), silent ? NextSilentDeadline() : kNever);
    if (next > limit) {
      if (limit <= now_) return false;
      now_ = limit;
      return done();
    }
    if (!timer.has_value() || next < *timer) {
      now_ = next;
      continue;
    }
    if (absl::StatusOr<bool> stepped = Step(); !stepped.ok()) return stepped;
  }
  // What else is due at this instant is the next Settle's.
  if (timers_.NextDeadline().value_or(kNever) <= now_) due_now_ = true;
  return true;
}

absl::StatusOr<bool> Kernel::Step() {
  if (absl::Status status = Enter(); !status.ok()) return status;
  if (!failure_.ok()) return std::exchange(failure_, absl::OkStatus());
  const std::optional<Ticks> timer = timers_.NextDeadline();
  const Ticks silent = NextSilentDeadline();
  if (std::min(timer.value_or(kNever), silent) > kLastTick) return false;
  if (silent < timer.value_or(kNever)) {
    now_ = silent;
    return true;
  }
  TimerQueue::Due due;
  if (!timers_.PopDue(*timer, due)) return false;
  if (absl::Status status = Fire(due); !status.ok()) return status;
  return true;
}

Ticks Kernel::NextDeadline() const {
  const Ticks next = std::min(timers_.NextDeadline().value_or(kNever), NextSilentDeadline());
  return next > kLastTick ? kNever : next;
}

void Kernel::SettleNow() {
  due_now_ = false;
  if (!problem_.ok()) return;
  // Trouble that nobody has been told of yet stops nothing that came after it.
  absl::Status earlier = std::exchange(failure_, absl::OkStatus());
  absl::Status status = FireDue(now_);
  failure_ = earlier.ok() ? std::move(status) : std::move(earlier);
}

// ---- The program's own handlers
// ---------------------------------------------------------------------

void Kernel::SetHandler(std::string_view name, TimerHandler handler) {
  for (Handler& known : handlers_) {
    if (known.name == name) {
      known.call = std::move(handler);
      return;
    }
  }
  handlers_.push_back({.name = std::string(name), .call = std::move(handler)});
}

absl::StatusOr<TimerId> Kernel::CallAt(Ticks at, std::string_view name, uint64_t argument) {
  if (!problem_.ok()) return problem_;
  if (at < now_) {
    return absl::InvalidArgumentError(
        fmt::format("{} is before now, {}", ShowTime(at), ShowTime(now_)));
  }
  if (at > kLastTick) return BeyondTheEnd(at);
  for (size_t i = 0; i < handlers_.size(); ++i) {
    if (handlers_[i].name == name && handlers_[i].call) {
      const TimerId id = Schedule(at, kHandlers, static_cast<uint32_t>(i), argument);
      Settle();
      return id;
    }
  }
  return absl::NotFoundError(fmt::format("there is no handler '{}'", name));
}

bool Kernel::CancelCall(TimerId id) {
  // Timers of services are not the program's to cancel.
  const Timer* timer = timers_.Find(id);
  return timer != nullptr && timer->component == kHandlers && timers_.Cancel(id);
}

// ---- Sessions
// -------------------------------------------------------------------------------------

uint32_t Kernel::Intern(const Session& session) {
  Session full = session;
  if (full.account.empty()) full.account = options_.account;
  if (full.region.empty()) full.region = options_.region;
  if (full.source_address.empty()) full.source_address = "127.0.0.1";
  if (full.user_agent.empty()) full.user_agent = "skybox";
  if (full.principal.empty()) {
    full.principal = fmt::format("arn:{}:iam::{}:root", PartitionOf(full.region), full.account);
  }
  for (size_t i = 0; i < sessions_.size(); ++i) {
    if (sessions_[i]->session == full) return static_cast<uint32_t>(i);
  }
  sessions_.push_back(std::make_shared<const SessionInfo>(Describe(full)));
  return static_cast<uint32_t>(sessions_.size() - 1);
}

SessionInfo Kernel::Describe(const Session& full) {
  const std::string partition(PartitionOf(full.region));
  const std::string root = fmt::format("arn:{}:iam::{}:root", partition, full.account);
  SessionInfo info{.session = full,
                   .partition = partition,
                   .dns_suffix = std::string(DnsSuffixOf(full.region)),
                   .is_root = full.principal == root};
  info.sender_id = full.account;
  if (!IsAccountId(full.account)) {
    info.problem = absl::InvalidArgumentError(
        fmt::format("the session's account '{}' is not twelve digits", full.account));
  } else if (!IsRegion(full.region)) {
    info.problem =
        absl::InvalidArgumentError(fmt::format("the session's region '{}' is none", full.region));
  } else if (!info.is_root) {
    const absl::StatusOr<Arn> arn = Arn::Parse(full.principal);
    if (!arn.ok()) {
      info.problem = absl::InvalidArgumentError(
          fmt::format("the session's principal '{}' is not an ARN", full.principal));
    } else if (!IsPrincipal(*arn, partition, full.account)) {
      info.problem = absl::InvalidArgumentError(
          fmt::format("the session's principal '{}' is no user and no assumed role of the account "
                      "{} in the partition {}",
                      full.principal, full.account, partition));
    } else {
      // Real ids are given out when a user or role is made; this one follows from the ARN: AIDA for
      // users, AROA with the session's name for assumed roles.
      const bool assumed = arn->resource.starts_with("assumed-role/");
      const size_t last = arn->resource.rfind('/');
      const std::string named = assumed ? arn->resource.substr(0, last) : arn->resource;
      uint64_t hash = HashOfName(full.account + ":" + named);
      std::string id = assumed ? "AROA" : "AIDA";
      for (int i = 0; i < 17; ++i) {
        id += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[hash & 31];
        hash = internal::CounterRandom(hash, static_cast<uint64_t>(i));
      }
      if (assumed) id += ":" + arn->resource.substr(last + 1);
      info.sender_id = id;
    }
  }
  return info;
}

// ---- What services ask for
// --------------------------------------------------------------------------

int64_t Kernel::quota(std::string_view name) const {
  const auto found = quotas_.find(name);
  return found == quotas_.end() ? 0 : found->second.value;
}

absl::Status Kernel::SetQuota(std::string_view name, int64_t value) {
  const auto found = quotas_.find(name);
  if (found == quotas_.end()) {
    return absl::InvalidArgumentError(fmt::format("there is no quota '{}'", name));
  }
  const QuotaRule& rule = found->second.rule;
  if (value < rule.least || value > rule.most) {
    return absl::InvalidArgumentError(
        fmt::format("quota '{}': {} is not {} to {}", name, value, rule.least, rule.most));
  }
  found->second.value = value;
  options_.quotas[std::string(name)] = value;
  ++quota_version_;
  history_.Add(name);
  history_.Add(value);
  return absl::OkStatus();
}

void Kernel::Connect(const Ports& ports) {
  ports_ = ports;
  UpdateGuard();
  for (size_t i = kFirstService; i < components_.size(); ++i) components_[i]->OnConnect();
}

void Kernel::AddReceiver(std::string_view service, Delivery& receiver) {
  receivers_.emplace(service, &receiver);
}

absl::Status Kernel::Deliver(const Parcel& parcel) {
  if (!problem_.ok()) return problem_;
  const absl::StatusOr<Arn> arn = Arn::Parse(parcel.target_arn);
  if (!arn.ok()) return arn.status();
  const auto receiver = receivers_.find(arn->service);
  Delivery nobody;
  absl::Status status = (receiver == receivers_.end() ? nobody : *receiver->second).Deliver(parcel);
  Settle();
  return status;
}

// ---- The front door's part
// ----------------------------------------------------------------------------

absl::Duration Kernel::LatencyOf(const Operation&, uint32_t number) const {
  return latencies_.empty() ? absl::ZeroDuration() : latencies_[number];
}

absl::Status Kernel::TakeLatency(const Operation& operation, uint32_t number) {
  const absl::Duration latency = LatencyOf(operation, number);
  if (latency == absl::ZeroDuration()) return absl::OkStatus();
  if (dispatching_) {
    return absl::FailedPreconditionError(
        fmt::format("{} takes {} in this Cloud and may not block inside a handler or a task: "
                    "co_await Await(request) there",
                    operation.name, absl::FormatDuration(latency)));
  }
  return RunTo(now_ + ToTicks(latency));
}

bool Kernel::Throttled(uint32_t number, const SessionInfo& session) {
  return !throttle_.empty() &&
         !throttle_.Admit(number, session.session.account, session.session.region, now_);
}

void Kernel::CountError(uint32_t number, const absl::Status& status) {
  std::string code = ErrorCode(status);
  if (code.empty()) code = absl::StatusCodeToString(status.code());
  ++usage_[number].errors[code];
}

Usage Kernel::GetUsage() const {
  Usage usage;
  for (const OperationUsage& row : usage_) {
    const auto add = [&](std::string outcome, uint64_t calls) {
      if (calls == 0) return;
      usage.rows.push_back({.service = std::string(row.operation->service),
                            .operation = std::string(row.operation->name),
                            .outcome = std::move(outcome),
                            .calls = calls});
    };
    add("OK", row.ok);
    for (const auto& [code, calls] : row.errors) add(code, calls);
  }
  std::sort(usage.rows.begin(), usage.rows.end(), [](const UsageRow& a, const UsageRow& b) {
    return std::tie(a.service, a.operation, a.outcome) <
           std::tie(b.service, b.operation, b.outcome);
  });
  return usage;
}

}  // namespace skybox::kernel
