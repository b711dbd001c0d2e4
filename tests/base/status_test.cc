#include "skybox/status.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/status/status.h"
#include "base/error.h"

using skybox::ErrorCode;
using skybox::Fault;
using skybox::FaultSide;
using skybox::HttpStatus;
using skybox::IsRetryable;
using skybox::QueryErrorCode;
using skybox::kernel::Error;
using skybox::kernel::MakeError;

namespace {

constexpr Error kLockerDoesNotExist = {.code = "LockerDoesNotExist",
                                       .canonical = absl::StatusCode::kNotFound,
                                       .http_status = 404,
                                       .query_code = "AWS.Lockers.NonExistentLocker"};
constexpr Error kThrottled = {.code = "ThrottlingException",
                              .canonical = absl::StatusCode::kResourceExhausted,
                              .retryable = true};
constexpr Error kInternal = {.code = "InternalError",
                             .canonical = absl::StatusCode::kInternal,
                             .http_status = 500,
                             .fault = Fault::kReceiver,
                             .retryable = true};

}  // namespace

TEST_CASE("An error has a canonical code and a message", "[status]") {
  const absl::Status status = MakeError(kLockerDoesNotExist, "no locker 'lobby'");
  CHECK(status.code() == absl::StatusCode::kNotFound);
  CHECK(std::string(status.message()) == "no locker 'lobby'");
}

TEST_CASE("An error tells the service's error code", "[status]") {
  CHECK(ErrorCode(MakeError(kLockerDoesNotExist, "")) == "LockerDoesNotExist");
  CHECK(ErrorCode(MakeError(kThrottled, "")) == "ThrottlingException");
}

TEST_CASE("An error tells the code of the Query protocol", "[status]") {
  CHECK(QueryErrorCode(MakeError(kLockerDoesNotExist, "")) == "AWS.Lockers.NonExistentLocker");
}

TEST_CASE("The code of the Query protocol is the code where there is but one", "[status]") {
  CHECK(QueryErrorCode(MakeError(kThrottled, "")) == "ThrottlingException");
}

TEST_CASE("An error tells its HTTP status, 400 by default", "[status]") {
  CHECK(HttpStatus(MakeError(kLockerDoesNotExist, "")) == 404);
  CHECK(HttpStatus(MakeError(kThrottled, "")) == 400);
  CHECK(HttpStatus(MakeError(kInternal, "")) == 500);
}

TEST_CASE("An error tells whose fault it is, the sender's by default", "[status]") {
  CHECK(FaultSide(MakeError(kLockerDoesNotExist, "")) == Fault::kSender);
  CHECK(FaultSide(MakeError(kInternal, "")) == Fault::kReceiver);
}

TEST_CASE("An error tells whether SDKs try again, by default not", "[status]") {
  CHECK_FALSE(IsRetryable(MakeError(kLockerDoesNotExist, "")));
  CHECK(IsRetryable(MakeError(kThrottled, "")));
}

TEST_CASE("OK is HTTP status 200 and no error", "[status]") {
  const absl::Status ok = absl::OkStatus();
  CHECK(ErrorCode(ok).empty());
  CHECK(QueryErrorCode(ok).empty());
  CHECK(HttpStatus(ok) == 200);
  CHECK(FaultSide(ok) == Fault::kNone);
  CHECK_FALSE(IsRetryable(ok));
}

TEST_CASE("An error of the simulation is no error of a service", "[status]") {
  const absl::Status status = absl::FailedPreconditionError("the clock is already moving");
  CHECK(ErrorCode(status).empty());
  CHECK(QueryErrorCode(status).empty());
  CHECK(HttpStatus(status) == 0);
  CHECK(FaultSide(status) == Fault::kNone);
  CHECK_FALSE(IsRetryable(status));
}

TEST_CASE("The error code survives a copy and shows where a status is printed", "[status]") {
  const absl::Status status = MakeError(kLockerDoesNotExist, "no locker 'lobby'");
  const absl::Status copy = status;  // NOLINT(performance-unnecessary-copy-initialization)
  CHECK(ErrorCode(copy) == "LockerDoesNotExist");
  CHECK(copy == status);
  CHECK(status.ToString() ==
        "NOT_FOUND: no locker 'lobby' [skybox.error='LockerDoesNotExist 404 sender final "
        "AWS.Lockers.NonExistentLocker']");
}

TEST_CASE("The same message with another code is another error", "[status]") {
  Error other = kLockerDoesNotExist;
  other.code = "QueueDoesNotExist";
  CHECK(MakeError(other, "x") != MakeError(kLockerDoesNotExist, "x"));
}

TEST_CASE("A message may have any bytes", "[status]") {
  const std::string message("a\0b 'c' [d=e]\n", 14);
  const absl::Status status = MakeError(kThrottled, message);
  CHECK(std::string(status.message()) == message);
  CHECK(ErrorCode(status) == "ThrottlingException");
}
