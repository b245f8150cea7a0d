// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <exception>

#include "models/runtime/shared_ring.hpp"
#include "models/transports/process_exchange.hpp"

namespace makespan {
namespace {

constexpr std::chrono::microseconds longest_spin{50};

struct Length {
  std::uint64_t bytes;
};

// Messages are encoded into their slot and decoded out of it: one copy at each side.
class SharedLink {
 public:
  explicit SharedLink(const LinkSpec& spec)
      : ring_(spec.capacity, sizeof(Length) + spec.message_bytes, longest_spin), open_(spec.senders) {}
  void release() noexcept {}

  class Sender {
   public:
    explicit Sender(SharedLink& link) : link_(link), attachment_(link.ring_.attach_producer()) {}
    void put(const Message& message) {
      link_.ring_.put([&](std::byte* slot) {
        const Length length{encoded_size(message)};
        std::memcpy(slot, &length, sizeof(length));
        encode(message, slot + sizeof(length));
      });
    }
    void close() {
      if (link_.open_.done()) link_.ring_.close();
    }

   private:
    SharedLink& link_;
    Attachment attachment_;
  };

  class Receiver {
   public:
    explicit Receiver(SharedLink& link) : link_(link), attachment_(link.ring_.attach_consumer()) {}
    bool get(Message& message) {
      std::exception_ptr error;
      const PopStatus status = link_.ring_.take([&](const std::byte* slot) {
        try {
          Length length;
          std::memcpy(&length, slot, sizeof(length));
          decode({slot + sizeof(length), std::min<std::size_t>(length.bytes, link_.ring_.slot_bytes() - sizeof(length))}, message);
        } catch (...) {
          error = std::current_exception();
        }
      });
      if (error) std::rethrow_exception(error);
      return status == PopStatus::value;
    }

   private:
    SharedLink& link_;
    Attachment attachment_;
  };

 private:
  SharedRing ring_;
  Countdown open_;
};

}  // namespace

extern const TransportInfo processes_shared_queue_transport;
const TransportInfo processes_shared_queue_transport{
    .model = "processes",
    .variant = "shared_queue",
    .summary = "a queue in shared memory; who waits spins briefly, then sleeps on a futex",
    .unit = Unit::process,
    .one_thread = false,
    .refuses = nothing,
    .need =
        [](const Traffic& traffic) {
          return TransportNeed{.maps = traffic.links(), .bytes = traffic.links() * traffic.capacity() * longest_encoded(traffic.payload)};
        },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ProcessExchange<SharedLink>>(ledger); },
};

}  // namespace makespan
