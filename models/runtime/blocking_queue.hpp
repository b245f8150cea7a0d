// SPDX-License-Identifier: Apache-2.0
// A bounded queue between the threads of one process.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "models/runtime/queue_closed.hpp"

namespace makespan {

/// First in, first out, any number of producers and consumers. Who waits sleeps on a condition variable; nobody waiting
/// costs nobody a notification. T is moved in and out, and needs nothing else.
/// To be destroyed when no thread is in a call any more: join them first.
template <class T>
class BlockingQueue {
 public:
  /// Room for `capacity` values. Throws std::invalid_argument if that is none.
  explicit BlockingQueue(std::size_t capacity) : slots_(capacity) {
    if (capacity == 0) throw std::invalid_argument("a queue needs room for one value at least");
  }
  BlockingQueue(const BlockingQueue&) = delete;
  BlockingQueue& operator=(const BlockingQueue&) = delete;

  [[nodiscard]] std::size_t capacity() const noexcept { return slots_.size(); }

  /// Waits while the queue is full. Throws QueueClosed after close(), also if it came while this waited.
  void push(T value) {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [this] { return closed_ || count_ < slots_.size(); });
    if (closed_) throw QueueClosed();
    std::size_t at = first_ + count_;
    if (at >= slots_.size()) at -= slots_.size();
    slots_[at].emplace(std::move(value));
    ++count_;
    not_empty_.notify_one(lock);
  }

  /// Waits while the queue is empty and open. After close() what was pushed before still comes, then nothing.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [this] { return closed_ || count_ > 0; });
    if (count_ == 0) return std::nullopt;
    std::optional<T> value(std::in_place, std::move(*slots_[first_]));
    slots_[first_].reset();
    if (++first_ == slots_.size()) first_ = 0;
    --count_;
    not_full_.notify_one(lock);
    return value;
  }

  /// No more pushes. Wakes everybody who waits.
  void close() noexcept {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    not_full_.notify_all();
    not_empty_.notify_all();
  }

 private:
  // A condition variable that knows under the queue's mutex whether anybody waits.
  class Event {
   public:
    template <class Condition>
    void wait(std::unique_lock<std::mutex>& lock, Condition&& holds) {
      if (holds()) return;
      ++waiting_;
      variable_.wait(lock, holds);
      --waiting_;
    }
    // Outside of the lock, so that the one who wakes does not run into it.
    void notify_one(std::unique_lock<std::mutex>& lock) noexcept {
      const bool anybody = waiting_ > 0;
      lock.unlock();
      if (anybody) variable_.notify_one();
    }
    void notify_all() noexcept { variable_.notify_all(); }

   private:
    std::condition_variable variable_;
    std::uint64_t waiting_ = 0;
  };

  std::mutex mutex_;
  Event not_full_;
  Event not_empty_;
  std::vector<std::optional<T>> slots_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  bool closed_ = false;
};

}  // namespace makespan
