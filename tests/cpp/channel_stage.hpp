// SPDX-License-Identifier: Apache-2.0
// A channel and small coroutines that the tests of channels are made of.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "models/runtime/channel.hpp"
#include "tests/cpp/coroutines.hpp"

namespace makespan {

using Owned = std::unique_ptr<int>;
using Numbers = std::vector<int>;

inline Task<> put_range(Channel<Owned>& channel, int first, int count, Log& log) {
  for (int value = first; value < first + count; ++value) {
    co_await channel.put(std::make_unique<int>(value));
    log.push_back("put " + std::to_string(value));
  }
}

inline Task<> put_range_and_close(Channel<Owned>& channel, int first, int count, Log& log) {
  co_await put_range(channel, first, count, log);
  channel.close();
}

inline Task<> get_all(Channel<Owned>& channel, Numbers& numbers) {
  while (const std::optional<Owned> value = co_await channel.get()) numbers.push_back(**value);
}

inline Task<> get_one(Channel<Owned>& channel, Log& log, std::string name) {
  const std::optional<Owned> value = co_await channel.get();
  log.push_back(name + (value ? " got " + std::to_string(**value) : " got nothing"));
}

inline Task<> put_one(Channel<Owned>& channel, int value, Log& log) {
  try {
    co_await channel.put(std::make_unique<int>(value));
    log.push_back("put " + std::to_string(value));
  } catch (const QueueClosed&) {
    log.push_back("refused " + std::to_string(value));
  } catch (const Cancelled&) {
    log.push_back("cancelled " + std::to_string(value));
    throw;
  }
}

inline Task<> wait_again(EventLoop& loop, Channel<Owned>& channel, Log& log) {
  co_await get_one(channel, log, "getter");
  co_await loop.sleep_for(for_ever);
}

class Stage {
 public:
  explicit Stage(std::size_t capacity) : channel(loop, capacity) {}
  EventLoop loop;
  Channel<Owned> channel;
  Log log;
  Numbers numbers;
  // Runs until all have ended or wait for one another.
  void settle() { EXPECT_THROW(loop.run_until_complete(get_nothing()), LoopStalled); }

 private:
  Task<> get_nothing() { (void)co_await nobody_puts.get(); }
  Channel<int> nobody_puts{loop, 1};
};

inline Numbers range(int count) {
  Numbers numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

}  // namespace makespan
