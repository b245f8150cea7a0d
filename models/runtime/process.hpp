// SPDX-License-Identifier: Apache-2.0
// A forked child, owned.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <concepts>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace makespan {

/// How a process ended.
struct ExitStatus {
  int code = 0;    ///< exit code, if it ended by itself
  int signal = 0;  ///< the signal that ended it, or 0
  [[nodiscard]] bool ok() const noexcept { return code == 0 && signal == 0; }
  [[nodiscard]] std::string text() const;                       ///< "exit code 3", "signal 9 (Killed)"
  [[nodiscard]] static ExitStatus decode(int status) noexcept;  ///< as waitpid(2) tells it
};

/// A child that ended otherwise than it should have.
class ProcessDied : public std::runtime_error {
 public:
  ProcessDied(const std::string& role, pid_t process, const ExitStatus& status);
};

/// The calling process dies with its parent from now on (parent-death signal). False if `parent` has died before that.
[[nodiscard]] bool die_with(pid_t parent) noexcept;

/// One forked child. It dies with the thread that forked it (parent-death signal), and at the latest in this object's
/// destructor, which ends and reaps it: no Process leaves anything behind.
class Process {
 public:
  /// Forks; the child runs `body` and exits with code 0, or with 1 after printing what `body` threw. Nothing of the
  /// parent runs in the child besides: no destructors, no exit handlers.
  /// Throws std::system_error if the system refuses. To be called from a process that has one thread.
  template <std::invocable F>
  [[nodiscard]] static Process start(F&& body) {
    const pid_t child = fork_child();
    if (child == 0) run_and_exit([](void* context) { (*static_cast<std::remove_reference_t<F>*>(context))(); }, &body);
    return Process(child);
  }

  Process(Process&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  Process& operator=(Process&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Process();

  [[nodiscard]] pid_t id() const noexcept { return id_; }  ///< 0 once it has been reaped
  ExitStatus wait();                                       ///< blocks until it has ended, reaps it
  std::optional<ExitStatus> poll();                        ///< reaps it if it has ended, else nothing
  void kill() noexcept;                                    ///< SIGKILL; wait() or the destructor reaps

 private:
  explicit Process(pid_t id) noexcept : id_(id) {}
  static pid_t fork_child();
  [[noreturn]] static void run_and_exit(void (*body)(void*), void* context) noexcept;

  pid_t id_ = 0;
};

}  // namespace makespan
