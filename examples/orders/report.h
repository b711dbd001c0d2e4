#ifndef SKYBOX_EXAMPLES_ORDERS_REPORT_H_
#define SKYBOX_EXAMPLES_ORDERS_REPORT_H_

#include <cstdio>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "orders/csv.h"
#include "orders/pipeline.h"

// What the program prints.
namespace orders {

void PrintHeader(std::FILE* out, const std::string& source, const Traffic& traffic,
                 const PipelineOptions& options, int64_t workers);
void PrintDay(std::FILE* out, const Day& day);
// `real` unset: not printed.
void PrintSummary(std::FILE* out, const Pipeline& pipeline, std::optional<absl::Duration> real);

// One line that is drawn over and over again. A bar that is not shown does nothing.
class ProgressBar {
 public:
  ProgressBar(std::FILE* out, bool shown, absl::Time start, absl::Time end)
      : out_(shown ? out : nullptr), start_(start), end_(end) {}
  void Draw(absl::Time now);
  void Clear();

 private:
  std::FILE* out_;  // null: not shown
  absl::Time start_;
  absl::Time end_;
  int64_t drawn_ = -1;  // percent; -1: nothing is there
};

}  // namespace orders

#endif  // SKYBOX_EXAMPLES_ORDERS_REPORT_H_
