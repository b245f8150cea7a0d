// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/gate.hpp"

#include <limits>
#include <thread>

#include "models/runtime/spin.hpp"

namespace makespan {
namespace {

constexpr std::chrono::milliseconds time_to_settle{5};
constexpr std::chrono::milliseconds longest_awake{100};

}  // namespace

Gate::Gate(std::uint64_t tasks) : tasks_(static_cast<std::uint32_t>(tasks)), awake_(tasks <= cpus_by_affinity()), words_(1) {}

void Gate::arrive_and_wait() const noexcept {
  count_up(words_[0].arrived);
  FutexWord& open = words_[0].open;
  const auto until = std::chrono::steady_clock::now() + longest_awake;
  while (awake_ && open.load(std::memory_order_acquire) == 0 && std::chrono::steady_clock::now() < until) relax_cpu();
  while (open.load(std::memory_order_acquire) == 0) futex_wait(open, 0);
}

void Gate::done() const noexcept { count_up(words_[0].done); }

bool Gate::wait_for_arrivals(std::chrono::nanoseconds patience) const noexcept {
  if (!wait_for_all(words_[0].arrived, patience)) return false;
  if (awake_) std::this_thread::sleep_for(time_to_settle);
  return true;
}

void Gate::open() const noexcept {
  words_[0].open.store(1, std::memory_order_release);
  futex_wake(words_[0].open, std::numeric_limits<int>::max());
}

bool Gate::wait_for_all_done(std::chrono::nanoseconds patience) const noexcept { return wait_for_all(words_[0].done, patience); }

// Only the last one wakes the one who waits for all.
void Gate::count_up(FutexWord& word) const noexcept {
  if (word.fetch_add(1, std::memory_order_acq_rel) + 1 == tasks_) futex_wake(word, 1);
}

bool Gate::wait_for_all(FutexWord& word, std::chrono::nanoseconds patience) const noexcept {
  for (std::uint32_t count = 0; (count = word.load(std::memory_order_acquire)) < tasks_;) {
    if (!futex_wait(word, count, patience)) return word.load(std::memory_order_acquire) == tasks_;
  }
  return true;
}

}  // namespace makespan
