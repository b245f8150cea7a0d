// SPDX-License-Identifier: Apache-2.0
// One task under way, and what is known of it afterwards.
#pragma once

#include <chrono>
#include <cstdint>

#include "models/runtime/steady_clock.hpp"
#include "workloads/workload.hpp"

namespace makespan {

/// When and where one task ran. Times on the steady clock in nanoseconds, comparable between the processes of a machine.
/// All zero when recording is off.
struct TaskRecord {
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t overshoot_ns = 0;  ///< time asleep beyond what was asked for, all sleeps of the task together
  std::int32_t process = 0;       ///< operating system ids
  std::int32_t thread = 0;
  std::int32_t cpu = 0;  ///< where the task ended
};

struct TaskResult {
  Checksum checksum = 0;
  TaskRecord record;
};

/// Whether the start and end of every task are recorded, or only that it ran.
enum class Recording : std::uint8_t { off, on };

/// Runs one task step by step: whoever drives it does the waiting, in whatever way its model waits, and tells of it.
///     for (each step) { wait until `deadline`; run.slept(deadline); run.compute(workload, step.iterations); }
/// The workload is handed to each call and not kept: a million waiting tasks hold one of these each.
class TaskRun {
 public:
  /// Starts the task. Throws what the task throws (so far only an injected fault).
  TaskRun(const Workload& workload, std::uint64_t task, Recording recording);

  /// To be called after a wait that was to end at `deadline`.
  void slept(SteadyTime deadline) noexcept {
    if (recorded()) overshoot_ns_ += steady_now_ns() - deadline.time_since_epoch().count();
  }
  void compute(const Workload& workload, std::uint64_t iterations) {
    state_ = workload.info->kernel->run(iterations, state_);
    if (workload.slowdown.kernel > 0) compute_in_vain(workload, iterations, workload.slowdown.kernel);
  }
  [[nodiscard]] TaskResult finish() const noexcept;

 private:
  [[nodiscard]] bool recorded() const noexcept { return start_ns_ != 0; }
  void compute_in_vain(const Workload& workload, std::uint64_t iterations, double share) const;

  Checksum state_;
  std::int64_t start_ns_ = 0;  // zero: not recorded
  std::int64_t overshoot_ns_ = 0;
};

/// Runs a whole task in the calling thread, blocking it while the task sleeps. Throws what the task throws.
[[nodiscard]] TaskResult run_blocking(const Workload& workload, std::uint64_t task, Recording recording);

}  // namespace makespan
