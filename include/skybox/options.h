#ifndef SKYBOX_OPTIONS_H_
#define SKYBOX_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "skybox/choices.h"

// What a Cloud is made with, and what it tells of itself.
namespace skybox {

class Cloud;

// What a timer of the program's own calls.
using TimerHandler = std::function<void(Cloud& cloud, uint64_t argument)>;

// Virtual time that calls take. The default, zero, lets a call be answered at the instant at which
// it is made. A call that takes time blocks, as a long poll does: it moves the clock itself, and
// inside a handler or a task its awaited form has to be used.
struct LatencyProfile {
  absl::Duration every_call = absl::ZeroDuration();
  std::map<std::string, absl::Duration> by_operation =
      {};  // "sqs:SendMessage": instead of every_call
};

// A token bucket: `burst` calls at once, refilled at `per_second`.
struct RateLimit {
  int64_t per_second = 0;  // 1 to 1'000'000'000
  int64_t burst = 0;       // 1 to 1'000'000'000
};

struct CloudOptions {
  // Where the clock starts. Whole nanoseconds from 1970 to 2200.
  absl::Time start_time = absl::FromUnixSeconds(1'704'067'200);  // 2024-01-01T00:00:00Z
  std::string account = "123456789012";                          // of the default session
  std::string region = "us-east-1";
  std::shared_ptr<const ChoiceSource> choices = nullptr;  // null: Benign
  // Limits that have changed over the years or differ between accounts, by name: each service's
  // header lists its own. What is not named has its documented default.
  std::map<std::string, int64_t> quotas = {};
  LatencyProfile latency = {};
  // Throttling, by operation ("sqs:SendMessage"), for each account and region. Off where not named.
  std::map<std::string, RateLimit> rate_limits = {};
  // Timers that may fire at one instant before the clock gives up (see Advance).
  int64_t max_steps_at_one_instant = 1'000'000;
};

// How often an operation was called, by outcome.
struct UsageRow {
  std::string service = {};    // "sqs"
  std::string operation = {};  // "SendMessage"
  std::string outcome = {};    // "OK" or the error code
  uint64_t calls = 0;
  bool operator==(const UsageRow&) const = default;
};

struct Usage {
  std::vector<UsageRow> rows = {};  // sorted by service, operation, outcome; none with 0 calls

  // Of all rows, or of those that match; an empty text matches everything.
  uint64_t Calls(std::string_view service = {}, std::string_view operation = {},
                 std::string_view outcome = {}) const;
};

// What a world is, in a few numbers. Runs that should be equal have equal digests, whatever built
// them.
struct WorldDigest {
  uint64_t history = 0;  // rolling: every call with its outcome, every timer that fired
  std::map<std::string, uint64_t> components =
      {};  // the state, by component: "clock", "choices", "sqs" ...

  bool operator==(const WorldDigest&) const = default;
  // One line: "history=0123456789abcdef clock=..."
  std::string str() const;
};

}  // namespace skybox

#endif  // SKYBOX_OPTIONS_H_
