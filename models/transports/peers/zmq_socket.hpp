// SPDX-License-Identifier: Apache-2.0
// ZeroMQ's contexts, sockets and messages, owned. The calls are those of zmq_ctx_new(3), zmq_socket(3) and zmq_msg_init(3); all throw
// std::system_error.
#pragma once

#include <zmq.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace makespan {

[[noreturn]] inline void fail_zmq(const char* call) { throw std::system_error(zmq_errno(), std::generic_category(), call); }

/// Calls again what a signal broke off. Throws if it fails otherwise.
template <class Call>
int zmq_call(const char* name, const Call& call) {
  for (;;) {
    if (const int result = call(); result >= 0) return result;
    if (zmq_errno() != EINTR) fail_zmq(name);
  }
}

/// Bytes on their way; those of up to 33 lie in the object itself.
class ZmqMessage {
 public:
  ZmqMessage() noexcept { zmq_msg_init(&message_); }
  explicit ZmqMessage(std::size_t size) {
    if (zmq_msg_init_size(&message_, size) != 0) fail_zmq("zmq_msg_init_size");
  }
  ZmqMessage(const ZmqMessage&) = delete;
  ZmqMessage& operator=(const ZmqMessage&) = delete;
  ~ZmqMessage() { zmq_msg_close(&message_); }

  [[nodiscard]] std::span<std::byte> bytes() noexcept {
    return {static_cast<std::byte*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
  }
  [[nodiscard]] zmq_msg_t* get() noexcept { return &message_; }

 private:
  zmq_msg_t message_;
};

/// What a context with one I/O thread takes, without its sockets.
inline constexpr std::uint64_t zmq_context_files = 5;
inline constexpr std::uint64_t zmq_context_bytes = 300U << 10U;

/// What the sockets of a process belong to. Its threads do not survive a fork, so each process makes its own after it.
class ZmqContext {
 public:
  ZmqContext(int io_threads, int most_sockets) : context_(zmq_ctx_new()) {
    if (context_ == nullptr) fail_zmq("zmq_ctx_new");
    zmq_ctx_set(context_, ZMQ_IO_THREADS, io_threads);
    zmq_ctx_set(context_, ZMQ_MAX_SOCKETS, most_sockets);
  }
  ZmqContext(const ZmqContext&) = delete;
  ZmqContext& operator=(const ZmqContext&) = delete;
  /// Waits until what was sent has left the process.
  ~ZmqContext() {
    while (zmq_ctx_term(context_) != 0 && zmq_errno() == EINTR) {
    }
  }

  /// The one of this process, as long as somebody uses it.
  static std::shared_ptr<ZmqContext> of_this_process(int io_threads, int most_sockets) {
    static std::mutex mutex;
    static std::weak_ptr<ZmqContext> current;
    const std::lock_guard lock(mutex);
    std::shared_ptr<ZmqContext> context = current.lock();
    if (!context) current = context = std::make_shared<ZmqContext>(io_threads, most_sockets);
    return context;
  }

  [[nodiscard]] void* get() const noexcept { return context_; }

 private:
  void* context_;
};

/// For one thread.
class ZmqSocket {
 public:
  /// No more than `high_water_mark` messages wait at this end of each of its connections.
  ZmqSocket(std::shared_ptr<ZmqContext> context, int type, int high_water_mark)
      : context_(std::move(context)), socket_(zmq_socket(context_->get(), type)) {
    if (socket_ == nullptr) fail_zmq("zmq_socket");
    set(ZMQ_SNDHWM, high_water_mark);
    set(ZMQ_RCVHWM, high_water_mark);
    set(ZMQ_LINGER, -1);        // nothing that was put is lost by closing
    set(ZMQ_RECONNECT_IVL, 1);  // ms; whoever connects before the other has bound need not wait for 100
  }
  ZmqSocket(const ZmqSocket&) = delete;
  ZmqSocket& operator=(const ZmqSocket&) = delete;
  ~ZmqSocket() {
    if (std::uncaught_exceptions() > 0) {  // the other end may be gone: then the context would wait for it for ever
      const int none = 0;
      zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof(none));
    }
    zmq_close(socket_);
  }

  void bind(const std::string& endpoint) {
    if (zmq_bind(socket_, endpoint.c_str()) != 0) fail_zmq("zmq_bind");
  }
  void connect(const std::string& endpoint) {
    if (zmq_connect(socket_, endpoint.c_str()) != 0) fail_zmq("zmq_connect");
  }
  /// Copies the bytes.
  void send(std::span<const std::byte> bytes) {
    zmq_call("zmq_send", [&] { return zmq_send(socket_, bytes.data(), bytes.size(), 0); });
  }
  /// Leaves the message empty.
  void send(ZmqMessage& message) {
    zmq_call("zmq_msg_send", [&] { return zmq_msg_send(message.get(), socket_, 0); });
  }
  void receive(ZmqMessage& into) {
    zmq_call("zmq_msg_recv", [&] { return zmq_msg_recv(into.get(), socket_, 0); });
  }

 private:
  void set(int option, int value) {
    if (zmq_setsockopt(socket_, option, &value, sizeof(value)) != 0) fail_zmq("zmq_setsockopt");
  }

  std::shared_ptr<ZmqContext> context_;
  void* socket_;
};

}  // namespace makespan
