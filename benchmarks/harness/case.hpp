// SPDX-License-Identifier: Apache-2.0
// What is measured: one model with one shape running one batch.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/harness/bounds.hpp"
#include "models/model.hpp"
#include "workloads/workload.hpp"

namespace makespan {

/// Seed of the task sizes and checksums. The same in every run: a case is the same tasks wherever it is measured.
inline constexpr std::uint64_t task_seed = 1;

/// Slowdowns asked for on the command line; none by default.
struct Injected {
  double kernel = 0;                     ///< share of the computing that is added to it
  std::chrono::nanoseconds dispatch{0};  ///< computing before every task

  /// By name and as text, only those that there are: {{"dispatch", "10us"}}.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> described() const;
};

/// A point of the grid.
struct Case {
  const WorkloadInfo* workload;
  const ModelInfo* model;
  std::uint64_t tasks = 1;
  Shape shape;  ///< as the model will use it
  TaskTime time;
  Sizes sizes = Sizes::constant;
  Injected injected{};
  bool recorded = true;  ///< start and end of every task; false: its flags have --no-records
  std::string left_out;  ///< why it is listed but not to be run; empty: it is to be run

  /// The CSV's column: the model's variant and the distribution of sizes, joined by '+', each only if not the ordinary one.
  [[nodiscard]] std::string variant() const;
  /// As Google Benchmark shows it: sleep/threads/tasks:10/sleep:10ms/processes:1/threads:10. An injected slowdown is
  /// told at the end: /slow_kernel:5%.
  [[nodiscard]] std::string name() const;
  /// Command line flags that select exactly this case.
  [[nodiscard]] std::vector<std::string> flags() const;
  /// The workload with `compute` turned into iterations of the kernel.
  [[nodiscard]] Workload work(double ns_per_iteration) const;
};

/// Bounds of a case whose iterations were fixed at `fixed_ns_per_iteration`, where one iteration takes `ns_per_iteration` now.
[[nodiscard]] Bounds bounds_of(const Case& point, double fixed_ns_per_iteration, double ns_per_iteration, double cpus);

}  // namespace makespan
