// SPDX-License-Identifier: Apache-2.0
// A bounded channel between the coroutines of an event loop.
#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/runtime/event_loop.hpp"
#include "models/runtime/intrusive_list.hpp"
#include "models/runtime/loop_wait.hpp"
#include "models/runtime/queue_closed.hpp"

namespace makespan {

/// First in, first out, for values and for those who wait; any number of tasks of one loop may put and get. `capacity`
/// values lie in the channel at most, in memory that is allocated at its start; with capacity 0 each put waits for its get.
/// Waiting allocates nothing. A task waits only if it must: one that finds room or a value goes on at once.
///
/// Cancelled while it waits, a get takes nothing, and a put has put nothing: its value is destroyed with it. A value is
/// never lost between two tasks: once it has been handed to a waiting get, that get has ended, and a cancellation that comes
/// before its task has run is seen at the task's next wait. The same holds for a waiting put whose value has been taken.
///
/// put and get throw LoopClosed on a closed loop. Destroying a channel closes it; the loop may be closed or destroyed first.
template <class T>
class Channel {
  static_assert(std::is_nothrow_move_constructible_v<T>, "a value on its way between two tasks cannot be given back");

 public:
  class Put;
  class Get;

  Channel(EventLoop& loop, std::size_t capacity) : loop_(loop), slots_(capacity) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() { close(); }

  /// Awaiting it waits while the channel is full. Throws QueueClosed after close(), also if it was waiting when that came.
  [[nodiscard]] Put put(T value) { return Put(*this, std::move(value)); }

  /// Awaiting it waits for a value; none once the channel is closed and everything that was put has been taken.
  [[nodiscard]] Get get() { return Get(*this); }

  /// Ends every wait. Closing twice is allowed.
  void close() noexcept {
    closed_ = true;
    while (!getters_.empty()) getters_.front().end();
    while (!putters_.empty()) putters_.front().refuse();
  }
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return slots_.size(); }

 private:
  // Whoever gets waits only if there is neither a value nor a waiting put, and whoever puts only if there is no room; so
  // nobody who comes later overtakes one who waits.
  bool offer(T& value) {
    if (closed_) throw QueueClosed();
    if (!getters_.empty()) {
      getters_.front().receive(value);
      return true;
    }
    if (count_ == slots_.size()) return false;
    append(value);
    return true;
  }
  bool take(std::optional<T>& value) noexcept {
    if (count_ > 0) {
      value.emplace(std::move(*slots_[first_]));
      slots_[first_].reset();
      if (++first_ == slots_.size()) first_ = 0;
      --count_;
      if (!putters_.empty()) append(putters_.front().give());
      return true;
    }
    if (!putters_.empty()) {
      value.emplace(std::move(putters_.front().give()));
      return true;
    }
    return closed_;
  }
  void append(T& value) noexcept {
    const std::size_t until_end = slots_.size() - first_;
    slots_[count_ < until_end ? first_ + count_ : count_ - until_end].emplace(std::move(value));
    ++count_;
  }

  EventLoop& loop_;
  std::vector<std::optional<T>> slots_;  // a ring
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  IntrusiveList<Put> putters_;
  IntrusiveList<Get> getters_;
  bool closed_ = false;
};

template <class T>
class [[nodiscard]] Channel<T>::Put final : public LoopWait, public Linked {
 public:
  [[nodiscard]] bool await_ready() {
    channel_.loop_.require_open();
    return channel_.offer(value_);
  }
  template <class Promise>
  [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    if (!begin(channel_.loop_, awaiting)) return false;
    channel_.putters_.push_back(*this);
    return true;
  }
  void await_resume() {
    throw_if_cancelled();
    if (refused_) throw QueueClosed();
  }

 private:
  friend class Channel;
  Put(Channel& channel, T&& value) noexcept : channel_(channel), value_(std::move(value)) {}

  // Of one that waits: the value is taken, or will not be.
  [[nodiscard]] T& give() noexcept {
    unlink();
    wake();
    return value_;
  }
  void refuse() noexcept {
    refused_ = true;
    unlink();
    wake();
  }
  void leave() noexcept override { unlink(); }

  Channel& channel_;
  T value_;
  bool refused_ = false;
};

template <class T>
class [[nodiscard]] Channel<T>::Get final : public LoopWait, public Linked {
 public:
  [[nodiscard]] bool await_ready() {
    channel_.loop_.require_open();
    return channel_.take(value_);
  }
  template <class Promise>
  [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    if (!begin(channel_.loop_, awaiting)) return false;
    channel_.getters_.push_back(*this);
    return true;
  }
  [[nodiscard]] std::optional<T> await_resume() {
    throw_if_cancelled();
    return std::move(value_);
  }

 private:
  friend class Channel;
  explicit Get(Channel& channel) noexcept : channel_(channel) {}

  // Of one that waits: here is a value, or there will be none.
  void receive(T& value) noexcept {
    value_.emplace(std::move(value));
    end();
  }
  void end() noexcept {
    unlink();
    wake();
  }
  void leave() noexcept override { unlink(); }

  Channel& channel_;
  std::optional<T> value_;
};

}  // namespace makespan
