// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/timer_heap.hpp"

#include <algorithm>

namespace makespan {

void TimerHeap::add(SteadyTime deadline, Timer& timer) {
  entries_.push_back({deadline, &timer});
  sift_up(entries_.size() - 1, {deadline, &timer});
}

void TimerHeap::remove(Timer& timer) noexcept {
  if (timer.queued()) remove_at(timer.position_);
}

Timer& TimerHeap::take_first() noexcept {
  Timer& first = *entries_.front().timer;
  remove_at(0);
  return first;
}

void TimerHeap::remove_at(std::size_t position) noexcept {
  entries_[position].timer->position_ = Timer::not_queued;
  const Entry last = entries_.back();
  entries_.pop_back();
  if (position == entries_.size()) return;
  const bool rises = position > 0 && last.deadline < entries_[(position - 1) / arity].deadline;
  rises ? sift_up(position, last) : sift_down(position, last);
}

void TimerHeap::put(std::size_t position, const Entry& entry) noexcept {
  entries_[position] = entry;
  entry.timer->position_ = static_cast<std::uint32_t>(position);
}

void TimerHeap::sift_up(std::size_t position, const Entry& entry) noexcept {
  while (position > 0) {
    const std::size_t parent = (position - 1) / arity;
    if (entries_[parent].deadline <= entry.deadline) break;
    put(position, entries_[parent]);
    position = parent;
  }
  put(position, entry);
}

void TimerHeap::sift_down(std::size_t position, const Entry& entry) noexcept {
  const std::size_t count = entries_.size();
  for (;;) {
    const std::size_t child = position * arity + 1;
    if (child >= count) break;
    std::size_t smallest = child;
    for (std::size_t other = child + 1; other < std::min(child + arity, count); ++other) {
      if (entries_[other].deadline < entries_[smallest].deadline) smallest = other;
    }
    if (entry.deadline <= entries_[smallest].deadline) break;
    put(position, entries_[smallest]);
    position = smallest;
  }
  put(position, entry);
}

}  // namespace makespan
