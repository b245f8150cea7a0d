// SPDX-License-Identifier: Apache-2.0
#include <asio/basic_readable_pipe.hpp>
#include <asio/basic_writable_pipe.hpp>
#include <asio/buffer.hpp>
#include <asio/connect_pipe.hpp>
#include <asio/error.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/redirect_error.hpp>
#include <asio/write.hpp>

#include "models/transports/frames.hpp"
#include "models/transports/peers/asio_exchange.hpp"

namespace makespan {
namespace {

// Whoever has put it may use the end of the pipe until it is taken out again.
struct Turn {};
using Turns = asio::experimental::channel<AsioExecutor, void(asio::error_code, Turn)>;

AsioTask<void> take(Turns& turns) { co_await turns.async_send(asio::error_code(), Turn{}, asio_await); }
void give_back(Turns& turns) {
  turns.try_receive([](asio::error_code, Turn) {});
}

// As event_loop_pipe.cpp: the ends are shared by taking turns, and what was read is common to all receivers.
class AsioPipeLink {
 public:
  using Coroutine = AsioTask<void>;

  AsioPipeLink(asio::io_context& loop, const LinkSpec& spec)
      : loop_(loop),
        out_(loop),
        in_(loop),
        reader_(spec.message_bytes, spec.capacity),
        several_senders_(spec.senders > 1),
        several_receivers_(spec.receivers > 1),
        open_(spec.senders),
        sending_(loop, 1),
        receiving_(loop, 1) {
    asio::connect_pipe(out_, in_);
  }

  class Sender {
   public:
    explicit Sender(AsioPipeLink& link) noexcept : link_(link) {}
    AsioTask<void> put(Message& message) {
      if (closed_) throw QueueClosed();
      if (link_.several_senders_) co_await take(link_.sending_);
      const std::span<const std::byte> frame = writer_.frame(message);
      co_await asio::async_write(link_.in_, asio::buffer(frame.data(), frame.size()), asio_await);
      if (link_.several_senders_) give_back(link_.sending_);
    }
    void close() {
      closed_ = true;
      if (--link_.open_ == 0) link_.in_.close();
    }

   private:
    AsioPipeLink& link_;
    FrameWriter writer_;
    bool closed_ = false;
  };

  class Receiver {
   public:
    explicit Receiver(AsioPipeLink& link) noexcept : link_(link) {}
    AsioTask<bool> get(Message& message) {
      if (link_.several_receivers_) co_await take(link_.receiving_);
      bool got = true;
      while (got && !link_.reader_.next(message)) {
        const std::span<std::byte> room = link_.reader_.room();
        asio::error_code error;
        const std::size_t count =
            co_await link_.out_.async_read_some(asio::buffer(room.data(), room.size()), asio::redirect_error(asio_await, error));
        if (error && error != asio::error::eof) throw std::system_error(error, "read from a pipe");
        link_.reader_.filled(count);
        if (count == 0 && !link_.reader_.empty()) throw DecodeError("the pipe ended in the midst of a message");
        got = count > 0;
      }
      if (link_.several_receivers_) give_back(link_.receiving_);
      co_return got;
    }
    auto pause(std::chrono::nanoseconds duration) { return pause_on(link_.loop_, duration); }

   private:
    AsioPipeLink& link_;
  };

 private:
  asio::io_context& loop_;
  asio::basic_readable_pipe<AsioExecutor> out_;
  asio::basic_writable_pipe<AsioExecutor> in_;
  FrameReader reader_;
  bool several_senders_, several_receivers_;
  std::uint64_t open_;
  Turns sending_, receiving_;
};

}  // namespace

extern const TransportInfo asio_coroutines_pipe_transport;
const TransportInfo asio_coroutines_pipe_transport{
    .model = "asio_coroutines",
    .variant = "pipe",
    .summary = "a pipe between Asio's coroutines of one io_context",
    .unit = Unit::thread,
    .one_thread = true,
    .refuses = nothing,
    .need =
        [](const Traffic& traffic) {
          return TransportNeed{
              .files = 2 * traffic.links() + asio_files,
              .bytes = traffic.parts() * asio_task_bytes + traffic.links() * traffic.capacity() * longest_encoded(traffic.payload)};
        },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<AsioExchange<AsioPipeLink>>(ledger); },
    .role = Role::peer,
};

}  // namespace makespan
