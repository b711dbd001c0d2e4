#include "skybox/status.h"

#include <cassert>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "base/error.h"

namespace skybox {
namespace {

// The payload is text, so that a printed status shows it: "<code> <HTTP status> <fault> <retryable>
// <query code>", separated by single spaces:
//   NOT_FOUND: ... [skybox.error='QueueDoesNotExist 400 sender final QueueDoesNotExist']
constexpr char kPayload[] = "skybox.error";
constexpr std::string_view kSenderWord = "sender";
constexpr std::string_view kReceiverWord = "receiver";
constexpr std::string_view kFinalWord = "final";
constexpr std::string_view kRetryableWord = "retryable";

enum Word { kCode, kHttpStatus, kFault, kRetryable, kQueryCode };

// Empty where the status is no error of a service.
std::string PayloadWord(const absl::Status& status, Word which) {
  if (status.ok()) return {};
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return {};
  const std::string text(*payload);
  std::string_view rest = text;
  for (int skip = 0; skip < which; ++skip) {
    const size_t space = rest.find(' ');
    if (space == std::string_view::npos) return {};
    rest.remove_prefix(space + 1);
  }
  return std::string(rest.substr(0, rest.find(' ')));
}

}  // namespace

std::string ErrorCode(const absl::Status& status) { return PayloadWord(status, kCode); }

std::string QueryErrorCode(const absl::Status& status) { return PayloadWord(status, kQueryCode); }

int HttpStatus(const absl::Status& status) {
  if (status.ok()) return 200;
  int number = 0;
  for (const char digit : PayloadWord(status, kHttpStatus)) {
    if (digit < '0' || digit > '9' || number > 999) return 0;
    number = number * 10 + (digit - '0');
  }
  return number;
}

Fault FaultSide(const absl::Status& status) {
  const std::string word = PayloadWord(status, kFault);
  if (word == kSenderWord) return Fault::kSender;
  if (word == kReceiverWord) return Fault::kReceiver;
  return Fault::kNone;
}

bool IsRetryable(const absl::Status& status) {
  return PayloadWord(status, kRetryable) == kRetryableWord;
}

namespace kernel {

absl::Status MakeError(const Error& error, std::string_view message) {
  assert(error.canonical != absl::StatusCode::kOk);
  const std::string_view code = error.code;
  const std::string_view query_code = error.query_code == nullptr ? code : error.query_code;
  assert(!code.empty() && code.find(' ') == std::string_view::npos);
  assert(query_code.find(' ') == std::string_view::npos);

  std::string payload;
  payload.reserve(code.size() + query_code.size() + 32);
  payload += code;
  payload += ' ';
  payload += std::to_string(error.http_status);
  payload += ' ';
  payload += error.fault == Fault::kReceiver ? kReceiverWord : kSenderWord;
  payload += ' ';
  payload += error.retryable ? kRetryableWord : kFinalWord;
  payload += ' ';
  payload += query_code;

  // Debian's absl::string_view is no std::string_view, but both are made of a pointer and a size.
  absl::Status status(error.canonical, {message.data(), message.size()});
  status.SetPayload(kPayload, absl::Cord(absl::string_view(payload.data(), payload.size())));
  return status;
}

}  // namespace kernel
}  // namespace skybox
