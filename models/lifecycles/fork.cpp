// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>

#include "models/lifecycles/unit_burst.hpp"
#include "models/runtime/process.hpp"

namespace makespan {
namespace {

class ForkUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::with_others;

  ForkUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit)
      : child_(Process::start([&roll, unit] {
          if (!roll.answer(unit)) _exit(EXIT_FAILURE);
        })) {}

  void end() {
    const pid_t id = child_.id();
    if (const ExitStatus status = child_.wait(); !status.ok()) throw ProcessDied("forked unit", id, status);
  }

 private:
  Process child_;
};

}  // namespace

extern const LifecycleInfo fork_lifecycle;
const LifecycleInfo fork_lifecycle{
    .model = "fork",
    .variant = "",
    .summary = "the suite's Process: fork, death with the parent, exit, waitpid",
    .unit = Unit::process,
    .parts = 1,
    .copies_parent = true,
    .units_per_row = 200,
    .make = make_burst<ForkUnit>,
};

}  // namespace makespan
