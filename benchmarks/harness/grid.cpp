// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "benchmarks/harness/quantity.hpp"

namespace makespan {
namespace {

using std::chrono::nanoseconds;
constexpr nanoseconds default_max_bound = std::chrono::seconds(60);

template <class T>
std::vector<T> without_repeats(const std::vector<T>& values) {
  std::vector<T> unique;
  for (const T& value : values) {
    if (std::find(unique.begin(), unique.end(), value) == unique.end()) unique.push_back(value);
  }
  return unique;
}

bool is_default(const Grid& grid) {
  return grid.tasks.empty() && grid.sleep.empty() && grid.compute.empty() && grid.length.empty() && grid.workers.empty() &&
         grid.processes.empty() && grid.threads.empty();
}

std::vector<TaskTime> times_by_share(const Grid& grid) {
  std::vector<TaskTime> times;
  for (const nanoseconds length : without_repeats(grid.length)) {
    for (const double share : without_repeats(grid.cpu_share)) times.push_back(split_by_share(length, share));
  }
  return times;
}

// Lists that are given are crossed; a list that is not keeps the values that the workload has by default.
std::vector<TaskTime> times_of(const Grid& grid, const WorkloadInfo& workload) {
  if (!grid.length.empty()) return times_by_share(grid);
  const auto& defaults = workload.default_times;
  if (grid.sleep.empty() && grid.compute.empty()) return {defaults.begin(), defaults.end()};
  std::vector<nanoseconds> sleeps = grid.sleep;
  std::vector<nanoseconds> computes = grid.compute;
  for (const TaskTime& time : defaults) {
    if (grid.sleep.empty()) sleeps.push_back(time.sleep);
    if (grid.compute.empty()) computes.push_back(time.compute);
  }
  std::vector<TaskTime> times;
  for (const nanoseconds sleep : without_repeats(sleeps)) {
    for (const nanoseconds compute : without_repeats(computes)) times.push_back({sleep, compute});
  }
  return times;
}

std::vector<std::uint64_t> default_workers(std::uint64_t tasks, std::uint64_t cpus) {
  std::vector<std::uint64_t> workers;
  for (const std::uint64_t count : {std::uint64_t{2}, cpus, 4 * cpus, tasks}) {
    if (count <= std::max<std::uint64_t>(tasks, 1)) workers.push_back(std::max<std::uint64_t>(count, 1));
  }
  return without_repeats(workers);
}

std::vector<BatchSize> batches_of(const Grid& grid, const WorkloadInfo& workload, std::uint64_t cpus) {
  if (grid.sweep) return batches_of(*grid.sweep, cpus);
  const std::vector<std::uint64_t> default_tasks{1, 10, 100, 1000, 10000};
  std::vector<BatchSize> batches;
  for (const std::uint64_t tasks : without_repeats(grid.tasks.empty() ? default_tasks : grid.tasks)) {
    for (const TaskTime& time : times_of(grid, workload)) batches.push_back({tasks, time});
  }
  return batches;
}

std::vector<std::uint64_t> workers_of(const Grid& grid, std::uint64_t tasks, std::uint64_t cpus) {
  if (!grid.workers.empty()) return grid.workers;
  return grid.sweep ? workers_of(*grid.sweep, cpus) : default_workers(tasks, cpus);
}

std::vector<Shape> shapes_of(const Grid& grid, const ModelInfo& model, std::uint64_t tasks, std::uint64_t cpus) {
  const std::vector<std::uint64_t> workers = workers_of(grid, tasks, cpus);
  std::vector<Shape> asked{Shape{}};
  if (model.choice == Choice::workers) {
    asked.clear();
    for (const std::uint64_t count : workers) asked.push_back(model.unit == Unit::process ? Shape{count, 1} : Shape{1, count});
  } else if (model.choice == Choice::grid && grid.processes.empty() && grid.threads.empty()) {
    asked.clear();
    for (const std::uint64_t count : workers) {
      std::uint64_t processes = std::min(cpus, count);
      while (count % processes != 0) --processes;  // P × T is just the number of workers asked for
      asked.push_back({processes, count / processes});
    }
  } else if (model.choice == Choice::grid) {
    asked.clear();
    const std::vector<std::uint64_t> own{cpus};
    for (const std::uint64_t processes : grid.processes.empty() ? own : grid.processes) {
      for (const std::uint64_t threads : grid.threads.empty() ? own : grid.threads) asked.push_back({processes, threads});
    }
  }
  std::vector<Shape> shapes;
  for (const Shape& shape : asked) shapes.push_back(model.shape(tasks, shape));
  return without_repeats(shapes);
}

}  // namespace

std::vector<Case> expand(const Grid& grid, const WorkloadInfo& workload, double ns_per_iteration, double cpus) {
  const auto whole_cpus = static_cast<std::uint64_t>(std::max(1.0, std::ceil(cpus)));
  const nanoseconds max_bound = grid.max_bound.count() == 0 && is_default(grid) ? default_max_bound : grid.max_bound;
  const std::vector<Sizes> default_sizes{Sizes::constant};
  std::vector<Case> cases;
  for (const ModelInfo* model : models_of(grid)) {
    for (const auto& [tasks, time] : batches_of(grid, workload, whole_cpus)) {
      for (const Sizes sizes : without_repeats(grid.sizes.empty() ? default_sizes : grid.sizes)) {
        for (const Shape& shape : shapes_of(grid, *model, tasks, whole_cpus)) {
          Case point{.workload = &workload,
                     .model = model,
                     .tasks = tasks,
                     .shape = shape,
                     .time = time,
                     .sizes = sizes,
                     .injected = grid.injected,
                     .recorded = !grid.sweep || records(*grid.sweep),
                     .left_out = {}};
          const nanoseconds bound = bounds_of(point, ns_per_iteration, ns_per_iteration, cpus).model;
          if (max_bound.count() > 0 && bound > max_bound) {
            point.left_out = fmt::format("its model bound of {:.3g} s is above {}", std::chrono::duration<double>(bound).count(),
                                         format_duration(max_bound));
          }
          cases.push_back(point);
        }
      }
    }
  }
  return cases;
}

std::vector<const ModelInfo*> models_of(const Grid& grid) { return chosen(models(), grid.selection, Floors::on_request); }

}  // namespace makespan
