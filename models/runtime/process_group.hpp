// SPDX-License-Identifier: Apache-2.0
// Fork, run, wait: several processes for one piece of work.
#pragma once

#include <cstdint>
#include <functional>

namespace makespan {

/// Forks `count` processes, runs `body(index)` in each, and returns when all have ended and are reaped.
/// Throws std::system_error if the system refuses a fork (those started are ended and reaped first), std::runtime_error
/// with the child's own words if a body threw, ProcessDied if a child was killed. `role` names one child in messages.
void run_in_processes(std::uint64_t count, const char* role, const std::function<void(std::uint64_t)>& body);

}  // namespace makespan
