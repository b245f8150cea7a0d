// SPDX-License-Identifier: Apache-2.0
// Waiting on a word of shared memory: futex(2), usable between processes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace makespan {

using FutexWord = std::atomic<std::uint32_t>;
static_assert(FutexWord::is_always_lock_free && sizeof(FutexWord) == sizeof(std::uint32_t));

/// Sleeps while `word == expected`, until woken or until `timeout` has passed. May also return early for no reason: the
/// caller looks at its condition again. Returns false only when the timeout passed. Leaves errno alone, as futex_wake does: both may be
/// called by a thread that has none of its own.
bool futex_wait(FutexWord& word, std::uint32_t expected, std::optional<std::chrono::nanoseconds> timeout = {}) noexcept;

/// Wakes up to `count` sleepers, in whatever process they are.
void futex_wake(FutexWord& word, int count) noexcept;

}  // namespace makespan
