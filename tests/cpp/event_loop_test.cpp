// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/event_loop.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <optional>

#include "tests/cpp/coroutines.hpp"

namespace makespan {
namespace {

Task<> log_after(EventLoop& loop, EventLoop::Time when, Log& log, std::string name) {
  co_await loop.sleep_until(when);
  log.push_back(std::move(name));
}

Task<> log_in_order_of_deadlines(EventLoop& loop, Log& log) {
  const EventLoop::Time now = EventLoop::now();
  std::vector<Task<>> tasks;
  for (const int delay : {5, 1, 4, 2, 3})
    tasks.push_back(log_after(loop, now + std::chrono::milliseconds(delay), log, std::to_string(delay)));
  co_await gather(std::move(tasks));
}

Task<> wait_for_nobody() {
  struct Never {
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<>) {}
    void await_resume() {}
  };
  co_await Never{};
}

Task<> guard_then_wait_for_nobody(Guard::Counts& counts) {
  const Guard guard(counts);
  co_await wait_for_nobody();
}

Task<int> run_nested(EventLoop& loop) { co_return loop.run_until_complete(give(1)); }
Task<> close_within(EventLoop& loop) {
  loop.close();
  co_return;
}
Task<int> run_another_within(EventLoop& other) { co_return other.run_until_complete(give_after(other, 1ms, 5)); }

Task<int> sleep_in_steps(EventLoop& loop, int steps) {
  for (int step = 0; step < steps; ++step) co_await loop.sleep_for(0ns);
  co_return steps;
}

Task<> yield_until(EventLoop& loop, const bool& set) {
  while (!set) co_await loop.sleep_for(0ns);
}
Task<> set_after(EventLoop& loop, std::chrono::nanoseconds delay, bool& set) {
  co_await loop.sleep_for(delay);
  set = true;
}
Task<> yield_beside_a_timer(EventLoop& loop) {
  bool set = false;
  std::vector<Task<>> tasks;
  tasks.push_back(yield_until(loop, set));
  tasks.push_back(set_after(loop, 2ms, set));
  co_await gather(std::move(tasks));
}

Task<> drop_a_sleep(EventLoop& loop) {
  { const EventLoop::Sleep never_awaited = loop.sleep_for(1h); }
  co_await loop.sleep_for(0ns);
}

TEST(EventLoop, SleepsAtLeastAsLongAsAsked) {
  EventLoop loop;
  const auto begin = EventLoop::now();
  EXPECT_EQ(loop.run_until_complete(give_after(loop, 20ms, 3)), 3);
  EXPECT_GE(EventLoop::now() - begin, 20ms);
}

TEST(EventLoop, SleepsUntilATime) {
  EventLoop loop;
  Log log;
  const auto deadline = EventLoop::now() + 10ms;
  loop.run_until_complete(log_after(loop, deadline, log, "woken"));
  EXPECT_GE(EventLoop::now(), deadline);
  EXPECT_EQ(log, Log{"woken"});
}

TEST(EventLoop, ATimeThatHasPassedIsNoLongWait) {
  EventLoop loop;
  Log log;
  loop.run_until_complete(log_after(loop, EventLoop::Time{}, log, "at once"));
  loop.run_until_complete(log_after(loop, EventLoop::now() - 1h, log, "too"));
  EXPECT_EQ(log, (Log{"at once", "too"}));
  EXPECT_EQ(loop.run_until_complete(give_after(loop, -1h, 4)), 4);
}

TEST(EventLoop, WakesInTheOrderOfTheDeadlines) {
  EventLoop loop;
  Log log;
  loop.run_until_complete(log_in_order_of_deadlines(loop, log));
  EXPECT_EQ(log, (Log{"1", "2", "3", "4", "5"}));
}

TEST(EventLoop, SleepsWithoutUsingTheCpu) {
  EventLoop loop;
  const std::clock_t before = std::clock();
  loop.run_until_complete(give_after(loop, 200ms, 1));
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 10);  // CPU time, not wall time
}

TEST(EventLoop, AWaitOfNoTimeLetsOthersHaveTheirTurn) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(sleep_in_steps(loop, 1000)), 1000);
  loop.run_until_complete(yield_beside_a_timer(loop));  // would never end if whoever yields kept the loop
}

TEST(EventLoop, LeavesNoTimerBehind) {
  EventLoop loop;
  loop.run_until_complete(drop_a_sleep(loop));
  EXPECT_TRUE(loop.timers().empty());
}

TEST(EventLoop, RunsOneTaskAfterTheOther) {
  EventLoop loop;
  for (int round = 0; round < 100; ++round) EXPECT_EQ(loop.run_until_complete(give_after(loop, 1us, round)), round);
  EXPECT_EQ(failure_of(loop, fail_after(loop, 1us, "broken")), "broken");
  EXPECT_EQ(loop.run_until_complete(give(1)), 1);
}

TEST(EventLoop, SaysThatItIsStalledInsteadOfHanging) {
  EventLoop loop;
  Guard::Counts counts;
  EXPECT_THROW(loop.run_until_complete(guard_then_wait_for_nobody(counts)), LoopStalled);
  EXPECT_EQ(counts.made, 1);
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_EQ(loop.run_until_complete(give_after(loop, 1us, 2)), 2);
}

TEST(EventLoop, ThatIsClosedSaysSoAndWhatToDo) {
  EventLoop loop;
  loop.close();
  EXPECT_TRUE(loop.closed());
  EXPECT_THROW(loop.run_until_complete(give(1)), LoopClosed);
  const std::string words = failure_of(loop, give(1));
  EXPECT_NE(words.find("closed"), std::string::npos) << words;
  EXPECT_NE(words.find("new"), std::string::npos) << words;
  EXPECT_THROW((void)loop.spawn(give(1)), LoopClosed);
}

TEST(EventLoop, ThatIsFreshWorksAfterOneThatWasClosed) {
  for (int round = 0; round < 3; ++round) {
    EventLoop loop;
    EXPECT_FALSE(loop.closed());
    EXPECT_EQ(loop.run_until_complete(give_after(loop, 1us, round)), round);
    loop.close();
    EXPECT_THROW(loop.run_until_complete(give(1)), LoopClosed);
  }
}

TEST(EventLoop, MayBeClosedTwice) {
  EventLoop loop;
  loop.close();
  EXPECT_NO_THROW(loop.close());
  EXPECT_TRUE(loop.closed());
}

TEST(EventLoop, DestroysATaskThatAClosedLoopRefuses) {
  EventLoop loop;
  loop.close();
  Guard::Counts counts;
  EXPECT_THROW(loop.run_until_complete(hold_parameter(Guard(counts))), LoopClosed);
  EXPECT_EQ(counts.alive(), 0);
}

TEST(EventLoop, RefusesToBeClosedFromWithin) {
  EventLoop loop;
  EXPECT_THROW(loop.run_until_complete(close_within(loop)), std::logic_error);
  EXPECT_FALSE(loop.closed());
  EXPECT_EQ(loop.run_until_complete(give(1)), 1);
}

TEST(EventLoop, RefusesToRunWithinItself) {
  EventLoop loop;
  const std::string words = failure_of(loop, run_nested(loop));
  EXPECT_NE(words.find("running"), std::string::npos) << words;
  EXPECT_EQ(loop.run_until_complete(give(1)), 1);
}

TEST(EventLoop, RunsBesideAnother) {
  EventLoop loop;
  EventLoop other;
  EXPECT_EQ(loop.run_until_complete(run_another_within(other)), 5);
}

TEST(EventLoop, ASleepOfAClosedLoopThrowsInAnotherLoop) {
  EventLoop closed;
  closed.close();
  EventLoop loop;
  const std::string words = failure_of(loop, give_after(closed, 1ms, 1));
  EXPECT_NE(words.find("closed"), std::string::npos) << words;
}

Task<int> sleep_longer_than_there_is_time(EventLoop& loop) {
  auto sleeper = loop.spawn(give_after(loop, std::chrono::nanoseconds::max(), 1));
  co_await loop.sleep_for(1ms);
  const bool ended = sleeper.done();
  sleeper.cancel();
  co_return ended ? 1 : 0;
}

TEST(EventLoop, TheLongestSleepIsNoShortOne) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(sleep_longer_than_there_is_time(loop)), 0);
}

Task<> sleep_guarded(EventLoop& loop, Guard::Counts& counts) {
  const Guard guard(counts);
  co_await loop.sleep_for(50ms);
}

Task<> sleep_many(EventLoop& loop, int tasks, Guard::Counts& counts) {
  std::vector<Task<>> sleepers;
  for (int task = 0; task < tasks; ++task) sleepers.push_back(sleep_guarded(loop, counts));
  co_await gather(std::move(sleepers));
}

TEST(EventLoop, KeepsAHundredThousandSleepersAtOnce) {
  EventLoop loop;
  Guard::Counts counts;
  const auto begin = EventLoop::now();
  loop.run_until_complete(sleep_many(loop, 100'000, counts));
  EXPECT_GE(EventLoop::now() - begin, 50ms);
  EXPECT_EQ(counts.made, 100'000);
  EXPECT_EQ(counts.destroyed, 100'000);
}

}  // namespace
}  // namespace makespan
