// SPDX-License-Identifier: Apache-2.0
// Fork, run, wait: several processes for one piece of work.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {

/// Some children, each of which runs `body(index)` and ends. Whatever the end of this object, none of them outlives it.
class ProcessGroup {
 public:
  using Body = std::function<void(std::uint64_t index)>;

  /// Forks `count` processes. Throws std::system_error if the system refuses one (those started are ended and reaped). `role` names one
  /// child in messages.
  ProcessGroup(std::uint64_t count, std::string role, const Body& body);

  /// Waits until all have ended and reaps them, in the order of their start: for children that do not depend on each other. Throws
  /// ProcessDied if one was killed, std::runtime_error with its own words if its body threw.
  void wait_in_order();
  /// The same, but notices at once whichever ends badly: for children that wait for one another. Where some failed because another was
  /// killed, that one is told of.
  void wait_for_any();
  /// Throws as wait_for_any if some child has ended badly by now. Does not wait.
  void require_alive();

 private:
  struct Complaint;

  [[nodiscard]] Process& next_to_end();
  void reap(Process& child);
  [[noreturn]] void fail_for(pid_t id, const ExitStatus& status);
  [[noreturn]] void fail(pid_t id, const ExitStatus& status);

  std::string role_;
  SharedMemory complaint_;
  std::vector<Process> children_;
};

/// Forks `count` processes, runs `body(index)` in each, and returns when all have ended and are reaped. Throws as wait_in_order does.
void run_in_processes(std::uint64_t count, const char* role, const ProcessGroup::Body& body);

}  // namespace makespan
