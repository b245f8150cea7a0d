// SPDX-License-Identifier: Apache-2.0
#include "models/transport.hpp"
#include "models/transports/peers/zmq_link.hpp"
#include "models/transports/process_exchange.hpp"

namespace makespan {
namespace {

// UNIX sockets in Linux's abstract namespace (unix(7)): no file that could be left behind. Messages are encoded into ZeroMQ's buffers and
// decoded out of them: one copy at each side, besides ZeroMQ's own.
struct IpcWire {
  static constexpr std::string_view transport = "ipc://@";
  static constexpr int io_threads = 1;
  static constexpr int most_sockets = ZMQ_MAX_SOCKETS_DFLT;

  static void send(ZmqSocket& socket, const Message& message) {
    ZmqMessage encoded(encoded_size(message));
    encode(message, encoded.bytes().data());
    socket.send(encoded);
  }
  static void receive(ZmqMessage& taken, Message& into) { decode(taken.bytes(), into); }
};

}  // namespace

extern const TransportInfo processes_zmq_ipc_transport;
const TransportInfo processes_zmq_ipc_transport{
    .model = "processes",
    .variant = "zmq_ipc",
    .summary = "ZeroMQ's PUSH and PULL sockets between processes (ipc); objects are encoded",
    .unit = Unit::process,
    .one_thread = false,
    .refuses = nothing,
    .need =
        [](const Traffic& traffic) {
          const std::uint64_t connections = traffic.pattern == Pattern::stream ? traffic.producers + 3 * traffic.consumers : 3;
          return TransportNeed{
              .files = zmq_context_files + 2 + connections,
              .bytes = traffic.parts() * zmq_context_bytes + traffic.links() * traffic.capacity() * longest_encoded(traffic.payload),
              .threads = 2 * traffic.parts()};
        },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ProcessExchange<ZmqLink<IpcWire>>>(ledger); },
    .role = Role::peer,
};

}  // namespace makespan
