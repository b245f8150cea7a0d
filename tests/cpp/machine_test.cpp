// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "tests/cpp/fake_tree.hpp"

namespace makespan {
namespace {

class UsableCpus : public testing::Test {
 protected:
  UsableCpus() { affinity("0-3").file("/sys/devices/system/cpu/online", "0-3"); }

  FakeTree& affinity(const std::string& list) { return tree_.file("/proc/self/status", "Name:\tx\nCpus_allowed_list:\t" + list); }
  FakeTree& cgroup(const std::string& mounts, const std::string& cgroups) {
    return tree_.file("/proc/self/mountinfo", mounts).file("/proc/self/cgroup", cgroups);
  }
  Cpus cpus() const { return usable_cpus(tree_.root()); }

  FakeTree tree_;
};

TEST_F(UsableCpus, AreTheAffinityMaskWhereThereIsNoQuota) {
  affinity("0,2-3");
  EXPECT_EQ(cpus().affinity, 3U);
  EXPECT_EQ(cpus().count, 3);
  EXPECT_EQ(cpus().quota, 0);
  EXPECT_EQ(cpus().why, "affinity mask: 3; no cgroup quota");
}

TEST_F(UsableCpus, AreOnlineCpusOnly) {
  affinity("0-127");
  EXPECT_EQ(cpus().affinity, 4U);
}

TEST_F(UsableCpus, OnTheTightestOfNestedV2Quotas) {
  cgroup(v2_mount, "0::/outer/middle/inner")
      .file("/sys/fs/cgroup/outer/cpu.max", "150000 100000")
      .file("/sys/fs/cgroup/outer/middle/cpu.max", "max 100000")
      .file("/sys/fs/cgroup/outer/middle/inner/cpu.max", "300000 100000");
  EXPECT_EQ(cpus().count, 1.5);
  EXPECT_EQ(cpus().quota, 1.5);
  EXPECT_EQ(cpus().affinity, 4U);
  EXPECT_EQ(cpus().why, "affinity mask: 4; cgroup quota: 1.5 (/sys/fs/cgroup/outer/cpu.max)");
}

TEST_F(UsableCpus, OnAQuotaOfTheMountPointItselfAsAContainerSeesIt) {
  cgroup(v2_mount, "0::/").file("/sys/fs/cgroup/cpu.max", "50000 100000");
  EXPECT_EQ(cpus().count, 0.5);
}

TEST_F(UsableCpus, AreNotMoreThanTheAffinityMaskUnderAWideQuota) {
  cgroup(v2_mount, "0::/a").file("/sys/fs/cgroup/a/cpu.max", "800000 100000");
  EXPECT_EQ(cpus().count, 4);
  EXPECT_EQ(cpus().quota, 8);
}

TEST_F(UsableCpus, HaveNoQuotaWhereV2SaysMax) {
  cgroup(v2_mount, "0::/a").file("/sys/fs/cgroup/a/cpu.max", "max 100000");
  EXPECT_EQ(cpus().quota, 0);
  EXPECT_EQ(cpus().count, 4);
}

TEST_F(UsableCpus, OnAV1Quota) {
  cgroup(v1_mounts, "4:memory:/elsewhere\n2:cpu,cpuacct:/a/b")
      .file("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "250000")
      .file("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000")
      .file("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1")
      .file("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000");
  EXPECT_EQ(cpus().count, 2.5);
}

TEST_F(UsableCpus, OnAV1QuotaInAHybridSystem) {
  const std::string unified = "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw";
  cgroup(v1_mounts + ("\n" + unified), "2:cpu,cpuacct:/a\n0::/b")
      .file("/sys/fs/cgroup/unified/b/cgroup.controllers", "hugetlb")
      .file("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "100000")
      .file("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "50000");
  EXPECT_EQ(cpus().count, 2);
}

// Docker with cgroup v1: the host's path in /proc/self/cgroup, but only our own part of the hierarchy is mounted.
TEST_F(UsableCpus, OnAQuotaBehindAMountOfAPartOfTheHierarchy) {
  cgroup("32 31 0:29 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu", "2:cpu:/docker/abc/child")
      .file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000")
      .file("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000")
      .file("/sys/fs/cgroup/cpu/child/cpu.cfs_quota_us", "120000")
      .file("/sys/fs/cgroup/cpu/child/cpu.cfs_period_us", "100000");
  EXPECT_EQ(cpus().count, 1.2);
}

TEST_F(UsableCpus, OnTheMountPointWhereOurCgroupLiesOutsideOfIt) {
  cgroup(v2_mount, "0::/../sibling").file("/sys/fs/cgroup/cpu.max", "200000 100000");
  EXPECT_EQ(cpus().count, 2);
}

TEST_F(UsableCpus, OnAMountPointWithABlankInItsName) {
  cgroup(R"(30 23 0:26 / /my\040cgroups rw - cgroup2 cgroup2 rw)", "0::/a").file("/my cgroups/a/cpu.max", "300000 100000");
  EXPECT_EQ(cpus().count, 3);
}

TEST_F(UsableCpus, SurviveDamagedFiles) {
  cgroup("30 23\n- - -\n30 23 0:26 / /sys/fs/cgroup rw -", "no colon\n0::/a\n:::").file("/sys/fs/cgroup/a/cpu.max", "1 1");
  affinity("0-99999999999");
  EXPECT_EQ(cpus().quota, 0);
  EXPECT_GE(cpus().affinity, 1U);
  cgroup(v2_mount, "0::/a").file("/sys/fs/cgroup/a/cpu.max", "100000 0");
  EXPECT_EQ(cpus().quota, 0);
}

TEST(UsableCpusWithoutFiles, AreWhatTheLibrarySays) {
  const FakeTree empty;
  const Cpus cpus = usable_cpus(empty.root());
  EXPECT_EQ(cpus.affinity, std::max(1U, std::thread::hardware_concurrency()));
  EXPECT_EQ(cpus.count, cpus.affinity);
}

TEST(UsableCpusOfThisMachine, AreAtMostTheOnesOfTheHardware) {
  const Cpus cpus = usable_cpus();
  EXPECT_GT(cpus.count, 0);
  EXPECT_LE(cpus.count, cpus.affinity);
  EXPECT_LE(cpus.affinity, std::thread::hardware_concurrency());
}

}  // namespace
}  // namespace makespan
