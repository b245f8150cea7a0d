// SPDX-License-Identifier: Apache-2.0
// What the kernel has charged to a process, its threads and all its descendants.
#pragma once

#include <chrono>
#include <cstdint>

namespace makespan {

/// Sums since each process began. The difference of two readings is what was used between them.
struct Usage {
  std::chrono::nanoseconds user{0};
  std::chrono::nanoseconds system{0};
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
  std::int64_t minor_faults = 0;
  friend Usage operator-(const Usage& left, const Usage& right) noexcept;
};

/// Usage of the calling process with all its threads, of its descendants that have been reaped (getrusage), and of those
/// that still live (/proc, for every process of the caller's process group).
/// Of a living process the kernel tells the CPU time to the nanosecond but splits it into user and system time by clock
/// ticks (10 ms): the sum is exact, the split is not. Switches of its threads that have ended are not known.
[[nodiscard]] Usage group_usage();

/// Peak resident memory in bytes: the larger of the calling process less `own_records` and of any reaped descendant.
[[nodiscard]] std::uint64_t peak_resident_bytes(std::uint64_t own_records);

/// CPU time that the hypervisor gave to others, summed over the CPUs that this process may use, since boot. Resolution: one clock tick (10
/// ms).
[[nodiscard]] std::chrono::nanoseconds stolen_time();

}  // namespace makespan
