#ifndef SKYBOX_SQS_POLICY_H_
#define SKYBOX_SQS_POLICY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The Policy attribute of a queue, and the permissions that are written into it.
// Rule: "Using custom policies with the Amazon SQS access policy language", Developer Guide;
// "IAM JSON policy elements reference", IAM User Guide.
namespace skybox::sqs {

// What cannot be enforced is refused: unknown elements, operators and actions.
// InvalidAttributeValue, naming what is wrong.
absl::Status CheckPolicy(std::string_view policy);

// Whether two policies are the same JSON, whatever the spaces and the order of members.
bool SamePolicy(std::string_view a, std::string_view b);

// The policy with a statement more, which lets the accounts do the actions ("SendMessage", or "*").
// An empty policy is none. MissingParameter; InvalidParameterValue for a label that is there
// already or against the rules, for accounts that are none and for unknown actions; OverLimit for
// more than 7 actions, and where the policy would get too large.
absl::StatusOr<std::string> AddStatement(std::string_view policy, std::string_view label,
                                         const std::vector<std::string>& accounts,
                                         const std::vector<std::string>& actions,
                                         std::string_view queue_arn);

// The policy without the statements of that label; empty when none is left. MissingParameter;
// InvalidParameterValue for a label that is not there.
absl::StatusOr<std::string> RemoveStatement(std::string_view policy, std::string_view label);

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_POLICY_H_
