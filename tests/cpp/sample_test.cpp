// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdio>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/harness/csv_file.hpp"
#include "tests/cpp/csv_text.hpp"
#include "tests/cpp/hostile_locale.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

using std::chrono::nanoseconds;

// The contract, word for word. Whoever changes a column changes what every reader of every file counts on: then
// schema_version rises as well.
constexpr std::string_view contract =
    "schema_version, run_id, git_sha, launch, round, sequence, timestamp_utc, benchmark, model, tasks, processes, threads, sleep_ns, "
    "compute_ns, compute_iterations, payload_bytes, stages, variant, status, error, setup_ns, makespan_ns, teardown_ns, "
    "model_bound_ns, machine_bound_ns, max_in_flight, mean_in_flight, user_cpu_ns, system_cpu_ns, voluntary_switches, "
    "involuntary_switches, minor_faults, start_latency_p50_ns, start_latency_p99_ns, start_latency_max_ns, overshoot_p50_ns, "
    "overshoot_p99_ns, overshoot_max_ns, peak_rss_bytes, pss_bytes, kernel_bytes, messages_per_second, round_trip_p50_ns, "
    "round_trip_p99_ns, steal_ns, checksum";

// Every column filled, each with a value of its own, large enough that a locale would group its digits.
Sample full_sample() {
  Sample sample;
  sample.run_id = "20260102T030405Z", sample.git_sha = "0123456789abcdef0123456789abcdef01234567";
  sample.launch = 1001, sample.round = 1002, sample.sequence = 1003;
  sample.timestamp_utc = "2026-01-02T03:04:05.678Z";
  sample.benchmark = "mixed";
  sample.model = "hybrid";
  sample.tasks = 10'000, sample.processes = 1004, sample.threads = 1005;
  sample.sleep = nanoseconds(1'000'006), sample.compute = nanoseconds(1'000'007);
  sample.compute_iterations = 1008, sample.payload_bytes = 1009, sample.stages = 1010;
  sample.variant = "loop+lognormal";
  sample.setup = nanoseconds(1011), sample.makespan = nanoseconds(9'223'372'036'854'775'807), sample.teardown = nanoseconds(1012);
  sample.model_bound = nanoseconds(1013), sample.machine_bound = nanoseconds(1014);
  sample.max_in_flight = 1015, sample.mean_in_flight = 1234.5;
  sample.user_cpu = nanoseconds(1016), sample.system_cpu = nanoseconds(1017);
  sample.voluntary_switches = 1018, sample.involuntary_switches = 1019, sample.minor_faults = 1020;
  sample.start_latency_p50 = nanoseconds(1021), sample.start_latency_p99 = nanoseconds(1022), sample.start_latency_max = nanoseconds(1023);
  sample.overshoot_p50 = nanoseconds(-1024), sample.overshoot_p99 = nanoseconds(1025), sample.overshoot_max = nanoseconds(1026);
  sample.peak_rss_bytes = 8'589'934'592U, sample.pss_bytes = 1027, sample.kernel_bytes = 1028;
  sample.messages_per_second = 1234567.5;
  sample.round_trip_p50 = nanoseconds(1029), sample.round_trip_p99 = nanoseconds(1030), sample.steal = nanoseconds(10'000'000);
  sample.checksum = 0x00000000deadbeefU;
  return sample;
}

Sample skipped_sample() {
  Sample sample;
  sample.benchmark = "sleep", sample.model = "threads", sample.tasks = 100'000'000, sample.threads = 100'000'000;
  sample.sleep = nanoseconds(0);
  sample.status = Status::skipped;
  sample.error = "kernel.pid_max = 32768 (\"143 in use\", 300 reserved),\nraise it";
  return sample;
}

std::string csv_of(const std::vector<Sample>& samples) {
  const std::vector<std::string_view> names = sample_columns();
  std::string text = CsvFile::line(std::vector<std::string>(names.begin(), names.end()));
  for (const Sample& sample : samples) text += CsvFile::line(sample_fields(sample));
  return text;
}

std::string golden() { return read_file(MAKESPAN_GOLDEN_DIR "/samples.csv"); }

TEST(Sample, HasTheColumnsOfTheContractInOrder) {
  std::string names;
  for (const std::string_view name : sample_columns()) names += (names.empty() ? "" : ", ") + std::string(name);
  EXPECT_EQ(names, contract);
}

TEST(Sample, WritesTheGoldenFile) { EXPECT_EQ(csv_of({full_sample(), skipped_sample()}), golden()); }

TEST(Sample, WritesTheGoldenFileUnderAHostileLocaleOfCxx) {
  const HostileLocale hostile;
  std::ostringstream stream;
  stream << 1234.5;
  ASSERT_EQ(stream.str(), "1.234,5");  // it is hostile
  EXPECT_EQ(csv_of({full_sample(), skipped_sample()}), golden());
}

TEST(Sample, WritesTheGoldenFileUnderAHostileLocaleOfC) {
  const TemporaryDirectory locales;
  if (compile_german_locale(locales.file(""))) setenv("LOCPATH", locales.file("").c_str(), 1);
  const std::string before = std::setlocale(LC_ALL, nullptr);
  if (std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr) GTEST_SKIP() << "no German locale";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f", 0.5);
  EXPECT_STREQ(text.data(), "0,5");  // it is hostile
  EXPECT_EQ(csv_of({full_sample(), skipped_sample()}), golden());
  std::setlocale(LC_ALL, before.c_str());
}

TEST(Sample, LeavesEmptyWhatIsNotApplicable) {
  const CsvText text(csv_of({Sample{}}));
  const std::vector<std::string> filled{"schema_version", "launch", "round", "sequence", "tasks", "processes", "threads", "status"};
  for (const std::string_view column : sample_columns()) {
    const bool has_value = std::find(filled.begin(), filled.end(), column) != filled.end();
    EXPECT_NE(text.at(0, column).empty(), has_value) << column;
  }
}

TEST(Sample, TellsZeroFromNotApplicable) {
  Sample sample;
  sample.sleep = nanoseconds(0), sample.max_in_flight = 0, sample.mean_in_flight = 0.0, sample.checksum = 0;
  const CsvText text(csv_of({sample}));
  EXPECT_EQ(text.at(0, "sleep_ns"), "0");
  EXPECT_EQ(text.at(0, "max_in_flight"), "0");
  EXPECT_EQ(text.at(0, "mean_in_flight"), "0");
  EXPECT_EQ(text.at(0, "checksum"), "0000000000000000");
}

TEST(Sample, NamesEveryStatus) {
  EXPECT_EQ(name_of(Status::ok), "ok");
  EXPECT_EQ(name_of(Status::skipped), "skipped");
  EXPECT_EQ(name_of(Status::timeout), "timeout");
  EXPECT_EQ(name_of(Status::error), "error");
}

class SampleError : public testing::TestWithParam<const char*> {};

TEST_P(SampleError, SurvivesWritingAndReading) {
  Sample sample = full_sample();
  sample.error = GetParam();
  const CsvText text(csv_of({sample, full_sample()}));
  ASSERT_EQ(text.rows(), 2U);
  EXPECT_TRUE(text.is_rectangular());
  EXPECT_EQ(text.at(0, "error"), GetParam());
  EXPECT_EQ(text.at(0, "checksum"), text.at(1, "checksum"));
}

INSTANTIATE_TEST_SUITE_P(Awkward, SampleError,
                         testing::Values("", ",", "\"", "\"\"", "\n", "a,b", "say \"no\"", "two\nlines", "\r\n", "a,\"b\n\",c",
                                         "h\xc3\xb6\xc3\xb6", " blank "));

}  // namespace
}  // namespace makespan
