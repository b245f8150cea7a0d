// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/stream.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>
#include <ostream>
#include <span>
#include <system_error>

#include "models/runtime/channel.hpp"
#include "models/runtime/process.hpp"
#include "tests/cpp/coroutines.hpp"

namespace makespan {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

Task<std::string> read_once(Stream& stream, std::size_t room) {
  std::string text(room, '\0');
  text.resize(co_await stream.read_some(std::as_writable_bytes(std::span(text))));
  co_return text;
}

Task<std::string> read_all(Stream& stream, std::size_t room) {
  std::string all;
  for (;;) {
    const std::string text = co_await read_once(stream, room);
    if (text.empty()) co_return all;
    all += text;
  }
}

Task<> write_all(Stream& stream, std::string text) {
  for (std::size_t done = 0; done < text.size();) done += co_await stream.write_some(bytes_of(text).subspan(done));
}

Task<> write_and_close(std::unique_ptr<Stream> stream, std::string text) {
  co_await write_all(*stream, std::move(text));
  stream.reset();  // a parameter lives as long as the frame, and the frame of a job for a while after its end
}

Task<> log_readable(Stream& stream, Log& log) {
  co_await stream.readable();
  log.push_back("readable");
}
Task<> log_writable(Stream& stream, Log& log) {
  co_await stream.writable();
  log.push_back("writable");
}
Task<> log_read(Stream& stream, Log& log) {
  try {
    log.push_back("read " + co_await read_once(stream, 100));
  } catch (const std::exception& error) {
    log.push_back(error.what());
    throw;
  }
}

// Any bytes, the same for the same size.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  unsigned random = 1;
  for (char& byte : text) byte = static_cast<char>((random = random * 1664525U + 1013904223U) >> 24U);
  return text;
}

DescriptorPair make_stream_sockets() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::system_error(errno, std::generic_category());
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void put(const Descriptor& in, const std::string& text) {
  ASSERT_EQ(write(in.number(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

/// A stream and the other end of it.
class Stage {
 public:
  explicit Stage(DescriptorPair pair = make_pipe())
      : stream(std::make_unique<Stream>(loop, std::move(pair.out))), other(std::move(pair.in)) {}
  EventLoop loop;
  std::unique_ptr<Stream> stream;
  Descriptor other;
  Log log;
  void settle() { loop.run_until_complete(give_after(loop, 2ms, 0)); }
  std::string read(std::size_t room) { return loop.run_until_complete(read_once(*stream, room)); }
};

/// A kind of pair, and its name.
struct Kind {
  const char* name;
  DescriptorPair (*make)();
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class StreamOfKind : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Stream, StreamOfKind,
                         testing::Values(Kind{"pipe", make_pipe}, Kind{"socket", make_stream_sockets}, Kind{"seqpacket", make_socket_pair}),
                         [](const auto& kind) { return std::string(kind.param.name); });

TEST_P(StreamOfKind, ReadsWhatIsThereAlready) {
  Stage stage(GetParam().make());
  put(stage.other, "hello");
  EXPECT_EQ(stage.read(100), "hello");
  put(stage.other, "again");
  EXPECT_EQ(stage.read(5), "again");  // fills the room: nothing is known of what follows
  put(stage.other, "more");
  EXPECT_EQ(stage.read(100), "more");
}

TEST_P(StreamOfKind, WaitsForWhatComes) {
  Stage stage(GetParam().make());
  (void)stage.loop.spawn(log_read(*stage.stream, stage.log));
  stage.settle();
  EXPECT_TRUE(stage.log.empty());
  put(stage.other, "late");
  stage.settle();
  EXPECT_EQ(stage.log, Log{"read late"});
}

TEST_P(StreamOfKind, GivesWhatCameBeforeTheEndAndThenTheEnd) {
  Stage stage(GetParam().make());
  put(stage.other, "last");
  stage.other.close();
  EXPECT_EQ(stage.read(100), "last");  // a part of the room, but no edge follows
  EXPECT_EQ(stage.read(100), "");
  EXPECT_EQ(stage.read(100), "");
}

TEST_P(StreamOfKind, TheEndEndsAWait) {
  Stage stage(GetParam().make());
  (void)stage.loop.spawn(log_read(*stage.stream, stage.log));
  stage.settle();
  stage.other.close();
  stage.settle();
  EXPECT_EQ(stage.log, Log{"read "});
}

TEST_P(StreamOfKind, PassesBytesFromOneTaskToAnother) {
  Stage stage(GetParam().make());
  const std::string text = pattern(GetParam().make == make_socket_pair ? 50'000 : 1 << 20);
  (void)stage.loop.spawn(write_and_close(std::make_unique<Stream>(stage.loop, std::move(stage.other)), text));
  EXPECT_EQ(stage.loop.run_until_complete(read_all(*stage.stream, 60'000)), text);
}

TEST_P(StreamOfKind, WritesToNobodyFail) {
  const IgnoreSigpipe ignore;
  Stage stage(GetParam().make());
  Stream writer(stage.loop, std::move(stage.other));
  stage.stream.reset();
  try {
    stage.loop.run_until_complete(write_all(writer, "x"));
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), EPIPE);
    EXPECT_NE(std::string(error.what()).find("write"), std::string::npos) << error.what();
  }
}

Task<> write_until_refused(Stream& stream, Log& log) {
  try {
    for (;;) co_await write_all(stream, std::string(10'000, 'x'));
  } catch (const std::system_error& error) {
    // A socket whose other end left something unread says so first.
    const bool gone = error.code().value() == EPIPE || error.code().value() == ECONNRESET;
    log.push_back(gone ? "nobody reads" : error.what());
  }
}

TEST_P(StreamOfKind, AWriterThatWaitsForRoomSeesThatNobodyReadsAnyMore) {
  const IgnoreSigpipe ignore;
  Stage stage(GetParam().make());
  Stream writer(stage.loop, std::move(stage.other));
  (void)stage.loop.spawn(write_until_refused(writer, stage.log));
  stage.settle();
  EXPECT_TRUE(stage.log.empty());
  stage.stream.reset();
  stage.settle();
  EXPECT_EQ(stage.log, Log{"nobody reads"});
}

TEST_P(StreamOfKind, TellsWhenItIsReadableAndWritable) {
  Stage stage(GetParam().make());
  Stream writer(stage.loop, std::move(stage.other));
  stage.loop.run_until_complete(log_writable(writer, stage.log));
  (void)stage.loop.spawn(log_readable(*stage.stream, stage.log));
  stage.settle();
  EXPECT_EQ(stage.log, Log{"writable"});
  stage.loop.run_until_complete(write_all(writer, "x"));
  stage.settle();
  EXPECT_EQ(stage.log, (Log{"writable", "readable"}));

  auto filler = stage.loop.spawn(write_all(writer, std::string(64, 'x')));
  auto full = stage.loop.spawn(write_until_refused(writer, stage.log));
  stage.settle();
  full.cancel();
  stage.settle();
  EXPECT_EQ(failure_of(stage.loop, wait_for(stage.loop, log_writable(writer, stage.log), 2ms)), timed_out_text);
  (void)stage.loop.spawn(read_all(*stage.stream, 100'000));
  stage.loop.run_until_complete(log_writable(writer, stage.log));
  EXPECT_TRUE(filler.done());
}

TEST(Stream, KeepsTheBordersOfMessages) {
  Stage stage(make_socket_pair());
  for (const char* const text : {"one", "three", "five"}) put(stage.other, text);
  EXPECT_EQ(stage.read(100), "one");  // less than the room, and yet there is more
  EXPECT_EQ(stage.read(100), "three");
  EXPECT_EQ(stage.read(100), "five");
}

TEST(Stream, ReadsLinesOfATerminal) {
  int ends[2];
  if (openpty(&ends[1], &ends[0], nullptr, nullptr, nullptr) != 0)
    GTEST_SKIP() << "no terminal: " << std::generic_category().message(errno);
  Stage stage({Descriptor(ends[0]), Descriptor(ends[1])});
  put(stage.other, "one\ntwo\n");
  EXPECT_EQ(stage.read(100), "one\n");
  EXPECT_EQ(stage.read(100), "two\n");
}

TEST(Stream, ReadsRegularFilesAlthoughTheSystemDoesNotWatchThem) {
  EventLoop loop;
  Stream file(loop, Descriptor(open(__FILE__, O_RDONLY | O_CLOEXEC)));
  const std::string text = loop.run_until_complete(read_all(file, 1000));
  EXPECT_TRUE(text.starts_with("// SPDX"));
  EXPECT_GT(text.size(), 1000U);
  Log log;
  loop.run_until_complete(log_readable(file, log));
  EXPECT_EQ(log, Log{"readable"});
}

TEST(Stream, MovesNothingAtOnce) {
  Stage stage;
  EXPECT_EQ(stage.read(0), "");
  EXPECT_THROW(stage.loop.run_until_complete(write_all(*stage.stream, "cannot write here")), std::system_error);
}

TEST(Stream, RefusesWhatIsNoDescriptor) {
  EventLoop loop;
  EXPECT_THROW(Stream(loop, Descriptor()), std::system_error);
  EXPECT_EQ(loop.run_until_complete(give_after(loop, 1us, 1)), 1);
}

TEST(Stream, RefusesASecondReader) {
  Stage stage;
  (void)stage.loop.spawn(log_read(*stage.stream, stage.log));
  stage.settle();
  const std::string words = failure_of(stage.loop, log_readable(*stage.stream, stage.log));
  EXPECT_NE(words.find("two tasks read"), std::string::npos) << words;
  put(stage.other, "x");
  stage.settle();
  EXPECT_EQ(stage.log, Log{"read x"});  // the first is none the worse for it
}

TEST(Stream, RefusesASecondWriterButNotAReaderBeside) {
  Stage stage(make_stream_sockets());
  (void)stage.loop.spawn(write_until_refused(*stage.stream, stage.log));
  (void)stage.loop.spawn(log_read(*stage.stream, stage.log));
  stage.settle();
  const std::string words = failure_of(stage.loop, write_all(*stage.stream, "x"));
  EXPECT_NE(words.find("two tasks write"), std::string::npos) << words;
  put(stage.other, "x");
  stage.settle();
  EXPECT_EQ(stage.log, Log{"read x"});
}

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

TEST(Stream, ReadsWhatAnotherProcessWrites) {
  Stage stage;
  const std::string text = pattern(3 << 20);
  Process child = Process::start([&] {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t written = write(stage.other.number(), text.data() + done, std::min<std::size_t>(text.size() - done, 7919));
      if (written < 0) _exit(1);
      done += static_cast<std::size_t>(written);
    }
  });
  stage.other.close();
  EXPECT_EQ(stage.loop.run_until_complete(read_all(*stage.stream, 10'000)), text);
  EXPECT_TRUE(child.wait().ok());
}

TEST(Stream, SeesThatAnotherProcessWasKilled) {
  Stage stage(make_socket_pair());
  DescriptorPair started = make_pipe();
  Process child = Process::start([&] {
    stage.stream.reset();  // takes nothing from its parent
    put(started.in, "x");
    for (;;) pause();
  });
  stage.other.close();
  char byte = 0;
  ASSERT_EQ(read(started.out.number(), &byte, 1), 1);
  (void)stage.loop.spawn(log_read(*stage.stream, stage.log));
  stage.settle();
  EXPECT_TRUE(stage.log.empty());
  child.kill();
  child.wait();
  stage.settle();
  EXPECT_EQ(stage.log, Log{"read "});
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
