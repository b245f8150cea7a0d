// SPDX-License-Identifier: Apache-2.0
// What the records of a batch's tasks say together.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/batch.hpp"

namespace makespan {

/// Nearest-rank percentiles of a set of times.
struct Percentiles {
  std::chrono::nanoseconds p50{0};
  std::chrono::nanoseconds p99{0};
  std::chrono::nanoseconds max{0};
};

struct RecordStatistics {
  std::uint64_t max_in_flight = 0;       ///< most tasks between their start and end at one moment
  double mean_in_flight = 0;             ///< sum of the tasks' lengths ÷ makespan
  Percentiles start_latency;             ///< task's start − first submit
  std::optional<Percentiles> overshoot;  ///< only of workloads that sleep
};

/// `values` must not be empty; they are sorted in place.
[[nodiscard]] Percentiles percentiles(std::vector<std::int64_t>& values);
/// `submitted_ns`: steady clock when the batch was submitted. Of a verified batch with recording on and at least one task.
[[nodiscard]] RecordStatistics record_statistics(const Batch& batch, std::int64_t submitted_ns, std::chrono::nanoseconds makespan);

}  // namespace makespan
