#ifndef SKYBOX_STATUS_H_
#define SKYBOX_STATUS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

// What a status of skybox tells beyond its canonical code. Errors of the simulated services carry
// the service's own error code; errors of the simulation itself (a clock that cannot go back, a
// blocking call inside a handler) carry none.
namespace skybox {

// Whose fault an error is, as AWS SDKs report it.
enum class Fault : uint8_t {
  kNone,      // not an error of a service
  kSender,    // the request was wrong: sending it again does not help
  kReceiver,  // the service failed
};

// The service's error code, such as "QueueDoesNotExist"; empty for OK and for errors of the
// simulation.
std::string ErrorCode(const absl::Status& status);

// The error code of the older Query protocol, such as "AWS.SimpleQueueService.NonExistentQueue";
// the same as ErrorCode where the service has but one.
std::string QueryErrorCode(const absl::Status& status);

// The HTTP status that the real service answers with: 200 for OK, 0 for errors of the simulation.
int HttpStatus(const absl::Status& status);

Fault FaultSide(const absl::Status& status);

// Whether SDKs send the request again by themselves (throttling, an unavailable service).
bool IsRetryable(const absl::Status& status);

}  // namespace skybox

#endif  // SKYBOX_STATUS_H_
