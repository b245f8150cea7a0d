// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/environment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>

#include "models/model.hpp"
#include "tests/cpp/fake_tree.hpp"

namespace makespan {
namespace {

using nlohmann::json;

TEST(Environment, HasEveryKeyOfTheContractEvenWhereNothingIsKnown) {
  const FakeTree empty;
  for (const json& all : {environment(), environment(empty.root())}) {
    for (const char* key : {"host",
                            "cpu_model",
                            "cpus_usable",
                            "cpus_usable_why",
                            "cgroup_quota",
                            "hypervisor",
                            "governor",
                            "kernel",
                            "clock_source",
                            "clock_cost_ns",
                            "clock_resolution_ns",
                            "timer_slack_ns",
                            "limits",
                            "memory_bytes",
                            "transparent_hugepages",
                            "load_1m",
                            "compiler",
                            "compiler_flags",
                            "build_type",
                            "libraries",
                            "peer_libraries",
                            "git_sha",
                            "git_dirty"}) {
      EXPECT_TRUE(all.contains(key)) << key;
    }
    for (const char* key : {"benchmark", "onetbb", "fmt"}) EXPECT_TRUE(all["libraries"].contains(key)) << key;
  }
}

TEST(Environment, IsNullWhereNothingIsKnown) {
  const FakeTree empty;
  const json all = environment(empty.root());
  for (const char* key :
       {"cpu_model", "cgroup_quota", "hypervisor", "governor", "clock_source", "memory_bytes", "transparent_hugepages", "load_1m"}) {
    EXPECT_TRUE(all[key].is_null()) << key;
  }
  EXPECT_EQ(all["governor_why"], "no cpufreq");
  EXPECT_TRUE(all["hypervisor_why"].is_string());
}

TEST(Environment, TellsTheVersionsOfThePeersThatWereBuilt) {
  const json libraries = environment()["peer_libraries"];
  EXPECT_EQ(libraries.contains("asio"), find_model("asio_pool") != nullptr);
  EXPECT_EQ(libraries.contains("openmp"), find_model("openmp") != nullptr);
  EXPECT_EQ(libraries.contains("uv"), find_model("uv_loop") != nullptr);
  EXPECT_EQ(libraries.contains("boost_fiber"), find_model("boost_fiber") != nullptr);
  EXPECT_EQ(libraries.contains("taskflow"), find_model("taskflow") != nullptr);
  for (const auto& [name, version] : libraries.items()) {
    const auto text = version.get<std::string>();
    EXPECT_EQ(text.find_first_not_of("0123456789."), std::string::npos) << name << ' ' << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '.'), name == "openmp" ? 0 : 2) << name << ' ' << text;
  }
}

TEST(Environment, ReadsABareMetalMachine) {
  FakeTree tree;
  tree.file("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 3.00GHz\nflags\t\t: fpu vme sse")
      .file("/proc/meminfo", "MemTotal:       2048 kB")
      .file("/proc/loadavg", "0.25 0.07 0.13 1/143 14487")
      .file("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet")
      .file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never")
      .file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave")
      .file("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance");
  const json all = environment(tree.root());
  EXPECT_EQ(all["cpu_model"], "Some CPU @ 3.00GHz");
  EXPECT_EQ(all["hypervisor"], "none");
  EXPECT_EQ(all["memory_bytes"], 2048 * 1024);
  EXPECT_EQ(all["load_1m"], 0.25);
  EXPECT_EQ(all["clock_source"], "hpet");
  EXPECT_EQ(all["transparent_hugepages"], "madvise");
  EXPECT_EQ(all["governor"], "performance+powersave");
  EXPECT_FALSE(all.contains("governor_why"));
}

TEST(Environment, SaysWhyAVirtualMachineHasNoGovernor) {
  FakeTree tree;
  tree.file("/proc/cpuinfo", "flags\t\t: fpu hypervisor sse").file("/sys/class/dmi/id/sys_vendor", "ACME");
  const json all = environment(tree.root());
  EXPECT_NE(all["hypervisor"].get<std::string>().find("(ACME)"), std::string::npos);
  EXPECT_TRUE(all["governor"].is_null());
  EXPECT_EQ(all["governor_why"], "no cpufreq: virtual machine");
}

TEST(Environment, FindsHypervisorsWithoutACpuFlag) {
  FakeTree arm;
  arm.file("/sys/class/dmi/id/sys_vendor", "QEMU").file("/sys/class/dmi/id/product_name", "KVM Virtual Machine");
  EXPECT_EQ(environment(arm.root())["hypervisor"], "QEMU KVM Virtual Machine");
  FakeTree paravirtual;
  paravirtual.file("/proc/cpuinfo", "flags\t\t: fpu").file("/sys/hypervisor/type", "xen");
  EXPECT_EQ(environment(paravirtual.root())["hypervisor"], "xen");
}

TEST(Environment, CanBeWrittenWhateverBytesTheFirmwareHolds) {
  FakeTree tree;
  tree.file("/proc/cpuinfo", "model name\t: caf\xe9\nflags\t: hypervisor").file("/sys/class/dmi/id/sys_vendor", "\xff");
  EXPECT_NO_THROW(static_cast<void>(environment(tree.root()).dump()));
}

TEST(Environment, RecordsLimitsWithValueAndUse) {
  FakeTree tree;
  tree.file("/proc/sys/kernel/pid_max", "32768").file("/proc/loadavg", "0.00 0.07 0.13 1/143 14487");
  tree.file("/proc/meminfo", "MemTotal: 2000 kB\nMemAvailable: 1000 kB");
  const json limits = environment(tree.root())["limits"];
  EXPECT_EQ(limits["kernel.pid_max"], (json{{"value", 32768}, {"in_use", 143}, {"reserved", 300}}));
  EXPECT_EQ(limits["MemAvailable"], (json{{"value", 1024000}, {"in_use", nullptr}, {"reserved", 102400}, {"unit", "bytes"}}));
}

TEST(Environment, MeasuresTheClock) {
  const json all = environment();
  EXPECT_GT(all["clock_cost_ns"].get<double>(), 0);
  EXPECT_GE(all["clock_resolution_ns"].get<int>(), 1);
  EXPECT_GE(all["timer_slack_ns"].get<int>(), 0);
}

std::ptrdiff_t threads_of_ours() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST(Environment, StartsNoThread) {
  const auto before = threads_of_ours();
  environment();
  EXPECT_EQ(threads_of_ours(), before);
}

TEST(GitSha, IsACommitOrNothing) {
  const std::string sha(git_sha());
  EXPECT_TRUE(sha.empty() || sha.size() == 40) << sha;
  EXPECT_TRUE(std::all_of(sha.begin(), sha.end(), [](unsigned char c) { return std::isxdigit(c) != 0; })) << sha;
}

}  // namespace
}  // namespace makespan
