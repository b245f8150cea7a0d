// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/timer_heap.hpp"

#include <algorithm>

namespace makespan {

void TimerHeap::add(Timer& timer) {
  if (last_ == nullptr || timer.deadline_ >= last_->deadline_) return append(timer);
  entries_.push_back({timer.deadline_, &timer});
  sift_up(entries_.size() - 1, {timer.deadline_, &timer});
}

void TimerHeap::remove(Timer& timer) noexcept {
  if (timer.previous_ != nullptr) {
    unlink(timer);
  } else if (timer.queued()) {
    remove_at(timer.position_);
  }
}

Timer& TimerHeap::take_first() noexcept {
  Timer& first = lane_comes_first() ? *first_ : *entries_.front().timer;
  remove(first);
  return first;
}

void TimerHeap::abandon_all() noexcept {
  while (!empty()) take_first().abandon();
}

// A lane needs no memory and is asked here for no order.
void TimerHeap::abandon_all_of(const void* owner) noexcept {
  TimerHeap abandoned;
  for (Timer* timer = first_; timer != nullptr;) {
    Timer* const next = timer->next_;
    if (timer->owner() == owner) {
      unlink(*timer);
      abandoned.append(*timer);
    }
    timer = next;
  }
  const auto first = std::partition(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.timer->owner() != owner; });
  std::for_each(first, entries_.end(), [&](const Entry& entry) {
    entry.timer->position_ = Timer::not_queued;
    abandoned.append(*entry.timer);
  });
  entries_.erase(first, entries_.end());
  for (std::size_t position = entries_.size(); position-- > 0;) sift_down(position, Entry(entries_[position]));
  while (!abandoned.empty()) abandoned.take_first().abandon();
}

void TimerHeap::append(Timer& timer) noexcept {
  timer.previous_ = last_ != nullptr ? last_ : &timer;
  timer.next_ = nullptr;
  (last_ != nullptr ? last_->next_ : first_) = &timer;
  last_ = &timer;
  ++in_lane_;
}

void TimerHeap::unlink(Timer& timer) noexcept {
  const bool was_first = first_ == &timer;
  Timer* const previous = was_first ? nullptr : timer.previous_;
  Timer* const next = timer.next_;
  (previous != nullptr ? previous->next_ : first_) = next;
  if (next != nullptr) next->previous_ = was_first ? next : previous;
  if (last_ == &timer) last_ = previous;
  timer.previous_ = nullptr;
  timer.position_ = Timer::not_queued;
  --in_lane_;
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
  entry.timer->position_ = position;
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
