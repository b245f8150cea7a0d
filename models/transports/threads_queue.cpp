// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/blocking_queue.hpp"
#include "models/transports/thread_exchange.hpp"

namespace makespan {
namespace {

// Objects are moved from one thread to the other: nothing is encoded.
class QueueLink {
 public:
  explicit QueueLink(const LinkSpec& spec) : queue_(spec.capacity), open_(spec.senders) {}
  void release() noexcept {}

  class Sender {
   public:
    explicit Sender(QueueLink& link) noexcept : link_(link) {}
    void put(Message& message) { link_.queue_.push(std::move(message)); }
    void close() {
      if (link_.open_.done()) link_.queue_.close();
    }

   private:
    QueueLink& link_;
  };

  class Receiver {
   public:
    explicit Receiver(QueueLink& link) noexcept : link_(link) {}
    bool get(Message& message) {
      std::optional<Message> taken = link_.queue_.pop();
      if (taken) message = std::move(*taken);
      return taken.has_value();
    }

   private:
    QueueLink& link_;
  };

 private:
  BlockingQueue<Message> queue_;
  Countdown open_;
};

}  // namespace

extern const TransportInfo threads_queue_transport;
const TransportInfo threads_queue_transport{
    .model = "threads",
    .variant = "queue",
    .summary = "a bounded queue with a mutex and two condition variables; objects are moved",
    .unit = Unit::thread,
    .one_thread = false,
    .refuses = nothing,
    .need = [](const Traffic& traffic) { return TransportNeed{.bytes = traffic.links() * traffic.capacity() * traffic.payload}; },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ThreadExchange<QueueLink>>(ledger); },
};

}  // namespace makespan
