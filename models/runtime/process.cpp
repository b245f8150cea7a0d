// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/process.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <system_error>

#include "models/runtime/identity.hpp"

namespace makespan {
ExitStatus ExitStatus::decode(int status) noexcept {
  if (WIFSIGNALED(status)) return {.code = 0, .signal = WTERMSIG(status)};
  return {.code = WEXITSTATUS(status), .signal = 0};
}

std::string ExitStatus::text() const {
  if (signal != 0) return fmt::format("signal {} ({})", signal, strsignal(signal));
  return fmt::format("exit code {}", code);
}

ProcessDied::ProcessDied(const std::string& role, pid_t process, const ExitStatus& status)
    : std::runtime_error(fmt::format("{} (process {}) ended with {}", role, process, status.text())) {}

bool die_with(pid_t parent) noexcept {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

pid_t Process::fork_child() {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    if (!die_with(parent)) _exit(1);
    refresh_identity();
  }
  return child;
}

void Process::run_and_exit(void (*body)(void*), void* context) noexcept {
  try {
    body(context);
    _exit(0);
  } catch (const std::exception& error) {
    fmt::print(stderr, "process {}: {}\n", getpid(), error.what());
  } catch (...) {
    fmt::print(stderr, "process {}: unknown exception\n", getpid());
  }
  _exit(1);
}

ExitStatus Process::wait() {
  int status = 0;
  pid_t got = 0;
  do {
    got = waitpid(id_, &status, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) throw std::system_error(errno, std::generic_category(), fmt::format("waitpid of process {}", id_));
  id_ = 0;
  return ExitStatus::decode(status);
}

std::optional<ExitStatus> Process::poll() {
  int status = 0;
  if (waitpid(id_, &status, WNOHANG) != id_) return std::nullopt;
  id_ = 0;
  return ExitStatus::decode(status);
}

void Process::kill() noexcept {
  if (id_ > 0) ::kill(id_, SIGKILL);
}

Process::~Process() {
  if (id_ <= 0) return;
  kill();
  while (waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace makespan
