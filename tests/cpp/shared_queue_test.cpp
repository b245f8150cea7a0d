// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/shared_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <stdexcept>
#include <thread>
#include <vector>

#include "models/runtime/process.hpp"
#include "tests/cpp/in_cell.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using Numbers = SharedQueue<std::uint64_t>;

// A value that would show if it came over in pieces.
struct Parcel {
  std::uint64_t producer;
  std::uint64_t number;
  std::array<std::uint64_t, 30> filling;
};

Parcel parcel(std::uint64_t producer, std::uint64_t number) {
  Parcel made{.producer = producer, .number = number, .filling = {}};
  made.filling.fill(producer * 1'000'003 + number);
  return made;
}

bool is_whole(const Parcel& parcel) {
  return std::all_of(parcel.filling.begin(), parcel.filling.end(),
                     [&](std::uint64_t part) { return part == parcel.producer * 1'000'003 + parcel.number; });
}

// Many producers and consumers, in threads or in processes; what they saw lies in shared memory.
class Exchange {
 public:
  static constexpr std::uint64_t producers = 3;
  static constexpr std::uint64_t consumers = 3;

  Exchange(std::size_t capacity, std::uint64_t each) : queue_(capacity), each_(each), received_(producers * each), faults_(1) {}

  void produce(std::uint64_t producer) {
    for (std::uint64_t number = 0; number < each_; ++number) queue_.push(parcel(producer, number));
  }

  // Of each producer, whoever consumes sees rising numbers: the order in which they were put.
  void consume() {
    std::array<std::uint64_t, producers> least{};
    Parcel got{};
    while (queue_.pop(got) == PopStatus::value) {
      if (!is_whole(got) || got.number < least.at(got.producer)) faults_[0].fetch_add(1);
      least.at(got.producer) = got.number + 1;
      received_[got.producer * each_ + got.number].fetch_add(1);
    }
  }

  void close() { queue_.close(); }

  void expect_all_once() const {
    EXPECT_EQ(faults_[0].load(), 0U) << "values in pieces or out of order";
    std::uint64_t wrong = 0;
    for (const auto& count : received_) wrong += count.load() == 1 ? 0 : 1;
    EXPECT_EQ(wrong, 0U) << "values lost or doubled";
  }

 private:
  SharedQueue<Parcel> queue_;
  std::uint64_t each_;
  SharedArray<std::atomic<std::uint32_t>> received_;
  SharedArray<std::atomic<std::uint64_t>> faults_;
};

void exchange_between_threads(std::size_t capacity, std::uint64_t each) {
  Exchange exchange(capacity, each);
  {
    std::vector<std::jthread> consumers;
    for (std::uint64_t index = 0; index < Exchange::consumers; ++index) consumers.emplace_back([&] { exchange.consume(); });
    {
      std::vector<std::jthread> producers;
      for (std::uint64_t index = 0; index < Exchange::producers; ++index) producers.emplace_back([&, index] { exchange.produce(index); });
    }
    exchange.close();
  }
  exchange.expect_all_once();
}

void exchange_between_processes(std::size_t capacity, std::uint64_t each) {
  Exchange exchange(capacity, each);
  std::vector<Process> consumers;
  std::vector<Process> producers;
  for (std::uint64_t index = 0; index < Exchange::consumers; ++index) consumers.push_back(Process::start([&] { exchange.consume(); }));
  for (std::uint64_t index = 0; index < Exchange::producers; ++index) producers.push_back(Process::start([&] { exchange.produce(index); }));
  for (Process& producer : producers) EXPECT_TRUE(producer.wait().ok());
  exchange.close();
  for (Process& consumer : consumers) EXPECT_TRUE(consumer.wait().ok());
  exchange.expect_all_once();
}

TEST(SharedQueue, LosesAndDoublesNothingBetweenThreads) {
  exchange_between_threads(2, 2'000);  // always full or empty
  exchange_between_threads(64, 10'000);
}

TEST(SharedQueue, LosesAndDoublesNothingBetweenProcesses) {
  exchange_between_processes(2, 2'000);
  exchange_between_processes(64, 10'000);
}

TEST(SharedQueue, IsFirstInFirstOut) {
  Numbers queue(8);
  for (std::uint64_t round = 0; round < 100; ++round) {  // many times around the ring
    for (std::uint64_t number = 0; number < 5; ++number) queue.push(round * 5 + number);
    for (std::uint64_t number = 0; number < 5; ++number) ASSERT_EQ(queue.try_pop(), round * 5 + number);
  }
  EXPECT_EQ(queue.try_pop(), std::nullopt);
}

TEST(SharedQueue, HasRoomForItsCapacityAndNoMore) {
  for (const std::size_t asked : {0U, 1U, 2U, 3U, 16U, 17U}) {
    Numbers queue(asked);
    EXPECT_GE(queue.capacity(), asked);
    for (std::size_t index = 0; index < queue.capacity(); ++index) ASSERT_TRUE(queue.try_push(index));
    EXPECT_FALSE(queue.try_push(0));
    EXPECT_EQ(queue.try_pop(), 0U);
    EXPECT_TRUE(queue.try_push(0));
  }
}

TEST(SharedQueue, CloseLetsOutWhatWasPutBefore) {
  Numbers queue(8);
  for (const std::uint64_t number : {1U, 2U, 3U}) queue.push(number);
  queue.close();
  EXPECT_TRUE(queue.closed());
  std::uint64_t got = 0;
  for (const std::uint64_t number : {1U, 2U, 3U}) {
    EXPECT_EQ(queue.pop(got), PopStatus::value);
    EXPECT_EQ(got, number);
  }
  EXPECT_EQ(queue.pop(got), PopStatus::closed);
  EXPECT_EQ(queue.pop(got, 1ns), PopStatus::closed);
  EXPECT_EQ(got, 3U) << "a pop that brings nothing leaves its target alone";
}

TEST(SharedQueue, RefusesAPutAfterTheClose) {
  Numbers queue(8);
  EXPECT_FALSE(queue.closed());
  queue.close();
  queue.close();
  EXPECT_THROW(queue.push(1), QueueClosed);
  EXPECT_THROW((void)queue.try_push(1), QueueClosed);
}

TEST(SharedQueue, AFullQueueHoldsItsProducerBack) {
  Numbers queue(4);
  std::atomic<std::uint64_t> pushed{0};
  std::jthread producer([&] {
    for (std::uint64_t number = 0; number < 6; ++number) {
      queue.push(number);
      ++pushed;
    }
  });
  for (std::uint64_t popped = 0; popped < 6; ++popped) {
    while (pushed < std::min<std::uint64_t>(popped + 4, 6)) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(5ms);
    EXPECT_LE(pushed, popped + 4);
    std::uint64_t got = 0;
    EXPECT_EQ(queue.pop(got), PopStatus::value);
    EXPECT_EQ(got, popped);
  }
}

TEST(SharedQueue, CloseWakesAProducerThatWaits) {
  Numbers queue(2);
  for (const std::uint64_t number : {1U, 2U}) queue.push(number);
  bool refused = false;
  {
    std::jthread producer([&] {
      try {
        queue.push(3);
      } catch (const QueueClosed&) {
        refused = true;
      }
    });
    std::this_thread::sleep_for(20ms);
    queue.close();
  }
  EXPECT_TRUE(refused);
}

TEST(SharedQueue, CloseWakesEveryConsumerThatWaits) {
  Numbers queue(2);
  std::atomic<int> told{0};
  {
    std::vector<std::jthread> consumers;
    for (int index = 0; index < 4; ++index) {
      consumers.emplace_back([&] {
        std::uint64_t got = 0;
        if (queue.pop(got) == PopStatus::closed) ++told;
      });
    }
    std::this_thread::sleep_for(20ms);
    queue.close();
  }
  EXPECT_EQ(told, 4);
}

TEST(SharedQueue, APopGivesUpWhenItsTimeIsUp) {
  Numbers queue(2);
  std::uint64_t got = 0;
  EXPECT_EQ(queue.pop(got, 0ns), PopStatus::timeout);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(queue.pop(got, 20ms), PopStatus::timeout);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
  queue.push(7);
  EXPECT_EQ(queue.pop(got, 0ns), PopStatus::value);
  EXPECT_EQ(got, 7U);
}

std::chrono::nanoseconds thread_cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

TEST(SharedQueue, WaitingUsesNoCpu) {
  Numbers queue(2);
  std::uint64_t got = 0;
  const auto before = thread_cpu_time();
  EXPECT_EQ(queue.pop(got, 300ms), PopStatus::timeout);
  EXPECT_LT(thread_cpu_time() - before, 100ms);  // CPU time, not wall time: a busy wait would take all of it
}

// Producers push until they are refused, whenever that is; what they were told has been taken must arrive.
void close_while_producers_push(std::size_t capacity) {
  Numbers queue(capacity);
  std::atomic<std::uint64_t> pushed{0};
  std::atomic<std::uint64_t> popped{0};
  {
    std::vector<std::jthread> threads;
    for (int producer = 0; producer < 3; ++producer) {
      threads.emplace_back([&] {
        try {
          for (;; ++pushed) queue.push(1);
        } catch (const QueueClosed&) {
        }
      });
    }
    for (int consumer = 0; consumer < 2; ++consumer) {
      threads.emplace_back([&] {
        for (std::uint64_t got = 0; queue.pop(got) == PopStatus::value;) ++popped;
      });
    }
    while (popped < 20) std::this_thread::yield();
    queue.close();
  }
  ASSERT_EQ(popped, pushed);
}

TEST(SharedQueue, ACloseInTheMidstOfPutsLosesNoneThatWasTaken) {
  for (int round = 0; round < 500 && !testing::Test::HasFailure(); ++round) close_while_producers_push(round % 2 == 0 ? 64 : 2);
}

TEST(SharedQueue, AKilledConsumerDoesNotStopTheOthers) {
  Numbers queue(8);
  Process victim = Process::start([&] {
    std::uint64_t got = 0;
    queue.pop(got);
  });
  std::this_thread::sleep_for(20ms);
  victim.kill();
  EXPECT_EQ(victim.wait().signal, SIGKILL);
  Process survivor = Process::start([&] {
    std::uint64_t got = 0;
    require(queue.pop(got) == PopStatus::value && got == 5, "the survivor gets the value");
  });
  queue.push(5);
  EXPECT_TRUE(survivor.wait().ok());
}

}  // namespace
}  // namespace makespan
