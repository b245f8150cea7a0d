// SPDX-License-Identifier: Apache-2.0
// One measurement: something is set up, run and torn down in a cell, each phase timed apart, and verified.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/harness/cell.hpp"
#include "benchmarks/harness/limits.hpp"
#include "benchmarks/harness/sample.hpp"
#include "benchmarks/harness/usage.hpp"
#include "models/runtime/steady_clock.hpp"
#include "models/task_run.hpp"

namespace makespan {

/// What all measurements of a launch have in common.
struct Conditions {
  double cpus = 1;                    ///< usable by us
  double ns_per_iteration = 1;        ///< as calibrated in this launch: for the bounds
  double fixed_ns_per_iteration = 1;  ///< what turns compute times into iterations: one value for a whole run
  Recording recording = Recording::on;
  std::optional<std::chrono::nanoseconds> timeout;  ///< of a cell; default: 30 s + 5 × the model bound
  bool tracing = false;                             ///< whether the records are wanted one by one
};

/// A sample, and the records it was made from if they were wanted: one per task or per round trip, by their index.
struct Measurement {
  Sample sample;  ///< without run_id, git_sha, launch, round, sequence
  std::vector<TaskRecord> records{};
  std::int64_t submitted_ns = 0;  ///< steady clock at the first submit
  bool interrupted = false;       ///< by Ctrl-C: not a result
};

enum class Phase : std::uint8_t { preparing, setup, run, teardown };

/// What a cell tells of its phases; lies in shared memory.
struct PhaseReport {
  std::atomic<Phase> phase;
  std::int64_t submitted_ns;
  std::chrono::nanoseconds setup, makespan, teardown;
  Usage usage;
  std::chrono::nanoseconds steal;
  std::uint64_t peak_rss_bytes;
  bool unavailable;  ///< it ended with Unavailable
};

/// The three phases, in the cell: `make` returns a pointer that owns the subject (setup), `run(subject)` is the makespan,
/// its destruction the teardown, after its join() if it has one. `own_bytes`: memory that the suite itself holds for its checks, not
/// counted.
template <class Make, class Run>
void run_phases(PhaseReport& report, std::uint64_t own_bytes, Make&& make, Run&& run) {
  report.phase = Phase::setup;
  const std::int64_t setup_begin = steady_now_ns();
  auto subject = std::forward<Make>(make)();
  report.setup = std::chrono::nanoseconds(steady_now_ns() - setup_begin);

  report.phase = Phase::run;
  const std::chrono::nanoseconds steal_before = stolen_time();
  const Usage before = group_usage();
  report.submitted_ns = steady_now_ns();
  std::forward<Run>(run)(*subject);
  report.makespan = std::chrono::nanoseconds(steady_now_ns() - report.submitted_ns);
  report.usage = group_usage() - before;
  report.steal = stolen_time() - steal_before;

  report.phase = Phase::teardown;
  const std::int64_t teardown_begin = steady_now_ns();
  if constexpr (requires { subject->join(); }) subject->join();
  subject.reset();
  report.teardown = std::chrono::nanoseconds(steady_now_ns() - teardown_begin);
  report.peak_rss_bytes = peak_resident_bytes(own_bytes);
}

/// What is measured: the parts of a measurement that differ from one kind of benchmark to another.
class Experiment {
 public:
  Experiment() = default;
  Experiment(const Experiment&) = delete;
  Experiment& operator=(const Experiment&) = delete;
  virtual ~Experiment() = default;

  /// Takes the shared memory of the results, in the benchmark process. Throws what the system refuses.
  virtual void prepare() = 0;
  /// In the cell: calls run_phases.
  virtual void run(PhaseReport& report) = 0;
  /// What the benchmark process does while the cell runs; none: it only waits.
  [[nodiscard]] virtual Watch watch() { return {}; }
  /// After a good end, in the benchmark process: throws if the result is wrong, else fills in the columns of its own, and
  /// the records if they are wanted.
  virtual void finish(Measurement& measurement, const PhaseReport& report) = 0;
  /// How long the work may take beyond what its model bound tells, before a time limit that nobody has set ends it.
  [[nodiscard]] virtual std::chrono::nanoseconds allowance() const { return std::chrono::nanoseconds{0}; }
  /// How far the run had come, as "3 of 10 tasks done".
  [[nodiscard]] virtual std::string progress() const = 0;
};

/// Measures in a cell. `described` has the identity of the case and its bounds. What goes wrong is in the sample's status
/// and error, never an exception:
///   skipped   a limit of the system forbids what the case needs, or its setup found that out (Unavailable)
///   error     the system refused something midway, the subject failed, the cell crashed, or the result is wrong
///   timeout   the cell did not end in time (default: 30 s + 5 × the model bound + the allowance)
/// Times and counters are there only when the status is ok.
[[nodiscard]] Measurement measure(Sample described, const Need& need, std::optional<std::chrono::nanoseconds> timeout,
                                  Experiment& experiment);

}  // namespace makespan
