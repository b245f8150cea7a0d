// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/descriptor.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace makespan {
namespace {

[[noreturn]] void refused(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

}  // namespace

void Descriptor::close() noexcept {
  if (open()) ::close(std::exchange(number_, -1));
}

void Descriptor::set_nonblocking() const {
  const int flags = fcntl(number_, F_GETFL);
  if (flags < 0 || fcntl(number_, F_SETFL, flags | O_NONBLOCK) < 0) refused("fcntl O_NONBLOCK");
}

DescriptorPair make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) refused("pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

DescriptorPair make_socket_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) refused("socketpair");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

IgnoreSigpipe::IgnoreSigpipe() noexcept : before_(signal(SIGPIPE, SIG_IGN)) {}

IgnoreSigpipe::~IgnoreSigpipe() { signal(SIGPIPE, before_); }

}  // namespace makespan
