// SPDX-License-Identifier: Apache-2.0
// A pull coroutine: it yields values when asked for the next. C++23 has std::generator for it.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <utility>

namespace makespan {

/// A coroutine that yields values of type T, as a range to be gone through once.
///     Generator<int> even(Generator<int> numbers) {
///       for (const int number : numbers) {
///         if (number % 2 == 0) co_yield number;
///       }
///     }
/// It first runs when it is first asked. A value is passed by address and lives until the next is asked for. What it throws
/// comes out of the call that asked, and then it has ended. Destroying the generator destroys the frame where it stands,
/// and with it the generators that it owns as parameters.
/// Owns its frame; moving it moves the ownership. Not thread-safe.
template <class T>
class [[nodiscard]] Generator {
 public:
  class promise_type;
  class Iterator;

  Generator(Generator&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Generator& operator=(Generator&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Generator() {
    if (handle_) handle_.destroy();
  }

  /// The next value, or null if it has ended.
  [[nodiscard]] const T* next() {
    if (!handle_ || handle_.done()) return nullptr;
    handle_.resume();
    if (!handle_.done()) return handle_.promise().value_;
    if (handle_.promise().error_) std::rethrow_exception(std::exchange(handle_.promise().error_, {}));
    return nullptr;
  }

  /// Asks for the first value, or where some were taken already, for the next. ++ asks for one more.
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  using Handle = std::coroutine_handle<promise_type>;
  explicit Generator(Handle handle) noexcept : handle_(handle) {}

  Handle handle_;
};

/// An input iterator.
template <class T>
class Generator<T>::Iterator {
 public:
  using iterator_concept = std::input_iterator_tag;
  using value_type = T;
  using difference_type = std::ptrdiff_t;

  [[nodiscard]] const T& operator*() const noexcept { return *value_; }
  [[nodiscard]] const T* operator->() const noexcept { return value_; }
  Iterator& operator++() {
    value_ = generator_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const Iterator& at, std::default_sentinel_t) noexcept { return at.value_ == nullptr; }

 private:
  friend class Generator;
  explicit Iterator(Generator& generator) : generator_(&generator), value_(generator.next()) {}

  Generator* generator_;
  const T* value_;
};

template <class T>
class Generator<T>::promise_type {
 public:
  Generator get_return_object() noexcept { return Generator(Handle::from_promise(*this)); }
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] std::suspend_always final_suspend() const noexcept { return {}; }
  std::suspend_always yield_value(const T& value) noexcept {
    value_ = std::addressof(value);
    return {};
  }
  void await_transform() = delete;  // it yields, it does not wait
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { error_ = std::current_exception(); }

 private:
  friend class Generator;

  const T* value_ = nullptr;
  std::exception_ptr error_;
};

}  // namespace makespan
