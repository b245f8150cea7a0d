// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/process.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <utility>

#include "models/runtime/identity.hpp"
#include "models/runtime/shared_memory.hpp"
#include "tests/cpp/children.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void wait_for_signal() {
  for (;;) pause();
}

TEST(Process, RunsItsBodyInAChild) {
  const SharedArray<std::atomic<pid_t>> seen(2);
  Process child = Process::start([&] {
    seen[0] = getpid();
    seen[1] = getppid();
  });
  const pid_t id = child.id();
  EXPECT_NE(id, getpid());
  const ExitStatus status = child.wait();
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.text(), "exit code 0");
  EXPECT_EQ(seen[0], id);
  EXPECT_EQ(seen[1], getpid());
  EXPECT_EQ(child.id(), 0);
  EXPECT_TRUE(is_gone(id));
}

TEST(Process, TellsExitCodes) {
  for (const int code : {1, 3, 255}) {
    Process child = Process::start([&] { _exit(code); });
    const ExitStatus status = child.wait();
    EXPECT_EQ(status.code, code);
    EXPECT_EQ(status.signal, 0);
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(status.text(), "exit code " + std::to_string(code));
  }
}

TEST(Process, TellsSignals) {
  for (const int number : {SIGKILL, SIGTERM, SIGUSR1}) {
    Process child = Process::start([] { wait_for_signal(); });
    kill(child.id(), number);
    const ExitStatus status = child.wait();
    EXPECT_EQ(status.signal, number);
    EXPECT_FALSE(status.ok());
  }
  EXPECT_EQ((ExitStatus{.code = 0, .signal = SIGKILL}.text()), "signal 9 (Killed)");
}

TEST(Process, ThatThrowsEndsWithOneAndSaysWhy) {
  testing::internal::CaptureStderr();
  Process child = Process::start([] { throw std::runtime_error("broken inside"); });
  EXPECT_EQ(child.wait().code, 1);
  Process other = Process::start([] { throw 42; });
  EXPECT_EQ(other.wait().code, 1);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("broken inside"), std::string::npos) << said;
  EXPECT_NE(said.find("unknown exception"), std::string::npos) << said;
}

struct ExitHandlerMark {
  SharedArray<std::atomic<int>> ran{1};
};
ExitHandlerMark& exit_mark() {
  static ExitHandlerMark mark;
  return mark;
}

TEST(Process, RunsNothingOfTheParentBesides) {
  ExitHandlerMark& mark = exit_mark();
  static const pid_t parent = getpid();
  std::atexit([] {
    if (getpid() != parent) exit_mark().ran[0] = 1;
  });
  EXPECT_TRUE(Process::start([] {}).wait().ok());
  EXPECT_EQ(mark.ran[0], 0);
}

TEST(Process, PollReapsOnlyWhatHasEnded) {
  const SharedArray<std::atomic<bool>> go(1);
  Process child = Process::start([&] {
    while (!go[0]) sched_yield();
    _exit(4);
  });
  EXPECT_EQ(child.poll(), std::nullopt);
  EXPECT_NE(child.id(), 0);
  go[0] = true;
  std::optional<ExitStatus> status;
  while (!(status = child.poll())) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(status->code, 4);
  EXPECT_EQ(child.id(), 0);
}

TEST(Process, DestructorKillsAndReaps) {
  pid_t id = 0;
  {
    const Process child = Process::start([] { wait_for_signal(); });
    id = child.id();
    EXPECT_FALSE(is_gone(id));
  }
  EXPECT_TRUE(is_gone(id));
  EXPECT_TRUE(has_no_children());
}

TEST(Process, MovesWithItsChild) {
  Process first = Process::start([] { wait_for_signal(); });
  const pid_t id = first.id();
  Process second = std::move(first);
  EXPECT_EQ(first.id(), 0);  // NOLINT(bugprone-use-after-move): what is left is defined
  EXPECT_EQ(second.id(), id);
  second = Process::start([] { _exit(2); });
  EXPECT_EQ(second.wait().code, 2);
  second.kill();  // of nothing: no effect
}

TEST(Process, HasAnIdentityOfItsOwn) {
  (void)identity();  // fills the cache, which the child inherits
  const SharedArray<std::atomic<std::int32_t>> seen(2);
  Process child = Process::start([&] {
    seen[0] = identity().process;
    seen[1] = identity().thread;
  });
  const pid_t id = child.id();
  child.wait();
  EXPECT_EQ(seen[0], id);
  EXPECT_EQ(seen[1], id);
  EXPECT_EQ(identity().process, getpid());
}

TEST(Identity, IsThatOfTheThread) {
  std::int32_t other = 0;
  std::jthread([&] { other = identity().thread; }).join();
  EXPECT_EQ(identity().thread, gettid());
  EXPECT_NE(other, identity().thread);
}

TEST(ProcessDied, NamesTheProcessAndItsEnd) {
  const ProcessDied error("worker 2", 77, {.code = 0, .signal = SIGKILL});
  EXPECT_STREQ(error.what(), "worker 2 (process 77) ended with signal 9 (Killed)");
}

// The middle process cannot clean up: the kernel has to.
TEST(Process, DiesWithItsParent) {
  adopt_orphans();
  const SharedArray<std::atomic<pid_t>> grandchild(1);
  Process middle = Process::start([&] {
    const Process child = Process::start([&] {
      grandchild[0] = getpid();
      sleep(60);
      _exit(7);  // only if nobody killed it
    });
    wait_for_signal();
  });
  while (grandchild[0] == 0) std::this_thread::sleep_for(1ms);
  middle.kill();
  EXPECT_EQ(middle.wait().signal, SIGKILL);
  int status = 0;
  EXPECT_EQ(waitpid(grandchild[0], &status, 0), grandchild[0]);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

}  // namespace
}  // namespace makespan
