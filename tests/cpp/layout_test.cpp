// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/layout.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <set>

#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

// Where an object comes to lie after a draw, seen from the next page, in processes that are the same but for it.
std::set<std::uintptr_t> places_in(std::uintptr_t unit) {
  constexpr std::size_t processes = 64;
  const SharedArray<std::uintptr_t> places(processes);
  for (std::size_t number = 0; number < processes; ++number) {
    Process child = Process::start([&places, number] {
      draw_heap_layout();
      const auto object = std::make_unique<char[]>(5000);
      places[number] = reinterpret_cast<std::uintptr_t>(object.get());
    });
    EXPECT_TRUE(child.wait().ok());
  }
  std::set<std::uintptr_t> found;
  for (const std::uintptr_t place : places) found.insert(place % unit);
  return found;
}

#ifdef __SANITIZE_ADDRESS__
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

TEST(HeapLayout, IsAnotherOneInEveryProcess) {
  if (sanitized) GTEST_SKIP() << "the sanitizer's allocator places objects by their size";
  // 64 draws miss one of four places with a chance of 4e-8, and are all at fewer than eight distances with far less.
  EXPECT_EQ(places_in(64), (std::set<std::uintptr_t>{0, 16, 32, 48}));
  EXPECT_GE(places_in(4096).size(), 8U);
}

}  // namespace
}  // namespace makespan
