#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/text_table.h"
#include "proto/snapshot.pb.h"
#include "sqs/queue.h"

// How the messages of a queue are saved and restored. What follows from the rest is not saved:
// groups, which messages are visible, and all indexes.
namespace skybox::sqs {
namespace {

constexpr uint32_t kMostReceives = 1u << 30;

absl::Status Inconsistent(const char* reason) { return absl::DataLossError(reason); }

bool IsPast(Ticks time, Ticks now) { return time >= 0 && time <= now; }

}  // namespace

void Queue::Save(proto::SqsMessages& out, kernel::TextNumbers& texts) const {
  out.set_last_position(last_position_);
  for (const uint32_t i : by_age_.InOrder(rows_)) {
    const MessageRow& row = rows_[i];
    proto::SqsMessage& message = *out.add_messages();
    message.set_row(i);
    message.set_body(texts.Of(row.body));
    message.set_attributes(texts.Of(AttributesOf(row)));
    message.set_deduplication_id(texts.Of(row.deduplication_id));
    message.set_sender(texts.Of(row.sender));
    message.set_group(texts.Of(GroupOf(row)));
    message.set_trace_header(texts.Of(TraceHeaderOf(row)));
    message.set_dead_letter_source(texts.Of(DeadLetterSourceOf(row)));
    message.set_message(row.message);
    message.set_moved(MovedOf(row));
    message.set_receive(row.receive);
    message.set_position(row.position);
    message.set_sent(row.sent);
    message.set_arrived(ArrivalOf(row));
    message.set_visible_at(row.visible_at);
    message.set_received_at(row.received_at);
    message.set_first_received(row.first_received);
    message.set_receive_count(row.receive_count);
    message.set_receives_here(row.receives_here);
  }
  for (const uint32_t i : rows_.FreeRows()) out.add_free_rows(i);
  for (const uint32_t i : delayed_.InOrder(rows_)) out.add_delayed(i);
  for (const uint32_t i : in_flight_.InOrder(rows_)) out.add_in_flight(i);
  for (const Deduplication& row : Deduplications()) {
    proto::SqsDeduplication& saved = *out.add_deduplications();
    saved.set_id(texts.Of(row.id));
    saved.set_group(texts.Of(row.group));
    saved.set_message(row.sent.message);
    saved.set_position(row.sent.position);
    saved.set_expires(row.expires);
  }
}

absl::StatusOr<Queue> Queue::Restore(const proto::SqsMessages& in,
                                     const kernel::NumberedTexts& texts, bool fifo, Ticks now) {
  Queue queue(fifo);
  queue.last_position_ = in.last_position();
  absl::Status status = queue.RestoreMessages(in, texts, now);
  if (status.ok()) status = queue.RestoreStates(in);
  if (status.ok()) status = queue.RestoreDeduplications(in, texts, now);
  if (!status.ok()) return status;
  return queue;
}

// The rows, and their order by age.
absl::Status Queue::RestoreMessages(const proto::SqsMessages& in,
                                    const kernel::NumberedTexts& texts, Ticks now) {
  const size_t size = static_cast<size_t>(in.messages_size()) + in.free_rows_size();
  std::vector<bool> is_known(size);
  const auto is_new = [&](uint32_t i) {
    if (i >= size || is_known[i]) return false;
    is_known[i] = true;
    return true;
  };
  for (const uint32_t i : in.free_rows()) {
    if (!is_new(i)) return Inconsistent("a free row is out of range or there twice");
  }
  rows_ = kernel::CowTable<MessageRow>::WithFreeRows(
      static_cast<uint32_t>(size), {in.free_rows().begin(), in.free_rows().end()});

  Ticks last_sent = 0;
  for (const proto::SqsMessage& saved : in.messages()) {
    const uint32_t i = saved.row();
    if (!is_new(i)) return Inconsistent("the row of a message is out of range or taken");
    if (saved.message() == 0 || saved.position() == 0 || saved.position() > last_position_) {
      return Inconsistent("the number or the position of a message is out of range");
    }
    if (saved.sent() < last_sent || saved.arrived() < saved.sent() || saved.arrived() > now ||
        !IsPast(saved.received_at(), now) || !IsPast(saved.first_received(), now)) {
      return Inconsistent("the times of a message are out of range, or its age is");
    }
    last_sent = saved.sent();
    if (saved.visible_at() < 0 || saved.visible_at() - now > kLongestVisibility) {
      return Inconsistent("the time at which a message becomes visible is out of range");
    }
    if (saved.receive_count() > kMostReceives || saved.receives_here() > saved.receive_count()) {
      return Inconsistent("the receive count of a message is out of range");
    }
    MessageRow& row = rows_.Write(i);
    Extra extra;
    if (!texts.Get(saved.body(), row.body) || !texts.Get(saved.attributes(), extra.attributes) ||
        !texts.Get(saved.deduplication_id(), row.deduplication_id) ||
        !texts.Get(saved.sender(), row.sender) || !texts.Get(saved.group(), extra.group) ||
        !texts.Get(saved.trace_header(), extra.trace_header) ||
        !texts.Get(saved.dead_letter_source(), extra.dead_letter_source)) {
      return Inconsistent("a message has a text that there is not");
    }
    row.message = saved.message();
    row.receive = saved.receive();
    row.position = saved.position();
    row.sent = saved.sent();
    row.visible_at = saved.visible_at();
    row.received_at = saved.received_at();
    row.first_received = saved.first_received();
    row.receive_count = saved.receive_count();
    row.receives_here = saved.receives_here();
    if (fifo_) row.group = GroupNamed(std::exchange(extra.group, {}));
    extra.moved = saved.moved();
    extra.arrived = saved.arrived();
    if (extra.arrived != row.sent || !extra.attributes.empty() || !extra.group.empty() ||
        !extra.trace_header.empty() || !extra.dead_letter_source.empty()) {
      row.extra = extras_.Take();
      extras_.Write(row.extra) = std::move(extra);
    }
    by_age_.Insert(rows_, i);
  }
  return absl::OkStatus();
}

// What state the messages are in, and their order by position and in groups.
absl::Status Queue::RestoreStates(const proto::SqsMessages& in) {
  std::vector<std::pair<uint64_t, uint32_t>> by_position;
  by_position.reserve(size());
  for (const proto::SqsMessage& saved : in.messages()) {
    by_position.emplace_back(saved.position(), saved.row());
  }
  std::sort(by_position.begin(), by_position.end());
  for (size_t k = 0; k < by_position.size(); ++k) {
    const auto [position, i] = by_position[k];
    if (k > 0 && position == by_position[k - 1].first) {
      return Inconsistent("two messages have one position");
    }
    if (fifo_) groups_.Write(rows_[i].group).messages.Append(rows_, i);
  }

  const auto put_in = [this](const auto& rows, MessageState state, auto& list) {
    Ticks last = 0;
    for (const uint32_t i : rows) {
      if (i >= rows_.size() || rows_[i].message == 0 || rows_[i].state != MessageState::kGone) {
        return false;
      }
      MessageRow& row = rows_.Write(i);
      if (row.visible_at < last) return false;
      last = row.visible_at;
      row.state = state;
      list.Insert(rows_, i);
    }
    return true;
  };
  if (!put_in(in.delayed(), MessageState::kDelayed, delayed_)) {
    return Inconsistent("a delayed message is not there, there twice, or in the wrong place");
  }
  if (!put_in(in.in_flight(), MessageState::kInFlight, in_flight_)) {
    return Inconsistent("a message in flight is not there, there twice, or in the wrong place");
  }
  for (const uint32_t i : in.in_flight()) {
    const MessageRow& row = rows_[i];
    if (row.receive == 0 || row.receives_here == 0) {
      return Inconsistent("a message is in flight that nobody received");
    }
    if (fifo_ && ++groups_.Write(row.group).in_flight == 1) ++groups_in_flight_;
  }
  for (const auto& [position, i] : by_position) {
    MessageRow& row = rows_.Write(i);
    if (row.state != MessageState::kGone) continue;
    row.state = MessageState::kVisible;
    ++visible_count_;
    if (!fifo_) ready_.Insert(rows_, i);
  }
  for (const auto& [position, i] : by_position) {
    if (fifo_ && groups_[rows_[i].group].messages.head() == i) UpdateGroup(rows_[i].group);
  }
  return absl::OkStatus();
}

absl::Status Queue::RestoreDeduplications(const proto::SqsMessages& in,
                                          const kernel::NumberedTexts& texts, Ticks now) {
  if (!fifo_ && in.deduplications_size() != 0) {
    return Inconsistent("a standard queue deduplicates");
  }
  Ticks last = 0;
  for (const proto::SqsDeduplication& saved : in.deduplications()) {
    Deduplication row = {.sent = {.message = saved.message(), .position = saved.position()},
                         .expires = saved.expires()};
    if (!texts.Get(saved.id(), row.id) || !texts.Get(saved.group(), row.group) || row.id.empty()) {
      return Inconsistent("a deduplication has no id, or a text that there is not");
    }
    if (row.expires < last || row.expires - now > kDeduplicationInterval) {
      return Inconsistent("the end of a deduplication is out of range");
    }
    last = row.expires;
    if (row.sent.message == 0 || row.sent.position == 0 || row.sent.position > last_position_) {
      return Inconsistent("the message of a deduplication is out of range");
    }
    if (FindDeduplication(row.id, row.group, true) != kNone) {
      return Inconsistent("two deduplications of a group have one id");
    }
    AddDeduplication(row);
  }
  return absl::OkStatus();
}

}  // namespace skybox::sqs
