// SPDX-License-Identifier: Apache-2.0
// Who is running: process and thread id of the caller, without a system call each time.
#pragma once

#include <cstdint>

namespace makespan {

struct Identity {
  std::int32_t process = 0;
  std::int32_t thread = 0;
};

/// Ids of the calling thread, as the operating system shows them. Cached per thread.
[[nodiscard]] const Identity& identity() noexcept;

/// To be called in a freshly forked child, whose cache holds its parent's ids.
void refresh_identity() noexcept;

}  // namespace makespan
