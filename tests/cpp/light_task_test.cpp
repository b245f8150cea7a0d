// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/light_task.hpp"

#include <gtest/gtest.h>

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
