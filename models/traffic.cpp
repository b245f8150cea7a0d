// SPDX-License-Identifier: Apache-2.0
#include "models/traffic.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>

#include "models/runtime/identity.hpp"

namespace makespan {
namespace {

using Kind = TrafficFault::Kind;

void require_undamaged(const Message& message) {
  if (checksum_of(message) == message.checksum) return;
  throw TransportError(fmt::format("message {} of producer {} arrived damaged", message.sequence, message.producer));
}

}  // namespace

std::uint64_t Traffic::parts() const noexcept {
  switch (pattern) {
    case Pattern::stream: return producers + consumers;
    case Pattern::ping_pong: return 2;
    case Pattern::ring: return ring;
  }
  return 0;
}

std::uint64_t Traffic::links() const noexcept {
  switch (pattern) {
    case Pattern::stream: return 1;
    case Pattern::ping_pong: return 2;
    case Pattern::ring: return ring;
  }
  return 0;
}

std::size_t Traffic::capacity() const noexcept {
  if (pattern != Pattern::stream) return 2;  // no more than one message is ever under way
  constexpr std::size_t room = 4U << 20U;
  return std::clamp<std::size_t>(room / longest_encoded(payload), 16, 1024);
}

std::uint64_t Traffic::quota(std::uint64_t producer) const noexcept {
  return messages / producers + (producer < messages % producers ? 1 : 0);
}

Ledger::Ledger(const Traffic& traffic)
    : traffic_(traffic),
      receivers_(traffic.parts()),
      next_(traffic.pattern == Pattern::stream ? traffic.consumers * traffic.producers : 0),
      round_trips_(traffic.pattern == Pattern::ping_pong ? traffic.round_trips() : 0) {}

void Ledger::take_in(std::uint64_t receiver, const Message& message) {
  Receiver& own = receivers_[receiver];
  own.checksum += message.checksum;
  own.received.store(own.received.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

void Ledger::receive(std::uint64_t consumer, const Message& message) {
  require_undamaged(message);
  if (message.producer >= traffic_.producers)
    throw TransportError(fmt::format("a message came from producer {}, who is none", message.producer));
  std::uint64_t& next = next_[consumer * traffic_.producers + message.producer];
  if (message.sequence < next) {
    throw TransportError(fmt::format("message {} of producer {} arrived after message {}: {}", message.sequence, message.producer, next - 1,
                                     message.sequence + 1 == next ? "doubled" : "doubled or out of order"));
  }
  next = message.sequence + 1;
  take_in(consumer, message);
}

void Ledger::receive_expected(std::uint64_t receiver, const Message& message, std::uint64_t producer, std::uint64_t sequence) {
  require_undamaged(message);
  if (message.producer != producer || message.sequence != sequence) {
    throw TransportError(fmt::format("message {} of task {} arrived where message {} of task {} was due", message.sequence,
                                     message.producer, sequence, producer));
  }
  take_in(receiver, message);
}

void Ledger::answered(std::uint64_t round_trip, std::int64_t sent_ns, std::int64_t answered_ns) {
  round_trips_[round_trip] = {.start_ns = sent_ns,
                              .end_ns = answered_ns,
                              .overshoot_ns = 0,
                              .process = identity().process,
                              .thread = identity().thread,
                              .cpu = sched_getcpu()};
}

std::uint64_t Ledger::received() const noexcept {
  std::uint64_t sum = 0;
  for (const Receiver& receiver : receivers_) sum += receiver.received.load(std::memory_order_acquire);
  return sum;
}

Checksum Ledger::checksum() const noexcept {
  Checksum sum = 0;
  for (const Receiver& receiver : receivers_) sum += receiver.checksum;
  return sum;
}

std::uint64_t Ledger::bytes() const noexcept {
  return receivers_.size() * sizeof(Receiver) + next_.size() * sizeof(std::uint64_t) + round_trips_.size() * sizeof(TaskRecord);
}

void Ledger::populate() const noexcept {
  receivers_.populate();
  next_.populate();
  round_trips_.populate();
}

// Of a stream the sum of the checksums is compared: with several consumers each sees a part of each producer's messages, and only all
// of them together can tell a message that came twice from one that did not come.
void Ledger::verify() const {
  if (received() < traffic_.messages)
    throw TransportError(fmt::format("{} of {} messages were lost", traffic_.messages - received(), traffic_.messages));
  if (received() > traffic_.messages)
    throw TransportError(fmt::format("{} messages arrived where {} were sent", received(), traffic_.messages));
  if (traffic_.pattern != Pattern::stream) return;
  Checksum sent = 0;
  for (std::uint64_t producer = 0; producer < traffic_.producers; ++producer) {
    const MessageMaker maker(producer, traffic_.payload, traffic_.seed);
    for (std::uint64_t sequence = 0; sequence < traffic_.quota(producer); ++sequence) sent += maker.checksum(sequence);
  }
  if (checksum() != sent) throw TransportError("as many messages arrived as were sent, but not the same ones");
}

Production::Production(const Traffic& traffic, std::uint64_t producer)
    : maker_(producer, traffic.payload, traffic.seed), fault_(traffic.fault), quota_(traffic.quota(producer)) {
  if (producer != 0 || fault_.kind == Kind::kill_receiver || fault_.kind == Kind::put_after_close) fault_ = {};
}

bool Production::next(Message& message) {
  if (sequence_ == quota_) return false;
  if (fault_.kind != Kind::none && sequence_ >= fault_.message) return next_with_fault(message);
  maker_.make(sequence_++, message);
  return true;
}

bool Production::next_with_fault(Message& message) {
  const Kind kind = fault_.kind;
  if (kind == Kind::kill_sender) raise(SIGKILL);
  if (kind == Kind::lose) {
    fault_ = {};
    ++sequence_;
    return next(message);
  }
  if (kind == Kind::duplicate && !repeated_) {
    repeated_ = true;
    maker_.make(sequence_, message);
    return true;
  }
  if (kind == Kind::reorder) {  // this one and the next change places
    maker_.make(repeated_ ? fault_.message : sequence_ + 1, message);
    if (repeated_) {
      fault_ = {};
      sequence_ += 2;
    }
    repeated_ = true;
    return true;
  }
  fault_ = {};
  maker_.make(sequence_++, message);
  if (kind == Kind::damage) message.body.back() = static_cast<char>(message.body.back() ^ 1);
  return true;
}

}  // namespace makespan
