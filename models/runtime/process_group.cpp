// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/process_group.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace makespan {

struct ProcessGroup::Complaint {  // of the first child whose body threw; all zero at first
  std::atomic<std::uint32_t> claimed;
  char text[256];

  void note(const char* words) noexcept {
    if (claimed.exchange(1) != 0) return;
    std::memcpy(text, words, std::min(std::strlen(words), sizeof(text) - 1));
  }
  static Complaint& in(const SharedMemory& memory) noexcept { return *reinterpret_cast<Complaint*>(memory.data()); }
};

ProcessGroup::ProcessGroup(std::uint64_t count, std::string role, const Body& body)
    : role_(std::move(role)), complaint_(sizeof(Complaint)) {
  const auto run = [&](std::uint64_t index) {
    try {
      body(index);
    } catch (const std::exception& error) {
      Complaint::in(complaint_).note(error.what());
      throw;
    }
  };
  children_.reserve(count);
  for (std::uint64_t index = 0; index < count; ++index) {
    try {
      children_.push_back(Process::start([&] { run(index); }));
    } catch (const std::system_error& error) {
      throw std::system_error(error.code(), fmt::format("fork of {} {} of {}", role_, index + 1, count));
    }
  }
}

void ProcessGroup::wait_in_order() {
  for (Process& child : children_) reap(child);
}

void ProcessGroup::wait_for_any() {
  auto left = std::count_if(children_.begin(), children_.end(), [](const Process& child) { return child.id() != 0; });
  for (; left > 0; --left) reap(next_to_end());
}

void ProcessGroup::require_alive() {
  for (Process& child : children_) {
    if (child.id() == 0) continue;
    const pid_t id = child.id();
    if (const auto end = child.poll(); end && !end->ok()) fail_for(id, *end);
  }
}

// A child of ours that is not of this group can stand in the way of looking: then the first that still lives.
Process& ProcessGroup::next_to_end() {
  siginfo_t ended{};
  while (waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const auto found = std::find_if(children_.begin(), children_.end(), [&](const Process& child) { return child.id() == ended.si_pid; });
  if (ended.si_pid != 0 && found != children_.end()) return *found;
  return *std::find_if(children_.begin(), children_.end(), [](const Process& child) { return child.id() != 0; });
}

void ProcessGroup::reap(Process& child) {
  const pid_t id = child.id();
  const ExitStatus status = child.wait();
  if (!status.ok()) fail_for(id, status);
}

void ProcessGroup::fail_for(pid_t id, const ExitStatus& status) {
  if (status.signal != 0) fail(id, status);
  // It may have failed because another was killed: that one is the cause. A dying process closes its files a moment before its death can be
  // seen.
  for (int patience = 0; patience < 10; ++patience) {
    for (Process& other : children_) {
      if (other.id() == 0) continue;
      const pid_t other_id = other.id();
      if (const auto end = other.poll(); end && end->signal != 0) fail(other_id, *end);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  fail(id, status);
}

void ProcessGroup::fail(pid_t id, const ExitStatus& status) {
  const Complaint& complaint = Complaint::in(complaint_);
  if (status.signal == 0 && complaint.claimed.load() != 0)
    throw std::runtime_error(fmt::format("{} (process {}): {}", role_, id, complaint.text));
  throw ProcessDied(role_, id, status);
}

void run_in_processes(std::uint64_t count, const char* role, const ProcessGroup::Body& body) {
  ProcessGroup(count, role, body).wait_in_order();
}

}  // namespace makespan
