// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/gate.hpp"

#include <limits>

namespace makespan {

void Gate::wait() const noexcept {
  while (word_[0].load(std::memory_order_acquire) == 0) futex_wait(word_[0], 0);
}

void Gate::open() const noexcept {
  word_[0].store(1, std::memory_order_release);
  futex_wake(word_[0], std::numeric_limits<int>::max());
}

}  // namespace makespan
