// SPDX-License-Identifier: Apache-2.0
// A task with a time limit.
#pragma once

#include <chrono>
#include <coroutine>
#include <stdexcept>
#include <utility>

#include "models/runtime/event_loop.hpp"

namespace makespan {

/// Thrown by wait_for when the time is up.
class TimedOut : public std::runtime_error {
 public:
  TimedOut() : std::runtime_error("the task did not end within its time limit") {}
};

namespace detail {

template <class T>
class TimeLimit final : public Suspension {
 public:
  TimeLimit(EventLoop& loop, const Task<T>& task, EventLoop::Time deadline) noexcept : loop_(loop), task_(task), deadline_(deadline) {}
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;
  ~TimeLimit() { loop_.timers().remove(alarm_); }

  [[nodiscard]] bool await_ready() const {
    loop_.require_open();
    return false;
  }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) {
    awaiting_ = awaiting;
    job_ = awaiting.promise().job;
    interrupted_ = !job_->begin_wait(*this);
    if (interrupted_) return awaiting;
    loop_.timers().add(deadline_, alarm_);
    return task_.bind(child_);
  }
  T await_resume() const {
    if (!task_.done()) throw Cancelled();  // was never started
    try {
      return task_.take();  // a value that came after all is worth more than the limit
    } catch (const Cancelled&) {
      if (timed_out_ && !interrupted_) throw TimedOut();
      throw;
    }
  }

 private:
  struct Child final : Job {
    explicit Child(TimeLimit& owner) noexcept : limit(owner) {}
    std::coroutine_handle<> finished(bool /*failed*/) noexcept override {
      limit.loop_.timers().remove(limit.alarm_);
      limit.job_->end_wait();
      return limit.awaiting_;
    }
    TimeLimit& limit;
  };
  struct Alarm final : Timer {
    explicit Alarm(TimeLimit& owner) noexcept : limit(owner) {}
    void expire() noexcept override {
      limit.timed_out_ = true;
      limit.child_.cancel();
    }
    TimeLimit& limit;
  };

  void interrupt() noexcept override {
    interrupted_ = true;
    child_.cancel();
  }

  EventLoop& loop_;
  const Task<T>& task_;
  EventLoop::Time deadline_;
  Child child_{*this};
  Alarm alarm_{*this};
  std::coroutine_handle<> awaiting_;
  Job* job_ = nullptr;
  bool timed_out_ = false;
  bool interrupted_ = false;
};

}  // namespace detail

/// Awaits `task`, at most for `limit`. When the time is up the task is cancelled, and once it has ended TimedOut is
/// thrown; if it returns a value all the same, that value is returned.
template <class T>
Task<T> wait_for(EventLoop& loop, Task<T> task, std::chrono::nanoseconds limit) {
  detail::TimeLimit<T> limited(loop, task, EventLoop::after(limit));
  co_return co_await limited;
}

}  // namespace makespan
