// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>

#include "models/lifecycles/child.hpp"
#include "models/lifecycles/unit_burst.hpp"

namespace makespan {
namespace {

class BareForkUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::with_others;

  BareForkUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit) : child_(fork(roll, unit), "clone") {}
  void end() { child_.reap("forked unit"); }

 private:
  static pid_t fork(const Roll& roll, std::uint64_t unit) {
    const pid_t id = bare_fork();
    if (id == 0) _exit(roll.answer(unit) ? EXIT_SUCCESS : EXIT_FAILURE);
    return id;
  }

  Child child_;
};

}  // namespace

extern const LifecycleInfo fork_bare_lifecycle;
const LifecycleInfo fork_bare_lifecycle{
    .model = "fork",
    .variant = "bare",
    .summary = "the floor of fork: the system calls clone without flags, exit_group, waitid",
    .unit = Unit::process,
    .parts = 1,
    .copies_parent = true,
    .units_per_row = 200,
    .make = make_burst<BareForkUnit>,
    .role = Role::floor,
};

}  // namespace makespan
