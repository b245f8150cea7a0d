// SPDX-License-Identifier: Apache-2.0
// Whether anything of what was started is left: no process, and no zombie either.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace makespan {

/// From now on every orphaned descendant becomes a child of this process: none can hide from all_children_end().
inline void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

/// Whether there is no process of that id, not even as a zombie.
[[nodiscard]] inline bool is_gone(pid_t process) { return kill(process, 0) != 0 && errno == ESRCH; }
[[nodiscard]] inline bool group_is_gone(pid_t group) { return is_gone(-group); }

/// Whether this process has no child, neither living nor dead.
[[nodiscard]] inline bool has_no_children() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
}

/// Reaps children until there are none. False if one still lives after half a minute, far longer than a signal travels.
[[nodiscard]] inline bool all_children_end() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    const pid_t reaped = waitpid(-1, nullptr, WNOHANG);
    if (reaped < 0 && errno == ECHILD) return true;
    if (reaped <= 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

/// Waits until `condition` holds. False if it does not within a minute.
template <class Condition>
[[nodiscard]] bool comes_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace makespan
