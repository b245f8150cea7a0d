// SPDX-License-Identifier: Apache-2.0
// For libraries that end the process, or never end, when the system refuses them a thread.
#pragma once

#include <cstdint>

namespace makespan {

/// Starts so many threads, all there at once, and ends them. Throws std::system_error, which tells the thread that was refused, if the
/// system does not let it: then the library is better not asked. It is a look and no promise; and it takes about as long as the library's
/// own start, which the setup time of these models has in it.
void require_threads(std::uint64_t count);

}  // namespace makespan
