// SPDX-License-Identifier: Apache-2.0
// Coroutines that only work and sleep, in as little memory as the compiler lets them have.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory_resource>
#include <utility>

#include "models/runtime/event_loop.hpp"
#include "models/runtime/loop_wait.hpp"

namespace makespan {

/// Light tasks of one event loop that are awaited together. Their frames lie one behind the other in its memory, without a
/// header or a gap, and are given back as a whole when the group is destroyed, which must not be before its loop has ended.
class LightGroup {
 public:
  class AllEnded;

  explicit LightGroup(EventLoop& loop) noexcept : loop_(loop) {}
  LightGroup(const LightGroup&) = delete;
  LightGroup& operator=(const LightGroup&) = delete;

  /// Awaiting it waits until every task that was started has ended. One may wait at a time.
  [[nodiscard]] AllEnded all_ended() noexcept;
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
  /// What a task of the group awaits to sleep. Without a member: a temporary of a coroutine has a place in its frame.
  struct Until {};
  [[nodiscard]] Until sleep_until(SteadyTime deadline) noexcept {
    next_deadline_ = deadline;
    return {};
  }
  /// In a task that has just slept: the time until which it was to sleep.
  [[nodiscard]] SteadyTime woken_for() const noexcept { return woken_for_; }

 private:
  friend class LightTask;

  EventLoop& loop_;
  std::pmr::monotonic_buffer_resource frames_;
  std::size_t under_way_ = 0;
  AllEnded* waiter_ = nullptr;
  SteadyTime next_deadline_{};
  SteadyTime woken_for_{};
};

/// What a coroutine returns that nobody awaits and nobody cancels. It starts at once, when it is called, and goes as soon as it
/// has ended. Its first parameter is the LightGroup that it belongs to (or of a class derived from it), and all that it
/// awaits is the group's sleep_until. It must not throw.
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

    template <class... Rest>
    static void* operator new(std::size_t bytes, LightGroup& group, const Rest&... /*rest*/) {
      return group.frames_.allocate(bytes, alignof(void*));
    }
    static void operator delete(void* /*frame*/) noexcept {}  // with all others

    LightTask get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

    // Into the timers before it is suspended: nothing expires meanwhile.
    std::suspend_always await_transform(LightGroup::Until) {
      group_.loop_.timers().add(group_.next_deadline_, *this);
      return {};
    }
    void expire() noexcept override {
      group_.woken_for_ = deadline();
      std::coroutine_handle<promise_type>::from_promise(*this).resume();
    }

   private:
    LightGroup& group_;
  };
};

class LightGroup::AllEnded final : public LoopWait {
 public:
  explicit AllEnded(LightGroup& group) noexcept : group_(group) {}
  [[nodiscard]] bool await_ready() const noexcept { return group_.under_way_ == 0; }
  template <class Promise>
  [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    if (!begin(group_.loop_, awaiting)) return false;
    group_.waiter_ = this;
    return true;
  }
  void await_resume() { throw_if_cancelled(); }

 private:
  friend class LightTask::promise_type;
  void leave() noexcept override { group_.waiter_ = nullptr; }

  LightGroup& group_;
};

inline LightGroup::AllEnded LightGroup::all_ended() noexcept { return AllEnded(*this); }

inline LightTask::promise_type::~promise_type() {
  if (--group_.under_way_ > 0 || group_.waiter_ == nullptr) return;
  std::exchange(group_.waiter_, nullptr)->wake();
}

}  // namespace makespan
