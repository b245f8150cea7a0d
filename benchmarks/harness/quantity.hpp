// SPDX-License-Identifier: Apache-2.0
// Quantities on the command line, with their units.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace makespan {

/// "10ms", "1.5s", "250us", "7ns", "2min": a number ≥ 0 and its unit, without a space. Nothing if it is not of that form or
/// does not fit.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);
inline constexpr std::string_view duration_form = "a number with a unit ns, us, ms, s or min, as 10ms or 1.5s";

/// The shortest exact text that parse_duration reads back: 10ms, 1500us.
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

/// "0", "64KiB", "1.5GiB": a number ≥ 0 and its unit, without a space; 0 needs none. Nothing if it is not of that form or does not fit.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);
inline constexpr std::string_view bytes_form = "0 or a number with a unit B, KiB, MiB, GiB or TiB, as 64MiB";

/// The shortest exact text that parse_bytes reads back: 64MiB, 1000B.
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

/// A whole number written in digits. Nothing if it is not of that form or does not fit.
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text);

/// A number in digits with an optional fraction, in every locale with a point. Nothing if it is not of that form.
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text);

/// "5%", "0.5%": a number in digits and the sign, as a share: 0.05. Nothing if it is not of that form.
[[nodiscard]] std::optional<double> parse_percent(std::string_view text);
/// The text that parse_percent reads back, with six significant digits.
[[nodiscard]] std::string format_percent(double share);

/// The parts of a list between commas.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text);

}  // namespace makespan
