// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/presence.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "models/runtime/descriptor.hpp"

namespace makespan {
namespace {

// Also true of one that nobody has reaped yet.
bool has_ended(pid_t process) noexcept {
  const Descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  if (!handle.open()) return errno == ESRCH;
  pollfd event{.fd = handle.number(), .events = POLLIN, .revents = 0};
  return poll(&event, 1, 0) > 0;
}

}  // namespace

std::size_t Presences::claim() {
  for (std::size_t index = 0; index < most; ++index) {
    State before = places_[index].state.load();
    if (before != State::unused && before != State::left) continue;
    if (places_[index].state.compare_exchange_strong(before, State::changing)) return index;
  }
  throw std::length_error(fmt::format("there is room for {} attached threads", most));
}

Attachment Presences::attach() {
  const std::size_t index = claim();
  Place& place = places_[index];
  if (!std::exchange(place.initialised, true)) place.mutex.initialise();
  place.mutex.lock();
  place.process = getpid();
  place.state.store(State::held);
  held_.fetch_add(1);
  return {*this, index};
}

Attachment Presences::watch(pid_t process) {
  const std::size_t index = claim();
  places_[index].process = process;
  places_[index].state.store(State::watched);
  held_.fetch_add(1);
  return {*this, index};
}

void Presences::require_alive() const {
  for (Place& place : places_) {
    bool dead = false;
    switch (place.state.load()) {
      case State::held: {
        const RobustMutex::Answer answer = place.mutex.try_lock();
        if (answer == RobustMutex::Answer::locked) place.mutex.unlock();  // it was left in this very moment
        dead = answer == RobustMutex::Answer::owner_died;
        break;
      }
      case State::watched: dead = has_ended(place.process); break;
      case State::died: dead = true; break;
      default: break;
    }
    if (dead) throw PeerDied(fmt::format("process {} at the other end ended without leaving", place.process));
  }
}

Attachment::~Attachment() {
  if (presences_ == nullptr) return;
  Presences::Place& place = presences_->places_[place_];
  const bool attached = place.state.load() == Presences::State::held;
  if (attached && std::uncaught_exceptions() > exceptions_) {
    place.state.store(Presences::State::died);
    place.mutex.unlock();
    return;
  }
  presences_->held_.fetch_sub(1);
  place.state.store(Presences::State::changing);
  if (attached) place.mutex.unlock();
  place.state.store(Presences::State::left);
}

}  // namespace makespan
