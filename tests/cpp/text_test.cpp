// SPDX-License-Identifier: Apache-2.0
#include "workloads/text.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "models/runtime/descriptor.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

using namespace std::string_literals;

std::vector<std::string> lines_of(const Text& text) {
  std::vector<std::string> lines;
  for (std::string_view rest = text.bytes(); !rest.empty();) lines.emplace_back(take_line(rest, text.line_end()));
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Text, EndsLinesAtNewlines) {
  EXPECT_EQ(lines_of(Text("a\n\nbc\n")), (Lines{"a", "", "bc"}));
  EXPECT_EQ(lines_of(Text("a\nbc")), (Lines{"a", "bc"}));
  EXPECT_EQ(lines_of(Text("\n")), (Lines{""}));
  EXPECT_EQ(lines_of(Text("")), Lines{});
  EXPECT_EQ(Text("a\n").line_end(), LineEnd::newline);
}

TEST(Text, EndsLinesAtNulBytesToo) {
  const Text text("a\0\0bcdefghijklm\nn\0o"s);
  EXPECT_EQ(text.line_end(), LineEnd::newline_or_nul);
  EXPECT_EQ(lines_of(text), (Lines{"a", "", "bcdefghijklm", "n", "o"}));
  EXPECT_EQ(lines_of(Text("\0"s)), (Lines{""}));
}

// Each length before each terminator: the search takes eight bytes at a time.
TEST(Text, FindsEndsAtEveryPlace) {
  for (std::size_t length = 0; length < 40; ++length) {
    for (const char end : {'\n', '\0'}) {
      // Bytes that a search by arithmetic on words could take for an end.
      for (const char filler : {'\x01', '\x0b', '\x80', '\x8a', '\xff'}) {
        const std::string bytes = std::string(length, filler) + end + "rest";
        EXPECT_EQ(find_line_end(bytes, LineEnd::newline_or_nul), length);
        EXPECT_EQ(find_line_end(std::string_view(bytes).substr(0, length), LineEnd::newline_or_nul), std::string_view::npos);
        EXPECT_EQ(find_line_end(bytes, LineEnd::newline), end == '\n' ? length : std::string_view::npos);
      }
    }
  }
}

TEST(Text, CountsItsLines) {
  for (const std::string& bytes : {""s, "a"s, "\n"s, "a\nb"s, "a\nb\n"s, "\n\n\n"s, "a\0b"s, "a\0"s, "\0\n"s}) {
    const Text text(bytes);
    EXPECT_EQ(text.lines(), lines_of(text).size()) << testing::PrintToString(bytes);
  }
}

TEST(Text, GeneratedIsTheSameForASeed) {
  const Text text = Text::generate(5000, 1);
  EXPECT_EQ(text.bytes(), Text::generate(5000, 1).bytes());
  EXPECT_NE(text.bytes(), Text::generate(5000, 2).bytes());
  // A line depends on nothing but the seed and its place.
  EXPECT_TRUE(text.bytes().starts_with(Text::generate(100, 1).bytes()));
  EXPECT_EQ(LineTally::hash(Text::generate(1000, 7).bytes()), LineTally::hash(Text::generate(1000, 7).bytes()));
}

TEST(Text, GeneratedIsLikeText) {
  const Text text = Text::generate(20'000, 3);
  const Lines lines = lines_of(text);
  EXPECT_EQ(lines.size(), 20'000U);
  EXPECT_EQ(text.lines(), 20'000U);
  EXPECT_EQ(text.line_end(), LineEnd::newline);
  EXPECT_TRUE(text.bytes().ends_with('\n'));
  EXPECT_TRUE(
      std::all_of(text.bytes().begin(), text.bytes().end(), [](char byte) { return byte == '\n' || (byte >= ' ' && byte <= '~'); }));
  const double mean = static_cast<double>(text.bytes().size()) / 20'000;
  EXPECT_GT(mean, 50);
  EXPECT_LT(mean, 70);
  EXPECT_GT(std::count(lines.begin(), lines.end(), ""), 100);
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) { return line.size() > 2000; }));
}

TEST(Text, GeneratedHasItsPatternInHalfOfTheLines) {
  for (const std::string_view planted : {default_pattern, std::string_view("two words"), std::string_view("#")}) {
    const LineTally tally = matching(Text::generate(20'000, 4, planted), planted);
    EXPECT_GT(tally.lines, 9'500U) << planted;
    EXPECT_LT(tally.lines, 10'500U) << planted;
  }
  EXPECT_EQ(matching(Text::generate(20'000, 4, "other"), default_pattern).lines, 0U);
}

TEST(Text, PlantsNoPatternThatIsNone) {
  EXPECT_THROW((void)Text::generate(1, 1, "a\nb"), std::invalid_argument);
  EXPECT_THROW((void)Text::generate(1, 1, "a\0b"s), std::invalid_argument);
  EXPECT_EQ(Text::generate(0, 1).bytes(), "");
}

TEST(Text, ReadsAFile) {
  const TemporaryDirectory directory;
  const std::string file = directory.file("text");
  for (const std::string& bytes : {""s, "\n"s, "some\nlines\0and"s, std::string(3 << 20U, 'x')}) {
    write_file(file, bytes);
    const Text text = Text::read(file);
    EXPECT_TRUE(text.bytes() == bytes) << bytes.size();
  }
}

TEST(Text, ReadsWhatCannotBeMapped) {
  EXPECT_EQ(Text::read("/dev/null").bytes(), "");
  EXPECT_NE(Text::read("/proc/self/status").bytes().find("Name:"), std::string_view::npos);
  DescriptorPair pipe = make_pipe();
  const std::string bytes(200'000, 'y');
  std::jthread writer([&] {
    Text(bytes).write_to(pipe.in.number());
    pipe.in.close();
  });
  EXPECT_TRUE(Text::read("/dev/fd/" + std::to_string(pipe.out.number())).bytes() == bytes);
}

TEST(Text, NamesTheFileThatCannotBeRead) {
  const TemporaryDirectory directory;
  for (const std::string& file : {directory.file("absent"), directory.file("")}) {
    try {
      (void)Text::read(file);
      FAIL() << file << " was read";
    } catch (const std::system_error& error) {
      EXPECT_NE(std::string(error.what()).find("cannot read " + file), std::string::npos) << error.what();
    }
  }
}

TEST(Text, CopiesShareTheirBytesAndOutliveTheOriginal) {
  const auto copied = [] {
    const Text original("a short one");
    Text copy = original;
    EXPECT_EQ(copy.bytes().data(), original.bytes().data());
    return copy;
  };
  EXPECT_EQ(copied().bytes(), "a short one");
}

TEST(Text, IsReadableInAChild) {
  const TemporaryDirectory directory;
  write_file(directory.file("text"), "of a file\n");
  const Text mapped = Text::read(directory.file("text"));
  const Text made("at hand\n");
  const pid_t child = fork();
  if (child == 0) _exit(mapped.bytes() == "of a file\n" && made.bytes() == "at hand\n" ? 0 : 1);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(Text, WritesAllItsBytes) {
  const TemporaryDirectory directory;
  const std::string file = directory.file("copy");
  const Text text = Text::generate(30'000, 5);
  {
    std::FILE* stream = std::fopen(file.c_str(), "w");
    ASSERT_NE(stream, nullptr);
    text.write_to(fileno(stream));
    std::fclose(stream);
  }
  EXPECT_TRUE(read_file(file) == text.bytes());
  EXPECT_THROW(text.write_to(-1), std::system_error);
}

TEST(Contains, FindsAPatternAnywhere) {
  for (const std::string_view pattern : {"", "a", "abc", "bc", "c"}) EXPECT_TRUE(contains("abc", pattern)) << pattern;
  for (const std::string_view pattern : {"d", "ac", "abcd"}) EXPECT_FALSE(contains("abc", pattern)) << pattern;
  EXPECT_TRUE(contains({}, {}));
  EXPECT_FALSE(contains({}, "a"));
  EXPECT_TRUE(contains("a\0b"s, "\0b"s));
}

TEST(PatternProblem, IsALineEndInside) {
  EXPECT_FALSE(pattern_problem(""));
  EXPECT_FALSE(pattern_problem("any\ttext \xff"));
  EXPECT_NE(pattern_problem("a\n").value().find("newline"), std::string::npos);
  EXPECT_NE(pattern_problem("\0"s).value().find("NUL"), std::string::npos);
}

TEST(LineTally, KnowsLinesByTheirContentNotByTheirOrder) {
  LineTally one;
  LineTally other;
  for (const std::string_view line : {"first", "second", ""}) one.add(line);
  for (const std::string_view line : {"", "second", "first"}) other.add(line);
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.lines, 3U);
  other.add("");
  EXPECT_NE(one.checksum, other.checksum);
}

// Of every length, with every single bit changed, and with bytes appended that are zero.
TEST(LineTally, HashesDifferForDifferentLines) {
  std::set<Checksum> hashes;
  std::size_t made = 0;
  for (std::size_t length = 0; length <= 80; ++length) {
    std::string line(length, '\0');
    hashes.insert(LineTally::hash(line));
    ++made;
    for (std::size_t bit = 0; bit < 8 * length; ++bit) {
      line[bit / 8] = static_cast<char>(1U << bit % 8);
      hashes.insert(LineTally::hash(line));
      line[bit / 8] = 0;
      ++made;
    }
  }
  EXPECT_EQ(hashes.size(), made);
}

TEST(LineTally, HashesDifferForBlocksThatChangedPlaces) {
  const Text text = Text::generate(4000, 6);
  std::string line(text.bytes().substr(0, 64 * 1024));
  std::set<Checksum> hashes{LineTally::hash(line)};
  constexpr std::size_t block = 1024;  // 64 steps of the hash: a rotation comes round after as many
  for (std::size_t at = block; at < line.size(); at += block) {
    std::string changed = line;
    std::swap_ranges(changed.begin(), changed.begin() + block, changed.begin() + static_cast<std::ptrdiff_t>(at));
    hashes.insert(LineTally::hash(changed));
  }
  EXPECT_EQ(hashes.size(), line.size() / block);
}

TEST(Matching, IsWhatASearchLineByLineFinds) {
  const std::vector<Text> texts{Text(""), Text("\n\n"), Text("x"), Text("a\0ax\nx\n\0x\0"s), Text("xxx\nyx\nxy"), Text::generate(2000, 8)};
  for (const Text& text : texts) {
    for (const std::string_view pattern : {"", "x", "xx", "makespan", "absent"}) {
      LineTally expected;
      for (const std::string& line : lines_of(text)) {
        if (line.find(pattern) != std::string::npos) expected.add(line);
      }
      EXPECT_EQ(matching(text, pattern), expected) << pattern;
    }
  }
}

}  // namespace
}  // namespace makespan
