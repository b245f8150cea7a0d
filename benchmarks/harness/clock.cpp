// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/clock.hpp"

#include <algorithm>
#include <array>

namespace makespan {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::duration<double, std::nano>;

// The median, because a batch that was interrupted is an outlier and not a cost.
Nanoseconds clock_cost() {
  constexpr int reads = 1000;
  std::array<Nanoseconds, 51> costs{};
  for (Nanoseconds& cost : costs) {
    const auto start = Clock::now();
    auto last = start;
    for (int i = 0; i < reads; ++i) last = Clock::now();
    cost = Nanoseconds(last - start) / reads;
  }
  auto* const middle = costs.data() + costs.size() / 2;
  std::nth_element(costs.data(), middle, costs.data() + costs.size());
  return *middle;
}

std::chrono::nanoseconds clock_resolution() {
  constexpr std::chrono::milliseconds a_while{10};
  auto smallest = Clock::duration::max();
  const auto start = Clock::now();
  for (auto last = start; smallest == Clock::duration::max() || last - start < a_while;) {
    const auto now = Clock::now();
    if (now == last) continue;
    smallest = std::min(smallest, now - last);
    last = now;
  }
  return smallest;
}

}  // namespace makespan
