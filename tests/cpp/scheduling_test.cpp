// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/scheduling.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>

#include <chrono>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "benchmarks/harness/options.hpp"
#include "benchmarks/harness/task_benchmark.hpp"
#include "models/batch.hpp"
#include "tests/cpp/contract_cases.hpp"
#include "tests/cpp/in_cell.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using Flags = std::vector<std::string>;

constexpr std::chrono::nanoseconds slack = 7us;

// The last of the CPUs that may be used, so that the choice differs from a count.
unsigned last_cpu() { return *allowed_cpus().rbegin(); }

bool holds_here() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  const bool pinned = sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) == 1 && CPU_ISSET(last_cpu(), &cpus);
  return pinned && prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0) == slack.count();
}

// A kernel whose result is right only where the settings hold: in the thread that runs the task.
Checksum run_if_held(std::uint64_t iterations, Checksum start) { return lcg_kernel.run(iterations, start) ^ (holds_here() ? 0U : 1U); }

class SchedulingOfModels : public testing::TestWithParam<const ModelInfo*> {};

TEST_P(SchedulingOfModels, HoldsInEveryThreadAndProcess) {
  const Kernel kernel{"held", run_if_held, lcg_kernel.predict};
  WorkloadInfo info = *find_workload("mixed");
  info.kernel = &kernel;
  const Workload work = small_work(info);
  const Scheduling scheduling{.timer_slack = slack, .pin = {last_cpu()}};
  for (const bool applied : {true, false}) {
    expect_in_cell([&] {
      if (applied) scheduling.apply();
      Batch batch(work, 8);
      const auto model = GetParam()->make(shape_for(*GetParam(), batch.tasks(), 4));
      model->run(batch);
      try {
        batch.verify();
      } catch (const VerificationError&) {
        if (applied) throw;
        return;
      }
      require(applied, "without the settings the result is wrong");
    });
  }
}

INSTANTIATE_TEST_SUITE_P(EveryModel, SchedulingOfModels, testing::ValuesIn(all_models()), name_of_model);

TEST(Scheduling, IsToldByFlagAndByTag) {
  EXPECT_TRUE(Scheduling{}.described().empty());
  EXPECT_EQ(Scheduling{}.tags(), "");
  const Scheduling both{.timer_slack = 1us, .pin = {0, 2, 3, 4, 8}};
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(both.described(), (Pairs{{"timer-slack", "1us"}, {"pin", "0,2-4,8"}}));
  EXPECT_EQ(both.tags(), "slack-1us+pin-0_2-4_8");
  EXPECT_EQ((Scheduling{.timer_slack = {}, .pin = {3}}.tags()), "pin-3");
}

TEST(Scheduling, IsRefusedByTheKernelForCpusThatThereAreNot) {
  expect_in_cell([] {
    try {
      Scheduling{.timer_slack = {}, .pin = {100'000}}.apply();
    } catch (const std::system_error& error) {
      require_contains(error.what(), "sched_setaffinity");
      return;
    }
    require(false, "an exception");
  });
}

TEST(Scheduling, MarksNameVariantAndFlags) {
  const Scheduling scheduling{.timer_slack = 50us, .pin = {0}};
  const auto marked = [&](const std::string& variant, const std::string& name) {
    Trial trial{.name = name, .flags = {"--tasks=1"}, .described = {}, .left_out = {}, .measure = {}};
    trial.described.benchmark = "sleep";
    trial.described.model = "hybrid";
    trial.described.variant = variant;
    mark(trial, scheduling);
    EXPECT_EQ(trial.flags, (Flags{"--tasks=1", "--timer-slack=50us", "--pin=0"}));
    return trial.described.variant + " " + trial.name;
  };
  EXPECT_EQ(marked("", "sleep/hybrid/tasks:1"), "slack-50us+pin-0 sleep/hybrid/slack-50us+pin-0/tasks:1");
  EXPECT_EQ(marked("loop", "sleep/hybrid/loop/tasks:1"), "loop+slack-50us+pin-0 sleep/hybrid/loop+slack-50us+pin-0/tasks:1");
  EXPECT_EQ(marked("loop", "another"), "loop+slack-50us+pin-0 another/slack-50us+pin-0");
}

TEST(Scheduling, IsReadFromTheCommandLine) {
  TaskBenchmark benchmark(*find_workload("sleep"));
  const std::string cpu = std::to_string(last_cpu());
  const auto options = parse_options({"--timer-slack=1.5us", "--pin=" + cpu + "," + cpu + "-" + cpu}, benchmark).options;
  ASSERT_TRUE(options);
  EXPECT_EQ(options->scheduling.timer_slack, 1500ns);
  EXPECT_EQ(options->scheduling.pin, CpuSet{last_cpu()});
}

TEST(CpuLists, AreReadAndWritten) {
  for (const char* list : {"0", "0-3", "0-1,5,7-9"}) EXPECT_EQ(format_cpus(parse_cpus(list).value()), list);
  EXPECT_EQ(format_cpus(parse_cpus("3,1,2,0").value()), "0-3");
  EXPECT_EQ(format_cpus({}), "");
  for (const char* list : {"", ",", "0,", "-1", "1-", "3-1", "a", "0-1-2", "0 1", "0x1", "0-99999999", "99999999999999999999"}) {
    EXPECT_FALSE(parse_cpus(list)) << list;
  }
}

}  // namespace
}  // namespace makespan
