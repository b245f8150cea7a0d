// SPDX-License-Identifier: Apache-2.0
// The main program that all benchmark binaries share.
#pragma once

#include "benchmarks/harness/benchmark.hpp"

namespace makespan {

/// Parses the command line, measures the cases of the grid through Google Benchmark, writes what was asked for.
/// Returns the process's exit code.
[[nodiscard]] int suite_main(int argc, char** argv, Benchmark& benchmark);

}  // namespace makespan
