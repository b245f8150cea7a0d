// SPDX-License-Identifier: Apache-2.0
// How the kernel is asked to treat a launch: its timer slack and its CPUs. A matter of the whole launch and not of a kind of
// benchmark: so every binary has the flags, and every trial says what it was run with.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/harness/benchmark.hpp"
#include "benchmarks/harness/machine.hpp"

namespace makespan {

inline constexpr std::chrono::nanoseconds longest_timer_slack = std::chrono::seconds(1);

/// Nothing by default: as the process was started.
struct Scheduling {
  std::optional<std::chrono::nanoseconds> timer_slack;  ///< how late a sleep may end, so that wake-ups can be joined; at least 1 ns
  CpuSet pin;                                           ///< CPUs that may be used; empty: those that were

  /// By flag and as its value, only what there is: {{"timer-slack", "1us"}, {"pin", "0-1"}}.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> described() const;
  /// As the column `variant` has it: "slack-1us+pin-0-1"; "pin-0_2" for CPUs 0 and 2. Empty if there is nothing.
  [[nodiscard]] std::string tags() const;
  /// For the calling thread and all threads and processes that it starts from now on: they inherit both (prctl(2),
  /// sched_setaffinity(2)). Throws std::system_error if the kernel refuses.
  void apply() const;
};

/// Adds the tags to the trial's variant and name, behind the variant that it has, and the flags to its flags.
void mark(Trial& trial, const Scheduling& scheduling);

}  // namespace makespan
