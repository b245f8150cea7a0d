// SPDX-License-Identifier: Apache-2.0
// A mutex between processes that knows when its owner died.
#pragma once

#include <pthread.h>

#include <cstdint>
#include <stdexcept>

namespace makespan {

/// A process that took part ended without saying so.
class PeerDied : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Lies in shared memory. Whoever locked it must be the thread that unlocks it. That its owner died is told by the kernel, however it came
/// (pthread_mutexattr_setrobust(3)); from then on it stays unusable and tells everybody so.
class RobustMutex {
 public:
  enum class Answer : std::uint8_t { locked, busy, owner_died };

  void initialise();  ///< before first use, once. Throws std::system_error
  void lock();        ///< throws PeerDied
  [[nodiscard]] Answer try_lock() noexcept;
  void unlock() noexcept;

 private:
  pthread_mutex_t mutex_;
};

}  // namespace makespan
