// SPDX-License-Identifier: Apache-2.0
// What the tasks of a traffic do: the same for threads, processes and coroutines, and for every link.
#pragma once

#include <chrono>
#include <coroutine>
#include <deque>
#include <memory>
#include <stdexcept>
#include <thread>
#include <type_traits>

#include "models/runtime/job.hpp"
#include "models/runtime/steady_clock.hpp"
#include "models/runtime/task.hpp"
#include "models/transports/link.hpp"

namespace makespan {

/// What the tasks of a link are written as: the coroutine that the link names, or ours.
template <class L>
struct CoroutineOf {
  using type = Task<>;
};
template <class L>
requires requires { typename L::Coroutine; }
struct CoroutineOf<L> {
  using type = typename L::Coroutine;
};

/// One task: takes its ends of the links when it is made, and plays its part. The part is a coroutine. Where the calls of a
/// link block instead of suspending, it runs to its end in one go.
template <class L>
class Part {
 public:
  Part(Ledger& ledger, std::deque<L>& links, std::uint64_t part) : ledger_(ledger), traffic_(ledger.traffic()), part_(part) {
    const std::uint64_t count = links.size();
    const bool consumer = traffic_.pattern == Pattern::stream && part >= traffic_.producers;
    const bool producer = traffic_.pattern == Pattern::stream && !consumer;
    if (!consumer) sender_ = std::make_unique<Sender>(links[producer ? 0 : (part + 1) % count]);
    if (!producer) receiver_ = std::make_unique<Receiver>(links[consumer ? 0 : part]);
  }

  using Coroutine = typename CoroutineOf<L>::type;

  /// The part must outlive the task.
  Coroutine play() {
    switch (traffic_.pattern) {
      case Pattern::stream: return receiver_ ? consume() : produce();
      case Pattern::ping_pong: return part_ == 0 ? ping() : pong();
      case Pattern::ring: break;
    }
    return pass_on();
  }

 private:
  using Sender = typename L::Sender;
  using Receiver = typename L::Receiver;

  // The result of a call that has blocked, for co_await.
  template <class T>
  struct Done {
    T value;
    [[nodiscard]] bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    T await_resume() const noexcept { return value; }
  };

  decltype(auto) put(Message& message) {
    if constexpr (std::is_void_v<decltype(sender_->put(message))>) {
      sender_->put(message);
      return Done<bool>{true};
    } else {
      return sender_->put(message);
    }
  }
  decltype(auto) get(Message& message) {
    if constexpr (std::is_same_v<decltype(receiver_->get(message)), bool>) {
      return Done<bool>{receiver_->get(message)};
    } else {
      return receiver_->get(message);
    }
  }
  decltype(auto) pause(std::chrono::nanoseconds duration) {
    if constexpr (requires { receiver_->pause(duration); }) {
      return receiver_->pause(duration);
    } else {
      std::this_thread::sleep_for(duration);
      return Done<bool>{true};
    }
  }

  Coroutine produce() {
    Production production(traffic_, part_);
    Message message;
    while (production.next(message)) co_await put(message);
    sender_->close();
    if (traffic_.fault.kind == TrafficFault::Kind::put_after_close) co_await put(message);
  }

  Coroutine consume() {
    const std::uint64_t index = part_ - traffic_.producers;
    if (traffic_.late.count() > 0) co_await pause(traffic_.late);
    Message message;
    for (std::uint64_t count = 0; co_await get(message); ++count) {
      ledger_.receive(index, message);
      maybe_die(traffic_, TrafficFault::Kind::kill_receiver, count);
    }
  }

  // Number 2 i goes out, number 2 i + 1 comes back.
  Coroutine ping() {
    const MessageMaker maker(0, traffic_.payload, traffic_.seed);
    Message message;
    for (std::uint64_t round_trip = 0; round_trip < traffic_.round_trips(); ++round_trip) {
      maker.make(2 * round_trip, message);
      maybe_die(traffic_, TrafficFault::Kind::kill_sender, round_trip);
      const std::int64_t sent = steady_now_ns();
      co_await put(message);
      require(co_await get(message));
      ledger_.answered(round_trip, sent, steady_now_ns());
      ledger_.receive_expected(part_, message, 1, 2 * round_trip + 1);
    }
  }

  Coroutine pong() {
    const MessageMaker maker(1, traffic_.payload, traffic_.seed);
    Message message;
    for (std::uint64_t round_trip = 0; round_trip < traffic_.round_trips(); ++round_trip) {
      require(co_await get(message));
      ledger_.receive_expected(part_, message, 0, 2 * round_trip);
      maybe_die(traffic_, TrafficFault::Kind::kill_receiver, round_trip);
      maker.make(2 * round_trip + 1, message);
      co_await put(message);
    }
  }

  // The token is one message, which each task passes on under the next number. Task i receives hops i - 1, i - 1 + N, ...
  Coroutine pass_on() {
    const std::uint64_t tasks = traffic_.ring;
    const MessageMaker maker(0, traffic_.payload, traffic_.seed);
    Message token;
    if (part_ == 0) {
      maker.make(0, token);
      co_await put(token);
    }
    for (std::uint64_t hop = (part_ + tasks - 1) % tasks; hop < traffic_.messages; hop += tasks) {
      require(co_await get(token));
      ledger_.receive_expected(part_, token, 0, hop);
      maybe_die(traffic_, TrafficFault::Kind::kill_receiver, hop);
      if (hop + 1 == traffic_.messages) co_return;
      maker.renumber(hop + 1, token);
      co_await put(token);
    }
  }

  static void require(bool got) {
    if (!got) throw TransportError("the other end of the link was closed too early");
  }

  Ledger& ledger_;
  const Traffic& traffic_;
  std::uint64_t part_;
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<Receiver> receiver_;
};

/// Runs a task that never suspends. Throws what it throws.
inline void run_blocking(const Task<>& task) {
  struct Whole final : Job {
    std::coroutine_handle<> finished(bool /*failed*/) noexcept override { return std::noop_coroutine(); }
  } job;
  task.bind(job).resume();
  if (!task.done()) throw std::logic_error("a task that was to block has suspended");
  task.take();
}

}  // namespace makespan
