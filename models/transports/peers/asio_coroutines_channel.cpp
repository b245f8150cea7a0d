// SPDX-License-Identifier: Apache-2.0
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/redirect_error.hpp>
#include <utility>

#include "models/transports/peers/asio_exchange.hpp"

namespace makespan {
namespace {

// Closing a channel takes away what is still in it (Asio 1.22): the last sender puts a mark for each receiver instead.
class AsioChannelLink {
 public:
  using Coroutine = AsioTask<void>;

  AsioChannelLink(asio::io_context& loop, const LinkSpec& spec)
      : loop_(loop), channel_(loop, spec.capacity), open_(spec.senders), receivers_(spec.receivers) {}

  class Sender {
   public:
    explicit Sender(AsioChannelLink& link) noexcept : link_(link) {}
    AsioTask<void> put(Message& message) {
      if (closed_) throw QueueClosed();
      if (link_.channel_.try_send(asio::error_code(), std::move(message))) co_return;  // else the message is left as it is
      co_await link_.channel_.async_send(asio::error_code(), std::move(message), asio_await);
    }
    void close() {
      closed_ = true;
      if (--link_.open_ > 0) return;
      for (std::uint64_t receiver = 0; receiver < link_.receivers_; ++receiver)
        link_.channel_.async_send(asio::error::eof, Message(), asio::detached);
    }

   private:
    AsioChannelLink& link_;
    bool closed_ = false;
  };

  class Receiver {
   public:
    explicit Receiver(AsioChannelLink& link) noexcept : link_(link) {}
    AsioTask<bool> get(Message& message) {
      asio::error_code error;
      const bool at_once = link_.channel_.try_receive([&](asio::error_code what, Message&& taken) {
        error = what;
        message = std::move(taken);
      });
      if (at_once) co_return !error;
      message = co_await link_.channel_.async_receive(asio::redirect_error(asio_await, error));
      co_return !error;
    }
    auto pause(std::chrono::nanoseconds duration) { return pause_on(link_.loop_, duration); }

   private:
    AsioChannelLink& link_;
  };

 private:
  asio::io_context& loop_;
  asio::experimental::channel<AsioExecutor, void(asio::error_code, Message)> channel_;
  std::uint64_t open_, receivers_;
};

}  // namespace

extern const TransportInfo asio_coroutines_channel_transport;
const TransportInfo asio_coroutines_channel_transport{
    .model = "asio_coroutines",
    .variant = "channel",
    .summary = "Asio's experimental::channel between coroutines of one io_context; objects are moved",
    .unit = Unit::thread,
    .one_thread = true,
    .refuses = nothing,
    .need =
        [](const Traffic& traffic) {
          return TransportNeed{
              .files = asio_files,
              .bytes = traffic.parts() * asio_task_bytes + traffic.links() * traffic.capacity() * (sizeof(Message) + traffic.payload)};
        },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<AsioExchange<AsioChannelLink>>(ledger); },
    .role = Role::peer,
};

}  // namespace makespan
