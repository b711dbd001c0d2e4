#include "orders/csv.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "fmt/format.h"

namespace orders {

namespace {

constexpr size_t kLongestLine = 1000;

// Some text of the file as an error shows it: in quotes, short, and harmless to a terminal.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 40)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  out += text.size() > 40 ? "...'" : "'";
  return out;
}

// Two or four decimal digits; nothing when one is none.
std::optional<int> Digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// `YYYY-MM-DD HH:MM:SS`, or the same with a T between and a Z at the end.
std::optional<absl::Time> ParseTime(std::string_view text) {
  if (text.size() == 20 && text[10] == 'T' && text[19] == 'Z') {
    text.remove_suffix(1);
  } else if (text.size() != 19 || text[10] != ' ') {
    return std::nullopt;
  }
  if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return std::nullopt;
  const std::optional<int> year = Digits(text.substr(0, 4));
  const std::optional<int> month = Digits(text.substr(5, 2));
  const std::optional<int> day = Digits(text.substr(8, 2));
  const std::optional<int> hour = Digits(text.substr(11, 2));
  const std::optional<int> minute = Digits(text.substr(14, 2));
  const std::optional<int> second = Digits(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const absl::CivilSecond civil(*year, *month, *day, *hour, *minute, *second);
  // CivilSecond carries over: 25:00 is one o'clock on the day after.
  if (civil.month() != *month || civil.day() != *day || civil.hour() != *hour ||
      civil.minute() != *minute || civil.second() != *second) {
    return std::nullopt;
  }
  return absl::FromCivil(civil, absl::UTCTimeZone());
}

// A count, or what is wrong with it.
struct CountOrProblem {
  int64_t count = 0;
  std::string problem = {};
};

CountOrProblem ParseCount(std::string_view text) {
  const auto wrong = [text](std::string_view what) {
    return CountOrProblem{.problem = fmt::format("the count {} {}", Quoted(text), what)};
  };
  if (text.empty()) return {.problem = "the count is missing"};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return wrong("is out of range");
  if (error != std::errc() || end != text.data() + text.size()) return wrong("is not a number");
  if (std::isnan(value)) return wrong("is not a number");
  if (value < 0) return wrong("is negative");
  if (value > static_cast<double>(kMostRequestsInSlot)) {
    return wrong(fmt::format("is more than {}", kMostRequestsInSlot));
  }
  if (value != std::floor(value)) return wrong("is not a whole number");
  return {.count = static_cast<int64_t>(value)};
}

bool IsHeader(std::string_view line) {
  constexpr std::string_view kTimestamp = "timestamp";
  const size_t comma = line.find(',');
  if (comma != kTimestamp.size() || comma + 1 == line.size()) return false;
  return std::equal(kTimestamp.begin(), kTimestamp.end(), line.begin(), [](char a, char b) {
    return a == std::tolower(static_cast<unsigned char>(b));
  });
}

// Gives every slot its length, and works out what is known of all of them.
void Complete(Traffic& traffic) {
  std::vector<Slot>& slots = traffic.slots;
  std::map<absl::Duration, int64_t> distances;
  for (size_t i = 1; i < slots.size(); ++i) ++distances[slots[i].start - slots[i - 1].start];
  const auto most = std::max_element(distances.begin(), distances.end(),
                                     [](auto& a, auto& b) { return a.second < b.second; });
  if (most != distances.end()) traffic.period = std::min(most->first, absl::Hours(24));

  size_t first = 0;  // of the hour that ends with slot i
  int64_t hour = 0;
  for (size_t i = 0; i < slots.size(); ++i) {
    slots[i].length = traffic.period;
    if (i + 1 < slots.size()) {
      slots[i].length = std::min(slots[i].length, slots[i + 1].start - slots[i].start);
    }
    traffic.requests += slots[i].requests;
    hour += slots[i].requests;
    for (; slots[i].start - slots[first].start >= absl::Hours(1); ++first) {
      hour -= slots[first].requests;
    }
    traffic.busiest_hour = std::max(traffic.busiest_hour, hour);
  }
}

}  // namespace

absl::StatusOr<Traffic> ParseTraffic(std::istream& in, const std::string& name) {
  int64_t number = 0;
  const auto error = [&name, &number](std::string_view what) {
    return absl::InvalidArgumentError(fmt::format("{}:{}: {}", name, number, what));
  };
  const absl::Time first_time = absl::UnixEpoch();
  const absl::Time last_time = absl::FromCivil(absl::CivilSecond(2199, 1, 1), absl::UTCTimeZone());

  Traffic traffic;
  int64_t requests = 0;
  std::string buffer;
  while (std::getline(in, buffer)) {
    ++number;
    std::string_view line = buffer;
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > kLongestLine) {
      return error(
          fmt::format("a line of {} bytes; at most {} are expected", line.size(), kLongestLine));
    }
    const auto columns = 1 + std::count(line.begin(), line.end(), ',');
    if (number == 1) {
      if (columns == 2 && IsHeader(line)) continue;
      return error(
          fmt::format("the header is missing: expected 'timestamp,value', found {}", Quoted(line)));
    }
    if (line.empty()) return error("an empty line; expected a timestamp and a count");
    if (columns != 2) {
      return error(fmt::format("expected 2 columns, a timestamp and a count, found {} in {}",
                               columns, Quoted(line)));
    }
    const size_t comma = line.find(',');
    const std::string_view time_text = line.substr(0, comma);
    const std::optional<absl::Time> time = ParseTime(time_text);
    if (!time.has_value()) {
      return error(
          fmt::format("{} is not a timestamp of the form YYYY-MM-DD HH:MM:SS", Quoted(time_text)));
    }
    if (*time < first_time || *time >= last_time) {
      return error(
          fmt::format("the timestamp {} is not within the years 1970 to 2198", Quoted(time_text)));
    }
    if (!traffic.slots.empty() && *time <= traffic.slots.back().start) {
      return error(fmt::format(
          "the timestamp {} is not after the one before it, '{}'", Quoted(time_text),
          absl::FormatTime("%Y-%m-%d %H:%M:%S", traffic.slots.back().start, absl::UTCTimeZone())));
    }
    const CountOrProblem parsed = ParseCount(line.substr(comma + 1));
    if (!parsed.problem.empty()) return error(parsed.problem);
    requests += parsed.count;
    if (requests > kMostRequests) {
      return error(fmt::format("more than {} requests in all", kMostRequests));
    }
    traffic.slots.push_back({.start = *time, .requests = parsed.count});
  }
  ++number;  // the line that is not there
  if (in.bad()) return error("the file cannot be read any further");
  if (number == 1) return error("the file is empty; expected the header 'timestamp,value'");
  if (traffic.slots.empty()) return error("no rows after the header");
  Complete(traffic);
  return traffic;
}

absl::StatusOr<Traffic> ReadTraffic(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  // A directory opens, and fails at the first read.
  if (!in || (in.peek() == std::ifstream::traits_type::eof() && in.bad())) {
    return absl::NotFoundError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  in.clear();
  return ParseTraffic(in, path);
}

}  // namespace orders
