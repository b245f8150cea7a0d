// SPDX-License-Identifier: Apache-2.0
// bench_messages and bench_pipeline, started as a user or a script starts them.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/pipeline.hpp"
#include "models/transport.hpp"
#include "tests/cpp/children.hpp"
#include "tests/cpp/csv_text.hpp"
#include "tests/cpp/run_program.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

using Flags = std::vector<std::string>;
using nlohmann::json;

class TalkBinaryTest : public testing::Test {
 protected:
  void SetUp() override { adopt_orphans(); }
  void TearDown() override { EXPECT_TRUE(has_no_children()); }

  CsvText rows_of(const std::string& binary, Flags flags, int exit_code = 0) {
    flags.push_back("--csv=-");
    const Outcome outcome = run_program(bench(binary, flags));
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    CsvText rows(outcome.out);
    EXPECT_TRUE(rows.torn.empty() && rows.is_rectangular());
    return rows;
  }

  const TemporaryDirectory directory;
};

void expect_times(const CsvText& rows, std::size_t row) {
  EXPECT_EQ(rows.at(row, "status"), "ok") << rows.at(row, "error");
  for (const char* name : {"setup_ns", "makespan_ns", "teardown_ns", "user_cpu_ns", "system_cpu_ns", "peak_rss_bytes", "checksum"})
    EXPECT_NE(rows.at(row, name), "") << name;
  for (const char* name : {"sleep_ns", "compute_ns", "model_bound_ns", "machine_bound_ns", "max_in_flight", "overshoot_p50_ns"})
    EXPECT_EQ(rows.at(row, name), "") << name;
}

void expect_rate(const CsvText& rows, std::size_t row, double messages) {
  EXPECT_NEAR(std::stod(rows.at(row, "messages_per_second")) * std::stod(rows.at(row, "makespan_ns")) / 1e9, messages, messages * 1e-4);
}

TEST_F(TalkBinaryTest, EveryTransportHasAStreamAndAPingPong) {
  const CsvText rows = rows_of("messages", {"--payload=8,1000", "--tasks=400", "--roles=own,peer,floor"});
  std::size_t carried = 0;
  for (const TransportInfo* info : transports()) carried += info->refuses({.messages = 400}).empty() ? 4 : 0;
  ASSERT_EQ(rows.rows(), carried);
  std::set<std::string> checksums;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    expect_times(rows, row);
    expect_rate(rows, row, 400);
    EXPECT_EQ(rows.at(row, "tasks"), "400");
    EXPECT_NE(rows.at(row, "payload_bytes"), "");
    EXPECT_EQ(rows.at(row, "stages"), "");
    const bool answered = rows.at(row, "benchmark") == "ping_pong";
    EXPECT_TRUE(answered || rows.at(row, "benchmark") == "messages");
    for (const char* name : {"round_trip_p50_ns", "round_trip_p99_ns"}) EXPECT_EQ(rows.at(row, name) != "", answered);
    if (answered) {
      EXPECT_GE(std::stoll(rows.at(row, "round_trip_p99_ns")), std::stoll(rows.at(row, "round_trip_p50_ns")));
    }
    checksums.insert(rows.at(row, "benchmark") + rows.at(row, "payload_bytes") + " " + rows.at(row, "checksum"));
  }
  EXPECT_EQ(checksums.size(), 4U);  // the same messages arrived by every transport
}

TEST_F(TalkBinaryTest, RingsOfEverySize) {
  const CsvText rows = rows_of("messages", {"--ring", "--tasks=2,7", "--hops=100", "--roles=own,peer,floor"});
  ASSERT_GT(rows.rows(), transports().size());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    expect_times(rows, row);
    expect_rate(rows, row, rows.at(row, "tasks") == "7" ? 105 : 100);  // whole rounds
    EXPECT_EQ(rows.at(row, "benchmark"), "ring");
    EXPECT_EQ(rows.at(row, "payload_bytes"), "");
  }
}

TEST_F(TalkBinaryTest, SeveralProducersAndConsumersAreToldInTheVariant) {
  const CsvText rows = rows_of("messages", {"--mode=stream", "--models=threads", "--variant=queue", "--payload=8", "--tasks=100",
                                            "--producers=1,3", "--consumers=1,2"});
  ASSERT_EQ(rows.rows(), 4U);
  std::set<std::string> variants, threads;
  for (std::size_t row = 0; row < 4; ++row) {
    variants.insert(rows.at(row, "variant"));
    threads.insert(rows.at(row, "threads"));
  }
  EXPECT_EQ(variants, (std::set<std::string>{"queue", "queue+1to2", "queue+3to1", "queue+3to2"}));
  EXPECT_EQ(threads, (std::set<std::string>{"2", "3", "4", "5"}));
}

TEST_F(TalkBinaryTest, TracesEveryRoundTrip) {
  const std::string trace = directory.file("trace.csv");
  const CsvText batches =
      rows_of("messages", {"--mode=ping_pong,stream", "--models=event_loop,processes", "--tasks=20", "--payload=8", "--trace=" + trace});
  const CsvText trips(read_file(trace));
  ASSERT_EQ(trips.rows() % 10, 0U);
  ASSERT_GE(trips.rows(), 60U);
  for (std::size_t row = 0; row < trips.rows(); ++row) {
    EXPECT_EQ(trips.at(row, "benchmark"), "ping_pong");
    EXPECT_EQ(trips.at(row, "task"), std::to_string(row % 10));
    EXPECT_GT(std::stoll(trips.at(row, "end_ns")), std::stoll(trips.at(row, "start_ns")));
    EXPECT_EQ(trips.at(row, "overshoot_ns"), "");
  }
}

TEST_F(TalkBinaryTest, ArgumentsOfAListedCaseRunThatCase) {
  for (const auto& [binary, flags] : std::vector<std::pair<std::string, Flags>>{
           {"messages", {"--mode=stream,ping_pong,ring", "--tasks=6", "--payload=9", "--producers=2", "--hops=12"}},
           {"pipeline", {"--tasks=50", "--stages=3", "--pattern=a b"}}}) {
    Flags listing = flags;
    listing.push_back("--list=json");
    const json list = json::parse(run_program(bench(binary, listing)).out);
    ASSERT_GT(list["cases"].size(), 5U);
    for (const json& point : list["cases"]) {
      if (!point["left_out"].is_null()) continue;
      const CsvText rows = rows_of(binary, point["args"].get<Flags>());
      ASSERT_EQ(rows.rows(), 1U) << point.dump();
      for (const char* text : {"benchmark", "model", "variant"}) EXPECT_EQ(rows.at(0, text), point[text].get<std::string>());
      for (const char* number : {"tasks", "processes", "threads", "payload_bytes", "stages"}) {
        EXPECT_EQ(rows.at(0, number), point[number].is_null() ? "" : std::to_string(point[number].get<std::uint64_t>())) << number;
      }
      EXPECT_TRUE(point["model_bound_ns"].is_null());
    }
  }
}

TEST_F(TalkBinaryTest, RefusesWhatCannotBe) {
  for (const auto& [binary, flag, told] :
       std::vector<std::array<std::string, 3>>{{"messages", "--payload=0", "from 1 to 65536"},
                                               {"messages", "--payload=65537", "from 1 to 65536"},
                                               {"messages", "--mode=telepathy", "stream, ping_pong, ring"},
                                               {"messages", "--producers=65", "from 1 to 64"},
                                               {"messages", "--tasks=1", "from 2"},
                                               {"messages", "--sleep=1ms", "--sleep"},
                                               {"messages", "--hops=5", "only with ring"},
                                               {"pipeline", "--text=/dev/zero", "longer than 1 GiB"},
                                               {"messages", "--models=serial", "threads, processes, event_loop"},
                                               {"pipeline", "--stages=0", "from 1 to"},
                                               {"pipeline", "--text=" + directory.file("none"), directory.file("none")},
                                               {"pipeline", "--text=" + directory.file(""), "directory"},
                                               {"pipeline", "--pattern=two\nlines", "without line ends"}}) {
    const Outcome outcome = run_program(bench(binary, {flag}));
    EXPECT_EQ(outcome.exit_code, 2) << flag;
    EXPECT_NE(outcome.err.find(told), std::string::npos) << outcome.err;
  }
}

// More descriptors than a process may have, more message queues than the system has.
TEST_F(TalkBinaryTest, ARingTooLargeIsSkippedAndNamesTheLimit) {
  const CsvText rows = rows_of("messages", {"--ring", "--tasks=1000000", "--variant=pipe,posix_queue", "--hops=1"});
  ASSERT_EQ(rows.rows(), 4U);
  for (std::size_t row = 0; row < 4; ++row) {
    EXPECT_EQ(rows.at(row, "status"), "skipped");
    EXPECT_NE(rows.at(row, "error"), "");
  }
}

TEST_F(TalkBinaryTest, WhatATransportCannotDoIsListedWithTheReason) {
  const Outcome outcome = run_program(bench("messages", {"--ring", "--tasks=5", "--variant=bare_ring", "--list"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("left out: this floor is for two tasks"), std::string::npos) << outcome.out;
}

TEST_F(TalkBinaryTest, NothingLeftToRunIsToldWithTheReason) {
  const Outcome outcome = run_program(bench("messages", {"--ring", "--tasks=5", "--variant=bare_ring"}));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("this floor is for two tasks"), std::string::npos) << outcome.err;
}

TEST_F(TalkBinaryTest, AnEmptyTextHasNoRate) {
  const std::string file = directory.file("empty");
  write_file(file, "");
  const CsvText rows = rows_of("pipeline", {"--text=" + file, "--stages=1"});
  ASSERT_EQ(rows.rows(), pipelines().size());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    EXPECT_EQ(rows.at(row, "status"), "ok");
    EXPECT_EQ(rows.at(row, "messages_per_second"), "");
  }
}

// A grep that counts otherwise makes the row an error, not the binary.
TEST_F(TalkBinaryTest, AMismatchWithGrepIsARow) {
  const std::string grep = directory.file("grep");
  write_file(grep, "#!/bin/sh\necho 7\n");
  std::filesystem::permissions(grep, std::filesystem::perms::owner_all);
  const Outcome outcome = run_program(bench("pipeline", {"--tasks=100", "--stages=1", "--models=serial", "--csv=-"}),
                                      {{"PATH", directory.file("") + ":/usr/bin:/bin"}});
  EXPECT_EQ(outcome.exit_code, 3);
  const CsvText rows(outcome.out);
  ASSERT_EQ(rows.rows(), 1U);
  EXPECT_EQ(rows.at(0, "status"), "error");
  EXPECT_NE(rows.at(0, "error").find("but grep counts 7"), std::string::npos) << rows.at(0, "error");
}

TEST_F(TalkBinaryTest, EveryPipelineFindsWhatGrepFinds) {
  const std::string file = directory.file("text");
  std::string text;
  for (int line = 0; line < 3000; ++line) text += line % 3 == 0 ? "a needle here\n" : std::string(1, '\0') + "\xff nothing\n";
  write_file(file, text + "needle at the end");
  for (const char* pattern : {"needle", "absent", ""}) {
    const CsvText rows = rows_of("pipeline", {"--text=" + file, "--stages=1,5", std::string("--pattern=") + pattern});
    ASSERT_EQ(rows.rows(), 2 * pipelines().size());
    std::set<std::string> checksums;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      expect_times(rows, row);
      expect_rate(rows, row, std::stod(rows.at(row, "tasks")));
      EXPECT_EQ(rows.at(row, "benchmark"), "pipeline");
      EXPECT_NE(rows.at(row, "variant").find("text"), std::string::npos);
      checksums.insert(rows.at(row, "checksum"));
    }
    EXPECT_EQ(checksums.size(), 1U);
  }
}

}  // namespace
}  // namespace makespan
