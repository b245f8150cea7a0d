// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/task.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <type_traits>

#include "tests/cpp/coroutines.hpp"

namespace makespan {
namespace {

static_assert(!std::is_copy_constructible_v<Task<int>> && std::is_nothrow_move_constructible_v<Task<int>>);

Task<std::unique_ptr<int>> give_owned(int value) { co_return std::make_unique<int>(value); }
Task<std::string> give_text(const char* text) { co_return text; }

class NoDefault {
 public:
  explicit NoDefault(int value) : value_(value) {}
  NoDefault(NoDefault&&) = default;
  NoDefault& operator=(NoDefault&&) = delete;
  ~NoDefault() = default;
  [[nodiscard]] int value() const { return value_; }

 private:
  int value_;
};
Task<NoDefault> give_no_default(int value) { co_return NoDefault(value); }

Task<int> note_start(bool& started) {
  started = true;
  co_return 1;
}

Task<int> add(Task<int> left, Task<int> right) {
  const int first = co_await std::move(left);
  co_return first + co_await std::move(right);
}

Task<int> count_down(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await count_down(depth - 1);
}

Task<int> keep_awaiting(int times) {
  int sum = 0;
  for (int time = 0; time < times; ++time) sum += co_await give(1);
  co_return sum;
}

Task<std::string> catch_from(Task<int> task) {
  try {
    co_await std::move(task);
  } catch (const std::runtime_error& error) {
    co_return error.what();
  }
  co_return "nothing caught";
}

Task<int> hold_guard_and(Guard::Counts& counts, Task<int> inner) {
  const Guard guard(counts);
  co_return co_await std::move(inner);
}

Task<Guard> give_guard(Guard::Counts& counts) { co_return Guard(counts); }
Task<> throw_number() {
  throw 42;
  co_return;
}

TEST(Task, GivesItsValue) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(give(7)), 7);
  EXPECT_EQ(loop.run_until_complete(give_text("hello")), "hello");
  EXPECT_EQ(loop.run_until_complete(give_no_default(3)).value(), 3);
  EXPECT_NO_THROW(loop.run_until_complete(do_nothing()));
}

TEST(Task, GivesWhatCanOnlyBeMoved) {
  EventLoop loop;
  EXPECT_EQ(*loop.run_until_complete(give_owned(7)), 7);
}

TEST(Task, IsLazy) {
  bool started = false;
  Task<int> task = note_start(started);
  EXPECT_FALSE(started);
  EventLoop loop;
  loop.run_until_complete(std::move(task));
  EXPECT_TRUE(started);
}

TEST(Task, AwaitsOthers) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(add(give(2), add(give(3), give(4)))), 9);
}

TEST(Task, ThrowsItsExceptionToWhoeverAwaitsIt) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(catch_from(fail_with("broken"))), "broken");
  EXPECT_EQ(loop.run_until_complete(catch_from(give(1))), "nothing caught");
  EXPECT_EQ(failure_of(loop, fail_with("broken")), "broken");
  EXPECT_EQ(failure_of(loop, add(give(1), fail_with("right"))), "right");
  EXPECT_THROW(loop.run_until_complete(throw_number()), int);
}

TEST(Task, ChainsOfAnyDepth) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(count_down(10'000)), 10'000);
}

TEST(Task, AwaitsAnyNumberOneAfterTheOther) {
  EventLoop loop;
  EXPECT_EQ(loop.run_until_complete(keep_awaiting(10'000)), 10'000);
}

TEST(Task, DestroysItsFrameOnceAfterItsEnd) {
  EventLoop loop;
  Guard::Counts counts;
  loop.run_until_complete(hold_guard_and(counts, hold_guard_and(counts, give(1))));
  EXPECT_EQ(counts.made, 2);
  EXPECT_EQ(counts.destroyed, 2);
  EXPECT_EQ(failure_of(loop, hold_guard_and(counts, hold_guard_and(counts, fail_with("broken")))), "broken");
  EXPECT_EQ(counts.made, 4);
  EXPECT_EQ(counts.destroyed, 4);
}

TEST(Task, DestroysItsFrameOnceWithoutHavingStarted) {
  Guard::Counts counts;
  {
    Task<> task = hold_parameter(Guard(counts));
    EXPECT_EQ(counts.alive(), 1);  // the parameter lives in the frame
    const Task<> moved = std::move(task);
    EXPECT_EQ(counts.alive(), 1);
  }
  EXPECT_EQ(counts.alive(), 0);
}

TEST(Task, KeepsNoCopyOfItsResult) {
  EventLoop loop;
  Guard::Counts counts;
  {
    const Guard result = loop.run_until_complete(give_guard(counts));
    EXPECT_EQ(counts.alive(), 1);
  }
  EXPECT_EQ(counts.alive(), 0);
}

TEST(Task, MoveAssignmentGivesUpTheFormerFrame) {
  Guard::Counts first;
  Guard::Counts second;
  std::optional<Task<>> task = hold_parameter(Guard(first));
  *task = hold_parameter(Guard(second));
  EXPECT_EQ(second.alive(), 1);
  task.reset();
  EXPECT_EQ(first.alive(), 0);
  EXPECT_EQ(second.alive(), 0);
}

}  // namespace
}  // namespace makespan
