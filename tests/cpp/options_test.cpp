// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/options.hpp"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/harness/task_benchmark.hpp"
#include "tests/cpp/hostile_locale.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using Flags = std::vector<std::string>;

struct Both {
  Options options;
  Grid grid;
};

Parsed parse_for(const Flags& flags, std::string_view workload) {
  TaskBenchmark benchmark(*find_workload(workload));
  return parse_options(flags, benchmark);
}

Both parse_both(const Flags& flags, std::string_view workload = "mixed") {
  TaskBenchmark benchmark(*find_workload(workload));
  const Parsed parsed = parse_options(flags, benchmark);
  if (!parsed.options) throw std::runtime_error("refused");
  return {*parsed.options, benchmark.grid()};
}

Options parse(const Flags& flags) { return parse_both(flags).options; }

TEST(Options, AreTheDefaultsWithoutFlags) {
  const auto [options, grid] = parse_both({});
  EXPECT_EQ(options.action, Action::measure);
  EXPECT_TRUE(grid.selection.models.empty() && grid.tasks.empty() && grid.sleep.empty() && grid.workers.empty());
  EXPECT_EQ(grid.max_bound, 0ns);
  EXPECT_TRUE(options.csv.empty() && options.trace.empty() && options.run_id.empty());
  EXPECT_FALSE(options.timeout.has_value() || options.ns_per_iteration.has_value());
  EXPECT_TRUE(options.launch == 1 && options.round == 1 && options.sequence == 1);
  EXPECT_TRUE(options.records);
  EXPECT_FALSE(options.die_with_parent);
  EXPECT_TRUE(options.for_google_benchmark.empty());
}

TEST(Options, TakeTheListsOfTheGrid) {
  const Grid grid = parse_both({"--models=threads,serial", "--variant=loop,default", "--tasks=10,1", "--sleep=1ms,2.5us", "--compute=10us",
                                "--sizes=uniform,lognormal", "--workers=2,8", "--processes=3", "--threads=4,5", "--max-bound=1min"})
                        .grid;
  EXPECT_EQ(grid.selection.models, (Flags{"threads", "serial"}));
  EXPECT_EQ(grid.selection.variants, (Flags{"loop", "default"}));
  EXPECT_EQ(grid.tasks, (std::vector<std::uint64_t>{10, 1}));
  EXPECT_EQ(grid.sleep, (std::vector<std::chrono::nanoseconds>{1ms, 2500ns}));
  EXPECT_EQ(grid.compute, (std::vector<std::chrono::nanoseconds>{10us}));
  EXPECT_EQ(grid.sizes, (std::vector<Sizes>{Sizes::uniform, Sizes::lognormal}));
  EXPECT_EQ(grid.workers, (std::vector<std::uint64_t>{2, 8}));
  EXPECT_EQ(grid.processes, (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(grid.threads, (std::vector<std::uint64_t>{4, 5}));
  EXPECT_EQ(grid.max_bound, 1min);
}

TEST(Options, TakeLengthAndShare) {
  const Grid grid = parse_both({"--length=10ms", "--cpu-share=0,0.5,1"}).grid;
  EXPECT_EQ(grid.length, (std::vector<std::chrono::nanoseconds>{10ms}));
  EXPECT_EQ(grid.cpu_share, (std::vector<double>{0, 0.5, 1}));
}

TEST(Options, TakeTheRest) {
  const Options options = parse({"--csv=a.csv", "--trace=b.csv", "--timeout=1.5s", "--ns-per-iteration=1.25", "--run-id=run", "--launch=2",
                                 "--round=3", "--sequence=4", "--die-with-parent"});
  EXPECT_EQ(options.csv, "a.csv");
  EXPECT_EQ(options.trace, "b.csv");
  EXPECT_EQ(options.timeout, 1500ms);
  EXPECT_EQ(options.ns_per_iteration, 1.25);
  EXPECT_EQ(options.run_id, "run");
  EXPECT_TRUE(options.launch == 2 && options.round == 3 && options.sequence == 4);
  EXPECT_TRUE(options.die_with_parent);
  EXPECT_FALSE(parse({"--no-records"}).records);
}

TEST(Options, MeanTheSameInEveryLocale) {
  const HostileLocale hostile;
  EXPECT_EQ(parse({"--ns-per-iteration=1.25"}).ns_per_iteration, 1.25);
  EXPECT_EQ(parse_both({"--sleep=1.5ms", "--sequence=10000"}).grid.sleep.at(0), 1500us);
  EXPECT_EQ(parse({"--sequence=10000"}).sequence, 10000U);
}

TEST(Options, TakeEveryAction) {
  EXPECT_EQ(parse({"--list"}).action, Action::list);
  EXPECT_EQ(parse({"--list=json"}).action, Action::list_json);
  EXPECT_EQ(parse({"--list-models"}).action, Action::list_models);
  EXPECT_EQ(parse({"--env"}).action, Action::environment);
}

TEST(Options, LeaveGoogleBenchmarkItsOwn) {
  const Flags theirs{"--benchmark_filter=.*", "--benchmark_out=x.json", "--v=1"};
  EXPECT_EQ(parse({"--tasks=1", theirs[0], theirs[1], "--no-records", theirs[2]}).for_google_benchmark, theirs);
}

TEST(Options, KnowWhichWorkloadTakesWhat) {
  EXPECT_NO_THROW(parse_both({"--sleep=1ms"}, "sleep"));
  EXPECT_NO_THROW(parse_both({"--compute=1ms"}, "compute"));
  EXPECT_EQ(parse_for({"--compute=1ms"}, "sleep").exit, Exit::usage);
  EXPECT_EQ(parse_for({"--sleep=1ms"}, "compute").exit, Exit::usage);
  EXPECT_EQ(parse_for({"--slow-kernel=5%"}, "sleep").exit, Exit::usage);
  EXPECT_NO_THROW(parse_both({"--slow-dispatch=5us"}, "sleep"));
  EXPECT_EQ(parse_for({"--length=1ms", "--cpu-share=0.5"}, "compute").exit, Exit::usage);
}

TEST(Options, HelpNamesEveryFlagAndIsNoError) {
  testing::internal::CaptureStdout();
  const Parsed parsed = parse_for({"--help"}, "mixed");
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_FALSE(parsed.options.has_value());
  EXPECT_EQ(parsed.exit, Exit::ok);
  for (const char* flag : {"--models",           "--variant",   "--tasks",   "--sizes",     "--sleep",      "--compute",
                           "--length",           "--cpu-share", "--workers", "--processes", "--threads",    "--slow-kernel",
                           "--slow-dispatch",    "--max-bound", "--csv",     "--trace",     "--no-records", "--timeout",
                           "--ns-per-iteration", "--run-id",    "--launch",  "--round",     "--sequence",   "--die-with-parent",
                           "--list-models",      "--list",      "--env",     "--help",      "--benchmark_"}) {
    EXPECT_NE(help.find(flag), std::string::npos) << flag;
  }
  for (const char* flag : {"--timer-slack", "--pin"}) EXPECT_NE(help.find(flag), std::string::npos) << flag;
}

struct Bad {
  Flags flags;
  Flags told;  // all of it is in the message: flag, value, what is allowed
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << fmt::format("{}", fmt::join(bad.flags, " ")); }

class BadOptions : public testing::TestWithParam<Bad> {};

TEST_P(BadOptions, AreToldWithFlagValueAndWhatIsAllowed) {
  testing::internal::CaptureStderr();
  const Parsed parsed = parse_for(GetParam().flags, "mixed");
  const std::string message = testing::internal::GetCapturedStderr();
  EXPECT_FALSE(parsed.options.has_value());
  EXPECT_EQ(parsed.exit, Exit::usage);
  for (const std::string& part : GetParam().told) EXPECT_NE(message.find(part), std::string::npos) << part << " is missing in: " << message;
}

const char* const duration = "unit ns, us, ms, s or min";

INSTANTIATE_TEST_SUITE_P(Values, BadOptions,
                         testing::Values(Bad{{"--models=goroutines"}, {"--models", "'goroutines'", "serial", "event_loop"}},
                                         Bad{{"--models="}, {"--models"}}, Bad{{"--models=serial,"}, {"--models", "''"}},
                                         Bad{{"--variant=ring"}, {"--variant", "'ring'", "default, bare, submit, bare_submit, loop"}},
                                         Bad{{"--tasks=0"}, {"--tasks", "'0'", "from 1 to 100000000"}},
                                         Bad{{"--tasks=-1"}, {"--tasks", "'-1'", "from 1"}}, Bad{{"--tasks=1,x"}, {"--tasks", "'x'"}},
                                         Bad{{"--tasks=1e3"}, {"--tasks", "'1e3'"}}, Bad{{"--tasks=100000001"}, {"--tasks", "100000000"}},
                                         Bad{{"--tasks=99999999999999999999"}, {"--tasks"}},
                                         Bad{{"--sleep=10"}, {"--sleep", "'10'", duration}},
                                         Bad{{"--sleep=-1ms"}, {"--sleep", "'-1ms'", duration}},
                                         Bad{{"--compute=1h"}, {"--compute", "'1h'", duration}},
                                         Bad{{"--sizes=pareto"}, {"--sizes", "'pareto'", "constant, uniform, lognormal"}}));

INSTANTIATE_TEST_SUITE_P(
    MoreValues, BadOptions,
    testing::Values(Bad{{"--workers=0"}, {"--workers", "'0'"}}, Bad{{"--workers=1000001"}, {"--workers", "1000000"}},
                    Bad{{"--processes=two"}, {"--processes", "'two'"}}, Bad{{"--threads=1.5"}, {"--threads", "'1.5'"}},
                    Bad{{"--max-bound=0s"}, {"--max-bound", "'0s'"}}, Bad{{"--timeout=0ms"}, {"--timeout", "'0ms'", duration}},
                    Bad{{"--timeout=10"}, {"--timeout", "'10'", duration}},
                    Bad{{"--ns-per-iteration=0"}, {"--ns-per-iteration", "'0'", "above 0"}},
                    Bad{{"--ns-per-iteration=nan"}, {"--ns-per-iteration", "'nan'"}}, Bad{{"--launch=0"}, {"--launch", "'0'", "from 1"}},
                    Bad{{"--round=a"}, {"--round", "'a'"}}, Bad{{"--sequence="}, {"--sequence"}},
                    Bad{{"--cpu-share=1.1", "--length=1ms"}, {"--cpu-share", "'1.1'", "from 0 to 1"}},
                    Bad{{"--slow-kernel=5"}, {"--slow-kernel", "'5'", "a percentage, as 5%, at most 1000%"}},
                    Bad{{"--slow-kernel=1001%"}, {"--slow-kernel", "'1001%'"}}, Bad{{"--slow-kernel=-1%"}, {"--slow-kernel", "'-1%'"}},
                    Bad{{"--slow-dispatch=10"}, {"--slow-dispatch", "'10'", duration}}, Bad{{"--list=xml"}, {"--list", "'xml'", "json"}},
                    Bad{{"--csv="}, {"--csv"}}, Bad{{"--trace="}, {"--trace"}}));

INSTANTIATE_TEST_SUITE_P(Scheduling, BadOptions,
                         testing::Values(Bad{{"--timer-slack=50"}, {"--timer-slack", "'50'", duration, "from 1ns to 1s"}},
                                         Bad{{"--timer-slack=0ns"}, {"--timer-slack", "'0ns'", "from 1ns"}},
                                         Bad{{"--timer-slack=1001ms"}, {"--timer-slack", "'1001ms'", "to 1s"}},
                                         Bad{{"--pin=1000000"}, {"--pin", "'1000000'", "CPUs that may be used here, out of "}},
                                         Bad{{"--pin=0,1000000"}, {"--pin", "'0,1000000'"}},
                                         Bad{{"--pin=x"}, {"--pin", "'x'", "as 0,1 or 0-1"}}, Bad{{"--pin="}, {"--pin"}}));

INSTANTIATE_TEST_SUITE_P(Combinations, BadOptions,
                         testing::Values(Bad{{"--nonsense"}, {"--nonsense"}}, Bad{{"-x"}, {"-x"}}, Bad{{"file.csv"}, {"file.csv"}},
                                         Bad{{"--tasks"}, {"--tasks"}}, Bad{{"--tasks=1", "--tasks=2"}, {"--tasks"}},
                                         Bad{{"--length=1ms"}, {"--length", "--cpu-share"}},
                                         Bad{{"--cpu-share=0.5"}, {"--cpu-share", "--length"}},
                                         Bad{{"--length=1ms", "--cpu-share=0.5", "--sleep=1ms"}, {"--length", "--sleep"}},
                                         Bad{{"--trace=x.csv", "--no-records"}, {"--trace", "--no-records"}},
                                         Bad{{"--csv=-", "--trace=-"}, {"--csv", "--trace"}}));

}  // namespace
}  // namespace makespan
