// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/grid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/harness/options.hpp"
#include "benchmarks/harness/task_benchmark.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

const WorkloadInfo& workload(std::string_view name) { return *find_workload(name); }

// A grid of which only what matters is named.
struct Asked {
  std::vector<std::string> models{}, variants{};
  std::vector<std::uint64_t> tasks{};
  std::vector<nanoseconds> sleep{}, compute{}, length{};
  std::vector<double> cpu_share{};
  std::vector<Sizes> sizes{};
  std::vector<std::uint64_t> workers{}, processes{}, threads{};
  nanoseconds max_bound{0};
  std::vector<Role> roles{};
};

std::vector<Case> expand_on(double cpus, const Asked& asked, std::string_view name = "sleep") {
  const auto& [models, variants, tasks, sleep, compute, length, cpu_share, sizes, workers, processes, threads, max_bound, roles] = asked;
  return expand({{models, variants, roles}, tasks, sleep, compute, length, cpu_share, sizes, workers, processes, threads, max_bound},
                workload(name), 1.0, cpus);
}

std::set<std::uint64_t> workers_of(const std::vector<Case>& cases, std::uint64_t tasks) {
  std::set<std::uint64_t> workers;
  for (const Case& point : cases) {
    if (point.tasks == tasks) workers.insert(point.shape.workers());
  }
  return workers;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> shapes_of(const std::vector<Case>& cases) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> shapes;
  for (const Case& point : cases) shapes.emplace_back(point.shape.processes, point.shape.threads);
  return shapes;
}

using Shapes = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

class DefaultGrid : public testing::TestWithParam<const WorkloadInfo*> {
 protected:
  const std::vector<Case> cases = expand(Grid{}, *GetParam(), 1.0, 2);
};

TEST_P(DefaultGrid, HasEveryModelButFloorsAndEveryPowerOfTenUpToTenThousand) {
  for (const ModelInfo* model : models_of({})) {
    std::set<std::uint64_t> tasks;
    for (const Case& point : cases) {
      if (point.model == model) tasks.insert(point.tasks);
    }
    EXPECT_EQ(tasks, (std::set<std::uint64_t>{1, 10, 100, 1000, 10000})) << model->name;
  }
}

TEST_P(DefaultGrid, HasEveryDefaultTimeAndEveryCaseOnce) {
  std::set<std::string> names;
  std::set<std::pair<nanoseconds, nanoseconds>> times;
  for (const Case& point : cases) {
    EXPECT_TRUE(names.insert(point.name()).second) << point.name();
    times.emplace(point.time.sleep, point.time.compute);
    EXPECT_EQ(point.sizes, Sizes::constant);
  }
  EXPECT_EQ(times.size(), GetParam()->default_times.size());
}

TEST_P(DefaultGrid, LeavesOutWhatCannotTakeLessThanAMinuteAndSaysSo) {
  for (const Case& point : cases) {
    const bool too_long = bounds_of(point, 1.0, 1.0, 2).model > 60s;
    EXPECT_EQ(!point.left_out.empty(), too_long) << point.name() << ": " << point.left_out;
    EXPECT_EQ(point.left_out.find("60s") != std::string::npos, too_long) << point.left_out;
  }
}

// Parsed by the real command line: a runner starts the binary with these flags and must get this one case, and run it.
TEST_P(DefaultGrid, FlagsOfACaseSelectExactlyThatCase) {
  for (const Case& point : cases) {
    TaskBenchmark back_again(*GetParam());
    const Parsed parsed = parse_options(point.flags(), back_again);
    ASSERT_TRUE(parsed.options.has_value()) << point.name();
    const std::vector<Case> back = expand(back_again.grid(), *GetParam(), 1.0, 2);
    ASSERT_EQ(back.size(), 1U) << point.name();
    EXPECT_EQ(back[0].name(), point.name());
    EXPECT_EQ(back[0].model, point.model);
    EXPECT_EQ(back[0].shape, point.shape);
    EXPECT_EQ(back[0].time.sleep, point.time.sleep);
    EXPECT_EQ(back[0].time.compute, point.time.compute);
    EXPECT_EQ(back[0].left_out, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Workloads, DefaultGrid, testing::ValuesIn(workloads().begin(), workloads().end()),
                         [](const auto& parameter) { return std::string(parameter.param->name); });

TEST(Grid, SizesThePoolsForTheMachine) {
  for (const char* pool : {"process_pool", "tbb_pool"}) {
    const std::vector<Case> two = expand_on(2, {.models = {pool}});
    EXPECT_EQ(workers_of(two, 1), (std::set<std::uint64_t>{1})) << pool;
    EXPECT_EQ(workers_of(two, 10), (std::set<std::uint64_t>{2, 8, 10})) << pool;
    EXPECT_EQ(workers_of(two, 1000), (std::set<std::uint64_t>{2, 8, 1000})) << pool;
    const std::vector<Case> quota = expand_on(15.5, {.models = {pool}});
    EXPECT_EQ(workers_of(quota, 10), (std::set<std::uint64_t>{2, 10})) << pool;
    EXPECT_EQ(workers_of(quota, 10000), (std::set<std::uint64_t>{2, 16, 64, 10000})) << pool;
    EXPECT_EQ(workers_of(expand_on(0.5, {.models = {pool}}), 10), (std::set<std::uint64_t>{1, 2, 4, 10})) << pool;
  }
}

TEST(Grid, LeavesOutOnlyTheLongOnesOfTheSleepingDefault) {
  // 10,000 sleeps of 10 ms: 100 s one after the other, 50 s by two workers.
  for (const Case& point : expand_on(2, {})) {
    const bool hundred_seconds = point.model->name == "serial" && point.tasks == 10'000 && point.time.sleep == 10ms;
    EXPECT_EQ(!point.left_out.empty(), hundred_seconds) << point.name();
  }
}

TEST(Grid, NeverLeavesOutWhatWasAskedFor) {
  for (const Asked& grid :
       {Asked{.tasks = {10'000}}, Asked{.sleep = {100s}}, Asked{.workers = {1}}, Asked{.processes = {1}}, Asked{.threads = {1}}}) {
    for (const Case& point : expand_on(2, grid)) EXPECT_EQ(point.left_out, "") << point.name();
  }
}

TEST(Grid, LeavesOutByALimitThatWasAskedFor) {
  const std::vector<Case> cases = expand_on(2, {.models = {"serial"}, .tasks = {10, 100}, .sleep = {10ms}, .max_bound = 500ms});
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].left_out, "");
  EXPECT_EQ(cases[1].left_out, "its model bound of 1 s is above 500ms");
  // The bound itself is still fine.
  EXPECT_EQ(expand_on(2, {.models = {"serial"}, .tasks = {50}, .sleep = {10ms}, .max_bound = 500ms})[0].left_out, "");
}

TEST(Grid, SelectsModelsAndVariants) {
  const auto count = [](const Asked& grid) { return expand_on(2, grid).size(); };
  EXPECT_EQ(count({.models = {"threads"}, .tasks = {5}, .sleep = {1ms}}), 1U);
  EXPECT_EQ(count({.models = {"threads", "serial", "threads"}, .tasks = {5, 5}, .sleep = {1ms, 1ms}}), 2U);
  EXPECT_EQ(count({.models = {"threads"}, .variants = {"loop"}}), 0U);
  for (const Case& point : expand_on(2, {.variants = {"loop"}})) EXPECT_EQ(point.variant(), "loop");
  for (const Case& point : expand_on(2, {.models = {"hybrid"}, .variants = {"default"}})) EXPECT_EQ(point.variant(), "");
}

TEST(Grid, HasFloorsOnlyOnRequest) {
  for (const Case& point : expand_on(2, {.tasks = {5}, .sleep = {1ms}})) EXPECT_EQ(point.model->role, Role::own) << point.name();
  const std::vector<Case> asked = expand_on(2, {.models = {"threads"}, .variants = {"default", "bare"}, .tasks = {5}, .sleep = {1ms}});
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].variant(), "");
  EXPECT_EQ(asked[1].variant(), "bare");
  EXPECT_EQ(asked[0].shape, asked[1].shape);
}

TEST(Grid, HasTheRolesThatAreAskedFor) {
  for (const Case& point : expand_on(2, {.tasks = {5}, .sleep = {1ms}, .roles = {Role::floor}})) EXPECT_EQ(point.variant(), "bare");
  std::set<Role> found;
  for (const Case& point : expand_on(2, {.tasks = {5}, .sleep = {1ms}, .roles = {Role::own, Role::peer}})) found.insert(point.model->role);
  EXPECT_EQ(found, (std::set<Role>{Role::own, Role::peer}));
}

TEST(Grid, HasPeersThatAreNamed) {
  const std::vector<Case> cases = expand_on(2, {.models = {"serial", "std_async"}, .tasks = {5}, .sleep = {1ms}});
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[1].model->role, Role::peer);
}

TEST(Grid, ShapesOfTheHybrid) {
  const auto shapes = [](Asked grid, double cpus) {
    grid.models = {"hybrid"}, grid.variants = {"default"}, grid.sleep = {1ms}, grid.tasks = {100};
    return shapes_of(expand_on(cpus, grid));
  };
  EXPECT_EQ(shapes({.processes = {2}, .threads = {5}}, 4), (Shapes{{2, 5}}));
  EXPECT_EQ(shapes({.processes = {1, 2}, .threads = {3, 4}}, 4), (Shapes{{1, 3}, {1, 4}, {2, 3}, {2, 4}}));
  EXPECT_EQ(shapes({.processes = {3}}, 4), (Shapes{{3, 4}}));
  EXPECT_EQ(shapes({.threads = {3}}, 4), (Shapes{{4, 3}}));
  EXPECT_EQ(shapes({.workers = {1, 2, 8}}, 4), (Shapes{{1, 1}, {2, 1}, {4, 2}}));
  EXPECT_EQ(shapes({}, 4), (Shapes{{2, 1}, {4, 1}, {4, 4}, {4, 25}}));
}

TEST(Grid, AnEventLoopInEachProcessHasOneThread) {
  const std::vector<Case> cases =
      expand_on(2, {.models = {"hybrid"}, .variants = {"loop"}, .tasks = {100}, .sleep = {1ms}, .processes = {2, 4}, .threads = {5, 7}});
  EXPECT_EQ(shapes_of(cases), (Shapes{{2, 1}, {4, 1}}));
}

TEST(Grid, ShapesThatFollowFromTheTasksIgnoreTheLists) {
  const Asked lists{
      .models = {"threads", "processes", "serial", "event_loop"}, .tasks = {7}, .sleep = {1ms}, .workers = {2, 3}, .processes = {4, 5}};
  EXPECT_EQ(shapes_of(expand_on(2, lists)), (Shapes{{1, 1}, {1, 7}, {7, 1}, {1, 1}}));
}

TEST(Grid, SplitsALengthByCpuShare) {
  const std::vector<Case> cases =
      expand_on(2, {.models = {"serial"}, .tasks = {1}, .length = {10ms, 1ms, 10ms}, .cpu_share = {0.0, 0.25, 1.0, 0.25}}, "mixed");
  std::vector<std::pair<nanoseconds, nanoseconds>> times;
  for (const Case& point : cases) times.emplace_back(point.time.sleep, point.time.compute);
  using Times = std::vector<std::pair<nanoseconds, nanoseconds>>;
  EXPECT_EQ(times, (Times{{10ms, 0ms}, {7500us, 2500us}, {0ms, 10ms}, {1ms, 0ms}, {750us, 250us}, {0ms, 1ms}}));
}

TEST(Grid, CrossesSleepAndComputeAndKeepsDefaultsOfTheOther) {
  EXPECT_EQ(expand_on(2, {.models = {"serial"}, .tasks = {1}, .sleep = {1ms, 2ms}, .compute = {3ms, 4ms}}, "mixed").size(), 4U);
  EXPECT_EQ(expand_on(2, {.models = {"serial"}, .tasks = {1}, .sleep = {1ms}}, "mixed").size(), 3U);
}

TEST(Grid, TellsSizesApart) {
  const std::vector<Case> cases = expand_on(
      2,
      {.models = {"hybrid"}, .tasks = {10}, .sleep = {1ms}, .sizes = {Sizes::constant, Sizes::uniform, Sizes::lognormal}, .workers = {2}});
  std::set<std::string> variants;
  for (const Case& point : cases) variants.insert(point.variant());
  EXPECT_EQ(variants, (std::set<std::string>{"", "uniform", "lognormal", "loop", "loop+uniform", "loop+lognormal"}));
}

TEST(Case, TellsWhatWasInjected) {
  TaskBenchmark benchmark(workload("mixed"));
  ASSERT_TRUE(
      parse_options({"--models=serial", "--tasks=10", "--sleep=1ms", "--compute=20us", "--slow-kernel=2.5%", "--slow-dispatch=10us"},
                    benchmark)
          .options);
  const Case point = expand(benchmark.grid(), workload("mixed"), 2.0, 2).at(0);
  EXPECT_EQ(point.name(), "mixed/serial/tasks:10/sleep:1ms/compute:20us/processes:1/threads:1/slow_kernel:2.5%/slow_dispatch:10us");
  EXPECT_EQ(point.work(2.0).slowdown, (Slowdown{.kernel = 0.025, .dispatch_iterations = 5'000}));
  TaskBenchmark again(workload("mixed"));
  ASSERT_TRUE(parse_options(point.flags(), again).options);
  EXPECT_EQ(expand(again.grid(), workload("mixed"), 2.0, 2).at(0).name(), point.name());
}

TEST(Case, HasNothingInjectedByDefault) {
  for (const Case& point : expand(Grid{}, workload("compute"), 1.0, 2)) EXPECT_EQ(point.work(1.0).slowdown, Slowdown{}) << point.name();
}

TEST(Case, NamesItselfAsGoogleBenchmarkShowsIt) {
  const auto name = [](const Asked& grid, std::string_view kind) { return expand_on(2, grid, kind).at(0).name(); };
  EXPECT_EQ(name({.models = {"threads"}, .tasks = {10}, .sleep = {10ms}}, "sleep"),
            "sleep/threads/tasks:10/sleep:10ms/processes:1/threads:10");
  EXPECT_EQ(name({.models = {"hybrid"},
                  .variants = {"loop"},
                  .tasks = {10},
                  .sleep = {1ms},
                  .compute = {1500us},
                  .sizes = {Sizes::uniform},
                  .processes = {2}},
                 "mixed"),
            "mixed/hybrid/loop+uniform/tasks:10/sleep:1ms/compute:1500us/processes:2/threads:1");
}

}  // namespace
}  // namespace makespan
