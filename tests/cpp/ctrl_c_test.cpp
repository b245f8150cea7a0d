// SPDX-License-Identifier: Apache-2.0
// A binary that is interrupted in the middle of its work.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/runtime/process.hpp"
#include "tests/cpp/children.hpp"
#include "tests/cpp/csv_text.hpp"
#include "tests/cpp/run_program.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

class CtrlCTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { adopt_orphans(); }
  const TemporaryDirectory directory;
  const std::string csv = directory.file("samples.csv"), json_file = directory.file("out.json");
};

TEST_P(CtrlCTest, BetweenBatchesKeepsWhatWasMeasured) {
  Program program(bench("sleep", {"--models=threads,processes,tbb_pool", "--tasks=4", "--workers=2", "--sleep=1ms",
                                  "--benchmark_repetitions=500", "--csv=" + csv, "--benchmark_out=" + json_file}));
  ASSERT_TRUE(comes_true([&] { return CsvText(read_file(csv)).rows() >= 5; }));
  program.send(GetParam());
  EXPECT_EQ(program.wait().exit_code, 130);
  EXPECT_TRUE(has_no_children());
  const CsvText rows(read_file(csv));
  EXPECT_TRUE(rows.torn.empty() && rows.is_rectangular());
  ASSERT_GE(rows.rows(), 5U);
  for (std::size_t row = 0; row < rows.rows(); ++row) EXPECT_EQ(rows.at(row, "status"), "ok");
  EXPECT_TRUE(nlohmann::json::accept(read_file(json_file))) << read_file(json_file);
}

TEST_P(CtrlCTest, DoesNotWaitForALongBatch) {
  for (const char* model : {"serial", "process_pool", "hybrid", "tbb_pool"}) {
    const std::string own_csv = directory.file(model);
    Program program(bench("sleep", {std::string("--models=") + model, "--tasks=2", "--workers=2", "--sleep=1ms,3600s", "--csv=" + own_csv,
                                    "--benchmark_out=" + json_file}));
    ASSERT_TRUE(comes_true([&] { return CsvText(read_file(own_csv)).rows() >= 1; }));
    program.send(GetParam());
    EXPECT_EQ(program.wait().exit_code, 130) << model;
    EXPECT_TRUE(has_no_children()) << model;
    const CsvText rows(read_file(own_csv));
    for (std::size_t row = 0; row < rows.rows(); ++row) EXPECT_EQ(rows.at(row, "sleep_ns"), "1000000");  // an interrupted batch is no row
    EXPECT_TRUE(nlohmann::json::accept(read_file(json_file))) << read_file(json_file);
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, CtrlCTest, testing::Values(SIGINT, SIGTERM),
                         [](const auto& parameter) { return parameter.param == SIGINT ? "SIGINT" : "SIGTERM"; });

// A runner that is killed takes its benchmark with it.
TEST(DieWithParent, EndsTheBinaryWithTheOneThatStartedIt) {
  adopt_orphans();
  const TemporaryDirectory directory;
  const std::string csv = directory.file("samples.csv");
  const std::vector<std::string> command =
      bench("sleep", {"--models=hybrid", "--tasks=4", "--workers=4", "--sleep=1ms,3600s", "--csv=" + csv, "--die-with-parent"});
  Process runner = Process::start([&] { static_cast<void>(run_program(command)); });
  ASSERT_TRUE(comes_true([&] { return CsvText(read_file(csv)).rows() >= 1; }));
  runner.kill();
  EXPECT_EQ(runner.wait().signal, SIGKILL);
  EXPECT_TRUE(all_children_end());
}

}  // namespace
}  // namespace makespan
