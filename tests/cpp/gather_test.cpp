// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/gather.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tests/cpp/coroutines.hpp"

namespace makespan {
namespace {

template <class... T>
std::vector<Task<int>> list(T... tasks) {
  std::vector<Task<int>> tasks_in_order;
  (tasks_in_order.push_back(std::move(tasks)), ...);
  return tasks_in_order;
}

struct Sleepers {
  EventLoop loop;
  Guard::Counts counts;
  Log log;
  Task<int> sleeper(std::chrono::nanoseconds delay, std::string name) { return guarded(loop, delay, counts, log, std::move(name)); }
  void expect_all_destroyed(int made) const {
    EXPECT_EQ(counts.made, made);
    EXPECT_EQ(counts.destroyed, made);
    EXPECT_TRUE(loop.closed() || timers_are_empty());
  }
  bool timers_are_empty() const { return const_cast<EventLoop&>(loop).timers().empty(); }
};

Task<std::unique_ptr<int>> give_owned_after(EventLoop& loop, std::chrono::nanoseconds delay, int value) {
  co_await loop.sleep_for(delay);
  co_return std::make_unique<int>(value);
}

Task<bool> is_odd(EventLoop& loop, int number) {
  co_await loop.sleep_for(1us);
  co_return number % 2 == 1;
}

Task<int> guard_at_once(Guard::Counts& counts) {
  const Guard guard(counts);
  co_return 1;
}

Task<int> log_start(Log& log, std::string name) {
  log.push_back(std::move(name));
  co_return 0;
}

Task<std::vector<int>> gather_cancelled_after(EventLoop& loop, std::vector<Task<int>> tasks, std::chrono::nanoseconds delay) {
  auto job = loop.spawn(gather(std::move(tasks)));
  co_await loop.sleep_for(delay);
  job.cancel();
  co_return co_await job.join();
}

Task<std::vector<int>> gather_cancelled_at_once(EventLoop& loop, std::vector<Task<int>> tasks) {
  auto job = loop.spawn(gather(std::move(tasks)));
  job.cancel();
  co_return co_await job.join();
}

Task<int> sum_of_two_gathers(EventLoop& loop) {
  int sum = 0;
  for (const int value : co_await gather(list(give_after(loop, 1ms, 1), give(2)))) sum += value;
  for (const int value : co_await gather(list(give(10), give_after(loop, 1ms, 20)))) sum += value;
  co_return sum;
}

Task<int> first_of_gather(std::vector<Task<int>> tasks) { co_return (co_await gather(std::move(tasks))).front(); }

TEST(Gather, GivesTheValuesInTheOrderOfTheTasks) {
  EventLoop loop;
  const auto values =
      loop.run_until_complete(gather(list(give_after(loop, 3ms, 1), give(2), give_after(loop, 1ms, 3), give_after(loop, 0ms, 4))));
  EXPECT_EQ(values, (std::vector{1, 2, 3, 4}));
}

TEST(Gather, OfNothingIsNothing) {
  EventLoop loop;
  EXPECT_TRUE(loop.run_until_complete(gather(std::vector<Task<int>>{})).empty());
  EXPECT_NO_THROW(loop.run_until_complete(gather(std::vector<Task<>>{})));
}

TEST(Gather, OfTasksThatNeverWait) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(gather(list(give(1), give(2)))), (std::vector{1, 2}));
}

TEST(Gather, OfValuesThatCanOnlyBeMoved) {
  EventLoop loop;
  std::vector<Task<std::unique_ptr<int>>> tasks;
  for (const int value : {1, 2}) tasks.push_back(give_owned_after(loop, 1us, value));
  const auto values = loop.run_until_complete(gather(std::move(tasks)));
  EXPECT_EQ(*values.at(0) + *values.at(1), 3);
}

TEST(Gather, OfTruthValues) {
  EventLoop loop;
  std::vector<Task<bool>> tasks;
  for (const int number : {1, 2, 3}) tasks.push_back(is_odd(loop, number));
  EXPECT_EQ(loop.run_until_complete(gather(std::move(tasks))), (std::vector{true, false, true}));
}

TEST(Gather, StartsAllBeforeAnyHasToWait) {
  EventLoop loop;
  Log log;
  loop.run_until_complete(gather(list(log_start(log, "first"), give_after(loop, 1ms, 0), log_start(log, "last"))));
  EXPECT_EQ(log, (Log{"first", "last"}));
}

TEST(Gather, MayFollowOneAnotherAndBeNested) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(sum_of_two_gathers(loop)), 33);
  EXPECT_EQ(loop.run_until_complete(gather(list(sum_of_two_gathers(loop), sum_of_two_gathers(loop)))), (std::vector{33, 33}));
}

TEST(Gather, TheFirstFailureCancelsTheOthersAndIsThrown) {
  Sleepers all;
  const auto tasks = [&] {
    return list(all.sleeper(for_ever, "a"), fail_after(all.loop, 2ms, "first"), fail_after(all.loop, 1h, "second"), all.sleeper(1us, "b"));
  };
  EXPECT_EQ(failure_of(all.loop, gather(tasks())), "first");
  EXPECT_EQ(all.log, (Log{"b slept", "a cancelled"}));
  all.expect_all_destroyed(2);
}

TEST(Gather, AFailureAtOnceStartsNoFurtherTask) {
  Sleepers all;
  EXPECT_EQ(failure_of(all.loop, gather(list(all.sleeper(for_ever, "a"), fail_with("at once"), log_start(all.log, "started")))), "at once");
  EXPECT_EQ(all.log, Log{"a cancelled"});
  all.expect_all_destroyed(1);
}

TEST(Gather, OfOneThatFailsAtOnce) {
  EventLoop loop;
  EXPECT_EQ(failure_of(loop, gather(list(fail_with("only")))), "only");
}

TEST(Gather, AFailureWaitsForThoseThatCleanUp) {
  EventLoop loop;
  EXPECT_EQ(failure_of(loop, gather(list(swallow(loop, 1), fail_after(loop, 1ms, "broken")))), "broken");
  EXPECT_TRUE(loop.timers().empty());
}

TEST(Gather, CancelledCancelsEveryTask) {
  Sleepers all;
  auto tasks = list(all.sleeper(for_ever, "a"), all.sleeper(1us, "b"), all.sleeper(for_ever, "c"));
  EXPECT_EQ(failure_of(all.loop, gather_cancelled_after(all.loop, std::move(tasks), 2ms)), cancelled_text);
  EXPECT_EQ(all.log, (Log{"b slept", "a cancelled", "c cancelled"}));
  all.expect_all_destroyed(3);
}

TEST(Gather, CancelledBeforeItsStartRunsNothing) {
  Sleepers all;
  auto tasks = list(log_start(all.log, "started"), all.sleeper(for_ever, "a"));
  EXPECT_EQ(failure_of(all.loop, gather_cancelled_at_once(all.loop, std::move(tasks))), cancelled_text);
  EXPECT_TRUE(all.log.empty());
  all.expect_all_destroyed(0);
}

TEST(Gather, CancelledWithNestedGathersReachesTheInnermost) {
  Sleepers all;
  auto inner = list(all.sleeper(for_ever, "inner"), all.sleeper(for_ever, "inner too"));
  auto outer = list(first_of_gather(std::move(inner)), all.sleeper(for_ever, "outer"));
  EXPECT_EQ(failure_of(all.loop, gather_cancelled_after(all.loop, std::move(outer), 1ms)), cancelled_text);
  EXPECT_EQ(all.log.size(), 3U);
  all.expect_all_destroyed(3);
}

TEST(Gather, DestroysItsTasksWhenTheLoopIsClosed) {
  Sleepers all;
  (void)all.loop.spawn(gather(list(all.sleeper(for_ever, "a"), all.sleeper(for_ever, "b"))));
  all.loop.run_until_complete(give_after(all.loop, 1ms, 0));
  EXPECT_EQ(all.counts.alive(), 2);
  all.loop.close();
  EXPECT_TRUE(all.log.empty());
  all.expect_all_destroyed(2);
}

TEST(Gather, OfAHundredThousandThatNeverWait) {
  EventLoop loop;
  Guard::Counts counts;
  std::vector<Task<int>> tasks;
  for (int task = 0; task < 100'000; ++task) tasks.push_back(guard_at_once(counts));
  EXPECT_EQ(loop.run_until_complete(gather(std::move(tasks))).size(), 100'000U);
  EXPECT_EQ(counts.made, 100'000);
  EXPECT_EQ(counts.destroyed, 100'000);
}

}  // namespace
}  // namespace makespan
