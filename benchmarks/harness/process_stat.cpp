// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/process_stat.hpp"

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace makespan {
namespace {

namespace fs = std::filesystem;

// Fields of /proc/<pid>/stat from the third on: the second, a name, may hold anything but ends with the last parenthesis.
std::optional<ProcessStat> read_stat(const fs::path& path, pid_t process) {
  std::ifstream file(path / "stat");
  std::string line;
  if (!std::getline(file, line) || line.rfind(')') == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  ProcessStat stat{.process = process};
  std::int64_t children_faults = 0;
  fields >> skipped >> skipped >> stat.group;                      // state, parent, process group
  for (int field = 6; field < 10; ++field) fields >> skipped;      // session … flags
  fields >> stat.faults >> children_faults >> skipped >> skipped;  // minflt, cminflt, majflt, cmajflt
  fields >> stat.user_ticks >> stat.system_ticks >> stat.children_user_ticks >> stat.children_system_ticks;
  stat.faults += children_faults;
  return fields ? std::optional(stat) : std::nullopt;
}

}  // namespace

std::vector<ProcessStat> processes_of_group(pid_t group) {
  std::vector<ProcessStat> members;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename();
    pid_t process = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), process).ec != std::errc{}) continue;
    const std::optional<ProcessStat> stat = read_stat(entry.path(), process);
    if (stat && stat->group == group) members.push_back(*stat);
  }
  return members;
}

std::chrono::nanoseconds cpu_time_of(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return std::chrono::nanoseconds{0};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace makespan
