// SPDX-License-Identifier: Apache-2.0
// Google Benchmark's flags and its JSON, as other programs use them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cpp/children.hpp"
#include "tests/cpp/csv_text.hpp"
#include "tests/cpp/run_program.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

using Flags = std::vector<std::string>;
using nlohmann::json;

class GoogleBenchmarkTest : public testing::Test {
 protected:
  Outcome run(std::string_view workload, const Flags& flags) const {
    const Outcome outcome = run_program(bench(workload, flags));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(has_no_children());
    return outcome;
  }
  // What it wrote to its JSON file, and to samples.csv.
  json run_with_files(std::string_view workload, Flags flags) const {
    flags.insert(flags.end(), {"--benchmark_out=" + json_file, "--csv=" + csv});
    run(workload, flags);
    return json::parse(read_file(json_file));
  }

  const TemporaryDirectory directory;
  const std::string json_file = directory.file("out.json"), csv = directory.file("samples.csv");
};

double number(const CsvText& rows, std::size_t row, std::string_view column) { return std::stod(rows.at(row, column)); }

TEST_F(GoogleBenchmarkTest, ListsTestsWithoutRunningThem) {
  const Outcome outcome = run("sleep", {"--models=threads", "--tasks=10,20", "--sleep=600s", "--benchmark_list_tests"});
  EXPECT_NE(outcome.out.find("sleep/threads/tasks:10/sleep:600s/processes:1/threads:10"), std::string::npos) << outcome.out;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2);
}

TEST_F(GoogleBenchmarkTest, FiltersByName) {
  run_with_files("sleep", {"--tasks=2", "--sleep=1ms", "--workers=2", "--benchmark_filter=sleep/(serial|threads)/"});
  const CsvText rows(read_file(csv));
  ASSERT_EQ(rows.rows(), 2U);
  EXPECT_EQ(rows.at(0, "model"), "serial");
  EXPECT_EQ(rows.at(1, "model"), "threads");
}

TEST_F(GoogleBenchmarkTest, JsonOnStandardOutputIsTheWholeOfIt) {
  const json report = json::parse(run("sleep", {"--models=serial,threads", "--tasks=2", "--sleep=1ms", "--benchmark_format=json"}).out);
  EXPECT_EQ(report["benchmarks"].size(), 2U);
  for (const char* key : {"cpus_usable", "ns_per_iteration", "recording_ns_per_task", "git_sha"})
    EXPECT_TRUE(report["context"].contains(key)) << key;
}

TEST_F(GoogleBenchmarkTest, RealTimeIsTheMakespanAndNotBelowItsBound) {
  const json report = run_with_files("sleep", {"--models=serial,event_loop", "--tasks=4", "--sleep=5ms"});
  const CsvText rows(read_file(csv));
  ASSERT_EQ(report["benchmarks"].size(), 2U);
  for (std::size_t row = 0; row < 2; ++row) {
    const json& entry = report["benchmarks"][row];
    EXPECT_EQ(entry["time_unit"], "ms");
    EXPECT_EQ(entry["iterations"], 1);
    EXPECT_GE(entry["real_time"], row == 0 ? 20.0 : 5.0);
    EXPECT_NEAR(entry["real_time"], number(rows, row, "makespan_ns") / 1e6, 1e-6);
    EXPECT_NEAR(entry["efficiency"], number(rows, row, "machine_bound_ns") / number(rows, row, "makespan_ns"), 1e-6);
    EXPECT_EQ(entry["in_flight"], number(rows, row, "max_in_flight"));
  }
}

TEST_F(GoogleBenchmarkTest, CpuTimeIsThatOfTheWholeCell) {
  const json report = run_with_files("compute", {"--models=processes,process_pool,threads", "--tasks=2", "--compute=20ms", "--workers=2"});
  const CsvText rows(read_file(csv));
  ASSERT_EQ(report["benchmarks"].size(), 3U);
  for (std::size_t row = 0; row < 3; ++row) {
    const json& entry = report["benchmarks"][row];
    EXPECT_NEAR(entry["cpu_time"], (number(rows, row, "user_cpu_ns") + number(rows, row, "system_cpu_ns")) / 1e6, 1e-6);
    EXPECT_GE(entry["cpu_time"], 20.0);  // of 40, as the machine may run faster than when it was calibrated
    EXPECT_FALSE(entry.contains("cpu_s"));
  }
}

TEST_F(GoogleBenchmarkTest, RepetitionsComeWithAggregates) {
  const json report = run_with_files("sleep", {"--models=serial", "--tasks=2", "--sleep=1ms", "--benchmark_repetitions=3"});
  const CsvText rows(read_file(csv));
  ASSERT_EQ(rows.rows(), 3U);
  std::vector<double> times, cpu_times;
  for (const json& entry : report["benchmarks"]) {
    if (entry["run_type"] == "iteration") {
      times.push_back(entry["real_time"]);
      cpu_times.push_back(entry["cpu_time"]);
    } else if (entry["aggregate_name"] == "mean") {
      EXPECT_NEAR(entry["real_time"], (times.at(0) + times.at(1) + times.at(2)) / 3, 1e-6);
      EXPECT_NEAR(entry["cpu_time"], (cpu_times.at(0) + cpu_times.at(1) + cpu_times.at(2)) / 3, 1e-6);
    } else if (entry["aggregate_name"] == "median") {
      std::sort(times.begin(), times.end());
      EXPECT_NEAR(entry["real_time"], times.at(1), 1e-6);
    }
  }
  EXPECT_EQ(times.size(), 3U);
  EXPECT_GE(report["benchmarks"].size(), 6U);  // mean, median, stddev, and cv where it knows it
}

TEST_F(GoogleBenchmarkTest, MinTimeMakesSeveralIterations) {
  const json report = run_with_files("sleep", {"--models=serial", "--tasks=1", "--sleep=1ms", "--benchmark_min_time=0.05"});
  const json& entry = report["benchmarks"].at(0);
  EXPECT_GT(entry["iterations"], 1);
  EXPECT_GE(entry["real_time"], 1.0);  // of one iteration
  const CsvText rows(read_file(csv));
  const auto iterations = entry["iterations"].get<std::size_t>();
  ASSERT_GE(rows.rows(), iterations);  // those of the search for the number as well
  double sum = 0, cpu = 0;
  for (std::size_t row = rows.rows() - iterations; row < rows.rows(); ++row) {
    sum += number(rows, row, "makespan_ns");
    cpu += number(rows, row, "user_cpu_ns") + number(rows, row, "system_cpu_ns");
  }
  EXPECT_NEAR(entry["real_time"], sum / static_cast<double>(iterations) / 1e6, 1e-6);
  EXPECT_NEAR(entry["cpu_time"], cpu / static_cast<double>(iterations) / 1e6, 1e-6);
}

TEST_F(GoogleBenchmarkTest, AFailureIsInTheJson) {
  const Outcome outcome =
      run_program(bench("sleep", {"--models=serial", "--tasks=1", "--sleep=600s", "--timeout=20ms", "--benchmark_out=" + json_file}));
  EXPECT_EQ(outcome.exit_code, 3);
  const json entry = json::parse(read_file(json_file))["benchmarks"].at(0);
  EXPECT_TRUE(entry["error_occurred"]);
  EXPECT_NE(entry["error_message"].get<std::string>().find("timeout"), std::string::npos);
}

TEST_F(GoogleBenchmarkTest, OtherFormatsOfTheFileWork) {
  for (const char* format : {"csv", "console"}) {
    run("sleep",
        {"--models=serial", "--tasks=1", "--sleep=1ms", "--benchmark_out=" + json_file, std::string("--benchmark_out_format=") + format});
    EXPECT_NE(read_file(json_file).find("sleep/serial/tasks:1"), std::string::npos) << format;
  }
}

}  // namespace
}  // namespace makespan
