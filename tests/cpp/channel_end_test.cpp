// SPDX-License-Identifier: Apache-2.0
// What becomes of values and of those who wait when jobs are cancelled, and when channels and loops end.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/cpp/channel_stage.hpp"

namespace makespan {
namespace {

TEST(Channel, ACancelledGetTakesNothing) {
  Stage stage(1);
  auto first = stage.loop.spawn(get_one(stage.channel, stage.log, "first"));
  auto second = stage.loop.spawn(get_one(stage.channel, stage.log, "second"));
  stage.settle();
  first.cancel();
  stage.loop.run_until_complete(put_one(stage.channel, 7, stage.log));  // before the cancelled one has run
  stage.settle();
  EXPECT_TRUE(first.done());
  EXPECT_EQ(stage.log, (Log{"put 7", "second got 7"}));
}

TEST(Channel, ACancelledPutHasPutNothing) {
  Stage stage(1);
  (void)stage.loop.spawn(put_one(stage.channel, 0, stage.log));
  auto waiting = stage.loop.spawn(put_one(stage.channel, 1, stage.log));
  (void)stage.loop.spawn(put_one(stage.channel, 2, stage.log));
  stage.settle();
  waiting.cancel();
  stage.settle();
  stage.channel.close();
  stage.loop.run_until_complete(get_all(stage.channel, stage.numbers));
  EXPECT_EQ(stage.numbers, Numbers{0});
  EXPECT_EQ(stage.log, (Log{"put 0", "cancelled 1", "refused 2"}));
}

Task<> put_then_cancel(Stage& stage, Spawned<void>& getter) {
  co_await stage.channel.put(std::make_unique<int>(5));
  getter.cancel();  // the value is with it, but it has not run yet
}

TEST(Channel, AValueThatWasHandedOverIsNotLostToACancellation) {
  Stage stage(1);
  auto getter = stage.loop.spawn(wait_again(stage.loop, stage.channel, stage.log));
  stage.settle();
  stage.loop.run_until_complete(put_then_cancel(stage, getter));
  stage.settle();
  EXPECT_EQ(stage.log, Log{"getter got 5"});
  EXPECT_TRUE(getter.done());  // it saw the cancellation at its next wait
}

Task<> get_then_cancel(Stage& stage, Spawned<void>& putter) {
  while (const std::optional<Owned> value = co_await stage.channel.get()) {
    stage.numbers.push_back(**value);
    if (stage.numbers.size() == 1) putter.cancel();  // its value has been taken, but it has not run yet
    if (stage.numbers.size() == 2) stage.channel.close();
  }
}

TEST(Channel, APutWhoseValueWasTakenIsDoneDespiteACancellation) {
  Stage stage(1);
  (void)stage.loop.spawn(put_one(stage.channel, 0, stage.log));
  auto putter = stage.loop.spawn(put_one(stage.channel, 1, stage.log));
  stage.settle();
  stage.loop.run_until_complete(get_then_cancel(stage, putter));
  stage.settle();
  EXPECT_EQ(stage.numbers, (Numbers{0, 1}));
  EXPECT_EQ(stage.log, (Log{"put 0", "put 1"}));
}

TEST(Channel, HasATimeLimitWithWaitFor) {
  Stage stage(1);
  EXPECT_EQ(failure_of(stage.loop, wait_for(stage.loop, get_one(stage.channel, stage.log, "getter"), 1ms)), timed_out_text);
  stage.loop.run_until_complete(put_one(stage.channel, 1, stage.log));
  EXPECT_EQ(failure_of(stage.loop, wait_for(stage.loop, put_one(stage.channel, 2, stage.log), 1ms)), timed_out_text);
  stage.channel.close();
  stage.loop.run_until_complete(get_all(stage.channel, stage.numbers));
  EXPECT_EQ(stage.numbers, Numbers{1});
}

TEST(Channel, AFailureBesideCancelsTheWaitInAGather) {
  Stage stage(1);
  std::vector<Task<int>> tasks;
  struct Forward {
    static Task<int> get(Channel<Owned>& channel) { co_return **co_await channel.get(); }
  };
  tasks.push_back(Forward::get(stage.channel));
  tasks.push_back(fail_after(stage.loop, 1ms, "broken"));
  EXPECT_EQ(failure_of(stage.loop, gather(std::move(tasks))), "broken");
  stage.loop.run_until_complete(put_range_and_close(stage.channel, 0, 1, stage.log));
  stage.loop.run_until_complete(get_all(stage.channel, stage.numbers));
  EXPECT_EQ(stage.numbers, Numbers{0});
}

// Random puts, gets and cancellations: what was put is what was got and what is left.
TEST(Channel, LosesAndDoublesNothingWhateverIsCancelled) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    Stage stage(seed % 4);
    std::vector<Spawned<void>> jobs;
    unsigned random = seed * 2654435761U + 1;
    const auto draw = [&random](unsigned below) { return (random = random * 1664525U + 1013904223U) / 65536U % below; };
    for (int step = 0; step < 200; ++step) {
      const unsigned what = draw(10);
      if (what < 4) {
        jobs.push_back(stage.loop.spawn(put_one(stage.channel, step, stage.log)));
      } else if (what < 7) {
        jobs.push_back(stage.loop.spawn(get_one(stage.channel, stage.log, "")));
      } else if (what < 9 && !jobs.empty()) {
        jobs[draw(static_cast<unsigned>(jobs.size()))].cancel();
      } else {
        stage.loop.run_until_complete(do_nothing());  // some of what is ready runs
      }
    }
    stage.settle();
    stage.channel.close();
    stage.settle();
    stage.loop.run_until_complete(get_all(stage.channel, stage.numbers));
    Numbers put;
    Numbers got = stage.numbers;
    for (const std::string& line : stage.log) {
      if (line.starts_with("put ")) put.push_back(std::stoi(line.substr(4)));
      if (line.starts_with(" got ") && line != " got nothing") got.push_back(std::stoi(line.substr(5)));
    }
    std::sort(put.begin(), put.end());
    std::sort(got.begin(), got.end());
    EXPECT_FALSE(put.empty());
    EXPECT_EQ(put, got) << "seed " << seed;
    for (const Spawned<void>& job : jobs) EXPECT_TRUE(job.done());
  }
}

TEST(Channel, OfAClosedLoopSaysSo) {
  Stage closed(1);
  closed.loop.close();
  EventLoop loop;
  EXPECT_EQ(failure_of(loop, put_one(closed.channel, 1, closed.log)), LoopClosed().what());
  EXPECT_EQ(failure_of(loop, get_one(closed.channel, closed.log, "getter")), LoopClosed().what());
}

TEST(Channel, TheLoopMayBeClosedUnderThoseWhoWait) {
  Guard::Counts counts;
  using Held = std::unique_ptr<Guard>;
  struct Hold {
    static Task<> put(Channel<Held>& channel, Guard::Counts& counts) { co_await channel.put(std::make_unique<Guard>(counts)); }
    static Task<> get(Channel<Held>& channel) { (void)co_await channel.get(); }
  };
  {
    auto loop = std::make_unique<EventLoop>();
    Channel<Held> full(*loop, 1);
    Channel<Held> empty(*loop, 1);
    for (int task = 0; task < 3; ++task) {
      (void)loop->spawn(Hold::put(full, counts));
      (void)loop->spawn(Hold::get(empty));
    }
    loop->run_until_complete(give_after(*loop, 1ms, 0));
    (void)loop->spawn(Hold::put(empty, counts));
    loop->run_until_complete(do_nothing());  // handed over; the getter has not run
    EXPECT_GT(counts.alive(), 0);
    loop.reset();
    EXPECT_EQ(full.size(), 1U);
  }
  EXPECT_EQ(counts.alive(), 0);
}

TEST(Channel, ItsEndClosesIt) {
  EventLoop loop;
  Log log;
  auto channel = std::make_unique<Channel<Owned>>(loop, 1);
  (void)loop.spawn(put_one(*channel, 1, log));
  (void)loop.spawn(put_one(*channel, 2, log));
  loop.run_until_complete(give_after(loop, 1ms, 0));
  channel.reset();
  loop.run_until_complete(give_after(loop, 1ms, 0));
  EXPECT_EQ(log, (Log{"put 1", "refused 2"}));
}

Task<> own_a_channel_that_another_waits_for(EventLoop& loop, Log& log) {
  Channel<Owned> channel(loop, 1);
  (void)loop.spawn(get_one(channel, log, "getter"));
  co_await loop.sleep_for(for_ever);
}

TEST(Channel, TheLoopMayDestroyItWithThoseWhoWait) {
  Log log;
  EventLoop loop;
  (void)loop.spawn(own_a_channel_that_another_waits_for(loop, log));
  loop.run_until_complete(give_after(loop, 1ms, 0));
  loop.close();
  EXPECT_TRUE(log.empty());
}

}  // namespace
}  // namespace makespan
