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
  timers_.abandon_all();  // light tasks: a job may own what they use
  ready_.clear();
  ended_.reset();
  // Taken out first: a frame that is destroyed may own the handle of another job.
  const auto unfinished = std::exchange(spawned_, {});
  for (const auto& [job, owned] : unfinished) owned->destroy();
  ready_.clear();  // what they have woken is destroyed too
  poller_.reset();
}

Poller& EventLoop::poller() {
  require_open();
  if (!poller_) poller_ = std::make_unique<Poller>();
  return *poller_;
}

void EventLoop::run(std::coroutine_handle<> first, const Root& root) {
  if (std::exchange(running_, true)) throw std::logic_error("this event loop is running already");
  struct Stop {
    bool& running;
    ~Stop() { running = false; }
  } const stop{running_};

  schedule(first);
  while (!root.done) {
    run_round(root);
    if (!root.done && ready_.empty()) wait();
  }
}

// A loop that always has work still keeps its timers and its descriptors, but does not ask for them each time a coroutine
// is resumed: the clock costs more than that, and epoll_wait ten times more.
void EventLoop::run_round(const Root& root) {
  constexpr std::size_t timers_after = 8;
  constexpr std::size_t descriptors_after = 64;
  const std::size_t resumed = ready_.size();
  since_timers_ += resumed;
  since_descriptors_ += resumed;
  // What this round makes ready comes before the sleeps that it begins, even those of no time: so it is the time of its
  // beginning that counts.
  const bool look = since_timers_ >= timers_after && !timers_.empty();
  const Time round_began = look ? now() : Time{};
  resume_ready();
  if (root.done || ready_.empty()) return;
  if (look) {
    since_timers_ = 0;
    expire_timers(round_began);
  }
  if (since_descriptors_ >= descriptors_after && poller_ && poller_->awaited()) {
    since_descriptors_ = 0;
    poller_->poll();
  }
}

void EventLoop::wait() {
  const bool for_descriptors = poller_ && poller_->awaited();
  if (timers_.empty() && !for_descriptors) throw LoopStalled();
  const Time deadline = timers_.empty() ? Time::max() : timers_.first_deadline();
  for_descriptors ? poller_->wait_until(deadline) : sleep_thread_until(deadline);
  if (!timers_.empty()) expire_timers(now());
}

// Only those that are ready now: what they make ready comes in the next round, so that all get their turn.
void EventLoop::resume_ready() {
  if (ready_.size() == 1) {  // often so where tasks hand something on
    const std::coroutine_handle<> handle = ready_.back();
    ready_.pop_back();
    handle.resume();
    return;
  }
  std::swap(ready_, round_);
  for (const std::coroutine_handle<> handle : round_) handle.resume();
  round_.clear();
}

// No more than there are now: tasks that sleep until a time that has passed cannot keep the round from ending.
void EventLoop::expire_timers(Time reached) noexcept {
  for (std::size_t left = timers_.size(); left > 0 && !timers_.empty() && timers_.first_deadline() <= reached; --left) {
    timers_.take_first().expire();
  }
}

}  // namespace makespan
