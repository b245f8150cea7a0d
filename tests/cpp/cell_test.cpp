// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/cell.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"
#include "tests/cpp/children.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using Status = CellEnd::Status;

constexpr auto never = 10min;  // beyond the test's own time limit: reaching it is a failure

[[noreturn]] void sleep_forever() {
  for (;;) pause();
}

// What the processes of a cell tell the test.
struct Board {
  std::atomic<pid_t> leader;
  std::atomic<pid_t> child;
  std::atomic<pid_t> grandchild;
};

class CellTest : public testing::Test {
 protected:
  CellEnd run(std::chrono::nanoseconds limit, const std::function<void()>& body) const {
    const CellEnd end = run_in_cell(limit, [&] {
      board().leader = getpid();
      body();
    });
    EXPECT_TRUE(board().leader == 0 || group_is_gone(board().leader));
    EXPECT_TRUE(has_no_children());  // no zombie either
    return end;
  }
  Board& board() const { return board_[0]; }

 private:
  const SharedArray<Board> board_{1};
};

// A child with a child of its own, forked without any of the suite's precautions; both sleep until they are ended.
void fork_generations(Board& board) {
  if (fork() == 0) {
    board.child = getpid();
    if (fork() == 0) board.grandchild = getpid();
    sleep_forever();
  }
  while (board.child == 0 || board.grandchild == 0) std::this_thread::sleep_for(1ms);
}

TEST_F(CellTest, ABodyThatReturnsIsOk) {
  const CellEnd end = run(never, [] {});
  EXPECT_EQ(end.status, Status::ok);
  EXPECT_EQ(end.error, "");
}

TEST_F(CellTest, RunsInAProcessAndAGroupOfItsOwn) {
  const SharedArray<std::atomic<pid_t>> seen(2);
  EXPECT_EQ(run(never, [&] { seen[0] = getpid(), seen[1] = getpgrp(); }).status, Status::ok);
  EXPECT_NE(seen[0], getpid());
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(CellTest, TheWordsOfAnExceptionArrive) {
  const CellEnd end = run(never, [] { throw std::runtime_error("out of luck"); });
  EXPECT_EQ(end.status, Status::error);
  EXPECT_EQ(end.error, "out of luck");
}

TEST_F(CellTest, ALongExceptionIsCutAndAnUnknownOneIsAnError) {
  const CellEnd longest = run(never, [] { throw std::runtime_error(std::string(100'000, 'x')); });
  EXPECT_EQ(longest.status, Status::error);
  EXPECT_EQ(longest.error, std::string(longest.error.size(), 'x'));
  EXPECT_GE(longest.error.size(), 200U);
  const CellEnd unknown = run(never, [] { throw 42; });
  EXPECT_EQ(unknown.status, Status::error);
  EXPECT_NE(unknown.error, "");
}

TEST_F(CellTest, ACrashIsNamed) {
  for (const int number : {SIGABRT, SIGSEGV, SIGKILL, SIGTERM}) {
    const CellEnd end = run(never, [number] {
      signal(number, SIG_DFL);  // sanitizers catch some of them
      raise(number);
    });
    EXPECT_EQ(end.status, Status::error);
    EXPECT_NE(end.error.find("signal " + std::to_string(number)), std::string::npos) << end.error;
  }
}

TEST_F(CellTest, AnExitIsNamed) {
  const CellEnd end = run(never, [] { _exit(3); });
  EXPECT_EQ(end.status, Status::error);
  EXPECT_NE(end.error.find("exit code 3"), std::string::npos) << end.error;
}

TEST_F(CellTest, IsEndedAfterItsTime) {
  const auto begin = std::chrono::steady_clock::now();
  const CellEnd end = run(50ms, [] { sleep_forever(); });
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 50ms);
  EXPECT_EQ(end.status, Status::timeout);
  EXPECT_NE(end.error.find("0.05 s"), std::string::npos) << end.error;
}

TEST_F(CellTest, IsEndedAfterItsTimeWhateverItDoesAboutSignals) {
  const auto stubborn = [] {
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) signal(number, SIG_IGN);
    sleep_forever();
  };
  EXPECT_EQ(run(50ms, stubborn).status, Status::timeout);
  EXPECT_EQ(run(50ms, [] { raise(SIGSTOP); }).status, Status::timeout);
}

TEST_F(CellTest, AnyTimeLimitIsFine) {
  EXPECT_EQ(run(std::chrono::nanoseconds::max(), [] {}).status, Status::ok);
  EXPECT_EQ(run(0ns, [] { sleep_forever(); }).status, Status::timeout);
}

TEST_F(CellTest, DescendantsThatOutliveALeaderThatReturnsAreEnded) {
  EXPECT_EQ(run(never, [&] { fork_generations(board()); }).status, Status::ok);
  EXPECT_TRUE(is_gone(board().child));
  EXPECT_TRUE(is_gone(board().grandchild));
}

TEST_F(CellTest, DescendantsOfALeaderThatCrashesAreEnded) {
  const CellEnd end = run(never, [&] {
    fork_generations(board());
    raise(SIGKILL);
  });
  EXPECT_EQ(end.status, Status::error);
  EXPECT_TRUE(is_gone(board().child));
  EXPECT_TRUE(is_gone(board().grandchild));
}

TEST_F(CellTest, DescendantsOfALeaderThatHangsAreEnded) {
  const CellEnd end = run(500ms, [&] {
    fork_generations(board());
    sleep_forever();
  });
  EXPECT_EQ(end.status, Status::timeout);
  EXPECT_TRUE(is_gone(board().child));
  EXPECT_TRUE(is_gone(board().grandchild));
}

TEST_F(CellTest, OrphansOfOrphansAreEnded) {
  const auto leave_an_orphan = [&] {
    if (fork() == 0) {
      if (fork() != 0) _exit(0);
      fork_generations(board());
      _exit(0);
    }
    while (board().grandchild == 0) std::this_thread::sleep_for(1ms);
  };
  EXPECT_EQ(run(never, leave_an_orphan).status, Status::ok);
  EXPECT_TRUE(is_gone(board().child));
  EXPECT_TRUE(is_gone(board().grandchild));
}

// A process that leaves the group is not the cell's any more: it lives on. Its children in the group are ended all the
// same, though nobody but it can reap them, and nobody waits for that.
TEST_F(CellTest, AProcessThatLeavesTheGroupIsOnItsOwn) {
  const CellEnd end = run_in_cell(never, [&] {
    if (fork() == 0) {
      if (fork() == 0) {
        board().grandchild = getpid();
        sleep_forever();
      }
      setsid();
      board().child = getpid();
      sleep_forever();
    }
    while (board().child == 0 || board().grandchild == 0) std::this_thread::sleep_for(1ms);
  });
  EXPECT_EQ(end.status, Status::ok);
  EXPECT_FALSE(is_gone(board().child));
  EXPECT_EQ(kill(board().child, SIGKILL), 0);
  EXPECT_TRUE(all_children_end());
  EXPECT_TRUE(is_gone(board().grandchild));
}

// As the suite's models fork: each generation with a parent-death signal.
TEST_F(CellTest, NothingOfItOutlivesACallerThatIsKilled) {
  adopt_orphans();
  Process caller = Process::start([&] {
    static_cast<void>(run_in_cell(never, [&] {
      board().leader = getpid();
      const Process child = Process::start([&] {
        board().child = getpid();
        const Process grandchild = Process::start([&] {
          board().grandchild = getpid();
          sleep_forever();
        });
        sleep_forever();
      });
      sleep_forever();
    }));
  });
  ASSERT_TRUE(comes_true([&] { return board().grandchild != 0; }));
  caller.kill();
  EXPECT_EQ(caller.wait().signal, SIGKILL);
  EXPECT_TRUE(all_children_end());
  EXPECT_TRUE(group_is_gone(board().leader));
  EXPECT_TRUE(is_gone(board().grandchild));
}

TEST_F(CellTest, IsWatchedFromOutsideAsLongAsTheWatchWants) {
  int looks = 0;
  pid_t seen = 0;
  const Watch watch = [&](pid_t group) {
    seen = group;
    EXPECT_NE(getpid(), board().leader.load());
    if (++looks == 3) board().child = 1;  // lets it end
    return looks < 3;
  };
  const auto body = [&] {
    board().leader = getpid();
    while (board().child == 0) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(20ms);
  };
  EXPECT_EQ(run_in_cell(never, body, watch).status, Status::ok);
  EXPECT_EQ(looks, 3);
  EXPECT_EQ(seen, board().leader);
}

TEST_F(CellTest, AWatchedCellIsEndedAfterItsTime) {
  EXPECT_EQ(run_in_cell(
                30ms, [] { sleep_forever(); }, [](pid_t) { return true; })
                .status,
            Status::timeout);
}

TEST_F(CellTest, LeavesOtherChildrenOfTheCallerAlone) {
  Process bystander = Process::start([] { sleep_forever(); });
  EXPECT_EQ(run_in_cell(never, [] {}).status, Status::ok);
  EXPECT_FALSE(bystander.poll().has_value());
}

}  // namespace
}  // namespace makespan
