// SPDX-License-Identifier: Apache-2.0
#include "workloads/workload.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace makespan {

Steps::Steps(std::initializer_list<Step> steps) : count_(steps.size()) {
  if (steps.size() > capacity) throw std::length_error("a task has more steps than Steps::capacity");
  std::copy(steps.begin(), steps.end(), steps_.begin());
}

const WorkloadInfo* find_workload(std::string_view name) {
  const auto all = workloads();
  const auto found = std::find_if(all.begin(), all.end(), [&](const WorkloadInfo* info) { return info->name == name; });
  return found == all.end() ? nullptr : *found;
}

TaskError::TaskError(std::uint64_t task, const std::string& what)
    : std::runtime_error("task " + std::to_string(task) + ": " + what), task_(task) {}

Step Workload::size(std::uint64_t task) const {
  if (sizes == Sizes::constant) return {sleep, iterations};
  const double factor = size_factor(sizes, seed, task);
  return {std::chrono::nanoseconds(std::llround(static_cast<double>(sleep.count()) * factor)),
          static_cast<std::uint64_t>(std::llround(static_cast<double>(iterations) * factor))};
}

Checksum expected(const Workload& workload, std::uint64_t tasks) {
  Checksum sum = 0;
  for (std::uint64_t task = 0; task < tasks; ++task) {
    Checksum state = workload.start(task);
    for (const Step& step : workload.steps(task)) state = workload.info->kernel->predict(step.iterations, state);
    sum += state;
  }
  return sum;
}

Demand demand(const Workload& workload, std::uint64_t tasks, double ns_per_iteration) {
  Demand sum{.tasks = tasks, .equal = workload.sizes == Sizes::constant};
  const std::uint64_t distinct = sum.equal ? std::min<std::uint64_t>(tasks, 1) : tasks;
  const double weight = sum.equal ? static_cast<double>(tasks) : 1.0;
  for (std::uint64_t task = 0; task < distinct; ++task) {
    const Step size = workload.size(task);
    const auto sleep_ns = static_cast<double>(size.sleep.count());
    const auto count = static_cast<double>(size.iterations);
    sum.total_sleep_ns += sleep_ns * weight;
    sum.total_iterations += count * weight;
    sum.longest_ns = std::max(sum.longest_ns, sleep_ns + count * ns_per_iteration);
  }
  return sum;
}

}  // namespace makespan
