#ifndef SKYBOX_EXAMPLES_ORDERS_CSV_H_
#define SKYBOX_EXAMPLES_ORDERS_CSV_H_

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

// Request counts as CloudWatch exports them:
//
//   timestamp,value
//   2014-04-10 00:04:00,94.0
//
// Times are UTC, as `2014-04-10 00:04:00` or `2014-04-10T00:04:00Z`, and increase from row to row.
// Lines may end in CRLF, and the file may begin with a byte order mark.
namespace orders {

inline constexpr int64_t kMostRequestsInSlot = 1'000'000;
inline constexpr int64_t kMostRequests = 10'000'000;  // in a whole file

// How many requests arrived in [start, start + length).
struct Slot {
  absl::Time start = absl::UnixEpoch();
  absl::Duration length = absl::ZeroDuration();
  int64_t requests = 0;
};

struct Traffic {
  std::vector<Slot> slots = {};  // at least one; in order, none overlaps the next
  // The most frequent distance from one row to the next, up to a day: how long a slot is, unless
  // the next one comes earlier. 5 minutes for a single row.
  absl::Duration period = absl::Minutes(5);
  int64_t requests = 0;  // of all slots
  int64_t busiest_hour =
      0;  // requests of the slots that begin within one hour, where that is largest

  absl::Time start() const { return slots.front().start; }
  absl::Time end() const { return slots.back().start + slots.back().length; }
};

// Errors: InvalidArgument, as "<name>:<line>: <what is wrong>".
absl::StatusOr<Traffic> ParseTraffic(std::istream& in, const std::string& name);

// Errors: as above; NotFound, with the name, for a file that cannot be read.
absl::StatusOr<Traffic> ReadTraffic(const std::string& path);

}  // namespace orders

#endif  // SKYBOX_EXAMPLES_ORDERS_CSV_H_
