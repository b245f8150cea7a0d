// SPDX-License-Identifier: Apache-2.0
// Who takes part in something shared between processes, and whether all of them still live.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#include "models/runtime/robust_mutex.hpp"

namespace makespan {

class Attachment;

/// Places in shared memory, all zero at first, each of which one thread of any process can hold: a robust mutex, so that the death of a
/// holder is noticed without any relation between the processes and without a race with reused process ids.
class Presences {
 public:
  static constexpr std::size_t most = 64;

  /// Takes a place for the calling thread. Throws std::length_error if all are taken.
  [[nodiscard]] Attachment attach();
  /// Takes a place for another process, from now on: whoever knows its id need not wait until it has come. It counts as dead as soon as it
  /// has ended, in whatever way.
  [[nodiscard]] Attachment watch(pid_t process);
  /// Whether anybody ever held a place and did not leave it in order.
  [[nodiscard]] bool any() const noexcept { return held_.load(std::memory_order_seq_cst) > 0; }
  /// Throws PeerDied if a holder died.
  void require_alive() const;

 private:
  friend class Attachment;
  enum class State : std::uint32_t { unused, changing, held, watched, died, left };
  struct Place {
    std::atomic<State> state;
    std::int32_t process;
    bool initialised;
    RobustMutex mutex;
  };
  [[nodiscard]] std::size_t claim();

  std::atomic<std::uint32_t> held_;
  mutable std::array<Place, most> places_;
};

/// A place. One that was taken by attach() belongs to the thread that took it, which must also be the one that leaves it; left because an
/// exception passes through, it counts as died.
class Attachment {
 public:
  Attachment() = default;
  Attachment(Attachment&& other) noexcept
      : presences_(std::exchange(other.presences_, nullptr)), place_(other.place_), exceptions_(other.exceptions_) {}
  Attachment& operator=(Attachment&& other) noexcept {
    std::swap(presences_, other.presences_);
    std::swap(place_, other.place_);
    std::swap(exceptions_, other.exceptions_);
    return *this;
  }
  ~Attachment();

 private:
  friend class Presences;
  Attachment(Presences& presences, std::size_t place) noexcept
      : presences_(&presences), place_(place), exceptions_(std::uncaught_exceptions()) {}
  Presences* presences_ = nullptr;
  std::size_t place_ = 0;
  int exceptions_ = 0;  // under way when the place was taken
};

}  // namespace makespan
