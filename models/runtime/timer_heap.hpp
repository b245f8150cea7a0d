// SPDX-License-Identifier: Apache-2.0
// Timers by deadline, with removal.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/runtime/steady_clock.hpp"

namespace makespan {

/// Something that is to happen at a time. Owned by whoever waits; it leaves its heap before it is destroyed. In 32 bytes, as a
/// million of them may wait.
class Timer {
 public:
  virtual void expire() noexcept = 0;
  /// It will not expire any more, as its loop or its owner ends; it has left its heap. May destroy it.
  virtual void abandon() noexcept {}
  [[nodiscard]] virtual const void* owner() const noexcept { return nullptr; }  ///< whatever ends it with all others of its own
  [[nodiscard]] bool queued() const noexcept { return previous_ != nullptr || position_ != not_queued; }

 protected:
  explicit Timer(SteadyTime deadline = {}) noexcept : deadline_(deadline) {}
  ~Timer() = default;
  [[nodiscard]] SteadyTime deadline() const noexcept { return deadline_; }  ///< the last one that it had or has

 private:
  friend class TimerHeap;
  static constexpr std::uintptr_t not_queued = UINTPTR_MAX;

  SteadyTime deadline_;
  Timer* previous_ = nullptr;  // in the lane, where that of the first is the first itself; null: not in the lane
  union {
    Timer* next_;                           // in the lane; null: the last
    std::uintptr_t position_ = not_queued;  // in the heap
  };
};

/// A lane and a heap. A deadline that is not before the last one of the lane joins the lane, which is a linked list: constant
/// to add, take and remove, without memory of its own. Where all wait equally long, that is every timer. Any other goes into
/// a 4-ary heap: O(log n), its deadlines beside the pointers, so that sifting does not touch the timers' own memory except
/// to note their new place.
class TimerHeap {
 public:
  void add(SteadyTime deadline, Timer& timer) {
    timer.deadline_ = deadline;
    add(timer);
  }
  void add(Timer& timer);              ///< at the deadline that it was constructed with
  void remove(Timer& timer) noexcept;  ///< no effect if it is not queued
  void abandon_all() noexcept;
  void abandon_all_of(const void* owner) noexcept;  ///< all of them leave before the first is told; linear in size()
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return in_lane_ + entries_.size(); }
  [[nodiscard]] SteadyTime first_deadline() const {  ///< not when empty
    return lane_comes_first() ? first_->deadline_ : entries_.front().deadline;
  }
  Timer& take_first() noexcept;  ///< not when empty

 private:
  struct Entry {
    SteadyTime deadline;
    Timer* timer;
  };
  static constexpr std::size_t arity = 4;
  [[nodiscard]] bool lane_comes_first() const noexcept {
    return first_ != nullptr && (entries_.empty() || first_->deadline_ <= entries_.front().deadline);
  }
  void append(Timer& timer) noexcept;
  void unlink(Timer& timer) noexcept;
  void put(std::size_t position, const Entry& entry) noexcept;
  void sift_up(std::size_t position, const Entry& entry) noexcept;
  void sift_down(std::size_t position, const Entry& entry) noexcept;
  void remove_at(std::size_t position) noexcept;

  Timer* first_ = nullptr;
  Timer* last_ = nullptr;
  std::size_t in_lane_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace makespan
