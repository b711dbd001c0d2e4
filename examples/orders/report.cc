#include "orders/report.h"

#include <algorithm>

#include "fmt/format.h"

namespace orders {

namespace {

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::UTCTimeZone());
}

// "14 d 00:36:00"
std::string SpanText(absl::Duration span) {
  const int64_t seconds = absl::ToInt64Seconds(span);
  return fmt::format("{} d {:02}:{:02}:{:02}", seconds / 86'400, seconds / 3600 % 24,
                     seconds / 60 % 60, seconds % 60);
}

void PrintRow(std::FILE* out, const std::string& name, const Day& figures) {
  fmt::print(out, "{:<10} {:>9} {:>9} {:>8} {:>13} {:>9} {:>16} {:>11}\n", name, figures.sent,
             figures.done, figures.retried, figures.dead_lettered, figures.redriven,
             figures.largest_backlog, absl::FormatDuration(figures.oldest_age));
}

}  // namespace

void PrintHeader(std::FILE* out, const std::string& source, const Traffic& traffic,
                 const PipelineOptions& options, int64_t workers) {
  fmt::print(out, "Reading {}\n", source);
  fmt::print(out, "{} requests in {} slots of {}, from {} to {}\n", traffic.requests,
             traffic.slots.size(), absl::FormatDuration(traffic.period), TimeText(traffic.start()),
             TimeText(traffic.end()));
  fmt::print(out, "{} workers; choices: {}\n\n", workers,
             options.seed.has_value() ? fmt::format("seed {}", *options.seed) : "benign");
  fmt::print(out, "{:<10} {:>9} {:>9} {:>8} {:>13} {:>9} {:>16} {:>11}\n", "date", "sent", "done",
             "retried", "dead-lettered", "redriven", "largest backlog", "oldest age");
}

void PrintDay(std::FILE* out, const Day& day) {
  PrintRow(out, fmt::format("{:04}-{:02}-{:02}", day.date.year(), day.date.month(), day.date.day()),
           day);
}

void PrintSummary(std::FILE* out, const Pipeline& pipeline, std::optional<absl::Duration> real) {
  Day total;
  for (const Day& day : pipeline.days()) {
    total.sent += day.sent;
    total.done += day.done;
    total.retried += day.retried;
    total.dead_lettered += day.dead_lettered;
    total.redriven += day.redriven;
    total.repeated += day.repeated;
    total.largest_backlog = std::max(total.largest_backlog, day.largest_backlog);
    total.oldest_age = std::max(total.oldest_age, day.oldest_age);
  }
  PrintRow(out, "total", total);

  const Accounts& accounts = pipeline.accounts();
  fmt::print(out, "\nIn sequence: {} of the business customer's {} orders, each after the last\n",
             accounts.business_done, accounts.business_sent);
  fmt::print(out,
             "Repeated: {} deliveries of orders that were done already; {} orders done twice\n",
             total.repeated, accounts.times_done - accounts.done);
  fmt::print(out, "{}: {} sent{} = {} done + {} still queued + {} in the dead-letter queue\n",
             accounts.Balanced() ? "Every order is accounted for" : "ORDERS ARE NOT ACCOUNTED FOR",
             accounts.sent,
             accounts.copies == 0 ? "" : fmt::format(" + {} left of done ones", accounts.copies),
             accounts.done, accounts.queued, accounts.dead);
  if (accounts.missing > 0) {
    fmt::print(out, "MISSING: {} orders are neither done nor in a queue\n", accounts.missing);
  }
  const absl::Duration elapsed = pipeline.elapsed();
  if (real.has_value()) {
    fmt::print(out, "Time: {} virtual in {:.2f} s real, {:.0f} times as fast\n", SpanText(elapsed),
               absl::ToDoubleSeconds(*real),
               absl::FDivDuration(elapsed, std::max(*real, absl::Nanoseconds(1))));
  } else {
    fmt::print(out, "Time: {} virtual\n", SpanText(elapsed));
  }
  fmt::print(out, "Digest: {}\n", pipeline.DigestLine());
}

void ProgressBar::Draw(absl::Time now) {
  if (out_ == nullptr) return;
  constexpr int64_t kWidth = 50;
  const double part = absl::FDivDuration(now - start_, std::max(end_ - start_, absl::Seconds(1)));
  const auto percent = static_cast<int64_t>(std::clamp(part, 0.0, 1.0) * 100);
  if (percent == drawn_) return;
  drawn_ = percent;
  const auto done = static_cast<size_t>(percent * kWidth / 100);
  fmt::print(out_, "\r[{}{}] {:>3}%  {}", std::string(done, '#'),
             std::string(static_cast<size_t>(kWidth) - done, '.'), percent, TimeText(now));
  std::fflush(out_);
}

void ProgressBar::Clear() {
  if (out_ == nullptr || drawn_ < 0) return;
  drawn_ = -1;
  fmt::print(out_, "\r{:80}\r", "");
  std::fflush(out_);
}

}  // namespace orders
