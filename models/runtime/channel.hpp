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
/// A task that never has to wait still lets others, timers and descriptors have their turn, once in 64 calls.
///
/// put and get throw LoopClosed on a closed loop. Destroying a channel closes it; the loop may be closed or destroyed first.
template <class T>
class Channel {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "a value on its way between two tasks cannot be given back");

 public:
  class Put;
  class Get;
  class GetInto;

  Channel(EventLoop& loop, std::size_t capacity) : loop_(loop), slots_(capacity) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() { close(); }

  /// Awaiting it waits while the channel is full. Throws QueueClosed after close(), also if it was waiting when that came.
  [[nodiscard]] Put put(T value) { return Put(*this, std::move(value)); }
  /// The same for a value that outlives the wait: it is moved from where it is to where it goes, and left as it is if it is not put.
  [[nodiscard]] Put put_from(T& value) { return Put(*this, &value); }

  /// Awaiting it waits for a value; none once the channel is closed and everything that was put has been taken.
  [[nodiscard]] Get get() { return Get(*this); }
  /// The same into a value that outlives the wait; false if there is none any more.
  [[nodiscard]] GetInto get_into(T& value) { return GetInto(*this, value); }

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
  class Getter;

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
  // Hands the first value to `accept`; whether there was one, or never will be.
  template <class Accept>
  bool take(Accept&& accept) noexcept {
    if (count_ > 0) {
      accept(*slots_[first_]);
      slots_[first_].reset();
      if (++first_ == slots_.size()) first_ = 0;
      --count_;
      if (!putters_.empty()) append(putters_.front().give());
      return true;
    }
    if (!putters_.empty()) {
      accept(putters_.front().give());
      return true;
    }
    return closed_;
  }
  void append(T& value) noexcept {
    const std::size_t until_end = slots_.size() - first_;
    slots_[count_ < until_end ? first_ + count_ : count_ - until_end].emplace(std::move(value));
    ++count_;
  }

  [[nodiscard]] bool gives_way() noexcept { return ++at_once_ % calls_at_once == 0; }
  [[nodiscard]] bool give_way(std::coroutine_handle<> awaiting) {
    loop_.schedule(awaiting);
    return true;
  }

  static constexpr unsigned calls_at_once = 64;

  EventLoop& loop_;
  unsigned at_once_ = 0;
  std::vector<std::optional<T>> slots_;  // a ring
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  IntrusiveList<Put> putters_;
  IntrusiveList<Getter> getters_;
  bool closed_ = false;
};

template <class T>
class [[nodiscard]] Channel<T>::Put final : public LoopWait, public Linked {
 public:
  [[nodiscard]] bool await_ready() {
    channel_.loop_.require_open();
    done_ = channel_.offer(value());
    return done_ && !channel_.gives_way();
  }
  template <class Promise>
  [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    if (done_) return channel_.give_way(awaiting);
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
  Put(Channel& channel, T&& value) noexcept : channel_(channel), own_(std::move(value)) {}
  Put(Channel& channel, T* value) noexcept : channel_(channel), from_(value) {}

  [[nodiscard]] T& value() noexcept { return from_ != nullptr ? *from_ : *own_; }

  // Of one that waits: the value is taken, or will not be.
  [[nodiscard]] T& give() noexcept {
    unlink();
    wake();
    return value();
  }
  void refuse() noexcept {
    refused_ = true;
    unlink();
    wake();
  }
  void leave() noexcept override { unlink(); }

  Channel& channel_;
  T* from_ = nullptr;
  std::optional<T> own_;  // none if it comes from elsewhere
  bool refused_ = false;
  bool done_ = false;  // without a wait
};

// What both kinds of get have in common.
template <class T>
class Channel<T>::Getter : public LoopWait, public Linked {
 public:
  [[nodiscard]] bool await_ready() {
    channel_.loop_.require_open();
    done_ = channel_.take([this](T& value) { accept(value); });
    return done_ && !channel_.gives_way();
  }
  template <class Promise>
  [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    if (done_) return channel_.give_way(awaiting);
    if (!begin(channel_.loop_, awaiting)) return false;
    channel_.getters_.push_back(*this);
    return true;
  }

 protected:
  explicit Getter(Channel& channel, T* into) noexcept : channel_(channel), into_(into) {}
  ~Getter() = default;

  std::optional<T> own_;  // none if it goes elsewhere
  bool got_ = false;

 private:
  friend class Channel;

  void accept(T& value) noexcept {
    got_ = true;
    if (into_ != nullptr) {
      *into_ = std::move(value);
    } else {
      own_.emplace(std::move(value));
    }
  }
  // Of one that waits: here is a value, or there will be none.
  void receive(T& value) noexcept {
    accept(value);
    end();
  }
  void end() noexcept {
    unlink();
    wake();
  }
  void leave() noexcept override { unlink(); }

  Channel& channel_;
  T* into_;
  bool done_ = false;  // without a wait
};

template <class T>
class [[nodiscard]] Channel<T>::Get final : public Getter {
 public:
  [[nodiscard]] std::optional<T> await_resume() {
    this->throw_if_cancelled();
    return std::move(this->own_);
  }

 private:
  friend class Channel;
  explicit Get(Channel& channel) noexcept : Getter(channel, nullptr) {}
};

template <class T>
class [[nodiscard]] Channel<T>::GetInto final : public Getter {
 public:
  [[nodiscard]] bool await_resume() {
    this->throw_if_cancelled();
    return this->got_;
  }

 private:
  friend class Channel;
  GetInto(Channel& channel, T& into) noexcept : Getter(channel, &into) {}
};

}  // namespace makespan
