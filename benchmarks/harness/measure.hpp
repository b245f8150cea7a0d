// SPDX-License-Identifier: Apache-2.0
// The measurement of one case.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/harness/sample.hpp"
#include "models/batch.hpp"

namespace makespan {

/// What all measurements of a launch have in common.
struct Conditions {
  double cpus = 1;                    ///< usable by us
  double ns_per_iteration = 1;        ///< as calibrated in this launch: for the bounds
  double fixed_ns_per_iteration = 1;  ///< what turns compute times into iterations: one value for a whole run
  Recording recording = Recording::on;
  std::optional<std::chrono::nanoseconds> timeout;  ///< of a cell; default: 30 s + 5 × the model bound
};

/// A sample, and the batch it came from for whoever wants its records.
struct Measurement {
  Sample sample;  ///< without run_id, git_sha, launch, round, sequence
  Batch batch;
  std::int64_t submitted_ns = 0;  ///< steady clock at the first submit
  bool interrupted = false;       ///< by Ctrl-C: not a result
};

/// Runs the case once in a cell and verifies it. What goes wrong is in the sample's status and error, never an exception:
///   skipped   a limit of the system forbids the case
///   error     the system refused something midway, the model or a task threw, the cell crashed, or the result is wrong
///   timeout   the cell did not end in time
/// Times and counters are there only when the status is ok. `fault` is injected into the workload.
[[nodiscard]] Measurement measure(const Case& point, const Conditions& conditions, const Fault& fault = {});

}  // namespace makespan
