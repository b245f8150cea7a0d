// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "benchmarks/harness/proc_files.hpp"
#include "benchmarks/harness/process_stat.hpp"

namespace makespan {
namespace {

namespace fs = std::filesystem;

// The sum of the lines "key:   number kB" of a file, in bytes.
std::uint64_t bytes_in(const fs::path& file, std::initializer_list<std::string_view> keys) {
  const std::optional<std::string> text = read_text(file);
  if (!text) throw std::runtime_error(fmt::format("{} cannot be read", file.string()));
  std::uint64_t sum = 0;
  for (const std::string_view key : keys) {
    const std::optional<std::uint64_t> kib = field_number(*text, key);
    if (!kib) throw std::runtime_error(fmt::format("{} has no line \"{}: ... kB\"", file.string(), key));
    sum += *kib * 1024;
  }
  return sum;
}

}  // namespace

GroupMemory memory_of_process(const fs::path& directory) {
  return {.pss = bytes_in(directory / "smaps_rollup", {"Pss"}), .page_tables = bytes_in(directory / "status", {"VmPTE"})};
}

GroupMemory memory_of_group(pid_t group) {
  GroupMemory sum;
  for (const ProcessStat& member : processes_of_group(group)) {
    const GroupMemory one = memory_of_process(fs::path("/proc") / std::to_string(member.process));
    sum.pss += one.pss;
    sum.page_tables += one.page_tables;
  }
  return sum;
}

std::uint64_t kernel_objects(const fs::path& root) { return bytes_in(under(root, "/proc/meminfo"), {"KernelStack", "Slab"}); }

std::uint64_t settled_kernel_objects() {
  constexpr auto pause = std::chrono::milliseconds(20);
  constexpr int patience = 50;                // pauses
  constexpr std::uint64_t still = 1U << 15U;  // bytes
  std::uint64_t now = kernel_objects();
  for (int looks = 0; looks < patience; ++looks) {
    std::this_thread::sleep_for(pause);
    const std::uint64_t before = std::exchange(now, kernel_objects());
    if (std::max(before, now) - std::min(before, now) < still) break;
  }
  return now;
}

}  // namespace makespan
