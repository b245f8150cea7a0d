// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/environment.hpp"

#include <fmt/core.h>
#include <oneapi/tbb/version.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "benchmarks/harness/clock.hpp"
#include "benchmarks/harness/hypervisor.hpp"
#include "benchmarks/harness/limits.hpp"
#include "benchmarks/harness/machine.hpp"
#include "benchmarks/harness/proc_files.hpp"
#include "models/peers/versions.hpp"

#if __has_include("build_info.hpp")
#include "build_info.hpp"
#else
#define MAKESPAN_GIT_SHA ""
#define MAKESPAN_GIT_DIRTY ""
#endif
#ifndef MAKESPAN_CXX_FLAGS
#define MAKESPAN_CXX_FLAGS ""
#endif
#ifndef MAKESPAN_BUILD_TYPE
#define MAKESPAN_BUILD_TYPE ""
#endif
#ifndef MAKESPAN_BENCHMARK_VERSION  // Google Benchmark 1.7 has neither a macro nor a function for it
#define MAKESPAN_BENCHMARK_VERSION ""
#endif

namespace makespan {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json or_null(std::string_view text) { return text.empty() ? json(nullptr) : json(text); }

json cpu_model(const fs::path& root) {
  const auto model = field(read_text(under(root, "/proc/cpuinfo")).value_or(""), "model name");
  if (model) return *model;
  const auto board = read_text(under(root, "/proc/device-tree/model")).value_or("");  // ARM; ends in a NUL
  return or_null(std::string_view(board.c_str()));
}

// All governors in use, "performance" or "performance+powersave".
std::string governors(const fs::path& root) {
  std::set<std::string> found;
  std::error_code ignored;
  for (const auto& cpu : fs::directory_iterator(under(root, "/sys/devices/system/cpu"), ignored)) {
    const auto governor = read_text(cpu.path() / "cpufreq/scaling_governor");
    if (governor && !governor->empty()) found.insert(*governor);
  }
  std::string all;
  for (const std::string& governor : found) all += (all.empty() ? "" : "+") + governor;
  return all;
}

// The choice in brackets: "always [madvise] never".
json transparent_hugepages(const fs::path& root) {
  const auto text = read_text(under(root, "/sys/kernel/mm/transparent_hugepage/enabled")).value_or("");
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return nullptr;
  return text.substr(open + 1, close - open - 1);
}

json load_1m(const fs::path& root) {
  const auto text = read_text(under(root, "/proc/loadavg")).value_or("");
  double load = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), load);
  return result.ec == std::errc{} ? json(load) : json(nullptr);
}

json limits_as_json(const fs::path& root) {
  json all = json::object();
  for (const Limit& limit : limits(root)) {
    json one{{"value", or_null(limit.value)}, {"in_use", or_null(limit.in_use)}};
    if (limit.reserved > 0) one["reserved"] = limit.reserved;
    if (!limit.unit.empty()) one["unit"] = limit.unit;
    if (!limit.note.empty()) one["note"] = limit.note;
    all[limit.name] = std::move(one);
  }
  return all;
}

std::string compiler() {
#ifdef __clang__
  return __VERSION__;  // "Debian Clang 14.0.6"
#else
  return std::string("GCC ") + __VERSION__;
#endif
}

void add_machine(json& all, const fs::path& root) {
  const Cpus cpus = usable_cpus(root);
  all["cpu_model"] = cpu_model(root);
  all["cpus_usable"] = cpus.count;
  all["cpus_usable_why"] = cpus.why;
  all["cgroup_quota"] = cpus.quota > 0 ? json(cpus.quota) : json(nullptr);

  const Hypervisor hypervisor = find_hypervisor(root);
  all["hypervisor"] = or_null(hypervisor.name);
  if (hypervisor.name.empty()) all["hypervisor_why"] = hypervisor.why;

  const std::string governor = governors(root);
  all["governor"] = or_null(governor);
  if (governor.empty()) {
    const bool physical = hypervisor.name.empty() || hypervisor.name == "none";
    all["governor_why"] = physical ? "no cpufreq" : "no cpufreq: virtual machine";
  }
  const auto memory = field_number(read_text(under(root, "/proc/meminfo")).value_or(""), "MemTotal");
  all["memory_bytes"] = memory ? json(*memory * 1024) : json(nullptr);
  all["transparent_hugepages"] = transparent_hugepages(root);
  all["load_1m"] = load_1m(root);
  all["limits"] = limits_as_json(root);
}

void add_kernel(json& all, const fs::path& root) {
  utsname names{};
  const bool known = uname(&names) == 0;
  all["host"] = or_null(known ? std::string_view(names.nodename) : "");
  all["kernel"] = or_null(known ? std::string_view(names.release) : "");
  all["clock_source"] = or_null(read_text(under(root, "/sys/devices/system/clocksource/clocksource0/current_clocksource")));
  all["clock_cost_ns"] = clock_cost().count();
  all["clock_resolution_ns"] = clock_resolution().count();
  const int slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  all["timer_slack_ns"] = slack >= 0 ? json(slack) : json(nullptr);
}

void add_build(json& all) {
  constexpr std::string_view dirty = MAKESPAN_GIT_DIRTY;
  all["compiler"] = compiler();
  all["compiler_flags"] = MAKESPAN_CXX_FLAGS;
  all["build_type"] = MAKESPAN_BUILD_TYPE;
  all["libraries"] = {{"benchmark", or_null(MAKESPAN_BENCHMARK_VERSION)},
                      {"onetbb", fmt::format("{}.{}.{}", TBB_VERSION_MAJOR, TBB_VERSION_MINOR, TBB_VERSION_PATCH)},
                      {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)}};
  all["peer_libraries"] = peer_libraries();
  all["git_sha"] = or_null(git_sha());
  all["git_dirty"] = dirty.empty() ? json(nullptr) : json(dirty == "true");
}

}  // namespace

std::string_view git_sha() { return MAKESPAN_GIT_SHA; }

json environment(const fs::path& root) {
  json all = json::object();
  add_machine(all, root);
  add_kernel(all, root);
  add_build(all);
  // Firmware may hold bytes that are not UTF-8; dump() would throw on them later.
  return json::parse(all.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace makespan
