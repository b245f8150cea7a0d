// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "models/runtime/descriptor.hpp"
#include "models/transports/process_exchange.hpp"

namespace makespan {
namespace {

// SOCK_SEQPACKET keeps the boundaries, so any number may share an end without a lock.
class SocketLink {
 public:
  explicit SocketLink(const LinkSpec& spec) : longest_(spec.message_bytes), sockets_(make_socket_pair()) {}
  void release() noexcept {
    sockets_.in.close();
    sockets_.out.close();
  }

  class Sender {
   public:
    explicit Sender(SocketLink& link) : link_(link), bytes_(link.longest_) { link.sockets_.out.close(); }
    void put(const Message& message) {
      if (!link_.sockets_.in.open()) throw QueueClosed();
      const std::size_t size = encoded_size(message);
      encode(message, bytes_.data());
      while (send(link_.sockets_.in.number(), bytes_.data(), size, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "send to a socket");
      }
    }
    void close() { link_.sockets_.in.close(); }

   private:
    SocketLink& link_;
    std::vector<std::byte> bytes_;
  };

  class Receiver {
   public:
    explicit Receiver(SocketLink& link) : link_(link), bytes_(link.longest_) { link.sockets_.in.close(); }
    bool get(Message& message) {
      ssize_t got = 0;
      while ((got = recv(link_.sockets_.out.number(), bytes_.data(), bytes_.size(), 0)) < 0) {
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "recv from a socket");
      }
      if (got == 0) return false;
      decode(std::span(bytes_).first(static_cast<std::size_t>(got)), message);
      return true;
    }

   private:
    SocketLink& link_;
    std::vector<std::byte> bytes_;
  };

 private:
  std::size_t longest_;
  DescriptorPair sockets_;
};

}  // namespace

extern const TransportInfo processes_socket_pair_transport;
const TransportInfo processes_socket_pair_transport{
    .model = "processes",
    .variant = "socket_pair",
    .summary = "a UNIX socket pair (SOCK_SEQPACKET) between processes",
    .unit = Unit::process,
    .one_thread = false,
    .refuses = nothing,
    .need = [](const Traffic& traffic) { return TransportNeed{.files = 2 * traffic.links()}; },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ProcessExchange<SocketLink>>(ledger); },
};

}  // namespace makespan
