// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace makespan {

std::string list_cases(const std::vector<Case>& cases, double ns_per_iteration, double cpus) {
  std::size_t width = 0;
  for (const Case& point : cases) width = std::max(width, point.name().size());
  std::string text;
  std::size_t left_out = 0;
  for (const Case& point : cases) {
    const auto bound = std::chrono::duration<double>(bounds_of(point, ns_per_iteration, ns_per_iteration, cpus).model);
    text += fmt::format("{:<{}}  model bound {:>10.6f} s", point.name(), width, bound.count());
    if (!point.left_out.empty()) text += fmt::format("  left out: {}", point.left_out);
    left_out += point.left_out.empty() ? 0 : 1;
    text += '\n';
  }
  return text + fmt::format("{} cases, {} of them left out\n", cases.size(), left_out);
}

std::string list_cases_as_json(const std::vector<Case>& cases, const WorkloadInfo& workload, double ns_per_iteration, double cpus) {
  using json = nlohmann::ordered_json;
  json list{{"benchmark", workload.name}, {"cases", json::array()}};
  for (const Case& point : cases) {
    const json left_out = point.left_out.empty() ? json() : json(point.left_out);
    list["cases"].push_back({{"name", point.name()},
                             {"model", point.model->name},
                             {"variant", point.variant()},
                             {"tasks", point.tasks},
                             {"processes", point.shape.processes},
                             {"threads", point.shape.threads},
                             {"sleep_ns", workload.sleeps ? json(point.time.sleep.count()) : json()},
                             {"compute_ns", workload.computes ? json(point.time.compute.count()) : json()},
                             {"model_bound_ns", bounds_of(point, ns_per_iteration, ns_per_iteration, cpus).model.count()},
                             {"args", point.flags()},
                             {"left_out", left_out}});
  }
  return list.dump(1) + "\n";
}

std::string list_models() {
  std::string text;
  for (const ModelInfo* model : models()) {
    text += fmt::format("{:<13} {:<8} {}\n", model->name, model->variant.empty() ? "default" : model->variant, model->summary);
  }
  return text;
}

}  // namespace makespan
