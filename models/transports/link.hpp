// SPDX-License-Identifier: Apache-2.0
// A queue that blocks, as the roles in roles.hpp use it.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "models/runtime/queue_closed.hpp"
#include "models/runtime/robust_mutex.hpp"
#include "models/runtime/shared_memory.hpp"
#include "models/traffic.hpp"
#include "workloads/message.hpp"

namespace makespan {

/// What a link is made for.
struct LinkSpec {
  std::size_t capacity;       ///< messages
  std::size_t message_bytes;  ///< of the longest, encoded
  std::uint64_t senders, receivers;
  bool forked;  ///< whether senders and receivers are processes of their own, so that each has its own copy of the descriptors
  bool ends;    ///< whether the senders close it; otherwise both ends know by themselves which message is the last

  static LinkSpec of(const Traffic& traffic, bool forked) {
    const bool stream = traffic.pattern == Pattern::stream;
    return {traffic.capacity(),
            longest_encoded(traffic.payload),
            stream ? traffic.producers : 1,
            stream ? traffic.consumers : 1,
            forked,
            stream};
  }
};

/// A link whose calls block. Made before the tasks that use it; each task makes its own Sender or Receiver. `put` waits while
/// the link is full, may take the content of the message, and throws QueueClosed after close(). `close`: this sender puts no
/// more; called once. `get` waits while the link is empty and is false when all senders have closed and everything was
/// taken. `release`: the calling process has forked the tasks and takes no part itself.
/// The links of an event loop are the same, but for release, with a put and a get that are awaited; their Receiver has a
/// `pause`. Those of another library's loop name its coroutine as `Coroutine`.
template <class L>
concept Link = std::constructible_from<L, const LinkSpec&> && std::constructible_from<typename L::Sender, L&> &&
    std::constructible_from<typename L::Receiver, L&> &&
    requires(L& link, typename L::Sender& sender, typename L::Receiver& receiver, Message& message) {
  sender.put(message);
  sender.close();
  { receiver.get(message) } -> std::same_as<bool>;
  link.release();
};

/// How many have yet to close; in shared memory if there are several: a mapping each would be a burden in a large ring, as every
/// fork copies them all.
class Countdown {
 public:
  explicit Countdown(std::uint64_t count) {
    if (count > 1) left_.emplace(1)[0] = count;
  }
  /// Whether the caller was the last.
  [[nodiscard]] bool done() const noexcept { return !left_ || (*left_)[0].fetch_sub(1) == 1; }

 private:
  std::optional<SharedArray<std::atomic<std::uint64_t>>> left_;
};

/// The locks of a link whose ends are shared: one for whoever sends, one for whoever receives. None for an end that has a single user.
class EndLocks {
 public:
  EndLocks(bool several_senders, bool several_receivers) : several_senders_(several_senders), several_receivers_(several_receivers) {
    if (!several_senders && !several_receivers) return;
    locks_.emplace(2);
    (*locks_)[0].initialise();
    (*locks_)[1].initialise();
  }
  [[nodiscard]] std::unique_lock<RobustMutex> for_sending() const { return lock(several_senders_, 0); }
  [[nodiscard]] std::unique_lock<RobustMutex> for_receiving() const { return lock(several_receivers_, 1); }

 private:
  [[nodiscard]] std::unique_lock<RobustMutex> lock(bool several, std::size_t which) const {
    return several ? std::unique_lock((*locks_)[which]) : std::unique_lock<RobustMutex>();
  }

  bool several_senders_, several_receivers_;
  std::optional<SharedArray<RobustMutex>> locks_;
};

}  // namespace makespan
