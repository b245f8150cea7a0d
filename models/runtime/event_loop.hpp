// SPDX-License-Identifier: Apache-2.0
// An event loop: many coroutines in one thread, each waiting for its own time, for a descriptor, or for another.
#pragma once

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/runtime/job.hpp"
#include "models/runtime/poller.hpp"
#include "models/runtime/task.hpp"
#include "models/runtime/timer_heap.hpp"

namespace makespan {

/// A loop that was closed and is used again.
class LoopClosed : public std::logic_error {
 public:
  LoopClosed() : std::logic_error("this event loop is closed: a closed loop cannot be used again, create a new EventLoop") {}
};

/// Tasks wait for one another, or for nothing, and neither a timer is left that could wake one nor a wait for a descriptor.
class LoopStalled : public std::logic_error {
 public:
  LoopStalled() : std::logic_error("the event loop has nothing left to wait for, but its task has not ended") {}
};

template <class T>
class Spawned;

/// A job that its loop keeps until it has ended.
class SpawnedJob : public Job {
 public:
  virtual void destroy() noexcept = 0;  ///< of one that has not ended

 protected:
  ~SpawnedJob() = default;
};

/// Runs coroutine tasks in the calling thread. Not thread-safe: a loop belongs to one thread. Any number of loops may
/// exist, one after the other or side by side.
class EventLoop {
 public:
  using Time = SteadyTime;

  /// Awaiting it suspends until a time. Throws Cancelled if the job is cancelled, LoopClosed on a closed loop.
  class [[nodiscard]] Sleep final : public Timer, public Suspension {
   public:
    Sleep(EventLoop& loop, Time deadline) noexcept : Timer(deadline), loop_(loop) {}
    Sleep(const Sleep&) = delete;
    Sleep& operator=(const Sleep&) = delete;
    ~Sleep() { loop_.timers_.remove(*this); }

    [[nodiscard]] bool await_ready() const {
      loop_.require_open();
      return false;
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiting) {
      job_ = awaiting.promise().job;
      interrupted_ = !job_->begin_wait(*this);
      if (interrupted_) return false;
      awaiting_ = awaiting;
      loop_.timers_.add(*this);
      return true;
    }
    void await_resume() const {
      if (!interrupted_) return;
      job_->end_wait();
      throw Cancelled();
    }

   private:
    void expire() noexcept override;
    void interrupt() noexcept override;

    EventLoop& loop_;
    Job* job_ = nullptr;
    std::coroutine_handle<> awaiting_;
    bool interrupted_ = false;
  };

  EventLoop() = default;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();  ///< as close()

  /// Runs `task`, and whatever else is ready, until `task` has ended; returns its value or throws its exception.
  /// Throws LoopClosed, LoopStalled, or std::logic_error if this loop is running already.
  template <class T>
  T run_until_complete(Task<T> task) {
    require_open();
    Root root;
    run(task.bind(root), root);
    return task.take();
  }

  /// Starts `task` as a job of its own beside the caller; it first runs when the caller next waits. Its value is fetched
  /// with `co_await spawned.join()`. A job that is still under way when the loop is closed is destroyed, even if somebody
  /// keeps its handle.
  template <class T>
  Spawned<T> spawn(Task<T> task);

  [[nodiscard]] Sleep sleep_until(Time deadline) { return {*this, deadline}; }
  [[nodiscard]] Sleep sleep_for(std::chrono::nanoseconds duration) { return {*this, after(duration)}; }
  [[nodiscard]] static Time now() noexcept { return std::chrono::steady_clock::now(); }
  [[nodiscard]] static Time after(std::chrono::nanoseconds duration) noexcept { return steady_after(duration); }

  /// Destroys what is still under way, first the light tasks, then the jobs, and refuses all further use. Closing twice is allowed.
  /// Throws std::logic_error while the loop runs.
  void close();
  [[nodiscard]] bool closed() const noexcept { return closed_; }

  // For awaiters.
  void require_open() const {
    if (closed_) throw LoopClosed();
  }
  void schedule(std::coroutine_handle<> handle) { ready_.push_back(handle); }
  [[nodiscard]] TimerHeap& timers() noexcept { return timers_; }
  /// Created when it is first asked for. Throws LoopClosed, or std::system_error if the system refuses.
  [[nodiscard]] Poller& poller();

 private:
  template <class T>
  friend class Spawned;

  class Root final : public Job {
   public:
    std::coroutine_handle<> finished(bool /*failed*/) noexcept override {
      done = true;
      return std::noop_coroutine();
    }
    bool done = false;
  };

  void run(std::coroutine_handle<> first, const Root& root);
  void run_round(const Root& root);
  void wait();
  void resume_ready();
  void expire_timers(Time reached) noexcept;

  TimerHeap timers_;
  std::unique_ptr<Poller> poller_;              // none as long as no descriptor was registered
  std::vector<std::coroutine_handle<>> ready_;  // for the next round
  std::vector<std::coroutine_handle<>> round_;  // of the present one
  std::size_t since_timers_ = 0;                // resumed since timers were last looked at
  std::size_t since_descriptors_ = 0;
  std::unordered_map<const Job*, std::shared_ptr<SpawnedJob>> spawned_;  // jobs under way that nobody else may own
  std::shared_ptr<SpawnedJob> ended_;                                    // the job that ended last: freed when it no longer runs
  bool running_ = false;
  bool closed_ = false;
};

}  // namespace makespan
