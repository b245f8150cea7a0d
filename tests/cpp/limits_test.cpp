// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/cpp/fake_tree.hpp"

namespace makespan {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t mib = 1U << 20U;

class Limits : public testing::Test {
 protected:
  FakeTree& cgroup(const std::string& mounts, const std::string& cgroups) {
    return tree_.file("/proc/self/mountinfo", mounts).file("/proc/self/cgroup", cgroups);
  }
  // Columns as in proc_pid_limits(5).
  FakeTree& own(const std::string& name, const std::string& soft) {
    return tree_.file("/proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units     \n" + name +
                                               "             " + soft + "                unlimited            things    ");
  }
  FakeTree& status(const std::string& text) { return tree_.file("/proc/self/status", text); }

  std::string verdict(const Need& need) const { return forbidden_by(need, tree_.root()).value_or("fine"); }
  const Limit* find(const std::string& name) {
    all_ = limits(tree_.root());
    const auto found = std::find_if(all_.begin(), all_.end(), [&name](const Limit& limit) { return limit.name == name; });
    return found == all_.end() ? nullptr : &*found;
  }

  FakeTree tree_;
  std::vector<Limit> all_;
};

TEST_F(Limits, NameThePidLimitWithEverythingOneNeedsToKnow) {
  tree_.file("/proc/sys/kernel/pid_max", "32768").file("/proc/loadavg", "0.00 0.07 0.13 1/143 14487");
  EXPECT_EQ(verdict({.processes = 1, .threads = 100'000}),
            "kernel.pid_max = 32768 (143 in use, 300 reserved), 100001 needed: raise kernel.pid_max or use fewer tasks");
}

TEST_F(Limits, AllowWhatJustFits) {
  tree_.file("/proc/sys/kernel/threads-max", "1000").file("/proc/loadavg", "0.00 0.07 0.13 1/100 14487");
  EXPECT_EQ(verdict({.processes = 400, .threads = 500}), "fine");
  EXPECT_THAT(verdict({.processes = 400, .threads = 501}), HasSubstr("kernel.threads-max = 1000 (100 in use), 901 needed"));
}

TEST_F(Limits, NameFurtherOnesThatAreTooLow) {
  tree_.file("/proc/sys/kernel/pid_max", "5000").file("/proc/sys/kernel/threads-max", "6000").file("/proc/sys/vm/max_map_count", "70");
  EXPECT_THAT(verdict({.threads = 9000, .threads_per_process = 9000}),
              testing::EndsWith("use fewer tasks; also too low: kernel.threads-max = 6000, vm.max_map_count = 70"));
}

TEST_F(Limits, ForbidNothingThatIsNotNeeded) {
  tree_.file("/proc/sys/kernel/pid_max", "10").file("/proc/loadavg", "0.00 0.07 0.13 1/143 14487");
  own("Max open files", "0");
  EXPECT_EQ(verdict({}), "fine");
}

TEST_F(Limits, DoNotOverflow) {
  tree_.file("/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 1000 kB");
  EXPECT_THAT(verdict({.processes = ~0ULL, .threads = ~0ULL, .threads_per_process = ~0ULL}), HasSubstr("MemAvailable"));
}

TEST_F(Limits, CountTheTasksOfOurUserOnly) {
  own("Max processes", "20");
  status("Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000");
  tree_.file("/proc/7/status", "Uid:\t1000\t1000\t1000\t1000\nThreads:\t3");
  tree_.file("/proc/8/status", "Uid:\t1000\t0\t0\t0\nThreads:\t2");
  tree_.file("/proc/9/status", "Uid:\t0\t0\t0\t0\nThreads:\t100");
  EXPECT_EQ(verdict({.processes = 15}), "fine");
  EXPECT_EQ(verdict({.processes = 16}), "RLIMIT_NPROC = 20 (5 in use), 16 needed: raise ulimit -u or use fewer tasks");
}

TEST_F(Limits, OfProcessesAreNotEnforcedForRoot) {
  own("Max processes", "20");
  status("Uid:\t0\t0\t0\t0\nCapEff:\t0000000000000000");
  EXPECT_EQ(verdict({.processes = 100}), "fine");
  ASSERT_NE(find("RLIMIT_NPROC"), nullptr);
  EXPECT_EQ(find("RLIMIT_NPROC")->note, "not enforced: privileged");
}

TEST_F(Limits, OfProcessesAreNotEnforcedForTwoCapabilities) {
  own("Max processes", "20");
  status("Uid:\t1000\t0\t0\t0\nCapEff:\t0000000001000000");  // CAP_SYS_RESOURCE
  EXPECT_EQ(verdict({.processes = 100}), "fine");
  status("Uid:\t1000\t0\t0\t0\nCapEff:\t0000000000200000");  // CAP_SYS_ADMIN
  EXPECT_EQ(verdict({.processes = 100}), "fine");
  status("Uid:\t1000\t0\t0\t0\nCapEff:\t00000000001fffff");  // others
  EXPECT_THAT(verdict({.processes = 100}), HasSubstr("RLIMIT_NPROC"));
}

TEST_F(Limits, OfProcessesAreEnforcedForTheRootOfAUserNamespace) {
  own("Max processes", "20");
  status("Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff");
  tree_.file("/proc/self/uid_map", "         0     100000      65536");
  EXPECT_THAT(verdict({.processes = 100}), HasSubstr("RLIMIT_NPROC"));
  tree_.file("/proc/self/uid_map", "         0          0 4294967295");
  EXPECT_EQ(verdict({.processes = 100}), "fine");
}

TEST_F(Limits, OfMapsCountStackAndGuardOfEveryThread) {
  tree_.file("/proc/sys/vm/max_map_count", "65530").file("/proc/self/maps", "00400000-00401000 r-xp\n00401000-00402000 rw-p");
  EXPECT_EQ(verdict({.threads = 64'000, .threads_per_process = 32'000}), "fine");
  EXPECT_THAT(verdict({.threads = 33'000, .threads_per_process = 33'000}), HasSubstr("vm.max_map_count = 65530 (2 in use), 660"));
}

TEST_F(Limits, OfFilesCountTheOpenOnes) {
  own("Max open files", "10").file("/proc/self/fd/0", "").file("/proc/self/fd/1", "");
  EXPECT_EQ(verdict({.files = 8}), "fine");
  EXPECT_EQ(verdict({.files = 9}), "RLIMIT_NOFILE = 10 (2 in use), 9 needed: raise ulimit -n or use fewer processes");
}

TEST_F(Limits, OfAddressSpaceCountEightMebibytesPerStackWithoutAStackLimit) {
  own("Max address space", std::to_string(1000 * mib));
  status("VmSize:\t  204800 kB");
  EXPECT_EQ(verdict({.threads_per_process = 100}), "fine");
  EXPECT_THAT(verdict({.threads_per_process = 101}), HasSubstr("RLIMIT_AS = 1000.0 MiB (200.0 MiB in use), 808.0 MiB needed"));
}

TEST_F(Limits, OfAddressSpaceCountTheStacksThatAreAskedFor) {
  own("Max address space", std::to_string(1000 * mib));
  EXPECT_EQ(verdict({.threads_per_process = 1000, .stack_bytes = mib}), "fine");
  EXPECT_THAT(verdict({.threads_per_process = 1001, .stack_bytes = mib}),
              HasSubstr("RLIMIT_AS = 1000.0 MiB (0.0 MiB in use), 1001.0 MiB needed"));
}

TEST_F(Limits, OfAddressesAreThoseOfTheProcessor) {
  constexpr std::uint64_t tib = mib * mib;
  tree_.file("/proc/cpuinfo", "processor\t: 0\naddress sizes\t: 46 bits physical, 48 bits virtual\n");
  EXPECT_EQ(verdict({.threads_per_process = 128, .stack_bytes = tib}), "fine");
  EXPECT_THAT(verdict({.threads_per_process = 129, .stack_bytes = tib}), HasSubstr("address space of a process = 134217728.0 MiB"));
  tree_.file("/proc/cpuinfo", "address sizes\t: 52 bits physical, 57 bits virtual\n");
  EXPECT_THAT(verdict({.threads_per_process = 129, .stack_bytes = tib}), HasSubstr("address space of a process = 134217728.0 MiB"));
  tree_.file("/proc/cpuinfo", "address sizes\t: unknown\n");
  EXPECT_EQ(verdict({.threads_per_process = 129, .stack_bytes = tib}), "fine");
}

TEST_F(Limits, ForbidAStackThatNoMappingCanHold) {
  tree_.file("/proc/meminfo", "MemTotal: 1024000 kB\nSwapTotal: 1024 kB").file("/proc/sys/vm/overcommit_memory", "0");
  EXPECT_EQ(verdict({.threads = 1, .stack_bytes = 1001 * mib}), "fine");
  EXPECT_THAT(verdict({.threads = 1, .stack_bytes = 1002 * mib}), HasSubstr("for one stack = 1001.0 MiB, 1002.0 MiB needed: use smaller"));
  EXPECT_EQ(verdict({.processes = 1, .stack_bytes = 1002 * mib}), "fine");  // no stack, but that of the process
  tree_.file("/proc/sys/vm/overcommit_memory", "1");
  EXPECT_EQ(verdict({.threads = 1, .stack_bytes = 1002 * mib}), "fine");
}

TEST_F(Limits, CheckThePidsOfEveryV2Ancestor) {
  cgroup(v2_mount, "0::/outer/inner")
      .file("/sys/fs/cgroup/outer/pids.max", "100")
      .file("/sys/fs/cgroup/outer/pids.current", "7")
      .file("/sys/fs/cgroup/outer/inner/pids.max", "max")
      .file("/sys/fs/cgroup/outer/inner/pids.current", "3");
  EXPECT_EQ(verdict({.processes = 93}), "fine");
  EXPECT_THAT(verdict({.processes = 94}), HasSubstr("pids.max of /sys/fs/cgroup/outer = 100 (7 in use), 94 needed: raise"));
}

TEST_F(Limits, CheckThePidsOfV1) {
  cgroup(v1_mounts, "8:pids:/a\n4:memory:/").file("/sys/fs/cgroup/pids/a/pids.max", "50").file("/sys/fs/cgroup/pids/a/pids.current", "1");
  EXPECT_THAT(verdict({.threads = 50}), HasSubstr("pids.max of /sys/fs/cgroup/pids/a = 50 (1 in use), 50 needed"));
}

TEST_F(Limits, CheckTheMemoryThatIsAvailableLessAReserve) {
  tree_.file("/proc/meminfo", "MemTotal:       1024000 kB\nMemFree:         10 kB\nMemAvailable:   512000 kB");
  EXPECT_EQ(verdict({.bytes = 450 * mib}), "fine");
  EXPECT_EQ(verdict({.bytes = 451 * mib}),
            "MemAvailable = 500.0 MiB (50.0 MiB reserved), 451.0 MiB needed: end other programs or use fewer tasks");
  EXPECT_THAT(verdict({.processes = 10'000}), HasSubstr("MemAvailable"));
}

TEST_F(Limits, CheckTheMemoryOfV2AndTakeCachedFilesAsFree) {
  cgroup(v2_mount, "0::/a/b")
      .file("/sys/fs/cgroup/a/memory.max", std::to_string(100 * mib))
      .file("/sys/fs/cgroup/a/memory.current", std::to_string(90 * mib))
      .file("/sys/fs/cgroup/a/memory.stat",
            "anon 1\nactive_file " + std::to_string(20 * mib) + "\ninactive_file " + std::to_string(40 * mib))
      .file("/sys/fs/cgroup/a/b/memory.max", "max");
  EXPECT_EQ(verdict({.bytes = 70 * mib}), "fine");
  EXPECT_THAT(verdict({.bytes = 71 * mib}), HasSubstr("memory.max of /sys/fs/cgroup/a = 100.0 MiB (30.0 MiB in use), 71.0 MiB needed"));
}

TEST_F(Limits, CheckTheMemoryOfV1AndKnowItsUnlimited) {
  cgroup(v1_mounts, "4:memory:/a/b")
      .file("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", std::to_string(64 * mib))
      .file("/sys/fs/cgroup/memory/a/memory.usage_in_bytes", std::to_string(10 * mib))
      .file("/sys/fs/cgroup/memory/a/memory.stat", "active_file 0\ntotal_inactive_file " + std::to_string(6 * mib))
      .file("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712");
  EXPECT_EQ(verdict({.bytes = 60 * mib}), "fine");
  EXPECT_THAT(verdict({.bytes = 61 * mib}), HasSubstr("memory.limit_in_bytes of /sys/fs/cgroup/memory/a = 64.0 MiB (4.0 MiB in use)"));
  EXPECT_EQ(find("memory.limit_in_bytes of /sys/fs/cgroup/memory/a/b"), nullptr);
}

TEST_F(Limits, OnPromisedMemoryHoldOnlyWhereTheKernelCountsIt) {
  tree_.file("/proc/meminfo", "CommitLimit: 102400 kB\nCommitted_AS: 20480 kB").file("/proc/sys/vm/overcommit_memory", "0");
  EXPECT_EQ(verdict({.threads = 11}), "fine");
  tree_.file("/proc/sys/vm/overcommit_memory", "2");
  EXPECT_EQ(verdict({.threads = 10}), "fine");
  EXPECT_THAT(verdict({.threads = 11}), HasSubstr("CommitLimit = 100.0 MiB (20.0 MiB in use), 88.0 MiB needed"));
  EXPECT_EQ(verdict({.threads = 80, .stack_bytes = mib}), "fine");
  EXPECT_THAT(verdict({.threads = 81, .stack_bytes = mib}), HasSubstr("CommitLimit = 100.0 MiB (20.0 MiB in use), 81.0 MiB needed"));
}

TEST_F(Limits, OnPromisedMemoryCountWhatForksCopy) {
  tree_.file("/proc/meminfo", "CommitLimit: 102400 kB\nCommitted_AS: 20480 kB").file("/proc/sys/vm/overcommit_memory", "2");
  EXPECT_EQ(verdict({.processes = 4, .bytes = 20 * mib, .copied_bytes = 20 * mib}), "fine");
  EXPECT_THAT(verdict({.processes = 5, .bytes = 20 * mib, .copied_bytes = 20 * mib}),
              HasSubstr("CommitLimit = 100.0 MiB (20.0 MiB in use), 100.0 MiB"));
  EXPECT_EQ(verdict({.copied_bytes = 1000 * mib}), "fine");
}

TEST_F(Limits, ThatCannotBeReadForbidNothing) {
  EXPECT_EQ(verdict({.processes = 1'000'000, .threads = 1'000'000, .threads_per_process = 1000, .files = 9, .bytes = 1000 * mib}), "fine");
  tree_.file("/proc/sys/kernel/pid_max", "garbage").file("/proc/meminfo", "").file("/proc/self/limits", "Max open files");
  EXPECT_EQ(verdict({.processes = 1'000'000, .files = 9}), "fine");
}

TEST(LimitsOfThisMachine, AllowALittleAndForbidTheAbsurd) {
  EXPECT_EQ(forbidden_by({.processes = 2, .threads = 4, .threads_per_process = 2, .files = 4, .bytes = mib}), std::nullopt);
  EXPECT_NE(forbidden_by({.processes = 1ULL << 40U}), std::nullopt);
  EXPECT_FALSE(limits().empty());
}

}  // namespace
}  // namespace makespan
