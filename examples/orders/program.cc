#include "orders/program.h"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "orders/csv.h"
#include "orders/pipeline.h"
#include "orders/report.h"

#ifndef ORDERS_FOLDER  // where requests.csv is
#define ORDERS_FOLDER "examples/orders"
#endif

namespace orders {

namespace {

constexpr std::string_view kUsage =
    R"(usage: orders [CSV] [--seed N] [--workers N] [--no-timing] [--progress | --no-progress] [--help]

Runs an order pipeline under the traffic of a CSV file, in a cloud inside this process: each request
is an order, workers take them from a queue, some fail, and every order is accounted for.

  CSV            timestamp,value: requests as CloudWatch exports them. By default two weeks of a real
                 load balancer where they are there (../shared/data/cloudwatch), else requests.csv
  --seed N       leave what a real cloud leaves open to a seed: duplicates, order, short polls
  --workers N    how many workers there are, 1 to 10000; by default what the busiest hour needs
  --no-timing    leave out what differs from run to run: how long it took
  --progress     show a progress bar on standard error, or do not; by default when it is a terminal
)";

struct Arguments {
  std::string csv = {};
  PipelineOptions options = {};
  bool timing = true;
  bool help = false;
  std::optional<bool> progress = {};
};

template <typename Integer>
std::optional<Integer> ParseInteger(std::string_view text) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words) {
  Arguments out;
  for (size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "--help" || word == "-h") {
      out.help = true;
    } else if (word == "--no-timing") {
      out.timing = false;
    } else if (word == "--progress" || word == "--no-progress") {
      out.progress = word == "--progress";
    } else if (word.starts_with("--seed") || word.starts_with("--workers")) {
      const size_t equals = word.find('=');
      const std::string_view name = word.substr(0, equals);
      std::string_view value;
      if (equals != std::string_view::npos) {
        value = word.substr(equals + 1);
      } else if (i + 1 < words.size()) {
        value = words[++i];
      }
      if (name == "--seed") {
        out.options.seed = ParseInteger<uint64_t>(value);
        if (!out.options.seed.has_value()) {
          return absl::InvalidArgumentError(
              fmt::format("--seed '{}' is not a number from 0 to {}", value, UINT64_MAX));
        }
      } else if (name == "--workers") {
        out.options.workers = ParseInteger<int64_t>(value).value_or(0);
        if (out.options.workers < 1 || out.options.workers > kMostWorkers) {
          return absl::InvalidArgumentError(
              fmt::format("--workers '{}' is not a number from 1 to {}", value, kMostWorkers));
        }
      } else {
        return absl::InvalidArgumentError(fmt::format("unknown option '{}'", name));
      }
    } else if (word.starts_with("-")) {
      return absl::InvalidArgumentError(fmt::format("unknown option '{}'", word));
    } else if (word.empty()) {
      return absl::InvalidArgumentError("the name of the CSV file is empty");
    } else if (!out.csv.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("one CSV file at a time: '{}' or '{}'", out.csv, word));
    } else {
      out.csv = word;
    }
  }
  return out;
}

std::string DefaultCsv() {
  const std::filesystem::path folder(ORDERS_FOLDER);
  const std::filesystem::path real =
      folder / "../../../shared/data/cloudwatch/elb_request_count_8c0756.csv";
  std::error_code error;
  const bool there = std::filesystem::exists(real, error);
  return (there ? real : folder / "requests.csv").lexically_normal().string();
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

}  // namespace

int RunProgram(const std::vector<std::string>& words, std::FILE* out, std::FILE* err) {
  const absl::StatusOr<Arguments> arguments = ParseArguments(words);
  if (!arguments.ok()) {
    fmt::print(err, "orders: {}\n\n{}", Message(arguments.status()), kUsage);
    return 2;
  }
  if (arguments->help) {
    fmt::print(out, "{}", kUsage);
    return 0;
  }
  const std::string csv = arguments->csv.empty() ? DefaultCsv() : arguments->csv;
  const absl::StatusOr<Traffic> traffic = ReadTraffic(csv);
  if (!traffic.ok()) {
    fmt::print(err, "{}\n", Message(traffic.status()));
    return 2;
  }

  const auto begin = std::chrono::steady_clock::now();
  Pipeline pipeline(*traffic, arguments->options);
  ProgressBar bar(err, arguments->progress.value_or(isatty(fileno(err)) == 1), traffic->start(),
                  traffic->end());
  PrintHeader(out, csv, *traffic, arguments->options, pipeline.workers());
  const absl::Status status = pipeline.Run({.on_day =
                                                [&](const Day& day) {
                                                  bar.Clear();
                                                  PrintDay(out, day);
                                                  std::fflush(out);
                                                },
                                            .on_progress = [&](absl::Time now) { bar.Draw(now); }});
  bar.Clear();
  if (!status.ok()) {
    fmt::print(err, "orders: the run ended early: {}\n", Message(status));
    return 1;
  }
  std::optional<absl::Duration> real;
  if (arguments->timing) {
    real = absl::FromChrono(std::chrono::steady_clock::now() - begin);
  }
  PrintSummary(out, pipeline, real);
  return pipeline.accounts().Balanced() ? 0 : 1;
}

}  // namespace orders
