// SPDX-License-Identifier: Apache-2.0
// What goes through a channel, in which order, and who waits.
#include "models/runtime/channel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/cpp/channel_stage.hpp"

namespace makespan {
namespace {

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
