// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/scheduling.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <new>
#include <system_error>

#include "benchmarks/harness/quantity.hpp"

namespace makespan {
namespace {

[[noreturn]] void refused(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

struct FreeCpus {
  void operator()(cpu_set_t* cpus) const { CPU_FREE(cpus); }
};

void pin_to(const CpuSet& pin) {
  const std::size_t most = std::size_t{*pin.rbegin()} + 1;
  const std::unique_ptr<cpu_set_t, FreeCpus> cpus(CPU_ALLOC(most));
  if (!cpus) throw std::bad_alloc();
  const std::size_t size = CPU_ALLOC_SIZE(most);
  CPU_ZERO_S(size, cpus.get());
  for (const unsigned cpu : pin) CPU_SET_S(cpu, size, cpus.get());
  if (sched_setaffinity(0, size, cpus.get()) != 0) refused("sched_setaffinity");
}

// benchmark/model/variant: what every name begins with.
std::string head_of(const Sample& described) {
  return fmt::format("{}/{}{}{}", described.benchmark, described.model, described.variant.empty() ? "" : "/", described.variant);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> Scheduling::described() const {
  std::vector<std::pair<std::string, std::string>> text;
  if (timer_slack) text.emplace_back("timer-slack", format_duration(*timer_slack));
  if (!pin.empty()) text.emplace_back("pin", format_cpus(pin));
  return text;
}

std::string Scheduling::tags() const {
  std::string text;
  if (timer_slack) text = "slack-" + format_duration(*timer_slack);
  if (pin.empty()) return text;
  std::string cpus = format_cpus(pin);
  std::replace(cpus.begin(), cpus.end(), ',', '_');  // a comma ends a field of CSV, and a part of a list on a command line
  return fmt::format("{}{}pin-{}", text, text.empty() ? "" : "+", cpus);
}

void Scheduling::apply() const {
  if (timer_slack && prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(timer_slack->count()), 0, 0, 0) != 0) refused("PR_SET_TIMERSLACK");
  if (!pin.empty()) pin_to(pin);
}

void mark(Trial& trial, const Scheduling& scheduling) {
  const std::string tags = scheduling.tags();
  if (tags.empty()) return;
  const std::string before = head_of(trial.described);
  std::string& variant = trial.described.variant;
  variant += fmt::format("{}{}", variant.empty() ? "" : "+", tags);
  if (trial.name.starts_with(before)) {
    trial.name.replace(0, before.size(), head_of(trial.described));
  } else {
    trial.name += "/" + tags;
  }
  for (const auto& [flag, value] : scheduling.described()) trial.flags.push_back(fmt::format("--{}={}", flag, value));
}

}  // namespace makespan
