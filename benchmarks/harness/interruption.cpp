// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/interruption.hpp"

#include <array>

namespace makespan {
namespace {

constexpr std::array signals{SIGINT, SIGTERM};
volatile sig_atomic_t noted = 0;

void note(int /*signal*/) { noted = 1; }

sigset_t both() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : signals) sigaddset(&set, number);
  return set;
}

}  // namespace

void catch_interruptions() {
  struct sigaction action {};
  action.sa_handler = note;
  for (const int number : signals) sigaction(number, &action, nullptr);
  const sigset_t blocked = both();
  sigprocmask(SIG_BLOCK, &blocked, nullptr);
}

bool interrupted() noexcept {
  if (noted != 0) return true;
  sigset_t pending;
  sigpending(&pending);
  for (const int number : signals) {
    if (sigismember(&pending, number) == 1) return true;
  }
  return false;
}

sigset_t wait_mask() {
  sigset_t current;
  sigprocmask(SIG_BLOCK, nullptr, &current);
  for (const int number : signals) sigdelset(&current, number);
  return current;
}

void restore_signals() noexcept {
  for (const int number : signals) signal(number, SIG_DFL);
  const sigset_t unblocked = both();
  sigprocmask(SIG_UNBLOCK, &unblocked, nullptr);
}

}  // namespace makespan
