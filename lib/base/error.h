#ifndef SKYBOX_BASE_ERROR_H_
#define SKYBOX_BASE_ERROR_H_

#include <string_view>

#include "absl/status/status.h"
#include "skybox/status.h"

namespace skybox::kernel {

// A documented error of a service, defined once as a constant in the service's errors.h. The codes
// are the documentation's: no spaces in them.
struct Error {
  const char* code = "";                                    // such as "QueueDoesNotExist"
  absl::StatusCode canonical = absl::StatusCode::kUnknown;  // never kOk
  int http_status = 400;
  Fault fault = Fault::kSender;
  bool retryable = false;            // whether SDKs send the request again by themselves
  const char* query_code = nullptr;  // of the Query protocol; null: the same as `code`
};

// The error as a status that the functions of skybox/status.h can read. The message says which
// value was wrong.
absl::Status MakeError(const Error& error, std::string_view message);

}  // namespace skybox::kernel

#endif  // SKYBOX_BASE_ERROR_H_
