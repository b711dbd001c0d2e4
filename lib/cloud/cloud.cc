#include "skybox/cloud.h"

#include <utility>

#include "cloud/body.h"
#include "fmt/format.h"
#include "kernel/world_file.h"
#include "proto/snapshot.pb.h"
#include "skybox/arn.h"
#include "skybox/sqs.h"

namespace skybox {

namespace {

// What is wrong with the options whatever services there are.
absl::Status CheckOptions(const CloudOptions& options) {
  const absl::Time first = absl::UnixEpoch();
  const absl::Time last = absl::FromUnixSeconds(7'258'118'400);  // 2200-01-01
  if (options.start_time < first || options.start_time > last) {
    return absl::InvalidArgumentError(
        fmt::format("start_time {} is not within 1970 to 2200",
                    absl::FormatTime(absl::RFC3339_full, options.start_time, absl::UTCTimeZone())));
  }
  if (absl::FromUnixNanos(absl::ToUnixNanos(options.start_time)) != options.start_time) {
    return absl::InvalidArgumentError(
        fmt::format("start_time {} is not in whole nanoseconds",
                    absl::FormatTime(absl::RFC3339_full, options.start_time, absl::UTCTimeZone())));
  }
  if (!IsAccountId(options.account)) {
    return absl::InvalidArgumentError(
        fmt::format("account '{}' is not twelve digits", options.account));
  }
  if (!IsRegion(options.region)) {
    return absl::InvalidArgumentError(fmt::format("region '{}' is none", options.region));
  }
  if (options.max_steps_at_one_instant < 1) {
    return absl::InvalidArgumentError(fmt::format("max_steps_at_one_instant {} is less than 1",
                                                  options.max_steps_at_one_instant));
  }
  return absl::OkStatus();
}

}  // namespace

// ---- Making
// -----------------------------------------------------------------------------------------

Cloud::Cloud(CloudOptions options) {
  absl::Status problem = CheckOptions(options);
  body_ = std::make_unique<Body>(problem.ok() ? options : CloudOptions{});
  if (problem.ok()) problem = body_->kernel.Open(options);
  if (!problem.ok()) body_->kernel.SetProblem(std::move(problem));
  body_->kernel.SetCloud(this);
}

Cloud::Cloud(std::unique_ptr<Body> body) : body_(std::move(body)) { body_->kernel.SetCloud(this); }

absl::StatusOr<Cloud> Cloud::Make(CloudOptions options) {
  Cloud cloud(std::move(options));
  if (!cloud.status().ok()) return cloud.status();
  return cloud;
}

Cloud::Cloud(Cloud&& other) noexcept : body_(std::move(other.body_)) {
  if (body_ != nullptr) body_->kernel.SetCloud(this);
}

Cloud& Cloud::operator=(Cloud&& other) noexcept {
  if (this == &other) return *this;
  if (body_ != nullptr) body_->kernel.tasks().DestroyAll();
  body_ = std::move(other.body_);
  if (body_ != nullptr) body_->kernel.SetCloud(this);
  return *this;
}

// The frames of tasks may use the Cloud until the last of them is gone.
Cloud::~Cloud() {
  if (body_ != nullptr) body_->kernel.tasks().DestroyAll();
}

absl::Status Cloud::status() const { return body_->kernel.problem(); }

const CloudOptions& Cloud::options() const { return body_->kernel.options(); }

absl::Status Cloud::SetQuota(std::string_view name, int64_t value) {
  if (absl::Status problem = status(); !problem.ok()) return problem;
  return body_->kernel.SetQuota(name, value);
}

// ---- Time
// -------------------------------------------------------------------------------------------

absl::Time Cloud::Now() const { return body_->kernel.Now(); }

absl::Status Cloud::Advance(absl::Duration duration) {
  if (absl::Status status = body_->kernel.Enter(); !status.ok()) return status;
  if (duration < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        fmt::format("time never goes back: Advance by {}", absl::FormatDuration(duration)));
  }
  kernel::Kernel& kernel = body_->kernel;
  const kernel::Ticks ticks = kernel::ToTicks(duration);
  if (ticks > kernel::kLastTick - kernel.now()) [[unlikely]]
    return AdvanceTo(Now() + duration);
  return kernel.RunTo(kernel.now() + ticks);
}

absl::Status Cloud::AdvanceTo(absl::Time time) {
  kernel::Kernel& kernel = body_->kernel;
  if (absl::Status status = kernel.Enter(); !status.ok()) return status;
  if (time < kernel.Now()) {
    return absl::InvalidArgumentError(
        fmt::format("time never goes back: {} is before now, {}",
                    absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone()),
                    absl::FormatTime(absl::RFC3339_full, kernel.Now(), absl::UTCTimeZone())));
  }
  return kernel.RunTo(kernel::ToTicks(time));
}

absl::Status Cloud::AdvanceUntil(const std::function<bool()>& predicate, absl::Duration limit) {
  kernel::Kernel& kernel = body_->kernel;
  if (absl::Status status = kernel.Enter(); !status.ok()) return status;
  if (limit < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        fmt::format("time never goes back: a limit of {}", absl::FormatDuration(limit)));
  }
  const kernel::Ticks end = std::min(kernel::ToTicks(Now() + limit), kernel::kLastTick);
  const absl::StatusOr<bool> done = kernel.RunUntil(predicate, end, /*silent=*/true);
  if (!done.ok()) return done.status();
  if (*done) return absl::OkStatus();
  return absl::DeadlineExceededError(
      fmt::format("the predicate did not hold within {}", absl::FormatDuration(limit)));
}

absl::StatusOr<bool> Cloud::Step() { return body_->kernel.Step(); }

std::optional<absl::Time> Cloud::NextDeadline() const {
  const kernel::Ticks next = body_->kernel.NextDeadline();
  if (next == kernel::kNever) return std::nullopt;
  return kernel::FromTicks(next);
}

// ---- The program's own timers
// -------------------------------------------------------------------------

void Cloud::SetHandler(std::string_view name, Handler handler) {
  body_->kernel.SetHandler(name, std::move(handler));
}

absl::StatusOr<TimerId> Cloud::CallAt(absl::Time time, std::string_view name, uint64_t argument) {
  return body_->kernel.CallAt(kernel::ToTicks(time), name, argument);
}

absl::StatusOr<TimerId> Cloud::CallAfter(absl::Duration delay, std::string_view name,
                                         uint64_t argument) {
  return CallAt(Now() + delay, name, argument);
}

bool Cloud::CancelCall(TimerId timer) { return body_->kernel.CancelCall(timer); }

// ---- Tasks
// --------------------------------------------------------------------------------------------

kernel::Tasks& Cloud::tasks() { return body_->kernel.tasks(); }

SleepAwaiter Cloud::Sleep(absl::Duration duration) { return SleepUntil(Now() + duration); }

SleepAwaiter Cloud::SleepUntil(absl::Time time) { return SleepAwaiter(tasks(), time); }

size_t Cloud::live_tasks() const { return body_->kernel.tasks().live(); }

// ---- Services
// -------------------------------------------------------------------------------------------

SessionView Cloud::As(const Session& session) {
  return SessionView(&body_->kernel, body_->kernel.Intern(session));
}

const Session& SessionView::session() const { return kernel_->session(session_).session; }

sqs::Client SessionView::sqs() const {
  return static_cast<sqs::Service&>(kernel_->component(kSqs)).MakeClient(session_);
}

sqs::Client Cloud::sqs() { return body_->sqs.MakeClient(0); }

absl::Status Cloud::Deliver(const Parcel& parcel) { return body_->kernel.Deliver(parcel); }

void Cloud::Connect(const Ports& ports) { body_->kernel.Connect(ports); }

const Ports& Cloud::ports() const { return body_->kernel.ports(); }

Choices& Cloud::choices() { return body_->kernel.choices(); }

Usage Cloud::usage() const { return body_->kernel.GetUsage(); }

uint64_t Usage::Calls(std::string_view service, std::string_view operation,
                      std::string_view outcome) const {
  uint64_t calls = 0;
  for (const UsageRow& row : rows) {
    const bool matches = (service.empty() || row.service == service) &&
                         (operation.empty() || row.operation == operation) &&
                         (outcome.empty() || row.outcome == outcome);
    if (matches) calls += row.calls;
  }
  return calls;
}

// ---- The world as a value
// -------------------------------------------------------------------------------

WorldDigest Cloud::Digest() const { return body_->kernel.Digest(); }

std::string WorldDigest::str() const {
  std::string text = fmt::format("history={:016x}", history);
  for (const auto& [name, value] : components) text += fmt::format(" {}={:016x}", name, value);
  return text;
}

absl::StatusOr<Cloud> Cloud::Fork() {
  if (absl::Status status = body_->kernel.CanFork(); !status.ok()) return status;
  auto body = std::make_unique<Body>(body_->kernel.options());
  body->kernel.ForkFrom(body_->kernel);
  return Cloud(std::move(body));
}

absl::StatusOr<std::string> Cloud::Save() const {
  if (absl::Status status = body_->kernel.CanFork(); !status.ok()) return status;
  return kernel::WriteWorld(body_->kernel);
}

absl::StatusOr<Cloud> Cloud::Restore(std::string_view bytes,
                                     std::shared_ptr<const ChoiceSource> choices) {
  proto::Payload payload;
  if (absl::Status status = kernel::ReadWorld(bytes, payload); !status.ok()) return status;
  const absl::StatusOr<CloudOptions> options =
      kernel::OptionsOf(payload.kernel(), std::move(choices));
  if (!options.ok()) return options.status();
  if (absl::Status status = CheckOptions(*options); !status.ok())
    return absl::DataLossError(status.message());
  auto body = std::make_unique<Body>(*options);
  if (absl::Status status = body->kernel.Open(*options); !status.ok())
    return absl::DataLossError(status.message());
  if (absl::Status status = kernel::RestoreWorld(payload, body->kernel); !status.ok())
    return status;
  return Cloud(std::move(body));
}

}  // namespace skybox
