// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/shared_memory.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "models/runtime/process.hpp"
#include "tests/cpp/leftovers.hpp"

namespace makespan {
namespace {

std::size_t pages_taken(const SharedMemory& memory) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident((memory.size() + page - 1) / page);
  EXPECT_EQ(mincore(memory.data(), memory.size(), resident.data()), 0);
  return static_cast<std::size_t>(std::count_if(resident.begin(), resident.end(), [](unsigned char bits) { return (bits & 1U) != 0; }));
}

TEST(SharedMemory, IsZeroAtFirst) {
  const SharedMemory memory(100'000);
  EXPECT_EQ(memory.size(), 100'000U);
  EXPECT_TRUE(std::all_of(memory.data(), memory.data() + memory.size(), [](std::byte value) { return value == std::byte{0}; }));
}

TEST(SharedMemory, IsCommonToChildrenAtTheSameAddress) {
  const SharedArray<std::atomic<std::uintptr_t>> cells(2);
  cells[0] = 5;
  Process child = Process::start([&] {
    cells[0] += 1;
    cells[1] = reinterpret_cast<std::uintptr_t>(&cells[1]);
  });
  EXPECT_TRUE(child.wait().ok());
  EXPECT_EQ(cells[0], 6U);
  EXPECT_EQ(cells[1], reinterpret_cast<std::uintptr_t>(&cells[1]));
}

TEST(SharedMemory, TakesPagesWhenTouchedOrPopulated) {
  const SharedMemory memory(64 * 4096);
  EXPECT_EQ(pages_taken(memory), 0U);
  memory.data()[5] = std::byte{7};
  EXPECT_EQ(pages_taken(memory), 1U);
  memory.populate();
  EXPECT_EQ(pages_taken(memory) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), memory.size());
  EXPECT_EQ(memory.data()[5], std::byte{7});
}

TEST(SharedMemory, OfNoBytesMayBeUsed) {
  const SharedArray<int> empty(0);
  EXPECT_EQ(empty.size(), 0U);
  EXPECT_EQ(empty.begin(), empty.end());
  EXPECT_NO_THROW(empty.populate());
}

TEST(SharedMemory, IsGivenBack) {
  const std::size_t before = count_shared_mappings();
  {
    const SharedMemory memory(4096);
    EXPECT_EQ(count_shared_mappings(), before + 1);
  }
  EXPECT_EQ(count_shared_mappings(), before);
}

TEST(SharedMemory, MovesWithoutACopy) {
  const std::size_t before = count_shared_mappings();
  {
    SharedMemory first(4096);
    first.data()[0] = std::byte{3};
    const std::byte* address = first.data();
    SharedMemory second(std::move(first));
    EXPECT_EQ(second.data(), address);
    SharedMemory third(8192);
    third = std::move(second);
    EXPECT_EQ(third.data(), address);
    EXPECT_EQ(third.size(), 4096U);
    EXPECT_EQ(third.data()[0], std::byte{3});
  }
  EXPECT_EQ(count_shared_mappings(), before);
}

TEST(SharedMemory, SaysWhenTheSystemRefuses) { EXPECT_THROW((void)SharedMemory(std::size_t{1} << 60U), std::system_error); }

TEST(SharedArray, RefusesACountWhoseBytesOverflow) {
  struct Wide {
    std::uint64_t words[6];
  };
  EXPECT_THROW((void)SharedArray<Wide>(std::size_t{1} << 60U), std::system_error);  // 48 × 2^60 is 0 modulo 2^64
  EXPECT_THROW((void)SharedArray<Wide>(std::numeric_limits<std::size_t>::max()), std::system_error);
}

}  // namespace
}  // namespace makespan
