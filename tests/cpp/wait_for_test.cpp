// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/wait_for.hpp"

#include <gtest/gtest.h>

#include "tests/cpp/coroutines.hpp"

namespace makespan {
namespace {

struct Stage {
  EventLoop loop;
  Guard::Counts counts;
  Log log;
  Task<int> sleeper(std::chrono::nanoseconds delay, std::string name = "task") {
    return guarded(loop, delay, counts, log, std::move(name));
  }
  std::string failure(Task<int> task) { return failure_of(loop, std::move(task)); }
  ~Stage() {
    EXPECT_EQ(counts.alive(), 0);
    EXPECT_TRUE(loop.timers().empty());
  }
};

// A failure to clean up at once: it takes a while to end.
Task<int> clean_up_slowly(Stage& stage) {
  try {
    co_await stage.loop.sleep_for(for_ever);
  } catch (const Cancelled&) {
    stage.log.push_back("cleaning");
  }
  co_await stage.loop.sleep_for(5ms);
  stage.log.push_back("clean");
  throw Cancelled();
}

Task<int> throw_cancelled() {
  throw Cancelled();
  co_return 0;
}

// Waits for `task` at most for `limit`; is itself cancelled after `until_cancelled`.
Task<int> cancelled_from_outside(Stage& stage, Task<int> task, std::chrono::nanoseconds limit, std::chrono::nanoseconds until_cancelled) {
  auto job = stage.loop.spawn(wait_for(stage.loop, std::move(task), limit));
  co_await stage.loop.sleep_for(until_cancelled);
  job.cancel();
  co_return co_await job.join();
}

Task<int> cancelled_before_its_start(Stage& stage, Task<int> task) {
  auto job = stage.loop.spawn(wait_for(stage.loop, std::move(task), 1h));
  job.cancel();
  co_return co_await job.join();
}

Task<int> catch_time_out(Stage& stage, Task<int> task, std::chrono::nanoseconds limit) {
  try {
    co_return co_await wait_for(stage.loop, std::move(task), limit);
  } catch (const TimedOut&) {
    stage.log.push_back("timed out");
  }
  co_await stage.loop.sleep_for(1ms);  // whoever was late may be waited for in peace
  co_return -1;
}

Task<> return_nothing(EventLoop& loop) { co_await loop.sleep_for(1us); }

TEST(WaitFor, GivesTheValueOfATaskThatEndsInTime) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(wait_for(stage.loop, give(3), 1h)), 3);
  EXPECT_EQ(stage.loop.run_until_complete(wait_for(stage.loop, give_after(stage.loop, 1ms, 4), 1h)), 4);
  EXPECT_NO_THROW(stage.loop.run_until_complete(wait_for(stage.loop, return_nothing(stage.loop), 1h)));
}

TEST(WaitFor, PassesOnAnExceptionOfTheTask) {
  Stage stage;
  EXPECT_EQ(stage.failure(wait_for(stage.loop, fail_with("broken"), 1h)), "broken");
  EXPECT_EQ(stage.failure(wait_for(stage.loop, fail_after(stage.loop, 1ms, "late"), 1h)), "late");
}

TEST(WaitFor, CancelsTheTaskWhenTheTimeIsUp) {
  Stage stage;
  const auto begin = EventLoop::now();
  EXPECT_EQ(stage.failure(wait_for(stage.loop, stage.sleeper(for_ever), 10ms)), timed_out_text);
  EXPECT_GE(EventLoop::now() - begin, 10ms);
  EXPECT_EQ(stage.log, Log{"task cancelled"});
  EXPECT_EQ(stage.counts.destroyed, 1);
}

TEST(WaitFor, OfNoTimeStillLetsATaskThatNeverWaitsEnd) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(wait_for(stage.loop, give(3), 0ns)), 3);
  EXPECT_EQ(stage.failure(wait_for(stage.loop, stage.sleeper(for_ever), 0ns)), timed_out_text);
  EXPECT_EQ(stage.failure(wait_for(stage.loop, stage.sleeper(for_ever), -1h)), timed_out_text);
}

TEST(WaitFor, OfTheLongestTimeNeverEnds) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(wait_for(stage.loop, give_after(stage.loop, 2ms, 3), std::chrono::nanoseconds::max())), 3);
}

TEST(WaitFor, GivesAValueThatCameAfterAll) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(wait_for(stage.loop, swallow(stage.loop, 6), 1ms)), 6);
}

TEST(WaitFor, WaitsForTheTaskToCleanUp) {
  Stage stage;
  EXPECT_EQ(stage.failure(wait_for(stage.loop, clean_up_slowly(stage), 1ms)), timed_out_text);
  EXPECT_EQ(stage.log, (Log{"cleaning", "clean"}));
}

TEST(WaitFor, TellsACancellationFromATimeOut) {
  Stage stage;
  EXPECT_EQ(stage.failure(wait_for(stage.loop, throw_cancelled(), 1h)), cancelled_text);
  EXPECT_EQ(stage.failure(cancelled_from_outside(stage, stage.sleeper(for_ever), 1h, 1ms)), cancelled_text);
  EXPECT_EQ(stage.failure(cancelled_from_outside(stage, stage.sleeper(for_ever), 1ms, 20ms)), timed_out_text);
  EXPECT_EQ(stage.log, (Log{"task cancelled", "task cancelled"}));
}

TEST(WaitFor, CancelledWhileATimedOutTaskCleansUpIsCancelled) {
  Stage stage;
  // The time is up at 0 ms, the cancellation comes at 1 ms, the task has cleaned up 5 ms after it began.
  EXPECT_EQ(stage.failure(cancelled_from_outside(stage, clean_up_slowly(stage), 0ns, 1ms)), cancelled_text);
  EXPECT_EQ(stage.log.front(), "cleaning");
}

TEST(WaitFor, CancelledBeforeItsStartStartsNothing) {
  Stage stage;
  EXPECT_EQ(stage.failure(cancelled_before_its_start(stage, stage.sleeper(for_ever))), cancelled_text);
  EXPECT_TRUE(stage.log.empty());
  EXPECT_EQ(stage.counts.made, 0);
}

TEST(WaitFor, NestedTheInnerLimitComesFirst) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(wait_for(stage.loop, catch_time_out(stage, stage.sleeper(for_ever), 1ms), 1h)), -1);
  EXPECT_EQ(stage.log, (Log{"task cancelled", "timed out"}));
}

TEST(WaitFor, NestedTheOuterLimitComesFirst) {
  Stage stage;
  EXPECT_EQ(stage.failure(wait_for(stage.loop, catch_time_out(stage, stage.sleeper(for_ever), 1h), 1ms)), timed_out_text);
  EXPECT_EQ(stage.log, Log{"task cancelled"});  // the inner one does not take it for its own
}

TEST(WaitFor, OfAGatherEndsAllItsTasks) {
  Stage stage;
  std::vector<Task<int>> tasks;
  tasks.push_back(stage.sleeper(for_ever, "a"));
  tasks.push_back(stage.sleeper(for_ever, "b"));
  EXPECT_EQ(failure_of(stage.loop, wait_for(stage.loop, gather(std::move(tasks)), 1ms)), timed_out_text);
  EXPECT_EQ(stage.log, (Log{"a cancelled", "b cancelled"}));
}

TEST(WaitFor, InAGatherOneTimeOutEndsTheOthers) {
  Stage stage;
  std::vector<Task<int>> tasks;
  tasks.push_back(wait_for(stage.loop, stage.sleeper(for_ever, "a"), 1ms));
  tasks.push_back(wait_for(stage.loop, stage.sleeper(for_ever, "b"), 1h));
  EXPECT_EQ(failure_of(stage.loop, gather(std::move(tasks))), timed_out_text);
  EXPECT_EQ(stage.log, (Log{"a cancelled", "b cancelled"}));
}

TEST(WaitFor, IsDestroyedUnharmedWhenTheLoopIsClosed) {
  Stage stage;
  (void)stage.loop.spawn(wait_for(stage.loop, stage.sleeper(for_ever), 1h));
  stage.loop.run_until_complete(give_after(stage.loop, 1ms, 0));
  EXPECT_EQ(stage.counts.alive(), 1);
  stage.loop.close();
  EXPECT_EQ(stage.counts.alive(), 0);
}

}  // namespace
}  // namespace makespan
