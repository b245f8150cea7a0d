// SPDX-License-Identifier: Apache-2.0
// A traffic between processes.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "models/runtime/descriptor.hpp"
#include "models/runtime/gate.hpp"
#include "models/runtime/process_group.hpp"
#include "models/transport.hpp"
#include "models/transports/roles.hpp"

namespace makespan {

/// One forked process per task. The death of any of them ends run() with ProcessDied.
template <Link L>
class ProcessExchange final : public Exchange {
 public:
  explicit ProcessExchange(Ledger& ledger) : gate_(ledger.traffic().parts()) {
    const Traffic& traffic = ledger.traffic();
    const LinkSpec spec = LinkSpec::of(traffic, true);
    for (std::uint64_t link = 0; link < traffic.links(); ++link) links_.emplace_back(spec);
    group_.emplace(traffic.parts(), "message process", [this, &ledger](std::uint64_t part) {
      Part<L> own(ledger, links_, part);
      gate_.arrive_and_wait();
      run_blocking(own.play());
      gate_.done();
    });
    for (L& link : links_) link.release();
    while (!gate_.wait_for_arrivals(patience)) group_->require_alive();
  }

  void run() override {
    gate_.open();
    while (!gate_.wait_for_all_done(patience)) group_->require_alive();
  }

  void join() override { group_->wait_for_any(); }

 private:
  static constexpr std::chrono::milliseconds patience{20};  // how long a death may go unnoticed

  std::deque<L> links_;
  IgnoreSigpipe no_signal_;
  Gate gate_;
  std::optional<ProcessGroup> group_;
};

}  // namespace makespan
