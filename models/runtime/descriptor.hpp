// SPDX-License-Identifier: Apache-2.0
// A file descriptor, owned; and the pairs of them that processes talk through.
#pragma once

#include <utility>

namespace makespan {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  [[nodiscard]] int number() const noexcept { return number_; }  ///< -1: none
  [[nodiscard]] bool open() const noexcept { return number_ >= 0; }
  void close() noexcept;         ///< no effect if there is none
  void set_nonblocking() const;  ///< throws std::system_error

 private:
  int number_ = -1;
};

/// What is written to `in` comes out of `out`. For a socket pair, in both directions.
struct DescriptorPair {
  Descriptor out, in;
};

/// pipe(2), closed on exec. Throws std::system_error if the system refuses.
[[nodiscard]] DescriptorPair make_pipe();

/// A UNIX socket pair that keeps the boundaries of messages (SOCK_SEQPACKET), closed on exec. Throws std::system_error.
[[nodiscard]] DescriptorPair make_socket_pair();

/// While it lives, writing to a pipe that nobody reads fails with EPIPE instead of ending the process by SIGPIPE; for the
/// calling process and those it forks meanwhile.
class IgnoreSigpipe {
 public:
  IgnoreSigpipe() noexcept;
  IgnoreSigpipe(const IgnoreSigpipe&) = delete;
  IgnoreSigpipe& operator=(const IgnoreSigpipe&) = delete;
  ~IgnoreSigpipe();

 private:
  void (*before_)(int);
};

}  // namespace makespan
