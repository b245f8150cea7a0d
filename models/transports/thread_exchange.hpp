// SPDX-License-Identifier: Apache-2.0
// A traffic between threads.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
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
    } catch (...) {
      abandon();
      throw;
    }
  }

  ~ThreadExchange() override { abandon(); }

  void run() override {
    shared_->gate.open();
    const std::exception_ptr error = shared_->wait_for_end(threads_.size());
    if (error) {
      abandon();
      std::rethrow_exception(error);
    }
    threads_.clear();  // joins
  }

 private:
  struct Shared {
    explicit Shared(Ledger& to) : ledger(to) {
      const Traffic& traffic = to.traffic();
      const LinkSpec spec = LinkSpec::of(traffic, false);
      for (std::uint64_t link = 0; link < traffic.links(); ++link) links.emplace_back(spec);
    }
    void ended(const std::exception_ptr& how) {
      {
        const std::lock_guard lock(mutex);
        ++done;
        if (how && !error) error = how;
      }
      changed.notify_one();
    }
    std::exception_ptr wait_for_end(std::size_t parts) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return error || done == parts; });
      return error;
    }

    Ledger& ledger;
    std::deque<L> links;
    IgnoreSigpipe no_signal;
    Gate gate;
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t done = 0;
    std::exception_ptr error;
  };

  static void run_part(const std::shared_ptr<Shared>& shared, std::uint64_t part) {
    try {
      Role<L> role(shared->ledger, shared->links, part);
      shared->gate.wait();
      run_blocking(role.play());
      shared->ended(nullptr);
    } catch (...) {
      shared->ended(std::current_exception());
    }
  }

  void abandon() noexcept {
    for (std::jthread& thread : threads_) thread.detach();
    threads_.clear();
  }

  std::shared_ptr<Shared> shared_;
  std::vector<std::jthread> threads_;
};

}  // namespace makespan
