// SPDX-License-Identifier: Apache-2.0
// What the binaries tell about their cases: --list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/harness/benchmark.hpp"

namespace makespan {

/// A table for people: name, model bound if there is one, and for a case that is left out why.
[[nodiscard]] std::string list_cases(const std::vector<Trial>& trials);

/// The same as one JSON object for programs: {"benchmark", "cases": [{"name", "benchmark", "model", "variant", "tasks", "processes",
/// "threads", "sleep_ns", "compute_ns", "payload_bytes", "stages", "model_bound_ns" (each null if not applicable), "args": flags that
/// select just this case, "left_out": null or why}]}.
[[nodiscard]] std::string list_cases_as_json(const std::vector<Trial>& trials, std::string_view benchmark);

}  // namespace makespan
