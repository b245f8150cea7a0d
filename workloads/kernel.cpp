// SPDX-License-Identifier: Apache-2.0
#include "workloads/kernel.hpp"

namespace makespan {
namespace {

constexpr std::uint64_t multiplier = 6364136223846793005U;
constexpr std::uint64_t increment = 1442695040888963407U;

Checksum run_lcg(std::uint64_t iterations, Checksum state) {
  for (std::uint64_t done = 0; done < iterations; ++done) {
    state = state * multiplier + increment;
    // The empty statement claims to read and change the register: the compiler may neither merge steps nor drop the loop.
    asm volatile("" : "+r"(state));
  }
  return state;
}

// The step is an affine map; squaring it again and again gives every power of two of steps.
Checksum predict_lcg(std::uint64_t iterations, Checksum state) {
  std::uint64_t factor = multiplier;
  std::uint64_t offset = increment;
  for (; iterations != 0; iterations >>= 1U) {
    if ((iterations & 1U) != 0) state = state * factor + offset;
    offset = offset * factor + offset;
    factor *= factor;
  }
  return state;
}

}  // namespace

const Kernel lcg_kernel{"lcg", run_lcg, predict_lcg};

}  // namespace makespan
