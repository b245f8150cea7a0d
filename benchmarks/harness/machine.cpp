// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <thread>

#include "benchmarks/harness/proc_files.hpp"

namespace makespan {
namespace {

namespace fs = std::filesystem;

// "0-3,8" as a set; empty if the text is not of this form.
std::set<std::uint64_t> parse_cpu_list(const std::string& text) {
  std::set<std::uint64_t> cpus;
  std::istringstream stream(text);
  for (std::string range; std::getline(stream, range, ',');) {
    const auto first = parse_number(range);
    const std::size_t dash = range.find('-');
    const auto last = dash == std::string::npos ? first : parse_number(std::string_view(range).substr(dash + 1));
    constexpr std::uint64_t most = 1U << 20U;  // a damaged file must not fill memory
    if (!first || !last || *last > most) return {};
    for (std::uint64_t cpu = *first; cpu <= *last; ++cpu) cpus.insert(cpu);
  }
  return cpus;
}

// The mask in status may hold CPUs that exist on paper only (hot-plug slots of a virtual machine).
unsigned affinity_count(const fs::path& root) {
  const auto status = read_text(under(root, "/proc/self/status")).value_or("");
  const auto allowed = parse_cpu_list(field(status, "Cpus_allowed_list").value_or(""));
  const auto online = parse_cpu_list(read_text(under(root, "/sys/devices/system/cpu/online")).value_or(""));
  const auto usable = [&online](std::uint64_t cpu) { return online.empty() || online.contains(cpu); };
  const auto count = std::count_if(allowed.begin(), allowed.end(), usable);
  return count > 0 ? static_cast<unsigned>(count) : std::max(1U, std::thread::hardware_concurrency());
}

struct Quota {
  double cpus;
  std::string file;
};

std::optional<Quota> quota_of(const Cgroup& cgroup) {
  const auto text = [&](const char* file) { return read_text(cgroup.path / file).value_or(""); };
  std::istringstream v2(text("cpu.max"));  // "150000 100000" or "max 100000"
  std::string quota_text;
  std::string period_text;
  if (cgroup.v2) {
    v2 >> quota_text >> period_text;
  } else {
    quota_text = text("cpu.cfs_quota_us");  // -1 where there is none
    period_text = text("cpu.cfs_period_us");
  }
  const auto quota = parse_number(quota_text);
  const auto period = parse_number(period_text);
  if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
  return Quota{static_cast<double>(*quota) / static_cast<double>(*period), cgroup.name + (cgroup.v2 ? "/cpu.max" : "/cpu.cfs_quota_us")};
}

std::optional<Quota> tightest_quota(const fs::path& root) {
  std::optional<Quota> tightest;
  for (const Cgroup& cgroup : cgroups("cpu", root)) {
    auto quota = quota_of(cgroup);
    if (quota && (!tightest || quota->cpus < tightest->cpus)) tightest = std::move(quota);
  }
  return tightest;
}

}  // namespace

Cpus usable_cpus(const fs::path& root) {
  const unsigned affinity = affinity_count(root);
  const auto quota = tightest_quota(root);
  if (!quota) {
    return {static_cast<double>(affinity), affinity, 0, fmt::format("affinity mask: {}; no cgroup quota", affinity)};
  }
  const double count = std::min(static_cast<double>(affinity), quota->cpus);
  return {count, affinity, quota->cpus, fmt::format("affinity mask: {}; cgroup quota: {:.4g} ({})", affinity, quota->cpus, quota->file)};
}

}  // namespace makespan
