#ifndef SKYBOX_SQS_TAGS_H_
#define SKYBOX_SQS_TAGS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The tags of a queue. Rule: "Quotas" and "Amazon SQS cost allocation tags", Developer Guide.
namespace skybox::sqs {

using Tags = std::map<std::string, std::string>;

// Each key and value: keys of 1 to 128 characters, values of up to 256; letters, digits, spaces and
// _ . : / = + - @; neither begins with "aws:". InvalidParameterValue.
absl::Status CheckTags(const Tags& tags);

// `current` with the tags added or replaced; CheckTags has been passed. InvalidParameterValue for
// more than 50.
absl::StatusOr<Tags> AddTags(const Tags& current, const Tags& added, std::string_view queue_name);

// Keys to take away. InvalidParameterValue for one that no tag can have.
absl::Status CheckTagKeys(const std::vector<std::string>& keys);

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_TAGS_H_
