// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace makespan {

// What one read of steady_clock costs: the median over batches of 1,000 reads.
std::chrono::duration<double, std::nano> clock_cost();

// The smallest step of steady_clock that shows in 10 ms of reading. May mislead when the clock is finer than the cost
// of reading it, as usual on x86: then it is that cost.
std::chrono::nanoseconds clock_resolution();

}  // namespace makespan
