// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/robust_mutex.hpp"

#include <cerrno>
#include <system_error>

namespace makespan {

void RobustMutex::initialise() {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  const int error = pthread_mutex_init(&mutex_, &attributes);
  pthread_mutexattr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "pthread_mutex_init of a robust mutex");
}

// Unlocked without being made consistent: the next one gets ENOTRECOVERABLE.
void RobustMutex::lock() {
  const int error = pthread_mutex_lock(&mutex_);
  if (error == EOWNERDEAD) unlock();
  if (error != 0) throw PeerDied("a process died while it held a lock that this one needs");
}

RobustMutex::Answer RobustMutex::try_lock() noexcept {
  switch (pthread_mutex_trylock(&mutex_)) {
    case 0: return Answer::locked;
    case EOWNERDEAD: unlock(); return Answer::owner_died;
    case ENOTRECOVERABLE: return Answer::owner_died;
    default: return Answer::busy;
  }
}

void RobustMutex::unlock() noexcept { pthread_mutex_unlock(&mutex_); }

}  // namespace makespan
