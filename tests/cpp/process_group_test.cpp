// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/process_group.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>

#include "models/runtime/descriptor.hpp"
#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"
#include "tests/cpp/leftovers.hpp"

namespace makespan {
namespace {

class ProcessGroupTest : public testing::Test {
 protected:
  ~ProcessGroupTest() override { EXPECT_NO_THROW(require_nothing_left(before_)); }

 private:
  Holdings before_ = holdings();
};

// What the group threw, if it was an Error.
template <class Error>
std::string words_of(std::uint64_t count, const std::function<void(std::uint64_t)>& body) {
  try {
    run_in_processes(count, "helper", body);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_F(ProcessGroupTest, RunsEachIndexOnceInAProcessOfItsOwn) {
  const SharedArray<std::atomic<pid_t>> process(8);
  const SharedArray<std::atomic<int>> runs(8);
  run_in_processes(8, "helper", [&](std::uint64_t index) {
    process[index] = getpid();
    ++runs[index];
  });
  std::set<pid_t> processes{getpid()};
  for (std::size_t index = 0; index < 8; ++index) {
    EXPECT_EQ(runs[index], 1);
    EXPECT_TRUE(processes.insert(process[index]).second);
  }
}

TEST_F(ProcessGroupTest, OfNoneReturnsAtOnce) {
  run_in_processes(0, "helper", [](std::uint64_t) { throw std::logic_error("nobody is to run"); });
}

TEST_F(ProcessGroupTest, RunsAllAtOnce) {
  const SharedArray<std::atomic<int>> arrived(1);
  run_in_processes(6, "helper", [&](std::uint64_t) {
    for (++arrived[0]; arrived[0] < 6;) usleep(100);  // would wait for ever if one ran after the other
  });
  EXPECT_EQ(arrived[0], 6);
}

TEST_F(ProcessGroupTest, PassesOnTheWordsOfAChildThatThrew) {
  const std::string words = words_of<std::runtime_error>(4, [](std::uint64_t index) {
    if (index == 2) throw std::runtime_error("the disk is full");
  });
  EXPECT_NE(words.find("helper"), std::string::npos) << words;
  EXPECT_NE(words.find("the disk is full"), std::string::npos) << words;
}

TEST_F(ProcessGroupTest, CutsWordsThatAreTooLong) {
  const std::string words = words_of<std::runtime_error>(1, [](std::uint64_t) { throw std::runtime_error(std::string(5000, 'y')); });
  EXPECT_NE(words.find("yyyyyyyy"), std::string::npos) << words;
  EXPECT_LT(words.size(), 400U);
}

TEST_F(ProcessGroupTest, TellsOfAChildThatWasKilledAndEndsTheOthers) {
  const std::string words = words_of<ProcessDied>(4, [](std::uint64_t index) {
    if (index == 0) raise(SIGKILL);
    for (;;) pause();
  });
  EXPECT_NE(words.find("helper"), std::string::npos) << words;
  EXPECT_NE(words.find("signal 9 (Killed)"), std::string::npos) << words;
}

// A group whose members wait for one another: the first would never end.
TEST_F(ProcessGroupTest, NoticesAnyChildThatIsKilledWhenAskedTo) {
  ProcessGroup group(3, "helper", [](std::uint64_t index) {
    if (index == 2) raise(SIGKILL);
    for (;;) pause();
  });
  try {
    group.wait_for_any();
    FAIL() << "nothing was thrown";
  } catch (const ProcessDied& error) {
    EXPECT_NE(std::string(error.what()).find("signal 9"), std::string::npos) << error.what();
  }
}

TEST_F(ProcessGroupTest, BlamesTheOneThatWasKilledAndNotThoseThatFailedForIt) {
  DescriptorPair ends = make_pipe();
  const IgnoreSigpipe no_signal;
  ProcessGroup group(2, "helper", [&](std::uint64_t index) {
    if (index == 1) raise(SIGKILL);
    char byte = 0;
    ends.in.close();
    if (read(ends.out.number(), &byte, 1) == 0) throw std::runtime_error("end of file");
  });
  ends.in.close();
  try {
    group.wait_for_any();
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("signal 9"), std::string::npos) << error.what();
  }
}

TEST_F(ProcessGroupTest, TellsOfAChildThatExits) {
  EXPECT_NE(words_of<ProcessDied>(2, [](std::uint64_t index) { _exit(static_cast<int>(index) * 5); }).find("exit code 5"),
            std::string::npos);
}

TEST_F(ProcessGroupTest, TellsOfAChildThatThrewNoStdException) {
  EXPECT_NE(words_of<ProcessDied>(1, [](std::uint64_t) { throw 42; }), "");
}

}  // namespace
}  // namespace makespan
