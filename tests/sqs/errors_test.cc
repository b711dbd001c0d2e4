#include "sqs/errors.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/status/status.h"
#include "base/error.h"
#include "skybox/status.h"

namespace skybox::sqs {
namespace {

struct Documented {
  kernel::Error error = {};
  const char* code = "";
  const char* query_code = "";
};

// Rule: the errors of the service's model, and the trait awsQueryError of its Smithy form.
const Documented kModelled[] = {
    {kBatchEntryIdsNotDistinct, "BatchEntryIdsNotDistinct",
     "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
    {kBatchRequestTooLong, "BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"},
    {kEmptyBatchRequest, "EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"},
    {kInvalidAddress, "InvalidAddress", "InvalidAddress"},
    {kInvalidAttributeName, "InvalidAttributeName", "InvalidAttributeName"},
    {kInvalidAttributeValue, "InvalidAttributeValue", "InvalidAttributeValue"},
    {kInvalidBatchEntryId, "InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"},
    {kInvalidMessageContents, "InvalidMessageContents", "InvalidMessageContents"},
    {kInvalidSecurity, "InvalidSecurity", "InvalidSecurity"},
    {kKmsAccessDenied, "KmsAccessDenied", "KMS.AccessDeniedException"},
    {kKmsDisabled, "KmsDisabled", "KMS.DisabledException"},
    {kKmsInvalidKeyUsage, "KmsInvalidKeyUsage", "KMS.InvalidKeyUsageException"},
    {kKmsInvalidState, "KmsInvalidState", "KMS.InvalidStateException"},
    {kKmsNotFound, "KmsNotFound", "KMS.NotFoundException"},
    {kKmsOptInRequired, "KmsOptInRequired", "KMS.OptInRequired"},
    {kKmsThrottled, "KmsThrottled", "KMS.ThrottlingException"},
    {kMessageNotInflight, "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"},
    {kOverLimit, "OverLimit", "OverLimit"},
    {kPurgeQueueInProgress, "PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress"},
    {kQueueDeletedRecently, "QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently"},
    {kQueueDoesNotExist, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"},
    {kQueueNameExists, "QueueNameExists", "QueueAlreadyExists"},
    {kReceiptHandleIsInvalid, "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"},
    {kRequestThrottled, "RequestThrottled", "RequestThrottled"},
    {kResourceNotFoundException, "ResourceNotFoundException", "ResourceNotFoundException"},
    {kTooManyEntriesInBatchRequest, "TooManyEntriesInBatchRequest",
     "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
    {kUnsupportedOperation, "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"},
};

TEST_CASE("Errors have the codes of the JSON and of the Query protocol", "[sqs][errors]") {
  for (const Documented& each : kModelled) {
    const absl::Status status = kernel::MakeError(each.error, "why");
    CHECK(ErrorCode(status) == each.code);
    CHECK(QueryErrorCode(status) == each.query_code);
  }
}

TEST_CASE("Every error that an operation lists is the sender's fault and a 400", "[sqs][errors]") {
  // Rule: the "Errors" of each operation, API Reference.
  for (const Documented& each : kModelled) {
    const absl::Status status = kernel::MakeError(each.error, "why");
    INFO(each.code);
    CHECK(HttpStatus(status) == 400);
    CHECK(FaultSide(status) == Fault::kSender);
  }
}

TEST_CASE("Errors of every operation have the statuses of the common errors", "[sqs][errors]") {
  // Rule: "Common Error Types", API Reference.
  CHECK(HttpStatus(kernel::MakeError(kMissingParameter, "")) == 400);
  CHECK(HttpStatus(kernel::MakeError(kInvalidParameterValue, "")) == 400);
  CHECK(HttpStatus(kernel::MakeError(kInvalidParameterCombination, "")) == 400);
  CHECK(HttpStatus(kernel::MakeError(kThrottlingException, "")) == 400);
  CHECK(HttpStatus(kernel::MakeError(kAccessDenied, "")) == 403);
  CHECK(HttpStatus(kernel::MakeError(kInternalFailure, "")) == 500);
  CHECK(HttpStatus(kernel::MakeError(kServiceUnavailable, "")) == 503);
  CHECK(FaultSide(kernel::MakeError(kInternalFailure, "")) == Fault::kReceiver);
  CHECK(FaultSide(kernel::MakeError(kServiceUnavailable, "")) == Fault::kReceiver);
}

TEST_CASE("SDKs send again what was throttled or what the service failed at", "[sqs][errors]") {
  for (const kernel::Error& error : {kRequestThrottled, kThrottlingException, kKmsThrottled,
                                     kInternalFailure, kServiceUnavailable}) {
    CHECK(IsRetryable(kernel::MakeError(error, "")));
  }
  for (const kernel::Error& error : {kOverLimit, kQueueDoesNotExist, kInvalidParameterValue}) {
    CHECK_FALSE(IsRetryable(kernel::MakeError(error, "")));
  }
}

}  // namespace
}  // namespace skybox::sqs
