// SPDX-License-Identifier: Apache-2.0
// A cell: one isolated run in a fresh process.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace makespan {

/// How a cell ended.
struct CellEnd {
  enum class Status : std::uint8_t { ok, error, timeout, interrupted };
  Status status = Status::ok;
  std::string error;  ///< what it said, or how it died; empty if ok
};

/// Looks at a running cell from outside: called by run_in_cell every 2 ms with the cell's process group, until it returns
/// false. The waiting for the cell's end stands still meanwhile. Must not throw.
using Watch = std::function<bool(pid_t group)>;

/// Runs `body` in a child forked for it and waits for its end, at most for `time_limit`. Results come back through shared
/// memory that the caller made before.
/// The cell leads a process group of its own and dies with the calling thread. However it ends, every process it started
/// is dead and reaped when this returns: what outlives the cell's leader is killed with the group; orphans come to the
/// calling process, which is made their reaper (PR_SET_CHILD_SUBREAPER). A process that leaves the group (setsid) is on its own.
/// An exception of `body` is `error` with its words; so are a crash and an exit. A SIGINT or SIGTERM (see
/// catch_interruptions) ends the cell: `interrupted`.
/// Throws std::system_error if no child can be forked. To be called from a process that has one thread.
[[nodiscard]] CellEnd run_in_cell(std::chrono::nanoseconds time_limit, const std::function<void()>& body, const Watch& watch = {});

}  // namespace makespan
