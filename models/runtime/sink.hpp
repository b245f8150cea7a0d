// SPDX-License-Identifier: Apache-2.0
// A push coroutine: values are sent into it while it is suspended.
#pragma once

#include <coroutine>
#include <exception>
#include <stdexcept>
#include <utility>

namespace makespan {

/// Thrown by a send into a coroutine that was closed, or that has ended by itself.
class SinkClosed : public std::logic_error {
 public:
  SinkClosed() : std::logic_error("the sink is closed: its coroutine has ended, nothing can be sent into it any more") {}
};

/// What a push coroutine awaits: `const T* value = co_await next_value`, null once it was closed.
struct NextValue {};
inline constexpr NextValue next_value{};

/// A coroutine that takes values of type T one by one, and may send others on: chained like a UNIX pipe.
///     Sink<int> print_even(Sink<int> out) {
///       while (const int* value = co_await next_value) {
///         if (*value % 2 == 0) out.send(*value);
///       }
///       out.close();
///     }
/// It runs at once until it first awaits. A value is passed by address and lives until the coroutine awaits again. After
/// close() each further await gives null at once: a coroutine that has been closed never waits again.
/// When it has ended, in whatever way, its frame is destroyed at once, and with it the sinks that it owns as parameters:
/// those it did not close are closed by that, from the source to the end. What these throw is lost; close `out` explicitly
/// to have it.
/// Owns its frame; moving it moves the ownership. Not thread-safe, and no coroutine may send into itself.
template <class T>
class [[nodiscard]] Sink {
 public:
  class promise_type;

  Sink(Sink&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Sink& operator=(Sink&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  /// As close(), but what the coroutine throws is lost.
  ~Sink() {
    try {
      close();
    } catch (...) {  // NOLINT(bugprone-empty-catch): as promised
    }
  }

  /// Runs the coroutine with `value` until it awaits the next or ends. Throws what it throws, and then it has ended.
  /// Throws SinkClosed if it had ended before: returned, threw or was closed.
  void send(const T& value) {
    if (!handle_) throw SinkClosed();
    if (!handle_.done()) {
      handle_.promise().value_ = &value;
      handle_.resume();
      if (!handle_.done()) return;
      finish();
    } else {  // it ended before it first awaited
      finish();
      throw SinkClosed();
    }
  }

  /// Tells the coroutine that there is no more, so that it runs to its end. Throws what it throws. No effect if it has
  /// ended.
  void close() {
    if (!handle_) return;
    if (!handle_.done()) {
      handle_.promise().value_ = nullptr;
      handle_.promise().closed_ = true;
      handle_.resume();
    }
    finish();
  }

  /// Whether it takes a value. False as soon as it has ended.
  [[nodiscard]] bool open() const noexcept { return handle_ && !handle_.done(); }

 private:
  using Handle = std::coroutine_handle<promise_type>;
  explicit Sink(Handle handle) noexcept : handle_(handle) {}

  // Destroys the frame of the ended coroutine and passes on what it threw.
  void finish() {
    const std::exception_ptr error = std::move(handle_.promise().error_);
    std::exchange(handle_, {}).destroy();
    if (error) std::rethrow_exception(error);
  }

  Handle handle_;
};

template <class T>
class Sink<T>::promise_type {
 public:
  struct Awaiter {
    promise_type& promise;
    [[nodiscard]] bool await_ready() const noexcept { return promise.closed_; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    [[nodiscard]] const T* await_resume() const noexcept { return promise.value_; }
  };

  Sink get_return_object() noexcept { return Sink(Handle::from_promise(*this)); }
  [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
  [[nodiscard]] std::suspend_always final_suspend() const noexcept { return {}; }
  [[nodiscard]] Awaiter await_transform(NextValue) noexcept { return {*this}; }
  void return_void() const noexcept {}
  // Kept, not passed on from here: what is thrown before the first await would otherwise leave the call that makes the sink.
  void unhandled_exception() noexcept { error_ = std::current_exception(); }

 private:
  friend class Sink;

  const T* value_ = nullptr;
  std::exception_ptr error_;
  bool closed_ = false;
};

}  // namespace makespan
