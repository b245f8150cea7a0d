// SPDX-License-Identifier: Apache-2.0
// Many wait until one lets them through.
#pragma once

#include "models/runtime/futex.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {

/// For threads of any processes forked after its construction. Opens once.
class Gate {
 public:
  Gate() : word_(1) {}
  void wait() const noexcept;
  void open() const noexcept;

 private:
  SharedArray<FutexWord> word_;
};

}  // namespace makespan
