// SPDX-License-Identifier: Apache-2.0
// The compute part of a task: deterministic work by iteration count.
#pragma once

#include <cstdint>
#include <string_view>

namespace makespan {

using Checksum = std::uint64_t;

/// A kernel computes `iterations` dependent steps from `start` and returns the last state.
/// `run` does the work; `predict` gives the same value without doing it, so that a result can be checked by a second,
/// independent way. Both are pure: no memory beyond registers, no exceptions, `iterations == 0` returns `start`.
struct Kernel {
  std::string_view name;
  Checksum (*run)(std::uint64_t iterations, Checksum start);
  Checksum (*predict)(std::uint64_t iterations, Checksum start);
};

/// A chain of 64-bit linear congruential steps (multiplier and increment: Knuth, MMIX): one multiplication and one addition
/// each waiting for the one before, so its time is latency, which neither vector units nor a second core can shorten.
/// `predict` jumps ahead in O(log iterations): F. B. Brown, "Random Number Generation with Arbitrary Strides", 1994.
extern const Kernel lcg_kernel;

/// Bijective 64-bit mixing (the output function of SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

}  // namespace makespan
