// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/event_loop.hpp"

#include "models/lifecycles/coroutine_frame.hpp"
#include "models/lifecycles/unit_burst.hpp"

namespace makespan {
namespace {

class EventLoopUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::never;

  EventLoopUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit) : roll_(roll), unit_(unit) { (void)loop_.poller(); }
  void end() {
    loop_.run_until_complete(counted_task(&roll_, unit_));
    loop_.close();
  }

 private:
  const Roll& roll_;
  std::uint64_t unit_;
  EventLoop loop_;
};

}  // namespace

extern const LifecycleInfo event_loop_lifecycle;
const LifecycleInfo event_loop_lifecycle{
    .model = "event_loop",
    .variant = "",
    .summary = "the suite's EventLoop with its poller: made, one empty task, closed",
    .unit = Unit::thread,
    .units_per_row = 5000,
    .need = {.files = 1, .bytes = 4U << 10U},
    .make = make_burst<EventLoopUnit>,
};

}  // namespace makespan
