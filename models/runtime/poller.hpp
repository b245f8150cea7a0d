// SPDX-License-Identifier: Apache-2.0
// Readiness of many descriptors at once: epoll(7).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

#include "models/runtime/descriptor.hpp"
#include "models/runtime/intrusive_list.hpp"
#include "models/runtime/steady_clock.hpp"

struct epoll_event;

namespace makespan {

class Poller;

/// Somebody whose descriptor is watched. It is told of changes (edges) only.
class Watched : public Linked {
 public:
  /// `events`: the EPOLL… bits that came. Resumes nothing inline, and neither destroys nor registers any Watched.
  virtual void changed(std::uint32_t events) noexcept = 0;

 protected:
  Watched() = default;
  ~Watched() = default;
  [[nodiscard]] Poller* poller() const noexcept { return poller_; }  ///< none: not registered, or its poller is gone

 private:
  friend class Poller;
  Poller* poller_ = nullptr;
};

/// The descriptors of one event loop. Edge-triggered; errors and hang-ups are always reported. A poller may be destroyed
/// before those it watches. A forked child may only destroy it, and those it watches: its parent's goes on untouched.
class Poller {
 public:
  Poller();  ///< throws std::system_error if the system refuses
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  /// False: the system watches no descriptors of this kind (regular files), which are always ready.
  /// Throws std::system_error for any other refusal.
  bool add(Watched& watched, int descriptor, std::uint32_t events);
  void change(Watched& watched, int descriptor, std::uint32_t events);  ///< reports anew what is ready already
  void remove(Watched& watched, int descriptor) noexcept;

  /// Tells those whose descriptors have changed. Returns at once.
  void poll() noexcept;
  /// As poll(), but blocks until a descriptor has changed, or `deadline` (SteadyTime::max(): for ever). May return earlier
  /// than that. Throws std::system_error.
  void wait_until(SteadyTime deadline);

  // How many wait for a descriptor at present.
  void begin_wait() noexcept { ++waits_; }
  void end_wait() noexcept { --waits_; }
  [[nodiscard]] bool awaited() const noexcept { return waits_ > 0; }

  /// What a kernel without epoll_pwait2(2), older than 5.11, leads to by itself: ppoll(2) on the epoll descriptor.
  void use_ppoll() noexcept { has_pwait2_ = false; }
  [[nodiscard]] bool uses_ppoll() const noexcept { return !has_pwait2_; }

 private:
  [[nodiscard]] int wait(epoll_event* events, int room, std::chrono::nanoseconds timeout) noexcept;

  Descriptor epoll_;
  pid_t owner_;
  IntrusiveList<Watched> watched_;
  std::uint64_t waits_ = 0;
  bool has_pwait2_ = true;
};

}  // namespace makespan
