// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

#include "benchmarks/harness/limit_readers.hpp"
#include "benchmarks/harness/machine.hpp"

namespace makespan {
namespace {

namespace fs = std::filesystem;
using limit::Limits;

constexpr std::uint64_t kib = 1024;

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max() : product;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

std::uint64_t tasks(const Need& need, const fs::path&) { return plus(need.processes, need.threads); }

std::uint64_t files(const Need& need, const fs::path&) { return need.files; }

std::uint64_t message_queues(const Need& need, const fs::path&) { return need.message_queues; }

std::uint64_t message_queue_bytes(const Need& need, const fs::path&) { return need.message_queue_bytes; }

// A stack and its guard per thread; and malloc's arenas, each of them used and unused part: at most 8 per CPU.
std::uint64_t maps(const Need& need, const fs::path& root) {
  const std::uint64_t arenas = std::min(need.threads_per_process, std::uint64_t{8} * usable_cpus(root).affinity);
  return plus(need.maps, times(2, plus(need.threads_per_process, arenas)));
}

std::uint64_t stack_size(const Need& need, const fs::path& root) {
  return need.stack_bytes ? *need.stack_bytes : limit::own_limit(root, "Max stack size").value_or(8 * kib * kib);
}

std::uint64_t address_range(const Need& need, const fs::path& root) {
  return plus(need.bytes, times(need.threads_per_process, stack_size(need, root)));
}

std::uint64_t largest_stack(const Need& need, const fs::path& root) { return need.threads > 0 ? stack_size(need, root) : 0; }

std::uint64_t memory(const Need& need, const fs::path&) {
  return plus(need.bytes, plus(times(need.processes, process_bytes), times(need.threads, thread_bytes)));
}

// Every fork promises its private writable memory anew.
std::uint64_t committed(const Need& need, const fs::path& root) {
  const auto forks = times(need.processes, plus(limit::own_bytes(root, "VmData"), limit::own_bytes(root, "VmStk")));
  const auto copies = times(need.processes - std::min<std::uint64_t>(need.processes, 1), need.copied_bytes);
  return plus(need.bytes, plus(plus(forks, copies), times(need.threads, stack_size(need, root))));
}

struct Check {
  Limits (*find)(const fs::path& root);
  std::uint64_t (*needed)(const Need& need, const fs::path& root);
  std::string_view remedy;
};

constexpr std::array checks{
    Check{limit::pid_max, tasks, "raise kernel.pid_max or use fewer tasks"},
    Check{limit::threads_max, tasks, "raise kernel.threads-max or use fewer tasks"},
    Check{limit::nproc, tasks, "raise ulimit -u or use fewer tasks"},
    Check{limit::cgroup_pids, tasks, "raise the cgroup's limit (systemd TasksMax=, docker --pids-limit) or use fewer tasks"},
    Check{limit::max_map_count, maps, "raise vm.max_map_count or use fewer threads per process"},
    Check{limit::nofile, files, "raise ulimit -n or use fewer processes"},
    Check{limit::message_queues, message_queues, "raise fs.mqueue.queues_max or use fewer tasks"},
    Check{limit::message_queue_bytes, message_queue_bytes, "raise ulimit -q or use fewer tasks"},
    Check{limit::address_space, address_range, "raise ulimit -v, lower ulimit -s, or use fewer threads per process"},
    Check{limit::data, address_range, "raise ulimit -d, lower ulimit -s, or use fewer threads per process"},
    Check{limit::addresses, address_range, "use less memory, smaller stacks or fewer threads per process"},
    Check{limit::largest_mapping, largest_stack, "use smaller stacks or set vm.overcommit_memory to 1"},
    Check{limit::available_memory, memory, "end other programs or use fewer tasks"},
    Check{limit::cgroup_memory, memory, "raise the cgroup's limit (systemd MemoryMax=, docker --memory) or use fewer tasks"},
    Check{limit::commit_limit, committed, "set vm.overcommit_memory to 0, lower ulimit -s, or use fewer tasks"},
};

bool broken(const Limit& limit, std::uint64_t needed) {
  return limit.value && plus(plus(limit.in_use.value_or(0), limit.reserved), needed) > *limit.value;
}

std::string amount(std::uint64_t number, std::string_view unit) {
  if (unit != "bytes") return fmt::format("{}", number);
  return fmt::format("{:.1f} MiB", static_cast<double>(number) / static_cast<double>(kib * kib));
}

std::string describe(const Limit& limit, std::uint64_t needed, std::string_view remedy) {
  std::string taken;
  if (limit.in_use) taken = amount(*limit.in_use, limit.unit) + " in use";
  if (limit.reserved > 0) taken += (taken.empty() ? "" : ", ") + amount(limit.reserved, limit.unit) + " reserved";
  if (!taken.empty()) taken = " (" + taken + ")";
  return fmt::format("{} = {}{}, {} needed: {}", limit.name, amount(*limit.value, limit.unit), taken, amount(needed, limit.unit), remedy);
}

}  // namespace

std::optional<std::string> forbidden_by(const Need& need, const fs::path& root) {
  std::optional<std::string> first;
  std::string more;
  for (const Check& check : checks) {
    const std::uint64_t needed = check.needed(need, root);
    if (needed == 0) continue;
    for (const Limit& limit : check.find(root)) {
      if (!broken(limit, needed)) continue;
      if (first) {
        more += fmt::format("{} {} = {}", more.empty() ? "; also too low:" : ",", limit.name, amount(*limit.value, limit.unit));
      } else {
        first = describe(limit, needed, check.remedy);
      }
    }
  }
  return first ? std::optional(*first + more) : std::nullopt;
}

Limits limits(const fs::path& root) {
  Limits all;
  for (const Check& check : checks) {
    Limits found = check.find(root);
    std::move(found.begin(), found.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace makespan
