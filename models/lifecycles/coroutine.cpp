// SPDX-License-Identifier: Apache-2.0
#include "models/lifecycles/coroutine_frame.hpp"
#include "models/lifecycles/unit_burst.hpp"

namespace makespan {
namespace {

class CoroutineUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::never;

  CoroutineUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit) : task_(counted_task(&roll, unit)) {}
  void end() {
    UnawaitedJob job;
    task_.bind(job).resume();
    task_.take();
  }

 private:
  Task<> task_;
};

}  // namespace

extern const LifecycleInfo coroutine_lifecycle;
const LifecycleInfo coroutine_lifecycle{
    .model = "coroutine",
    .variant = "",
    .summary = "a frame of the suite's Task: created, resumed to its end, destroyed",
    .unit = Unit::thread,
    .units_per_row = 200'000,
    .need = {.bytes = 256},
    .make = make_burst<CoroutineUnit>,
};

}  // namespace makespan
