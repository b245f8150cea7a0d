// SPDX-License-Identifier: Apache-2.0
// Small coroutines that the tests of the event loop are made of. All are functions: their parameters live in their frames.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "models/runtime/event_loop.hpp"
#include "models/runtime/gather.hpp"
#include "models/runtime/spawned.hpp"
#include "models/runtime/wait_for.hpp"

namespace makespan {

using namespace std::chrono_literals;

/// Longer than any test takes: what sleeps for it ends only by being cancelled or destroyed.
inline constexpr auto for_ever = std::chrono::hours(24);

/// Counts how often it is made and destroyed, copies included. One in a coroutine shows what becomes of its frame.
class Guard {
 public:
  struct Counts {
    int made = 0;
    int destroyed = 0;
    [[nodiscard]] int alive() const { return made - destroyed; }
  };
  explicit Guard(Counts& counts) : counts_(&counts) { ++counts_->made; }
  Guard(const Guard& other) : counts_(other.counts_) { ++counts_->made; }
  Guard& operator=(const Guard&) = delete;
  ~Guard() { ++counts_->destroyed; }

 private:
  Counts* counts_;
};

using Log = std::vector<std::string>;

inline Task<int> give(int value) { co_return value; }
inline Task<> do_nothing() { co_return; }

/// Its parameter lives in its frame, from the call on.
inline Task<> hold_parameter(Guard) { co_return; }

inline Task<int> fail_with(std::string text) {
  throw std::runtime_error(text);
  co_return 0;
}

inline Task<int> give_after(EventLoop& loop, std::chrono::nanoseconds delay, int value) {
  co_await loop.sleep_for(delay);
  co_return value;
}

inline Task<int> fail_after(EventLoop& loop, std::chrono::nanoseconds delay, std::string text) {
  co_await loop.sleep_for(delay);
  throw std::runtime_error(text);
}

/// Holds a guard over its sleep and logs how that ended; lets Cancelled pass.
inline Task<int> guarded(EventLoop& loop, std::chrono::nanoseconds delay, Guard::Counts& counts, Log& log, std::string name) {
  const Guard guard(counts);
  try {
    co_await loop.sleep_for(delay);
  } catch (const Cancelled&) {
    log.push_back(name + " cancelled");
    throw;
  }
  log.push_back(name + " slept");
  co_return static_cast<int>(log.size());
}

/// Swallows one Cancelled and returns all the same.
inline Task<int> swallow(EventLoop& loop, int value) {
  try {
    co_await loop.sleep_for(for_ever);
  } catch (const Cancelled&) {
  }
  co_return value;
}

/// Runs `task` and gives what it threw, as text; empty if nothing.
template <class T>
std::string failure_of(EventLoop& loop, Task<T> task) {
  try {
    loop.run_until_complete(std::move(task));
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

inline const std::string cancelled_text = Cancelled().what();
inline const std::string timed_out_text = TimedOut().what();

}  // namespace makespan
