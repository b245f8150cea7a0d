// SPDX-License-Identifier: Apache-2.0
// A pipe(2) as a link, between threads or processes.
#pragma once

#include <cstddef>
#include <optional>

#include "models/runtime/descriptor.hpp"
#include "models/transports/frames.hpp"
#include "models/transports/link.hpp"

namespace makespan {

/// One write per message. A single receiver reads as much as there is; where several share an end they lock it for a whole message, as no
/// more than PIPE_BUF bytes are written in one piece and a read knows no boundaries.
class PipeLink {
 public:
  explicit PipeLink(const LinkSpec& spec);
  void release() noexcept;

  class Sender {
   public:
    explicit Sender(PipeLink& link);
    void put(const Message& message);
    void close();

   private:
    PipeLink& link_;
    FrameWriter writer_;
    bool closed_ = false;
  };

  class Receiver {
   public:
    explicit Receiver(PipeLink& link);
    bool get(Message& message);

   private:
    bool get_buffered(Message& message);
    bool get_exactly(Message& message);

    PipeLink& link_;
    FrameReader reader_;
    std::vector<std::byte> bytes_;
  };

 private:
  LinkSpec spec_;
  DescriptorPair pipe_;
  EndLocks locks_;
  Countdown open_;
};

}  // namespace makespan
