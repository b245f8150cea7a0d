// SPDX-License-Identifier: Apache-2.0
// A traffic between threads.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "models/runtime/descriptor.hpp"
#include "models/runtime/gate.hpp"
#include "models/transport.hpp"
#include "models/transports/roles.hpp"

namespace makespan {

/// One thread per task. If one throws, others may wait for it for ever, in calls that nothing can break off: they are left where they are,
/// to end with the process, and run() throws. Whoever catches that ends the process; the cells do.
template <Link L>
class ThreadExchange final : public Exchange {
 public:
  explicit ThreadExchange(Ledger& ledger) : shared_(std::make_shared<Shared>(ledger)) {
    const std::uint64_t parts = ledger.traffic().parts();
    threads_.reserve(parts);
    try {
      for (std::uint64_t part = 0; part < parts; ++part) threads_.emplace_back(run_part, shared_, part);
    } catch (const std::system_error& error) {
      const std::string which = fmt::format("thread {} of {}", threads_.size() + 1, parts);
      abandon();
      throw std::system_error(error.code(), which);
    }
    while (!shared_->gate.wait_for_arrivals(patience)) require_no_error();
  }

  ~ThreadExchange() override { abandon(); }

  void run() override {
    shared_->gate.open();
    while (!shared_->gate.wait_for_all_done(patience)) require_no_error();
    require_no_error();
  }

  void join() override { threads_.clear(); }

 private:
  static constexpr std::chrono::milliseconds patience{20};

  struct Shared {
    explicit Shared(Ledger& to) : ledger(to), gate(to.traffic().parts()) {
      const Traffic& traffic = to.traffic();
      const LinkSpec spec = LinkSpec::of(traffic, false);
      for (std::uint64_t link = 0; link < traffic.links(); ++link) links.emplace_back(spec);
    }

    Ledger& ledger;
    std::deque<L> links;
    IgnoreSigpipe no_signal;
    Gate gate;
    std::mutex mutex;
    std::exception_ptr error;
  };

  static void run_part(const std::shared_ptr<Shared>& shared, std::uint64_t part) {
    try {
      Part<L> own(shared->ledger, shared->links, part);
      shared->gate.arrive_and_wait();
      run_blocking(own.play());
      shared->gate.done();
    } catch (...) {
      const std::lock_guard lock(shared->mutex);
      if (!shared->error) shared->error = std::current_exception();
    }
  }

  void require_no_error() {
    std::exception_ptr error;
    {
      const std::lock_guard lock(shared_->mutex);
      error = shared_->error;
    }
    if (!error) return;
    abandon();
    std::rethrow_exception(error);
  }

  void abandon() noexcept {
    for (std::jthread& thread : threads_) thread.detach();
    threads_.clear();
  }

  std::shared_ptr<Shared> shared_;
  std::vector<std::jthread> threads_;
};

}  // namespace makespan
