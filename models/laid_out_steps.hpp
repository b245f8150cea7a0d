// SPDX-License-Identifier: Apache-2.0
// The steps of a batch for tasks that are coroutines.
#pragma once

#include <cstdint>

#include "models/batch.hpp"

namespace makespan {

/// The batch as its coroutines see it, in one thread. What they ask for here would be kept in each of their frames if they worked it out
/// themselves: GCC gives every variable and temporary of a coroutine a place of its own.
struct LaidOutSteps {
  explicit LaidOutSteps(Batch& all) noexcept : batch(all) {}

  [[nodiscard]] std::uint32_t steps(std::uint64_t task) { return static_cast<std::uint32_t>(steps_of(task).size()); }
  [[nodiscard]] bool sleeps(std::uint64_t task, std::uint32_t step) { return steps_of(task)[step].sleep.count() > 0; }
  /// The end of a sleep that begins now.
  [[nodiscard]] SteadyTime deadline(std::uint64_t task, std::uint32_t step) { return steady_after(steps_of(task)[step].sleep); }
  void compute(TaskRun& run, std::uint64_t task, std::uint32_t step) { run.compute(batch.workload(), steps_of(task)[step].iterations); }

  Batch& batch;

 private:
  // Once when a task begins, as where it runs in a thread, and again only when another has run while it slept: in its frame they would be
  // most of it.
  [[nodiscard]] const Steps& steps_of(std::uint64_t task) {
    if (laid_out_ != task) {
      steps_ = batch.workload().steps(task);
      laid_out_ = task;
    }
    return steps_;
  }

  Steps steps_{};
  std::uint64_t laid_out_ = UINT64_MAX;  // no task has that number
};

}  // namespace makespan
