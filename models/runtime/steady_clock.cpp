// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/steady_clock.hpp"

#include <cerrno>
#include <ctime>

namespace makespan {

// std::chrono::steady_clock is CLOCK_MONOTONIC on Linux; an absolute deadline cannot drift when a signal interrupts the sleep.
void sleep_thread_until(SteadyTime deadline) noexcept {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t since_epoch = deadline.time_since_epoch().count();
  const timespec until{.tv_sec = since_epoch / second, .tv_nsec = since_epoch % second};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

}  // namespace makespan
