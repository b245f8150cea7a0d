// SPDX-License-Identifier: Apache-2.0
// ZeroMQ's PUSH and PULL sockets as a link, between threads or processes.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>

#include "models/runtime/futex.hpp"
#include "models/runtime/shared_memory.hpp"
#include "models/transports/link.hpp"
#include "models/transports/peers/zmq_socket.hpp"

namespace makespan {

/// Each receiver binds, each sender connects to all receivers and serves them in turn. The link holds as many messages as the others'
/// queues: the high-water marks of a connection's two ends add up, and the connections share them.
/// `Wire` tells how a message crosses: `transport`, `io_threads`, `most_sockets`, `send(socket, message)`, `receive(zmq_message, message)`;
/// nothing that it sends is empty, for empty ones are ours:
/// - A sender greets each receiver as soon as it has connected, and receivers wait for it: so all connections stand before the gate opens.
/// - A PULL socket does not tell when all its peers have closed. A single receiver gets an empty message from each sender as its last.
///   Several cannot be addressed one by one, so they count together what is still to come, and whoever sees that it was the last tells all
///   (as the "kill signal" of the ZeroMQ guide's parallel pipelines).
/// - A sender that goes before its receivers have taken everything can take messages with it: over ipc a receiver whose queue is full drops
///   what it has not yet read when the connection ends, whatever the sender lingers (github.com/zeromq/libzmq/issues/4660). So senders
///   stay.
template <class Wire>
class ZmqLink {
 public:
  explicit ZmqLink(const LinkSpec& spec) : spec_(spec) {
    static std::atomic<unsigned> number = 0;
    name_ = fmt::format("{}makespan-{}-{}", Wire::transport, getpid(), number++);
    if (!spec.ends) return;
    common_.emplace(1);
    common().to_come = static_cast<std::int64_t>(spec.senders) * not_closed;
  }
  void release() noexcept {}

  class Sender {
   public:
    explicit Sender(ZmqLink& link) : link_(link), socket_(link.make_socket(ZMQ_PUSH)) {
      for (std::uint64_t receiver = 0; receiver < link.spec_.receivers; ++receiver) socket_.connect(link.endpoint(receiver));
      // Connections on which equally much waits are served in turn: each gets one.
      for (std::uint64_t receiver = 0; receiver < link.spec_.receivers; ++receiver) socket_.send({});
    }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    ~Sender() {
      if (closed_ && std::uncaught_exceptions() == 0) link_.wait_for_receivers();
    }
    void put(Message& message) {
      if (closed_) throw QueueClosed();
      Wire::send(socket_, message);
      ++sent_;
    }
    void close() {
      closed_ = true;
      if (link_.several_receivers()) {
        link_.add_to_come(sent_ - not_closed);
      } else {
        socket_.send({});
      }
    }

   private:
    ZmqLink& link_;
    ZmqSocket socket_;
    std::int64_t sent_ = 0;
    bool closed_ = false;
  };

  class Receiver {
   public:
    explicit Receiver(ZmqLink& link)
        : link_(link), socket_(link.make_socket(ZMQ_PULL)), last_words_(link.several_receivers() ? 1 : link.spec_.senders) {
      socket_.bind(link.endpoint(link.several_receivers() ? link.common().receivers++ : 0));
      for (std::uint64_t sender = 0; sender < link.spec_.senders; ++sender) socket_.receive(taken_);
    }
    bool get(Message& message) {
      while (last_words_ > 0) {
        socket_.receive(taken_);
        if (!taken_.bytes().empty()) {
          Wire::receive(taken_, message);
          if (link_.several_receivers()) link_.add_to_come(-1);
          return true;
        }
        if (--last_words_ == 0) link_.receiver_ended();
      }
      return false;
    }

   private:
    ZmqLink& link_;
    ZmqSocket socket_;
    std::uint64_t last_words_;  // empty messages until the end
    ZmqMessage taken_;
  };

 private:
  // What the ends share.
  struct Common {
    std::atomic<std::int64_t> to_come;  // messages that were sent and not taken, and much more for each sender that has not closed
    std::atomic<std::uint64_t> receivers;
    FutexWord ended;  // receivers that have taken everything
  };
  static constexpr std::int64_t not_closed = std::int64_t{1} << 40;

  [[nodiscard]] std::string endpoint(std::uint64_t receiver) const { return fmt::format("{}-{}", name_, receiver); }

  [[nodiscard]] ZmqSocket make_socket(int type) const {
    const std::size_t share = spec_.capacity / (2 * spec_.senders * spec_.receivers);
    return {ZmqContext::of_this_process(Wire::io_threads, Wire::most_sockets), type, static_cast<int>(std::max<std::size_t>(share, 1))};
  }

  [[nodiscard]] bool several_receivers() const noexcept { return spec_.receivers > 1; }
  [[nodiscard]] Common& common() const noexcept { return (*common_)[0]; }

  void receiver_ended() const noexcept {
    ++common().ended;
    futex_wake(common().ended, static_cast<int>(spec_.senders));
  }
  void wait_for_receivers() const noexcept {
    for (std::uint32_t ended = 0; (ended = common().ended) < spec_.receivers;) futex_wait(common().ended, ended);
  }

  void add_to_come(std::int64_t messages) {
    if (common().to_come.fetch_add(messages) + messages != 0) return;
    for (std::uint64_t receiver = 0; receiver < spec_.receivers; ++receiver) {
      ZmqSocket socket = make_socket(ZMQ_PUSH);
      socket.connect(endpoint(receiver));
      socket.send({});
    }
  }

  LinkSpec spec_;
  std::string name_;
  std::optional<SharedArray<Common>> common_;  // none in a ring: a mapping each would be a burden in a large one
};

}  // namespace makespan
