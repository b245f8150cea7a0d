// SPDX-License-Identifier: Apache-2.0
// What the awaiters of an event loop have in common that are woken by others.
#pragma once

#include <coroutine>
#include <utility>

#include "models/runtime/event_loop.hpp"

namespace makespan {

/// A wait that somebody else ends, by wake() or by cancelling the job; either way its coroutine is queued behind those that
/// are ready, and never resumed from within the call. With wake() the wait is over: what it was woken with is its own, and
/// a cancellation that comes before the coroutine has run is seen at the job's next wait.
class LoopWait : public Suspension {
 public:
  LoopWait(const LoopWait&) = delete;
  LoopWait& operator=(const LoopWait&) = delete;

 protected:
  LoopWait() = default;
  ~LoopWait() = default;

  /// False: do not suspend, the job has been cancelled.
  template <class Promise>
  [[nodiscard]] bool begin(EventLoop& loop, std::coroutine_handle<Promise> awaiting) noexcept {
    loop_ = &loop;
    job_ = awaiting.promise().job;
    interrupted_ = !job_->begin_wait(*this);
    awaiting_ = awaiting;
    return !interrupted_;
  }
  void wake() noexcept {
    job_->end_wait();
    loop_->schedule(awaiting_);
  }
  /// To be called when the coroutine goes on: throws Cancelled if that is why.
  void throw_if_cancelled() {
    if (!std::exchange(interrupted_, false)) return;
    job_->end_wait();
    throw Cancelled();
  }

 private:
  virtual void leave() noexcept = 0;  ///< the place where it waits to be woken

  void interrupt() noexcept final {
    leave();
    interrupted_ = true;
    loop_->schedule(awaiting_);
  }

  EventLoop* loop_ = nullptr;
  Job* job_ = nullptr;
  std::coroutine_handle<> awaiting_;
  bool interrupted_ = false;
};

}  // namespace makespan
