// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/usage.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <functional>
#include <optional>
#include <thread>

#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"
#include "tests/cpp/in_cell.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds burned = 60ms;
// The kernel tells a reaped child's time in whole microseconds, user and system apart.
constexpr nanoseconds rounding = 10us;

nanoseconds cpu_time(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

void burn(nanoseconds amount) {
  const nanoseconds end = cpu_time(CLOCK_THREAD_CPUTIME_ID) + amount;
  while (cpu_time(CLOCK_THREAD_CPUTIME_ID) < end) {
  }
}

nanoseconds cpu(const Usage& usage) { return usage.user + usage.system; }

nanoseconds of_resources(int who) {
  rusage used{};
  getrusage(who, &used);
  return std::chrono::seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         std::chrono::microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

// The same by another way: this process, its reaped children, and the one that lives, if any.
nanoseconds cpu_in_all(pid_t living = 0) {
  clockid_t clock{};
  const nanoseconds sum = of_resources(RUSAGE_SELF) + of_resources(RUSAGE_CHILDREN);
  return living != 0 && clock_getcpuclockid(living, &clock) == 0 ? sum + cpu_time(clock) : sum;
}

// `most` was measured over a longer time, begin and end included: nothing may be counted twice.
void require_cpu(const Usage& used, nanoseconds least, nanoseconds most) {
  require_at_least(cpu(used).count(), (least - rounding).count(), "CPU time in ns");
  require_at_least((most + rounding).count(), cpu(used).count(), "CPU time by another way, in ns, against what was counted");
  require(used.user >= 0ns && used.system >= 0ns, "neither part is negative");
}

TEST(GroupUsage, CountsTheCallingThread) {
  expect_in_cell([] {
    const nanoseconds all_before = cpu_in_all();
    const Usage before = group_usage();
    burn(burned);
    const Usage used = group_usage() - before;
    require_cpu(used, burned, cpu_in_all() - all_before);
  });
}

TEST(GroupUsage, CountsThreadsLivingAndEnded) {
  expect_in_cell([] {
    std::atomic<bool> burned_once{false};
    std::atomic<bool> done{false};
    const nanoseconds all_before = cpu_in_all();
    const Usage before = group_usage();
    std::jthread([] { burn(burned); }).join();
    std::jthread living([&] {
      burn(burned);
      burned_once = true;
      while (!done) std::this_thread::sleep_for(1ms);
    });
    while (!burned_once) std::this_thread::sleep_for(1ms);
    const Usage used = group_usage() - before;
    done = true;
    require_cpu(used, 2 * burned, cpu_in_all() - all_before);
  });
}

TEST(GroupUsage, CountsAReapedChild) {
  expect_in_cell([] {
    const nanoseconds all_before = cpu_in_all();
    const Usage before = group_usage();
    Process child = Process::start([] { burn(burned); });
    child.wait();
    const Usage used = group_usage() - before;
    require_cpu(used, burned, cpu_in_all() - all_before);
  });
}

// Starts a child that runs `body`, tells so, and waits to be killed.
Process start_and_stay(const std::function<void()>& body, const SharedArray<std::atomic<bool>>& done) {
  Process child = Process::start([&] {
    body();
    done[0] = true;
    for (;;) pause();
  });
  while (!done[0]) std::this_thread::sleep_for(1ms);
  return child;
}

TEST(GroupUsage, CountsALivingChildAndAfterItsEndNotTwice) {
  expect_in_cell([] {
    const SharedArray<std::atomic<bool>> done(1);
    const nanoseconds all_before = cpu_in_all();
    const Usage before = group_usage();
    std::optional<Process> child = start_and_stay([] { burn(burned); }, done);
    const Usage living = group_usage() - before;
    require_cpu(living, burned, cpu_in_all(child->id()) - all_before);
    child.reset();
    const Usage reaped = group_usage() - before;
    require_cpu(reaped, burned, cpu_in_all() - all_before);
  });
}

TEST(GroupUsage, CountsThreadsOfALivingChild) {
  expect_in_cell([] {
    const SharedArray<std::atomic<bool>> done(1);
    const nanoseconds all_before = cpu_in_all();
    const Usage before = group_usage();
    const Process child = start_and_stay([] { std::jthread([] { burn(burned); }).join(); }, done);
    const Usage used = group_usage() - before;
    require_cpu(used, burned, cpu_in_all(child.id()) - all_before);
  });
}

TEST(GroupUsage, CountsGrandchildrenLivingAndReaped) {
  expect_in_cell([] {
    const SharedArray<std::atomic<bool>> done(1);
    const SharedArray<std::atomic<bool>> inner_done(1);
    const Usage before = group_usage();
    const Process child = start_and_stay(
        [&] {
          Process::start([] { burn(burned); }).wait();
          static const Process living = start_and_stay([] { burn(burned); }, inner_done);
        },
        done);
    // A reaped grandchild of a living child is counted in clock ticks of 10 ms.
    require_at_least(cpu(group_usage() - before).count(), (2 * burned - 20ms).count(), "CPU time in ns");
  });
}

TEST(GroupUsage, CountsSwitchesAndFaults) {
  expect_in_cell([] {
    const Usage before = group_usage();
    Process child = Process::start([] {
      for (int index = 0; index < 20; ++index) std::this_thread::sleep_for(100us);
      const SharedMemory memory(100 * 4096);
      for (std::size_t page = 0; page < 100; ++page) memory.data()[page * 4096] = std::byte{1};
    });
    child.wait();
    const Usage used = group_usage() - before;
    require_at_least(used.voluntary_switches, 20, "voluntary switches");
    require_at_least(used.minor_faults, 100 * 4096 / sysconf(_SC_PAGESIZE), "minor faults");
    require_at_least(used.involuntary_switches, 0, "involuntary switches");
  });
}

TEST(Usage, DifferenceKeepsTheSumWhenTheSplitMoves) {
  const Usage before{.user = 70ms, .system = 10ms, .voluntary_switches = 3, .involuntary_switches = 4, .minor_faults = 5};
  const Usage after{.user = 60ms, .system = 40ms, .voluntary_switches = 7, .involuntary_switches = 9, .minor_faults = 11};
  const Usage used = after - before;
  EXPECT_EQ(used.user, 0ms);
  EXPECT_EQ(used.system, 20ms);
  EXPECT_EQ(used.voluntary_switches, 4);
  EXPECT_EQ(used.involuntary_switches, 5);
  EXPECT_EQ(used.minor_faults, 6);
}

TEST(PeakResidentBytes, SeesTheLargestProcess) {
  expect_in_cell([] {
    constexpr std::uint64_t size = 64U << 20U;
    const std::uint64_t before = peak_resident_bytes(0);
    require(before < size, "the cell is small");
    Process child = Process::start([] { SharedMemory(size).populate(); });
    child.wait();
    require_at_least(peak_resident_bytes(0), size, "a reaped child's memory");
  });
}

TEST(PeakResidentBytes, LeavesTheRecordsOut) {
  expect_in_cell([] {
    constexpr std::uint64_t size = 64U << 20U;
    const SharedMemory records(size);
    records.populate();
    require_at_least(peak_resident_bytes(0), size, "with the records");
    require_at_least(peak_resident_bytes(0) - size + (1U << 20U), peak_resident_bytes(size), "without them");
    require_equal(peak_resident_bytes(UINT64_MAX), 0U, "less than nothing is nothing");
  });
}

TEST(StolenTime, NeverGoesBack) {
  const nanoseconds first = stolen_time();
  EXPECT_GE(first, 0ns);
  EXPECT_GE(stolen_time(), first);
}

}  // namespace
}  // namespace makespan
