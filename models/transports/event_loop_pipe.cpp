// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "models/runtime/channel.hpp"
#include "models/runtime/stream.hpp"
#include "models/transports/frames.hpp"
#include "models/transports/loop_exchange.hpp"

namespace makespan {
namespace {

// Both ends belong to one thread, so the ends are shared by taking turns: a sender writes its whole frame before the next one begins, and
// what was read is common to all receivers.
class StreamLink {
 public:
  StreamLink(EventLoop& loop, const LinkSpec& spec)
      : loop_(loop),
        pipe_(make_pipe()),
        reader_(spec.message_bytes, spec.capacity),
        several_senders_(spec.senders > 1),
        several_receivers_(spec.receivers > 1),
        open_(spec.senders),
        sending_(loop, 1),
        receiving_(loop, 1) {
    in_ = std::make_unique<Stream>(loop, std::move(pipe_.in));
    out_ = std::make_unique<Stream>(loop, std::move(pipe_.out));
  }

  class Sender {
   public:
    explicit Sender(StreamLink& link) noexcept : link_(link) {}
    Task<> put(Message& message) {
      if (!link_.in_ || closed_) throw QueueClosed();
      if (link_.several_senders_) co_await link_.sending_.put(Turn{});
      for (std::span<const std::byte> left = writer_.frame(message); !left.empty();) {
        left = left.subspan(co_await link_.in_->write_some(left));
      }
      if (link_.several_senders_) co_await link_.sending_.get();
    }
    void close() {
      closed_ = true;
      if (--link_.open_ == 0) link_.in_.reset();
    }

   private:
    StreamLink& link_;
    FrameWriter writer_;
    bool closed_ = false;
  };

  class Receiver {
   public:
    explicit Receiver(StreamLink& link) noexcept : link_(link) {}
    Task<bool> get(Message& message) {
      if (link_.several_receivers_) co_await link_.receiving_.put(Turn{});
      bool got = true;
      while (got && !link_.reader_.next(message)) {
        const std::size_t count = co_await link_.out_->read_some(link_.reader_.room());
        link_.reader_.filled(count);
        if (count == 0 && !link_.reader_.empty()) throw DecodeError("the pipe ended in the midst of a message");
        got = count > 0;
      }
      if (link_.several_receivers_) co_await link_.receiving_.get();
      co_return got;
    }
    auto pause(std::chrono::nanoseconds duration) { return link_.loop_.sleep_for(duration); }

   private:
    StreamLink& link_;
  };

 private:
  struct Turn {};  // whoever has put it may use the end until it is taken out again

  EventLoop& loop_;
  DescriptorPair pipe_;
  std::unique_ptr<Stream> in_, out_;
  FrameReader reader_;
  bool several_senders_, several_receivers_;
  std::uint64_t open_;
  Channel<Turn> sending_, receiving_;
};

}  // namespace

extern const TransportInfo event_loop_pipe_transport;
const TransportInfo event_loop_pipe_transport{
    .model = "event_loop",
    .variant = "pipe",
    .summary = "a pipe between coroutines of one thread, which wait for descriptors in the event loop",
    .unit = Unit::thread,
    .one_thread = true,
    .refuses = nothing,
    .need =
        [](const Traffic& traffic) {
          return TransportNeed{
              .files = 2 * traffic.links() + 1,
              .bytes = traffic.parts() * loop_task_bytes + traffic.links() * traffic.capacity() * longest_encoded(traffic.payload)};
        },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<LoopExchange<StreamLink>>(ledger); },
};

}  // namespace makespan
