// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/channel.hpp"
#include "models/transports/loop_exchange.hpp"

namespace makespan {
namespace {

class ChannelLink {
 public:
  ChannelLink(EventLoop& loop, const LinkSpec& spec) : loop_(loop), channel_(loop, spec.capacity), open_(spec.senders) {}

  class Sender {
   public:
    explicit Sender(ChannelLink& link) noexcept : link_(link) {}
    auto put(Message& message) { return link_.channel_.put_from(message); }
    void close() noexcept {
      if (--link_.open_ == 0) link_.channel_.close();
    }

   private:
    ChannelLink& link_;
  };

  class Receiver {
   public:
    explicit Receiver(ChannelLink& link) noexcept : link_(link) {}
    auto get(Message& message) { return link_.channel_.get_into(message); }
    auto pause(std::chrono::nanoseconds duration) { return link_.loop_.sleep_for(duration); }

   private:
    ChannelLink& link_;
  };

 private:
  EventLoop& loop_;
  Channel<Message> channel_;
  std::uint64_t open_;
};

}  // namespace

extern const TransportInfo event_loop_channel_transport;
const TransportInfo event_loop_channel_transport{
    .model = "event_loop",
    .variant = "channel",
    .summary = "a bounded channel between the coroutines of one thread: no kernel, no lock; objects are moved",
    .unit = Unit::thread,
    .one_thread = true,
    .refuses = nothing,
    .need =
        [](const Traffic& traffic) {
          return TransportNeed{.bytes = traffic.parts() * loop_task_bytes +
                                        traffic.links() * traffic.capacity() * (sizeof(Message) + traffic.payload)};
        },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<LoopExchange<ChannelLink>>(ledger); },
};

}  // namespace makespan
