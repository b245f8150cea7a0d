// SPDX-License-Identifier: Apache-2.0
// A thread of nothing but system calls: mmap of a stack, clone, futex until the kernel says that it is gone, munmap. clone(2),
// "CLONE_THREAD", "CLONE_CHILD_CLEARTID".
#pragma once

#include <cstdint>
#include <string_view>

#include "models/lifecycle.hpp"
#include "models/runtime/futex.hpp"

namespace makespan {

/// Answers the roll and ends. It has no thread-local storage of its own but uses its creator's, so nothing else may run in it. No library
/// knows of it, and no sanitizer can bear that.
class BareThread {
 public:
  BareThread(const Roll& roll, std::uint64_t unit);  ///< throws std::system_error
  BareThread(const BareThread&) = delete;
  BareThread& operator=(const BareThread&) = delete;
  ~BareThread();  ///< waits until it has ended

 private:
  static int run(void* self);

  const Roll& roll_;
  std::uint64_t unit_;
  void* stack_;
  FutexWord alive_{0};  // its thread id, until the kernel puts a zero there
};

/// The `refuses` of what is made of such threads.
[[nodiscard]] std::string_view no_bare_threads(std::uint64_t units);

}  // namespace makespan
