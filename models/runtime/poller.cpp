// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/poller.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <span>
#include <system_error>

namespace makespan {
namespace {

using std::chrono::nanoseconds;

// No loss if more have changed: the kernel keeps the rest for the next call, and takes turns.
constexpr std::size_t at_once = 64;

[[noreturn]] void refused(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

timespec as_timespec(nanoseconds time) noexcept {
  constexpr std::int64_t second = 1'000'000'000;
  return {.tv_sec = time.count() / second, .tv_nsec = time.count() % second};
}

// The kernel lets a wait for descriptors be late by 0.1 % of its length (0.5 % if niced; select_estimate_accuracy in
// fs/select.c). So a long one stops short of its end, and its last part is short enough to be kept to the timer slack.
nanoseconds first_part(nanoseconds time) noexcept {
  constexpr nanoseconds kept_well = std::chrono::milliseconds(5);
  return time > kept_well ? time - time / 128 : time;
}

void tell(std::span<const epoll_event> events) noexcept {
  for (const epoll_event& event : events) static_cast<Watched*>(event.data.ptr)->changed(event.events);
}

epoll_event edges(Watched& watched, std::uint32_t events) noexcept { return {.events = events | EPOLLET, .data = {.ptr = &watched}}; }

}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)), owner_(getpid()) {
  if (!epoll_.open()) refused("epoll_create1");
}

Poller::~Poller() {
  while (!watched_.empty()) {
    watched_.front().poller_ = nullptr;
    watched_.front().unlink();
  }
}

bool Poller::add(Watched& watched, int descriptor, std::uint32_t events) {
  epoll_event event = edges(watched, events);
  const bool accepted = epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) == 0;
  if (!accepted && errno != EPERM) refused("epoll_ctl");
  watched.poller_ = this;
  watched_.push_back(watched);
  return accepted;
}

void Poller::change(Watched& watched, int descriptor, std::uint32_t events) {
  epoll_event event = edges(watched, events);
  if (epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event) != 0) refused("epoll_ctl");
}

// Taken out by name: closing is not enough while a forked child has the same file open. Such a child must not do it, as it
// would take it out for its parent.
void Poller::remove(Watched& watched, int descriptor) noexcept {
  if (getpid() == owner_) epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
  watched.poller_ = nullptr;
  watched.unlink();
}

void Poller::poll() noexcept {
  std::array<epoll_event, at_once> events;
  const int count = epoll_wait(epoll_.number(), events.data(), at_once, 0);
  if (count > 0) tell({events.data(), static_cast<std::size_t>(count)});
}

void Poller::wait_until(SteadyTime deadline) {
  std::array<epoll_event, at_once> events;
  const bool for_ever = deadline == SteadyTime::max();
  const nanoseconds left = for_ever ? nanoseconds::max() : deadline - SteadyTime::clock::now();
  int count = 0;
  if (for_ever || left <= nanoseconds(0)) {
    count = epoll_wait(epoll_.number(), events.data(), at_once, for_ever ? -1 : 0);
  } else {
    count = wait(events.data(), at_once, first_part(left));
  }
  if (count < 0 && errno != EINTR) refused("epoll_wait");
  if (count > 0) tell({events.data(), static_cast<std::size_t>(count)});
}

int Poller::wait(epoll_event* events, int room, nanoseconds timeout) noexcept {
  const timespec limit = as_timespec(timeout);
  if (has_pwait2_) {
    const int count = epoll_pwait2(epoll_.number(), events, room, &limit, nullptr);
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
    has_pwait2_ = false;  // EPERM: the sandbox of a container knows nothing of the call
  }
  pollfd readable{.fd = epoll_.number(), .events = POLLIN, .revents = 0};
  const int changed = ppoll(&readable, 1, &limit, nullptr);
  return changed > 0 ? epoll_wait(epoll_.number(), events, room, 0) : changed;
}

}  // namespace makespan
