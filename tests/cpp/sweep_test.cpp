// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/sweep.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "benchmarks/harness/grid.hpp"
#include "benchmarks/harness/options.hpp"
#include "benchmarks/harness/task_benchmark.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

const WorkloadInfo& workload(std::string_view name) { return *find_workload(name); }

// As the command line gives it.
std::vector<Case> swept(std::string_view name, const std::vector<std::string>& flags, double ns_per_iteration, double cpus) {
  TaskBenchmark benchmark(workload(name));
  if (!parse_options(flags, benchmark).options) return {};
  return expand(benchmark.grid(), workload(name), ns_per_iteration, cpus);
}

// What a wrong command line is told; empty if it is not wrong.
std::string refusal(std::string_view name, const std::vector<std::string>& flags) {
  TaskBenchmark benchmark(workload(name));
  CaptureStderr();
  const Parsed parsed = parse_options(flags, benchmark);
  const std::string said = GetCapturedStderr();
  EXPECT_EQ(parsed.options.has_value(), said.empty());
  if (!parsed.options) {
    EXPECT_EQ(parsed.exit, Exit::usage);
  }
  return said;
}

class Granularity : public testing::TestWithParam<double> {};  // CPUs

TEST_P(Granularity, GoesFromTenMillisecondsToAHundredNanosecondsInThreeStepsADecade) {
  const std::vector<BatchSize> batches = batches_of(Sweep::granularity, static_cast<std::uint64_t>(GetParam()));
  ASSERT_EQ(batches.size(), 16U);
  EXPECT_EQ(batches.front().time.compute, 10ms);
  EXPECT_EQ(batches[1].time.compute, 5ms);
  EXPECT_EQ(batches[2].time.compute, 2ms);
  EXPECT_EQ(batches.back().time.compute, 100ns);
  for (const BatchSize& batch : batches) EXPECT_EQ(batch.time.sleep, 0ns);
}

TEST_P(Granularity, HasATaskForEveryCpuAndTakesOneWorkerAboutASecondAtMost) {
  const auto cpus = static_cast<std::uint64_t>(GetParam());
  const std::vector<BatchSize> batches = batches_of(Sweep::granularity, cpus);
  EXPECT_EQ(batches.front().tasks % cpus, 0U);
  for (const BatchSize& batch : batches) {
    EXPECT_GE(batch.tasks, cpus);
    EXPECT_EQ(batch.tasks * batch.time.compute, batches.front().tasks * 10ms);
    EXPECT_LE(batch.tasks * batch.time.compute, std::max<std::chrono::nanoseconds>(1s, cpus * 10ms));
  }
}

INSTANTIATE_TEST_SUITE_P(Cpus, Granularity, testing::Values(1, 2, 3, 16, 64, 300));

// In kernel iterations, of which a task has whole ones: 0.5 of the 50 of 100 ns at 2 ns an iteration is 1 %.
TEST(GranularitySweep, HasTheSameTotalWorkInEveryCaseWhateverTheCalibration) {
  for (const double ns_per_iteration : {0.31, 1.0, 1.37, 2.0}) {
    const std::vector<Case> cases = swept("compute", {"--sweep=granularity", "--models=tbb_pool"}, ns_per_iteration, 2);
    ASSERT_EQ(cases.size(), 16U * 2U);
    const auto work = [&](const Case& point) {
      return static_cast<double>(point.tasks) * static_cast<double>(point.work(ns_per_iteration).iterations);
    };
    for (const Case& point : cases) {
      EXPECT_LE(std::abs(work(point) / work(cases.front()) - 1), 0.01 + 1e-9) << point.name() << " at " << ns_per_iteration;
    }
  }
}

TEST(GranularitySweep, TakesOneTwoAndAllCpusUnlessAskedForOthers) {
  const auto workers = [](const std::vector<std::string>& more, double cpus) {
    std::vector<std::string> flags{"--sweep=granularity", "--models=process_pool,tbb_pool"};
    flags.insert(flags.end(), more.begin(), more.end());
    std::set<std::uint64_t> found;
    for (const Case& point : swept("compute", flags, 1.0, cpus)) found.insert(point.shape.workers());
    return found;
  };
  EXPECT_EQ(workers({}, 2), (std::set<std::uint64_t>{1, 2}));
  EXPECT_EQ(workers({}, 1), (std::set<std::uint64_t>{1, 2}));
  EXPECT_EQ(workers({}, 8), (std::set<std::uint64_t>{1, 2, 8}));
  EXPECT_EQ(workers({"--workers=3"}, 8), (std::set<std::uint64_t>{3}));
}

TEST(GranularitySweep, HasEveryModelAndLeavesNoneOut) {
  const std::vector<Case> cases = swept("compute", {"--sweep=granularity"}, 1.0, 2);
  for (const ModelInfo* model : models_of({})) {
    const auto of = std::count_if(cases.begin(), cases.end(), [&](const Case& point) { return point.model == model; });
    EXPECT_GE(of, 16) << model->name;
  }
  for (const Case& point : cases) EXPECT_EQ(point.left_out, "") << point.name();
}

// The runner starts the binary with these flags and must get this one case, without the cost of recording.
TEST(GranularitySweep, FlagsSelectExactlyOneCaseAndRecordNoTasks) {
  for (const Case& point : swept("compute", {"--sweep=granularity"}, 1.0, 2)) {
    TaskBenchmark again(workload("compute"));
    const Parsed parsed = parse_options(point.flags(), again);
    ASSERT_TRUE(parsed.options.has_value()) << point.name();
    EXPECT_FALSE(parsed.options->records) << point.name();
    const std::vector<Case> back = expand(again.grid(), workload("compute"), 1.0, 2);
    ASSERT_EQ(back.size(), 1U) << point.name();
    EXPECT_EQ(back[0].name(), point.name());
    EXPECT_EQ(back[0].shape, point.shape);
  }
}

TEST(GranularitySweep, RecordsNoTasksByItself) {
  TaskBenchmark benchmark(workload("compute"));
  const Parsed parsed = parse_options({"--sweep=granularity"}, benchmark);
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_FALSE(parsed.options->records);
  TaskBenchmark usual(workload("compute"));
  EXPECT_TRUE(parse_options({"--tasks=1"}, usual).options->records);
}

TEST(GranularitySweep, RefusesListsOfWhatItSetsItself) {
  for (const std::string flag : {"--tasks=10", "--compute=1ms", "--sizes=uniform"}) {
    const std::string name = flag.substr(0, flag.find('='));
    for (const auto& flags : {std::vector<std::string>{"--sweep=granularity", flag}, {flag, "--sweep=granularity"}}) {
      const std::string said = refusal("compute", flags);
      EXPECT_NE(said.find(name + ": is not allowed with --sweep=granularity"), std::string::npos) << said;
      EXPECT_NE(said.find("--workers"), std::string::npos) << said;
    }
  }
  EXPECT_EQ(refusal("compute", {"--sweep=granularity", "--workers=2", "--models=tbb_pool", "--max-bound=1s"}), "");
}

TEST(GranularitySweep, RefusesATraceOfTasksThatItDoesNotRecord) {
  EXPECT_NE(refusal("compute", {"--sweep=granularity", "--trace=t.csv"}).find("--trace: is not allowed"), std::string::npos);
}

TEST(GranularitySweep, IsOfTasksThatOnlyCompute) {
  EXPECT_NE(refusal("compute", {"--sweep=coarseness"}).find("--sweep: 'coarseness' is not allowed here: give granularity"),
            std::string::npos);
  EXPECT_NE(refusal("sleep", {"--sweep=granularity"}), "");
  EXPECT_NE(refusal("mixed", {"--sweep=granularity"}), "");
}

using Point = std::tuple<std::uint64_t, nanoseconds, nanoseconds>;  // tasks, length, of which computing

Point point_of(const Case& of) { return {of.tasks, of.time.sleep + of.time.compute, of.time.compute}; }

TEST(MapSweep, CrossesTasksLengthAndShareForEveryModel) {
  const std::vector<Case> cases = swept("mixed", {"--sweep=map"}, 1.0, 4);
  std::set<Point> all;
  for (const std::uint64_t tasks : {10U, 100U, 1000U}) {
    for (const nanoseconds length : {10us, 100us, 1000us, 10000us}) {
      for (const nanoseconds compute : {nanoseconds(0), length / 2, length}) all.emplace(tasks, length, compute);
    }
  }
  for (const ModelInfo* model : models_of({})) {
    std::multiset<Point> points;
    for (const Case& point : cases) {
      if (point.model == model) points.insert(point_of(point));
    }
    EXPECT_EQ(points, (std::multiset<Point>(all.begin(), all.end()))) << model->name << ' ' << model->variant;
  }
}

TEST(MapSweep, GivesThePoolsAWorkerForEveryCpu) {
  for (const Case& point : swept("mixed", {"--sweep=map", "--models=process_pool,tbb_pool"}, 1.0, 4)) {
    EXPECT_EQ(point.shape.workers(), 4U) << point.name();
  }
  EXPECT_EQ(swept("mixed", {"--sweep=map", "--models=tbb_pool", "--workers=2,16"}, 1.0, 4).size(), 2U * 36U);
}

TEST(MapSweep, FlagsSelectExactlyOneCaseAndRecordItsTasks) {
  for (const Case& point : swept("mixed", {"--sweep=map"}, 1.0, 2)) {
    TaskBenchmark again(workload("mixed"));
    const Parsed parsed = parse_options(point.flags(), again);
    ASSERT_TRUE(parsed.options.has_value()) << point.name();
    EXPECT_TRUE(parsed.options->records) << point.name();
    const std::vector<Case> back = expand(again.grid(), workload("mixed"), 1.0, 2);
    ASSERT_EQ(back.size(), 1U) << point.name();
    EXPECT_EQ(back[0].name(), point.name());
    EXPECT_EQ(back[0].shape, point.shape);
  }
}

TEST(MapSweep, LeavesOutWhatIsTooLongIfAsked) {
  std::size_t left_out = 0;
  for (const Case& point : swept("mixed", {"--sweep=map", "--max-bound=900ms"}, 1.0, 2)) {
    EXPECT_EQ(!point.left_out.empty(), bounds_of(point, 1.0, 1.0, 2).model > 900ms) << point.name();
    left_out += point.left_out.empty() ? 0 : 1;
  }
  EXPECT_GT(left_out, 0U);
}

TEST(MapSweep, RefusesListsOfWhatItSetsItself) {
  for (const std::string flag : {"--tasks=10", "--sleep=1ms", "--compute=1ms", "--sizes=uniform"}) {
    const std::string said = refusal("mixed", {"--sweep=map", flag});
    EXPECT_NE(said.find(flag.substr(0, flag.find('=')) + ": is not allowed with --sweep=map"), std::string::npos) << said;
  }
  EXPECT_NE(refusal("mixed", {"--sweep=map", "--length=1ms", "--cpu-share=0.5"}).find("--length: is not allowed with --sweep=map"),
            std::string::npos);
  EXPECT_NE(refusal("compute", {"--sweep=map"}).find("give granularity"), std::string::npos);
}

}  // namespace
}  // namespace makespan
