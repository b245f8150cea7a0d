// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/csv_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/runtime/process.hpp"
#include "tests/cpp/csv_text.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {
namespace {

using Row = std::vector<std::string>;
constexpr std::array<std::string_view, 3> header{"name", "words", "number"};
constexpr std::string_view header_line = "name,words,number\n";

class CsvFileTest : public testing::Test {
 protected:
  std::string complaint() const {
    try {
      const CsvFile file(path, header);
    } catch (const CsvError& error) {
      return error.what();
    }
    return "";
  }

  const TemporaryDirectory directory;
  const std::string path = directory.file("samples.csv");
};

TEST_F(CsvFileTest, ANewFileBeginsWithTheHeader) {
  CsvFile file(path, header);
  EXPECT_EQ(read_file(path), header_line);
  file.append(Row{"a", "b", "1"});
  EXPECT_EQ(read_file(path), "name,words,number\na,b,1\n");  // at once, not when the file is closed
}

TEST_F(CsvFileTest, AnEmptyFileIsLikeANewOne) {
  write_file(path, "");
  EXPECT_EQ(complaint(), "");
  EXPECT_EQ(read_file(path), header_line);
}

TEST_F(CsvFileTest, AppendsToItsOwnFile) {
  CsvFile(path, header).append(Row{"a", "b", "1"});
  CsvFile(path, header).append(Row{"c", "d", "2"});
  EXPECT_EQ(read_file(path), "name,words,number\na,b,1\nc,d,2\n");
}

TEST_F(CsvFileTest, QuotesOnlyWhatNeedsIt) {
  CsvFile(path, header).append(Row{"a b", "x,y", "\"\n\r"});
  EXPECT_EQ(read_file(path), "name,words,number\na b,\"x,y\",\"\"\"\n\r\"\n");
}

TEST_F(CsvFileTest, AnEmptyFirstFieldIsStillAField) {
  EXPECT_EQ(CsvFile::line(Row{"", "", ""}), ",,\n");
  EXPECT_EQ(CsvFile::line(Row{"", "b"}), ",b\n");
}

TEST_F(CsvFileTest, WritesManyRowsAtOnce) {
  CsvFile(path, header).append_lines(CsvFile::line(Row{"a", "b", "1"}) + CsvFile::line(Row{"c", "d", "2"}));
  EXPECT_EQ(read_file(path), "name,words,number\na,b,1\nc,d,2\n");
}

TEST_F(CsvFileTest, RefusesAForeignHeaderAndNamesTheFirstDifference) {
  struct Example {
    const char *content, *difference;
  };
  for (const auto& [content, difference] : {Example{"name,word,number\n", "column 2 is 'word' where 'words' belongs"},
                                            Example{"name,words\n1,2\n", "column 3 is '' where 'number' belongs"},
                                            Example{"name,words,number,more\n", "column 4 is 'more' where '' belongs"},
                                            Example{"name,words,number\r\n", "column 3 is 'number\r' where 'number' belongs"},
                                            Example{"\n", "column 1 is '' where 'name' belongs"}}) {
    write_file(path, content);
    const std::string text = complaint();
    EXPECT_NE(text.find(path + ":1: "), std::string::npos) << text;
    EXPECT_NE(text.find(difference), std::string::npos) << text;
    EXPECT_EQ(read_file(path), content);
  }
}

TEST_F(CsvFileTest, RefusesAFileThatIsNoCsvAndLeavesItAlone) {
  for (const std::string& content : {std::string("#!/bin/sh"), std::string("nam\"e"), std::string(100'000, 'x')}) {
    write_file(path, content);
    EXPECT_NE(complaint().find(path + ":1: "), std::string::npos) << content;
    EXPECT_EQ(read_file(path), content);
  }
}

TEST_F(CsvFileTest, CutsOffATornLastLine) {
  for (const char* torn : {"c", "c,d,2", "c,\"d", "c,\"two\nlines\n", "c,\"say \"\"no\"\"\n", "c,d,\"2\"", ",", "\"\""}) {
    write_file(path, std::string("name,words,number\na,\"b\n\"\"b\"\"\",1\n") + torn);
    testing::internal::CaptureStderr();
    CsvFile(path, header).append(Row{"e", "f", "3"});
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find(path + ":4: "), std::string::npos) << said;
    EXPECT_EQ(read_file(path), "name,words,number\na,\"b\n\"\"b\"\"\",1\ne,f,3\n") << torn;
  }
}

TEST_F(CsvFileTest, AFileThatEndsWellIsNotCut) {
  write_file(path, "name,words,number\na,\"b\nb\",1\n");
  testing::internal::CaptureStderr();
  EXPECT_EQ(complaint(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(read_file(path), "name,words,number\na,\"b\nb\",1\n");
}

TEST_F(CsvFileTest, WritesATornHeaderAnew) {
  for (std::size_t length = 1; length < header_line.size(); ++length) {
    write_file(path, header_line.substr(0, length));
    testing::internal::CaptureStderr();
    EXPECT_EQ(complaint(), "") << length;
    EXPECT_NE(testing::internal::GetCapturedStderr().find(path + ":1: "), std::string::npos) << length;
    EXPECT_EQ(read_file(path), header_line) << length;
  }
}

TEST_F(CsvFileTest, NamesWhatCannotBeOpened) {
  const std::string missing = directory.file("none/samples.csv");
  EXPECT_THROW(CsvFile(missing, header), CsvError);
  try {
    const CsvFile file(directory.file(""), header);
    FAIL() << "a directory was opened";
  } catch (const CsvError& error) {
    EXPECT_NE(std::string(error.what()).find(directory.file("")), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("directory"), std::string::npos) << error.what();
  }
}

TEST_F(CsvFileTest, RefusesAFileWithoutPermission) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write to everything";
  write_file(path, header_line);
  chmod(path.c_str(), 0444);
  EXPECT_NE(complaint().find("Permission denied"), std::string::npos) << complaint();
}

TEST_F(CsvFileTest, ADeviceThatIsFullIsAnError) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  EXPECT_THROW(CsvFile("/dev/full", header), CsvError);
}

TEST_F(CsvFileTest, MinusIsStandardOutput) {
  testing::internal::CaptureStdout();
  CsvFile("-", header).append(Row{"a", "b", "1"});
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "name,words,number\na,b,1\n");
  EXPECT_EQ(write(STDOUT_FILENO, "", 0), 0);  // still open
}

TEST_F(CsvFileTest, AMovedFileGoesOn) {
  CsvFile first(path, header);
  CsvFile second(std::move(first));
  second.append(Row{"a", "b", "1"});
  EXPECT_EQ(CsvText(read_file(path)).rows(), 1U);
}

// A file system that is full after `bytes`: for this process files end there.
void limit_file_size(rlim_t bytes) {
  signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(10);
}

// Writes rows until the disk is full. Exit code: 0 if that was told and the file held whole rows only at once after.
int fill_disk(const std::string& path, rlim_t bytes) {
  limit_file_size(bytes);
  try {
    CsvFile file(path, header);
    for (int row = 0; row < 1000; ++row) file.append(Row{"name", "a\n\"b\"", std::to_string(row)});
  } catch (const CsvError& error) {
    if (std::string(error.what()).find(path + ": ") == std::string::npos) return 12;
    const CsvText text(read_file(path));
    return text.torn.empty() && text.is_rectangular() ? 0 : 13;
  }
  return 11;
}

TEST_F(CsvFileTest, AFullDiskLeavesWholeRows) {
  for (const rlim_t bytes : {0U, 1U, 17U, 18U, 19U, 100U, 1000U, 4097U}) {
    std::filesystem::remove(path);
    Process writer = Process::start([&] { _exit(fill_disk(path, bytes)); });
    EXPECT_EQ(writer.wait().code, 0) << bytes;
    CsvFile(path, header).append(Row{"later", "", "1"});  // there is room again
    const CsvText text(read_file(path));
    EXPECT_TRUE(text.torn.empty());
    EXPECT_EQ(text.at(text.rows() - 1, "name"), "later");
    for (std::size_t row = 0; row + 1 < text.rows(); ++row) EXPECT_EQ(text.at(row, "number"), std::to_string(row));
  }
}

// Rows long enough that a page boundary falls into many of them.
Row row_of(std::size_t writer, std::size_t number) {
  return {std::to_string(writer), std::string(50 + 37 * (number % 50), '"'), std::to_string(number)};
}

TEST_F(CsvFileTest, RowsOfConcurrentWritersDoNotMix) {
  constexpr std::size_t writers = 6, rows = 60;
  std::vector<Process> processes;
  for (std::size_t writer = 0; writer < writers; ++writer) {
    processes.push_back(Process::start([&] {
      for (std::size_t row = 0; row < rows; ++row) CsvFile(path, header).append(row_of(writer, row));  // opened anew each time
    }));
  }
  for (Process& process : processes) EXPECT_TRUE(process.wait().ok());

  const CsvText text(read_file(path));
  EXPECT_TRUE(text.torn.empty());
  ASSERT_EQ(text.rows(), writers * rows);
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t row = 0; row < text.rows(); ++row) {
    const auto& [writer, number] = std::pair(text.at(row, "name"), text.at(row, "number"));
    EXPECT_EQ(text.records[row + 1], row_of(std::stoul(writer), std::stoul(number)));
    EXPECT_TRUE(seen.insert({writer, number}).second);
  }
}

}  // namespace
}  // namespace makespan
