// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/bounds.hpp"

#include <algorithm>
#include <cmath>

namespace makespan {
namespace {

std::chrono::nanoseconds whole(double nanoseconds) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::floor(std::min(nanoseconds, 9e18))));
}

}  // namespace

Bounds bounds(const Demand& demand, const Reach& reach, double ns_per_iteration, double cpus) {
  if (demand.tasks == 0) return {};
  const double computing = demand.total_iterations * ns_per_iteration;
  const auto in_flight = static_cast<double>(std::clamp<std::uint64_t>(reach.in_flight, 1, demand.tasks));
  const double rounds = demand.equal ? std::ceil(static_cast<double>(demand.tasks) / in_flight) * demand.longest_ns
                                     : (demand.total_sleep_ns + computing) / in_flight;
  const double at_once = std::min(cpus, static_cast<double>(std::max<std::uint64_t>(reach.computing, 1)));
  return {whole(std::max({demand.longest_ns, rounds, computing / at_once})), whole(std::max(demand.longest_ns, computing / cpus))};
}

}  // namespace makespan
