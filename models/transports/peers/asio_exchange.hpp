// SPDX-License-Identifier: Apache-2.0
// A traffic between the coroutines of Asio.
#pragma once

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <exception>

#include "models/peers/asio_typed.hpp"
#include "models/runtime/descriptor.hpp"
#include "models/transport.hpp"
#include "models/transports/roles.hpp"

namespace makespan {

/// Descriptors of an io_context: epoll, its wake-up and its timer.
inline constexpr std::uint64_t asio_files = 3;

/// Memory of a task: frames, role, messages, with its channel.
inline constexpr std::uint64_t asio_task_bytes = 2500;

/// One coroutine per task, all in one thread. The links L are made with the io_context and a LinkSpec; their put and get are awaited.
template <class L>
class AsioExchange final : public Exchange {
 public:
  explicit AsioExchange(Ledger& ledger) {
    const Traffic& traffic = ledger.traffic();
    const LinkSpec spec = LinkSpec::of(traffic, false);
    for (std::uint64_t link = 0; link < traffic.links(); ++link) links_.emplace_back(loop_, spec);
    for (std::uint64_t part = 0; part < traffic.parts(); ++part) parts_.emplace_back(ledger, links_, part);
    for (Part<L>& part : parts_) asio::co_spawn(loop_, part.play(), [this](const std::exception_ptr& error) { ended(error); });
  }

  void run() override {
    loop_.run();
    if (error_) std::rethrow_exception(error_);
  }
  void join() override {}

 private:
  void ended(const std::exception_ptr& error) {
    if (!error || error_) return;
    error_ = error;
    loop_.stop();
  }

  IgnoreSigpipe no_signal_;
  asio::io_context loop_{1};  // the number of threads that will run it
  std::deque<L> links_;
  std::deque<Part<L>> parts_;
  std::exception_ptr error_;
};

/// For a receiver's `pause`.
inline AsioTask<void> pause_on(asio::io_context& loop, std::chrono::nanoseconds duration) {
  AsioTimer timer(loop, duration);
  co_await timer.async_wait(asio_await);
}

}  // namespace makespan
