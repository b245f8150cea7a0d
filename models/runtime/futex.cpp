// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace makespan {

bool futex_wait(FutexWord& word, std::uint32_t expected, std::optional<std::chrono::nanoseconds> timeout) noexcept {
  timespec limit{};
  if (timeout) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*timeout);
    limit.tv_sec = seconds.count();
    limit.tv_nsec = (*timeout - seconds).count();
  }
  // Not FUTEX_PRIVATE_FLAG: the sleepers may be other processes.
  const long result = syscall(SYS_futex, &word, FUTEX_WAIT, expected, timeout ? &limit : nullptr, nullptr, 0);
  return result == 0 || errno != ETIMEDOUT;
}

void futex_wake(FutexWord& word, int count) noexcept { syscall(SYS_futex, &word, FUTEX_WAKE, count, nullptr, nullptr, 0); }

}  // namespace makespan
