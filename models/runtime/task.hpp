// SPDX-License-Identifier: Apache-2.0
// A coroutine that returns a value or an exception to whoever awaits it.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "models/runtime/job.hpp"

namespace makespan {

template <class T = void>
class Task;

namespace detail {

class PromiseBase {
 public:
  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      const Promise& promise = self.promise();
      return promise.continuation ? promise.continuation : promise.job->finished(promise.failed());
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }

  std::coroutine_handle<> continuation;  ///< who awaits this task; none for the top-level task of a job
  Job* job = nullptr;
};

template <class T>
class Promise final : public PromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  template <class U>
  requires std::constructible_from<T, U>
  void return_value(U&& value) { result_.template emplace<1>(std::forward<U>(value)); }
  void unhandled_exception() noexcept { result_.template emplace<2>(std::current_exception()); }
  [[nodiscard]] bool failed() const noexcept { return result_.index() == 2; }
  [[nodiscard]] T take() {
    if (failed()) std::rethrow_exception(std::get<2>(result_));
    return std::move(std::get<1>(result_));
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> result_;
};

template <>
class Promise<void> final : public PromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { error_ = std::current_exception(); }
  [[nodiscard]] bool failed() const noexcept { return error_ != nullptr; }
  void take() const {
    if (failed()) std::rethrow_exception(error_);
  }

 private:
  std::exception_ptr error_;
};

}  // namespace detail

/// A lazy coroutine: it starts when it is awaited (or given to an EventLoop, gather or wait_for), and hands its value or
/// its exception to the awaiter. Owns its frame; moving it moves the ownership. Awaited once.
/// Write coroutines as functions whose parameters hold what they need, never as capturing lambdas: a lambda's captures die
/// with the lambda, not with the coroutine.
template <class T>
class [[nodiscard]] Task {
  static_assert(!std::is_reference_v<T>, "a task returns a value");

 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  /// Awaiting runs the task as a part of the awaiting task's job.
  [[nodiscard]] auto operator co_await() && noexcept { return Awaiter{handle_}; }

  // For those who run a task as a job of its own: make it the job's, get its handle to resume, take its result.
  [[nodiscard]] std::coroutine_handle<> bind(Job& job) const noexcept {
    handle_.promise().job = &job;
    return handle_;
  }
  [[nodiscard]] bool done() const noexcept { return handle_.done(); }
  T take() const { return handle_.promise().take(); }

 private:
  struct Awaiter {
    Handle handle;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) const noexcept {
      handle.promise().continuation = awaiting;
      handle.promise().job = awaiting.promise().job;
      return handle;
    }
    T await_resume() const { return handle.promise().take(); }
  };

  Handle handle_;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> detail::Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace makespan
