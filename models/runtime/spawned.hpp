// SPDX-License-Identifier: Apache-2.0
// A job that runs beside the one that started it.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "models/runtime/event_loop.hpp"

namespace makespan {

/// Handle of a job started with EventLoop::spawn. Dropping it leaves the job running. One join() may wait at a time:
/// std::logic_error for a second one.
/// After its loop was closed or destroyed, a job that had not ended counts as done, and joining it throws LoopClosed.
template <class T>
class [[nodiscard]] Spawned {
 public:
  Spawned(EventLoop& loop, Task<T> task) : state_(std::make_shared<State>(loop, std::move(task))) {
    loop.require_open();
    loop.spawned_.emplace(state_.get(), state_);
    loop.schedule(state_->task->bind(*state_));
  }

  /// Cancels the job: it sees Cancelled where it waits.
  void cancel() noexcept {
    if (!done()) state_->cancel();
  }
  [[nodiscard]] bool done() const noexcept { return state_->done(); }

  /// Awaiting it waits until the job has ended and gives its value, once, or throws its exception.
  [[nodiscard]] auto join() noexcept { return Join(state_); }

 private:
  class Join;

  struct State final : SpawnedJob {
    State(EventLoop& owner, Task<T> work) : loop(owner), task(std::move(work)) {}
    std::coroutine_handle<> finished(bool /*failed*/) noexcept override {
      // Kept until another ends, as the frame that owns the caller must not be freed under it.
      const auto self = loop.spawned_.find(this);
      loop.ended_ = std::move(self->second);
      loop.spawned_.erase(self);
      return joiner != nullptr ? joiner->resume() : std::noop_coroutine();
    }
    void destroy() noexcept override { task.reset(); }
    [[nodiscard]] bool done() const noexcept { return !task || task->done(); }
    EventLoop& loop;
    std::optional<Task<T>> task;  // none: destroyed before its end, as the loop was closed
    Join* joiner = nullptr;
  };

  class Join final : public Suspension {
   public:
    explicit Join(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
    Join(const Join&) = delete;
    Join& operator=(const Join&) = delete;
    ~Join() {
      if (state_->joiner == this) state_->joiner = nullptr;
    }
    [[nodiscard]] bool await_ready() const {
      if (!state_->task) throw LoopClosed();
      return state_->done();
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiting) {
      awaiting_ = awaiting;
      if (state_->joiner != nullptr) throw std::logic_error("two tasks join the same job: one join() may wait at a time");
      job_ = awaiting.promise().job;
      interrupted_ = !job_->begin_wait(*this);
      if (interrupted_) return false;
      state_->joiner = this;
      return true;
    }
    T await_resume() const {
      if (interrupted_) {
        job_->end_wait();
        throw Cancelled();
      }
      return state_->task->take();
    }
    std::coroutine_handle<> resume() noexcept {
      state_->joiner = nullptr;
      job_->end_wait();
      return awaiting_;
    }

   private:
    void interrupt() noexcept override {
      interrupted_ = true;
      state_->joiner = nullptr;
      state_->loop.schedule(awaiting_);
    }

    std::shared_ptr<State> state_;
    std::coroutine_handle<> awaiting_;
    Job* job_ = nullptr;
    bool interrupted_ = false;
  };

  std::shared_ptr<State> state_;
};

template <class T>
Spawned<T> EventLoop::spawn(Task<T> task) {
  return Spawned<T>(*this, std::move(task));
}

}  // namespace makespan
