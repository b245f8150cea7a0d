// SPDX-License-Identifier: Apache-2.0
// The unit of cancellation of an event loop.
#pragma once

#include <coroutine>
#include <exception>
#include <stdexcept>
#include <utility>

namespace makespan {

/// Thrown at the point where a cancelled task waits. Let it pass, or clean up and rethrow; a task that swallows it goes on.
class Cancelled : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "the task was cancelled"; }
};

/// A wait that can be broken off: what a leaf awaiter derives from.
class Suspension {
 public:
  /// Ends the wait as soon as the loop comes round to it; the awaiter then throws Cancelled. Never resumes anything inline.
  virtual void interrupt() noexcept = 0;

 protected:
  ~Suspension() = default;
};

/// One top-level task together with all the tasks it awaits in turn: at any time at most one of them waits. Every started
/// task belongs to one job, whose owner is told when it ends.
class Job {
 public:
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// Asks the job to end: its present wait throws Cancelled, or its next one if it does not wait just now. Asking again
  /// before that changes nothing.
  void cancel() noexcept {
    if (waiting_ != nullptr) {
      interrupted_ = true;
      std::exchange(waiting_, nullptr)->interrupt();
    } else if (!interrupted_) {
      cancel_pending_ = true;
    }
  }

  // For awaiters: a wait begins (false: do not wait, the job has been cancelled), a wait has ended, by itself or not.
  [[nodiscard]] bool begin_wait(Suspension& suspension) noexcept {
    if (std::exchange(cancel_pending_, false)) return false;
    waiting_ = &suspension;
    return true;
  }
  void end_wait() noexcept {
    waiting_ = nullptr;
    interrupted_ = false;
  }

  /// Called when the top-level task has ended; returns what is to be resumed next. `failed`: it threw.
  virtual std::coroutine_handle<> finished(bool failed) noexcept = 0;

 protected:
  ~Job() = default;

 private:
  Suspension* waiting_ = nullptr;
  bool interrupted_ = false;  // the present wait has been broken off, but has not ended yet
  bool cancel_pending_ = false;
};

}  // namespace makespan
