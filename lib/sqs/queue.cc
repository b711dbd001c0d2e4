#include "sqs/queue.h"

#include <algorithm>
#include <utility>

namespace skybox::sqs {

namespace {

// Rule: "Available CloudWatch metrics for Amazon SQS" (ApproximateAgeOfOldestMessage), Developer
// Guide: a standard queue sends a message that was received three times and not deleted to the
// back.
constexpr uint32_t kReceivesOfPoisonPill = 3;
constexpr Ticks kShortestRetention = 60 * kTicksPerSecond;

uint64_t HashOfPair(const Text& id, const Text& group) {
  return id.Hash() * 0x9E3779B97F4A7C15u + group.Hash();
}

}  // namespace

// ---- Time
// -----------------------------------------------------------------------------------------

void Queue::SettleDue(Ticks now, Ticks retention) {
  // What expires is gone, whatever else fell due.
  for (uint32_t i; (i = by_age_.First(rows_)) != kNone && rows_[i].sent + retention <= now;)
    Delete(i);
  for (uint32_t i; (i = delayed_.First(rows_)) != kNone && rows_[i].visible_at <= now;) {
    MessageRow& row = rows_.Write(i);
    delayed_.Remove(rows_, row);
    BecomeVisible(i, row);
  }
  for (uint32_t i; (i = in_flight_.First(rows_)) != kNone && rows_[i].visible_at <= now;) {
    MessageRow& row = rows_.Write(i);
    LeavePlace(row);
    BecomeVisible(i, row);
  }
  quiet_until_ = NextChange(retention);
}

Ticks Queue::NextVisible() const {
  Ticks next = kNever;
  if (const uint32_t i = delayed_.First(rows_); i != kNone) next = rows_[i].visible_at;
  if (const uint32_t i = in_flight_.First(rows_); i != kNone)
    next = std::min(next, rows_[i].visible_at);
  return next;
}

std::optional<Ticks> Queue::OldestArrival() const {
  const uint32_t first = by_age_.First(rows_);
  if (first == kNone) return std::nullopt;
  const auto counts = [this](uint32_t i) {
    return fifo_ || rows_[i].receives_here <= kReceivesOfPoisonPill;
  };
  if (counts(first)) return ArrivalOf(rows_[first]);
  for (const uint32_t i : by_age_.InOrder(rows_)) {
    if (counts(i)) return ArrivalOf(rows_[i]);
  }
  return std::nullopt;
}

// ---- Groups
// ---------------------------------------------------------------------------------------

Text Queue::GroupOf(const MessageRow& row) const {
  if (row.group != kNone) return groups_[row.group].name;
  return row.extra == kNone ? Text() : extras_[row.extra].group;
}

uint32_t Queue::GroupNamed(const Text& name) {
  const uint64_t hash = name.Hash();
  uint32_t group = group_index_.Find(hash, [&](uint32_t g) { return groups_[g].name == name; });
  if (group != kNone) return group;
  group = groups_.Take();
  groups_.Write(group).name = name;
  group_index_.Insert(hash, group);
  return group;
}

// Brings the group's place among the available ones up to date, and forgets a group without
// messages.
void Queue::UpdateGroup(uint32_t g) {
  const Group& group = groups_[g];
  const uint32_t first = group.messages.head();
  const bool can_give =
      group.in_flight == 0 && first != kNone && rows_[first].state == MessageState::kVisible;
  const bool listed = available_.Contains(groups_, g);
  if (listed && (!can_give || rows_[first].position != group.first_position)) {
    available_.Remove(groups_, g);
  } else if (listed) {
    return;
  }
  if (can_give) {
    groups_.Write(g).first_position = rows_[first].position;
    available_.Insert(groups_, g);
  } else if (first == kNone) {
    group_index_.Erase(group.name.Hash(), g);
    groups_.Give(g);
  }
}

// ---- Messages
// -------------------------------------------------------------------------------------

Queue::Extra Queue::TakeExtra(Letter& letter) const {
  return {.attributes = std::move(letter.attributes),
          .group = fifo_ ? Text() : std::move(letter.group),
          .trace_header = std::move(letter.trace_header),
          .dead_letter_source = std::move(letter.dead_letter_source),
          .arrived = letter.arrived,
          .moved = letter.moved};
}

uint32_t Queue::Send(Letter&& letter, Ticks now, Ticks visible_at) {
  const uint32_t i = rows_.Take();
  MessageRow& row = rows_.Write(i);
  row.body = std::move(letter.body);
  row.deduplication_id = std::move(letter.deduplication_id);
  row.sender = std::move(letter.sender);
  row.message = letter.message;
  row.position = ++last_position_;
  row.sent = letter.sent;
  row.visible_at = visible_at;
  row.first_received = letter.first_received;
  row.receive_count = letter.receive_count;
  row.receives_here = 0;
  if (letter.arrived != letter.sent || !letter.attributes.empty() || !letter.trace_header.empty() ||
      !letter.dead_letter_source.empty() || (!fifo_ && !letter.group.empty())) [[unlikely]] {
    row.extra = extras_.Take();
    extras_.Write(row.extra) = TakeExtra(letter);
  }
  // Retention is a minute or more: what arrives with all of it left is looked at by then.
  quiet_until_ = std::min(
      {quiet_until_, row.sent + kShortestRetention, visible_at > now ? visible_at : kNever});
  by_age_.Insert(rows_, i, row);
  if (fifo_) {
    row.group = GroupNamed(letter.group);
    groups_.Write(row.group).messages.Append(rows_, i);
  }
  if (visible_at > now) {
    row.state = MessageState::kDelayed;
    delayed_.Insert(rows_, i, row);
  } else {
    BecomeVisible(i, row);
  }
  return i;
}

void Queue::BecomeVisible(uint32_t i, MessageRow& row) {
  row.state = MessageState::kVisible;
  ++visible_count_;
  if (fifo_) {
    UpdateGroup(row.group);
  } else {
    ready_.Insert(rows_, i, row);
  }
}

// Takes the message out of the list that its state puts it in. Its group is not brought up to date.
void Queue::LeavePlace(MessageRow& row) {
  switch (row.state) {
    case MessageState::kGone:
      break;
    case MessageState::kDelayed:
      delayed_.Remove(rows_, row);
      break;
    case MessageState::kVisible:
      --visible_count_;
      if (!fifo_) ready_.Remove(rows_, row);
      break;
    case MessageState::kInFlight:
      in_flight_.Remove(rows_, row);
      if (fifo_ && --groups_.Write(row.group).in_flight == 0) --groups_in_flight_;
      break;
  }
}

uint32_t Queue::VisibleAt(uint32_t place) {
  if (place == 0) return ready_.First(rows_);
  if (place >= ready_.size()) return kNone;
  std::vector<uint32_t> before;
  for (; place > 0; --place) {
    before.push_back(ready_.First(rows_));
    ready_.Remove(rows_, before.back());
  }
  const uint32_t found = ready_.First(rows_);
  for (const uint32_t i : before) ready_.Insert(rows_, i);
  return found;
}

uint32_t Queue::NextInGroups() const {
  const uint32_t group = available_.First(groups_);
  return group == kNone ? kNone : groups_[group].messages.head();
}

uint32_t Queue::NextInSameGroup(uint32_t i) const {
  const uint32_t next = groups_[rows_[i].group].messages.next(rows_, i);
  return next != kNone && rows_[next].state == MessageState::kVisible ? next : kNone;
}

void Queue::Take(uint32_t i, uint64_t receive, Ticks now, Ticks visible_at) {
  MessageRow& row = rows_.Write(i);
  LeavePlace(row);
  row.state = MessageState::kInFlight;
  row.receive = receive;
  row.received_at = now;
  if (row.first_received == 0) row.first_received = now;
  ++row.receive_count;
  ++row.receives_here;
  row.visible_at = visible_at;
  quiet_until_ = std::min(quiet_until_, visible_at);
  in_flight_.Insert(rows_, i, row);
  if (fifo_) {
    if (++groups_.Write(row.group).in_flight == 1) ++groups_in_flight_;
    UpdateGroup(row.group);
  } else if (row.receives_here >= kReceivesOfPoisonPill) {
    row.position = ++last_position_;
  }
}

void Queue::ChangeVisibility(uint32_t i, Ticks visible_at) {
  quiet_until_ = std::min(quiet_until_, visible_at);
  MessageRow& row = rows_.Write(i);
  in_flight_.Remove(rows_, row);
  row.visible_at = visible_at;
  in_flight_.Insert(rows_, i, row);
}

void Queue::Delete(uint32_t i) {
  MessageRow& row = rows_.Write(i);
  LeavePlace(row);
  by_age_.Remove(rows_, row);
  const uint32_t group = row.group;
  if (fifo_) groups_.Write(group).messages.Unlink(rows_, i);
  if (row.extra != kNone) extras_.Give(row.extra);
  rows_.Give(i, row);
  if (fifo_) UpdateGroup(group);
}

Letter Queue::Copy(uint32_t i) const {
  const MessageRow& row = rows_[i];
  return {.body = row.body,
          .attributes = AttributesOf(row),
          .group = GroupOf(row),
          .deduplication_id = row.deduplication_id,
          .trace_header = TraceHeaderOf(row),
          .dead_letter_source = DeadLetterSourceOf(row),
          .message = row.message,
          .moved = MovedOf(row),
          .sender = row.sender,
          .sent = row.sent,
          .arrived = ArrivalOf(row),
          .first_received = row.first_received,
          .receive_count = row.receive_count};
}

Letter Queue::Extract(uint32_t i) {
  Letter letter = Copy(i);
  Delete(i);
  return letter;
}

void Queue::Purge() {
  // Rows that are used again get new message numbers, so handles of purged messages find nothing.
  const uint64_t last_position = last_position_;
  Queue empty(fifo_);
  std::swap(empty.deduplications_, deduplications_);
  std::swap(empty.deduplication_index_, deduplication_index_);
  std::swap(empty.deduplication_group_index_, deduplication_group_index_);
  std::swap(empty.deduplication_order_, deduplication_order_);
  *this = std::move(empty);
  last_position_ = last_position;
}

void Queue::ChangeDelay(Ticks now, Ticks delay) {
  quiet_until_ = 0;
  for (const uint32_t i : RowsInOrder()) {
    const Ticks visible_at = ArrivalOf(rows_[i]) + delay;
    const MessageState state = rows_[i].state;
    const bool waits = state == MessageState::kVisible && rows_[i].receive_count == 0;
    if (state != MessageState::kDelayed && !(waits && visible_at > now)) continue;
    MessageRow& row = rows_.Write(i);
    LeavePlace(row);
    row.visible_at = visible_at;
    if (visible_at > now) {
      row.state = MessageState::kDelayed;
      delayed_.Insert(rows_, i, row);
      UpdateGroup(row.group);
    } else {
      BecomeVisible(i, row);
    }
  }
}

// ---- Deduplication
// ----------------------------------------------------------------------------------

void Queue::ForgetBefore(Ticks now) {
  for (uint32_t d;
       (d = deduplication_order_.head()) != kNone && deduplications_[d].expires <= now;) {
    deduplication_order_.Unlink(deduplications_, d);
    const DeduplicationRow row = deduplications_[d];
    // The one that expires first is the first of its id.
    deduplication_index_.Erase(row.id.Hash(), d);
    if (row.by_group) deduplication_group_index_.Erase(HashOfPair(row.id, row.group), d);
    if (row.next_of_id != kNone) {
      deduplications_.Write(row.next_of_id).last_of_id = row.last_of_id;
      deduplication_index_.Insert(row.id.Hash(), row.next_of_id);
    }
    deduplications_.Give(d);
  }
}

// Of one id in several groups the first accepted, unless one of this group is wanted.
uint32_t Queue::FindDeduplication(const Text& id, const Text& group, bool by_group) const {
  const uint32_t first =
      deduplication_index_.Find(id.Hash(), [&](uint32_t d) { return deduplications_[d].id == id; });
  if (first == kNone || !by_group || deduplications_[first].group == group) return first;
  if (deduplications_[first].next_of_id == kNone) return kNone;
  return deduplication_group_index_.Find(HashOfPair(id, group), [&](uint32_t d) {
    return deduplications_[d].id == id && deduplications_[d].group == group;
  });
}

std::optional<Queue::Sent> Queue::FindDuplicate(const Text& id, const Text& group, bool by_group,
                                                Ticks now) {
  ForgetBefore(now);
  const uint32_t found = FindDeduplication(id, group, by_group);
  if (found == kNone) return std::nullopt;
  return deduplications_[found].sent;
}

void Queue::Remember(const Text& id, const Text& group, Sent sent, Ticks now) {
  AddDeduplication(
      {.id = id, .group = group, .sent = sent, .expires = now + kDeduplicationInterval});
}

void Queue::AddDeduplication(const Deduplication& deduplication) {
  const uint32_t first = FindDeduplication(deduplication.id, {}, false);
  const uint32_t d = deduplications_.Take();
  DeduplicationRow& row = deduplications_.Write(d);
  row.id = deduplication.id;
  row.group = deduplication.group;
  row.sent = deduplication.sent;
  row.expires = deduplication.expires;
  if (first == kNone) {
    row.last_of_id = d;
    deduplication_index_.Insert(row.id.Hash(), d);
  } else {
    row.by_group = true;
    deduplication_group_index_.Insert(HashOfPair(row.id, row.group), d);
    const uint32_t last = std::exchange(deduplications_.Write(first).last_of_id, d);
    deduplications_.Write(last).next_of_id = d;
  }
  deduplication_order_.Append(deduplications_, d);
}

std::vector<Queue::Deduplication> Queue::Deduplications() const {
  std::vector<Deduplication> all;
  for (uint32_t d = deduplication_order_.head(); d != kNone;
       d = deduplication_order_.next(deduplications_, d)) {
    const DeduplicationRow& row = deduplications_[d];
    all.push_back({.id = row.id, .group = row.group, .sent = row.sent, .expires = row.expires});
  }
  return all;
}

// ---- For digests and snapshots
// ------------------------------------------------------------------------

std::vector<uint32_t> Queue::RowsInOrder() const { return by_age_.InOrder(rows_); }

}  // namespace skybox::sqs
