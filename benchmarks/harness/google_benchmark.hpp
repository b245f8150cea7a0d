// SPDX-License-Identifier: Apache-2.0
// Our cases as Google Benchmark's benchmarks. The one place that knows its API, which differs between 1.7 and 1.9.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "benchmarks/harness/benchmark.hpp"
#include "benchmarks/harness/launch.hpp"

namespace makespan {

/// Facts for the header of the console table and of the JSON.
using Context = std::vector<std::pair<std::string, std::string>>;

/// Runs the cases through Google Benchmark with its own command line `flags`; each iteration of a benchmark is one batch in
/// one cell, timed by its makespan. Google Benchmark's column CPU shows the CPU time of the whole cell, where its own clock
/// would see the benchmark process alone.
/// One iteration a benchmark, unless --benchmark_min_time asks for more. Console output goes to stderr if `quiet_stdout`.
[[nodiscard]] Exit run_google_benchmark(const std::vector<Trial>& trials, const std::string& program, const std::vector<std::string>& flags,
                                        const Context& context, bool quiet_stdout, Launch& launch);

}  // namespace makespan
