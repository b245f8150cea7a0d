// SPDX-License-Identifier: Apache-2.0
// What goes through a stream, whatever its descriptor is.
#include "models/runtime/stream.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <ostream>
#include <system_error>

#include "models/runtime/process.hpp"
#include "tests/cpp/stream_stage.hpp"

namespace makespan {
namespace {

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

}  // namespace
}  // namespace makespan
