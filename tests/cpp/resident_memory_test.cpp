// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/resident_memory.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdint>
#include <string>

#include "benchmarks/harness/proc_files.hpp"
#include "benchmarks/harness/unavailable.hpp"
#include "tests/cpp/fake_tree.hpp"
#include "tests/cpp/in_cell.hpp"

namespace makespan {
namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
constexpr const char* enabled = "/sys/kernel/mm/transparent_hugepage/enabled";

std::uint64_t field_of_this(const char* file, const char* key) {
  return 1024 * field_number(read_text(file).value_or(""), key).value_or(0);
}

TEST(ResidentMemory, IsThereWhileItLives) {
  expect_in_cell([] {
    const std::uint64_t before = field_of_this("/proc/self/smaps_rollup", "Private_Dirty");
    {
      const ResidentMemory memory(8 * mib, false);
      require_at_least(field_of_this("/proc/self/smaps_rollup", "Private_Dirty"), before + 8 * mib, "memory that was written to");
    }
    require_at_least(before + 4 * mib, field_of_this("/proc/self/smaps_rollup", "Private_Dirty"), "memory that may be left");
  });
}

TEST(ResidentMemory, HasHugePagesOnlyIfTheyAreAskedFor) {
  if (!lacks_huge_pages().empty()) GTEST_SKIP() << lacks_huge_pages();
  expect_in_cell([] {
    const std::uint64_t before = field_of_this("/proc/self/smaps_rollup", "AnonHugePages");
    const ResidentMemory small(8 * mib, false);
    require_equal(field_of_this("/proc/self/smaps_rollup", "AnonHugePages"), before, "huge pages of ordinary memory");
  });
}

TEST(ResidentMemory, OfPartsOfHugePagesIsOfWholeOnes) {
  if (!lacks_huge_pages().empty()) GTEST_SKIP() << lacks_huge_pages();
  expect_in_cell([] {
    try {
      for (const std::uint64_t bytes : {std::uint64_t{4096}, std::uint64_t{3} << 20U}) const ResidentMemory memory(bytes, true);
    } catch (const Unavailable&) {  // where memory is fragmented
    }
  });
  EXPECT_EQ(ResidentMemory::mapped_bytes(3 * mib, true), 6 * mib);
}

std::string words_for(std::uint64_t bytes, bool huge) {
  try {
    const ResidentMemory memory(bytes, huge);
  } catch (const Unavailable& error) {
    return error.what();
  }
  return "it was had";
}

TEST(ResidentMemory, ThatIsRefusedIsUnavailableAndTheLimitIsNamed) {
  expect_in_cell([] {
    const std::string words = words_for(std::uint64_t{1} << 49U, false);
    require_contains(words, "(Cannot allocate memory): ");
    require_contains(words, " needed: ");
  });
}

TEST(ResidentMemory, ThatTheKernelGivesNoHugePagesForIsUnavailable) {
  if (!lacks_huge_pages().empty()) GTEST_SKIP() << lacks_huge_pages();
  expect_in_cell([] {
    if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0) return;  // a kernel that cannot deny them
    require_contains(words_for(4 * mib, true), "transparent huge pages = 0 that the kernel gave, 4MiB needed");
  });
}

TEST(ResidentMemory, OfNothingIsNothing) {
  const ResidentMemory none(0, false);
  const ResidentMemory huge(0, true);
}

TEST(HugePages, AreLackingWhereTheKernelGivesNone) {
  FakeTree tree;
  EXPECT_NE(lacks_huge_pages(tree.root()).find("no transparent huge pages"), std::string::npos);
  tree.file(enabled, "always madvise [never]");
  EXPECT_NE(lacks_huge_pages(tree.root()).find("is never"), std::string::npos);
  tree.file(enabled, "always [madvise] never");
  EXPECT_EQ(lacks_huge_pages(tree.root()), "");
}

TEST(PageTables, OfAGibibyteTakeTwoMebibytes) { EXPECT_EQ(page_table_bytes(1024 * mib), 2 * mib); }

}  // namespace
}  // namespace makespan
