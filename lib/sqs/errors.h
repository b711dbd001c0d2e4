#ifndef SKYBOX_SQS_ERRORS_H_
#define SKYBOX_SQS_ERRORS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/error.h"

// The errors of SQS. `code` is the name of the JSON protocol's shape, `query_code` that of the
// Query protocol. The HTTP status is 400 for every modelled error, as the API Reference prints it
// since the JSON protocol is the default; the 403 and 404 that the Query protocol answered for some
// of them would be a matter of its codec. The one exception is AccessDenied, which is 403.
// Rule: the "Errors" of each operation and "Common Error Types", API Reference; the trait
// awsQueryError of the service's Smithy model.
namespace skybox::sqs {

// ---- Queues

inline constexpr kernel::Error kQueueDoesNotExist = {
    .code = "QueueDoesNotExist",
    .canonical = absl::StatusCode::kNotFound,
    .query_code = "AWS.SimpleQueueService.NonExistentQueue"};
inline constexpr kernel::Error kQueueNameExists = {.code = "QueueNameExists",
                                                   .canonical = absl::StatusCode::kAlreadyExists,
                                                   .query_code = "QueueAlreadyExists"};
inline constexpr kernel::Error kQueueDeletedRecently = {
    .code = "QueueDeletedRecently",
    .canonical = absl::StatusCode::kFailedPrecondition,
    .query_code = "AWS.SimpleQueueService.QueueDeletedRecently"};
inline constexpr kernel::Error kPurgeQueueInProgress = {
    .code = "PurgeQueueInProgress",
    .canonical = absl::StatusCode::kFailedPrecondition,
    .query_code = "AWS.SimpleQueueService.PurgeQueueInProgress"};
inline constexpr kernel::Error kInvalidAttributeName = {
    .code = "InvalidAttributeName", .canonical = absl::StatusCode::kInvalidArgument};
inline constexpr kernel::Error kInvalidAttributeValue = {
    .code = "InvalidAttributeValue", .canonical = absl::StatusCode::kInvalidArgument};
inline constexpr kernel::Error kInvalidAddress = {.code = "InvalidAddress",
                                                  .canonical = absl::StatusCode::kInvalidArgument};
inline constexpr kernel::Error kOverLimit = {.code = "OverLimit",
                                             .canonical = absl::StatusCode::kResourceExhausted};

// ---- Messages

inline constexpr kernel::Error kInvalidMessageContents = {
    .code = "InvalidMessageContents", .canonical = absl::StatusCode::kInvalidArgument};
inline constexpr kernel::Error kReceiptHandleIsInvalid = {
    .code = "ReceiptHandleIsInvalid", .canonical = absl::StatusCode::kInvalidArgument};
inline constexpr kernel::Error kMessageNotInflight = {
    .code = "MessageNotInflight",
    .canonical = absl::StatusCode::kFailedPrecondition,
    .query_code = "AWS.SimpleQueueService.MessageNotInflight"};
inline constexpr kernel::Error kUnsupportedOperation = {
    .code = "UnsupportedOperation",
    .canonical = absl::StatusCode::kFailedPrecondition,
    .query_code = "AWS.SimpleQueueService.UnsupportedOperation"};

// ---- Batches

inline constexpr kernel::Error kEmptyBatchRequest = {
    .code = "EmptyBatchRequest",
    .canonical = absl::StatusCode::kInvalidArgument,
    .query_code = "AWS.SimpleQueueService.EmptyBatchRequest"};
inline constexpr kernel::Error kTooManyEntriesInBatchRequest = {
    .code = "TooManyEntriesInBatchRequest",
    .canonical = absl::StatusCode::kInvalidArgument,
    .query_code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"};
inline constexpr kernel::Error kBatchEntryIdsNotDistinct = {
    .code = "BatchEntryIdsNotDistinct",
    .canonical = absl::StatusCode::kInvalidArgument,
    .query_code = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"};
inline constexpr kernel::Error kInvalidBatchEntryId = {
    .code = "InvalidBatchEntryId",
    .canonical = absl::StatusCode::kInvalidArgument,
    .query_code = "AWS.SimpleQueueService.InvalidBatchEntryId"};
inline constexpr kernel::Error kBatchRequestTooLong = {
    .code = "BatchRequestTooLong",
    .canonical = absl::StatusCode::kInvalidArgument,
    .query_code = "AWS.SimpleQueueService.BatchRequestTooLong"};

// ---- Message move tasks

inline constexpr kernel::Error kResourceNotFoundException = {
    .code = "ResourceNotFoundException", .canonical = absl::StatusCode::kNotFound};

// ---- Encryption

inline constexpr kernel::Error kKmsAccessDenied = {.code = "KmsAccessDenied",
                                                   .canonical = absl::StatusCode::kPermissionDenied,
                                                   .query_code = "KMS.AccessDeniedException"};
inline constexpr kernel::Error kKmsDisabled = {.code = "KmsDisabled",
                                               .canonical = absl::StatusCode::kFailedPrecondition,
                                               .query_code = "KMS.DisabledException"};
inline constexpr kernel::Error kKmsInvalidKeyUsage = {
    .code = "KmsInvalidKeyUsage",
    .canonical = absl::StatusCode::kFailedPrecondition,
    .query_code = "KMS.InvalidKeyUsageException"};
inline constexpr kernel::Error kKmsInvalidState = {
    .code = "KmsInvalidState",
    .canonical = absl::StatusCode::kFailedPrecondition,
    .query_code = "KMS.InvalidStateException"};
inline constexpr kernel::Error kKmsNotFound = {.code = "KmsNotFound",
                                               .canonical = absl::StatusCode::kNotFound,
                                               .query_code = "KMS.NotFoundException"};
inline constexpr kernel::Error kKmsOptInRequired = {
    .code = "KmsOptInRequired",
    .canonical = absl::StatusCode::kPermissionDenied,
    .query_code = "KMS.OptInRequired"};
inline constexpr kernel::Error kKmsThrottled = {.code = "KmsThrottled",
                                                .canonical = absl::StatusCode::kResourceExhausted,
                                                .retryable = true,
                                                .query_code = "KMS.ThrottlingException"};

// ---- Of every operation

inline constexpr kernel::Error kMissingParameter = {
    .code = "MissingParameter", .canonical = absl::StatusCode::kInvalidArgument};
inline constexpr kernel::Error kInvalidParameterValue = {
    .code = "InvalidParameterValue", .canonical = absl::StatusCode::kInvalidArgument};
inline constexpr kernel::Error kInvalidParameterCombination = {
    .code = "InvalidParameterCombination", .canonical = absl::StatusCode::kInvalidArgument};
inline constexpr kernel::Error kAccessDenied = {
    .code = "AccessDenied", .canonical = absl::StatusCode::kPermissionDenied, .http_status = 403};
inline constexpr kernel::Error kInvalidSecurity = {
    .code = "InvalidSecurity", .canonical = absl::StatusCode::kPermissionDenied};
inline constexpr kernel::Error kRequestThrottled = {
    .code = "RequestThrottled",
    .canonical = absl::StatusCode::kResourceExhausted,
    .retryable = true};
inline constexpr kernel::Error kThrottlingException = {
    .code = "ThrottlingException",
    .canonical = absl::StatusCode::kResourceExhausted,
    .retryable = true};
inline constexpr kernel::Error kInternalFailure = {.code = "InternalFailure",
                                                   .canonical = absl::StatusCode::kInternal,
                                                   .http_status = 500,
                                                   .fault = Fault::kReceiver,
                                                   .retryable = true};
inline constexpr kernel::Error kServiceUnavailable = {.code = "ServiceUnavailable",
                                                      .canonical = absl::StatusCode::kUnavailable,
                                                      .http_status = 503,
                                                      .fault = Fault::kReceiver,
                                                      .retryable = true};

// ---- Their usual words

// "The request must contain the parameter <name>."
absl::Status MissingParameter(std::string_view name);

// InvalidParameterValue: "Value <value> for parameter <name> is invalid. Reason: <reason>"
absl::Status InvalidParameter(std::string_view value, std::string_view name,
                              std::string_view reason);

// InvalidAttributeName: "Unknown Attribute <name>."
absl::Status UnknownAttribute(std::string_view name);

// InvalidAttributeValue: "Invalid value for the parameter <name>. Reason: <reason>". The service
// itself stops before the reason.
absl::Status InvalidAttribute(std::string_view name, std::string_view reason);

// A value as messages show it: as it is, or its beginning where it is very long.
std::string Shown(std::string_view value);

// A duration as messages show it: "1.5", "40", "inf".
std::string SecondsText(absl::Duration value);

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_ERRORS_H_
