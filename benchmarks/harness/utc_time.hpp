// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace makespan {

/// Now, as 2026-01-31T23:59:59.123Z.
[[nodiscard]] std::string utc_timestamp();

/// Now, as 20260131T235959Z: fit for names of files.
[[nodiscard]] std::string utc_time_as_name();

}  // namespace makespan
