// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/cell.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <system_error>
#include <thread>

#include "benchmarks/harness/interruption.hpp"
#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

struct LastWords {
  char text[512];
};

void run_body(const std::function<void()>& body, LastWords& words) {
  setpgid(0, 0);
  restore_signals();
  try {
    body();
  } catch (const std::exception& error) {
    std::strncpy(words.text, error.what(), sizeof(words.text) - 1);
    _exit(1);
  }
}

enum class Wait : std::uint8_t { ended, timeout, interrupted };

Wait wait_for_end(pid_t leader, std::chrono::nanoseconds time_limit, const Watch& watch) {
  constexpr std::chrono::nanoseconds look_every = std::chrono::milliseconds(2);
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, leader, 0));
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
  const auto begin = std::chrono::steady_clock::now();
  const auto deadline = begin + std::min(time_limit, std::chrono::nanoseconds(std::chrono::steady_clock::time_point::max() - begin));
  const sigset_t mask = wait_mask();
  bool watching = static_cast<bool>(watch);
  Wait result = Wait::interrupted;
  while (!interrupted()) {
    const auto left = std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds(deadline - std::chrono::steady_clock::now()));
    const auto pause = watching ? std::min(left, look_every) : left;
    const timespec timeout{.tv_sec = pause / std::chrono::seconds(1), .tv_nsec = (pause % std::chrono::seconds(1)).count()};
    pollfd event{.fd = descriptor, .events = POLLIN, .revents = 0};
    const int ready = ppoll(&event, 1, &timeout, &mask);
    if (ready < 0) continue;
    if (ready == 0 && pause < left) {
      watching = watch(leader);
      continue;
    }
    result = ready > 0 ? Wait::ended : Wait::timeout;
    break;
  }
  close(descriptor);
  return result;
}

// Kills and reaps every process of the group but its leader, which Process owns. The leader is dead but not yet reaped,
// so that its id, which is the group's, cannot have been given away.
void end_group(pid_t leader) {
  kill(-leader, SIGKILL);
  siginfo_t leader_end{};
  waitid(P_PID, static_cast<id_t>(leader), &leader_end, WEXITED | WNOWAIT);
}

// Orphans become ours one by one as their parents die, within a moment: until nobody answers to the group any more. Not for
// ever, as a dead member may wait for a parent of its own that has left the group.
void reap_group(pid_t group) {
  constexpr auto patience = std::chrono::seconds(2);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    while (waitpid(-group, nullptr, 0) > 0 || errno == EINTR) {
    }
    if (kill(-group, SIGKILL) != 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

CellEnd run_in_cell(std::chrono::nanoseconds time_limit, const std::function<void()>& body, const Watch& watch) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  std::fflush(nullptr);
  const SharedArray<LastWords> words(1);
  Process leader = Process::start([&] { run_body(body, words[0]); });
  const pid_t group = leader.id();
  setpgid(group, group);  // here as well as in the child: whoever comes first

  const Wait wait = wait_for_end(group, time_limit, watch);
  end_group(group);
  const ExitStatus status = leader.wait();
  reap_group(group);

  if (wait == Wait::interrupted) return {CellEnd::Status::interrupted, "interrupted"};
  if (wait == Wait::timeout) {
    return {CellEnd::Status::timeout, fmt::format("ended after {:.3g} s", std::chrono::duration<double>(time_limit).count())};
  }
  if (status.ok()) return {};
  if (words[0].text[0] != '\0') return {CellEnd::Status::error, words[0].text};
  return {CellEnd::Status::error, fmt::format("the cell ended with {}", status.text())};
}

}  // namespace makespan
