// SPDX-License-Identifier: Apache-2.0
// The programs that the README shows do what it says.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/cpp/csv_text.hpp"
#include "tests/cpp/run_program.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

Outcome run_example(const std::string& name, const std::vector<std::string>& arguments = {}) {
  std::vector<std::string> command{std::string(MAKESPAN_BIN_DIR)};
  command[0].append("/example_").append(name);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command);
}

TEST(ExampleTest, QueueDeliversEveryOrder) {
  const Outcome outcome = run_example("queue");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "order 1: coffee\norder 2: coffee\norder 3: coffee\n");
}

TEST(ExampleTest, GrepFindsWhatGrepFinds) {
  const TemporaryDirectory directory;
  const std::string file = directory.file("text");
  write_file(file, "one fish\ntwo fish\n\nred bird\nno newline after this fish");
  const Outcome outcome = run_example("grep", {"fish", file});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, run_program({"/usr/bin/env", "grep", "-F", "fish", file}).out);
}

// Three sleeps of 300, 100 and 200 ms. That they run at once is the event loop's own test.
TEST(ExampleTest, GatherGivesTheValuesInTheirOrder) {
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = run_example("gather");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "300\n100\n200\n");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300));
}

}  // namespace
}  // namespace makespan
