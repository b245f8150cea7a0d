// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "models/lifecycles/child.hpp"
#include "models/lifecycles/program.hpp"
#include "models/lifecycles/unit_burst.hpp"

namespace makespan {
namespace {

// The child runs in the parent's memory, on its stack, until it has become the program: a function of its own, in which it writes nothing.
[[gnu::noinline]] pid_t vfork_exec(const char* path, char* const* arguments) {
  const pid_t id = vfork();
  if (id == 0) {
    execve(path, arguments, environ);
    _exit(no_such_program);
  }
  return id;
}

class BareSpawnUnit {
 public:
  using Common = SmallProgram;
  static constexpr Held held = Held::never;

  BareSpawnUnit(const Common& program, const Roll& roll, std::uint64_t unit)
      : child_(vfork_exec(program.path(), program.arguments()), "vfork"), roll_(roll), unit_(unit) {}
  void end() {
    child_.reap("spawned program");
    roll_.count(unit_);
  }

 private:
  Child child_;
  const Roll& roll_;
  std::uint64_t unit_;
};

}  // namespace

extern const LifecycleInfo spawn_bare_lifecycle;
const LifecycleInfo spawn_bare_lifecycle{
    .model = "spawn",
    .variant = "bare",
    .summary = "the floor of spawn: vfork, execve of the program `true`, waitid",
    .unit = Unit::process,
    .parts = 1,
    .units_per_row = 100,
    .make = make_burst<BareSpawnUnit>,
    .lacks = lacks_small_program,
    .role = Role::floor,
};

}  // namespace makespan
