// SPDX-License-Identifier: Apache-2.0
#include <spawn.h>
#include <unistd.h>

#include <system_error>

#include "models/lifecycles/child.hpp"
#include "models/lifecycles/program.hpp"
#include "models/lifecycles/unit_burst.hpp"

namespace makespan {
namespace {

class SpawnUnit {
 public:
  using Common = SmallProgram;
  static constexpr Held held = Held::never;  // it ends by itself, and is there until it is reaped

  SpawnUnit(const Common& program, const Roll& roll, std::uint64_t unit)
      : child_(spawn(program), "posix_spawn"), roll_(roll), unit_(unit) {}
  void end() {
    child_.reap("spawned program");
    roll_.count(unit_);
  }

 private:
  static pid_t spawn(const SmallProgram& program) {
    pid_t id = 0;
    const int refused = posix_spawn(&id, program.path(), nullptr, nullptr, program.arguments(), environ);
    if (refused != 0) throw std::system_error(refused, std::generic_category(), "posix_spawn");
    return id;
  }

  Child child_;
  const Roll& roll_;
  std::uint64_t unit_;
};

}  // namespace

extern const LifecycleInfo spawn_lifecycle;
const LifecycleInfo spawn_lifecycle{
    .model = "spawn",
    .variant = "",
    .summary = "posix_spawn of the program `true`, and its end",
    .unit = Unit::process,
    .parts = 1,
    .units_per_row = 100,
    .make = make_burst<SpawnUnit>,
    .lacks = lacks_small_program,
};

}  // namespace makespan
