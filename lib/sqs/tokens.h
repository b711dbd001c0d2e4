#ifndef SKYBOX_SQS_TOKENS_H_
#define SKYBOX_SQS_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "skybox/sqs_types.h"

// The opaque texts that one call gives out and a later one takes: tokens of pages, handles of move
// tasks.
namespace skybox::sqs {

// ---- Pages
// Rule: "ListQueues" and "ListDeadLetterSourceQueues", API Reference.

inline constexpr int32_t kMostResults = 1000;

// MaxResults is 1 to 1000; a NextToken is only taken together with it. InvalidParameterValue.
absl::Status CheckPage(std::optional<int32_t> max_results, std::string_view next_token);

// A part of a list of names.
struct Page {
  size_t begin = 0;
  size_t end = 0;               // after the last
  std::string next_token = {};  // empty: nothing follows, or MaxResults was not given
};

// The page of the names, which are sorted, that CheckPage's arguments ask for. It goes on after the
// last name of the page before, whether that is still there or not. `scope` says what is listed: a
// token of another scope, as every other text, is an InvalidParameterValue.
absl::StatusOr<Page> SelectPage(const std::vector<std::string_view>& names,
                                std::optional<int32_t> max_results, std::string_view next_token,
                                std::string_view scope);

// ---- Handles of message move tasks

// Base 64 of {"taskId":"<UUID>","sourceArn":"<ARN>"}.
std::string MakeTaskHandle(const MessageId& task, std::string_view source_arn);

// The ARN in a handle: MissingParameter, or InvalidParameterValue for a text that MakeTaskHandle
// does not give.
absl::StatusOr<std::string> SourceArnOfTaskHandle(std::string_view handle);

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_TOKENS_H_
