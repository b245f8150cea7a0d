// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/presence.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

namespace makespan {

Attachment Presences::attach() {
  for (std::size_t index = 0; index < most; ++index) {
    Place& place = places_[index];
    State before = place.state.load();
    if (before != State::unused && before != State::left) continue;
    if (!place.state.compare_exchange_strong(before, State::changing)) continue;
    if (before == State::unused) place.mutex.initialise();
    place.mutex.lock();
    place.process = getpid();
    place.state.store(State::held);
    held_.fetch_add(1);
    return {*this, index};
  }
  throw std::length_error(fmt::format("there is room for {} attached threads", most));
}

void Presences::require_alive() const {
  for (Place& place : places_) {
    if (place.state.load() != State::held) continue;
    const RobustMutex::Answer answer = place.mutex.try_lock();
    if (answer == RobustMutex::Answer::locked) place.mutex.unlock();  // it was left in this very moment
    if (answer == RobustMutex::Answer::owner_died)
      throw PeerDied(fmt::format("process {} at the other end died without leaving", place.process));
  }
}

Attachment::~Attachment() {
  if (presences_ == nullptr) return;
  Presences::Place& place = presences_->places_[place_];
  presences_->held_.fetch_sub(1);
  place.state.store(Presences::State::changing);
  place.mutex.unlock();
  place.state.store(Presences::State::left);
}

}  // namespace makespan
