// SPDX-License-Identifier: Apache-2.0
#include "workloads/sizes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "workloads/kernel.hpp"

namespace makespan {
namespace {

constexpr std::array<std::string_view, 3> names{"constant", "uniform", "lognormal"};
constexpr double lognormal_sigma = 1.0;

// 53 random bits as a double in [0, 1). The standard library's distributions differ from one library to the next.
double unit(std::uint64_t bits) { return static_cast<double>(bits >> 11U) * 0x1.0p-53; }

// Box-Muller, one of its two values.
double standard_normal(std::uint64_t bits) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - unit(mix_bits(bits))));
  return radius * std::cos(2.0 * std::numbers::pi * unit(mix_bits(~bits)));
}

}  // namespace

std::span<const std::string_view> sizes_names() { return names; }

std::string_view name_of(Sizes sizes) { return names.at(static_cast<std::size_t>(sizes)); }

std::optional<Sizes> parse_sizes(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Sizes>(found - names.begin());
}

double size_factor(Sizes sizes, std::uint64_t seed, std::uint64_t task) {
  const std::uint64_t bits = mix_bits(mix_bits(seed) ^ task);
  switch (sizes) {
    case Sizes::constant: return 1.0;
    case Sizes::uniform: return 0.5 + unit(bits);
    // The mean of exp(sigma z) is exp(sigma^2 / 2): divided out, so that the mean factor is 1.
    case Sizes::lognormal: return std::exp(lognormal_sigma * standard_normal(bits) - lognormal_sigma * lognormal_sigma / 2);
  }
  return 1.0;
}

}  // namespace makespan
