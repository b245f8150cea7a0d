// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/spawned.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "tests/cpp/coroutines.hpp"

namespace makespan {
namespace {

struct Stage {
  EventLoop loop;
  Guard::Counts counts;
  Log log;
  Task<int> sleeper(std::chrono::nanoseconds delay, std::string name = "job") { return guarded(loop, delay, counts, log, std::move(name)); }
};

Task<int> join_after(EventLoop& loop, Task<int> task, std::chrono::nanoseconds pause) {
  auto job = loop.spawn(std::move(task));
  if (pause.count() > 0) co_await loop.sleep_for(pause);
  co_return co_await job.join();
}

Task<int> join(Spawned<int>& job) { co_return co_await job.join(); }

Task<std::unique_ptr<int>> give_owned(EventLoop& loop, int value) {
  co_await loop.sleep_for(1us);
  co_return std::make_unique<int>(value);
}
Task<int> join_owned(EventLoop& loop) {
  auto job = loop.spawn(give_owned(loop, 8));
  const std::unique_ptr<int> value = co_await job.join();
  co_return *value;
}

Task<int> note(Log& log, std::string name) {
  log.push_back(std::move(name));
  co_return 1;
}

Task<> spawn_then_yield(EventLoop& loop, Log& log) {
  auto job = loop.spawn(note(log, "job"));
  log.push_back("spawned");
  co_await loop.sleep_for(0ns);
  log.push_back("resumed");
}

Task<int> cancel_after(Stage& stage, Task<int> task, std::optional<std::chrono::nanoseconds> pause) {
  auto job = stage.loop.spawn(std::move(task));
  if (pause) co_await stage.loop.sleep_for(*pause);
  job.cancel();
  co_return co_await job.join();
}

Task<int> cancel_what_has_ended(Stage& stage) {
  auto job = stage.loop.spawn(stage.sleeper(1us));
  const int value = co_await job.join();
  job.cancel();
  co_await stage.loop.sleep_for(1us);  // its own waits are not touched
  co_return job.done() ? value : -1;
}

Task<int> swallow_then_sleep(EventLoop& loop, Log& log) {
  try {
    co_await loop.sleep_for(for_ever);
  } catch (const Cancelled&) {
    log.push_back("swallowed");
  }
  co_await loop.sleep_for(1ms);
  log.push_back("slept again");
  co_return 5;
}

Task<int> cancel_twice(Stage& stage) {
  auto job = stage.loop.spawn(swallow_then_sleep(stage.loop, stage.log));
  co_await stage.loop.sleep_for(1ms);
  job.cancel();
  job.cancel();  // before the first has arrived
  co_return co_await job.join();
}

Task<int> cancel_again_later(Stage& stage) {
  auto job = stage.loop.spawn(swallow_then_sleep(stage.loop, stage.log));
  co_await stage.loop.sleep_for(1ms);
  job.cancel();
  co_await stage.loop.sleep_for(0ns);
  job.cancel();  // the first has been swallowed
  co_return co_await job.join();
}

Task<int> cancel_oneself(Stage& stage, std::optional<Spawned<int>>& self) {
  try {
    co_await stage.loop.sleep_for(for_ever);
  } catch (const Cancelled&) {
    stage.log.push_back("swallowed");
  }
  self->cancel();
  co_await stage.loop.sleep_for(1ms);
  stage.log.push_back("slept");
  co_return 0;
}

Task<int> cancel_one_that_cancels_itself(Stage& stage) {
  std::optional<Spawned<int>> job;
  job.emplace(stage.loop.spawn(cancel_oneself(stage, job)));
  co_await stage.loop.sleep_for(1ms);
  job->cancel();
  co_return co_await job->join();
}

Task<int> drop_handle(EventLoop& loop, Task<int> task) {
  (void)loop.spawn(std::move(task));
  co_return 0;
}

Task<int> cancel_the_joiner(Stage& stage) {
  auto job = stage.loop.spawn(stage.sleeper(200ms));
  auto joiner = stage.loop.spawn(join_after(stage.loop, give_after(stage.loop, for_ever, 0), 0ns));
  co_await stage.loop.sleep_for(1ms);
  joiner.cancel();
  try {
    co_await joiner.join();
  } catch (const Cancelled&) {
    stage.log.push_back("joiner cancelled");
  }
  co_return co_await job.join();
}

Task<int> spawn_deeply(EventLoop& loop, int depth) {
  if (depth == 0) co_return 0;
  auto job = loop.spawn(spawn_deeply(loop, depth - 1));
  co_return 1 + co_await job.join();
}

Task<int> spawn_many(Stage& stage, int jobs) {
  for (int job = 0; job < jobs; ++job) (void)stage.loop.spawn(stage.sleeper(1ms));
  co_await stage.loop.sleep_for(1ms);
  while (stage.counts.destroyed < jobs) co_await stage.loop.sleep_for(1ms);
  co_return stage.counts.made;
}

TEST(Spawned, GivesItsValueToWhoeverJoins) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(join_after(loop, give_after(loop, 1ms, 4), 0ns)), 4);
  EXPECT_EQ(loop.run_until_complete(join_after(loop, give(5), 0ns)), 5);
  EXPECT_EQ(loop.run_until_complete(join_after(loop, give(6), 2ms)), 6);  // has ended before the join
  EXPECT_EQ(loop.run_until_complete(join_owned(loop)), 8);
}

TEST(Spawned, ThrowsItsExceptionAtTheJoin) {
  EventLoop loop;
  EXPECT_EQ(failure_of(loop, join_after(loop, fail_with("broken"), 0ns)), "broken");
  EXPECT_EQ(failure_of(loop, join_after(loop, fail_with("broken"), 2ms)), "broken");
  EXPECT_EQ(failure_of(loop, join_after(loop, fail_after(loop, 1ms, "late"), 0ns)), "late");
}

TEST(Spawned, FirstRunsWhenTheCallerNextWaits) {
  Stage stage;
  stage.loop.run_until_complete(spawn_then_yield(stage.loop, stage.log));
  EXPECT_EQ(stage.log, (Log{"spawned", "job", "resumed"}));
}

TEST(Spawned, AFailureThatNobodyJoinsHurtsNobody) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(drop_handle(loop, fail_with("unheard"))), 0);
  EXPECT_EQ(loop.run_until_complete(give_after(loop, 1ms, 3)), 3);
}

TEST(Spawned, CancelledWhileItWaits) {
  Stage stage;
  EXPECT_EQ(failure_of(stage.loop, cancel_after(stage, stage.sleeper(for_ever), 1ms)), cancelled_text);
  EXPECT_EQ(stage.log, Log{"job cancelled"});
  EXPECT_EQ(stage.counts.destroyed, 1);
  EXPECT_TRUE(stage.loop.timers().empty());
}

TEST(Spawned, CancelledBeforeItsStartSeesItAtItsFirstWait) {
  Stage stage;
  EXPECT_EQ(failure_of(stage.loop, cancel_after(stage, stage.sleeper(for_ever), std::nullopt)), cancelled_text);
  EXPECT_EQ(stage.log, Log{"job cancelled"});
  EXPECT_EQ(stage.loop.run_until_complete(cancel_after(stage, note(stage.log, "never waits"), std::nullopt)), 1);
}

TEST(Spawned, CancelledAfterItsEndStaysAsItIs) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(cancel_what_has_ended(stage)), 1);
}

TEST(Spawned, ThatSwallowsItsCancellationGoesOn) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(cancel_after(stage, swallow_then_sleep(stage.loop, stage.log), 1ms)), 5);
  EXPECT_EQ(stage.log, (Log{"swallowed", "slept again"}));
}

TEST(Spawned, CancelledAgainBeforeItCouldSeeTheFirstSeesOne) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(cancel_twice(stage)), 5);
  EXPECT_EQ(stage.log, (Log{"swallowed", "slept again"}));
}

TEST(Spawned, CancelledAgainAfterItSawTheFirstSeesBoth) {
  Stage stage;
  EXPECT_EQ(failure_of(stage.loop, cancel_again_later(stage)), cancelled_text);
  EXPECT_EQ(stage.log, Log{"swallowed"});
}

TEST(Spawned, MayCancelItself) {
  Stage stage;
  EXPECT_EQ(failure_of(stage.loop, cancel_one_that_cancels_itself(stage)), cancelled_text);
  EXPECT_EQ(stage.log, Log{"swallowed"});
}

TEST(Spawned, CancelledWhileJoiningLeavesTheOtherJobAlone) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(cancel_the_joiner(stage)), 2);
  EXPECT_EQ(stage.log, (Log{"joiner cancelled", "job slept"}));
}

TEST(Spawned, GoesOnWithoutItsHandle) {
  Stage stage;
  stage.loop.run_until_complete(drop_handle(stage.loop, stage.sleeper(1ms)));
  EXPECT_EQ(stage.counts.alive(), 0);  // has not even started
  stage.loop.run_until_complete(give_after(stage.loop, 3ms, 0));
  EXPECT_EQ(stage.log, Log{"job slept"});
  EXPECT_EQ(stage.counts.made, 1);
  EXPECT_EQ(stage.counts.destroyed, 1);
}

TEST(Spawned, IsDestroyedWhenTheLoopIsClosed) {
  Stage stage;
  stage.loop.run_until_complete(drop_handle(stage.loop, stage.sleeper(for_ever)));
  stage.loop.run_until_complete(drop_handle(stage.loop, stage.sleeper(for_ever)));
  stage.loop.run_until_complete(give_after(stage.loop, 1ms, 0));
  EXPECT_EQ(stage.counts.alive(), 2);
  stage.loop.close();
  EXPECT_EQ(stage.counts.alive(), 0);
  EXPECT_TRUE(stage.log.empty());
}

TEST(Spawned, IsDestroyedWithTheLoop) {
  Guard::Counts counts;
  Log log;
  {
    EventLoop loop;
    (void)loop.spawn(guarded(loop, for_ever, counts, log, "job"));
    (void)loop.spawn(hold_parameter(Guard(counts)));  // never starts
    loop.run_until_complete(give_after(loop, 1ms, 0));
    (void)loop.spawn(hold_parameter(Guard(counts)));
  }
  EXPECT_GE(counts.made, 3);
  EXPECT_EQ(counts.alive(), 0);
}

TEST(Spawned, IsDestroyedAtTheCloseEvenIfItsHandleIsKept) {
  Stage stage;
  const auto handle = stage.loop.spawn(stage.sleeper(for_ever));
  stage.loop.run_until_complete(give_after(stage.loop, 1ms, 0));
  EXPECT_EQ(stage.counts.alive(), 1);
  EXPECT_FALSE(handle.done());
  stage.loop.close();
  EXPECT_EQ(stage.counts.alive(), 0);
  EXPECT_TRUE(handle.done());
}

TEST(Spawned, JoinedAfterTheCloseOfItsLoopSaysSo) {
  Stage closed;
  auto job = closed.loop.spawn(closed.sleeper(for_ever));
  auto ended = closed.loop.spawn(give(4));
  closed.loop.run_until_complete(give_after(closed.loop, 1ms, 0));
  closed.loop.close();
  job.cancel();  // too late, and no harm
  EventLoop fresh;
  EXPECT_EQ(failure_of(fresh, join(job)), LoopClosed().what());
  EXPECT_EQ(fresh.run_until_complete(join(ended)), 4);
}

TEST(Spawned, HandleMayBeDroppedAfterItsLoop) {
  Guard::Counts counts;
  Log log;
  auto loop = std::make_unique<EventLoop>();
  auto handle = std::make_optional(loop->spawn(guarded(*loop, for_ever, counts, log, "job")));
  loop->run_until_complete(give_after(*loop, 1ms, 0));
  loop.reset();
  handle.reset();
  EXPECT_EQ(counts.made, 1);
  EXPECT_EQ(counts.destroyed, 1);
}

TEST(Spawned, ThatEndedMayBeJoinedInALaterRun) {
  EventLoop loop;
  auto job = loop.spawn(give(9));
  loop.run_until_complete(give_after(loop, 1us, 0));
  EXPECT_TRUE(job.done());
  EXPECT_EQ(loop.run_until_complete(join(job)), 9);
}

TEST(Spawned, OneFromAnotherToAnyDepth) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(spawn_deeply(loop, 5'000)), 5'000);
}

TEST(Spawned, ManyAtOnceAreAllDestroyedOnce) {
  Stage stage;
  EXPECT_EQ(stage.loop.run_until_complete(spawn_many(stage, 10'000)), 10'000);
  EXPECT_EQ(stage.counts.destroyed, 10'000);
}

}  // namespace
}  // namespace makespan
