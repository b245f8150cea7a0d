// SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/concurrent_queue.h>

#include <optional>

#include "models/tbb_sanitizer.hpp"
#include "models/transports/thread_exchange.hpp"

namespace makespan {
namespace {

// oneTBB's queue cannot be closed: the last sender puts one mark for each receiver.
class TbbLink {
 public:
  explicit TbbLink(const LinkSpec& spec) : open_(spec.senders), receivers_(spec.receivers) {
    queue_.set_capacity(static_cast<std::ptrdiff_t>(spec.capacity));
  }
  void release() noexcept {}

  class Sender {
   public:
    explicit Sender(TbbLink& link) noexcept : link_(link) {}
    void put(Message& message) {
      if (closed_) throw QueueClosed();
      link_.queue_.push(std::optional<Message>(std::move(message)));
    }
    void close() {
      closed_ = true;
      if (!link_.open_.done()) return;
      for (std::uint64_t receiver = 0; receiver < link_.receivers_; ++receiver) link_.queue_.push(std::nullopt);
    }

   private:
    TbbLink& link_;
    bool closed_ = false;
  };

  class Receiver {
   public:
    explicit Receiver(TbbLink& link) noexcept : link_(link) {}
    bool get(Message& message) {
      if (closed_) return false;
      std::optional<Message> taken;
      link_.queue_.pop(taken);
      closed_ = !taken;
      if (taken) message = std::move(*taken);
      return !closed_;
    }

   private:
    TbbLink& link_;
    bool closed_ = false;
  };

 private:
  oneapi::tbb::concurrent_bounded_queue<std::optional<Message>> queue_;
  Countdown open_;
  std::uint64_t receivers_;
};

}  // namespace

extern const TransportInfo threads_tbb_queue_transport;
const TransportInfo threads_tbb_queue_transport{
    .model = "threads",
    .variant = "tbb_queue",
    .summary = "oneTBB's concurrent_bounded_queue; objects are moved",
    .unit = Unit::thread,
    .one_thread = false,
    .refuses = nothing,
    .need = [](const Traffic& traffic) { return TransportNeed{.bytes = traffic.links() * traffic.capacity() * traffic.payload}; },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ThreadExchange<TbbLink>>(ledger); },
};

}  // namespace makespan
