// SPDX-License-Identifier: Apache-2.0
// Every pipeline with every number of stages, text and pattern, against the grep of this machine.
#include "models/pipeline.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/cpp/in_cell.hpp"
#include "tests/cpp/leftovers.hpp"
#include "tests/cpp/run_program.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

using namespace std::string_literals;

/// A text and a pattern to look for in it.
struct Search {
  std::string name;
  std::string text;
  std::vector<std::string> patterns;
};

std::string repeated(std::string_view piece, std::size_t times) {
  std::string all;
  all.reserve(piece.size() * times);
  for (std::size_t time = 0; time < times; ++time) all += piece;
  return all;
}

std::string every_byte() {
  std::string bytes;
  for (int round = 0; round < 50; ++round) {
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte * (1 + 2 * round));
  }
  return bytes;
}

// Never, always, sometimes, empty, longer than any line: as far as a text has it.
std::vector<Search> searches() {
  const std::string long_line = repeated("0123456789abcdef", std::size_t{1} << 16U);
  return {
      {"empty", "", {"", "x"}},
      {"one empty line", "\n", {"", "x"}},
      {"only empty lines", repeated("\n", 5000), {"", "x"}},
      {"one line without end", "alone", {"", "alone", "lone", "alone together"}},
      {"no newline at the end", "first\nsecond\nthird", {"", "i", "third", "absent", repeated("third", 30)}},
      {"NUL bytes", "foo\0foo\nbar\0\0foo\n\nend of foo\0"s, {"", "foo", "o", "absent", "foobar"}},
      {"NUL at the end of a long one", repeated("filler ", 20'000) + "\0foo"s, {"", "foo", "filler", "absent"}},
      {"every byte", every_byte(), {"", "A", "\xff\x00"s.substr(0, 1), "\x80\x81", "absent", repeated("long", 1000)}},
      {"lines of a MiB",
       long_line + "needle\n" + "short\n" + long_line + "\n" + long_line + "\n" + "needle" + long_line,
       {"", "needle", "f0", "absent", "short", repeated("0123456789abcdef", 100)}},
      {"generated", std::string(Text::generate(20'000, 1).bytes()), {"", "makespan", "e", "absent!", repeated("makespan", 1000)}},
  };
}

std::uint64_t count_of_grep(const std::string& pattern, const std::string& file) {
  const Outcome outcome = run_program({"/usr/bin/env", "grep", "-c", "-F", "-e", pattern, file}, {{"LC_ALL", "C"}});
  if (outcome.exit_code != 0 && outcome.exit_code != 1) throw std::runtime_error("grep failed: " + outcome.err);
  return std::stoull(outcome.out);
}

/// What grep and matching() say of one text and pattern. Worked out once for all tests.
struct Expectation {
  std::string name;
  std::shared_ptr<const Text> text;
  std::string pattern;
  std::uint64_t grep_lines;
  LineTally tally;
};

const std::vector<Expectation>& expectations() {
  static const std::vector<Expectation> all = [] {
    std::vector<Expectation> expected;
    const TemporaryDirectory directory;
    for (const Search& search : searches()) {
      const std::string file = directory.file("text");
      write_file(file, search.text);
      const auto text = std::make_shared<const Text>(search.text);
      for (const std::string& pattern : search.patterns) {
        expected.push_back({fmt::format("{}, pattern of {} bytes \"{:.20}\"", search.name, pattern.size(), pattern), text, pattern,
                            count_of_grep(pattern, file), matching(*text, pattern)});
      }
    }
    return expected;
  }();
  return all;
}

TEST(Expectations, AreThoseOfGrep) {
  std::set<std::string_view> kinds;
  for (const Expectation& expected : expectations()) {
    EXPECT_EQ(expected.tally.lines, expected.grep_lines) << expected.name;
    const std::uint64_t lines = expected.text->lines();
    kinds.insert(lines == 0 ? "no lines" : expected.grep_lines == 0 ? "never" : expected.grep_lines == lines ? "always" : "sometimes");
  }
  EXPECT_EQ(kinds.size(), 4U);
}

using Case = std::pair<const PipelineInfo*, std::uint64_t>;

std::string readable(const PipelineInfo& info) {
  return info.variant.empty() ? std::string(info.model) : fmt::format("{}_{}", info.model, info.variant);
}

// The thread sanitizer, under which all this takes ten times as long, is there for those that have threads.
std::vector<Case> all_cases() {
#ifdef __SANITIZE_THREAD__
  constexpr bool threads_only = true;
#else
  constexpr bool threads_only = false;
#endif
  std::vector<Case> cases;
  for (const PipelineInfo* info : pipelines()) {
    if (threads_only && info->shape(1, 2).threads == 1) continue;
    for (const std::uint64_t stages : {1U, 2U, 5U, 16U}) {
      if (!threads_only || stages == 5) cases.emplace_back(info, stages);
    }
  }
  return cases;
}

class EveryPipeline : public testing::TestWithParam<Case> {
 protected:
  static const PipelineInfo& info() { return *GetParam().first; }
  static std::uint64_t stages() { return GetParam().second; }
  static std::unique_ptr<Pipeline> make(const LineFilter& filter) { return info().make(filter, info().shape(filter.stages, 2)); }

  static LineFilter filter_of(const Text& text, PipelineFault fault = {}) {
    return {.text = &text, .pattern = std::string(default_pattern), .stages = stages(), .fault = fault};
  }
};

TEST_P(EveryPipeline, CountsWhatGrepCounts) {
  (void)expectations();  // before the cell, which must not fork greps beside threads
  expect_in_cell([] {
    for (const Expectation& expected : expectations()) {
      const auto pipeline = make({.text = expected.text.get(), .pattern = expected.pattern, .stages = stages()});
      const LineTally tally = pipeline->run();
      require_equal(tally.lines, expected.grep_lines, expected.name + ": lines");
      require_equal(tally.checksum, expected.tally.checksum, expected.name + ": checksum");
    }
  });
}

TEST_P(EveryPipeline, RunsSeveralTimes) {
  expect_in_cell([] {
    const Text text = Text::generate(3000, 2);
    const auto pipeline = make(filter_of(text));
    for (int round = 0; round < 3; ++round) require(pipeline->run() == matching(text, default_pattern), "the tally is right");
  });
}

TEST_P(EveryPipeline, ALostLineShows) {
  expect_in_cell([] {
    const Text text = Text::generate(3000, 3);
    const LineTally expected = matching(text, default_pattern);
    const auto pipeline = make(filter_of(text, {PipelineFault::Kind::lose_line, stages() - 1, 1000}));
    const LineTally tally = pipeline->run();
    require_equal(tally.lines, expected.lines - 1, "lines");
    require(tally.checksum != expected.checksum, "the checksum differs");
  });
}

// At a line so early that the source still has more than all queues and pipes hold, and at the very first and last.
TEST_P(EveryPipeline, AnExceptionOfAStageArrivesWithItsWords) {
  expect_in_cell([] {
    const Text text = Text::generate(40'000, 4);
    const std::uint64_t last = matching(text, default_pattern).lines - 1;
    for (const std::uint64_t stage : std::set<std::uint64_t>{0, stages() / 2, stages() - 1}) {
      for (const std::uint64_t match : {std::uint64_t{0}, std::uint64_t{100}, last}) {
        const auto pipeline = make(filter_of(text, {PipelineFault::Kind::exception, stage, match}));
        try {
          (void)pipeline->run();
        } catch (const std::runtime_error& error) {
          require_contains(error.what(), fmt::format("injected exception in stage {}", stage + 1));
          continue;
        }
        throw std::runtime_error(fmt::format("no exception of stage {} came at match {}", stage + 1, match));
      }
    }
  });
}

// Of a process: run() says which. Of a thread: it is the death of all, and the cell says so.
TEST_P(EveryPipeline, ADeathIsNoticed) {
  const Text text = Text::generate(40'000, 5);
  for (const std::uint64_t stage : std::set<std::uint64_t>{0, stages() / 2, stages() - 1}) {
    for (const std::uint64_t match : {std::uint64_t{0}, std::uint64_t{9000}}) {
      const CellEnd end = run_in_cell(std::chrono::seconds(100), [&] {
        (void)make(filter_of(text, {PipelineFault::Kind::kill, stage, match}))->run();
      });
      EXPECT_EQ(end.status, CellEnd::Status::error);
      EXPECT_NE(end.error.find("signal 9"), std::string::npos) << end.error;
      if (info().unit == Unit::process) {
        const std::string role = fmt::format("stage {} of {} (process ", stage + 1, stages());
        EXPECT_NE(end.error.find(role), std::string::npos) << end.error;
      }
    }
  }
}

TEST_P(EveryPipeline, LeavesNothingBehind) {
  expect_in_cell([] {
    settle_sanitizer();
    const Text text = Text::generate(3000, 6);
    (void)make(filter_of(text))->run();  // what a library sets up once and for all
    const Holdings before = holdings();
    for (int round = 0; round < 3; ++round) (void)make(filter_of(text))->run();
    require_nothing_left(before);
    for (const std::uint64_t stage : {std::uint64_t{0}, stages() - 1}) {
      try {
        (void)make(filter_of(text, {PipelineFault::Kind::exception, stage, 500}))->run();
      } catch (const std::runtime_error&) {
        require_nothing_left(before);
        continue;
      }
      throw std::runtime_error("no exception came");
    }
  });
}

TEST_P(EveryPipeline, SaysHowManyDescriptorsItNeeds) {
  expect_in_cell([] {
    const Text text = Text::generate(300, 7);
    const auto pipeline = make(filter_of(text));
    (void)pipeline->run();                                          // what a library sets up once and for all
    const std::uint64_t open = count_entries("/proc/self/fd") - 1;  // without that of the look itself
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = open + info().files(stages());
    setrlimit(RLIMIT_NOFILE, &limit);
    require(pipeline->run() == matching(text, default_pattern), "the tally is right");
  });
}

std::string name_of_case(const testing::TestParamInfo<Case>& test) {
  return fmt::format("{}_{}_stages", readable(*test.param.first), test.param.second);
}

INSTANTIATE_TEST_SUITE_P(All, EveryPipeline, testing::ValuesIn(all_cases()), name_of_case);

TEST(Pipelines, AreFoundByModelAndVariant) {
  std::set<std::string> names;
  for (const PipelineInfo* info : pipelines()) {
    EXPECT_EQ(find_pipeline(info->model, info->variant), info);
    EXPECT_FALSE(info->summary.empty());
    names.insert(readable(*info));
  }
  EXPECT_EQ(names.size(), pipelines().size());
  EXPECT_EQ(find_pipeline("coroutines"), nullptr);
  EXPECT_EQ(find_pipeline("absent"), nullptr);
}

TEST(Pipelines, TellTheirShape) {
  EXPECT_EQ(find_pipeline("serial")->shape(16, 2), (Shape{1, 1}));
  EXPECT_EQ(find_pipeline("coroutines", "push")->shape(16, 2), (Shape{1, 1}));
  EXPECT_EQ(find_pipeline("threads")->shape(5, 2), (Shape{1, 7}));
  EXPECT_EQ(find_pipeline("processes")->shape(5, 2), (Shape{7, 1}));
  EXPECT_EQ(find_pipeline("tbb_pool", "pipeline")->shape(5, 2), (Shape{1, 2}));
}

TEST(Pipelines, RefuseWhatCannotBe) {
  const Text text("line\n");
  const PipelineInfo& serial = *find_pipeline("serial");
  EXPECT_THROW((void)serial.make({.text = &text, .pattern = "x", .stages = 0}, {}), std::invalid_argument);
  EXPECT_THROW((void)serial.make({.text = &text, .pattern = "x\ny", .stages = 1}, {}), std::invalid_argument);
  EXPECT_THROW((void)serial.make({.text = &text, .pattern = "x\0y"s, .stages = 1}, {}), std::invalid_argument);
}

}  // namespace
}  // namespace makespan
