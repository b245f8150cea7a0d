// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/memory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <string>

#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"
#include "tests/cpp/children.hpp"
#include "tests/cpp/fake_tree.hpp"

namespace makespan {
namespace {

constexpr std::uint64_t mib = 1U << 20U;

std::string failure_of(const std::filesystem::path& directory) {
  try {
    static_cast<void>(memory_of_process(directory));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(MemoryOfProcess, IsWhatItsFilesSayInBytes) {
  FakeTree tree;
  tree.file("/proc/7/smaps_rollup", "55d0-7fff ---p 00000000 00:00 0    [rollup]\nRss:   900 kB\nPss:   512 kB\nPss_Anon:  100 kB");
  tree.file("/proc/7/status", "Name:\tx\nVmRSS:\t 900 kB\nVmPTE:\t      64 kB\nThreads:\t1");
  const GroupMemory memory = memory_of_process(tree.root() / "proc/7");
  EXPECT_EQ(memory.pss, 512U * 1024U);
  EXPECT_EQ(memory.page_tables, 64U * 1024U);
}

TEST(MemoryOfProcess, NamesTheFileThatIsMissingOrHasNoSuchLine) {
  FakeTree tree;
  tree.file("/proc/7/status", "VmPTE:\t64 kB");
  EXPECT_NE(failure_of(tree.root() / "proc/7").find("/proc/7/smaps_rollup cannot be read"), std::string::npos);
  tree.file("/proc/7/smaps_rollup", "Rss: 900 kB");
  EXPECT_NE(failure_of(tree.root() / "proc/7").find("smaps_rollup has no line \"Pss: ... kB\""), std::string::npos);
}

TEST(KernelObjects, AreStacksAndSlab) {
  FakeTree tree;
  tree.file("/proc/meminfo", "MemTotal: 8000 kB\nSlab:      300 kB\nSReclaimable:  200 kB\nKernelStack:   48 kB\nPageTables:  99 kB");
  EXPECT_EQ(kernel_objects(tree.root()), 348U * 1024U);
  EXPECT_GT(kernel_objects(), 0U);
}

// Each of the two processes maps all of it: the shared memory counts once, the page tables of each count.
TEST(MemoryOfGroup, CountsSharedMemoryOnceAndEveryProcess) {
  const SharedArray<std::atomic<std::uint32_t>> ready(1);
  const SharedMemory shared(64 * mib);
  Process leader = Process::start([&] {
    setpgid(0, 0);
    shared.populate();
    const Process child = Process::start([&] {
      shared.populate();
      ++ready[0];
      for (;;) pause();
    });
    ++ready[0];
    for (;;) pause();
  });
  ASSERT_TRUE(comes_true([&] { return ready[0] == 2; }));
  const GroupMemory memory = memory_of_group(leader.id());
  EXPECT_GE(memory.pss, 64 * mib);
  EXPECT_LT(memory.pss, 100 * mib);
  EXPECT_GE(memory.page_tables, 2 * 64 * mib / 4096 * 8);
}

}  // namespace
}  // namespace makespan
