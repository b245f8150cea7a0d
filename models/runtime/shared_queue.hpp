// SPDX-License-Identifier: Apache-2.0
// A bounded queue of values in shared memory, between any number of producers and consumers in any number of processes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <type_traits>

#include "models/runtime/shared_ring.hpp"

namespace makespan {

/// A SharedRing whose slots hold values of one type, copied as bytes.
template <class T>
class SharedQueue {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  /// Room for `capacity` values, rounded up to a power of two. To be constructed before the processes are forked.
  explicit SharedQueue(std::size_t capacity) : ring_(capacity, sizeof(T)) {}

  [[nodiscard]] std::size_t capacity() const noexcept { return ring_.capacity(); }

  /// While the result lives, the other side notices if the calling process dies: its wait throws PeerDied.
  [[nodiscard]] Attachment attach_producer() { return ring_.attach_producer(); }
  [[nodiscard]] Attachment attach_consumer() { return ring_.attach_consumer(); }
  /// The same for another process, by whoever knows it.
  [[nodiscard]] Attachment watch_producer(pid_t process) { return ring_.watch_producer(process); }
  [[nodiscard]] Attachment watch_consumer(pid_t process) { return ring_.watch_consumer(process); }

  /// False if the queue is full. Throws QueueClosed after close().
  bool try_push(const T& value) { return ring_.try_put(writing(value)); }

  /// Waits while the queue is full. Throws QueueClosed after close(), PeerDied if an attached consumer died.
  void push(const T& value) { ring_.put(writing(value)); }

  [[nodiscard]] std::optional<T> try_pop() {
    std::optional<T> value(std::in_place);
    if (!ring_.try_take(reading(*value))) value.reset();
    return value;
  }

  /// Waits while the queue is empty and open. After close() what was put before still comes, then `closed`. Throws PeerDied if an attached
  /// producer died.
  PopStatus pop(T& into, std::optional<std::chrono::nanoseconds> timeout = {}) { return ring_.take(reading(into), timeout); }

  [[nodiscard]] bool closed() const noexcept { return ring_.closed(); }

  /// No more puts. Wakes everybody who waits.
  void close() noexcept { ring_.close(); }

 private:
  static auto writing(const T& value) {
    return [&value](std::byte* slot) { std::memcpy(slot, &value, sizeof(T)); };
  }
  static auto reading(T& into) {
    return [&into](const std::byte* slot) { std::memcpy(&into, slot, sizeof(T)); };
  }

  SharedRing ring_;
};

}  // namespace makespan
