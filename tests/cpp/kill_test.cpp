// SPDX-License-Identifier: Apache-2.0
// A binary that is interrupted or killed in the middle of its work: what it wrote is whole, and nothing of it lives on.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "benchmarks/harness/csv_file.hpp"
#include "benchmarks/harness/sample.hpp"
#include "tests/cpp/children.hpp"
#include "tests/cpp/csv_text.hpp"
#include "tests/cpp/run_program.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

using Flags = std::vector<std::string>;

class KillTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { adopt_orphans(); }
  // More batches than anyone waits for, with tasks that take `sleep` each.
  Flags endless(const std::string& sleep) const {
    return bench("sleep", {fmt::format("--models={}", GetParam()), "--tasks=8", fmt::format("--sleep={}", sleep), "--workers=4",
                           "--benchmark_repetitions=100000", fmt::format("--csv={}", csv), fmt::format("--trace={}", trace)});
  }
  const TemporaryDirectory directory;
  const std::string csv = directory.file("samples.csv"), trace = directory.file("trace.csv");
};

TEST_P(KillTest, LeavesAReadableFileAndNoProcess) {
  std::mt19937 random(20260102);
  std::uniform_int_distribution<int> delay_us(0, 250'000);
  std::size_t rows = 0;
  for (int repetition = 0; repetition < 5; ++repetition) {
    // First in tasks that would outlast the test, then while it writes rows, wherever it is just then.
    const bool long_tasks = repetition < 2;
    Program program(endless(long_tasks ? "3600s" : "2ms"));
    ASSERT_TRUE(long_tasks || comes_true([&] { return CsvText(read_file(csv)).rows() > rows; }));
    std::this_thread::sleep_for(std::chrono::microseconds(delay_us(random)) + std::chrono::milliseconds(repetition == 0 ? 200 : 0));
    program.send(SIGKILL);
    EXPECT_EQ(program.wait().signal, SIGKILL);
    EXPECT_TRUE(all_children_end());  // all descendants come to this process

    const CsvText text(read_file(csv));
    EXPECT_TRUE(text.is_rectangular());
    EXPECT_GE(text.rows(), rows);
    rows = text.rows();
    for (std::size_t row = 0; row < rows; ++row) EXPECT_EQ(text.at(row, "status"), "ok");
  }
  EXPECT_GE(rows, 3U);
  Sample later;
  later.run_id = "later";
  CsvFile(csv, sample_columns()).append(sample_fields(later));
  const CsvText text(read_file(csv));
  EXPECT_EQ(text.torn, "");
  EXPECT_EQ(text.rows(), rows + 1);
  EXPECT_EQ(text.at(rows, "run_id"), "later");
}

// Floors are made of bare system calls, and must not outlive the suite for that.
TEST(KillFloors, LeavesNoProcess) {
  adopt_orphans();
  const std::vector<std::pair<std::string, Flags>> floors{
      {"sleep", {"--models=processes", "--tasks=50", "--sleep=3600s"}},
      {"lifecycle", {"--models=fork", "--tasks=50", "--bursts=100000", "--resident=0"}},
      {"lifecycle", {"--models=process_pool", "--tasks=50", "--bursts=100000", "--resident=0"}},
  };
  for (const auto& [name, flags] : floors) {
    Flags all = flags;
    all.emplace_back("--variant=bare");
    Program program(bench(name, all));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    program.send(SIGKILL);
    EXPECT_EQ(program.wait().signal, SIGKILL);
    EXPECT_TRUE(all_children_end()) << name << ' ' << flags.front();
  }
}

INSTANTIATE_TEST_SUITE_P(Models, KillTest,
                         testing::Values("serial", "threads", "processes", "process_pool", "tbb_pool", "hybrid", "event_loop"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace makespan
