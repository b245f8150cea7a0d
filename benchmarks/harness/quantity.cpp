// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/quantity.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace makespan {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> units{
    {{"min", 60'000'000'000}, {"ns", 1}, {"us", 1'000}, {"\u00b5s", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}}};

// The largest first.
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> byte_units{
    {{"TiB", 1ULL << 40U}, {"GiB", 1ULL << 30U}, {"MiB", 1ULL << 20U}, {"KiB", 1ULL << 10U}, {"B", 1}}};

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) { return parse_whole<std::uint64_t>(text); }

std::optional<double> parse_decimal(std::string_view text) {
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  return parse_whole<double>(text);
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  for (const auto& [unit, nanoseconds] : units) {
    if (!text.ends_with(unit)) continue;
    const std::string_view digits = text.substr(0, text.size() - unit.size());
    std::int64_t exact = 0;  // a double has 53 bits only
    const std::optional<std::uint64_t> whole = parse_count(digits);
    if (whole && *whole <= INT64_MAX && !__builtin_mul_overflow(static_cast<std::int64_t>(*whole), nanoseconds, &exact)) {
      return std::chrono::nanoseconds(exact);
    }
    const std::optional<double> number = parse_decimal(digits);
    if (!number) continue;  // "5ms" ends with "s" too
    const double value = std::round(*number * static_cast<double>(nanoseconds));
    if (value >= 9.2e18) return std::nullopt;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(value));
  }
  return std::nullopt;
}

std::string format_duration(std::chrono::nanoseconds duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  for (const auto& [unit, size] : {std::pair{"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}}) {
    if (count % size == 0) return fmt::format("{}{}", count / size, unit);
  }
  return fmt::format("{}ns", count);
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  if (text == "0") return 0;
  for (const auto& [unit, size] : byte_units) {
    if (!text.ends_with(unit)) continue;
    const std::optional<double> number = parse_decimal(text.substr(0, text.size() - unit.size()));
    if (!number) continue;  // "5KiB" ends with "B" too
    const double value = std::round(*number * static_cast<double>(size));
    if (value > 0x1p53) return std::nullopt;  // whole numbers are exact up to there
    return static_cast<std::uint64_t>(value);
  }
  return std::nullopt;
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes == 0) return "0";
  for (const auto& [unit, size] : byte_units) {
    if (bytes % size == 0) return fmt::format("{}{}", bytes / size, unit);
  }
  return fmt::format("{}B", bytes);
}

std::optional<double> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  const std::optional<double> percent = parse_decimal(text.substr(0, text.size() - 1));
  return percent ? std::optional(*percent / 100) : std::nullopt;
}

std::string format_percent(double share) { return fmt::format("{:g}%", 100 * share); }

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace makespan
