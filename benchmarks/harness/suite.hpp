// SPDX-License-Identifier: Apache-2.0
// The main program that all benchmark binaries share.
#pragma once

#include "workloads/workload.hpp"

namespace makespan {

/// Parses the command line, measures the cases of the grid through Google Benchmark, writes what was asked for.
/// Returns the process's exit code.
[[nodiscard]] int suite_main(int argc, char** argv, const WorkloadInfo& workload);

}  // namespace makespan
