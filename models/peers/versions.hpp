// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace makespan {

/// The libraries of cmake/peers.cmake that this build has, with the version that their headers tell, as "1.22.1"; of OpenMP the date of its
/// specification, "201511". None of the libraries is linked with for that: each program is only with those of its own models.
[[nodiscard]] std::map<std::string, std::string> peer_libraries();

}  // namespace makespan
