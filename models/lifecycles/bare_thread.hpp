// SPDX-License-Identifier: Apache-2.0
// A thread of nothing but system calls: clone, and futex until the kernel says that it is gone (clone(2), CLONE_CHILD_CLEARTID).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/lifecycle.hpp"
#include "models/runtime/futex.hpp"

namespace makespan {

/// Answers the roll and ends. It has no thread-local storage of its own but shares its creator's, errno among it, as storage of its own
/// would be more than the system must be asked for. So nothing may run in it that writes there: all that it does is to count, and to wait
/// with futex_wait, which leaves errno alone. No library knows of it, and no sanitizer can bear that. Its stack is a part of the object:
/// units that are made again and again in the same place find it there already, touched before the first burst (unit_burst.hpp), as the C
/// library keeps some stacks for the next threads.
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
  FutexWord alive_{0};  // its thread id, until the kernel puts a zero there
  alignas(64) std::byte stack_[std::size_t{16} << 10U];
};

/// The `refuses` of what is made of such threads.
[[nodiscard]] std::string_view no_bare_threads(std::uint64_t units);

}  // namespace makespan
