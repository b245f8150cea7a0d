// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/poller.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "models/runtime/process.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

struct Watcher final : Watched {
  void changed(std::uint32_t events) noexcept override {
    ++calls;
    seen |= events;
  }
  using Watched::poller;
  int calls = 0;
  std::uint32_t seen = 0;
};

void put(const Descriptor& in) { ASSERT_EQ(write(in.number(), "x", 1), 1); }

SteadyTime in(std::chrono::nanoseconds time) { return SteadyTime::clock::now() + time; }

// poller.wait_until may return early: waits until `deadline` has come or `watcher` has been told.
void wait(Poller& poller, const Watcher& watcher, SteadyTime deadline) {
  while (watcher.calls == 0 && SteadyTime::clock::now() < deadline) poller.wait_until(deadline);
}

class PollerBy : public testing::TestWithParam<bool> {
 protected:
  PollerBy() {
    if (GetParam()) poller.use_ppoll();
  }
  Poller poller;
  DescriptorPair pipe = make_pipe();
  Watcher watcher;
};
INSTANTIATE_TEST_SUITE_P(Poller, PollerBy, testing::Bool(), [](const auto& way) { return way.param ? "ppoll" : "epoll_pwait2"; });

TEST_P(PollerBy, TellsOfEachChangeOnce) {
  ASSERT_TRUE(poller.add(watcher, pipe.out.number(), EPOLLIN));
  poller.poll();
  EXPECT_EQ(watcher.calls, 0);
  put(pipe.in);
  wait(poller, watcher, in(1h));
  EXPECT_EQ(watcher.calls, 1);
  EXPECT_EQ(watcher.seen, static_cast<std::uint32_t>(EPOLLIN));
  poller.poll();  // still unread, but no news
  EXPECT_EQ(watcher.calls, 1);
  pipe.in.close();
  poller.wait_until(SteadyTime::max());
  EXPECT_EQ(watcher.calls, 2);
  EXPECT_NE(watcher.seen & EPOLLHUP, 0U);
  poller.remove(watcher, pipe.out.number());
}

TEST_P(PollerBy, WaitsUntilTheDeadline) {
  ASSERT_TRUE(poller.add(watcher, pipe.out.number(), EPOLLIN));
  for (const auto pause : {-1ns, 0ns, 1ns, 900ns, 1'200'000ns, 40'000'000ns}) {
    const SteadyTime deadline = in(pause);
    wait(poller, watcher, deadline);
    EXPECT_GE(SteadyTime::clock::now(), deadline);
  }
  EXPECT_EQ(watcher.calls, 0);
  EXPECT_EQ(poller.uses_ppoll(), GetParam());
  poller.remove(watcher, pipe.out.number());
}

TEST_P(PollerBy, ChangesWhatItWatches) {
  ASSERT_TRUE(poller.add(watcher, pipe.in.number(), EPOLLIN));
  poller.poll();
  EXPECT_EQ(watcher.calls, 0);
  poller.change(watcher, pipe.in.number(), EPOLLIN | EPOLLOUT);
  wait(poller, watcher, in(1h));
  EXPECT_EQ(watcher.seen, static_cast<std::uint32_t>(EPOLLOUT));
  poller.remove(watcher, pipe.in.number());
}

TEST_P(PollerBy, ForgetsWhoIsRemoved) {
  ASSERT_TRUE(poller.add(watcher, pipe.out.number(), EPOLLIN));
  EXPECT_EQ(watcher.poller(), &poller);
  put(pipe.in);
  poller.remove(watcher, pipe.out.number());
  EXPECT_EQ(watcher.poller(), nullptr);
  poller.wait_until(in(1ms));
  EXPECT_EQ(watcher.calls, 0);
}

TEST(Poller, MayGoBeforeThoseItWatches) {
  Watcher first, second;
  const DescriptorPair pipe = make_pipe();
  {
    Poller poller;
    ASSERT_TRUE(poller.add(first, pipe.out.number(), EPOLLIN));
    ASSERT_TRUE(poller.add(second, pipe.in.number(), EPOLLIN));
  }
  EXPECT_EQ(first.poller(), nullptr);
  EXPECT_EQ(second.poller(), nullptr);
}

TEST(Poller, SaysWhatItCannotWatch) {
  Poller poller;
  Watcher file, nothing;
  const Descriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(poller.add(file, null.number(), EPOLLIN));
  EXPECT_THROW(poller.add(nothing, -1, EPOLLIN), std::system_error);
  EXPECT_EQ(nothing.poller(), nullptr);
  poller.remove(file, null.number());
}

TEST(Poller, CountsThoseWhoWait) {
  Poller poller;
  EXPECT_FALSE(poller.awaited());
  poller.begin_wait();
  EXPECT_TRUE(poller.awaited());
  poller.end_wait();
  EXPECT_FALSE(poller.awaited());
}

// From here on the kernel answers epoll_pwait2 with `error`, as an older one or a container's sandbox does. For a child.
bool refuse_epoll_pwait2(int error) {
  const auto code = static_cast<std::uint32_t>(error);
  std::array<sock_filter, 4> filter{{{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},  // the number of the call
                                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_epoll_pwait2},
                                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | code},
                                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}}};
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(Poller, FindsOutByItselfThatTheKernelIsOlder) {
  for (const int error : {ENOSYS, EPERM}) {
    Process child = Process::start([&] {
      if (!refuse_epoll_pwait2(error)) _exit(77);
      Poller poller;
      Watcher watcher;
      const DescriptorPair pipe = make_pipe();
      poller.add(watcher, pipe.out.number(), EPOLLIN);
      const SteadyTime deadline = in(2ms);
      wait(poller, watcher, deadline);
      if (SteadyTime::clock::now() < deadline || watcher.calls != 0) _exit(2);
      put(pipe.in);
      wait(poller, watcher, in(1h));
      _exit(poller.uses_ppoll() && watcher.calls == 1 ? 0 : 3);
    });
    const ExitStatus status = child.wait();
    if (status.code == 77) GTEST_SKIP() << "seccomp is not available here";
    EXPECT_TRUE(status.ok()) << status.text();
  }
}

}  // namespace
}  // namespace makespan
