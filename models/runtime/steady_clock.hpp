// SPDX-License-Identifier: Apache-2.0
// The one clock of the suite: the steady clock, comparable between the processes of a machine.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace makespan {

using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

[[nodiscard]] inline std::int64_t steady_now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The time `duration` from now; the end of time if it lies beyond.
[[nodiscard]] inline SteadyTime steady_after(std::chrono::nanoseconds duration) noexcept {
  const SteadyTime begin = std::chrono::steady_clock::now();
  return begin + std::min(duration, SteadyTime::max() - begin);
}

/// Blocks the calling thread until `deadline`, whatever signals come meanwhile. Returns at once if it has passed.
void sleep_thread_until(SteadyTime deadline) noexcept;

}  // namespace makespan
