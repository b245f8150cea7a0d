// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/timer_heap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <vector>

namespace makespan {
namespace {

SteadyTime at(std::int64_t nanoseconds) { return SteadyTime(std::chrono::nanoseconds(nanoseconds)); }

class Numbered final : public Timer {
 public:
  explicit Numbered(int number) : number_(number) {}
  void expire() noexcept override { ++expired_; }
  void abandon() noexcept override { ++abandoned_; }
  [[nodiscard]] const void* owner() const noexcept override { return owner_; }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] int expired() const { return expired_; }
  [[nodiscard]] int abandoned() const { return abandoned_; }
  void belong_to(const void* owner) { owner_ = owner; }

 private:
  int number_;
  int expired_ = 0;
  int abandoned_ = 0;
  const void* owner_ = nullptr;
};

// The deadlines in the order in which they come out.
std::vector<std::int64_t> drain(TimerHeap& heap) {
  std::vector<std::int64_t> deadlines;
  while (!heap.empty()) {
    deadlines.push_back(heap.first_deadline().time_since_epoch().count());
    heap.take_first();
  }
  return deadlines;
}

TEST(TimerHeap, IsEmptyAtFirst) {
  const TimerHeap heap;
  EXPECT_TRUE(heap.empty());
  EXPECT_EQ(heap.size(), 0U);
}

TEST(TimerHeap, GivesTheEarliestFirst) {
  TimerHeap heap;
  std::deque<Numbered> timers;
  for (const int deadline : {5, 3, 9, 1, 7, 3, 8, 2, 6, 4, 0, -1}) heap.add(at(deadline), timers.emplace_back(deadline));
  EXPECT_EQ(heap.size(), 12U);
  EXPECT_EQ(drain(heap), (std::vector<std::int64_t>{-1, 0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(TimerHeap, GivesTheTimerThatBelongsToTheDeadline) {
  TimerHeap heap;
  std::deque<Numbered> timers;
  for (const int deadline : {4, 2, 3, 1}) heap.add(at(deadline), timers.emplace_back(deadline));
  for (const int deadline : {1, 2, 3, 4}) {
    Timer& first = heap.take_first();
    EXPECT_EQ(static_cast<Numbered&>(first).number(), deadline);
    EXPECT_FALSE(first.queued());
    EXPECT_EQ(static_cast<Numbered&>(first).expired(), 0);  // that is for the caller to do
  }
}

TEST(TimerHeap, RemovesFromAnywhere) {
  for (int removed = 0; removed < 20; ++removed) {
    TimerHeap heap;
    std::deque<Numbered> timers;
    for (int index = 0; index < 20; ++index) heap.add(at(index * 7 % 20), timers.emplace_back(index));
    heap.remove(timers[static_cast<std::size_t>(removed)]);
    EXPECT_FALSE(timers[static_cast<std::size_t>(removed)].queued());
    std::vector<std::int64_t> wanted;
    for (int deadline = 0; deadline < 20; ++deadline) {
      if (deadline != removed * 7 % 20) wanted.push_back(deadline);
    }
    EXPECT_EQ(drain(heap), wanted);
  }
}

// Deadlines that rise are in a lane, others in a heap: removals from either, and from both ends of the lane.
TEST(TimerHeap, RemovesFromTheLaneAndFromTheHeap) {
  const std::vector<int> deadlines{10, 20, 30, 5, 40, 25, 40, 15};
  for (std::size_t removed = 0; removed < deadlines.size(); ++removed) {
    TimerHeap heap;
    std::deque<Numbered> timers;
    for (const int deadline : deadlines) heap.add(at(deadline), timers.emplace_back(deadline));
    heap.remove(timers[removed]);
    EXPECT_EQ(heap.size(), deadlines.size() - 1);
    std::vector<std::int64_t> wanted(deadlines.begin(), deadlines.end());
    wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(removed));
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(drain(heap), wanted) << removed;
    heap.add(at(1), timers[removed]);  // and all begins anew
    EXPECT_EQ(&heap.take_first(), &timers[removed]);
  }
}

TEST(TimerHeap, EqualDeadlinesThatDoNotFallComeOutInTheOrderInWhichTheyWentIn) {
  TimerHeap heap;
  std::deque<Numbered> timers;
  for (int number = 0; number < 100; ++number) heap.add(at(number / 10), timers.emplace_back(number));
  for (int number = 0; number < 100; ++number) EXPECT_EQ(static_cast<Numbered&>(heap.take_first()).number(), number);
}

TEST(TimerHeap, RemovingWhatIsNotQueuedHasNoEffect) {
  TimerHeap heap;
  Numbered timer(1);
  Numbered other(2);
  heap.remove(timer);
  heap.add(at(1), timer);
  heap.remove(other);
  EXPECT_EQ(heap.size(), 1U);
  heap.remove(timer);
  heap.remove(timer);
  EXPECT_TRUE(heap.empty());
  heap.add(at(2), timer);  // and it may be queued again
  EXPECT_TRUE(timer.queued());
  EXPECT_EQ(&heap.take_first(), &timer);
}

TEST(TimerHeap, AbandonsAllOfOneOwnerAndKeepsTheOthers) {
  const int owner = 0;
  for (unsigned mask = 0; mask < 256; ++mask) {
    TimerHeap heap;
    std::deque<Numbered> timers;
    std::vector<std::int64_t> wanted;
    const std::vector<int> deadlines{10, 20, 6, 7, 30, 5, 25, 15};  // some in the lane, some in the heap
    for (const int deadline : deadlines) {
      Numbered& timer = timers.emplace_back(deadline);
      if ((mask >> (timers.size() - 1) & 1U) != 0) {
        timer.belong_to(&owner);
      } else {
        wanted.push_back(deadline);
      }
      heap.add(at(deadline), timer);
    }
    heap.abandon_all_of(&owner);
    for (const Numbered& timer : timers) {
      EXPECT_EQ(timer.abandoned(), timer.owner() == &owner ? 1 : 0);
      EXPECT_EQ(timer.queued(), timer.owner() != &owner);
    }
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(drain(heap), wanted) << mask;
  }
}

TEST(TimerHeap, AbandonsAll) {
  TimerHeap heap;
  std::deque<Numbered> timers;
  for (const int deadline : {10, 20, 6, 30, 5}) heap.add(at(deadline), timers.emplace_back(deadline));
  heap.abandon_all();
  EXPECT_TRUE(heap.empty());
  for (const Numbered& timer : timers) EXPECT_TRUE(timer.abandoned() == 1 && !timer.queued() && timer.expired() == 0);
}

// The same random calls to the heap and to a std::multimap, which is slow and right.
class AgainstMultimap : public testing::TestWithParam<std::uint64_t> {
 protected:
  void add(Numbered& timer) {
    // Many are equal, and many rise.
    const SteadyTime deadline = at(static_cast<std::int64_t>(random_() % 2 == 0 ? random_() % 500 : ++rising_ / 40));
    heap_.add(deadline, timer);
    right_.emplace(deadline, &timer);
  }
  void remove(Numbered& timer) {
    heap_.remove(timer);
    for (auto entry = right_.begin(); entry != right_.end(); ++entry) {
      if (entry->second != &timer) continue;
      right_.erase(entry);
      return;
    }
    FAIL() << "the timer was queued, but should not have been";
  }
  void take_first() {
    ASSERT_EQ(heap_.first_deadline(), right_.begin()->first);
    Timer& first = heap_.take_first();
    const auto [begin, end] = right_.equal_range(right_.begin()->first);
    const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second == &first; });
    ASSERT_NE(found, end) << "a timer came out at a deadline that is not its own";
    right_.erase(found);
  }

  std::mt19937_64 random_{GetParam()};
  std::uint64_t rising_ = 0;
  TimerHeap heap_;
  std::multimap<SteadyTime, Timer*> right_;
};

TEST_P(AgainstMultimap, DoesTheSame) {
  std::deque<Numbered> timers;
  for (int number = 0; number < 300; ++number) timers.emplace_back(number);
  for (int step = 0; step < 20'000 && !HasFatalFailure(); ++step) {
    Numbered& timer = timers[random_() % timers.size()];
    const auto dice = random_() % 10;
    if (dice < 2 && !right_.empty()) {
      take_first();
    } else if (timer.queued()) {
      remove(timer);
    } else {
      add(timer);
    }
    ASSERT_EQ(heap_.size(), right_.size());
    ASSERT_EQ(heap_.empty(), right_.empty());
    ASSERT_TRUE(right_.empty() || heap_.first_deadline() == right_.begin()->first);
  }
  while (!right_.empty() && !HasFatalFailure()) take_first();
  EXPECT_TRUE(heap_.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgainstMultimap, testing::Range<std::uint64_t>(1, 6));

}  // namespace
}  // namespace makespan
