// SPDX-License-Identifier: Apache-2.0
#include "models/transports/pipe_link.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "models/runtime/queue_closed.hpp"

namespace makespan {
namespace {

void write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::system_error(errno, std::generic_category(), "write to a pipe");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

std::size_t read_some(int descriptor, std::span<std::byte> into) {
  for (;;) {
    const ssize_t got = ::read(descriptor, into.data(), into.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "read from a pipe");
  }
}

// False at the end of the stream, if that is where it begins.
bool read_exactly(int descriptor, std::span<std::byte> into) {
  const std::size_t wanted = into.size();
  while (!into.empty()) {
    const std::size_t got = read_some(descriptor, into);
    if (got == 0 && into.size() == wanted) return false;
    if (got == 0) throw DecodeError("the pipe ended in the midst of a message");
    into = into.subspan(got);
  }
  return true;
}

}  // namespace

PipeLink::PipeLink(const LinkSpec& spec)
    : spec_(spec), pipe_(make_pipe()), locks_(spec.senders > 1, spec.receivers > 1), open_(spec.senders) {}

void PipeLink::release() noexcept {
  pipe_.in.close();
  pipe_.out.close();
}

PipeLink::Sender::Sender(PipeLink& link) : link_(link) {
  if (link.spec_.forked) link.pipe_.out.close();
}

void PipeLink::Sender::put(const Message& message) {
  if (closed_) throw QueueClosed();
  const auto lock = link_.locks_.for_sending();
  write_all(link_.pipe_.in.number(), writer_.frame(message));
}

void PipeLink::Sender::close() {
  closed_ = true;
  if (link_.spec_.forked || link_.open_.done()) link_.pipe_.in.close();
}

PipeLink::Receiver::Receiver(PipeLink& link)
    : link_(link), reader_(link.spec_.message_bytes, link.spec_.capacity), bytes_(link.spec_.receivers > 1 ? link.spec_.message_bytes : 0) {
  if (link.spec_.forked) link.pipe_.in.close();
}

bool PipeLink::Receiver::get(Message& message) { return link_.spec_.receivers > 1 ? get_exactly(message) : get_buffered(message); }

bool PipeLink::Receiver::get_buffered(Message& message) {
  while (!reader_.next(message)) {
    const std::size_t got = read_some(link_.pipe_.out.number(), reader_.room());
    if (got == 0 && reader_.empty()) return false;
    if (got == 0) throw DecodeError("the pipe ended in the midst of a message");
    reader_.filled(got);
  }
  return true;
}

bool PipeLink::Receiver::get_exactly(Message& message) {
  FrameLength length = 0;
  {
    const auto lock = link_.locks_.for_receiving();
    if (!read_exactly(link_.pipe_.out.number(), std::as_writable_bytes(std::span(&length, 1)))) return false;
    if (length > bytes_.size()) throw DecodeError("a frame in the pipe claims more bytes than the longest message has");
    if (!read_exactly(link_.pipe_.out.number(), std::span(bytes_).first(length)))
      throw DecodeError("the pipe ended in the midst of a message");
  }
  decode(std::span(bytes_).first(length), message);
  return true;
}

}  // namespace makespan
