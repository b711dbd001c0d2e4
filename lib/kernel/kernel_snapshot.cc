#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "kernel/kernel.h"
#include "kernel/world_file.h"
#include "proto/snapshot.pb.h"
#include "skybox/arn.h"

// How a kernel is saved and restored. What is read may have been made by anybody: everything that
// the kernel takes for granted is checked.
namespace skybox::kernel {
namespace {

constexpr Ticks kLatestStart = 7'258'118'400 * kTicksPerSecond;  // 2200-01-01
constexpr int64_t kLongestLatency = int64_t{3600} * kTicksPerSecond * 4;
constexpr int64_t kMostPerSecond = 1'000'000'000;
constexpr int64_t kPartsPerToken = 1'000'000'000;

absl::Status Inconsistent(std::string_view reason) {
  return absl::DataLossError(fmt::format("the saved world is inconsistent: {}", reason));
}

// absl::Duration counts quarters of a nanosecond.
int64_t QuartersOf(absl::Duration duration) {
  absl::Duration rest;
  return absl::IDivDuration(duration, absl::Nanoseconds(1) / 4, &rest);
}
absl::Duration DurationOfQuarters(int64_t quarters) {
  return absl::Nanoseconds(quarters / 4) + absl::Nanoseconds(quarters % 4) / 4;
}

// Whether the elements have keys that increase.
template <typename Elements, typename Key>
bool Increases(const Elements& elements, const Key& key) {
  for (int i = 1; i < elements.size(); ++i) {
    if (!(key(elements[i - 1]) < key(elements[i]))) return false;
  }
  return true;
}

// ---- Options

void SaveOptions(const CloudOptions& options, proto::Options& out) {
  out.set_start_time(ToTicks(options.start_time));
  out.set_account(options.account);
  out.set_region(options.region);
  for (const auto& [name, value] : options.quotas) {
    proto::Options::Quota& quota = *out.add_quotas();
    quota.set_name(name);
    quota.set_value(value);
  }
  out.set_latency_of_every_call(QuartersOf(options.latency.every_call));
  for (const auto& [action, latency] : options.latency.by_operation) {
    proto::Options::Latency& saved = *out.add_latencies();
    saved.set_action(action);
    saved.set_quarter_nanoseconds(QuartersOf(latency));
  }
  for (const auto& [action, limit] : options.rate_limits) {
    proto::Options::RateLimit& saved = *out.add_rate_limits();
    saved.set_action(action);
    saved.set_per_second(limit.per_second);
    saved.set_burst(limit.burst);
  }
  out.set_max_steps_at_one_instant(options.max_steps_at_one_instant);
}

absl::StatusOr<CloudOptions> RestoreOptions(const proto::Options& in) {
  if (in.start_time() < 0 || in.start_time() > kLatestStart) {
    return Inconsistent("its start_time is not within 1970 to 2200");
  }
  if (!IsAccountId(in.account())) return Inconsistent("its account is not twelve digits");
  if (!IsRegion(in.region())) return Inconsistent("its region is none");
  if (in.max_steps_at_one_instant() < 1) {
    return Inconsistent("its max_steps_at_one_instant is less than 1");
  }
  CloudOptions options;
  options.start_time = FromTicks(in.start_time());
  options.account = in.account();
  options.region = in.region();
  options.max_steps_at_one_instant = in.max_steps_at_one_instant();
  if (!Increases(in.quotas(), [](const auto& quota) { return std::string_view(quota.name()); })) {
    return Inconsistent("its quotas are not sorted by name");
  }
  for (const proto::Options::Quota& quota : in.quotas()) {
    options.quotas.emplace(quota.name(), quota.value());
  }

  const auto is_latency = [](int64_t quarters) {
    return quarters >= 0 && quarters <= kLongestLatency;
  };
  const auto action = [](const auto& entry) { return std::string_view(entry.action()); };
  bool good = is_latency(in.latency_of_every_call()) && Increases(in.latencies(), action);
  options.latency.every_call = DurationOfQuarters(in.latency_of_every_call());
  for (const proto::Options::Latency& latency : in.latencies()) {
    good = good && is_latency(latency.quarter_nanoseconds());
    options.latency.by_operation.emplace(latency.action(),
                                         DurationOfQuarters(latency.quarter_nanoseconds()));
  }
  if (!good) return Inconsistent("its latencies are not 0 to 1 hour, sorted by operation");

  good = Increases(in.rate_limits(), action);
  for (const proto::Options::RateLimit& limit : in.rate_limits()) {
    good = good && limit.per_second() >= 1 && limit.per_second() <= kMostPerSecond &&
           limit.burst() >= 1 && limit.burst() <= kMostPerSecond;
    options.rate_limits.emplace(
        limit.action(), RateLimit{.per_second = limit.per_second(), .burst = limit.burst()});
  }
  if (!good) return Inconsistent("its rate limits are not 1 to 1000000000, sorted by operation");
  return options;
}

// ---- Where choices come from

constexpr std::string_view kBenign = "benign";
constexpr std::string_view kSeeded = "seeded:";

absl::StatusOr<std::shared_ptr<const ChoiceSource>> RestoreSource(
    const proto::Kernel& in, std::shared_ptr<const ChoiceSource> given) {
  const std::string& name = in.choice_source();
  if (in.choice_source_is_unnamed()) {
    if (!name.empty()) return Inconsistent("its source of choices has a name and has none");
    if (given != nullptr) return given;
    return absl::InvalidArgumentError(
        "the saved world's source of choices has no name: Restore has to be given the source");
  }
  if (given != nullptr && !name.empty() && given->Name() != name) {
    return absl::InvalidArgumentError(
        fmt::format("the saved world's source of choices is '{}', the one given to Restore '{}'",
                    name, given->Name()));
  }
  if (given != nullptr) return given;
  if (name.empty() || name == kBenign) return nullptr;
  if (name.starts_with(kSeeded)) {
    uint64_t seed = 0;
    const char* const end = name.data() + name.size();
    const auto [read, error] = std::from_chars(name.data() + kSeeded.size(), end, seed);
    if (error == std::errc() && read == end) {
      auto source = std::make_shared<Seeded>(seed);
      if (source->Name() == name) return source;
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("the saved world's source of choices, '{}', is not one that this library makes: "
                  "Restore has to be given the source",
                  name));
}

// ---- Timers

void SaveTimers(const TimerQueue::Snapshot& snapshot, proto::Timers& out) {
  out.mutable_generations()->Add(snapshot.generations.begin(), snapshot.generations.end());
  out.mutable_free_slots()->Add(snapshot.free_slots.begin(), snapshot.free_slots.end());
  for (const TimerQueue::Snapshot::Entry& entry : snapshot.pending) {
    proto::Timers::Pending& pending = *out.add_pending();
    pending.set_at(entry.at);
    pending.set_sequence(entry.sequence);
    pending.set_slot(entry.slot);
    pending.set_component(entry.timer.component);
    pending.set_kind(entry.timer.kind);
    pending.set_argument(entry.timer.argument);
  }
  out.set_next_sequence(snapshot.next_sequence);
}

TimerQueue::Snapshot RestoreTimers(const proto::Timers& in) {
  TimerQueue::Snapshot snapshot;
  snapshot.generations.assign(in.generations().begin(), in.generations().end());
  snapshot.free_slots.assign(in.free_slots().begin(), in.free_slots().end());
  snapshot.next_sequence = in.next_sequence();
  for (const proto::Timers::Pending& pending : in.pending()) {
    snapshot.pending.push_back({.at = pending.at(),
                                .sequence = pending.sequence(),
                                .slot = pending.slot(),
                                .timer = {.component = pending.component(),
                                          .kind = pending.kind(),
                                          .argument = pending.argument()}});
  }
  return snapshot;
}

// ---- Statuses

void SaveStatus(const absl::Status& status, proto::Status& out) {
  out.set_code(static_cast<int>(status.code()));
  out.set_message(std::string(status.message().data(), status.message().size()));
  std::map<std::string, std::string> payloads;
  status.ForEachPayload([&payloads](auto type_url, const absl::Cord& value) {
    payloads.emplace(std::string(type_url.data(), type_url.size()), std::string(value));
  });
  for (const auto& [type_url, value] : payloads) {
    proto::Status::Payload& payload = *out.add_payloads();
    payload.set_type_url(type_url);
    payload.set_value(value);
  }
}

absl::Status RestoreStatus(const proto::Status& in, absl::Status& status) {
  if (in.code() < static_cast<int>(absl::StatusCode::kCancelled) ||
      in.code() > static_cast<int>(absl::StatusCode::kUnauthenticated)) {
    return Inconsistent(fmt::format("there is no status code {}", in.code()));
  }
  status = absl::Status(static_cast<absl::StatusCode>(in.code()), in.message());
  if (!Increases(in.payloads(),
                 [](const auto& payload) { return std::string_view(payload.type_url()); })) {
    return Inconsistent("the payloads of a status are not sorted");
  }
  for (const proto::Status::Payload& payload : in.payloads()) {
    status.SetPayload(payload.type_url(), absl::Cord(payload.value()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CloudOptions> OptionsOf(const proto::Kernel& in,
                                       std::shared_ptr<const ChoiceSource> source) {
  absl::StatusOr<CloudOptions> options = RestoreOptions(in.options());
  if (!options.ok()) return options.status();
  absl::StatusOr<std::shared_ptr<const ChoiceSource>> choices =
      RestoreSource(in, std::move(source));
  if (!choices.ok()) return choices.status();
  options->choices = *std::move(choices);
  return options;
}

// ---- Saving -------------------------------------------------------------------------------------

void Kernel::Save(proto::Kernel& out) const {
  SaveOptions(options_, *out.mutable_options());
  out.set_choice_source(choices_.benign() ? std::string(kBenign) : choices_.source()->Name());
  out.set_choice_source_is_unnamed(out.choice_source().empty());
  for (const Choices::StreamPosition& position : choices_.Positions()) {
    proto::Kernel::Stream& stream = *out.add_streams();
    stream.set_stream(position.stream);
    stream.set_draws(position.draws);
  }
  out.set_now(now_);
  SaveTimers(timers_.Save(), *out.mutable_timers());
  out.set_due_now(due_now_);
  if (!failure_.ok()) SaveStatus(failure_, *out.mutable_failure());
  out.set_step_instant(step_instant_);
  out.set_steps_at_instant(steps_at_instant_);
  for (const auto& [who, count] : step_tally_) {
    proto::Kernel::Steps& steps = *out.add_step_tally();
    steps.set_component(who.first);
    steps.set_kind(who.second);
    steps.set_steps(count);
  }
  for (const Handler& handler : handlers_) out.add_handlers(handler.name);
  out.set_last_id(last_id_);
  out.set_last_task(tasks_.last_id());
  out.set_history(history_.state());
  for (const auto& info : sessions_) {
    const Session& session = info->session;
    proto::Kernel::Session& saved = *out.add_sessions();
    saved.set_account(session.account);
    saved.set_region(session.region);
    saved.set_principal(session.principal);
    saved.set_source_address(session.source_address);
    saved.set_user_agent(session.user_agent);
    saved.set_mfa_authenticated(session.mfa_authenticated);
  }
  for (const OperationUsage& row : usage_) {
    if (row.ok == 0 && row.errors.empty()) continue;
    proto::Kernel::Usage& usage = *out.add_usage();
    usage.set_service(std::string(row.operation->service));
    usage.set_operation(std::string(row.operation->name));
    usage.set_ok(row.ok);
    for (const auto& [code, calls] : row.errors) {
      proto::Kernel::Usage::Error& error = *usage.add_errors();
      error.set_code(code);
      error.set_calls(calls);
    }
  }
  for (const auto& [key, bucket] : throttle_.buckets()) {
    const Operation& operation = *usage_[std::get<0>(key)].operation;
    proto::Kernel::Bucket& saved = *out.add_buckets();
    saved.set_service(std::string(operation.service));
    saved.set_operation(std::string(operation.name));
    saved.set_account(std::get<1>(key));
    saved.set_region(std::get<2>(key));
    saved.set_parts(bucket.parts);
    saved.set_updated(bucket.updated);
  }
}

// ---- Restoring ----------------------------------------------------------------------------------

absl::Status Kernel::Restore(const proto::Kernel& in) {
  proto::Options ours;
  SaveOptions(options_, ours);
  if (Serialize(ours) != Serialize(in.options())) {
    return Inconsistent("the kernel was made of other options");
  }
  if (!Increases(in.streams(), [](const auto& stream) { return stream.stream(); })) {
    return Inconsistent("its streams of choices are not sorted");
  }
  std::vector<Choices::StreamPosition> positions;
  for (const proto::Kernel::Stream& stream : in.streams()) {
    positions.push_back({.stream = stream.stream(), .draws = stream.draws()});
  }
  choices_.SetPositions(positions);

  handlers_.clear();
  std::set<std::string_view> names;
  for (const std::string& name : in.handlers()) {
    if (!names.insert(name).second) return Inconsistent("two handlers have one name");
    handlers_.push_back({.name = name});
  }
  if (in.last_id() > kGreatestCount || in.last_task() > kGreatestCount) {
    return Inconsistent("an id is out of range");
  }
  last_id_ = in.last_id();
  tasks_.SetLastId(in.last_task());
  if (absl::Status status = RestoreTime(in); !status.ok()) return status;
  if (absl::Status status = RestoreSessions(in); !status.ok()) return status;
  if (absl::Status status = RestoreUsage(in); !status.ok()) return status;
  if (absl::Status status = RestoreBuckets(in); !status.ok()) return status;
  ++quota_version_;
  // Last: what was called to get here is not what happened in the world.
  history_ = Hasher(in.history());
  return absl::OkStatus();
}

absl::Status Kernel::RestoreTime(const proto::Kernel& in) {
  if (in.now() < in.options().start_time() || in.now() > kLastTick) {
    return Inconsistent("its clock is before its start or after its end");
  }
  now_ = in.now();
  for (const proto::Timers::Pending& pending : in.timers().pending()) {
    if (pending.at() < now_) return Inconsistent("a timer is due in the past");
    if (pending.component() >= components_.size()) {
      return Inconsistent(fmt::format("a timer belongs to the component {}, which there is not",
                                      pending.component()));
    }
    if (pending.component() == kHandlers && pending.kind() >= handlers_.size()) {
      return Inconsistent("a timer belongs to a handler that there is not");
    }
    // All that can be left without a live task: the start of one that was cancelled before it.
    if (pending.component() == kTasks &&
        (pending.kind() != Tasks::kStart || pending.argument() > in.last_task())) {
      return Inconsistent("a timer belongs to a task that there is not");
    }
  }
  if (in.timers().next_sequence() > kGreatestCount) {
    return Inconsistent("the sequence number of the next timer is out of range");
  }
  absl::StatusOr<TimerQueue> timers = TimerQueue::Restore(RestoreTimers(in.timers()));
  if (!timers.ok()) {
    const auto reason = timers.status().message();
    return Inconsistent(std::string_view(reason.data(), reason.size()));
  }
  timers_ = *std::move(timers);

  due_now_ = in.due_now();
  failure_ = absl::OkStatus();
  if (in.has_failure()) {
    if (absl::Status status = RestoreStatus(in.failure(), failure_); !status.ok()) return status;
  }
  if (in.step_instant() < -1 || in.step_instant() > now_ || in.steps_at_instant() < 0 ||
      in.steps_at_instant() > options_.max_steps_at_one_instant) {
    return Inconsistent("its count of steps at one instant is out of range");
  }
  step_instant_ = in.step_instant();
  steps_at_instant_ = in.steps_at_instant();
  if (!Increases(in.step_tally(),
                 [](const auto& steps) { return std::pair(steps.component(), steps.kind()); })) {
    return Inconsistent("its tally of steps is not sorted");
  }
  step_tally_.clear();
  for (const proto::Kernel::Steps& steps : in.step_tally()) {
    if (steps.component() >= components_.size() || steps.steps() < 1 ||
        steps.steps() > options_.max_steps_at_one_instant) {
      return Inconsistent("its tally of steps is out of range");
    }
    step_tally_.emplace_hint(step_tally_.end(), std::pair(steps.component(), steps.kind()),
                             steps.steps());
  }
  return absl::OkStatus();
}

absl::Status Kernel::RestoreSessions(const proto::Kernel& in) {
  const Session initial = sessions_.front()->session;
  std::set<std::tuple<std::string_view, std::string_view, std::string_view, std::string_view,
                      std::string_view, bool>>
      known;
  std::vector<std::shared_ptr<const SessionInfo>> sessions;
  for (const proto::Kernel::Session& saved : in.sessions()) {
    const Session session = {.account = saved.account(),
                             .region = saved.region(),
                             .principal = saved.principal(),
                             .source_address = saved.source_address(),
                             .user_agent = saved.user_agent(),
                             .mfa_authenticated = saved.mfa_authenticated()};
    if (session.account.empty() || session.region.empty() || session.principal.empty() ||
        session.source_address.empty() || session.user_agent.empty()) {
      return Inconsistent("a session is not complete");
    }
    if (!known
             .emplace(saved.account(), saved.region(), saved.principal(), saved.source_address(),
                      saved.user_agent(), saved.mfa_authenticated())
             .second) {
      return Inconsistent("a session is there twice");
    }
    sessions.push_back(std::make_shared<const SessionInfo>(Describe(session)));
  }
  if (sessions.empty() || !(sessions.front()->session == initial)) {
    return Inconsistent("its first session is not the default one");
  }
  sessions_ = std::move(sessions);
  return absl::OkStatus();
}

absl::Status Kernel::RestoreUsage(const proto::Kernel& in) {
  for (OperationUsage& row : usage_) {
    row.ok = 0;
    row.errors.clear();
  }
  size_t next = 0;  // they come in the order of the operations' numbers
  for (const proto::Kernel::Usage& saved : in.usage()) {
    while (next < usage_.size() && (usage_[next].operation->service != saved.service() ||
                                    usage_[next].operation->name != saved.operation())) {
      ++next;
    }
    if (next == usage_.size()) {
      return Inconsistent(
          "it counts calls of an operation that there is not, or counts them twice");
    }
    OperationUsage& row = usage_[next++];
    row.ok = saved.ok();
    if (!Increases(saved.errors(),
                   [](const auto& error) { return std::string_view(error.code()); })) {
      return Inconsistent("the errors that it counts are not sorted");
    }
    for (const proto::Kernel::Usage::Error& error : saved.errors()) {
      row.errors.emplace_hint(row.errors.end(), error.code(), error.calls());
    }
  }
  return absl::OkStatus();
}

absl::Status Kernel::RestoreBuckets(const proto::Kernel& in) {
  std::map<std::pair<std::string_view, std::string_view>, uint32_t> numbers;
  for (uint32_t i = 0; i < usage_.size(); ++i) {
    numbers.emplace(std::pair(usage_[i].operation->service, usage_[i].operation->name), i);
  }
  for (const proto::Kernel::Bucket& saved : in.buckets()) {
    const auto number = numbers.find({saved.service(), saved.operation()});
    const RateLimit* limit = number == numbers.end() ? nullptr : throttle_.LimitOf(number->second);
    if (limit == nullptr) return Inconsistent("a call is throttled that has no rate limit");
    if (saved.parts() < 0 || saved.parts() > limit->burst * kPartsPerToken ||
        saved.updated() < in.options().start_time() || saved.updated() > now_) {
      return Inconsistent("the tokens of a rate limit are out of range");
    }
    Throttle::Key key(number->second, saved.account(), saved.region());
    if (throttle_.buckets().contains(key)) return Inconsistent("a rate limit is there twice");
    throttle_.SetBucket(std::move(key), {.parts = saved.parts(), .updated = saved.updated()});
  }
  return absl::OkStatus();
}

}  // namespace skybox::kernel
