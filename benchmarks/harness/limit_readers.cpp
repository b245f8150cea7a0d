// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/limit_readers.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <system_error>

#include "benchmarks/harness/proc_files.hpp"

namespace makespan::limit {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kib = 1024;

std::string text_of(const fs::path& root, const char* file) { return read_text(under(root, file)).value_or(""); }

// Threads and processes of the whole system: the part behind the slash in "0.00 0.07 0.13 1/84 14487".
std::uint64_t tasks_in_system(const fs::path& root) {
  const std::string load = text_of(root, "/proc/loadavg");
  const std::size_t slash = load.find('/');
  return slash == std::string::npos ? 0 : parse_number(std::string_view(load).substr(slash + 1)).value_or(0);
}

std::uint64_t tasks_of_user(const fs::path& root, std::uint64_t user) {
  std::uint64_t tasks = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(under(root, "/proc"), ignored)) {
    if (!parse_number(entry.path().filename().string())) continue;
    const std::string status = read_text(entry.path() / "status").value_or("");
    if (field_number(status, "Uid") == user) tasks += field_number(status, "Threads").value_or(0);
  }
  return tasks;
}

std::uint64_t open_files(const fs::path& root) {
  std::error_code ignored;
  const fs::directory_iterator files(under(root, "/proc/self/fd"), ignored);
  return static_cast<std::uint64_t>(std::distance(begin(files), end(files)));
}

std::uint64_t maps_in_use(const fs::path& root) {
  const std::string maps = text_of(root, "/proc/self/maps");
  return static_cast<std::uint64_t>(std::count(maps.begin(), maps.end(), '\n')) + (maps.empty() ? 0 : 1);
}

// The kernel drops clean file pages before it refuses memory, so they do not count as used.
std::uint64_t unreclaimable(const Cgroup& cgroup) {
  const auto used = read_number(cgroup.path / (cgroup.v2 ? "memory.current" : "memory.usage_in_bytes")).value_or(0);
  const std::string stat = read_text(cgroup.path / "memory.stat").value_or("");
  const std::string prefix = cgroup.v2 ? "" : "total_";
  const auto files = field_number(stat, prefix + "active_file").value_or(0) + field_number(stat, prefix + "inactive_file").value_or(0);
  return used - std::min(used, files);
}

constexpr std::uint64_t sys_admin = 1ULL << 21U;
constexpr std::uint64_t sys_resource = 1ULL << 24U;

bool initial_user_namespace(const fs::path& root) {
  const std::string map = text_of(root, "/proc/self/uid_map");
  return map.empty() || map.ends_with(" 4294967295");
}

bool has_capability(const fs::path& root, std::uint64_t any_of) {
  const std::string status = text_of(root, "/proc/self/status");
  return (std::strtoull(field(status, "CapEff").value_or("0").c_str(), nullptr, 16) & any_of) != 0;
}

// kernel/fork.c exempts the root user and CAP_SYS_ADMIN and CAP_SYS_RESOURCE, all three of the initial user namespace.
bool exempt_from_nproc(const fs::path& root) {
  const std::string status = text_of(root, "/proc/self/status");
  return initial_user_namespace(root) && (field_number(status, "Uid") == 0U || has_capability(root, sys_admin | sys_resource));
}

}  // namespace

std::optional<std::uint64_t> own_limit(const fs::path& root, std::string_view key) {
  return field_number(text_of(root, "/proc/self/limits"), key);
}

std::uint64_t own_bytes(const fs::path& root, std::string_view key) {
  return kib * field_number(text_of(root, "/proc/self/status"), key).value_or(0);
}

Limits nproc(const fs::path& root) {
  const auto user = field_number(text_of(root, "/proc/self/status"), "Uid");
  if (!user) return {};
  if (exempt_from_nproc(root)) return {{.name = "RLIMIT_NPROC", .value = {}, .note = "not enforced: privileged"}};
  const auto value = own_limit(root, "Max processes");
  if (!value) return {{.name = "RLIMIT_NPROC", .value = {}}};
  return {{.name = "RLIMIT_NPROC", .value = value, .in_use = tasks_of_user(root, *user)}};
}

Limits threads_max(const fs::path& root) {
  const auto value = read_number(under(root, "/proc/sys/kernel/threads-max"));
  if (!value) return {};
  return {{.name = "kernel.threads-max", .value = value, .in_use = tasks_in_system(root)}};
}

// Once the numbers have wrapped around, the kernel gives out none below 300 (RESERVED_PIDS, kernel/pid.c).
Limits pid_max(const fs::path& root) {
  const auto value = read_number(under(root, "/proc/sys/kernel/pid_max"));
  if (!value) return {};
  return {{.name = "kernel.pid_max", .value = value, .in_use = tasks_in_system(root), .reserved = 300}};
}

Limits max_map_count(const fs::path& root) {
  const auto value = read_number(under(root, "/proc/sys/vm/max_map_count"));
  if (!value) return {};
  return {{.name = "vm.max_map_count", .value = value, .in_use = maps_in_use(root)}};
}

Limits nofile(const fs::path& root) {
  return {{.name = "RLIMIT_NOFILE", .value = own_limit(root, "Max open files"), .in_use = open_files(root)}};
}

// ipc/mqueue.c lets whoever has CAP_SYS_RESOURCE in the initial user namespace pass this one.
Limits message_queues(const fs::path& root) {
  const auto value = read_number(under(root, "/proc/sys/fs/mqueue/queues_max"));
  if (!value) return {};
  if (initial_user_namespace(root) && has_capability(root, sys_resource))
    return {{.name = "fs.mqueue.queues_max", .value = {}, .note = "not enforced: privileged"}};
  return {{.name = "fs.mqueue.queues_max", .value = value}};
}

Limits message_queue_bytes(const fs::path& root) {
  return {{.name = "RLIMIT_MSGQUEUE", .value = own_limit(root, "Max msgqueue size"), .unit = "bytes"}};
}

Limits address_space(const fs::path& root) {
  return {{.name = "RLIMIT_AS", .value = own_limit(root, "Max address space"), .in_use = own_bytes(root, "VmSize"), .unit = "bytes"}};
}

// Counts private writable mappings, thread stacks among them (setrlimit(2), since Linux 4.7).
Limits data(const fs::path& root) {
  return {{.name = "RLIMIT_DATA", .value = own_limit(root, "Max data size"), .in_use = own_bytes(root, "VmData"), .unit = "bytes"}};
}

Limits cgroup_pids(const fs::path& root) {
  Limits found;
  for (const Cgroup& cgroup : cgroups("pids", root)) {
    const auto value = read_number(cgroup.path / "pids.max");
    if (!value) continue;
    found.push_back(
        {.name = "pids.max of " + cgroup.name, .value = value, .in_use = read_number(cgroup.path / "pids.current").value_or(0)});
  }
  return found;
}

// Half of them are the kernel's. Where processors have more than 48 bits, who asks for no place in particular gets none beyond
// (Documentation/arch/x86/x86_64/5level-paging.rst).
Limits addresses(const fs::path& root) {
  const auto sizes = field(text_of(root, "/proc/cpuinfo"), "address sizes");  // "46 bits physical, 48 bits virtual"
  const std::size_t comma = sizes ? sizes->find(',') : std::string::npos;
  if (comma == std::string::npos) return {};
  const std::uint64_t bits = std::strtoull(sizes->c_str() + comma + 1, nullptr, 10);
  if (bits < 2) return {};
  return {{.name = "address space of a process",
           .value = std::uint64_t{1} << (std::min<std::uint64_t>(bits, 48) - 1),
           .in_use = own_bytes(root, "VmSize"),
           .unit = "bytes"}};
}

// __vm_enough_memory of mm/util.c: all that the heuristic refuses is one mapping larger than that.
Limits largest_mapping(const fs::path& root) {
  if (read_number(under(root, "/proc/sys/vm/overcommit_memory")) != 0U) return {};
  const std::string memory = text_of(root, "/proc/meminfo");
  const auto total = field_number(memory, "MemTotal");
  if (!total) return {};
  return {{.name = "memory and swap (vm.overcommit_memory is 0) for one stack",
           .value = kib * (*total + field_number(memory, "SwapTotal").value_or(0)),
           .unit = "bytes"}};
}

// Swap does not count: what runs from swap is not worth measuring. A twentieth stays free, so that a batch that fits
// by the estimate does not bring the out-of-memory killer.
Limits available_memory(const fs::path& root) {
  const std::string memory = text_of(root, "/proc/meminfo");
  const auto available = field_number(memory, "MemAvailable");
  if (!available) return {};
  const auto reserved = kib * field_number(memory, "MemTotal").value_or(0) / 20;
  return {{.name = "MemAvailable", .value = *available * kib, .reserved = reserved, .unit = "bytes"}};
}

// memory.high refuses nothing but slows allocation to a crawl, which would be measured as the model's own time.
Limits cgroup_memory(const fs::path& root) {
  constexpr std::uint64_t unlimited_v1 = 1ULL << 62U;  // v1 writes "no limit" as the largest multiple of a page
  Limits found;
  for (const Cgroup& cgroup : cgroups("memory", root)) {
    for (const std::string file : {"memory.max", "memory.high", "memory.limit_in_bytes"}) {
      const auto value = read_number(cgroup.path / file);
      if (!value || *value >= unlimited_v1) continue;
      found.push_back({.name = file + " of " + cgroup.name, .value = value, .in_use = unreclaimable(cgroup), .unit = "bytes"});
    }
  }
  return found;
}

// Only where the system promises no more memory than it has (vm.overcommit_memory = 2).
Limits commit_limit(const fs::path& root) {
  if (read_number(under(root, "/proc/sys/vm/overcommit_memory")) != 2U) return {};
  const std::string memory = text_of(root, "/proc/meminfo");
  const auto value = field_number(memory, "CommitLimit");
  if (!value) return {};
  return {
      {.name = "CommitLimit", .value = *value * kib, .in_use = kib * field_number(memory, "Committed_AS").value_or(0), .unit = "bytes"}};
}

}  // namespace makespan::limit
