// SPDX-License-Identifier: Apache-2.0
// Living processes as /proc tells of them: proc_pid_stat(5).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace makespan {

/// Times are in clock ticks; `faults` includes those of reaped children.
struct ProcessStat {
  pid_t process = 0;
  std::int64_t group = 0;
  std::int64_t faults = 0;
  std::int64_t user_ticks = 0;
  std::int64_t system_ticks = 0;
  std::int64_t children_user_ticks = 0;
  std::int64_t children_system_ticks = 0;
};

/// The processes of a process group, also those that have ended and are not reaped yet. One that comes or goes meanwhile may
/// be in it or not. Reads a file for every process of the system, some 10 us each.
[[nodiscard]] std::vector<ProcessStat> processes_of_group(pid_t group);

/// CPU time of a process and all its threads to the nanosecond; zero if there is no such process.
[[nodiscard]] std::chrono::nanoseconds cpu_time_of(pid_t process);

}  // namespace makespan
