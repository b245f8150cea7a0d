// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace makespan {

/// Thrown by a put into a queue or channel that was closed.
class QueueClosed : public std::logic_error {
 public:
  QueueClosed() : std::logic_error("the queue is closed: nothing can be put any more") {}
};

}  // namespace makespan
