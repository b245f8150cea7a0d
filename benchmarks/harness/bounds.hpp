// SPDX-License-Identifier: Apache-2.0
// The shortest times that are possible at all.
#pragma once

#include <chrono>

#include "models/model.hpp"
#include "workloads/workload.hpp"

namespace makespan {

/// True lower bounds of a batch's makespan.
struct Bounds {
  std::chrono::nanoseconds model{0};    ///< for this model and shape, if it cost nothing
  std::chrono::nanoseconds machine{0};  ///< for any model on this machine
};

/// With c tasks in flight and p of them computing at once on `cpus` CPUs:
///   model   = max(⌈N / c⌉ (S + C), N C / min(p, cpus)),   machine = max(S + C, N C / cpus)
/// for N equal tasks that sleep S and compute C. For tasks of varied size: max(longest task, Σ(S + C) / c, ΣC / min(p, cpus)).
/// The classic bounds of R. L. Graham for scheduling on parallel machines (1969).
[[nodiscard]] Bounds bounds(const Demand& demand, const Reach& reach, double ns_per_iteration, double cpus);

}  // namespace makespan
