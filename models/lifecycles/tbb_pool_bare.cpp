// SPDX-License-Identifier: Apache-2.0
#include "models/lifecycles/bare_thread.hpp"
#include "models/lifecycles/pool_unit.hpp"

namespace makespan {
namespace {

class BareTbbPoolUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::always;

  BareTbbPoolUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit) : worker_(roll, unit) {}
  void end() const noexcept {}

 private:
  BareThread worker_;
};

}  // namespace

extern const LifecycleInfo tbb_pool_bare_lifecycle;
const LifecycleInfo tbb_pool_bare_lifecycle{
    .model = "tbb_pool",
    .variant = "bare",
    .summary = "the floor of tbb_pool: one bare thread beside the caller, which waits on a futex and is let go",
    .unit = Unit::thread,
    .parts = pool_workers,
    .units_per_row = 100,
    .need = {.bytes = sizeof(BareThread)},
    .make = make_burst<BareTbbPoolUnit>,
    .refuses =
        [](std::uint64_t units) {
          const std::string_view reason = no_bare_threads(units);
          return reason.empty() ? one_tbb_pool(units) : reason;
        },
    .role = Role::floor,
};

}  // namespace makespan
