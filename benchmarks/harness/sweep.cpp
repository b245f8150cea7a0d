// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/sweep.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

namespace makespan {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr std::array<std::pair<Sweep, std::string_view>, 2> names{{{Sweep::granularity, "granularity"}, {Sweep::map, "map"}}};

constexpr nanoseconds coarsest = 10ms;
constexpr nanoseconds finest = 100ns;
constexpr std::uint64_t most_coarse_tasks = 100;  // a second of one worker

std::vector<BatchSize> granularities(std::uint64_t cpus) {
  const std::uint64_t each = std::clamp<std::uint64_t>(most_coarse_tasks / cpus, 1, 10);
  const nanoseconds work = each * cpus * coarsest;
  std::vector<BatchSize> batches;
  for (nanoseconds decade = coarsest; decade >= finest; decade /= 10) {
    for (const nanoseconds time : {decade, decade / 2, decade / 5}) {
      if (time >= finest) batches.push_back({static_cast<std::uint64_t>(work / time), {0ns, time}});
    }
  }
  return batches;
}

std::vector<BatchSize> map_of_batches() {
  std::vector<BatchSize> batches;
  for (const std::uint64_t tasks : {10U, 100U, 1000U}) {
    for (const nanoseconds length : {10us, 100us, 1000us, 10000us}) {
      for (const double share : {0.0, 0.5, 1.0}) batches.push_back({tasks, split_by_share(length, share)});
    }
  }
  return batches;
}

}  // namespace

TaskTime split_by_share(nanoseconds length, double cpu_share) {
  const nanoseconds compute(std::llround(static_cast<double>(length.count()) * cpu_share));
  return {length - compute, compute};
}

std::vector<std::string> sweep_names(const WorkloadInfo& workload) {
  if (!workload.computes) return {};
  return {std::string(name_of(workload.sleeps ? Sweep::map : Sweep::granularity))};
}

std::optional<Sweep> parse_sweep(std::string_view name) {
  for (const auto& [sweep, known] : names) {
    if (known == name) return sweep;
  }
  return std::nullopt;
}

std::string_view name_of(Sweep sweep) {
  return std::find_if(names.begin(), names.end(), [sweep](const auto& entry) { return entry.first == sweep; })->second;
}

std::vector<BatchSize> batches_of(Sweep sweep, std::uint64_t cpus) {
  switch (sweep) {
    case Sweep::granularity: return granularities(cpus);
    case Sweep::map: return map_of_batches();
  }
  return {};
}

std::vector<std::uint64_t> workers_of(Sweep sweep, std::uint64_t cpus) {
  switch (sweep) {
    case Sweep::granularity: return {1, 2, cpus};
    case Sweep::map: return {cpus};
  }
  return {};
}

bool records(Sweep sweep) { return sweep != Sweep::granularity; }

}  // namespace makespan
