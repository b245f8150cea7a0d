// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/usage.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "benchmarks/harness/process_stat.hpp"

namespace makespan {
namespace {

namespace fs = std::filesystem;
using std::chrono::nanoseconds;

Usage& operator+=(Usage& sum, const Usage& more) {
  sum.user += more.user;
  sum.system += more.system;
  sum.voluntary_switches += more.voluntary_switches;
  sum.involuntary_switches += more.involuntary_switches;
  sum.minor_faults += more.minor_faults;
  return sum;
}

nanoseconds from(const timeval& time) { return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec); }

nanoseconds from_ticks(std::int64_t ticks) { return nanoseconds(ticks * (1'000'000'000 / sysconf(_SC_CLK_TCK))); }

Usage resources_of(int who) {
  rusage used{};
  getrusage(who, &used);
  return {from(used.ru_utime), from(used.ru_stime), used.ru_nvcsw, used.ru_nivcsw, used.ru_minflt};
}

bool has_living_children() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

void add_switches(const fs::path& process, Usage& usage) {
  std::error_code gone;
  for (const auto& thread : fs::directory_iterator(process / "task", gone)) {
    std::ifstream file(thread.path() / "status");
    for (std::string line; std::getline(file, line);) {
      const auto value = [&](std::string_view key) -> std::int64_t {
        return line.starts_with(key) ? std::stoll(line.substr(key.size())) : 0;
      };
      usage.voluntary_switches += value("voluntary_ctxt_switches:");
      usage.involuntary_switches += value("nonvoluntary_ctxt_switches:");
    }
  }
}

Usage usage_of_living(const ProcessStat& stat) {
  Usage usage{.minor_faults = stat.faults};
  const nanoseconds exact = cpu_time_of(stat.process);
  const auto ticks = static_cast<double>(stat.user_ticks + stat.system_ticks);
  const double system_share = ticks > 0 ? static_cast<double>(stat.system_ticks) / ticks : 0.0;
  const auto system = nanoseconds(static_cast<std::int64_t>(static_cast<double>(exact.count()) * system_share));
  usage.user = exact - system + from_ticks(stat.children_user_ticks);
  usage.system = system + from_ticks(stat.children_system_ticks);
  add_switches(fs::path("/proc") / std::to_string(stat.process), usage);
  return usage;
}

Usage living_members_of_group() {
  Usage sum;
  for (const ProcessStat& stat : processes_of_group(getpgrp())) {
    if (stat.process != getpid()) sum += usage_of_living(stat);
  }
  return sum;
}

}  // namespace

Usage operator-(const Usage& left, const Usage& right) noexcept {
  Usage difference{left.user - right.user, left.system - right.system, left.voluntary_switches - right.voluntary_switches,
                   left.involuntary_switches - right.involuntary_switches, left.minor_faults - right.minor_faults};
  // The split of a living process follows the clock ticks and may move from one reading to the next; the sum does not.
  const auto move_deficit = [](nanoseconds& from, nanoseconds& to) {
    if (from >= nanoseconds{0}) return;
    to += from;
    from = nanoseconds{0};
  };
  move_deficit(difference.user, difference.system);
  move_deficit(difference.system, difference.user);
  return difference;
}

Usage group_usage() {
  Usage sum = resources_of(RUSAGE_SELF);
  sum += resources_of(RUSAGE_CHILDREN);
  if (has_living_children()) sum += living_members_of_group();
  return sum;
}

std::uint64_t peak_resident_bytes(std::uint64_t own_records) {
  rusage self{};
  rusage children{};
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  const auto own = static_cast<std::uint64_t>(self.ru_maxrss) * 1024;
  return std::max(own - std::min(own, own_records), static_cast<std::uint64_t>(children.ru_maxrss) * 1024);
}

nanoseconds stolen_time() {
  cpu_set_t ours;
  CPU_ZERO(&ours);
  sched_getaffinity(0, sizeof ours, &ours);
  std::ifstream file("/proc/stat");
  nanoseconds sum{0};
  for (std::string line; std::getline(file, line) && line.starts_with("cpu");) {
    if (line.starts_with("cpu ")) continue;  // the sum over all CPUs
    std::istringstream fields(line.substr(3));
    std::size_t cpu = 0;
    std::int64_t ticks = 0;
    fields >> cpu;
    for (int field = 0; field < 8; ++field) fields >> ticks;  // user nice system idle iowait irq softirq steal
    if (fields && cpu < CPU_SETSIZE && CPU_ISSET(cpu, &ours)) sum += from_ticks(ticks);
  }
  return sum;
}

}  // namespace makespan
