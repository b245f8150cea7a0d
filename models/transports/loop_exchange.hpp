// SPDX-License-Identifier: Apache-2.0
// A traffic between the coroutines of an event loop.
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "models/runtime/descriptor.hpp"
#include "models/runtime/event_loop.hpp"
#include "models/runtime/gather.hpp"
#include "models/transport.hpp"
#include "models/transports/roles.hpp"

namespace makespan {

/// Memory of a task: frames, role, messages. A ring of a million with channels took 1,307 bytes each, the channels included (Linux, x86-64,
/// GCC 12).
inline constexpr std::uint64_t loop_task_bytes = 1300;

/// One coroutine per task. The links L are made with the loop and a LinkSpec; their put and get are awaited.
template <class L>
class LoopExchange final : public Exchange {
 public:
  explicit LoopExchange(Ledger& ledger) {
    const Traffic& traffic = ledger.traffic();
    const LinkSpec spec = LinkSpec::of(traffic, false);
    for (std::uint64_t link = 0; link < traffic.links(); ++link) links_.emplace_back(loop_, spec);
    for (std::uint64_t part = 0; part < traffic.parts(); ++part) parts_.emplace_back(ledger, links_, part);
    for (Part<L>& part : parts_) tasks_.push_back(part.play());
  }

  void run() override { loop_.run_until_complete(gather(std::move(tasks_))); }
  void join() override {}

 private:
  IgnoreSigpipe no_signal_;
  EventLoop loop_;
  std::deque<L> links_;
  std::deque<Part<L>> parts_;
  std::vector<Task<>> tasks_;
};

}  // namespace makespan
