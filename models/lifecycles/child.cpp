// SPDX-License-Identifier: Apache-2.0
#include "models/lifecycles/child.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "models/runtime/process.hpp"

namespace makespan {

Child::Child(pid_t id, const char* call) : id_(id) {
  if (id < 0) throw std::system_error(errno, std::generic_category(), call);
}

Child::~Child() {
  if (id_ == 0) return;
  kill(id_, SIGKILL);
  siginfo_t ignored{};
  while (waitid(P_PID, static_cast<id_t>(id_), &ignored, WEXITED) != 0 && errno == EINTR) {
  }
}

void Child::reap(const char* role) {
  siginfo_t end{};
  while (waitid(P_PID, static_cast<id_t>(id_), &end, WEXITED) != 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitid");
  }
  const pid_t id = std::exchange(id_, 0);
  if (end.si_code == CLD_EXITED && end.si_status == 0) return;
  const bool exited = end.si_code == CLD_EXITED;
  throw ProcessDied(role, id, {.code = exited ? end.si_status : 0, .signal = exited ? 0 : end.si_status});
}

pid_t bare_fork() noexcept {
  const pid_t parent = getpid();
  const auto id = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (id == 0 && !die_with(parent)) _exit(1);
  return id;
}

}  // namespace makespan
