// SPDX-License-Identifier: Apache-2.0
#include "models/lifecycles/bare_thread.hpp"
#include "models/lifecycles/unit_burst.hpp"

namespace makespan {
namespace {

class BareThreadUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::with_others;

  BareThreadUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit) : thread_(roll, unit) {}
  void end() const noexcept {}  // the destructor does

 private:
  BareThread thread_;
};

}  // namespace

extern const LifecycleInfo thread_bare_lifecycle;
const LifecycleInfo thread_bare_lifecycle{
    .model = "thread",
    .variant = "bare",
    .summary = "the floor of thread and async: clone and futex, on a stack that is there already",
    .unit = Unit::thread,
    .parts = 1,
    .units_per_row = 1000,
    .need = {.bytes = sizeof(BareThread)},
    .make = make_burst<BareThreadUnit>,
    .refuses = no_bare_threads,
    .role = Role::floor,
};

}  // namespace makespan
