// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/record_statistics.hpp"

#include <algorithm>
#include <cmath>

namespace makespan {
namespace {

// A task that ends in the very nanosecond in which another starts does not overlap it.
std::uint64_t most_at_once(std::vector<std::int64_t> starts, std::vector<std::int64_t> ends) {
  std::sort(starts.begin(), starts.end());
  std::sort(ends.begin(), ends.end());
  std::uint64_t most = 0;
  std::size_t ended = 0;
  for (std::size_t started = 0; started < starts.size(); ++started) {
    while (ended < started && ends[ended] <= starts[started]) ++ended;
    most = std::max<std::uint64_t>(most, started + 1 - ended);
  }
  return most;
}

}  // namespace

Percentiles percentiles(std::vector<std::int64_t>& values) {
  std::sort(values.begin(), values.end());
  const auto rank = [&](double share) {
    const auto position = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return std::chrono::nanoseconds(values[std::max<std::size_t>(position, 1) - 1]);
  };
  return {rank(0.50), rank(0.99), rank(1.0)};
}

RecordStatistics record_statistics(const Batch& batch, std::int64_t submitted_ns, std::chrono::nanoseconds makespan) {
  std::vector<std::int64_t> starts, ends, latencies, overshoots;
  double busy = 0;
  for (std::uint64_t task = 0; task < batch.tasks(); ++task) {
    const TaskRecord& record = batch.record(task);
    starts.push_back(record.start_ns);
    ends.push_back(record.end_ns);
    latencies.push_back(record.start_ns - submitted_ns);
    overshoots.push_back(record.overshoot_ns);
    busy += static_cast<double>(record.end_ns - record.start_ns);
  }
  RecordStatistics statistics;
  statistics.max_in_flight = most_at_once(std::move(starts), std::move(ends));
  statistics.mean_in_flight = busy / static_cast<double>(std::max<std::int64_t>(makespan.count(), 1));
  statistics.start_latency = percentiles(latencies);
  if (batch.workload().sleep.count() > 0) statistics.overshoot = percentiles(overshoots);
  return statistics;
}

}  // namespace makespan
