#include <utility>

#include "kernel/front_door.h"
#include "sqs/operations.h"
#include "sqs/service.h"

namespace skybox::sqs {

using kernel::Enter;

const Session& Client::session() const { return service_->kernel().session(session_).session; }

absl::StatusOr<AddPermissionResponse> Client::AddPermission(
    const AddPermissionRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<CancelMessageMoveTaskResponse> Client::CancelMessageMoveTask(
    const CancelMessageMoveTaskRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<ChangeMessageVisibilityResponse> Client::ChangeMessageVisibility(
    const ChangeMessageVisibilityRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<ChangeMessageVisibilityBatchResponse> Client::ChangeMessageVisibilityBatch(
    const ChangeMessageVisibilityBatchRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<CreateQueueResponse> Client::CreateQueue(const CreateQueueRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<DeleteMessageResponse> Client::DeleteMessage(
    const DeleteMessageRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<DeleteMessageBatchResponse> Client::DeleteMessageBatch(
    const DeleteMessageBatchRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<DeleteQueueResponse> Client::DeleteQueue(const DeleteQueueRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<GetQueueAttributesResponse> Client::GetQueueAttributes(
    const GetQueueAttributesRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<GetQueueUrlResponse> Client::GetQueueUrl(const GetQueueUrlRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<ListDeadLetterSourceQueuesResponse> Client::ListDeadLetterSourceQueues(
    const ListDeadLetterSourceQueuesRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<ListMessageMoveTasksResponse> Client::ListMessageMoveTasks(
    const ListMessageMoveTasksRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<ListQueueTagsResponse> Client::ListQueueTags(
    const ListQueueTagsRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<ListQueuesResponse> Client::ListQueues(const ListQueuesRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<PurgeQueueResponse> Client::PurgeQueue(const PurgeQueueRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<ReceiveMessageResponse> Client::ReceiveMessage(
    const ReceiveMessageRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<RemovePermissionResponse> Client::RemovePermission(
    const RemovePermissionRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<SendMessageResponse> Client::SendMessage(const SendMessageRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<SendMessageBatchResponse> Client::SendMessageBatch(
    const SendMessageBatchRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<SetQueueAttributesResponse> Client::SetQueueAttributes(
    const SetQueueAttributesRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<StartMessageMoveTaskResponse> Client::StartMessageMoveTask(
    const StartMessageMoveTaskRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<TagQueueResponse> Client::TagQueue(const TagQueueRequest& request) const {
  return Enter(*service_, session_, request);
}

absl::StatusOr<UntagQueueResponse> Client::UntagQueue(const UntagQueueRequest& request) const {
  return Enter(*service_, session_, request);
}

namespace {

// Suspends a task until a message can be received from the record's queue, or until `deadline`.
class Wait {
 public:
  Wait(Service& service, uint32_t record, Service::Waiter& waiter, Ticks deadline)
      : service_(service), record_(record), waiter_(waiter), deadline_(deadline) {}
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  // Also when the task is cancelled: nobody is woken who is not there.
  ~Wait() { service_.RemoveWaiter(record_, waiter_); }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    parking_.Park(service_.kernel().tasks(), coroutine, kernel::FromTicks(deadline_));
    waiter_.ticket = parking_.ticket();
    service_.AddWaiter(record_, waiter_);
  }
  void await_resume() const noexcept {}

 private:
  Service& service_;
  uint32_t record_;
  Service::Waiter& waiter_;
  Ticks deadline_;
  internal::Parking parking_;
};

template <typename Request>
Task<absl::StatusOr<typename Request::Response>> Call(Service* service, uint32_t session,
                                                      Request request) {
  kernel::Kernel& kernel = service->kernel();
  kernel::Passage<Service, Request> passage(*service, session, request);
  absl::Status status = passage.Arrive();
  if (status.ok()) {
    if (passage.latency() > absl::ZeroDuration()) {
      co_await SleepAwaiter(kernel.tasks(), kernel.Now() + passage.latency());
    }
    status = passage.Admit();
  }
  absl::StatusOr<typename Request::Response> result =
      status.ok() ? service->Execute(request, passage.context()) : std::move(status);
  passage.End(result);
  co_return result;
}

template <>
Task<absl::StatusOr<ReceiveMessageResponse>> Call(Service* service, uint32_t session,
                                                  ReceiveMessageRequest request) {
  kernel::Kernel& kernel = service->kernel();
  kernel::Passage<Service, ReceiveMessageRequest> passage(*service, session, request);
  absl::Status status = passage.Arrive();
  if (status.ok()) {
    if (passage.latency() > absl::ZeroDuration()) {
      co_await SleepAwaiter(kernel.tasks(), kernel.Now() + passage.latency());
    }
    status = passage.Admit();
  }
  if (!status.ok()) {
    absl::StatusOr<ReceiveMessageResponse> refusal = std::move(status);
    passage.End(refusal);
    co_return refusal;
  }
  const Ticks wait = service->WaitOf(request, passage.context());
  const Ticks deadline = kernel.now() + wait;
  absl::StatusOr<ReceiveMessageResponse> answer =
      service->ReceiveNow(request, passage.context(), wait > 0);
  Service::Waiter waiter;
  while (answer.ok() && answer->messages.empty() && kernel.now() < deadline) {
    const uint32_t record = service->RecordOf(request.queue_url);
    co_await Wait(*service, record, waiter, deadline);
    // At the very end of the wait, those who came before have what has become visible with it.
    if (!waiter.called && service->CallWaiters(record, waiter)) {
      co_await SleepAwaiter(kernel.tasks(), kernel.Now());
    }
    answer = service->ReceiveNow(request, passage.context(), true);
  }
  if (answer.ok() && answer->messages.empty()) service->CountEmptyReceive(request);
  passage.End(answer);
  co_return answer;
}

}  // namespace

// The request is copied into the task's frame: client and request may be gone when the task runs.
// It comes by reference, as g++ 12 copies the bytes of a braced argument of co_await that goes by
// value.
template <typename Request>
Task<absl::StatusOr<typename Request::Response>> Client::Await(const Request& request) const {
  return Call<Request>(service_, session_, request);
}

template Task<absl::StatusOr<AddPermissionResponse>> Client::Await(
    const AddPermissionRequest&) const;
template Task<absl::StatusOr<CancelMessageMoveTaskResponse>> Client::Await(
    const CancelMessageMoveTaskRequest&) const;
template Task<absl::StatusOr<ChangeMessageVisibilityResponse>> Client::Await(
    const ChangeMessageVisibilityRequest&) const;
template Task<absl::StatusOr<ChangeMessageVisibilityBatchResponse>> Client::Await(
    const ChangeMessageVisibilityBatchRequest&) const;
template Task<absl::StatusOr<CreateQueueResponse>> Client::Await(const CreateQueueRequest&) const;
template Task<absl::StatusOr<DeleteMessageResponse>> Client::Await(
    const DeleteMessageRequest&) const;
template Task<absl::StatusOr<DeleteMessageBatchResponse>> Client::Await(
    const DeleteMessageBatchRequest&) const;
template Task<absl::StatusOr<DeleteQueueResponse>> Client::Await(const DeleteQueueRequest&) const;
template Task<absl::StatusOr<GetQueueAttributesResponse>> Client::Await(
    const GetQueueAttributesRequest&) const;
template Task<absl::StatusOr<GetQueueUrlResponse>> Client::Await(const GetQueueUrlRequest&) const;
template Task<absl::StatusOr<ListDeadLetterSourceQueuesResponse>> Client::Await(
    const ListDeadLetterSourceQueuesRequest&) const;
template Task<absl::StatusOr<ListMessageMoveTasksResponse>> Client::Await(
    const ListMessageMoveTasksRequest&) const;
template Task<absl::StatusOr<ListQueueTagsResponse>> Client::Await(
    const ListQueueTagsRequest&) const;
template Task<absl::StatusOr<ListQueuesResponse>> Client::Await(const ListQueuesRequest&) const;
template Task<absl::StatusOr<PurgeQueueResponse>> Client::Await(const PurgeQueueRequest&) const;
template Task<absl::StatusOr<ReceiveMessageResponse>> Client::Await(
    const ReceiveMessageRequest&) const;
template Task<absl::StatusOr<RemovePermissionResponse>> Client::Await(
    const RemovePermissionRequest&) const;
template Task<absl::StatusOr<SendMessageResponse>> Client::Await(const SendMessageRequest&) const;
template Task<absl::StatusOr<SendMessageBatchResponse>> Client::Await(
    const SendMessageBatchRequest&) const;
template Task<absl::StatusOr<SetQueueAttributesResponse>> Client::Await(
    const SetQueueAttributesRequest&) const;
template Task<absl::StatusOr<StartMessageMoveTaskResponse>> Client::Await(
    const StartMessageMoveTaskRequest&) const;
template Task<absl::StatusOr<TagQueueResponse>> Client::Await(const TagQueueRequest&) const;
template Task<absl::StatusOr<UntagQueueResponse>> Client::Await(const UntagQueueRequest&) const;

}  // namespace skybox::sqs
