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
///     for (each step) { wait(step.sleep); run.slept(step.sleep, since); run.compute(step.iterations); }
class TaskRun {
 public:
  /// Starts the task. Throws what the task throws (so far only an injected fault).
  TaskRun(const Workload& workload, std::uint64_t task, Recording recording);

  /// To be called after a wait that was to take `asked` and began at `since_ns`.
  void slept(std::chrono::nanoseconds asked, std::int64_t since_ns) noexcept {
    if (recording_ == Recording::on) overshoot_ns_ += steady_now_ns() - since_ns - asked.count();
  }
  void compute(std::uint64_t iterations) {
    state_ = workload_->info->kernel->run(iterations, state_);
    if (workload_->slowdown.kernel > 0) compute_in_vain(iterations, workload_->slowdown.kernel);
  }
  [[nodiscard]] TaskResult finish() const noexcept;

 private:
  void compute_in_vain(std::uint64_t iterations, double share) const;

  const Workload* workload_;
  Checksum state_;
  std::int64_t start_ns_ = 0;
  std::int64_t overshoot_ns_ = 0;
  Recording recording_;
};

/// Runs a whole task in the calling thread, blocking it while the task sleeps. Throws what the task throws.
[[nodiscard]] TaskResult run_blocking(const Workload& workload, std::uint64_t task, Recording recording);

}  // namespace makespan
