// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <memory>
#include <span>

#include "models/transport.hpp"
#include "models/transports/peers/zmq_link.hpp"
#include "models/transports/thread_exchange.hpp"

namespace makespan {
namespace {

// Objects are moved: what ZeroMQ carries is their address, which saves it the copies.
struct InprocWire {
  static constexpr std::string_view transport = "inproc://";
  static constexpr int io_threads = 0;        // they serve descriptors, of which there are none here
  static constexpr int most_sockets = 65535;  // the most that a context takes; their places are 768 KiB

  static void send(ZmqSocket& socket, Message& message) {
    auto moved = std::make_unique<Message>(std::move(message));
    const Message* const address = moved.get();
    socket.send(std::as_bytes(std::span(&address, 1)));
    static_cast<void>(moved.release());
  }
  static void receive(ZmqMessage& taken, Message& into) {
    Message* address = nullptr;
    std::memcpy(&address, taken.bytes().data(), sizeof(address));
    const std::unique_ptr<Message> moved(address);
    into = std::move(*moved);
  }
};

// Two for each link, and those that tell several receivers of the end.
std::uint64_t sockets(const Traffic& traffic) {
  return traffic.pattern == Pattern::stream ? traffic.producers + 2 * traffic.consumers : 2 * traffic.links();
}

}  // namespace

extern const TransportInfo threads_zmq_inproc_transport;
const TransportInfo threads_zmq_inproc_transport{
    .model = "threads",
    .variant = "zmq_inproc",
    .summary = "ZeroMQ's PUSH and PULL sockets between threads (inproc); objects are moved",
    .unit = Unit::thread,
    .one_thread = false,
    .refuses = [](const Traffic& traffic) -> std::string_view {
      return sockets(traffic) > InprocWire::most_sockets ? "a context of ZeroMQ has 65,535 sockets at most" : "";
    },
    .need =
        [](const Traffic& traffic) {
          return TransportNeed{
              .files = sockets(traffic) + zmq_context_files, .bytes = traffic.links() * traffic.capacity() * traffic.payload, .threads = 1};
        },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ThreadExchange<ZmqLink<InprocWire>>>(ledger); },
    .role = Role::peer,
};

}  // namespace makespan
