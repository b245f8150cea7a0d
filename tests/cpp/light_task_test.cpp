// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/light_task.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>

#include "tests/cpp/coroutines.hpp"

namespace makespan {
namespace {

LightTask log_after(LightGroup& group, EventLoop::Time when, Log& log, std::string name) {
  log.push_back(name + " begins");
  co_await group.sleep_until(when);
  log.push_back(name + " ends");
}

LightTask end_at_once(LightGroup& /*group*/, int& ended) {
  ++ended;
  co_return;
}

LightTask hold(LightGroup& group, EventLoop::Time when, Guard /*guard*/) { co_await group.sleep_until(when); }

LightTask sleep_in_steps(LightGroup& group, int steps, std::vector<EventLoop::Time>& woken_for) {
  for (int step = 0; step < steps; ++step) {
    co_await group.sleep_until(EventLoop::after(1us));
    woken_for.push_back(group.woken_for());
  }
}

Task<> await_all(LightGroup& group) { co_await group.all_ended(); }

Task<> cancel_the_wait(EventLoop& loop, LightGroup& group) {
  Spawned<void> waiting = loop.spawn(await_all(group));
  co_await loop.sleep_for(0ns);
  waiting.cancel();
  co_await waiting.join();
}

TEST(LightTask, BeginsWhenItIsCalledAndEndsInItsTime) {
  EventLoop loop;
  LightGroup group(loop);
  Log log;
  const EventLoop::Time now = EventLoop::now();
  log_after(group, now + 3ms, log, "late");
  log_after(group, now + 1ms, log, "early");
  EXPECT_EQ(group.under_way(), 2U);
  loop.run_until_complete(await_all(group));
  EXPECT_EQ(log, (Log{"late begins", "early begins", "early ends", "late ends"}));
  EXPECT_EQ(group.under_way(), 0U);
  EXPECT_GE(EventLoop::now(), now + 3ms);
}

TEST(LightTask, AGroupWithoutTasksOrWhoseTasksHaveEndedIsNotWaitedFor) {
  EventLoop loop;
  LightGroup group(loop);
  loop.run_until_complete(await_all(group));
  int ended = 0;
  for (int task = 0; task < 100; ++task) end_at_once(group, ended);
  EXPECT_EQ(ended, 100);
  loop.run_until_complete(await_all(group));
}

TEST(LightTask, DestroysWhatItHoldsWhenItEnds) {
  EventLoop loop;
  LightGroup group(loop);
  Guard::Counts counts;
  for (int task = 0; task < 10; ++task) hold(group, EventLoop::after(1ms), Guard(counts));
  EXPECT_EQ(counts.alive(), 10);
  loop.run_until_complete(await_all(group));
  EXPECT_EQ(counts.alive(), 0);
}

TEST(LightTask, KnowsForWhenItWasWoken) {
  EventLoop loop;
  LightGroup group(loop);
  std::vector<EventLoop::Time> woken_for;
  const EventLoop::Time begin = EventLoop::now();
  sleep_in_steps(group, 5, woken_for);
  loop.run_until_complete(await_all(group));
  ASSERT_EQ(woken_for.size(), 5U);
  EXPECT_GE(woken_for.front(), begin + 1us);
  EXPECT_TRUE(std::is_sorted(woken_for.begin(), woken_for.end()));
  EXPECT_LE(woken_for.back(), EventLoop::now());
}

LightTask log_how_it_wakes(LightGroup& group, EventLoop::Time when, Log& log) {
  try {
    co_await group.sleep_until(when);
    log.push_back("slept");
  } catch (const LoopClosed& error) {
    log.push_back(error.what());
  }
}

Task<> log_all_ended(LightGroup& group, Log& log) {
  co_await group.all_ended();
  log.push_back("all ended");
}

// Times that rise wait in one place, others in another.
void hold_in_any_order(LightGroup& group, Guard::Counts& counts) {
  for (const auto after : {24h, 25h, 23h, 26h, 22h}) hold(group, EventLoop::after(after), Guard(counts));
}

TEST(LightTask, OfAClosedLoopSaysSo) {
  EventLoop closed;
  LightGroup group(closed);
  closed.close();
  Log log;
  log_how_it_wakes(group, EventLoop::after(1us), log);
  EXPECT_EQ(log, Log{LoopClosed().what()});
  EXPECT_EQ(group.under_way(), 0U);
  EventLoop loop;
  EXPECT_EQ(failure_of(loop, await_all(group)), LoopClosed().what());
}

TEST(LightTask, IsDestroyedWhereItWaitsWhenItsLoopIsClosed) {
  EventLoop loop;
  LightGroup group(loop);
  Guard::Counts counts;
  Log log;
  hold_in_any_order(group, counts);
  (void)loop.spawn(log_all_ended(group, log));
  loop.run_until_complete(give_after(loop, 1us, 0));
  loop.close();
  EXPECT_EQ(counts.alive(), 0);
  EXPECT_EQ(group.under_way(), 0U);
  EXPECT_TRUE(log.empty());
}

TEST(LightTask, AGroupMayOutliveItsLoop) {
  Guard::Counts counts;
  auto loop = std::make_unique<EventLoop>();
  LightGroup group(*loop);
  hold_in_any_order(group, counts);
  EXPECT_EQ(counts.alive(), 5);
  loop.reset();
  EXPECT_EQ(counts.alive(), 0);
}

TEST(LightTask, AGroupThatEndsFirstTakesItsTasksOutOfTheLoop) {
  EventLoop loop;
  Guard::Counts counts;
  Log log;
  LightGroup other(loop);
  log_after(other, EventLoop::after(2ms), log, "late");
  log_after(other, EventLoop::after(1ms), log, "early");
  auto group = std::make_unique<LightGroup>(loop);
  for (int task = 0; task < 100; ++task) hold(*group, EventLoop::after(1ms), Guard(counts));
  hold_in_any_order(*group, counts);
  (void)loop.spawn(log_all_ended(*group, log));
  loop.run_until_complete(do_nothing());
  group.reset();
  EXPECT_EQ(counts.alive(), 0);
  loop.run_until_complete(await_all(other));
  EXPECT_EQ(log, (Log{"late begins", "early begins", "all ended", "early ends", "late ends"}));
}

Task<> own_a_group(EventLoop& loop, Guard::Counts& counts) {
  LightGroup group(loop);
  hold_in_any_order(group, counts);
  co_await group.all_ended();
}

TEST(LightTask, TheLoopMayDestroyItsGroupWithWhoWaitsForIt) {
  Guard::Counts counts;
  EventLoop loop;
  (void)loop.spawn(own_a_group(loop, counts));
  auto waiting = loop.spawn(own_a_group(loop, counts));
  loop.run_until_complete(give_after(loop, 1us, 0));
  waiting.cancel();
  loop.run_until_complete(give_after(loop, 1us, 0));
  EXPECT_EQ(counts.alive(), 5);
  loop.close();
  EXPECT_EQ(counts.alive(), 0);
}

// What a coroutine keeps over its sleep, as large and aligned as that.
template <std::size_t alignment, std::size_t size>
LightTask keep(LightGroup& group, EventLoop::Time when, int& misplaced) {
  struct alignas(alignment) Kept {
    std::array<char, size> bytes{};
  } kept;
  const auto check = [](const Kept* place) { return reinterpret_cast<std::uintptr_t>(place) % alignment == 0 ? 0 : 1; };
  misplaced += check(&kept);
  co_await group.sleep_until(when);
  misplaced += check(&kept);
}

TEST(LightTask, HasItsFrameWhereWhatItKeepsIsAligned) {
  EventLoop loop;
  LightGroup group(loop);
  int misplaced = 0;
  for (int round = 0; round < 10; ++round) {
    const EventLoop::Time when = EventLoop::after(1us);
    keep<8, 8>(group, when, misplaced);  // so that what follows is in all kinds of places
    keep<16, 16>(group, when, misplaced);
    keep<8, 16>(group, when, misplaced);
    keep<16, 48>(group, when, misplaced);
    keep<32, 32>(group, when, misplaced);
    keep<8, 24>(group, when, misplaced);
    keep<64, 64>(group, when, misplaced);
  }
  loop.run_until_complete(await_all(group));
  EXPECT_EQ(misplaced, 0);
}

TEST(LightTask, TheWaitForItsGroupCanBeCancelled) {
  EventLoop loop;
  LightGroup group(loop);
  Log log;
  log_after(group, EventLoop::after(1ms), log, "one");
  EXPECT_EQ(failure_of(loop, cancel_the_wait(loop, group)), cancelled_text);
  loop.run_until_complete(await_all(group));  // the task goes on all the same
  EXPECT_EQ(log.back(), "one ends");
}

// Counts the bytes that it hands out.
class Counting final : public std::pmr::memory_resource {
 public:
  std::size_t bytes = 0;

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    bytes += size;
    return std::pmr::new_delete_resource()->allocate(size, alignment);
  }
  void do_deallocate(void* place, std::size_t size, std::size_t alignment) override {
    std::pmr::new_delete_resource()->deallocate(place, size, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

LightTask sleep_once(LightGroup& group, EventLoop::Time when) { co_await group.sleep_until(when); }

TEST(LightTask, TakesAFrameAndNothingElse) {
  Counting counting;
  std::pmr::memory_resource* const before = std::pmr::set_default_resource(&counting);
  {
    EventLoop loop;
    LightGroup group(loop);
    std::pmr::set_default_resource(before);
    constexpr std::size_t many = 10'000;
    const EventLoop::Time when = EventLoop::after(1ms);
    for (std::size_t task = 0; task < many; ++task) sleep_once(group, when);
    EXPECT_LE(counting.bytes, 2 * many * 128);  // the last block may be half empty
    loop.run_until_complete(await_all(group));
  }
}

}  // namespace
}  // namespace makespan
