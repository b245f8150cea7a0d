// SPDX-License-Identifier: Apache-2.0
// What the binaries tell about themselves: --list and --list-models.
#pragma once

#include <string>
#include <vector>

#include "benchmarks/harness/case.hpp"

namespace makespan {

/// A table for people: name, model bound, and for a case that is left out why.
[[nodiscard]] std::string list_cases(const std::vector<Case>& cases, double ns_per_iteration, double cpus);

/// The same as one JSON object for programs: {"benchmark", "cases": [{"name", "model", "variant", "tasks", "processes", "threads",
/// "sleep_ns", "compute_ns" (null if the workload has none), "model_bound_ns", "args": flags that select just this case, "left_out": null
/// or why}]}.
[[nodiscard]] std::string list_cases_as_json(const std::vector<Case>& cases, const WorkloadInfo& workload, double ns_per_iteration,
                                             double cpus);

/// A table of the registered models.
[[nodiscard]] std::string list_models();

}  // namespace makespan
