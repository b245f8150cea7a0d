// SPDX-License-Identifier: Apache-2.0
// The command line of every benchmark binary.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/harness/benchmark.hpp"
#include "benchmarks/harness/scheduling.hpp"

namespace makespan {

/// Exit codes of every program of the suite.
enum class Exit : int { ok = 0, regression = 1, usage = 2, failed = 3, no_verdict = 4, interrupted = 130 };

enum class Action : std::uint8_t { measure, list, list_json, list_models, environment };

struct Options {
  Action action = Action::measure;
  std::string csv, trace;                           ///< file names; empty: none; "-": standard output
  std::optional<std::chrono::nanoseconds> timeout;  ///< of one cell
  std::optional<double> ns_per_iteration;           ///< fixes the iterations of a compute time
  std::string run_id;
  std::uint64_t launch = 1, round = 1, sequence = 1;
  bool records = true;
  Scheduling scheduling;
  std::optional<std::uint64_t> die_with_parent;   ///< process id of the parent to die with; 0: whichever started this one
  std::vector<std::string> for_google_benchmark;  ///< every argument that begins with --benchmark_ or --v=
};

/// What parsing led to: options, or an exit code when there is nothing more to do.
struct Parsed {
  std::optional<Options> options;
  Exit exit = Exit::ok;
};

/// Reads the command line, the benchmark's own flags into the benchmark. --help prints to stdout. A bad value is told on stderr with the
/// flag, the value and what is allowed; then the exit code is Exit::usage.
[[nodiscard]] Parsed parse_options(const std::vector<std::string>& arguments, Benchmark& benchmark);

}  // namespace makespan
