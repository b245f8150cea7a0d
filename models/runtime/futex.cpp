// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace makespan {
namespace {

// What the kernel says: 0 or more, or a negative error number. Without the C library, which would write that to errno.
long futex(FutexWord& word, int operation, std::uint32_t value, const timespec* timeout) noexcept {
#if defined(__x86_64__) && !defined(__ILP32__)
  long result = SYS_futex;
  register const timespec* fourth asm("r10") = timeout;
  asm volatile("syscall" : "+a"(result) : "D"(&word), "S"(static_cast<long>(operation)), "d"(value), "r"(fourth) : "rcx", "r11", "memory");
  return result;
#else
  const int before = errno;
  const long result = syscall(SYS_futex, &word, operation, value, timeout, nullptr, 0);
  const int error = errno;
  errno = before;
  return result < 0 ? -error : result;
#endif
}

}  // namespace

bool futex_wait(FutexWord& word, std::uint32_t expected, std::optional<std::chrono::nanoseconds> timeout) noexcept {
  timespec limit{};
  if (timeout) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*timeout);
    limit.tv_sec = seconds.count();
    limit.tv_nsec = (*timeout - seconds).count();
  }
  // Not FUTEX_PRIVATE_FLAG: the sleepers may be other processes.
  return futex(word, FUTEX_WAIT, expected, timeout ? &limit : nullptr) != -ETIMEDOUT;
}

void futex_wake(FutexWord& word, int count) noexcept { futex(word, FUTEX_WAKE, static_cast<std::uint32_t>(count), nullptr); }

}  // namespace makespan
