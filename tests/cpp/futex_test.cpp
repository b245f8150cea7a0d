// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/futex.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <limits>
#include <thread>
#include <vector>

#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

TEST(Futex, DoesNotWaitForAValueThatIsNotThere) {
  FutexWord word{1};
  EXPECT_TRUE(futex_wait(word, 0));
  EXPECT_TRUE(futex_wait(word, 0, 1h));
}

TEST(Futex, LeavesErrnoAlone) {
  FutexWord word{1};
  errno = EBADF;
  EXPECT_TRUE(futex_wait(word, 0));        // the kernel says EAGAIN
  EXPECT_FALSE(futex_wait(word, 1, 0ns));  // ETIMEDOUT
  EXPECT_TRUE(futex_wait(word, 1, -1ns));  // EINVAL
  futex_wake(word, 1);
  EXPECT_EQ(errno, EBADF);
}

TEST(Futex, GivesUpWhenItsTimeIsUp) {
  FutexWord word{0};
  const auto begin = std::chrono::steady_clock::now();
  while (futex_wait(word, 0, 20ms)) {  // may return early for no reason
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
  EXPECT_FALSE(futex_wait(word, 0, 0ns));
  while (futex_wait(word, 0, 1'000'000'001ns)) {  // more than a second: both fields of a timespec
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 1020ms);
}

TEST(Futex, AWakeReachesThreads) {
  FutexWord word{0};
  {
    std::vector<std::jthread> sleepers;
    for (int index = 0; index < 3; ++index) {
      sleepers.emplace_back([&] {
        while (word == 0) futex_wait(word, 0);
      });
    }
    std::this_thread::sleep_for(20ms);
    word = 1;
    futex_wake(word, std::numeric_limits<int>::max());
  }
  EXPECT_EQ(word, 1U);  // joined: all three were woken
}

TEST(Futex, AWakeReachesAnotherProcess) {
  const SharedArray<FutexWord> word(1);
  Process sleeper = Process::start([&] {
    while (word[0] == 0) futex_wait(word[0], 0);
    _exit(5);
  });
  std::this_thread::sleep_for(20ms);
  word[0] = 1;
  futex_wake(word[0], 1);
  EXPECT_EQ(sleeper.wait().code, 5);
}

TEST(Futex, AWakeOfNobodyIsLost) {
  FutexWord word{0};
  futex_wake(word, 1);
  while (futex_wait(word, 0, 1ms)) {
  }
  EXPECT_EQ(word, 0U);
}

}  // namespace
}  // namespace makespan
