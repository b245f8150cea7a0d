// SPDX-License-Identifier: Apache-2.0
// Ctrl-C: noticed between two measurements and while waiting for one.
#pragma once

#include <signal.h>

namespace makespan {

/// From now on SIGINT and SIGTERM no longer end this process; they are noted, and delivered only inside waits that use
/// wait_mask(), so that none is missed between a look at interrupted() and the wait.
void catch_interruptions();

/// Whether such a signal has come.
[[nodiscard]] bool interrupted() noexcept;

/// Signal mask for ppoll() and its like: lets the two signals through.
[[nodiscard]] sigset_t wait_mask();

/// For a forked child: both signals do again what they do by default.
void restore_signals() noexcept;

}  // namespace makespan
