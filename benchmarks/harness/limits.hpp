// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace makespan {

// What a batch will need at its height.
struct Need {
  std::uint64_t processes = 0;            // forked, alive at once
  std::uint64_t threads = 0;              // alive at once over all processes, beyond each process's main one
  std::uint64_t threads_per_process = 0;  // of the process that has the most
  std::uint64_t files = 0;                // descriptors per process, beyond those open now
  // Address range of the stack of each of these threads; nullopt: the system's default, ulimit -s.
  std::optional<std::uint64_t> stack_bytes{};
  std::uint64_t bytes = 0;  // memory besides what processes and threads take
  // Private memory of the first process that each further one, forked from it, is promised as well and does not take.
  std::uint64_t copied_bytes = 0;
  std::uint64_t maps = 0;                 // memory mappings of a process besides those of its threads
  std::uint64_t message_queues = 0;       // POSIX message queues
  std::uint64_t message_queue_bytes = 0;  // in them
};

// A limit of the system as it stands now.
struct Limit {
  std::string name;                          // "kernel.pid_max", "pids.max of /sys/fs/cgroup/user.slice"
  std::optional<std::uint64_t> value;        // nullopt: unlimited, or not enforced for us
  std::optional<std::uint64_t> in_use = {};  // nullopt: not known, or the value is what is free
  std::uint64_t reserved = 0;                // not to be had although not in use
  std::string_view unit = "";                // of all three: "" for a number of things, or "bytes"
  std::string_view note = "";                // why it is not enforced, if it is not
};

// Memory that a forked process and a thread take while they sleep: kernel stack, page tables, kernel objects and the
// pages they write to. Measured on Linux 6.18, x86-64, glibc 2.36, from MemAvailable and its parts, 1,000 and 10,000
// of each: 124-134 KiB a process (the larger one links Google Benchmark, oneTBB and fmt), 32-34 KiB a thread; rounded
// up by a fifth. A fork takes 2 KiB more for every MiB that its parent has written to (page tables): the parent of
// many children is meant to be small, as a cell is.
inline constexpr std::uint64_t process_bytes = 160U << 10U;
inline constexpr std::uint64_t thread_bytes = 40U << 10U;

// The first limit that the need would break, with its value, what is in use of it, what is needed, and a remedy:
// "kernel.pid_max = 32768 (143 in use, 300 reserved), 100001 needed: raise kernel.pid_max or use fewer tasks",
// then the names of further ones broken. nullopt: nothing forbids it. What a batch needs none of forbids nothing, and
// a limit that cannot be read is taken as none. Costs about a millisecond; starts nothing.
// `root` replaces "/" for all files that are read.
std::optional<std::string> forbidden_by(const Need& need, const std::filesystem::path& root = "/");

// Every limit that could be read, in the order of the checks.
std::vector<Limit> limits(const std::filesystem::path& root = "/");

}  // namespace makespan
