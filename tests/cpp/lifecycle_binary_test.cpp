// SPDX-License-Identifier: Apache-2.0
// bench_lifecycle, started as a user or a script starts it.
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/harness/resident_memory.hpp"
#include "models/lifecycle.hpp"
#include "tests/cpp/children.hpp"
#include "tests/cpp/csv_text.hpp"
#include "tests/cpp/run_program.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

using Flags = std::vector<std::string>;
using nlohmann::json;

class LifecycleBinaryTest : public testing::Test {
 protected:
  void SetUp() override { adopt_orphans(); }
  void TearDown() override { EXPECT_TRUE(has_no_children()); }

  static CsvText rows_of(Flags flags, int exit_code = 0, const Program::Variables& variables = {}) {
    flags.emplace_back("--csv=-");
    const Outcome outcome = run_program(bench("lifecycle", flags), variables);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    CsvText rows(outcome.out);
    EXPECT_TRUE(rows.torn.empty() && rows.is_rectangular());
    return rows;
  }

  const TemporaryDirectory directory;
};

std::size_t possible(std::uint64_t units) {
  std::size_t count = 0;
  for (const LifecycleInfo* info : lifecycles()) count += info->refuses == nullptr || info->refuses(units).empty() ? 1 : 0;
  return count;
}

TEST_F(LifecycleBinaryTest, EveryUnitAloneAndInABurst) {
  const CsvText rows = rows_of({"--tasks=1,3", "--bursts=2", "--resident=0"});
  ASSERT_EQ(rows.rows(), possible(1) + possible(3));
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    EXPECT_EQ(rows.at(row, "status"), "ok") << rows.at(row, "model") << rows.at(row, "error");
    EXPECT_EQ(rows.at(row, "benchmark"), "lifecycle");
    for (const char* name : {"setup_ns", "makespan_ns", "teardown_ns", "user_cpu_ns", "system_cpu_ns", "peak_rss_bytes"})
      EXPECT_NE(rows.at(row, name), "") << name;
    for (const char* name : {"sleep_ns", "compute_ns", "payload_bytes", "stages", "model_bound_ns", "machine_bound_ns", "checksum"})
      EXPECT_EQ(rows.at(row, name), "") << name;
    const double units = 2 * std::stod(rows.at(row, "tasks"));
    EXPECT_NEAR(std::stod(rows.at(row, "messages_per_second")) * std::stod(rows.at(row, "makespan_ns")) / 1e9, units, units * 1e-4);
  }
}

TEST_F(LifecycleBinaryTest, MemoryAndItsPagesAreToldInTheVariant) {
  const CsvText rows = rows_of({"--models=fork,thread", "--tasks=1", "--bursts=1", "--resident=0,4MiB", "--huge-pages=off"});
  std::multiset<std::string> variants;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    EXPECT_EQ(rows.at(row, "status"), "ok") << rows.at(row, "error");
    if (rows.at(row, "model") == "fork") variants.insert(rows.at(row, "variant"));
    if (rows.at(row, "variant").ends_with("resident-4MiB")) {
      EXPECT_GE(std::stoull(rows.at(row, "peak_rss_bytes")), std::uint64_t{4} << 20U);
    }
  }
  EXPECT_EQ(variants, (std::multiset<std::string>{"", "bare", "bare+resident-4MiB", "resident-4MiB"}));
}

TEST_F(LifecycleBinaryTest, HugePagesAreHadOrTheRowSaysWhyNot) {
  const CsvText rows = rows_of({"--models=fork", "--variant=bare", "--tasks=1", "--bursts=1", "--resident=4MiB", "--huge-pages=on"});
  ASSERT_EQ(rows.rows(), 1U);
  EXPECT_EQ(rows.at(0, "variant"), "bare+resident-4MiB+huge");
  if (rows.at(0, "status") == "ok") {
    EXPECT_EQ(lacks_huge_pages(), "");
    return;
  }
  EXPECT_EQ(rows.at(0, "status"), "skipped");  // memory may be too fragmented for them, too
  EXPECT_NE(rows.at(0, "error").find("transparent"), std::string::npos) << rows.at(0, "error");
}

TEST_F(LifecycleBinaryTest, HugePagesThatTheKernelDoesNotGiveAfterAllAreSkipped) {
  if (!lacks_huge_pages().empty()) GTEST_SKIP() << lacks_huge_pages();
  if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0) GTEST_SKIP() << "this kernel cannot deny huge pages to a process";
  const CsvText rows = rows_of({"--models=fork", "--variant=bare", "--tasks=1", "--bursts=1", "--resident=4MiB"});
  prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
  ASSERT_EQ(rows.rows(), 2U);
  EXPECT_EQ(rows.at(0, "status"), "ok") << rows.at(0, "error");
  EXPECT_EQ(rows.at(1, "status"), "skipped");
  EXPECT_EQ(rows.at(1, "error").find("transparent huge pages = 0 that the kernel gave, 4MiB needed: "), 0U) << rows.at(1, "error");
  EXPECT_EQ(rows.at(1, "makespan_ns"), "");
}

TEST_F(LifecycleBinaryTest, ArgumentsOfAListedCaseRunThatCase) {
  const Flags flags{"--tasks=2,1", "--resident=0,2MiB", "--bursts=1", "--huge-pages=off", "--list=json"};
  const json list = json::parse(run_program(bench("lifecycle", flags)).out);
  ASSERT_GT(list["cases"].size(), lifecycles().size());
  for (const json& point : list["cases"]) {
    if (!point["left_out"].is_null()) continue;
    const CsvText rows = rows_of(point["args"].get<Flags>());
    ASSERT_EQ(rows.rows(), 1U) << point.dump();
    for (const char* text : {"benchmark", "model", "variant"}) EXPECT_EQ(rows.at(0, text), point[text].get<std::string>());
    for (const char* number : {"tasks", "processes", "threads"})
      EXPECT_EQ(rows.at(0, number), std::to_string(point[number].get<std::uint64_t>())) << number;
    EXPECT_TRUE(point["model_bound_ns"].is_null());
  }
}

TEST_F(LifecycleBinaryTest, TheDefaultGridHasMemoryOnlyWhereOneProcessIsMade) {
  const json list = json::parse(run_program(bench("lifecycle", {"--list=json"})).out);
  std::set<std::string> names;
  for (const json& point : list["cases"]) {
    names.insert(point["name"].get<std::string>());
    const bool memory = point["variant"].get<std::string>().find("resident-") != std::string::npos;
    EXPECT_TRUE(!memory || point["tasks"] == 1) << point.dump();
  }
  EXPECT_EQ(names.size(), list["cases"].size());
  EXPECT_TRUE(names.contains("lifecycle/fork/resident-1GiB+huge/tasks:1/processes:1/threads:1"));
  EXPECT_TRUE(names.contains("lifecycle/thread/bare/tasks:100/processes:1/threads:100"));
}

TEST_F(LifecycleBinaryTest, RefusesWhatCannotBe) {
  for (const auto& [flags, told] : std::vector<std::pair<Flags, std::string>>{
           {{"--tasks=0"}, "from 1 to 1000000"},
           {{"--bursts=0"}, "from 1 to"},
           {{"--resident=64"}, "'64' is not allowed here: give a list, separated by commas, of: 0 or a number with a unit"},
           {{"--resident=2048TiB"}, "at most 1024TiB"},
           {{"--huge-pages=maybe"}, "off, on"},
           {{"--models=threads"}, "thread, async, fork"},
           {{"--variant=naked"}, "bare"},
           {{"--models=thread", "--resident=1MiB"}, "--resident has no meaning here"},
           {{"--models=fork", "--resident=0", "--huge-pages=on"}, "--huge-pages has no meaning here"},
           {{"--models=tbb_pool", "--variant=default", "--tasks=2"}, "all arenas of a process share its workers"},
           {{"--sleep=1ms"}, "--sleep"}}) {
    const Outcome outcome = run_program(bench("lifecycle", flags));
    EXPECT_EQ(outcome.exit_code, 2) << flags.front();
    EXPECT_NE(outcome.err.find(told), std::string::npos) << outcome.err;
  }
}

TEST_F(LifecycleBinaryTest, WhatTheSystemHasNotGotIsSkippedAndNamesTheLimit) {
  const CsvText crowd = rows_of({"--models=thread,fork,spawn,process_pool", "--variant=default", "--tasks=100000000", "--resident=0"});
  ASSERT_EQ(crowd.rows(), 4U);
  const CsvText memory = rows_of({"--models=fork,spawn", "--tasks=1", "--resident=1024TiB", "--huge-pages=off"});
  ASSERT_EQ(memory.rows(), 5U);
  for (const CsvText* rows : {&crowd, &memory}) {
    for (std::size_t row = 0; row < rows->rows(); ++row) {
      EXPECT_EQ(rows->at(row, "status"), "skipped");
      EXPECT_NE(rows->at(row, "error").find(" needed: "), std::string::npos) << rows->at(row, "error");
      EXPECT_EQ(rows->at(row, "makespan_ns"), "");
    }
  }
}

TEST_F(LifecycleBinaryTest, WithoutTheSmallProgramItsRowsAreSkipped) {
  const CsvText rows = rows_of({"--models=spawn", "--tasks=1", "--resident=0"}, 0, {{"PATH", directory.file("")}});
  ASSERT_EQ(rows.rows(), 3U);
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_EQ(rows.at(row, "status"), "skipped");
    EXPECT_NE(rows.at(row, "error").find("no program `true`"), std::string::npos) << rows.at(row, "error");
  }
}

TEST_F(LifecycleBinaryTest, AProgramThatFailsMakesTheRowAnError) {
  write_file(directory.file("true"), "#!/bin/sh\nexit 7\n");
  std::filesystem::permissions(directory.file("true"), std::filesystem::perms::owner_all);
  const CsvText rows = rows_of({"--models=spawn", "--tasks=2", "--bursts=1", "--resident=0"}, 3, {{"PATH", directory.file("")}});
  ASSERT_EQ(rows.rows(), 3U);
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_EQ(rows.at(row, "status"), "error");
    EXPECT_NE(rows.at(row, "error").find("ended with exit code 7"), std::string::npos) << rows.at(row, "error");
    EXPECT_EQ(rows.at(row, "makespan_ns"), "");
  }
}

TEST_F(LifecycleBinaryTest, ListsEveryKindWithItsFloor) {
  const Outcome outcome = run_program(bench("lifecycle", {"--list-models"}));
  EXPECT_EQ(outcome.exit_code, 0);
  for (const LifecycleInfo* info : lifecycles()) EXPECT_NE(outcome.out.find(info->summary), std::string::npos) << info->summary;
}

}  // namespace
}  // namespace makespan
