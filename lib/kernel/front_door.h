#ifndef SKYBOX_KERNEL_FRONT_DOOR_H_
#define SKYBOX_KERNEL_FRONT_DOOR_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/print.h"
#include "kernel/kernel.h"

// The one way into every operation of every service, in the order in which the real cloud does it:
// fault before, validate, throttle, authorize, execute, record, meter, fault after.
namespace skybox::kernel {

// What an operation gets beside its request.
struct CallContext {
  Ticks now = 0;
  uint32_t session_index = 0;
  const SessionInfo& session;
};

// The description of the operation that a request belongs to: a service's operations.h specialises
// it.
template <typename Request>
inline constexpr const Operation* kOperationOf = nullptr;

// What has come and gone through the door: part of the history whatever the outcome. A service may
// have an AddToTrace of its own for a request whose every member shows in fewer words; it answers
// false where it does not.
template <typename Service, typename Request, typename Result>
void AddToHistory(const Service& service, uint32_t number, uint32_t session, const Request& request,
                  const Result& result) {
  Hasher& history = service.kernel().history();
  history.Add(service.kernel().now());
  history.Add(uint64_t{number} << 32 | session);
  if (!result.ok()) [[unlikely]] {
    AddValue(history, request);
    history.Add(static_cast<int>(result.status().code()));
    history.Add(
        std::string_view(result.status().message().data(), result.status().message().size()));
    return;
  }
  if constexpr (requires { service.AddToTrace(history, request, *result); }) {
    if (service.AddToTrace(history, request, *result)) return;
  }
  AddValue(history, request);
  AddValue(history, *result);
}

// One call on its way through the door: Begin, then the work, then End. The request outlives it. A
// call that takes time (a long poll) waits between the two. An awaited call does by itself what
// Begin does: Arrive, the latency, Admit.
template <typename Service, typename Request>
class Passage {
 public:
  using Result = absl::StatusOr<typename Request::Response>;

  Passage(Service& service, uint32_t session, const Request& request)
      : service_(service), session_(session), request_(request) {}

  // Everything up to the work. What is not OK, here and in its parts, is the call's answer, and
  // goes through End like any other.
  absl::Status Begin() {
    if (IsGuarded()) [[unlikely]]
      return BeginGuarded();
    return service_.Validate(request_);
  }

  absl::Status Arrive() { return IsGuarded() ? ArriveGuarded() : absl::OkStatus(); }
  absl::Duration latency() const { return service_.kernel().LatencyOf(operation(), number()); }
  absl::Status Admit() { return guard_ != nullptr ? AdmitGuarded() : service_.Validate(request_); }

  CallContext context() const {
    const Kernel& kernel = service_.kernel();
    return {.now = kernel.now(), .session_index = session_, .session = kernel.session(session_)};
  }

  // Everything after the work. What it makes of the result is what the caller gets.
  void End(Result& result) {
    Kernel& kernel = service_.kernel();
    if (guard_ != nullptr) [[unlikely]] {
      EndGuarded(result);
    } else {
      kernel.Count(number(), result.status());
      AddToHistory(service_, number(), session_, request_, result);
    }
    kernel.Settle();
  }

 private:
  struct Guard {
    SessionInfo session = {};
    Ports ports = {};
    std::string resource = {};
    std::string members = {};
    bool arrived = false;
  };

  static const Operation& operation() { return *kOperationOf<Request>; }
  uint32_t number() const { return service_.first_operation() + operation().index; }

  bool IsGuarded() const {
    const Kernel& kernel = service_.kernel();
    return kernel.guarded() || !kernel.session(session_).problem.ok();
  }

  Call MakeCall(absl::Status status) const {
    return {.operation = operation(),
            .session = guard_->session.session,
            .time = service_.kernel().Now(),
            .resource = guard_->resource,
            .status = std::move(status)};
  }

  absl::Status BeginGuarded() {
    if (absl::Status status = ArriveGuarded(); !status.ok()) return status;
    Kernel& kernel = service_.kernel();
    if (absl::Status status = kernel.TakeLatency(operation(), number()); !status.ok())
      return status;
    return AdmitGuarded();
  }

  absl::Status ArriveGuarded() {
    Kernel& kernel = service_.kernel();
    guard_ = std::make_unique<Guard>();
    guard_->session = kernel.session(session_);
    guard_->ports = kernel.ports();
    if (!kernel.problem().ok()) return kernel.problem();
    if (!guard_->session.problem.ok()) return guard_->session.problem;
    guard_->resource = service_.ResourceOf(request_, guard_->session);
    if (guard_->ports.recorder != nullptr) guard_->members = ToJsonText(request_);
    if (guard_->ports.fault_injector != nullptr)
      return guard_->ports.fault_injector->Before(MakeCall({}));
    return absl::OkStatus();
  }

  absl::Status AdmitGuarded() {
    Kernel& kernel = service_.kernel();
    guard_->arrived = true;
    if (absl::Status status = service_.Validate(request_); !status.ok()) return status;
    if (kernel.Throttled(number(), guard_->session))
      return MakeError(service_.throttled(), "Rate exceeded");
    if (guard_->ports.authorizer != nullptr)
      return guard_->ports.authorizer->Authorize(MakeCall({}));
    return absl::OkStatus();
  }

  void EndGuarded(Result& result) {
    Kernel& kernel = service_.kernel();
    if (guard_->arrived) {
      Call call = MakeCall(result.status());
      const Ports& ports = guard_->ports;
      if (ports.recorder != nullptr) {
        call.request = guard_->members;
        ports.recorder->Record(call);
        call.request = {};
      }
      if (ports.meter != nullptr) {
        ports.meter->Use(call, operation().billed_as, service_.BilledUnits(request_));
      }
      kernel.Count(number(), result.status());
      AddToHistory(service_, number(), session_, request_, result);
      if (ports.fault_injector != nullptr) {
        if (absl::Status fault = ports.fault_injector->After(call); !fault.ok()) {
          result = std::move(fault);
          AddToHistory(service_, number(), session_, request_, result);
        }
      }
    } else {
      AddToHistory(service_, number(), session_, request_, result);
    }
  }

  Service& service_;
  uint32_t session_;
  const Request& request_;
  std::unique_ptr<Guard> guard_;  // where somebody stands at the door
};

// A call whose work takes no time.
template <typename Service, typename Request>
absl::StatusOr<typename Request::Response> Enter(Service& service, uint32_t session,
                                                 const Request& request) {
  Passage<Service, Request> passage(service, session, request);
  absl::Status status = passage.Begin();
  // One variable in which the answer is made, so that it is never moved.
  absl::StatusOr<typename Request::Response> result =
      status.ok() ? service.Execute(request, passage.context()) : std::move(status);
  passage.End(result);
  return result;
}

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_FRONT_DOOR_H_
