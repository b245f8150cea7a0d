// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>

#include "models/lifecycles/child.hpp"
#include "models/lifecycles/pool_unit.hpp"

namespace makespan {
namespace {

// The first worker answers for the pool; the second has shown that it ran when it exits with 0.
class BareProcessPoolUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::always;

  BareProcessPoolUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit)
      : first_(first(roll, unit), "clone"), second_(second(roll), "clone") {}
  void end() {
    first_.reap("bare worker");
    second_.reap("bare worker");
  }

 private:
  static pid_t first(const Roll& roll, std::uint64_t unit) {
    const pid_t id = bare_fork();
    if (id == 0) _exit(roll.answer(unit) ? EXIT_SUCCESS : EXIT_FAILURE);
    return id;
  }
  static pid_t second(const Roll& roll) {
    const pid_t id = bare_fork();
    if (id == 0) {
      roll.wait();
      _exit(EXIT_SUCCESS);
    }
    return id;
  }

  Child first_, second_;
};

}  // namespace

extern const LifecycleInfo process_pool_bare_lifecycle;
const LifecycleInfo process_pool_bare_lifecycle{
    .model = "process_pool",
    .variant = "bare",
    .summary = "the floor of process_pool: two bare forks that wait on a futex, are let go and reaped",
    .unit = Unit::process,
    .parts = pool_workers,
    .copies_parent = true,
    .units_per_row = 100,
    .make = make_burst<BareProcessPoolUnit>,
    .role = Role::floor,
};

}  // namespace makespan
