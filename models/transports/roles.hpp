// SPDX-License-Identifier: Apache-2.0
// What the tasks of a traffic do when waiting blocks them: the same for threads and processes and for every link.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <thread>

#include "models/runtime/gate.hpp"
#include "models/runtime/queue_closed.hpp"
#include "models/runtime/steady_clock.hpp"
#include "models/transports/link.hpp"

namespace makespan {

/// One task: takes its ends of the links, waits at the gate, plays its part.
template <Link L>
class Role {
 public:
  Role(Ledger& ledger, std::deque<L>& links, std::uint64_t part) : ledger_(ledger), traffic_(ledger.traffic()), part_(part) {
    const std::uint64_t count = links.size();
    const bool consumer = traffic_.pattern == Pattern::stream && part >= traffic_.producers;
    const bool producer = traffic_.pattern == Pattern::stream && !consumer;
    if (!consumer) sender_ = std::make_unique<typename L::Sender>(links[producer ? 0 : (part + 1) % count]);
    if (!producer) receiver_ = std::make_unique<typename L::Receiver>(links[consumer ? 0 : part]);
  }

  void play() {
    switch (traffic_.pattern) {
      case Pattern::stream: return receiver_ ? consume() : produce();
      case Pattern::ping_pong: return part_ == 0 ? ping() : pong();
      case Pattern::ring: return pass_on();
    }
  }

 private:
  void produce() {
    Production production(traffic_, part_);
    for (Message message; production.next(message);) sender_->put(message);
    sender_->close();
  }

  void consume() {
    const std::uint64_t index = part_ - traffic_.producers;
    std::this_thread::sleep_for(traffic_.late);
    Message message;
    for (std::uint64_t count = 0; receiver_->get(message); ++count) {
      ledger_.receive(index, message);
      maybe_die(traffic_, TrafficFault::Kind::kill_receiver, count);
    }
  }

  // Number 2 i goes out, number 2 i + 1 comes back.
  void ping() {
    const MessageMaker maker(0, traffic_.payload, traffic_.seed);
    Message message;
    for (std::uint64_t round_trip = 0; round_trip < traffic_.round_trips(); ++round_trip) {
      const std::int64_t sent = steady_now_ns();
      maker.make(2 * round_trip, message);
      maybe_die(traffic_, TrafficFault::Kind::kill_sender, round_trip);
      sender_->put(message);
      require(receiver_->get(message));
      ledger_.answered(round_trip, sent, steady_now_ns());
      ledger_.receive_expected(part_, message, 1, 2 * round_trip + 1);
    }
  }

  void pong() {
    const MessageMaker maker(1, traffic_.payload, traffic_.seed);
    Message message;
    for (std::uint64_t round_trip = 0; round_trip < traffic_.round_trips(); ++round_trip) {
      require(receiver_->get(message));
      ledger_.receive_expected(part_, message, 0, 2 * round_trip);
      maybe_die(traffic_, TrafficFault::Kind::kill_receiver, round_trip);
      maker.make(2 * round_trip + 1, message);
      sender_->put(message);
    }
  }

  // The token is numbered by hop. Task i receives hops i - 1, i - 1 + N, ..., which the task before it sent.
  void pass_on() {
    const std::uint64_t tasks = traffic_.ring, before = (part_ + tasks - 1) % tasks;
    const MessageMaker maker(part_, traffic_.payload, traffic_.seed);
    Message token;
    if (part_ == 0) {
      maker.make(0, token);
      sender_->put(token);
    }
    for (std::uint64_t hop = before; hop < traffic_.messages; hop += tasks) {
      require(receiver_->get(token));
      ledger_.receive_expected(part_, token, before, hop);
      maybe_die(traffic_, TrafficFault::Kind::kill_receiver, hop);
      if (hop + 1 == traffic_.messages) return;
      maker.make(hop + 1, token);
      sender_->put(token);
    }
  }

  static void require(bool got) {
    if (!got) throw TransportError("the other end of the link was closed too early");
  }

  Ledger& ledger_;
  const Traffic& traffic_;
  std::uint64_t part_;
  std::unique_ptr<typename L::Sender> sender_;
  std::unique_ptr<typename L::Receiver> receiver_;
};

}  // namespace makespan
