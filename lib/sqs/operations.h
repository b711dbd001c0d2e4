#ifndef SKYBOX_SQS_OPERATIONS_H_
#define SKYBOX_SQS_OPERATIONS_H_

#include <array>
#include <cstdint>

#include "kernel/front_door.h"
#include "skybox/ports.h"
#include "skybox/sqs.h"

// What each operation of SQS is. Batches have no IAM action of their own.
// Rule: "Actions, resources, and condition keys for Amazon SQS", Service Authorization Reference;
// data events: "Logging Amazon SQS API calls using AWS CloudTrail", Developer Guide.
namespace skybox::sqs {

inline constexpr bool kRead = true;
inline constexpr bool kWrite = false;
inline constexpr bool kData = true;
inline constexpr bool kManagement = false;

constexpr Operation Describe(uint32_t index, std::string_view name, std::string_view iam_action,
                             bool read_only, bool data_event) {
  return {.service = "sqs",
          .name = name,
          .iam_action = iam_action,
          .read_only = read_only,
          .data_event = data_event,
          .billed_as = "Requests",
          .index = index};
}

inline constexpr std::array kOperations = {
    Describe(0, "AddPermission", "sqs:AddPermission", kWrite, kManagement),
    Describe(1, "CancelMessageMoveTask", "sqs:CancelMessageMoveTask", kWrite, kManagement),
    Describe(2, "ChangeMessageVisibility", "sqs:ChangeMessageVisibility", kWrite, kData),
    Describe(3, "ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility", kWrite, kData),
    Describe(4, "CreateQueue", "sqs:CreateQueue", kWrite, kManagement),
    Describe(5, "DeleteMessage", "sqs:DeleteMessage", kWrite, kData),
    Describe(6, "DeleteMessageBatch", "sqs:DeleteMessage", kWrite, kData),
    Describe(7, "DeleteQueue", "sqs:DeleteQueue", kWrite, kManagement),
    Describe(8, "GetQueueAttributes", "sqs:GetQueueAttributes", kRead, kData),
    Describe(9, "GetQueueUrl", "sqs:GetQueueUrl", kRead, kData),
    Describe(10, "ListDeadLetterSourceQueues", "sqs:ListDeadLetterSourceQueues", kRead, kData),
    Describe(11, "ListMessageMoveTasks", "sqs:ListMessageMoveTasks", kRead, kManagement),
    Describe(12, "ListQueueTags", "sqs:ListQueueTags", kRead, kData),
    Describe(13, "ListQueues", "sqs:ListQueues", kRead, kData),
    Describe(14, "PurgeQueue", "sqs:PurgeQueue", kWrite, kManagement),
    Describe(15, "ReceiveMessage", "sqs:ReceiveMessage", kRead, kData),
    Describe(16, "RemovePermission", "sqs:RemovePermission", kWrite, kManagement),
    Describe(17, "SendMessage", "sqs:SendMessage", kWrite, kData),
    Describe(18, "SendMessageBatch", "sqs:SendMessage", kWrite, kData),
    Describe(19, "SetQueueAttributes", "sqs:SetQueueAttributes", kWrite, kManagement),
    Describe(20, "StartMessageMoveTask", "sqs:StartMessageMoveTask", kWrite, kManagement),
    Describe(21, "TagQueue", "sqs:TagQueue", kWrite, kManagement),
    Describe(22, "UntagQueue", "sqs:UntagQueue", kWrite, kManagement),
};

}  // namespace skybox::sqs

namespace skybox::kernel {

template <>
inline constexpr const Operation* kOperationOf<sqs::AddPermissionRequest> = &sqs::kOperations[0];
template <>
inline constexpr const Operation* kOperationOf<sqs::CancelMessageMoveTaskRequest> =
    &sqs::kOperations[1];
template <>
inline constexpr const Operation* kOperationOf<sqs::ChangeMessageVisibilityRequest> =
    &sqs::kOperations[2];
template <>
inline constexpr const Operation* kOperationOf<sqs::ChangeMessageVisibilityBatchRequest> =
    &sqs::kOperations[3];
template <>
inline constexpr const Operation* kOperationOf<sqs::CreateQueueRequest> = &sqs::kOperations[4];
template <>
inline constexpr const Operation* kOperationOf<sqs::DeleteMessageRequest> = &sqs::kOperations[5];
template <>
inline constexpr const Operation* kOperationOf<sqs::DeleteMessageBatchRequest> =
    &sqs::kOperations[6];
template <>
inline constexpr const Operation* kOperationOf<sqs::DeleteQueueRequest> = &sqs::kOperations[7];
template <>
inline constexpr const Operation* kOperationOf<sqs::GetQueueAttributesRequest> =
    &sqs::kOperations[8];
template <>
inline constexpr const Operation* kOperationOf<sqs::GetQueueUrlRequest> = &sqs::kOperations[9];
template <>
inline constexpr const Operation* kOperationOf<sqs::ListDeadLetterSourceQueuesRequest> =
    &sqs::kOperations[10];
template <>
inline constexpr const Operation* kOperationOf<sqs::ListMessageMoveTasksRequest> =
    &sqs::kOperations[11];
template <>
inline constexpr const Operation* kOperationOf<sqs::ListQueueTagsRequest> = &sqs::kOperations[12];
template <>
inline constexpr const Operation* kOperationOf<sqs::ListQueuesRequest> = &sqs::kOperations[13];
template <>
inline constexpr const Operation* kOperationOf<sqs::PurgeQueueRequest> = &sqs::kOperations[14];
template <>
inline constexpr const Operation* kOperationOf<sqs::ReceiveMessageRequest> = &sqs::kOperations[15];
template <>
inline constexpr const Operation* kOperationOf<sqs::RemovePermissionRequest> =
    &sqs::kOperations[16];
template <>
inline constexpr const Operation* kOperationOf<sqs::SendMessageRequest> = &sqs::kOperations[17];
template <>
inline constexpr const Operation* kOperationOf<sqs::SendMessageBatchRequest> =
    &sqs::kOperations[18];
template <>
inline constexpr const Operation* kOperationOf<sqs::SetQueueAttributesRequest> =
    &sqs::kOperations[19];
template <>
inline constexpr const Operation* kOperationOf<sqs::StartMessageMoveTaskRequest> =
    &sqs::kOperations[20];
template <>
inline constexpr const Operation* kOperationOf<sqs::TagQueueRequest> = &sqs::kOperations[21];
template <>
inline constexpr const Operation* kOperationOf<sqs::UntagQueueRequest> = &sqs::kOperations[22];

}  // namespace skybox::kernel

#endif  // SKYBOX_SQS_OPERATIONS_H_
