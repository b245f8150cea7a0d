// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/batch.hpp"

namespace makespan {
namespace {

constexpr std::size_t samples = 21;
constexpr std::uint64_t iterations_per_sample = 500'000;
constexpr std::uint64_t tasks_per_sample = 1'000;
using Samples = std::array<double, samples>;

double median(Samples values) {
  std::sort(values.begin(), values.end());
  return values[samples / 2];
}

template <class Work>
double time_ns(Work&& work) {
  const std::int64_t begin = steady_now_ns();
  work();
  return static_cast<double>(steady_now_ns() - begin);
}

double time_empty_tasks(Recording recording) {
  const Workload nothing{.info = workloads().front()};
  Batch batch(nothing, tasks_per_sample, recording);
  batch.populate();
  return time_ns([&] {
    for (std::uint64_t task = 0; task < tasks_per_sample; ++task) batch.execute(task);
  });
}

}  // namespace

Calibration calibrate(const Kernel& kernel) {
  Samples iteration{};
  Samples recording{};
  Checksum state = 1;
  for (std::size_t sample = 0; sample < samples; ++sample) {
    iteration[sample] = time_ns([&] { state = kernel.run(iterations_per_sample, state); }) / iterations_per_sample;
    recording[sample] = (time_empty_tasks(Recording::on) - time_empty_tasks(Recording::off)) / tasks_per_sample;
  }
  // The checksum depends on every iteration; using it keeps the calls.
  asm volatile("" : : "r"(state));
  const double shortest = *std::min_element(iteration.begin(), iteration.end());
  return {shortest, median(iteration) / shortest - 1.0, std::max(0.0, median(recording))};
}

std::uint64_t iterations_for(std::chrono::nanoseconds duration, double ns_per_iteration) {
  if (duration.count() <= 0) return 0;
  return static_cast<std::uint64_t>(std::max(1.0, std::round(static_cast<double>(duration.count()) / ns_per_iteration)));
}

}  // namespace makespan
