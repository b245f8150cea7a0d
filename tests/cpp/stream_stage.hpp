// SPDX-License-Identifier: Apache-2.0
// Streams and small coroutines that the tests of streams are made of.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "models/runtime/stream.hpp"
#include "tests/cpp/coroutines.hpp"

namespace makespan {

inline std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

inline Task<std::string> read_once(Stream& stream, std::size_t room) {
  std::string text(room, '\0');
  text.resize(co_await stream.read_some(std::as_writable_bytes(std::span(text))));
  co_return text;
}

inline Task<std::string> read_all(Stream& stream, std::size_t room) {
  std::string all;
  for (;;) {
    const std::string text = co_await read_once(stream, room);
    if (text.empty()) co_return all;
    all += text;
  }
}

inline Task<> write_all(Stream& stream, std::string text) {
  for (std::size_t done = 0; done < text.size();) done += co_await stream.write_some(bytes_of(text).subspan(done));
}

inline Task<> write_and_close(std::unique_ptr<Stream> stream, std::string text) {
  co_await write_all(*stream, std::move(text));
  stream.reset();  // a parameter lives as long as the frame, and the frame of a job for a while after its end
}

inline Task<> log_readable(Stream& stream, Log& log) {
  co_await stream.readable();
  log.push_back("readable");
}
inline Task<> log_writable(Stream& stream, Log& log) {
  co_await stream.writable();
  log.push_back("writable");
}
inline Task<> log_read(Stream& stream, Log& log) {
  try {
    log.push_back("read " + co_await read_once(stream, 100));
  } catch (const std::exception& error) {
    log.push_back(error.what());
    throw;
  }
}

// Any bytes, the same for the same size.
inline std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  unsigned random = 1;
  for (char& byte : text) byte = static_cast<char>((random = random * 1664525U + 1013904223U) >> 24U);
  return text;
}

inline DescriptorPair make_stream_sockets() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::system_error(errno, std::generic_category());
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

inline void put(const Descriptor& in, const std::string& text) {
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

inline Task<> write_until_refused(Stream& stream, Log& log) {
  try {
    for (;;) co_await write_all(stream, std::string(10'000, 'x'));
  } catch (const std::system_error& error) {
    // A socket whose other end left something unread says so first.
    const bool gone = error.code().value() == EPIPE || error.code().value() == ECONNRESET;
    log.push_back(gone ? "nobody reads" : error.what());
  }
}

}  // namespace makespan
