// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/stream.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace makespan {
namespace {

// A system call is so much dearer than a turn of the loop that giving way this often costs nothing.
constexpr unsigned most_at_once = 4;

constexpr std::uint32_t input_edges = EPOLLIN | EPOLLRDHUP;

// As epoll(7) has it: a pipe or stream socket that moves less than it was asked for is empty or full. Not so where messages
// have borders: other sockets, terminals.
bool moves_parts_at_the_end_only(int descriptor) noexcept {
  struct stat file {};
  if (fstat(descriptor, &file) == 0 && S_ISFIFO(file.st_mode)) return true;
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

}  // namespace

Stream::Stream(EventLoop& loop, Descriptor descriptor) : loop_(loop), descriptor_(std::move(descriptor)) {
  Poller& poller = loop.poller();
  descriptor_.set_nonblocking();
  part_means_end_ = moves_parts_at_the_end_only(descriptor_.number());
  watched_ = poller.add(*this, descriptor_.number(), input_edges);
  in_.ready = !watched_;
  // Room there is as a rule. Its edges are asked for when there was none: each time that the other side reads would wake
  // the loop for nothing.
  out_.ready = true;
}

Stream::~Stream() {
  for (const Direction* direction : {&in_, &out_}) {
    if (Wait* const wait = direction->waiting) {
      wait->error_ = ECANCELED;
      wait->end();
    }
  }
  if (poller() != nullptr) poller()->remove(*this, descriptor_.number());
}

Stream::Wait Stream::readable() noexcept { return {*this, Wait::Work::be_readable, nullptr, 0}; }
Stream::Wait Stream::writable() noexcept { return {*this, Wait::Work::be_writable, nullptr, 0}; }
Stream::Wait Stream::read_some(std::span<std::byte> room) noexcept { return {*this, Wait::Work::read, room.data(), room.size()}; }
Stream::Wait Stream::write_some(std::span<const std::byte> bytes) noexcept {
  return {*this, Wait::Work::write, const_cast<std::byte*>(bytes.data()), bytes.size()};
}

void Stream::changed(std::uint32_t events) noexcept {
  const bool broken = (events & (EPOLLHUP | EPOLLERR)) != 0;
  const bool ended = broken || (events & EPOLLRDHUP) != 0;
  if (ended || (events & EPOLLIN) != 0) set_ready(in_, ended);
  if (broken || (events & EPOLLOUT) != 0) set_ready(out_, broken);
}

void Stream::set_ready(Direction& direction, bool over) noexcept {
  direction.ready = true;
  direction.over = direction.over || over;
  if (direction.waiting != nullptr && direction.waiting->attempt()) direction.waiting->end();
}

void Stream::watch_room() {
  if (!watched_ || std::exchange(watches_room_, true)) return;
  out_.ready = false;
  poller()->change(*this, descriptor_.number(), input_edges | EPOLLOUT);
}

Stream::Wait::~Wait() {
  if (waiting_) leave();
}

bool Stream::Wait::await_ready() {
  if (stream_->poller() == nullptr) throw LoopClosed();
  if (direction().waiting != nullptr) {
    throw std::logic_error(reads() ? "two tasks read the same stream: one may wait at a time"
                                   : "two tasks write the same stream: one may wait at a time");
  }
  if (work_ == Work::be_writable) stream_->watch_room();
  if (!attempt()) {
    if (!reads()) stream_->watch_room();
    return false;
  }
  if (++direction().at_once < most_at_once) return true;
  direction().at_once = 0;
  return false;
}

void Stream::Wait::enter() noexcept {
  direction().at_once = 0;
  direction().waiting = this;
  waiting_ = true;
  stream_->poller()->begin_wait();
}

std::size_t Stream::Wait::await_resume() {
  throw_if_cancelled();
  if (error_ != 0) throw std::system_error(error_, std::generic_category(), reads() ? "read" : "write");
  return moved_;
}

// True: done, or failed. Resumes nobody.
bool Stream::Wait::attempt() noexcept {
  Direction& way = direction();
  const bool nothing_to_move = moves() && size_ == 0;
  if (!way.ready && !nothing_to_move) return false;
  if (moves() && !nothing_to_move) {
    const long moved = call();
    if (moved < 0 && errno == EAGAIN && stream_->watched_) {
      way.ready = way.over = false;
      return false;
    }
    if (moved < 0) {
      error_ = errno;
    } else {
      moved_ = static_cast<std::size_t>(moved);
      if (moved > 0 && moved_ < size_ && stream_->part_means_end_ && !way.over) way.ready = false;
    }
  }
  return done_ = true;
}

long Stream::Wait::call() const noexcept {
  const int descriptor = stream_->descriptor_.number();
  for (;;) {
    const long moved = reads() ? ::read(descriptor, bytes_, size_) : ::write(descriptor, bytes_, size_);
    if (moved >= 0 || errno != EINTR) return moved;
  }
}

void Stream::Wait::end() noexcept {
  leave();
  wake();
}

void Stream::Wait::leave() noexcept {
  waiting_ = false;
  direction().waiting = nullptr;
  if (Poller* const poller = stream_->poller()) poller->end_wait();
}

}  // namespace makespan
