// SPDX-License-Identifier: Apache-2.0
#include "models/lifecycles/pool_unit.hpp"

namespace makespan {
namespace {

struct ProcessPoolOfTwo {
  static const ModelInfo& model() { return *find_model("process_pool"); }
  static constexpr Shape shape{pool_workers, 1};
};

}  // namespace

extern const LifecycleInfo process_pool_lifecycle;
const LifecycleInfo process_pool_lifecycle{
    .model = "process_pool",
    .variant = "",
    .summary = "the model process_pool with 2 workers: started, one empty task, stopped",
    .unit = Unit::process,
    .parts = pool_workers,
    .copies_parent = true,
    .units_per_row = 100,
    .need = {.bytes = 64U << 10U, .maps = 2},  // two queues, of which only what is used is taken
    .make = make_burst<PoolUnit<ProcessPoolOfTwo>>,
};

}  // namespace makespan
