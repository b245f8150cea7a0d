// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/flags.hpp"

namespace makespan {

Parser<std::uint64_t> count_between(std::uint64_t least, std::uint64_t most) {
  return [least, most](std::string_view text) {
    const std::optional<std::uint64_t> count = parse_count(text);
    return count && *count >= least && *count <= most ? count : std::nullopt;
  };
}

std::string count_form(std::uint64_t least, std::uint64_t most) { return fmt::format("a whole number from {} to {}", least, most); }

Parser<std::string> one_of(const std::vector<std::string>& names) {
  return [names](std::string_view text) -> std::optional<std::string> {
    if (std::find(names.begin(), names.end(), text) == names.end()) return std::nullopt;
    return std::string(text);
  };
}

std::optional<std::chrono::nanoseconds> parse_time_limit(std::string_view text) {
  const std::optional<std::chrono::nanoseconds> duration = parse_duration(text);
  return duration && duration->count() > 0 ? duration : std::nullopt;
}

std::optional<std::string> parse_name(std::string_view text) { return text.empty() ? std::nullopt : std::optional<std::string>(text); }

}  // namespace makespan
