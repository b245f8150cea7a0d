// SPDX-License-Identifier: Apache-2.0
// One function per limit of the system: its value and what is in use of it, read from the kernel's files below `root`.
// What cannot be read is missing from the answer or has no value. Cgroup limits give one entry per level that has one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "benchmarks/harness/limits.hpp"

namespace makespan::limit {

using Limits = std::vector<Limit>;

Limits nproc(const std::filesystem::path& root);                // RLIMIT_NPROC: tasks of our user
Limits threads_max(const std::filesystem::path& root);          // kernel.threads-max: tasks of the system
Limits pid_max(const std::filesystem::path& root);              // kernel.pid_max: task numbers of the system
Limits cgroup_pids(const std::filesystem::path& root);          // pids.max: tasks of the cgroup
Limits max_map_count(const std::filesystem::path& root);        // vm.max_map_count: mappings per process
Limits nofile(const std::filesystem::path& root);               // RLIMIT_NOFILE: descriptors per process
Limits message_queues(const std::filesystem::path& root);       // fs.mqueue.queues_max: POSIX message queues of the system
Limits message_queue_bytes(const std::filesystem::path& root);  // RLIMIT_MSGQUEUE: bytes in POSIX message queues of our user
Limits address_space(const std::filesystem::path& root);        // RLIMIT_AS: bytes of address space per process
Limits data(const std::filesystem::path& root);                 // RLIMIT_DATA: bytes of private writable mappings
Limits addresses(const std::filesystem::path& root);            // what the processor can address: bytes per process
Limits largest_mapping(const std::filesystem::path& root);      // memory and swap: bytes of one mapping, if overcommit is heuristic
Limits available_memory(const std::filesystem::path& root);     // MemAvailable: bytes
Limits cgroup_memory(const std::filesystem::path& root);        // memory.max, memory.high, v1's limit: bytes
Limits commit_limit(const std::filesystem::path& root);         // CommitLimit: bytes promised, if the kernel counts them

// The soft limit of our own that /proc/self/limits calls `key`; nullopt if unlimited.
std::optional<std::uint64_t> own_limit(const std::filesystem::path& root, std::string_view key);

// A size in /proc/self/status in bytes; 0 if missing.
std::uint64_t own_bytes(const std::filesystem::path& root, std::string_view key);

}  // namespace makespan::limit
