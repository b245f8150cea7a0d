// SPDX-License-Identifier: Apache-2.0
#include "models/transports/pipe_link.hpp"
#include "models/transports/process_exchange.hpp"

namespace makespan {

extern const TransportInfo processes_pipe_transport;
const TransportInfo processes_pipe_transport{
    .model = "processes",
    .variant = "pipe",
    .summary = "a pipe between processes: objects are encoded, one write each",
    .unit = Unit::process,
    .one_thread = false,
    .refuses = nothing,
    .need = [](const Traffic& traffic) { return TransportNeed{.files = 2 * traffic.links()}; },
    .make = [](Ledger& ledger) -> std::unique_ptr<Exchange> { return std::make_unique<ProcessExchange<PipeLink>>(ledger); },
};

}  // namespace makespan
