// SPDX-License-Identifier: Apache-2.0
// A child process that was made by whatever system call, owned.
#pragma once

#include <sys/types.h>

namespace makespan {

/// Does no more than it must, as floors are made of it.
class Child {
 public:
  /// `id` as fork and its kin return it: throws std::system_error from errno, naming the `call`, if it is negative.
  Child(pid_t id, const char* call);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  ///< kills it if it has not been reaped, and reaps it

  /// Waits for its end and reaps it. Throws ProcessDied unless it exited with 0.
  void reap(const char* role);

 private:
  pid_t id_;  // 0: reaped
};

/// The bare system call of fork(2): returns twice, without what the C library does besides. The child dies with its parent, as
/// everything of this suite does.
[[nodiscard]] pid_t bare_fork() noexcept;

}  // namespace makespan
