// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/bounds.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "benchmarks/harness/case.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// One iteration takes 2 ns throughout.
constexpr double cost = 2.0;

Workload work(nanoseconds sleep, nanoseconds compute, Sizes sizes = Sizes::constant) {
  return {.info = find_workload("mixed"),
          .sleep = sleep,
          .iterations = static_cast<std::uint64_t>(compute.count()) / 2,
          .sizes = sizes,
          .seed = 3};
}

Bounds of(const Workload& work, std::uint64_t tasks, const char* model, const Shape& asked, double cpus) {
  const char* variant = std::string(model) == "hybrid_loop" ? "loop" : "";
  const ModelInfo& info = *find_model(*variant != '\0' ? "hybrid" : model, variant);
  return bounds(demand(work, tasks, cost), info.reach(tasks, info.shape(tasks, asked)), cost, cpus);
}

TEST(Bounds, OfTenSleepsOfFiveSeconds) {
  const Workload sleeps = work(5s, 0s);
  EXPECT_EQ(of(sleeps, 10, "serial", {}, 2).model, 50s);
  EXPECT_EQ(of(sleeps, 10, "threads", {}, 2).model, 5s);
  EXPECT_EQ(of(sleeps, 10, "processes", {}, 2).model, 5s);
  EXPECT_EQ(of(sleeps, 10, "process_pool", {2, 1}, 2).model, 25s);
  EXPECT_EQ(of(sleeps, 10, "tbb_pool", {1, 2}, 2).model, 25s);
  EXPECT_EQ(of(sleeps, 10, "tbb_pool", {1, 10}, 2).model, 5s);
  EXPECT_EQ(of(sleeps, 10, "hybrid", {2, 5}, 2).model, 5s);
  EXPECT_EQ(of(sleeps, 10, "hybrid_loop", {2, 1}, 2).model, 5s);
  EXPECT_EQ(of(sleeps, 10, "event_loop", {}, 2).model, 5s);
  for (const char* model : {"serial", "threads", "event_loop"}) EXPECT_EQ(of(sleeps, 10, model, {}, 2).machine, 5s) << model;
}

TEST(Bounds, OfTenComputationsOfOneSecondOnTwoCpus) {
  const Workload computing = work(0s, 1s);
  EXPECT_EQ(of(computing, 10, "serial", {}, 2).model, 10s);
  EXPECT_EQ(of(computing, 10, "event_loop", {}, 2).model, 10s);       // one thread computes, however many are in flight
  EXPECT_EQ(of(computing, 10, "threads", {}, 2).model, 5s);           // ten workers, but two CPUs
  EXPECT_EQ(of(computing, 10, "process_pool", {2, 1}, 8).model, 5s);  // eight CPUs, but two workers
  EXPECT_EQ(of(computing, 10, "hybrid_loop", {4, 1}, 8).model, 2500ms);
  EXPECT_EQ(of(computing, 10, "threads", {}, 16).model, 1s);  // never less than one task
  EXPECT_EQ(of(computing, 10, "serial", {}, 2).machine, 5s);
  EXPECT_EQ(of(computing, 10, "serial", {}, 16).machine, 1s);
}

TEST(Bounds, RoundsAreWhole) {
  const Workload sleeps = work(1s, 0s);
  EXPECT_EQ(of(sleeps, 4, "process_pool", {4, 1}, 2).model, 1s);
  EXPECT_EQ(of(sleeps, 5, "process_pool", {4, 1}, 2).model, 2s);
  EXPECT_EQ(of(sleeps, 8, "process_pool", {4, 1}, 2).model, 2s);
  EXPECT_EQ(of(sleeps, 9, "process_pool", {4, 1}, 2).model, 3s);
  EXPECT_EQ(of(sleeps, 3, "process_pool", {100, 1}, 2).model, 1s);
}

TEST(Bounds, OfMixedTasksAreTheLargerOfRoundsAndComputing) {
  // 4 workers: 3 rounds of 10 ms + 2 ms; computing 10 × 2 ms on 2 CPUs.
  EXPECT_EQ(of(work(10ms, 2ms), 10, "process_pool", {4, 1}, 2).model, 36ms);
  // 10 workers: 1 round of 1 ms + 9 ms; computing 10 × 9 ms on 2 CPUs.
  EXPECT_EQ(of(work(1ms, 9ms), 10, "process_pool", {10, 1}, 2).model, 45ms);
  EXPECT_EQ(of(work(1ms, 9ms), 10, "event_loop", {}, 2).model, 90ms);
  EXPECT_EQ(of(work(9ms, 1ms), 10, "event_loop", {}, 2).model, 10ms);
  EXPECT_EQ(of(work(9ms, 1ms), 10, "event_loop", {}, 2).machine, 10ms);
}

TEST(Bounds, CountFractionsOfACpu) {
  const Workload computing = work(0s, 1s);
  EXPECT_EQ(of(computing, 6, "threads", {}, 1.5).model, 4s);
  EXPECT_EQ(of(computing, 6, "threads", {}, 1.5).machine, 4s);
  EXPECT_EQ(of(computing, 1, "serial", {}, 0.5).model, 2s);
  EXPECT_EQ(of(computing, 6, "serial", {}, 1.5).model, 6s);
  EXPECT_EQ(of(work(1s, 0s), 6, "threads", {}, 0.5).model, 1s);  // sleeping needs no CPU
}

TEST(Bounds, OfNoTasksAreZero) {
  EXPECT_EQ(of(work(1s, 1s), 0, "event_loop", {}, 2).model, 0s);
  EXPECT_EQ(of(work(1s, 1s), 0, "process_pool", {2, 1}, 2).machine, 0s);
}

TEST(Bounds, OfVariedTasksTakeSumsAndTheLongest) {
  Demand varied{.total_sleep_ns = 600, .total_iterations = 200, .longest_ns = 300, .tasks = 5, .equal = false};
  EXPECT_EQ(bounds(varied, {.in_flight = 2, .computing = 2}, cost, 4).model, 500ns);  // (600 + 400) / 2
  EXPECT_EQ(bounds(varied, {.in_flight = 5, .computing = 1}, cost, 4).model, 400ns);  // computing on one
  EXPECT_EQ(bounds(varied, {.in_flight = 5, .computing = 5}, cost, 4).model, 300ns);  // the longest
  EXPECT_EQ(bounds(varied, {.in_flight = 1, .computing = 1}, cost, 4).model, 1000ns);
  EXPECT_EQ(bounds(varied, {.in_flight = 1, .computing = 1}, cost, 1).machine, 400ns);
  EXPECT_EQ(bounds(varied, {.in_flight = 1, .computing = 1}, cost, 4).machine, 300ns);
  varied.tasks = 2;  // three of five workers have nothing to do
  EXPECT_EQ(bounds(varied, {.in_flight = 5, .computing = 5}, cost, 4).model, 500ns);
}

TEST(Bounds, OfAVariedBatchFollowItsOwnSizes) {
  const Workload varied = work(1ms, 0s, Sizes::lognormal);
  nanoseconds sum{0};
  nanoseconds longest{0};
  for (std::uint64_t task = 0; task < 50; ++task) {
    sum += varied.size(task).sleep;
    longest = std::max(longest, varied.size(task).sleep);
  }
  EXPECT_EQ(of(varied, 50, "serial", {}, 2).model, sum);
  EXPECT_EQ(of(varied, 50, "threads", {}, 2).model, longest);
  EXPECT_EQ(of(varied, 50, "process_pool", {2, 1}, 2).model, sum / 2);
  EXPECT_EQ(of(varied, 50, "serial", {}, 2).machine, longest);
}

TEST(Bounds, StayWithinTheirTypeForABatchOfCenturies) {
  EXPECT_EQ(of(work(100h, 0s), 1'000'000'000, "serial", {}, 2).model, nanoseconds(9'000'000'000'000'000'000));
}

TEST(Bounds, OfACaseUseTodaysCostOfFixedIterations) {
  const ModelInfo& serial = *find_model("serial");
  const Case point{.workload = find_workload("compute"), .model = &serial, .tasks = 3, .shape = {}, .time = {0ns, 1000ns}, .left_out = {}};
  EXPECT_EQ(bounds_of(point, 2.0, 2.0, 1).model, 3000ns);
  EXPECT_EQ(bounds_of(point, 2.0, 3.0, 1).model, 4500ns);  // 500 iterations each, at 3 ns
}

TEST(Bounds, NeverShrinkWithMoreTasksNorGrowWithMoreWorkers) {
  const Workload mixed = work(3ms, 1ms);
  for (std::uint64_t tasks = 1; tasks < 40; ++tasks) {
    for (std::uint64_t workers = 1; workers < 12; ++workers) {
      const nanoseconds here = of(mixed, tasks, "process_pool", {workers, 1}, 4).model;
      EXPECT_GE(of(mixed, tasks + 1, "process_pool", {workers, 1}, 4).model, here);
      EXPECT_LE(of(mixed, tasks, "process_pool", {workers + 1, 1}, 4).model, here);
      EXPECT_GE(here, of(mixed, tasks, "process_pool", {workers, 1}, 4).machine);
    }
  }
}

}  // namespace
}  // namespace makespan
