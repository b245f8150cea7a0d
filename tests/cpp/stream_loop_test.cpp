// SPDX-License-Identifier: Apache-2.0
// Streams and their loop: cancellation, the end of either, and what else goes on meanwhile.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "models/runtime/channel.hpp"
#include "models/runtime/process.hpp"
#include "tests/cpp/stream_stage.hpp"

namespace makespan {
namespace {

TEST(Stream, ACancelledReadTakesNothing) {
  Stage stage;
  auto reader = stage.loop.spawn(log_read(*stage.stream, stage.log));
  stage.settle();
  reader.cancel();
  put(stage.other, "kept");
  stage.settle();
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(stage.log, Log{cancelled_text});
  EXPECT_EQ(stage.read(100), "kept");
  EXPECT_EQ(failure_of(stage.loop, wait_for(stage.loop, read_once(*stage.stream, 1), 2ms)), timed_out_text);
}

// Reads byte after byte; is cancelled after each, also between the read and its own turn.
Task<> read_despite_all(Stream& stream, std::string& all) {
  for (;;) {
    try {
      const std::string text = co_await read_once(stream, 1);
      if (text.empty()) co_return;
      all += text;
    } catch (const Cancelled&) {
    }
  }
}
Task<> cancel_until_done(EventLoop& loop, Spawned<void>& job) {
  while (!job.done()) {
    job.cancel();
    co_await loop.sleep_for(0ns);
  }
}

TEST(Stream, WhatWasReadIsNotLostToACancellation) {
  Stage stage;
  const std::string text = pattern(5000);
  std::string all;
  auto reader = stage.loop.spawn(read_despite_all(*stage.stream, all));
  (void)stage.loop.spawn(write_and_close(std::make_unique<Stream>(stage.loop, std::move(stage.other)), text));
  stage.loop.run_until_complete(cancel_until_done(stage.loop, reader));
  EXPECT_EQ(all, text);
}

TEST(Stream, AFailureBesideCancelsTheReadInAGather) {
  Stage stage;
  std::vector<Task<>> tasks;
  struct Fail {
    static Task<> after(EventLoop& loop) { (void)co_await fail_after(loop, 1ms, "broken"); }
  };
  tasks.push_back(log_read(*stage.stream, stage.log));
  tasks.push_back(Fail::after(stage.loop));
  EXPECT_EQ(failure_of(stage.loop, gather(std::move(tasks))), "broken");
  EXPECT_EQ(stage.log, Log{cancelled_text});
}

TEST(Stream, ItsEndEndsTheWaits) {
  Stage stage;
  (void)stage.loop.spawn(log_read(*stage.stream, stage.log));
  stage.settle();
  stage.stream.reset();
  stage.settle();
  ASSERT_EQ(stage.log.size(), 1U);
  EXPECT_NE(stage.log[0].find(std::generic_category().message(ECANCELED)), std::string::npos) << stage.log[0];
}

TEST(Stream, OfAClosedLoopSaysSo) {
  Stage stage(make_stream_sockets());
  (void)stage.loop.spawn(log_read(*stage.stream, stage.log));
  (void)stage.loop.spawn(write_until_refused(*stage.stream, stage.log));
  stage.settle();
  stage.loop.close();
  EXPECT_TRUE(stage.log.empty());
  EventLoop other;
  EXPECT_EQ(failure_of(other, read_once(*stage.stream, 1)), LoopClosed().what());
  EXPECT_EQ(failure_of(other, write_all(*stage.stream, "x")), LoopClosed().what());
  EXPECT_THROW(Stream(stage.loop, make_pipe().out), LoopClosed);
}

TEST(Stream, MayOutliveItsLoop) {
  auto loop = std::make_unique<EventLoop>();
  Stream stream(*loop, make_pipe().out);
  Log log;
  (void)loop->spawn(log_readable(stream, log));
  loop->run_until_complete(give(1));
  loop.reset();
  EventLoop other;
  EXPECT_EQ(failure_of(other, read_once(stream, 1)), LoopClosed().what());
}

Task<> own_a_stream_that_another_waits_for(EventLoop& loop, Log& log) {
  const DescriptorPair pair = make_pipe();
  Stream stream(loop, Descriptor(dup(pair.out.number())));
  (void)loop.spawn(log_read(stream, log));
  co_await loop.sleep_for(for_ever);
}

TEST(Stream, TheLoopMayDestroyItWithThoseWhoWait) {
  EventLoop loop;
  Log log;
  (void)loop.spawn(own_a_stream_that_another_waits_for(loop, log));
  loop.run_until_complete(give_after(loop, 1ms, 0));
  loop.close();
  EXPECT_TRUE(log.empty());
}

TEST(Stream, AWaitForADescriptorIsNoStall) {
  Stage stage;
  const Process child = Process::start([&] {
    usleep(20'000);
    put(stage.other, "x");
  });
  EXPECT_EQ(stage.read(10), "x");  // no timer, nothing ready: only the descriptor
}

TEST(Stream, ALoopStallsBesideADescriptorThatNobodyWaitsFor) {
  Stage stage;
  auto reader = stage.loop.spawn(log_read(*stage.stream, stage.log));
  stage.settle();
  reader.cancel();
  stage.settle();
  put(stage.other, "x");
  Channel<int> nobody_puts(stage.loop, 1);
  struct Get {
    static Task<> one(Channel<int>& channel) { (void)co_await channel.get(); }
  };
  EXPECT_THROW(stage.loop.run_until_complete(Get::one(nobody_puts)), LoopStalled);
}

Task<> set_after(EventLoop& loop, std::chrono::nanoseconds delay, bool& set) {
  co_await loop.sleep_for(delay);
  set = true;
}
Task<> read_zeros_until(Stream& zeros, const bool& stop) {
  while (!stop) (void)co_await read_once(zeros, 10);
}
Task<> pass_on_until(Stream& from, Stream& to, const bool& stop) {
  while (!stop) co_await write_all(to, co_await read_once(from, 100));
}
Task<> yield_until(Channel<int>& from, Channel<int>& to, const bool& stop) {
  while (!stop) {
    co_await to.put(1);
    (void)co_await from.get();
  }
  to.close();
}
Task<> read_and_set(Stream& stream, bool& set) {
  (void)co_await read_once(stream, 100);
  set = true;
}

TEST(Stream, TimersGoOnBesideDescriptorsThatAreAlwaysReady) {
  EventLoop loop;
  Stream zeros(loop, Descriptor(open("/dev/zero", O_RDONLY | O_CLOEXEC)));
  bool stop = false;
  (void)loop.spawn(set_after(loop, 5ms, stop));
  loop.run_until_complete(read_zeros_until(zeros, stop));  // would never end if the timer were starved

  DescriptorPair forth = make_pipe();
  DescriptorPair back = make_pipe();
  Stream forth_out(loop, std::move(forth.out));
  Stream forth_in(loop, std::move(forth.in));
  Stream back_out(loop, std::move(back.out));
  Stream back_in(loop, std::move(back.in));
  stop = false;
  (void)loop.spawn(set_after(loop, 5ms, stop));
  (void)loop.spawn(pass_on_until(forth_out, back_in, stop));
  loop.run_until_complete(write_all(forth_in, "token"));
  loop.run_until_complete(pass_on_until(back_out, forth_in, stop));
}

TEST(Stream, DescriptorsGoOnBesideTasksThatAreAlwaysReady) {
  Stage stage;
  Channel<int> forth(stage.loop, 1);
  Channel<int> back(stage.loop, 1);
  bool stop = false;
  (void)stage.loop.spawn(read_and_set(*stage.stream, stop));
  stage.settle();
  put(stage.other, "stop");
  (void)stage.loop.spawn(yield_until(forth, back, stop));
  stage.loop.run_until_complete(yield_until(back, forth, stop));  // would never end if nobody looked at the descriptor
  EXPECT_TRUE(stop);
}

TEST(Stream, ALoopThatWaitsForDescriptorsKeepsItsDeadlines) {
  for (const bool ppoll : {false, true}) {
    Stage stage;
    if (ppoll) stage.loop.poller().use_ppoll();
    (void)stage.loop.spawn(log_read(*stage.stream, stage.log));
    for (const auto pause : {1ns, 1500ns, 700'000ns, 30'000'000ns}) {
      const auto begin = EventLoop::now();
      EXPECT_EQ(stage.loop.run_until_complete(give_after(stage.loop, pause, 1)), 1);
      EXPECT_GE(EventLoop::now() - begin, pause);
    }
    put(stage.other, "x");
    stage.settle();
    EXPECT_EQ(stage.log, Log{"read x"});
    EXPECT_EQ(stage.loop.poller().uses_ppoll(), ppoll);
  }
}

TEST(Stream, AWaitForADescriptorUsesNoCpu) {
  Stage stage;
  (void)stage.loop.spawn(log_read(*stage.stream, stage.log));
  const std::clock_t before = std::clock();
  stage.loop.run_until_complete(give_after(stage.loop, 200ms, 1));
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 10);  // CPU time, not wall time
}

TEST(Stream, ManyAtOnceAreAllServed) {
  EventLoop loop;
  constexpr std::size_t count = 300;  // more than the system reports at once
  std::vector<std::unique_ptr<Stream>> streams;
  std::vector<Descriptor> others;
  std::vector<Task<std::string>> tasks;
  for (std::size_t index = 0; index < count; ++index) {
    DescriptorPair pair = make_pipe();
    put(pair.in, std::to_string(index));
    streams.push_back(std::make_unique<Stream>(loop, std::move(pair.out)));
    others.push_back(std::move(pair.in));
    tasks.push_back(read_once(*streams.back(), 100));
  }
  const std::vector<std::string> texts = loop.run_until_complete(gather(std::move(tasks)));
  for (std::size_t index = 0; index < count; ++index) EXPECT_EQ(texts[index], std::to_string(index));
}

}  // namespace
}  // namespace makespan
