// SPDX-License-Identifier: Apache-2.0
// Which cases: lists of values on the command line, or a default grid sized for the machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/harness/selection.hpp"
#include "benchmarks/harness/sweep.hpp"

namespace makespan {

/// Lists that span the grid. An empty list means: the default.
struct Grid {
  Selection selection;                                   ///< of the models; default: the suite's own
  std::vector<std::uint64_t> tasks;                      ///< default: 1, 10, 100, 1000, 10000
  std::vector<std::chrono::nanoseconds> sleep, compute;  ///< default: the workload's own task times
  std::vector<std::chrono::nanoseconds> length;          ///< of a task, split by cpu_share; in place of sleep and compute
  std::vector<double> cpu_share;                         ///< of `length` that computes, 0 to 1
  std::vector<Sizes> sizes;                              ///< default: constant
  std::vector<std::uint64_t> workers;                    ///< default: 2, m, 4 m, N, none above N
  std::vector<std::uint64_t> processes, threads;         ///< of the models that have both; default: m processes sharing `workers`
  std::chrono::nanoseconds max_bound{0};  ///< leave out cases whose model bound is above it; 0: 60 s if the grid is all default, else never
  Injected injected{};                    ///< into all of them
  std::optional<Sweep> sweep{};           ///< its batches, in place of the lists of tasks and times
};

/// Every case of the grid once, in the order of models, tasks, times. Cases whose model bound is too long are in it with the
/// reason in `left_out`.
[[nodiscard]] std::vector<Case> expand(const Grid& grid, const WorkloadInfo& workload, double ns_per_iteration, double cpus);

/// The models that the grid asks for; a floor or a peer only if it is named.
[[nodiscard]] std::vector<const ModelInfo*> models_of(const Grid& grid);

}  // namespace makespan
