// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/spin.hpp"

#include <sched.h>

namespace makespan {

bool spinning_can_help() noexcept {
  cpu_set_t cpus;
  return sched_getaffinity(0, sizeof(cpus), &cpus) != 0 || CPU_COUNT(&cpus) > 1;
}

}  // namespace makespan
