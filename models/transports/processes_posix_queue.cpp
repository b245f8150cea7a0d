// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <mqueue.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "models/runtime/descriptor.hpp"
#include "models/transports/frames.hpp"
#include "models/transports/process_exchange.hpp"

namespace makespan {
namespace {

// What every system allows without privileges (fs.mqueue.msg_max, fs.mqueue.msgsize_max).
constexpr std::size_t most_messages = 10;
constexpr std::size_t longest_piece = 8192;

std::size_t piece_bytes(std::size_t message_bytes) { return std::min(longest_piece, sizeof(FrameLength) + message_bytes); }

// A queue without a name: it is unlinked as soon as it is made.
Descriptor make_queue(std::size_t piece) {
  static std::atomic<unsigned> number = 0;
  const std::string name = fmt::format("/makespan-{}-{}", getpid(), number++);
  mq_attr attributes{};
  attributes.mq_maxmsg = most_messages;
  attributes.mq_msgsize = static_cast<long>(piece);
  Descriptor queue(mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attributes));
  if (!queue.open()) throw std::system_error(errno, std::generic_category(), "mq_open");
  mq_unlink(name.c_str());
  return queue;
}

// A frame longer than a piece travels in several; then those who share an end lock it for a whole message. The queue cannot be closed: the
// last sender puts an empty piece for each receiver.
class PosixLink {
 public:
  explicit PosixLink(const LinkSpec& spec)
      : spec_(spec),
        piece_(piece_bytes(spec.message_bytes)),
        in_pieces_(sizeof(FrameLength) + spec.message_bytes > piece_),
        queue_(make_queue(piece_)),
        locks_(in_pieces_ && spec.senders > 1, in_pieces_ && spec.receivers > 1),
        open_(spec.senders) {}
  void release() noexcept { queue_.close(); }

  class Sender {
   public:
    explicit Sender(PosixLink& link) : link_(link) {}
    void put(const Message& message) {
      if (closed_) throw QueueClosed();
      const auto lock = link_.locks_.for_sending();
      for (std::span<const std::byte> left = writer_.frame(message); !left.empty();) {
        const std::size_t count = std::min(left.size(), link_.piece_);
        link_.send(left.first(count));
        left = left.subspan(count);
      }
    }
    void close() {
      closed_ = true;
      if (!link_.open_.done()) return;
      for (std::uint64_t receiver = 0; receiver < link_.spec_.receivers; ++receiver) link_.send({});
    }

   private:
    PosixLink& link_;
    FrameWriter writer_;
    bool closed_ = false;
  };

  class Receiver {
   public:
    explicit Receiver(PosixLink& link) : link_(link), bytes_(link.piece_), reader_(link.spec_.message_bytes) {}
    bool get(Message& message) {
      const auto lock = link_.locks_.for_receiving();
      while (!reader_.next(message)) {
        const std::size_t got = link_.receive(bytes_);
        if (got == 0) return false;
        const std::span<std::byte> room = reader_.room();
        std::memcpy(room.data(), bytes_.data(), got);  // a piece always fits: there is room for a whole message, and no more was read
        reader_.filled(got);
      }
      return true;
    }

   private:
    PosixLink& link_;
    std::vector<std::byte> bytes_;
    FrameReader reader_;
  };

 private:
  void send(std::span<const std::byte> piece) const {
    const char* const bytes = piece.empty() ? "" : reinterpret_cast<const char*>(piece.data());  // mq_send wants no null pointer
    while (mq_send(queue_.number(), bytes, piece.size(), 0) != 0) {
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "mq_send");
    }
  }

  std::size_t receive(std::vector<std::byte>& into) const {
    for (;;) {
      const ssize_t got = mq_receive(queue_.number(), reinterpret_cast<char*>(into.data()), into.size(), nullptr);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "mq_receive");
    }
  }

  LinkSpec spec_;
  std::size_t piece_;
  bool in_pieces_;
  Descriptor queue_;
  EndLocks locks_;
  Countdown open_;
};

TransportNeed need(const Traffic& traffic) {
  // As mq_overview(7) counts it: the messages themselves, and about 64 bytes for each in the kernel's tree.
  const std::uint64_t bytes = most_messages * (piece_bytes(longest_encoded(traffic.payload)) + 64);
  return {.files = traffic.links(), .bytes = 0, .message_queues = traffic.links(), .message_queue_bytes = traffic.links() * bytes};
}

}  // namespace

extern const TransportInfo processes_posix_queue_transport;
const TransportInfo processes_posix_queue_transport{
    .model = "processes",
    .variant = "posix_queue",
    .summary = "a POSIX message queue of 10 messages; those above 8 KiB travel in pieces",
    .unit = Unit::process,
    .one_thread = false,
    .refuses = nothing,
    .need = need,
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ProcessExchange<PosixLink>>(ledger); },
};

}  // namespace makespan
