// SPDX-License-Identifier: Apache-2.0
// Sweeps: grids with one question, asked for by name in place of lists.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/workload.hpp"

namespace makespan {

enum class Sweep : std::uint8_t {
  granularity,  ///< the same work cut into ever smaller tasks: how small may they become?
  map,          ///< tasks × task length × share of CPU: where does which model win?
};

/// A batch of a grid, before it has a model.
struct BatchSize {
  std::uint64_t tasks;
  TaskTime time;
};

/// A task of this length of which the share `cpu_share`, 0 to 1, computes.
[[nodiscard]] TaskTime split_by_share(std::chrono::nanoseconds length, double cpu_share);

/// The sweeps that a workload has. Granularity takes tasks that only compute: of one that sleeps, the efficiency says nothing of what
/// a task costs. The map takes tasks that do both.
[[nodiscard]] std::vector<std::string> sweep_names(const WorkloadInfo& workload);
[[nodiscard]] std::optional<Sweep> parse_sweep(std::string_view name);
[[nodiscard]] std::string_view name_of(Sweep sweep);

/// The batches of a sweep, in order, on so many CPUs.
///
/// granularity: 10 ms to 100 ns a task in steps of 1, 2 and 5. Tasks × time is the same in all: 10 tasks of 10 ms for each CPU, or
/// fewer, if that would take one worker longer than about a second. The numbers of tasks do not hang on the calibration, so that two
/// runs have the same cases; iterations are whole, so the work of a batch in iterations is the same to within 0.5 ÷ those of a task.
///
/// map: 10, 100 and 1,000 tasks × 10 µs to 10 ms in decades × none, half and all of it computing; coarse, to be refined where the
/// winner changes, which is known only once it was measured.
[[nodiscard]] std::vector<BatchSize> batches_of(Sweep sweep, std::uint64_t cpus);

/// The workers of the pools if none are asked for; the same for all its batches. granularity: 1, 2, m; map: m.
[[nodiscard]] std::vector<std::uint64_t> workers_of(Sweep sweep, std::uint64_t cpus);

/// Whether start and end of every task are recorded. Not of the smallest tasks: the two readings of the clock would take longer than
/// their own work.
[[nodiscard]] bool records(Sweep sweep);

}  // namespace makespan
