// SPDX-License-Identifier: Apache-2.0
// Coroutines that only work and sleep, in as little memory as the compiler lets them have.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory_resource>

#include "models/runtime/event_loop.hpp"
#include "models/runtime/loop_wait.hpp"

namespace makespan {

/// Light tasks of one event loop that are awaited together. Their frames lie one behind the other in its memory, without a
/// header or a gap, and are given back as a whole when the group is destroyed.
/// Tasks that are still under way when the group is destroyed, or when the loop is closed or destroyed, are destroyed where they wait.
/// Either may go first, but no task of the group may be started once the loop has been destroyed, and none may destroy the group.
class LightGroup {
 public:
  class AllEnded;

  explicit LightGroup(EventLoop& loop) noexcept : loop_(loop) {}
  LightGroup(const LightGroup&) = delete;
  LightGroup& operator=(const LightGroup&) = delete;
  ~LightGroup() {
    if (under_way_ > 0) loop_.timers().abandon_all_of(this);  // else the loop may be gone
  }

  /// Awaiting it waits until every task that was started has ended, or has been destroyed with the group. One may wait at a time. Throws
  /// Cancelled if the job is cancelled, LoopClosed on a closed loop.
  [[nodiscard]] AllEnded all_ended() noexcept;
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
  /// What a task of the group awaits to sleep; doing so throws LoopClosed on a closed loop. Without a member: a temporary of a coroutine
  /// has a place in its frame.
  struct Until {};
  [[nodiscard]] Until sleep_until(SteadyTime deadline) noexcept {
    next_deadline_ = deadline;
    return {};
  }
  /// In a task that has just slept: the time until which it was to sleep.
  [[nodiscard]] SteadyTime woken_for() const noexcept { return woken_for_; }

 private:
  friend class LightTask;

  [[nodiscard]] static constexpr std::size_t alignment_of_frame(std::size_t bytes) noexcept {
    constexpr std::size_t most = 64;
    return std::min(bytes & (~bytes + 1), most);
  }

  EventLoop& loop_;
  std::pmr::monotonic_buffer_resource frames_;
  std::size_t under_way_ = 0;
  AllEnded* waiter_ = nullptr;
  SteadyTime next_deadline_{};
  SteadyTime woken_for_{};
};

/// What a coroutine returns that nobody awaits and nobody cancels. It starts at once, when it is called, and goes as soon as it
/// has ended. Its first parameter is the LightGroup that it belongs to (or of a class derived from it), and all that it
/// awaits is the group's sleep_until. It must not throw: on a loop that may be closed it catches LoopClosed.
/// Per sleeping task that is the frame and nothing else: no allocator's header, no place in a heap if the times come in order,
/// no handle and no job.
class LightTask {
 public:
  class promise_type final : public Timer {
   public:
    template <class... Rest>
    explicit promise_type(LightGroup& group, const Rest&... /*rest*/) noexcept : group_(group) {
      ++group_.under_way_;
    }
    promise_type(const promise_type&) = delete;
    promise_type& operator=(const promise_type&) = delete;
    ~promise_type();

    // The compiler does not tell how a frame is to be aligned, but a size is a multiple of its alignment: so no frame is aligned more than
    // the greatest power of two in its size, and none has a gap before it that it does not need.
    template <class... Rest>
    static void* operator new(std::size_t bytes, LightGroup& group, const Rest&... /*rest*/) {
      return group.frames_.allocate(bytes, LightGroup::alignment_of_frame(bytes));
    }
    static void operator delete(void* /*frame*/) noexcept {}  // with all others

    LightTask get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

    // Into the timers before it is suspended: nothing expires meanwhile.
    std::suspend_always await_transform(LightGroup::Until) {
      group_.loop_.require_open();
      group_.loop_.timers().add(group_.next_deadline_, *this);
      return {};
    }
    void expire() noexcept override {
      group_.woken_for_ = deadline();
      std::coroutine_handle<promise_type>::from_promise(*this).resume();
    }
    void abandon() noexcept override { std::coroutine_handle<promise_type>::from_promise(*this).destroy(); }
    [[nodiscard]] const void* owner() const noexcept override { return &group_; }

   private:
    LightGroup& group_;
  };
};

class LightGroup::AllEnded final : public LoopWait {
 public:
  explicit AllEnded(LightGroup& group) noexcept : group_(group) {}
  ~AllEnded() {
    if (waits_) leave();
  }
  [[nodiscard]] bool await_ready() const {
    group_.loop_.require_open();
    return group_.under_way_ == 0;
  }
  template <class Promise>
  [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    waits_ = begin(group_.loop_, awaiting);
    if (waits_) group_.waiter_ = this;
    return waits_;
  }
  void await_resume() { throw_if_cancelled(); }

 private:
  friend class LightTask::promise_type;
  void leave() noexcept override {
    waits_ = false;
    group_.waiter_ = nullptr;
  }
  void go_on() noexcept {
    leave();
    wake();
  }

  LightGroup& group_;  // while it waits; afterwards that may be gone
  bool waits_ = false;
};

inline LightGroup::AllEnded LightGroup::all_ended() noexcept { return AllEnded(*this); }

inline LightTask::promise_type::~promise_type() {
  if (--group_.under_way_ == 0 && group_.waiter_ != nullptr) group_.waiter_->go_on();
}

}  // namespace makespan
