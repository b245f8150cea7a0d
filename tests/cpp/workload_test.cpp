// SPDX-License-Identifier: Apache-2.0
#include "workloads/workload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <type_traits>

#include "tests/cpp/contract_cases.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

static_assert(std::is_trivially_copyable_v<Workload>, "a workload is sent between processes as bytes");

Workload work(std::chrono::nanoseconds sleep, std::uint64_t iterations, Sizes sizes = Sizes::constant, std::uint64_t seed = 7) {
  return {.info = find_workload("mixed"), .sleep = sleep, .iterations = iterations, .sizes = sizes, .seed = seed};
}

// Worked out with arbitrary-precision integers, outside of this program; the last two by the closed form of the sum.
TEST(Kernel, GivesKnownAnswers) {
  struct Answer {
    std::uint64_t iterations, start, last;
  };
  for (const Answer& answer :
       {Answer{1, 0, 0x14057b7ef767814fU}, Answer{1, 1, 0x6c576fac43fd007cU}, Answer{2, 1, 0x826886b3864a1b1bU},
        Answer{10, 42, 0x06593f7b1358c594U}, Answer{1000, 0xdeadbeefU, 0x7654d084d909f257U}, Answer{1'000'000, 7, 0x941f3aa8a6ba9247U}}) {
    EXPECT_EQ(lcg_kernel.run(answer.iterations, answer.start), answer.last) << answer.iterations;
    EXPECT_EQ(lcg_kernel.predict(answer.iterations, answer.start), answer.last) << answer.iterations;
  }
  EXPECT_EQ(lcg_kernel.predict(1ULL << 40U, 3), 0xbd55310000000003U);
  EXPECT_EQ(lcg_kernel.predict(UINT64_MAX, 5), 0x5c8d635a1e6a1b4eU);
}

TEST(Kernel, RunsAsPredicted) {
  for (const WorkloadInfo* info : workloads()) {
    for (std::uint64_t start : {std::uint64_t{0}, std::uint64_t{1}, mix_bits(5), UINT64_MAX}) {
      for (std::uint64_t iterations = 0; iterations < 300; ++iterations) {
        ASSERT_EQ(info->kernel->run(iterations, start), info->kernel->predict(iterations, start)) << info->name << ", " << iterations;
      }
      EXPECT_EQ(info->kernel->run(0, start), start);
      EXPECT_EQ(info->kernel->run(123'457, start), info->kernel->predict(123'457, start));
      EXPECT_NE(info->kernel->predict(1000, start), info->kernel->predict(1001, start));
    }
  }
}

TEST(Kernel, ComposesFromParts) {
  const Checksum half = lcg_kernel.run(500, 9);
  EXPECT_EQ(lcg_kernel.run(500, half), lcg_kernel.predict(1000, 9));
}

TEST(MixBits, IsSplitMix64) {
  EXPECT_EQ(mix_bits(0), 0xe220a8397b1dcdafU);
  EXPECT_EQ(mix_bits(1234567), 6457827717110365317U);
  EXPECT_EQ(mix_bits(UINT64_MAX), 0xe4d971771b652c20U);
}

TEST(Workload, IsAValue) {
  const Workload one = work(5ms, 100);
  Workload other = one;
  EXPECT_EQ(one, other);
  for (auto change : {+[](Workload& w) { w.sleep = 6ms; }, +[](Workload& w) { w.iterations = 99; }, +[](Workload& w) { w.seed = 8; },
                      +[](Workload& w) { w.sizes = Sizes::uniform; }, +[](Workload& w) { w.info = find_workload("sleep"); },
                      +[](Workload& w) {
                        w.fault = {Fault::Kind::kill, 0};
                      }}) {
    other = one;
    change(other);
    EXPECT_NE(one, other);
  }
}

TEST(Workload, ScalesBothPartsOfATaskAlike) {
  const Workload varied = work(1s, 1'000'000, Sizes::lognormal, 1);
  for (std::uint64_t task = 0; task < 100; ++task) {
    const double factor = size_factor(Sizes::lognormal, 1, task);
    EXPECT_NEAR(static_cast<double>(varied.size(task).sleep.count()), factor * 1e9, 1);
    EXPECT_NEAR(static_cast<double>(varied.size(task).iterations), factor * 1e6, 1);
  }
  EXPECT_EQ(work(1s, 7).size(3), (Step{1s, 7}));
}

TEST(Workload, StartsEveryTaskDifferently) {
  std::set<Checksum> starts;
  for (const std::uint64_t seed : {1U, 2U}) {
    for (std::uint64_t task = 0; task < 10'000; ++task) starts.insert(work(0s, 1, Sizes::constant, seed).start(task));
  }
  EXPECT_EQ(starts.size(), 20'000U);
}

Checksum checksum_of(const Workload& work, std::uint64_t task) { return lcg_kernel.run(work.size(task).iterations, work.start(task)); }

TEST(Expected, IsTheSumOverTheTasks) {
  EXPECT_EQ(expected(work(0s, 100), 0), 0U);
  EXPECT_EQ(expected(work(0s, 100), 5), 0x489c3c251d85e8c8U);  // worked out outside of this program
  for (const Sizes sizes : {Sizes::constant, Sizes::uniform, Sizes::lognormal}) {
    Checksum sum = 0;
    for (std::uint64_t task = 0; task < 20; ++task) {
      EXPECT_EQ(expected(work(1ms, 1000, sizes), task), sum);
      sum += checksum_of(work(1ms, 1000, sizes), task);
    }
  }
}

TEST(Expected, DiffersWhenATaskIsLeftOutDoubledOrTakenForAnother) {
  for (const std::uint64_t iterations : {0U, 1U, 1000U}) {  // also for tasks that only sleep
    const Workload tasks = work(1ms, iterations);
    const Checksum right = expected(tasks, 30);
    for (std::uint64_t task = 0; task < 30; ++task) {
      const Checksum one = checksum_of(tasks, task);
      EXPECT_NE(right - one, right);
      EXPECT_NE(right + one, right);
      for (std::uint64_t other = task + 1; other < 30; ++other) EXPECT_NE(right - one + checksum_of(tasks, other), right);
    }
  }
}

TEST(Expected, DiffersWithSeedAndIterations) {
  EXPECT_NE(expected(work(0s, 100), 5), expected(work(0s, 101), 5));
  EXPECT_NE(expected(work(0s, 100, Sizes::constant, 1), 5), expected(work(0s, 100, Sizes::constant, 2), 5));
  EXPECT_NE(expected(work(0s, 100), 5), expected(work(0s, 100, Sizes::uniform), 5));
  EXPECT_EQ(expected(work(0s, 100), 5), expected(work(9s, 100), 5));  // sleeping changes no result
}

TEST(Demand, OfEqualTasks) {
  const Demand sum = demand(work(5ms, 1000), 10, 2.0);
  EXPECT_EQ(sum.total_sleep_ns, 50e6);
  EXPECT_EQ(sum.total_iterations, 10'000);
  EXPECT_EQ(sum.longest_ns, 5'002'000);
  EXPECT_EQ(sum.tasks, 10U);
  EXPECT_TRUE(sum.equal);
}

TEST(Demand, OfVariedTasks) {
  const Workload varied = work(5ms, 1000, Sizes::uniform);
  double sleep = 0;
  double iterations = 0;
  double longest = 0;
  for (std::uint64_t task = 0; task < 50; ++task) {
    const Step size = varied.size(task);
    sleep += static_cast<double>(size.sleep.count());
    iterations += static_cast<double>(size.iterations);
    longest = std::max(longest, static_cast<double>(size.sleep.count()) + 2.0 * static_cast<double>(size.iterations));
  }
  const Demand sum = demand(varied, 50, 2.0);
  EXPECT_EQ(sum.total_sleep_ns, sleep);
  EXPECT_EQ(sum.total_iterations, iterations);
  EXPECT_EQ(sum.longest_ns, longest);
  EXPECT_FALSE(sum.equal);
}

TEST(Demand, OfNothing) {
  const Demand sum = demand(work(5ms, 1000), 0, 2.0);
  EXPECT_EQ(sum.total_sleep_ns + sum.total_iterations + sum.longest_ns, 0);
}

TEST(Steps, HoldUpToTheirCapacity) {
  const Steps four{{1ns, 1}, {2ns, 2}, {3ns, 3}, {4ns, 4}};
  EXPECT_EQ(four.size(), 4U);
  EXPECT_EQ(four.end() - four.begin(), 4);
  EXPECT_EQ(four[3], (Step{4ns, 4}));
  EXPECT_THROW((Steps{{}, {}, {}, {}, {}}), std::length_error);
}

TEST(TaskError, NamesItsTask) {
  const TaskError error(17, "out of paper");
  EXPECT_EQ(error.task(), 17U);
  EXPECT_STREQ(error.what(), "task 17: out of paper");
}

}  // namespace
}  // namespace makespan
