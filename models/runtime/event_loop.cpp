// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/event_loop.hpp"

namespace makespan {
void EventLoop::Sleep::expire() noexcept {
  job_->end_wait();
  awaiting_.resume();
}

void EventLoop::Sleep::interrupt() noexcept {
  loop_.timers_.remove(*this);
  interrupted_ = true;
  loop_.schedule(awaiting_);
}

EventLoop::~EventLoop() {
  running_ = false;
  close();
}

void EventLoop::close() {
  if (running_) throw std::logic_error("an event loop cannot be closed from within itself");
  closed_ = true;
  ready_.clear();
  ended_.reset();
  // Taken out first: a frame that is destroyed may own the handle of another job.
  const auto unfinished = std::exchange(spawned_, {});
  for (const auto& [job, owned] : unfinished) owned->destroy();
}

void EventLoop::run(std::coroutine_handle<> first, const Root& root) {
  if (std::exchange(running_, true)) throw std::logic_error("this event loop is running already");
  struct Stop {
    bool& running;
    ~Stop() { running = false; }
  } const stop{running_};

  schedule(first);
  for (;;) {
    const Time round_began = now();
    resume_ready();
    if (root.done) return;
    if (!ready_.empty()) {
      // A loop that always has work still keeps its timers; but what this round made ready comes before the sleeps that
      // this round began, even those of no time.
      expire_timers(round_began);
    } else if (timers_.empty()) {
      throw LoopStalled();
    } else {
      sleep_thread_until(timers_.first_deadline());
      expire_timers(now());
    }
    if (root.done) return;
  }
}

// Only those that are ready now: what they make ready comes in the next round, so that timers get their turn.
void EventLoop::resume_ready() {
  for (std::size_t count = ready_.size(); count > 0; --count) {
    const std::coroutine_handle<> handle = ready_.front();
    ready_.pop_front();
    handle.resume();
  }
}

// No more than there are now: tasks that sleep until a time that has passed cannot keep the round from ending.
void EventLoop::expire_timers(Time reached) noexcept {
  for (std::size_t left = timers_.size(); left > 0 && !timers_.empty() && timers_.first_deadline() <= reached; --left) {
    timers_.take_first().expire();
  }
}

}  // namespace makespan
