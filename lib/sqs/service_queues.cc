#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/digest.h"
#include "skybox/arn.h"
#include "sqs/attributes.h"
#include "sqs/errors.h"
#include "sqs/names.h"
#include "sqs/operations.h"
#include "sqs/policy.h"
#include "sqs/service.h"
#include "sqs/tags.h"
#include "sqs/tokens.h"

namespace skybox::sqs {

namespace {

using kernel::MakeError;

// Rule: "CreateQueue" (QueueDeletedRecently) and "PurgeQueue", API Reference.
constexpr Ticks kDeletionInterval = 60 * kTicksPerSecond;
constexpr Ticks kPurgeInterval = 60 * kTicksPerSecond;

// The action as messages of AccessDenied write it.
template <typename Request>
std::string_view ActionOf(const Request&) {
  return kernel::kOperationOf<Request>->iam_action;
}

std::string InLowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

absl::Status DoesNotExist(std::string_view queue) {
  return MakeError(kQueueDoesNotExist,
                   fmt::format("The specified queue does not exist: {}", Shown(queue)));
}

absl::Status OtherRegion(std::string_view url, std::string_view region, std::string_view own) {
  return MakeError(kInvalidAddress,
                   fmt::format("The address {} is not valid for this endpoint: it is in {}, and "
                               "the caller in {}.",
                               Shown(url), region, own));
}

absl::Status Denied(const Session& session, std::string_view action, std::string_view arn) {
  return MakeError(kAccessDenied,
                   fmt::format("User: {} is not authorized to perform: {} on resource: {}",
                               session.principal, InLowerCase(action), arn));
}

absl::Status RequireUrl(std::string_view url) {
  return url.empty() ? MissingParameter("QueueUrl") : absl::OkStatus();
}

}  // namespace

// ---- Finding
// ------------------------------------------------------------------------------------------

uint32_t Service::FindUrl(std::string_view url) const {
  if (last_found_ < records_.size() && records_[last_found_].url == url && !url.empty())
    return last_found_;
  const uint32_t found =
      by_url_.Find(kernel::HashBytes(url), [&](uint32_t i) { return records_[i].url == url; });
  if (found != kNone && found != last_found_) {
    last_found_ = found;
    last_session_ = kNone;  // nobody has asked yet whether one may use it
  }
  return found;
}

uint32_t Service::FindArn(std::string_view arn) const {
  const absl::StatusOr<QueueAddress> address = ParseArn(arn, "Arn");
  if (!address.ok()) return kNone;
  return FindUrl(MakeUrl(address->region, address->account, address->name));
}

absl::StatusOr<uint32_t> Service::Find(std::string_view url, const CallContext& call, Access access,
                                       std::string_view action) const {
  const Session& session = call.session.session;
  // Nearly always the URL is the one that CreateQueue gave out.
  uint32_t found = FindUrl(url);
  if (found == kNone) [[unlikely]] {
    const absl::StatusOr<QueueAddress> address = ParseUrl(url);
    if (!address.ok()) return address.status();
    if (address->region != session.region) return OtherRegion(url, address->region, session.region);
    found = FindUrl(MakeUrl(address->region, address->account, address->name));
    if (found == kNone) return DoesNotExist(url);
  }
  const QueueRecord& known = records_[found];
  if (known.region != session.region) [[unlikely]]
    return OtherRegion(url, known.region, session.region);
  if (access == Access::kOwner && known.account != session.account) [[unlikely]]
    return Denied(session, action, known.arn);
  return found;
}

absl::Status Service::FindAnew(std::string_view url, const CallContext& call,
                               uint32_t& found) const {
  const absl::StatusOr<uint32_t> answer = Find(url, call, Access::kAnyone);
  if (!answer.ok()) return answer.status();
  found = *answer;
  last_session_ = call.session_index;
  return absl::OkStatus();
}

std::vector<uint32_t> Service::RecordsOf(std::string_view account, std::string_view region) const {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < records_.size(); ++i) {
    const QueueRecord& each = records_[i];
    if (each.number != 0 && each.account == account && each.region == region) found.push_back(i);
  }
  std::sort(found.begin(), found.end(), [this](uint32_t a, uint32_t b) {
    return records_[a].name < records_[b].name;  // no two are equal
  });
  return found;
}

Service::DeadLetterTarget Service::FindDeadLetterTarget(const QueueRecord& source,
                                                        std::string_view arn) const {
  const uint32_t found = FindArn(arn);
  if (found == kNone) return {.problem = "Dead letter target does not exist."};
  const QueueRecord& target = records_[found];
  if (target.account != source.account || target.region != source.region) {
    return {.problem = "Dead letter target must be of the same account and region as the source."};
  }
  if (target.arn == source.arn) return {.problem = "Dead letter target must be another queue."};
  if (target.config.fifo != source.config.fifo) {
    return {.problem = "Dead-letter queue must be same type of queue as the source."};
  }
  if (!AllowsRedriveFrom(target.config, source.arn)) {
    return {.problem = "The RedriveAllowPolicy of the dead letter target does not allow it."};
  }
  return {.record = found};
}

absl::Status Service::CheckRedrivePolicy(const QueueRecord& source,
                                         const QueueConfig& config) const {
  if (!config.has_redrive_policy()) return absl::OkStatus();
  const DeadLetterTarget target = FindDeadLetterTarget(source, config.dead_letter_target_arn);
  if (target.problem.empty()) return absl::OkStatus();
  return InvalidRedrivePolicy(config, target.problem);
}

// ---- CreateQueue
// --------------------------------------------------------------------------------------

absl::Status Service::Validate(const CreateQueueRequest& request) const {
  const bool fifo = request.attributes.fifo_queue.value_or(false);
  if (absl::Status status = CheckQueueName(request.queue_name, fifo); !status.ok()) return status;
  const int64_t quota = maximum_message_size();
  const absl::StatusOr<QueueConfig> config =
      ApplyAttributes(DefaultConfig(fifo, quota), request.attributes, true, quota);
  if (!config.ok()) return config.status();
  if (absl::Status status = CheckTags(request.tags); !status.ok()) return status;
  return AddTags({}, request.tags, request.queue_name).status();
}

absl::StatusOr<CreateQueueResponse> Service::Execute(const CreateQueueRequest& request,
                                                     const CallContext& call) {
  const Session& session = call.session.session;
  const bool fifo = request.attributes.fifo_queue.value_or(false);
  const int64_t quota = maximum_message_size();
  absl::StatusOr<QueueConfig> config =
      ApplyAttributes(DefaultConfig(fifo, quota), request.attributes, true, quota);
  if (!config.ok()) return config.status();

  QueueRecord made = {.account = session.account,
                      .region = session.region,
                      .name = request.queue_name,
                      .url = MakeUrl(session.region, session.account, request.queue_name),
                      .arn = MakeArn(session.region, session.account, request.queue_name),
                      .config = *std::move(config),
                      .tags = request.tags,
                      .created = call.now,
                      .modified = call.now,
                      .queue = Queue(fifo)};
  const CreateQueueResponse response = {.queue_url = made.url};
  if (const uint32_t there = FindUrl(made.url); there != kNone) {
    const std::string differing =
        DifferingAttribute(records_[there].config, made.config, request.attributes);
    if (!differing.empty()) {
      return MakeError(kQueueNameExists,
                       fmt::format("A queue already exists with the same name and a different "
                                   "value for attribute {}: {}",
                                   differing, made.name));
    }
    Open(there, call.now);
    return response;
  }
  if (const auto deleted = deleted_.find(made.url);
      deleted != deleted_.end() && call.now < deleted->second + kDeletionInterval) {
    return MakeError(kQueueDeletedRecently,
                     fmt::format("You must wait 60 seconds after deleting a queue before you can "
                                 "create another with the same name: {}",
                                 made.name));
  }
  if (absl::Status status = CheckRedrivePolicy(made, made.config); !status.ok()) return status;

  ForgetDeletions(call.now);
  made.number = ++last_number_;
  const uint32_t i = records_.Take();
  by_url_.Insert(kernel::HashBytes(made.url), i);
  records_.Write(i) = std::move(made);
  Open(i, call.now);
  return response;
}

void Service::ForgetDeletions(Ticks now) {
  std::erase_if(deleted_,
                [now](const auto& entry) { return now >= entry.second + kDeletionInterval; });
}

// ---- GetQueueUrl
// --------------------------------------------------------------------------------------

absl::Status Service::Validate(const GetQueueUrlRequest& request) const {
  if (absl::Status status = CheckQueueName(request.queue_name); !status.ok()) return status;
  const std::string& owner = request.queue_owner_aws_account_id;
  if (owner.empty() || IsAccountId(owner)) return absl::OkStatus();
  return InvalidParameter(owner, "QueueOwnerAWSAccountId", "An account id is twelve digits.");
}

absl::StatusOr<GetQueueUrlResponse> Service::Execute(const GetQueueUrlRequest& request,
                                                     const CallContext& call) {
  const Session& session = call.session.session;
  const std::string& owner = request.queue_owner_aws_account_id;
  const uint32_t found =
      FindUrl(MakeUrl(session.region, owner.empty() ? session.account : owner, request.queue_name));
  if (found == kNone) return DoesNotExist(request.queue_name);
  return GetQueueUrlResponse{.queue_url = Open(found, call.now).url};
}

// ---- ListQueues
// ---------------------------------------------------------------------------------------

absl::Status Service::Validate(const ListQueuesRequest& request) const {
  return CheckPage(request.max_results, request.next_token);
}

absl::StatusOr<ListQueuesResponse> Service::Execute(const ListQueuesRequest& request,
                                                    const CallContext& call) {
  const Session& session = call.session.session;
  std::vector<uint32_t> found = RecordsOf(session.account, session.region);
  std::erase_if(
      found, [&](uint32_t i) { return !records_[i].name.starts_with(request.queue_name_prefix); });
  std::vector<std::string_view> names;
  names.reserve(found.size());
  for (const uint32_t i : found) names.push_back(records_[i].name);
  absl::StatusOr<Page> page = SelectPage(names, request.max_results, request.next_token,
                                         fmt::format("ListQueues {} {} {}", session.account,
                                                     session.region, request.queue_name_prefix));
  if (!page.ok()) return page.status();
  ListQueuesResponse response = {.next_token = std::move(page->next_token)};
  for (size_t i = page->begin; i < page->end; ++i) {
    response.queue_urls.push_back(records_[found[i]].url);
  }
  return response;
}

// ---- DeleteQueue, PurgeQueue
// --------------------------------------------------------------------------

absl::Status Service::Validate(const DeleteQueueRequest& request) const {
  return RequireUrl(request.queue_url);
}

absl::StatusOr<DeleteQueueResponse> Service::Execute(const DeleteQueueRequest& request,
                                                     const CallContext& call) {
  const absl::StatusOr<uint32_t> found =
      Find(request.queue_url, call, Access::kOwner, ActionOf(request));
  if (!found.ok()) return found.status();
  const std::string url = records_[*found].url;
  FailMovesFrom(records_[*found].arn);
  ForgetDeletions(call.now);
  deleted_[url] = call.now;
  by_url_.Erase(kernel::HashBytes(url), *found);
  last_found_ = kNone;
  records_.Give(*found);
  ServeWaiters(*found);
  return DeleteQueueResponse{};
}

absl::Status Service::Validate(const PurgeQueueRequest& request) const {
  return RequireUrl(request.queue_url);
}

absl::StatusOr<PurgeQueueResponse> Service::Execute(const PurgeQueueRequest& request,
                                                    const CallContext& call) {
  const absl::StatusOr<uint32_t> found = Find(request.queue_url, call, Access::kAnyone);
  if (!found.ok()) return found.status();
  if (call.now < records_[*found].purged + kPurgeInterval) {
    return MakeError(kPurgeQueueInProgress,
                     fmt::format("Only one PurgeQueue operation on {} is allowed every 60 seconds.",
                                 records_[*found].name));
  }
  QueueRecord& opened = Open(*found, call.now);
  opened.purged = call.now;
  opened.queue.Purge();
  ServeWaiters(*found);  // who wait for a message in flight wait longer
  return PurgeQueueResponse{};
}

// ---- Attributes
// ---------------------------------------------------------------------------------------

absl::Status Service::Validate(const GetQueueAttributesRequest& request) const {
  if (absl::Status status = RequireUrl(request.queue_url); !status.ok()) return status;
  return CheckAttributeNames(request.attribute_names);
}

absl::StatusOr<GetQueueAttributesResponse> Service::Execute(
    const GetQueueAttributesRequest& request, const CallContext& call) {
  const absl::StatusOr<uint32_t> found = Find(request.queue_url, call, Access::kAnyone);
  if (!found.ok()) return found.status();
  const QueueRecord& opened = Open(*found, call.now);
  const QueueFacts facts = {.visible = opened.queue.visible(),
                            .in_flight = opened.queue.in_flight(),
                            .delayed = opened.queue.delayed(),
                            .created = kernel::FromTicks(opened.created),
                            .last_modified = kernel::FromTicks(opened.modified),
                            .arn = opened.arn};
  return GetQueueAttributesResponse{
      .attributes = SelectAttributes(opened.config, facts, request.attribute_names)};
}

// What the attributes may be depends on the queue.
absl::Status Service::Validate(const SetQueueAttributesRequest& request) const {
  if (absl::Status status = RequireUrl(request.queue_url); !status.ok()) return status;
  if (request.attributes == QueueAttributes{}) return MissingParameter("Attributes");
  return absl::OkStatus();
}

absl::StatusOr<SetQueueAttributesResponse> Service::Execute(
    const SetQueueAttributesRequest& request, const CallContext& call) {
  const absl::StatusOr<uint32_t> found =
      Find(request.queue_url, call, Access::kOwner, ActionOf(request));
  if (!found.ok()) return found.status();
  absl::StatusOr<QueueConfig> config =
      ApplyAttributes(records_[*found].config, request.attributes, false, maximum_message_size());
  if (!config.ok()) return config.status();
  // A dead-letter queue that has gone meanwhile does not stand in the way of other attributes.
  if (request.attributes.redrive_policy.has_value()) {
    if (absl::Status status = CheckRedrivePolicy(records_[*found], *config); !status.ok()) {
      return status;
    }
  }

  QueueRecord& opened = Open(*found, call.now);
  const bool delay_changes = opened.config.delay_seconds != config->delay_seconds;
  opened.config = *std::move(config);
  opened.modified = call.now;
  opened.queue.ChangeRetention();
  opened.queue.Settle(call.now, opened.retention());
  // Rule: "Amazon SQS delay queues", Developer Guide: retroactive for FIFO queues only.
  if (delay_changes && opened.queue.fifo()) {
    opened.queue.ChangeDelay(call.now, opened.config.delay_seconds * kTicksPerSecond);
  }
  ServeWaiters(*found);
  return SetQueueAttributesResponse{};
}

// ---- Tags
// ---------------------------------------------------------------------------------------------

absl::Status Service::Validate(const TagQueueRequest& request) const {
  if (absl::Status status = RequireUrl(request.queue_url); !status.ok()) return status;
  if (request.tags.empty()) return MissingParameter("Tags");
  return CheckTags(request.tags);
}

absl::StatusOr<TagQueueResponse> Service::Execute(const TagQueueRequest& request,
                                                  const CallContext& call) {
  const absl::StatusOr<uint32_t> found =
      Find(request.queue_url, call, Access::kOwner, ActionOf(request));
  if (!found.ok()) return found.status();
  absl::StatusOr<Tags> tags = AddTags(records_[*found].tags, request.tags, records_[*found].name);
  if (!tags.ok()) return tags.status();
  Open(*found, call.now).tags = *std::move(tags);
  return TagQueueResponse{};
}

absl::Status Service::Validate(const UntagQueueRequest& request) const {
  if (absl::Status status = RequireUrl(request.queue_url); !status.ok()) return status;
  if (request.tag_keys.empty()) return MissingParameter("TagKeys");
  return CheckTagKeys(request.tag_keys);
}

absl::StatusOr<UntagQueueResponse> Service::Execute(const UntagQueueRequest& request,
                                                    const CallContext& call) {
  const absl::StatusOr<uint32_t> found =
      Find(request.queue_url, call, Access::kOwner, ActionOf(request));
  if (!found.ok()) return found.status();
  QueueRecord& opened = Open(*found, call.now);
  for (const std::string& key : request.tag_keys) opened.tags.erase(key);
  return UntagQueueResponse{};
}

absl::Status Service::Validate(const ListQueueTagsRequest& request) const {
  return RequireUrl(request.queue_url);
}

absl::StatusOr<ListQueueTagsResponse> Service::Execute(const ListQueueTagsRequest& request,
                                                       const CallContext& call) {
  const absl::StatusOr<uint32_t> found =
      Find(request.queue_url, call, Access::kOwner, ActionOf(request));
  if (!found.ok()) return found.status();
  return ListQueueTagsResponse{.tags = Open(*found, call.now).tags};
}

// ---- Permissions
// --------------------------------------------------------------------------------------

absl::Status Service::Validate(const AddPermissionRequest& request) const {
  if (absl::Status status = RequireUrl(request.queue_url); !status.ok()) return status;
  // What an empty policy of whatever queue would refuse, every policy does.
  return AddStatement({}, request.label, request.aws_account_ids, request.actions, "*").status();
}

absl::StatusOr<AddPermissionResponse> Service::Execute(const AddPermissionRequest& request,
                                                       const CallContext& call) {
  const absl::StatusOr<uint32_t> found =
      Find(request.queue_url, call, Access::kOwner, ActionOf(request));
  if (!found.ok()) return found.status();
  const QueueRecord& known = records_[*found];
  absl::StatusOr<std::string> policy = AddStatement(
      known.config.policy, request.label, request.aws_account_ids, request.actions, known.arn);
  if (!policy.ok()) return policy.status();
  QueueRecord& opened = Open(*found, call.now);
  opened.config.policy = *std::move(policy);
  opened.modified = call.now;
  return AddPermissionResponse{};
}

absl::Status Service::Validate(const RemovePermissionRequest& request) const {
  if (absl::Status status = RequireUrl(request.queue_url); !status.ok()) return status;
  return request.label.empty() ? MissingParameter("Label") : absl::OkStatus();
}

absl::StatusOr<RemovePermissionResponse> Service::Execute(const RemovePermissionRequest& request,
                                                          const CallContext& call) {
  const absl::StatusOr<uint32_t> found =
      Find(request.queue_url, call, Access::kOwner, ActionOf(request));
  if (!found.ok()) return found.status();
  absl::StatusOr<std::string> policy =
      RemoveStatement(records_[*found].config.policy, request.label);
  if (!policy.ok()) return policy.status();
  QueueRecord& opened = Open(*found, call.now);
  opened.config.policy = *std::move(policy);
  opened.modified = call.now;
  return RemovePermissionResponse{};
}

}  // namespace skybox::sqs
