// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/blocking_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace makespan {
namespace {

using namespace std::chrono_literals;

/// Movable, and nothing else.
class Parcel {
 public:
  explicit Parcel(int content) : content_(std::make_unique<int>(content)) {}
  [[nodiscard]] int content() const { return *content_; }

 private:
  std::unique_ptr<int> content_;
};

TEST(BlockingQueue, KeepsTheOrderAllTheWayRound) {
  BlockingQueue<int> queue(3);
  for (int round = 0; round < 10; ++round) {
    for (int value = 0; value < 2; ++value) queue.push(10 * round + value);
    for (int value = 0; value < 2; ++value) EXPECT_EQ(queue.pop(), 10 * round + value);
  }
}

TEST(BlockingQueue, MovesWhatCanOnlyBeMoved) {
  BlockingQueue<Parcel> queue(2);
  queue.push(Parcel(1));
  queue.push(Parcel(2));
  EXPECT_EQ(queue.pop()->content(), 1);
  EXPECT_EQ(queue.pop()->content(), 2);
}

TEST(BlockingQueue, KeepsNothingOfWhatWasPopped) {
  BlockingQueue<std::shared_ptr<int>> queue(4);
  const auto value = std::make_shared<int>(1);
  queue.push(value);
  EXPECT_EQ(value.use_count(), 2);
  queue.pop();
  EXPECT_EQ(value.use_count(), 1);
}

TEST(BlockingQueue, OfNoRoomIsRefused) {
  EXPECT_THROW(BlockingQueue<int>(0), std::invalid_argument);
  EXPECT_EQ(BlockingQueue<int>(1).capacity(), 1U);
}

TEST(BlockingQueue, DrainsAfterClose) {
  BlockingQueue<int> queue(4);
  queue.push(1);
  queue.push(2);
  queue.close();
  queue.close();
  EXPECT_THROW(queue.push(3), QueueClosed);
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BlockingQueue, AFullQueueHoldsTheProducerBack) {
  BlockingQueue<int> queue(2);
  std::atomic<int> pushed = 0;
  std::jthread producer([&] {
    for (int value = 0; value < 5; ++value) {
      queue.push(value);
      ++pushed;
    }
  });
  while (pushed < 2) std::this_thread::yield();
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(pushed, 2);
  for (int value = 0; value < 5; ++value) EXPECT_EQ(queue.pop(), value);
}

TEST(BlockingQueue, CloseWakesProducersThatWait) {
  BlockingQueue<int> queue(1);
  queue.push(0);
  std::atomic<int> refused = 0;
  std::vector<std::jthread> producers;
  for (int value = 1; value <= 3; ++value) {
    producers.emplace_back([&, value] {
      EXPECT_THROW(queue.push(value), QueueClosed);
      ++refused;
    });
  }
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(refused, 0);
  queue.close();
  producers.clear();
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(queue.pop(), 0);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BlockingQueue, CloseWakesConsumersThatWait) {
  BlockingQueue<int> queue(1);
  std::atomic<int> ended = 0;
  std::vector<std::jthread> consumers;
  for (int consumer = 0; consumer < 3; ++consumer) {
    consumers.emplace_back([&] {
      EXPECT_EQ(queue.pop(), std::nullopt);
      ++ended;
    });
  }
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(ended, 0);
  queue.close();
  consumers.clear();
  EXPECT_EQ(ended, 3);
}

// A wake-up that is lost hangs this test.
class ManyThreads : public testing::TestWithParam<std::size_t> {};

TEST_P(ManyThreads, LoseAndDoubleNothingAndKeepEachProducersOrder) {
  constexpr std::uint64_t producers = 3;
  constexpr std::uint64_t each = 5'000;
  BlockingQueue<std::uint64_t> queue(GetParam());
  std::vector<std::vector<std::uint64_t>> received(3);
  std::vector<std::jthread> consuming;
  for (auto& mine : received) {
    consuming.emplace_back([&queue, &mine] {
      while (const auto value = queue.pop()) mine.push_back(*value);
    });
  }
  {
    std::vector<std::jthread> producing;
    for (std::uint64_t producer = 0; producer < producers; ++producer) {
      producing.emplace_back([&queue, producer] {
        for (std::uint64_t value = 0; value < each; ++value) queue.push(producer * each + value);
      });
    }
  }
  queue.close();
  consuming.clear();
  std::vector<int> seen(producers * each);
  for (const auto& mine : received) {
    std::vector<std::uint64_t> last(producers);
    for (const std::uint64_t value : mine) {
      ++seen.at(value);
      EXPECT_GE(value, last.at(value / each));
      last.at(value / each) = value;
    }
  }
  EXPECT_EQ(seen, std::vector<int>(producers * each, 1));
}

INSTANTIATE_TEST_SUITE_P(Capacities, ManyThreads, testing::Values(1, 2, 64), testing::PrintToStringParamName());

}  // namespace
}  // namespace makespan
