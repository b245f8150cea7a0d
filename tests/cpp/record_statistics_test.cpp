// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/record_statistics.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace makespan {
namespace {

using namespace std::chrono_literals;

struct Span {
  std::int64_t start;
  std::int64_t end;
  std::int64_t overshoot = 0;
};

RecordStatistics of(const std::vector<Span>& spans, std::int64_t submitted = 0, std::chrono::nanoseconds makespan = 100ns,
                    const char* workload = "sleep") {
  const Workload work{.info = find_workload(workload), .sleep = std::chrono::nanoseconds(find_workload(workload)->sleeps ? 10 : 0)};
  Batch batch(work, spans.size());
  for (std::uint64_t task = 0; task < spans.size(); ++task) {
    batch.accept(
        task, {.checksum = 0, .record = {.start_ns = spans[task].start, .end_ns = spans[task].end, .overshoot_ns = spans[task].overshoot}});
  }
  return record_statistics(batch, submitted, makespan);
}

TEST(Percentiles, AreByNearestRank) {
  std::vector<std::int64_t> values(1000);
  std::iota(values.rbegin(), values.rend(), 1);  // 1000 … 1
  const Percentiles of_thousand = percentiles(values);
  EXPECT_EQ(of_thousand.p50, 500ns);
  EXPECT_EQ(of_thousand.p99, 990ns);
  EXPECT_EQ(of_thousand.max, 1000ns);
}

TEST(Percentiles, OfFewValues) {
  std::vector<std::int64_t> one{7};
  EXPECT_EQ(percentiles(one).p50, 7ns);
  EXPECT_EQ(percentiles(one).p99, 7ns);
  std::vector<std::int64_t> two{9, 5};
  EXPECT_EQ(percentiles(two).p50, 5ns);
  EXPECT_EQ(percentiles(two).p99, 9ns);
  std::vector<std::int64_t> three{3, 1, 2};
  EXPECT_EQ(percentiles(three).p50, 2ns);
  std::vector<std::int64_t> negative{-5, -1};
  EXPECT_EQ(percentiles(negative).max, -1ns);
}

TEST(Percentiles, AnOutlierMovesTheMaximumAlone) {
  std::vector<std::int64_t> values(200, 10);
  values[77] = 1'000'000;
  EXPECT_EQ(percentiles(values).p50, 10ns);
  EXPECT_EQ(percentiles(values).p99, 10ns);
  EXPECT_EQ(percentiles(values).max, 1'000'000ns);
  values.assign(200, 10);
  for (std::size_t index = 0; index < 3; ++index) values[index * 50] = 20;  // more than 1 in 100
  EXPECT_EQ(percentiles(values).p99, 20ns);
}

TEST(MaxInFlight, CountsWhatOverlaps) {
  EXPECT_EQ(of({{0, 10}}).max_in_flight, 1U);
  EXPECT_EQ(of({{0, 10}, {20, 30}, {40, 50}}).max_in_flight, 1U);
  EXPECT_EQ(of({{0, 10}, {5, 15}, {12, 20}}).max_in_flight, 2U);
  EXPECT_EQ(of({{0, 100}, {10, 20}, {30, 40}, {35, 50}}).max_in_flight, 3U);
  EXPECT_EQ(of({{40, 60}, {0, 50}, {45, 47}, {46, 70}}).max_in_flight, 4U);  // in whatever order
}

TEST(MaxInFlight, DoesNotCountATaskThatStartsAsAnotherEnds) {
  EXPECT_EQ(of({{0, 10}, {10, 20}, {20, 30}}).max_in_flight, 1U);
  EXPECT_EQ(of({{0, 11}, {10, 20}}).max_in_flight, 2U);
}

TEST(MaxInFlight, CountsATaskThatTookNoTime) { EXPECT_EQ(of({{5, 5}}).max_in_flight, 1U); }

TEST(MeanInFlight, IsTheBusyTimeByTheMakespan) {
  EXPECT_DOUBLE_EQ(of({{0, 100}}).mean_in_flight, 1.0);
  EXPECT_DOUBLE_EQ(of({{0, 100}, {0, 50}, {50, 100}}).mean_in_flight, 2.0);
  EXPECT_DOUBLE_EQ(of({{0, 25}}).mean_in_flight, 0.25);
  EXPECT_DOUBLE_EQ(of({{0, 100}, {0, 100}}, 0, 400ns).mean_in_flight, 0.5);
}

TEST(StartLatency, CountsFromTheSubmission) {
  const RecordStatistics statistics = of({{1030, 1100}, {1010, 1100}, {1020, 1100}}, 1000);
  EXPECT_EQ(statistics.start_latency.p50, 20ns);
  EXPECT_EQ(statistics.start_latency.max, 30ns);
}

TEST(Overshoot, IsThatOfTheRecords) {
  const RecordStatistics statistics = of({{0, 10, 3}, {0, 10, 9}, {0, 10, 1}});
  ASSERT_TRUE(statistics.overshoot);
  EXPECT_EQ(statistics.overshoot->p50, 3ns);
  EXPECT_EQ(statistics.overshoot->max, 9ns);
}

TEST(Overshoot, OfTasksThatNeverSleepIsNotThere) { EXPECT_FALSE(of({{0, 10, 0}}, 0, 10ns, "compute").overshoot); }

}  // namespace
}  // namespace makespan
