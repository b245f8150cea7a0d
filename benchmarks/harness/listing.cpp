// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace makespan {

using json = nlohmann::ordered_json;

namespace {

json value_of(const Count& count) { return count ? json(*count) : json(); }
json value_of(const Nanoseconds& time) { return time ? json(time->count()) : json(); }

}  // namespace

std::string list_cases(const std::vector<Trial>& trials) {
  std::size_t width = 0;
  for (const Trial& trial : trials) width = std::max(width, trial.name.size());
  std::string text;
  std::size_t left_out = 0;
  for (const Trial& trial : trials) {
    const Nanoseconds& bound = trial.described.model_bound;
    text += bound ? fmt::format("{:<{}}  model bound {:>10.6f} s", trial.name, width, std::chrono::duration<double>(*bound).count())
                  : trial.name;
    if (!trial.left_out.empty()) text += fmt::format("  left out: {}", trial.left_out);
    left_out += trial.left_out.empty() ? 0 : 1;
    text += '\n';
  }
  return text + fmt::format("{} cases, {} of them left out\n", trials.size(), left_out);
}

std::string list_cases_as_json(const std::vector<Trial>& trials, std::string_view benchmark) {
  json list{{"benchmark", benchmark}, {"cases", json::array()}};
  for (const Trial& trial : trials) {
    const Sample& of = trial.described;
    list["cases"].push_back({{"name", trial.name},
                             {"benchmark", of.benchmark},
                             {"model", of.model},
                             {"variant", of.variant},
                             {"tasks", of.tasks},
                             {"processes", of.processes},
                             {"threads", of.threads},
                             {"sleep_ns", value_of(of.sleep)},
                             {"compute_ns", value_of(of.compute)},
                             {"payload_bytes", value_of(of.payload_bytes)},
                             {"stages", value_of(of.stages)},
                             {"model_bound_ns", value_of(of.model_bound)},
                             {"args", trial.flags},
                             {"left_out", trial.left_out.empty() ? json() : json(trial.left_out)}});
  }
  return list.dump(1) + "\n";
}

}  // namespace makespan
