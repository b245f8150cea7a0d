// SPDX-License-Identifier: Apache-2.0
// A second opinion on what a pipeline of searches must find: the system's own grep(1).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace makespan {

/// How many lines of what `write_text` writes into the descriptor that it is given `grep -c -F` counts, for bytes, not for
/// characters of a locale. Nothing if there is no grep. Throws std::runtime_error if it fails.
[[nodiscard]] std::optional<std::uint64_t> count_with_grep(const std::string& pattern, const std::function<void(int)>& write_text);

}  // namespace makespan
