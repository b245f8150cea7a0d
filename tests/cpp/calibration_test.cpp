// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/calibration.hpp"

#include <gtest/gtest.h>

#include "models/task_run.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

// Works like the real one, but tells how often and how long it is asked to run.
std::uint64_t calls = 0;
std::uint64_t iterations_asked = 0;
Checksum count_and_run(std::uint64_t iterations, Checksum start) {
  ++calls;
  iterations_asked += iterations;
  return lcg_kernel.run(iterations, start);
}

TEST(Calibration, IsPossible) {
  const Calibration found = calibrate(lcg_kernel);
  EXPECT_GT(found.ns_per_iteration, 0.01);  // a hundred iterations a nanosecond: no machine
  EXPECT_GE(found.uncertainty, 0);
  EXPECT_GE(found.recording_ns_per_task, 0);
}

TEST(Calibration, MeasuresTheKernelItIsGiven) {
  const std::int64_t begin = steady_now_ns();
  calls = iterations_asked = 0;
  const Calibration found = calibrate({"counting", count_and_run, lcg_kernel.predict});
  const auto took = static_cast<double>(steady_now_ns() - begin);
  EXPECT_GT(calls, 1U);
  // The shortest time of an iteration, for all of them, is no more than the whole time.
  EXPECT_LE(found.ns_per_iteration * static_cast<double>(iterations_asked), took);
}

Checksum stay_a_while(std::uint64_t iterations, Checksum start) {
  const std::int64_t until = steady_now_ns() + 2'000'000;
  while (steady_now_ns() < until) {
  }
  return start + iterations;
}

TEST(Calibration, OfASlowerKernelIsLarger) {
  calls = iterations_asked = 0;
  (void)calibrate({"counting", count_and_run, lcg_kernel.predict});
  const std::uint64_t per_call = iterations_asked / calls;
  const Calibration slow = calibrate({"slow", stay_a_while, lcg_kernel.predict});
  EXPECT_GE(slow.ns_per_iteration, 2e6 / static_cast<double>(per_call));
}

TEST(IterationsFor, DividesAndRounds) {
  EXPECT_EQ(iterations_for(100ns, 0.5), 200U);
  EXPECT_EQ(iterations_for(1s, 2.0), 500'000'000U);
  EXPECT_EQ(iterations_for(10ns, 4.0), 3U);  // 2.5, to the next whole number
  EXPECT_EQ(iterations_for(9ns, 4.0), 2U);
}

TEST(IterationsFor, ADurationAboveZeroIsAtLeastOne) {
  EXPECT_EQ(iterations_for(1ns, 1000.0), 1U);
  EXPECT_EQ(iterations_for(0ns, 1.0), 0U);
  EXPECT_EQ(iterations_for(-5ns, 1.0), 0U);
}

}  // namespace
}  // namespace makespan
