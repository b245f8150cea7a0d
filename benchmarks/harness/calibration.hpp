// SPDX-License-Identifier: Apache-2.0
// What one kernel iteration and one task record cost on this machine, just now.
#pragma once

#include <chrono>
#include <cstdint>

#include "workloads/kernel.hpp"

namespace makespan {

struct Calibration {
  double ns_per_iteration;       ///< the shortest of the samples: whatever disturbs can only add time
  double uncertainty;            ///< median sample ÷ shortest sample − 1
  double recording_ns_per_task;  ///< what --no-records saves: median of the differences, never below 0
};

/// Measures in the calling thread for some 20 ms. One calibration serves all models of a launch.
[[nodiscard]] Calibration calibrate(const Kernel& kernel);

/// Iterations that take `duration` by that measure, at least 1 for a duration above 0.
[[nodiscard]] std::uint64_t iterations_for(std::chrono::nanoseconds duration, double ns_per_iteration);

}  // namespace makespan
