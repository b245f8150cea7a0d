// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace makespan {

// CPUs by the kernel's numbers.
using CpuSet = std::set<unsigned>;

// "0-3,8" as a set, in the form that the kernel's own lists have; nothing if the text is not of this form.
std::optional<CpuSet> parse_cpus(std::string_view text);
// The shortest text that parse_cpus reads back: "0-3,8".
std::string format_cpus(const CpuSet& cpus);

// The CPUs that are online and in our affinity mask; empty if the kernel does not tell. `root`: see below.
CpuSet allowed_cpus(const std::filesystem::path& root = "/");

// The CPUs that this process may use.
struct Cpus {
  double count;       // usable CPUs: the affinity mask or the quota, whichever is less; fractional under a quota (1.5)
  unsigned affinity;  // CPUs that are online and in our affinity mask (a cpuset cgroup shows here too), at least 1
  double quota;       // CPUs of the tightest cgroup quota among our cgroup and its ancestors; 0 = none
  std::string why;    // for people: which of the two counts, and where it was found
};

// `root` replaces "/" for the files of /proc and /sys that are read.
// May mislead in a container with a cgroup namespace: quotas of ancestors outside of it cannot be seen.
Cpus usable_cpus(const std::filesystem::path& root = "/");

}  // namespace makespan
