// SPDX-License-Identifier: Apache-2.0
// Who sends what to whom: the work that all transports do, and the proof that they did it.
#pragma once

#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "models/runtime/shared_memory.hpp"
#include "models/task_run.hpp"
#include "workloads/message.hpp"

namespace makespan {

/// stream: producers put, consumers take, through one queue. ping_pong: two tasks, each answers the other, through two
/// queues. ring: N tasks, a token goes round through N queues.
enum class Pattern : std::uint8_t { stream, ping_pong, ring };

/// A fault to inject at one message (of producer 0, or at that hop): how the suite tests itself.
struct TrafficFault {
  enum class Kind : std::uint8_t { none, lose, duplicate, reorder, damage, put_after_close, kill_sender, kill_receiver };
  Kind kind = Kind::none;
  std::uint64_t message = 0;
};

/// A value, as Workload is.
struct Traffic {
  Pattern pattern = Pattern::stream;
  std::uint64_t messages = 1;                  ///< sent in all: by all producers; pings and pongs; hops of the token
  std::uint64_t payload = 8;                   ///< bytes of a body, at least 1
  std::uint64_t producers = 1, consumers = 1;  ///< of a stream
  std::uint64_t ring = 2;                      ///< tasks of a ring
  std::uint64_t seed = 1;
  TrafficFault fault{};
  std::chrono::nanoseconds late{0};  ///< consumers begin to take so much later

  [[nodiscard]] std::uint64_t parts() const noexcept;  ///< tasks that take part
  [[nodiscard]] std::uint64_t links() const noexcept;  ///< queues between them
  /// Messages that a queue holds: 1,024 short ones, fewer of long ones so that it takes about 4 MiB, but 16 at least.
  [[nodiscard]] std::size_t capacity() const noexcept;
  [[nodiscard]] std::uint64_t quota(std::uint64_t producer) const noexcept;  ///< messages of one producer of a stream
  [[nodiscard]] std::uint64_t round_trips() const noexcept { return messages / 2; }
};

/// A message that was lost, doubled, reordered or damaged.
class TransportError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the receivers saw; lies in shared memory. Every receiver writes in a place of its own.
class Ledger {
 public:
  /// Throws std::system_error if the memory is refused.
  explicit Ledger(const Traffic& traffic);

  [[nodiscard]] const Traffic& traffic() const noexcept { return traffic_; }

  /// Takes in a message of a stream. Throws TransportError if it is damaged, or came before or again after a later one of
  /// the same producer.
  void receive(std::uint64_t consumer, const Message& message);
  /// Takes in a message of which the receiver knows who sent it and its number. Throws TransportError if it is another.
  void receive_expected(std::uint64_t receiver, const Message& message, std::uint64_t producer, std::uint64_t sequence);
  /// Notes a round trip.
  void answered(std::uint64_t round_trip, std::int64_t sent_ns, std::int64_t answered_ns);

  /// Throws TransportError unless every message arrived just once.
  void verify() const;

  [[nodiscard]] std::uint64_t received() const noexcept;
  [[nodiscard]] Checksum checksum() const noexcept;  ///< sum of those of the messages received
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  [[nodiscard]] const TaskRecord& round_trip(std::uint64_t index) const { return round_trips_[index]; }
  void populate() const noexcept;

 private:
  struct alignas(64) Receiver {
    std::atomic<std::uint64_t> received;
    Checksum checksum;
  };

  void take_in(std::uint64_t receiver, const Message& message);

  Traffic traffic_;
  SharedArray<Receiver> receivers_;
  SharedArray<std::uint64_t> next_;  // per receiver and producer of a stream: the least number that may come
  SharedArray<TaskRecord> round_trips_;
};

/// The messages of one producer of a stream in the order in which they are to be put, injected faults included.
class Production {
 public:
  Production(const Traffic& traffic, std::uint64_t producer);
  /// The next message into `message`; false after the last.
  bool next(Message& message);

 private:
  bool next_with_fault(Message& message);

  MessageMaker maker_;
  TrafficFault fault_;
  std::uint64_t quota_;
  std::uint64_t sequence_ = 0;
  bool repeated_ = false;
};

/// Ends the process if the traffic asks for it here. `kind`: which side asks.
inline void maybe_die(const Traffic& traffic, TrafficFault::Kind kind, std::uint64_t message) noexcept {
  if (traffic.fault.kind == kind && traffic.fault.message == message) [[unlikely]] {
    raise(SIGKILL);
  }
}

}  // namespace makespan
