// SPDX-License-Identifier: Apache-2.0
// A pipe, socket or terminal that coroutines of an event loop read and write.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/runtime/descriptor.hpp"
#include "models/runtime/event_loop.hpp"
#include "models/runtime/loop_wait.hpp"

namespace makespan {

/// A descriptor, set non-blocking and registered with a loop. Files that are always ready (regular ones) are so here. Not
/// for pipes in packet mode (O_DIRECT), which their reading ends do not show.
///
/// For the tasks of that loop. At any time one may wait to read, and one to write: std::logic_error for a second. All throw LoopClosed on
/// a closed loop, and Cancelled if the job is cancelled while they wait: then nothing has been read or written. What has
/// been is never lost: a cancellation that comes between the system call and the task's return from it is seen at the
/// task's next wait. A task that never has to wait still lets others have their turn every so many calls.
///
/// The loop may be closed or destroyed first. A wait that the stream's own destruction finds ends with std::system_error
/// (operation canceled). Waiting allocates nothing.
class Stream final : private Watched {
 public:
  class Wait;

  /// Throws LoopClosed, or std::system_error if the system refuses.
  Stream(EventLoop& loop, Descriptor descriptor);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  /// Waits until there is something to read, the end, or an error. It may have gone again, if others read too.
  [[nodiscard]] Wait readable() noexcept;
  /// Waits until there is room to write into, or an error.
  [[nodiscard]] Wait writable() noexcept;

  /// Reads what there is, at most `room`; gives its length, 0 at the end of the file. Waits only if there is nothing.
  /// A pipe or stream socket that fills less than `room` needs no second call to learn that it is empty: offer more than
  /// the message that is expected. Throws std::system_error. An empty `room` gives 0 at once.
  [[nodiscard]] Wait read_some(std::span<std::byte> room) noexcept;

  /// Writes what there is room for, gives its length. Waits only if there is no room at all. Empty `bytes` give 0 at once.
  /// Throws std::system_error; if nobody can read it any more, and the process ignores SIGPIPE, with EPIPE (or ECONNRESET, if
  /// the other end of a socket left something unread).
  [[nodiscard]] Wait write_some(std::span<const std::byte> bytes) noexcept;

  [[nodiscard]] const Descriptor& descriptor() const noexcept { return descriptor_; }

 private:
  // One of the two ways that bytes go.
  struct Direction {
    Wait* waiting = nullptr;
    bool ready = false;
    bool over = false;     // no edge comes after this one: only EAGAIN makes it unready
    unsigned at_once = 0;  // calls since a task last gave way
  };

  void changed(std::uint32_t events) noexcept override;
  void set_ready(Direction& direction, bool over) noexcept;
  void watch_room();

  EventLoop& loop_;
  Descriptor descriptor_;
  Direction in_, out_;
  bool watched_ = false;         // else it is always ready
  bool watches_room_ = false;    // asks for the edges of out_
  bool part_means_end_ = false;  // a call that moves a part only has moved all that there was, or all that there was room for
};

/// Awaits readiness, or moves bytes; gives how many, 0 for readiness.
class [[nodiscard]] Stream::Wait final : public LoopWait {
 public:
  ~Wait();

  [[nodiscard]] bool await_ready();
  template <class Promise>
  [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    if (done_) {  // lets others have their turn
      stream_->loop_.schedule(awaiting);
      return true;
    }
    if (!begin(stream_->loop_, awaiting)) return false;
    enter();
    return true;
  }
  std::size_t await_resume();

 private:
  friend class Stream;
  enum class Work : std::uint8_t { be_readable, be_writable, read, write };

  Wait(Stream& stream, Work work, void* bytes, std::size_t size) noexcept : stream_(&stream), bytes_(bytes), size_(size), work_(work) {}

  [[nodiscard]] bool moves() const noexcept { return work_ == Work::read || work_ == Work::write; }
  [[nodiscard]] bool reads() const noexcept { return work_ == Work::be_readable || work_ == Work::read; }
  [[nodiscard]] Direction& direction() const noexcept { return reads() ? stream_->in_ : stream_->out_; }
  [[nodiscard]] bool attempt() noexcept;
  [[nodiscard]] long call() const noexcept;
  void enter() noexcept;
  void end() noexcept;
  void leave() noexcept override;

  Stream* stream_;
  void* bytes_;  // only read from when writing
  std::size_t size_;
  std::size_t moved_ = 0;
  int error_ = 0;
  Work work_;
  bool done_ = false;     // nothing is left to be waited for
  bool waiting_ = false;  // is the one who waits in its direction
};

}  // namespace makespan
