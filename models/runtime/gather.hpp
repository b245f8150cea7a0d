// SPDX-License-Identifier: Apache-2.0
// Many tasks at once, awaited together.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/runtime/job.hpp"
#include "models/runtime/task.hpp"

namespace makespan {
namespace detail {

/// Awaiting it starts every task at once, each as a job of its own, and resumes when the last has ended.
template <class T>
class Gathering final : public Suspension {
 public:
  explicit Gathering(std::vector<Task<T>>& tasks) : tasks_(tasks), children_(tasks.size()) {
    for (Child& child : children_) child.gathering = this;
  }
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return tasks_.empty(); }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    awaiting_ = awaiting;
    job_ = awaiting.promise().job;
    interrupted_ = !job_->begin_wait(*this);
    if (interrupted_) return false;
    // One more than the tasks, so that the last of them to end at once does not resume a coroutine that is still
    // suspending.
    under_way_ = 1;
    for (; started_ < tasks_.size() && !ending_; ++started_) {
      ++under_way_;
      tasks_[started_].bind(children_[started_]).resume();
    }
    if (--under_way_ > 0) return true;
    job_->end_wait();
    return false;
  }

  /// Throws the exception of the task that failed first, or Cancelled if the gathering job was cancelled.
  void await_resume() const {
    if (first_failed_ < tasks_.size()) tasks_[first_failed_].take();
    if (interrupted_) throw Cancelled();
  }

 private:
  struct Child final : Job {
    std::coroutine_handle<> finished(bool failed) noexcept override { return gathering->child_finished(*this, failed); }
    Gathering* gathering = nullptr;
  };

  std::coroutine_handle<> child_finished(const Child& child, bool failed) noexcept {
    if (failed && !ending_) {
      first_failed_ = static_cast<std::size_t>(&child - children_.data());
      cancel_children();
    }
    if (--under_way_ > 0) return std::noop_coroutine();
    job_->end_wait();
    return awaiting_;
  }

  void interrupt() noexcept override {
    interrupted_ = true;
    cancel_children();
  }

  void cancel_children() noexcept {
    ending_ = true;
    for (std::size_t index = 0; index <= std::min(started_, tasks_.size() - 1); ++index) {
      if (!tasks_[index].done()) children_[index].cancel();
    }
  }

  std::vector<Task<T>>& tasks_;
  std::vector<Child> children_;
  std::coroutine_handle<> awaiting_;
  Job* job_ = nullptr;
  std::size_t started_ = 0;
  std::size_t under_way_ = 0;
  std::size_t first_failed_ = static_cast<std::size_t>(-1);
  bool ending_ = false;
  bool interrupted_ = false;
};

}  // namespace detail

/// Runs all tasks at once and returns their values in the order of the tasks. The first failure cancels the others; when
/// all have ended, its exception is thrown. Cancelling the gathering task cancels every one of them.
template <class T>
Task<std::vector<T>> gather(std::vector<Task<T>> tasks) {
  co_await detail::Gathering<T>(tasks);
  std::vector<T> values;
  values.reserve(tasks.size());
  for (const Task<T>& task : tasks) values.push_back(task.take());
  co_return values;
}

inline Task<void> gather(std::vector<Task<void>> tasks) { co_await detail::Gathering<void>(tasks); }

}  // namespace makespan
