// SPDX-License-Identifier: Apache-2.0
// How task sizes vary within a batch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace makespan {

/// Distribution of the task sizes of one batch around the size asked for, which is always the mean.
enum class Sizes : std::uint8_t {
  constant,   ///< every task the same
  uniform,    ///< factor uniform in [0.5, 1.5)
  lognormal,  ///< factor log-normal with sigma 1 (heavy tail: 1 task in 100 is above 6 times the mean)
};

/// Every name that `parse_sizes` takes, in the order of the enumeration.
[[nodiscard]] std::span<const std::string_view> sizes_names();
[[nodiscard]] std::string_view name_of(Sizes sizes);
[[nodiscard]] std::optional<Sizes> parse_sizes(std::string_view name);

/// Factor by which task `task` differs from the mean size: a pure function of its arguments, so every process that
/// computes it gets the same. Mean 1 over many tasks.
[[nodiscard]] double size_factor(Sizes sizes, std::uint64_t seed, std::uint64_t task);

}  // namespace makespan
