// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstring>

#include "models/runtime/spin.hpp"
#include "models/transports/process_exchange.hpp"

namespace makespan {
namespace {

// The floor: one sender and one receiver, two counters, and nobody ever sleeps or looks whether the other lives. Each side keeps what it
// last saw of the other's counter, and looks again only when it must.
class BareLink {
 public:
  explicit BareLink(const LinkSpec& spec)
      : slots_(spec.capacity),
        stride_((sizeof(std::uint64_t) + spec.message_bytes + 63) / 64 * 64),
        counters_(1),
        memory_(slots_ * stride_) {}
  void release() noexcept {}

  class Sender {
   public:
    explicit Sender(BareLink& link) noexcept : link_(link) {}
    void put(const Message& message) {
      Counters& counters = link_.counters_[0];
      if (counters.closed.load(std::memory_order_relaxed)) throw QueueClosed();
      while (at_ - taken_ == link_.slots_) {
        taken_ = counters.taken.load(std::memory_order_acquire);
        if (at_ - taken_ == link_.slots_) relax_cpu();
      }
      std::byte* const slot = link_.slot(at_);
      const std::uint64_t length = encoded_size(message);
      std::memcpy(slot, &length, sizeof(length));
      encode(message, slot + sizeof(length));
      counters.put.store(++at_, std::memory_order_release);
    }
    void close() { link_.counters_[0].closed.store(true, std::memory_order_release); }

   private:
    BareLink& link_;
    std::uint64_t at_ = 0, taken_ = 0;
  };

  class Receiver {
   public:
    explicit Receiver(BareLink& link) noexcept : link_(link) {}
    bool get(Message& message) {
      Counters& counters = link_.counters_[0];
      while (at_ == put_) {
        const bool closed = counters.closed.load(std::memory_order_acquire);
        put_ = counters.put.load(std::memory_order_acquire);
        if (at_ == put_ && closed) return false;
        if (at_ == put_) relax_cpu();
      }
      const std::byte* const slot = link_.slot(at_);
      std::uint64_t length = 0;
      std::memcpy(&length, slot, sizeof(length));
      decode({slot + sizeof(length), length}, message);
      counters.taken.store(++at_, std::memory_order_release);
      return true;
    }

   private:
    BareLink& link_;
    std::uint64_t at_ = 0, put_ = 0;
  };

 private:
  struct Counters {
    alignas(64) std::atomic<std::uint64_t> put;
    alignas(64) std::atomic<std::uint64_t> taken;
    alignas(64) std::atomic<bool> closed;
  };
  [[nodiscard]] std::byte* slot(std::uint64_t position) const noexcept { return memory_.data() + position % slots_ * stride_; }

  std::uint64_t slots_;
  std::size_t stride_;
  SharedArray<Counters> counters_;
  SharedMemory memory_;
};

}  // namespace

extern const TransportInfo processes_bare_ring_transport;
const TransportInfo processes_bare_ring_transport{
    .model = "processes",
    .variant = "bare_ring",
    .summary = "the floor, no choice for a program: a ring in shared memory whose two ends only spin",
    .unit = Unit::process,
    .one_thread = false,
    // Two that spin on one CPU wait for the scheduler each time.
    .refuses = [](const Traffic& traffic) -> std::string_view {
      if (traffic.parts() != 2) return "this floor is for two tasks";
      return spinning_can_help() ? "" : "two tasks that spin need two CPUs";
    },
    .need =
        [](const Traffic& traffic) {
          return TransportNeed{.maps = 2 * traffic.links(),
                               .bytes = traffic.links() * traffic.capacity() * longest_encoded(traffic.payload)};
        },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ProcessExchange<BareLink>>(ledger); },
    .role = Role::floor,
};

}  // namespace makespan
