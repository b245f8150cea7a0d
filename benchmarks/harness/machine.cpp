// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <thread>

#include "benchmarks/harness/proc_files.hpp"
#include "benchmarks/harness/quantity.hpp"

namespace makespan {
namespace {

namespace fs = std::filesystem;

CpuSet listed_cpus(const std::string& text) { return parse_cpus(text).value_or(CpuSet{}); }

unsigned affinity_count(const fs::path& root) {
  const std::size_t count = allowed_cpus(root).size();
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

std::optional<CpuSet> parse_cpus(std::string_view text) {
  constexpr std::uint64_t most = 1U << 20U;  // a damaged file must not fill memory
  CpuSet cpus;
  for (const std::string_view range : split_list(text)) {
    const std::size_t dash = range.find('-');
    const auto first = parse_count(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_count(range.substr(dash + 1));
    if (!first || !last || *last < *first || *last > most) return std::nullopt;
    for (std::uint64_t cpu = *first; cpu <= *last; ++cpu) cpus.insert(static_cast<unsigned>(cpu));
  }
  return cpus;
}

std::string format_cpus(const CpuSet& cpus) {
  std::string text;
  for (auto first = cpus.begin(); first != cpus.end();) {
    auto last = first;
    auto next = std::next(first);
    while (next != cpus.end() && *next == *last + 1) last = next++;
    text += fmt::format("{}{}", text.empty() ? "" : ",", *first);
    if (last != first) text += fmt::format("-{}", *last);
    first = next;
  }
  return text;
}

// The mask in status may hold CPUs that exist on paper only (hot-plug slots of a virtual machine).
CpuSet allowed_cpus(const fs::path& root) {
  const auto status = read_text(under(root, "/proc/self/status")).value_or("");
  CpuSet allowed = listed_cpus(field(status, "Cpus_allowed_list").value_or(""));
  const CpuSet online = listed_cpus(read_text(under(root, "/sys/devices/system/cpu/online")).value_or(""));
  if (!online.empty()) std::erase_if(allowed, [&online](unsigned cpu) { return !online.contains(cpu); });
  return allowed;
}

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
