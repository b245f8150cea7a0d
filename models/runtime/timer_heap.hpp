// SPDX-License-Identifier: Apache-2.0
// Timers by deadline, with removal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/runtime/steady_clock.hpp"

namespace makespan {

/// Something that is to happen at a time. Owned by whoever waits; it leaves its heap before it is destroyed.
class Timer {
 public:
  static constexpr std::uint32_t not_queued = UINT32_MAX;
  virtual void expire() noexcept = 0;
  [[nodiscard]] bool queued() const noexcept { return position_ != not_queued; }

 protected:
  ~Timer() = default;

 private:
  friend class TimerHeap;
  std::uint32_t position_ = not_queued;
};

/// A 4-ary heap: O(log n) to add, take the first, and remove from the middle; constant for adding a deadline that is not
/// before the others. Deadlines lie beside the pointers, so that sifting does not touch the timers' own memory except to
/// note their new place. At most 2^32 - 2 timers.
class TimerHeap {
 public:
  void add(SteadyTime deadline, Timer& timer);
  void remove(Timer& timer) noexcept;  ///< no effect if it is not queued
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] SteadyTime first_deadline() const { return entries_.front().deadline; }  ///< not when empty
  Timer& take_first() noexcept;                                                          ///< not when empty

 private:
  struct Entry {
    SteadyTime deadline;
    Timer* timer;
  };
  static constexpr std::size_t arity = 4;
  void put(std::size_t position, const Entry& entry) noexcept;
  void sift_up(std::size_t position, const Entry& entry) noexcept;
  void sift_down(std::size_t position, const Entry& entry) noexcept;
  void remove_at(std::size_t position) noexcept;

  std::vector<Entry> entries_;
};

}  // namespace makespan
