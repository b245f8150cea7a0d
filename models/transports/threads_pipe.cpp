// SPDX-License-Identifier: Apache-2.0
#include "models/transports/pipe_link.hpp"
#include "models/transports/thread_exchange.hpp"

namespace makespan {

extern const TransportInfo threads_pipe_transport;
const TransportInfo threads_pipe_transport{
    .model = "threads",
    .variant = "pipe",
    .summary = "a pipe between the threads of one process: every message goes through the kernel",
    .unit = Unit::thread,
    .one_thread = false,
    .refuses = nothing,
    .need = [](const Traffic& traffic) { return TransportNeed{.files = 2 * traffic.links()}; },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ThreadExchange<PipeLink>>(ledger); },
};

}  // namespace makespan
