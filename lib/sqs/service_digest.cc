#include <algorithm>

#include "sqs/service.h"

// The digest of all state. What has fallen due and nobody has looked at yet counts as done, so that
// looking changes no digest.
namespace skybox::sqs {

namespace {

using kernel::AddValue;
using kernel::Hasher;

void AddMessage(Hasher& hasher, const Queue& queue, uint32_t i, Ticks now) {
  const MessageRow& row = queue.row(i);
  const bool waits = row.state == MessageState::kDelayed || row.state == MessageState::kInFlight;
  const MessageState state = waits && row.visible_at <= now ? MessageState::kVisible : row.state;
  hasher.Add(i);
  hasher.Add(row.body);
  hasher.Add(queue.AttributesOf(row));
  hasher.Add(row.deduplication_id);
  hasher.Add(row.sender);
  hasher.Add(queue.GroupOf(row));
  hasher.Add(queue.TraceHeaderOf(row));
  hasher.Add(queue.DeadLetterSourceOf(row));
  hasher.Add(row.message);
  hasher.Add(queue.MovedOf(row));
  hasher.Add(row.receive);
  hasher.Add(row.position);
  hasher.Add(row.sent);
  hasher.Add(queue.ArrivalOf(row));
  hasher.Add(row.received_at);
  hasher.Add(row.first_received);
  hasher.Add(row.receive_count);
  hasher.Add(row.receives_here);
  hasher.Add(state);
  if (state != MessageState::kVisible) hasher.Add(row.visible_at);
}

void AddMessages(Hasher& hasher, const QueueRecord& record, Ticks now) {
  const Queue& queue = record.queue;
  for (const uint32_t i : queue.RowsInOrder()) {
    if (queue.row(i).sent + record.retention() > now) AddMessage(hasher, queue, i, now);
  }
  hasher.Add(queue.last_position());
  for (const Queue::Deduplication& row : queue.Deduplications()) {
    if (row.expires <= now) continue;
    hasher.Add(row.id);
    hasher.Add(row.group);
    hasher.Add(row.sent.message);
    hasher.Add(row.sent.position);
    hasher.Add(row.expires);
  }
}

void AddRecord(Hasher& hasher, const QueueRecord& record, Ticks now) {
  hasher.Add(record.number);
  hasher.Add(std::string_view(record.url));
  AddValue(hasher, record.config);
  AddValue(hasher, record.tags);
  hasher.Add(record.created);
  hasher.Add(record.modified);
  hasher.Add(record.purged);
  AddValue(hasher, record.activity);
  for (const auto& [id, attempt] : record.attempts) {
    if (attempt.expires <= now) continue;
    hasher.Add(std::string_view(id));
    hasher.Add(attempt.expires);
    for (const Attempt::Given& given : attempt.given) {
      hasher.Add(given.row);
      hasher.Add(given.message);
      hasher.Add(given.receive);
    }
  }
  for (const auto& [key, bucket] : record.buckets) {
    hasher.Add(std::string_view(key));
    hasher.Add(bucket.parts);
    hasher.Add(bucket.updated);
  }
  AddMessages(hasher, record, now);
}

}  // namespace

void Service::AddTo(Hasher& hasher) const {
  const Ticks now = kernel_.now();
  std::vector<const QueueRecord*> all;
  for (uint32_t i = 0; i < records_.size(); ++i) {
    if (records_[i].number != 0) all.push_back(&records_[i]);
  }
  std::sort(all.begin(), all.end(),
            [](const QueueRecord* a, const QueueRecord* b) { return a->number < b->number; });
  for (const QueueRecord* record : all) AddRecord(hasher, *record, now);
  hasher.Add(last_number_);
  hasher.Add(last_id_);
  for (const auto& [url, when] : deleted_) {
    hasher.Add(std::string_view(url));
    hasher.Add(when);
  }
  for (const auto& [id, task] : moves_) {
    hasher.Add(id);
    hasher.Add(task.status);
    hasher.Add(std::string_view(task.source_arn));
    hasher.Add(std::string_view(task.destination_arn));
    AddValue(hasher, task.rate);
    hasher.Add(task.moved);
    hasher.Add(task.to_move);
    hasher.Add(std::string_view(task.failure_reason));
    hasher.Add(task.started);
  }
}

}  // namespace skybox::sqs
