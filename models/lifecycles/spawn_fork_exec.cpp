// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "models/lifecycles/program.hpp"
#include "models/lifecycles/unit_burst.hpp"
#include "models/runtime/process.hpp"

namespace makespan {
namespace {

class ForkExecUnit {
 public:
  using Common = SmallProgram;
  static constexpr Held held = Held::never;

  ForkExecUnit(const Common& program, const Roll& roll, std::uint64_t unit)
      : child_(Process::start([&program] {
          execve(program.path(), program.arguments(), environ);
          _exit(no_such_program);
        })),
        roll_(roll),
        unit_(unit) {}

  void end() {
    const pid_t id = child_.id();
    if (const ExitStatus status = child_.wait(); !status.ok()) throw ProcessDied("spawned program", id, status);
    roll_.count(unit_);
  }

 private:
  Process child_;
  const Roll& roll_;
  std::uint64_t unit_;
};

}  // namespace

extern const LifecycleInfo spawn_fork_exec_lifecycle;
const LifecycleInfo spawn_fork_exec_lifecycle{
    .model = "spawn",
    .variant = "fork_exec",
    .summary = "the suite's Process that becomes the program `true`: fork, execve, waitpid",
    .unit = Unit::process,
    .parts = 1,
    .copies_parent = true,
    .units_per_row = 100,
    .make = make_burst<ForkExecUnit>,
    .lacks = lacks_small_program,
};

}  // namespace makespan
