// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/channel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>

#include "tests/cpp/coroutines.hpp"

namespace makespan {
namespace {

using Owned = std::unique_ptr<int>;
using Numbers = std::vector<int>;

Task<> put_range(Channel<Owned>& channel, int first, int count, Log& log) {
  for (int value = first; value < first + count; ++value) {
    co_await channel.put(std::make_unique<int>(value));
    log.push_back("put " + std::to_string(value));
  }
}

Task<> put_range_and_close(Channel<Owned>& channel, int first, int count, Log& log) {
  co_await put_range(channel, first, count, log);
  channel.close();
}

Task<> get_all(Channel<Owned>& channel, Numbers& numbers) {
  while (const std::optional<Owned> value = co_await channel.get()) numbers.push_back(**value);
}

Task<> get_one(Channel<Owned>& channel, Log& log, std::string name) {
  const std::optional<Owned> value = co_await channel.get();
  log.push_back(name + (value ? " got " + std::to_string(**value) : " got nothing"));
}

Task<> put_one(Channel<Owned>& channel, int value, Log& log) {
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

Task<> wait_again(EventLoop& loop, Channel<Owned>& channel, Log& log) {
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

Numbers range(int count) {
  Numbers numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

class ChannelOfCapacity : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Channel, ChannelOfCapacity, testing::Values(0, 1, 2, 7, 100'000));

TEST_P(ChannelOfCapacity, KeepsTheOrder) {
  Stage stage(GetParam());
  std::vector<Task<>> tasks;
  tasks.push_back(put_range_and_close(stage.channel, 0, 1000, stage.log));
  tasks.push_back(get_all(stage.channel, stage.numbers));
  stage.loop.run_until_complete(gather(std::move(tasks)));
  EXPECT_EQ(stage.numbers, range(1000));
  EXPECT_EQ(stage.channel.size(), 0U);
}

TEST_P(ChannelOfCapacity, HoldsBackWhoPutsTooMuch) {
  Stage stage(GetParam());
  const int capacity = static_cast<int>(GetParam());
  (void)stage.loop.spawn(put_range(stage.channel, 0, capacity + 3, stage.log));
  stage.settle();
  EXPECT_EQ(stage.log.size(), GetParam());
  EXPECT_EQ(stage.channel.size(), GetParam());
  stage.loop.run_until_complete(get_one(stage.channel, stage.log, "getter"));
  EXPECT_EQ(stage.log.back(), "getter got 0");
  stage.settle();
  EXPECT_EQ(stage.log.back(), "put " + std::to_string(capacity));
  EXPECT_EQ(stage.channel.size(), GetParam());
}

TEST_P(ChannelOfCapacity, GivesEachValueToOneOfManyGetters) {
  Stage stage(GetParam());
  std::vector<Task<>> tasks;
  for (int getter = 0; getter < 20; ++getter) tasks.push_back(get_all(stage.channel, stage.numbers));
  for (int putter = 0; putter < 10; ++putter) tasks.push_back(put_range(stage.channel, putter * 100, 100, stage.log));
  auto all = stage.loop.spawn(gather(std::move(tasks)));
  stage.settle();
  EXPECT_FALSE(all.done());  // the getters do not know yet that nothing more will come
  stage.channel.close();
  stage.settle();
  EXPECT_TRUE(all.done());
  std::sort(stage.numbers.begin(), stage.numbers.end());
  EXPECT_EQ(stage.numbers, range(1000));
}

TEST_P(ChannelOfCapacity, ServesThoseWhoWaitInTheirOrder) {
  Stage stage(GetParam());
  for (int getter = 0; getter < 3; ++getter) (void)stage.loop.spawn(get_one(stage.channel, stage.log, std::to_string(getter)));
  stage.settle();
  (void)stage.loop.spawn(put_range(stage.channel, 10, 3, stage.log));
  stage.settle();
  EXPECT_EQ(stage.log, (Log{"put 10", "put 11", "put 12", "0 got 10", "1 got 11", "2 got 12"}));
}

TEST(Channel, GivesWhatWasPutBeforeTheClose) {
  Stage stage(5);
  stage.loop.run_until_complete(put_range_and_close(stage.channel, 0, 5, stage.log));
  EXPECT_TRUE(stage.channel.closed());
  stage.loop.run_until_complete(get_all(stage.channel, stage.numbers));
  EXPECT_EQ(stage.numbers, range(5));
  stage.loop.run_until_complete(get_one(stage.channel, stage.log, "late"));
  EXPECT_EQ(stage.log.back(), "late got nothing");
}

TEST(Channel, RefusesAPutAfterTheClose) {
  Stage stage(5);
  stage.channel.close();
  stage.channel.close();
  stage.loop.run_until_complete(put_one(stage.channel, 1, stage.log));
  EXPECT_EQ(stage.log, Log{"refused 1"});
  EXPECT_EQ(stage.channel.size(), 0U);
}

TEST(Channel, CloseEndsTheWaits) {
  Stage stage(1);
  for (int value = 0; value < 4; ++value) (void)stage.loop.spawn(put_one(stage.channel, value, stage.log));
  stage.settle();
  stage.channel.close();
  stage.settle();
  EXPECT_EQ(stage.log, (Log{"put 0", "refused 1", "refused 2", "refused 3"}));
  stage.loop.run_until_complete(get_all(stage.channel, stage.numbers));
  EXPECT_EQ(stage.numbers, Numbers{0});

  Stage empty(1);
  for (const char* const name : {"a", "b"}) (void)empty.loop.spawn(get_one(empty.channel, empty.log, name));
  empty.settle();
  empty.channel.close();
  empty.settle();
  EXPECT_EQ(empty.log, (Log{"a got nothing", "b got nothing"}));
}

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

TEST(Channel, AWaitThatNobodyCanEndIsAStall) {
  Stage stage(1);
  EXPECT_THROW(stage.loop.run_until_complete(get_one(stage.channel, stage.log, "getter")), LoopStalled);
  stage.loop.run_until_complete(put_one(stage.channel, 1, stage.log));
  EXPECT_THROW(stage.loop.run_until_complete(put_one(stage.channel, 2, stage.log)), LoopStalled);
  EXPECT_EQ(stage.channel.size(), 1U);
}

Task<> pass_on_until(Channel<int>& from, Channel<int>& to, const bool& stop) {
  while (!stop) {
    const std::optional<int> value = co_await from.get();
    if (value) co_await to.put(*value);
  }
}
Task<> stop_after(EventLoop& loop, std::chrono::nanoseconds delay, bool& stop) {
  co_await loop.sleep_for(delay);
  stop = true;
}

TEST(Channel, ALoopThatAlwaysHasWorkKeepsItsTimers) {
  EventLoop loop;
  Channel<int> forth(loop, 1);
  Channel<int> back(loop, 1);
  bool stop = false;
  (void)loop.spawn(pass_on_until(forth, back, stop));
  (void)loop.spawn(pass_on_until(back, forth, stop));
  struct Start {
    static Task<> put(Channel<int>& channel) { co_await channel.put(1); }
  };
  loop.run_until_complete(Start::put(forth));
  loop.run_until_complete(stop_after(loop, 5ms, stop));  // would never end if the timer were starved
  EXPECT_TRUE(stop);
}

Task<> note_after(EventLoop& loop, std::chrono::nanoseconds duration, bool& noted) {
  co_await loop.sleep_for(duration);
  noted = true;
}

Task<> take_until_noted(EventLoop& loop, Channel<int>& channel, bool& noted) {
  const Spawned<void> timer = loop.spawn(note_after(loop, 1ms, noted));
  while (!noted) {
    co_await channel.put(1);
    co_await channel.get();
  }
}

// It would go round for ever.
TEST(ChannelTest, ATaskThatNeverHasToWaitDoesNotStarveTimers) {
  EventLoop loop;
  Channel<int> channel(loop, 4);
  bool noted = false;
  loop.run_until_complete(take_until_noted(loop, channel, noted));
  EXPECT_TRUE(noted);
}

}  // namespace
}  // namespace makespan
