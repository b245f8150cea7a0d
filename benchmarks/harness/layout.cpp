// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/layout.hpp"

#include <sys/random.h>

#include <cstddef>
#include <memory>

namespace makespan {

void draw_heap_layout() {
  constexpr std::size_t step = 16;
  unsigned char drawn = 0;
  if (getrandom(&drawn, 1, GRND_NONBLOCK) != 1) return;
  // Never given back: what it takes is what moves the rest.
  static std::unique_ptr<std::byte[]> distance;
  distance = std::make_unique<std::byte[]>(step * drawn + 1);
}

}  // namespace makespan
