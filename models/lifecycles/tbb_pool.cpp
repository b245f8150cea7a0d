// SPDX-License-Identifier: Apache-2.0
#include "models/lifecycles/pool_unit.hpp"

namespace makespan {
namespace {

struct TbbPoolOfTwo {
  static const ModelInfo& model() { return *find_model("tbb_pool"); }
  static constexpr Shape shape{1, pool_workers};
};

}  // namespace

extern const LifecycleInfo tbb_pool_lifecycle;
const LifecycleInfo tbb_pool_lifecycle{
    .model = "tbb_pool",
    .variant = "",
    .summary = "the model tbb_pool with 2 slots: global_control, arena, its worker, one empty task, the end of all",
    .unit = Unit::thread,
    .parts = pool_workers,
    .units_per_row = 100,
    .make = make_burst<PoolUnit<TbbPoolOfTwo>>,
    .refuses = one_tbb_pool,
};

}  // namespace makespan
