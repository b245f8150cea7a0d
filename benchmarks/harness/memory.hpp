// SPDX-License-Identifier: Apache-2.0
// Memory that the processes of a group take, as the kernel tells it to anybody who may look at them: no privilege needed.
//
//   user memory   the sum of Pss in /proc/PID/smaps_rollup (Linux 4.14): resident pages, each shared one divided by the
//                 processes that map it, also those outside of the group. In whole KiB for each process, rounded down, so a
//                 process shows half a KiB too little in the mean. What is swapped out is not in it.
//   page tables   the sum of VmPTE in /proc/PID/status: exact, but for the top level (a page or two a process).
//   kernel stacks, slab
//                 KernelStack and Slab in /proc/meminfo. There is no figure for a process: these are of the whole system, so a
//                 difference between two moments also has what other programs have taken or given back meanwhile. The
//                 kernel sums up its counters by CPU, late by up to some 100 KiB a CPU. Freed slab may stay with its cache:
//                 what a batch takes from there does not show.
// Kernel memory of other kinds (percpu areas, socket buffers) is not counted.
// Sources: proc_pid_smaps(5), proc_pid_status(5), proc_meminfo(5); Documentation/filesystems/proc.rst of the kernel.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace makespan {

/// In bytes.
struct GroupMemory {
  std::uint64_t pss = 0;
  std::uint64_t page_tables = 0;
};

/// Of all processes of the group now. It should stand still meanwhile, as they are read one by one, some 0.1 ms each.
/// Throws std::runtime_error, with the file, if one cannot be read.
[[nodiscard]] GroupMemory memory_of_group(pid_t group);

/// Of one process, whose files are in `directory`. Throws likewise.
[[nodiscard]] GroupMemory memory_of_process(const std::filesystem::path& directory);

/// Kernel stacks and slab of the whole system now, in bytes. Throws likewise.
[[nodiscard]] std::uint64_t kernel_objects(const std::filesystem::path& root = "/");

/// The same, once it stands still: what has just ended gives its memory back within some hundredths of a second (RCU).
/// Waits a second at most.
[[nodiscard]] std::uint64_t settled_kernel_objects();

}  // namespace makespan
