// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/spin.hpp"

#include <sched.h>

namespace makespan {

// More CPUs than fit the mask make the call fail: then there are many.
unsigned cpus_by_affinity() noexcept {
  cpu_set_t cpus;
  return sched_getaffinity(0, sizeof(cpus), &cpus) != 0 ? CPU_SETSIZE : static_cast<unsigned>(CPU_COUNT(&cpus));
}

bool spinning_can_help() noexcept { return cpus_by_affinity() > 1; }

}  // namespace makespan
