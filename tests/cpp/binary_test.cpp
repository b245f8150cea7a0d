// SPDX-License-Identifier: Apache-2.0
// The real binaries, started as a user or a script starts them.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "benchmarks/harness/grid.hpp"
#include "benchmarks/harness/machine.hpp"
#include "benchmarks/harness/sample.hpp"
#include "models/model.hpp"
#include "tests/cpp/children.hpp"
#include "tests/cpp/csv_text.hpp"
#include "tests/cpp/hostile_locale.hpp"
#include "tests/cpp/run_program.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

using Flags = std::vector<std::string>;
using nlohmann::json;

Flags operator+(Flags left, const Flags& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Two cases that take a moment.
const Flags quick{"--models=serial,threads", "--tasks=3", "--sleep=1ms"};

class BinaryTest : public testing::Test {
 protected:
  void SetUp() override { adopt_orphans(); }
  void TearDown() override { EXPECT_TRUE(has_no_children()); }

  const TemporaryDirectory directory;
  const std::string csv = directory.file("samples.csv");
  const std::string csv_flag = "--csv=" + csv;
};

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(BinaryTest, HelpNamesTheBinaryAndEndsWell) {
  for (const char* workload : {"sleep", "compute", "mixed"}) {
    const Outcome outcome = run_program(bench(workload, {"--help"}));
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_NE(outcome.out.find("bench_" + std::string(workload)), std::string::npos);
    EXPECT_NE(outcome.out.find("--csv"), std::string::npos);
    EXPECT_EQ(outcome.err, "");
  }
}

TEST_F(BinaryTest, ListsModels) {
  const Outcome outcome = run_program(bench("sleep", {"--list-models"}));
  EXPECT_EQ(outcome.exit_code, 0);
  for (const ModelInfo* model : models()) {
    EXPECT_NE(outcome.out.find(model->name), std::string::npos);
    EXPECT_NE(outcome.out.find(model->summary), std::string::npos);
  }
}

TEST_F(BinaryTest, ListsCasesForPeople) {
  const Outcome outcome = run_program(bench("sleep", {"--list"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(count_of(outcome.out, "left out: its model bound of 100 s is above 60s"), 1U) << outcome.out;
  EXPECT_NE(outcome.out.find("sleep/threads/tasks:10000/sleep:10ms"), std::string::npos);
}

TEST_F(BinaryTest, ListsCasesForPrograms) {
  for (const char* workload : {"sleep", "compute", "mixed"}) {
    const Outcome outcome = run_program(bench(workload, {"--list=json"}));
    EXPECT_EQ(outcome.exit_code, 0);
    const json list = json::parse(outcome.out);
    EXPECT_EQ(list["benchmark"].get<std::string>(), workload);
    ASSERT_GT(list["cases"].size(), 50U);
    for (const json& point : list["cases"]) {
      for (const char* key : {"name", "model", "variant"}) EXPECT_TRUE(point.at(key).is_string()) << key;
      for (const char* key : {"tasks", "processes", "threads", "model_bound_ns"}) EXPECT_TRUE(point.at(key).is_number_integer()) << key;
      EXPECT_EQ(point.at("sleep_ns").is_number_integer(), find_workload(workload)->sleeps);  // else null, as it is empty in the CSV
      EXPECT_EQ(point.at("compute_ns").is_number_integer(), find_workload(workload)->computes);
      EXPECT_TRUE(point.at("args").is_array());
      EXPECT_TRUE(point.at("left_out").is_null() || point.at("left_out").is_string());
    }
  }
}

TEST_F(BinaryTest, ArgumentsOfAListedCaseRunThatCase) {
  const json point = json::parse(run_program(bench("mixed", Flags{"--list=json", "--models=hybrid", "--variant=loop", "--tasks=4",
                                                                  "--sleep=1ms", "--compute=20us", "--workers=2"}))
                                     .out)["cases"][0];
  const Outcome outcome = run_program(bench("mixed", point["args"].get<Flags>() + Flags{csv_flag}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const CsvText rows(read_file(csv));
  ASSERT_EQ(rows.rows(), 1U);
  for (const char* text : {"model", "variant"}) EXPECT_EQ(rows.at(0, text), point[text].get<std::string>());
  for (const char* number : {"tasks", "processes", "threads", "sleep_ns", "compute_ns"})
    EXPECT_EQ(rows.at(0, number), std::to_string(point[number].get<std::int64_t>()));
}

TEST_F(BinaryTest, EnvironmentHasTheKeysOfTheContract) {
  const Outcome outcome = run_program(bench("sleep", {"--env"}));
  EXPECT_EQ(outcome.exit_code, 0);
  const json environment = json::parse(outcome.out);
  for (const char* key : {"host",
                          "cpu_model",
                          "cpus_usable",
                          "cpus_usable_why",
                          "cgroup_quota",
                          "hypervisor",
                          "governor",
                          "kernel",
                          "clock_source",
                          "clock_cost_ns",
                          "clock_resolution_ns",
                          "timer_slack_ns",
                          "limits",
                          "memory_bytes",
                          "transparent_hugepages",
                          "load_1m",
                          "compiler",
                          "compiler_flags",
                          "build_type",
                          "peer_libraries",
                          "git_sha",
                          "git_dirty"}) {
    EXPECT_TRUE(environment.contains(key)) << key;
  }
  for (const char* key : {"benchmark", "onetbb", "fmt"}) EXPECT_TRUE(environment["libraries"][key].is_string()) << key;
  EXPECT_EQ(environment["injected"], json::object());
  EXPECT_GT(environment["calibration"]["ns_per_iteration"], 0.0);
  EXPECT_GE(environment["calibration"]["uncertainty"], 0.0);
  EXPECT_GE(environment["calibration"]["recording_ns_per_task"], 0.0);
}

TEST_F(BinaryTest, TellsWhatIsInjected) {
  const Flags slow{"--slow-kernel=5%", "--slow-dispatch=2us"};
  const json wanted{{"kernel", "5%"}, {"dispatch", "2us"}};
  EXPECT_EQ(json::parse(run_program(bench("mixed", slow + Flags{"--env"})).out)["injected"], wanted);
  const Outcome outcome = run_program(
      bench("mixed", slow + Flags{"--models=threads", "--tasks=3", "--sleep=1ms", "--compute=10us", "--benchmark_format=json", csv_flag}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const json told = json::parse(outcome.out);
  EXPECT_EQ(told["context"]["slow_kernel"], "5%");
  EXPECT_NE(told["benchmarks"][0]["name"].get<std::string>().find("/slow_kernel:5%/slow_dispatch:2us"), std::string::npos);
  EXPECT_EQ(CsvText(read_file(csv)).at(0, "status"), "ok");
}

TEST_F(BinaryTest, SaysHowItIsScheduledAndCountsThePinnedCpus) {
  const std::string cpu = std::to_string(*allowed_cpus().rbegin());
  const Flags flags{"--timer-slack=3us", "--pin=" + cpu};
  const json environment = json::parse(run_program(bench("sleep", flags + Flags{"--env"})).out);
  EXPECT_EQ(environment["timer_slack_ns"], 3000);
  EXPECT_LE(environment["cpus_usable"], 1.0);
  const std::string trace = directory.file("trace.csv"), tag = "slack-3us+pin-" + cpu;
  const Flags batch{"--models=threads,hybrid", "--tasks=4", "--compute=100us", "--workers=2"};
  const json list = json::parse(run_program(bench("compute", flags + batch + Flags{"--list=json"})).out);
  ASSERT_EQ(list["cases"].size(), 3U);
  for (const json& point : list["cases"]) {
    EXPECT_NE(point["name"].get<std::string>().find(tag + "/tasks:4"), std::string::npos) << point;
    const Outcome outcome =
        run_program(bench("compute", point["args"].get<Flags>() + Flags{csv_flag, "--trace=" + trace, "--benchmark_format=json"}));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(json::parse(outcome.out)["context"]["scheduling"], tag);
  }
  const CsvText batches(read_file(csv)), tasks(read_file(trace));
  ASSERT_EQ(batches.rows(), 3U);
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_EQ(batches.at(row, "variant"), list["cases"][row]["variant"].get<std::string>());
    EXPECT_GE(std::stoll(batches.at(row, "machine_bound_ns")), 399'000) << "on one CPU one after the other";
  }
  ASSERT_EQ(tasks.rows(), 12U);
  for (std::size_t row = 0; row < 12; ++row) {
    EXPECT_EQ(tasks.at(row, "cpu"), cpu);
    EXPECT_EQ(tasks.at(row, "overshoot_ns"), "");
  }
}

TEST_F(BinaryTest, WritesARowForEveryBatch) {
  const Outcome outcome = run_program(bench("sleep", quick + Flags{csv_flag, "--benchmark_repetitions=2"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const CsvText rows(read_file(csv));
  EXPECT_TRUE(rows.torn.empty() && rows.is_rectangular());
  ASSERT_EQ(rows.rows(), 4U);
  std::multiset<std::string> models;
  for (std::size_t row = 0; row < 4; ++row) {
    models.insert(rows.at(row, "model"));
    EXPECT_EQ(rows.at(row, "status"), "ok");
    EXPECT_EQ(rows.at(row, "sequence"), std::to_string(row + 1));
    EXPECT_GE(std::stoll(rows.at(row, "makespan_ns")), std::stoll(rows.at(row, "model_bound_ns")));
  }
  EXPECT_EQ(models, (std::multiset<std::string>{"serial", "serial", "threads", "threads"}));
}

TEST_F(BinaryTest, WritesItsIdentityIntoEveryRow) {
  const Outcome outcome =
      run_program(bench("sleep", quick + Flags{csv_flag, "--run-id=a, \"b\"", "--launch=7", "--round=8", "--sequence=9"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const CsvText rows(read_file(csv));
  ASSERT_EQ(rows.rows(), 2U);
  for (std::size_t row = 0; row < 2; ++row) {
    EXPECT_EQ(rows.at(row, "run_id"), "a, \"b\"");
    EXPECT_EQ(rows.at(row, "launch"), "7");
    EXPECT_EQ(rows.at(row, "round"), "8");
    EXPECT_EQ(rows.at(row, "sequence"), std::to_string(9 + row));
  }
}

TEST_F(BinaryTest, StandardOutputHoldsNothingButCsvWhenAskedTo) {
  for (const Flags& more : {Flags{}, Flags{"--benchmark_format=json"}, Flags{"--benchmark_format=csv"}}) {
    const Outcome outcome = run_program(bench("sleep", quick + Flags{"--csv=-"} + more));
    EXPECT_EQ(outcome.exit_code, 0);
    const CsvText rows(outcome.out);
    const std::vector<std::string_view> names = sample_columns();
    ASSERT_EQ(rows.rows(), 2U) << outcome.out;
    EXPECT_EQ(rows.records[0], std::vector<std::string>(names.begin(), names.end()));
    EXPECT_TRUE(rows.torn.empty() && rows.is_rectangular());
    EXPECT_NE(outcome.err.find("sleep/serial"), std::string::npos);
  }
}

TEST_F(BinaryTest, StandardOutputHoldsNothingButTheTraceWhenAskedTo) {
  const CsvText rows(run_program(bench("sleep", quick + Flags{"--trace=-"})).out);
  EXPECT_EQ(rows.rows(), 6U);
  EXPECT_TRUE(rows.torn.empty() && rows.is_rectangular());
}

TEST_F(BinaryTest, TracesEveryTask) {
  const std::string trace = directory.file("trace.csv");
  const Outcome outcome =
      run_program(bench("mixed", {"--tasks=5", "--sleep=1ms", "--compute=100us", "--workers=2", "--trace=" + trace, csv_flag}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const CsvText tasks(read_file(trace)), batches(read_file(csv));
  EXPECT_EQ(tasks.records.at(0), (Flags{"run_id", "sequence", "benchmark", "model", "variant", "tasks", "processes", "threads", "sleep_ns",
                                        "compute_ns", "task", "start_ns", "end_ns", "process", "thread", "cpu", "overshoot_ns"}));
  ASSERT_EQ(batches.rows(), models_of({}).size());
  ASSERT_EQ(tasks.rows(), batches.rows() * 5);
  for (std::size_t row = 0; row < tasks.rows(); ++row) {
    EXPECT_EQ(tasks.at(row, "task"), std::to_string(row % 5));
    EXPECT_EQ(tasks.at(row, "sequence"), batches.at(row / 5, "sequence"));
    EXPECT_EQ(tasks.at(row, "model"), batches.at(row / 5, "model"));
    const std::int64_t start = std::stoll(tasks.at(row, "start_ns")), end = std::stoll(tasks.at(row, "end_ns"));
    EXPECT_GE(start, 0);
    EXPECT_GE(end, start + 1'000'000);
    EXPECT_LE(end, std::stoll(batches.at(row / 5, "makespan_ns")));
    EXPECT_GT(std::stoll(tasks.at(row, "process")), 1);
    EXPECT_GT(std::stoll(tasks.at(row, "thread")), 1);
    EXPECT_GE(std::stoll(tasks.at(row, "cpu")), 0);
    EXPECT_GE(std::stoll(tasks.at(row, "overshoot_ns")), 0);
    EXPECT_LE(std::stoll(tasks.at(row, "overshoot_ns")), end - start - 1'000'000);
  }
}

TEST_F(BinaryTest, ATimeoutIsARowAndExitCodeThree) {
  const Outcome outcome =
      run_program(bench("sleep", {"--models=serial,processes", "--tasks=1", "--sleep=600s", "--timeout=50ms", csv_flag}));
  EXPECT_EQ(outcome.exit_code, 3);
  const CsvText rows(read_file(csv));
  ASSERT_EQ(rows.rows(), 2U);
  for (std::size_t row = 0; row < 2; ++row) {
    EXPECT_EQ(rows.at(row, "status"), "timeout");
    EXPECT_NE(rows.at(row, "error"), "");
    EXPECT_EQ(rows.at(row, "makespan_ns"), "");
  }
  EXPECT_NE((outcome.out + outcome.err).find("timeout"), std::string::npos);
}

TEST_F(BinaryTest, ASkippedCaseIsARowAndNoFailure) {
  const Outcome outcome = run_program(bench("sleep", {"--models=threads,processes", "--tasks=100000000", "--sleep=1ms", csv_flag}));
  EXPECT_EQ(outcome.exit_code, 0);
  const CsvText rows(read_file(csv));
  ASSERT_EQ(rows.rows(), 2U);
  for (std::size_t row = 0; row < 2; ++row) {
    EXPECT_EQ(rows.at(row, "status"), "skipped");
    EXPECT_NE(rows.at(row, "error").find("pid_max"), std::string::npos) << rows.at(row, "error");
  }
}

TEST_F(BinaryTest, WrongUsageIsExitCodeTwo) {
  write_file(csv, "a,b\n1,2\n");
  for (const Flags& flags : {Flags{"--tasks=0"}, Flags{"--nonsense"}, Flags{"--sleep=5"}, Flags{"--models=threads", "--variant=loop"},
                             Flags{csv_flag}, Flags{"--csv=" + directory.file("none/x.csv")}, Flags{"--csv=" + directory.file("")},
                             Flags{"--csv=/dev/full"}, Flags{"--benchmark_nonsense=1"}, Flags{"--benchmark_filter=nothing_is_called_this"},
                             Flags{"--benchmark_filter=("}, Flags{"--benchmark_format=xml"}, Flags{"--benchmark_out_format=xml"},
                             Flags{"--benchmark_repetitions=many"}, Flags{"--benchmark_out=" + directory.file("none/x.json")}}) {
    const Outcome outcome = run_program(bench("sleep", quick + flags));
    EXPECT_EQ(outcome.exit_code, 2) << flags[0] << '\n' << outcome.out << outcome.err;
    EXPECT_NE(outcome.err, "") << flags[0];
  }
  EXPECT_EQ(read_file(csv), "a,b\n1,2\n");
}

TEST_F(BinaryTest, AFootprintNamesTheFlagTheValueAndWhatIsAllowed) {
  for (const Flags& flags : {Flags{"--stack=5"}, Flags{"--stack=16KiB"}, Flags{"--stack=100000B"}, Flags{"--tasks=-1"}, Flags{"--sleep=5"},
                             Flags{"--sleep=0s"}, Flags{"--workers=0"}, Flags{"--models=threads", "--variant=loop"}}) {
    const Outcome outcome = run_program(bench("footprint", flags));
    EXPECT_EQ(outcome.exit_code, 2) << flags[0] << '\n' << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find(flags.back().substr(0, flags.back().find('='))), std::string::npos) << outcome.err;
  }
}

TEST_F(BinaryTest, APlateauThatIsMissedIsARowAndExitCodeThree) {
  const Outcome outcome = run_program(bench("footprint", {"--models=threads", "--tasks=500", "--sleep=1us", csv_flag}));
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  const CsvText rows(read_file(csv));
  ASSERT_EQ(rows.rows(), 1U);
  EXPECT_EQ(rows.at(0, "status"), "error");
  EXPECT_NE(rows.at(0, "error").find("the plateau was missed"), std::string::npos) << rows.at(0, "error");
  EXPECT_EQ(rows.at(0, "sleep_ns"), "1000");
}

TEST_F(BinaryTest, AFileThatGrowsTooLargeIsAFailureThatLeavesWholeRows) {
  signal(SIGXFSZ, SIG_IGN);  // inherited
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{2000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const Outcome outcome = run_program(bench("sleep", {"--models=serial", "--tasks=1", "--sleep=1us", "--benchmark_repetitions=20",
                                                      "--benchmark_report_aggregates_only=true", csv_flag}));
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(outcome.exit_code, 3) << outcome.signal;
  const CsvText rows(read_file(csv));
  EXPECT_GE(rows.rows(), 1U);
  EXPECT_LT(rows.rows(), 20U);
  EXPECT_TRUE(rows.torn.empty() && rows.is_rectangular());
}

TEST_F(BinaryTest, NumbersAreTheSameInAGermanEnvironment) {
  const TemporaryDirectory locales;
  Program::Variables german{{"LC_ALL", "de_DE.UTF-8"}, {"LANG", "de_DE.UTF-8"}};
  if (compile_german_locale(locales.file(""))) german.emplace_back("LOCPATH", locales.file(""));
  const Outcome outcome = run_program(bench("sleep", quick + Flags{"--csv=-", "--sizes=uniform", "--ns-per-iteration=1.25"}), german);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const CsvText rows(outcome.out);
  ASSERT_EQ(rows.rows(), 2U);
  EXPECT_TRUE(rows.is_rectangular());
  EXPECT_NE(rows.at(0, "mean_in_flight").find('.'), std::string::npos) << rows.at(0, "mean_in_flight");
}

}  // namespace
}  // namespace makespan
