// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/case.hpp"

#include <fmt/format.h>

#include "benchmarks/harness/calibration.hpp"
#include "benchmarks/harness/quantity.hpp"

namespace makespan {

std::string Case::variant() const {
  std::string text(model->variant);
  if (sizes != Sizes::constant) text += fmt::format("{}{}", text.empty() ? "" : "+", name_of(sizes));
  return text;
}

std::string Case::name() const {
  std::string text = fmt::format("{}/{}", workload->name, model->name);
  if (!variant().empty()) text += fmt::format("/{}", variant());
  text += fmt::format("/tasks:{}", tasks);
  if (workload->sleeps) text += fmt::format("/sleep:{}", format_duration(time.sleep));
  if (workload->computes) text += fmt::format("/compute:{}", format_duration(time.compute));
  return text + fmt::format("/processes:{}/threads:{}", shape.processes, shape.threads);
}

std::vector<std::string> Case::flags() const {
  std::vector<std::string> flags{fmt::format("--models={}", model->name),
                                 fmt::format("--variant={}", model->variant.empty() ? "default" : model->variant),
                                 fmt::format("--tasks={}", tasks), fmt::format("--sizes={}", name_of(sizes))};
  if (workload->sleeps) flags.push_back(fmt::format("--sleep={}", format_duration(time.sleep)));
  if (workload->computes) flags.push_back(fmt::format("--compute={}", format_duration(time.compute)));
  if (model->choice == Choice::workers) flags.push_back(fmt::format("--workers={}", shape.workers()));
  if (model->choice == Choice::grid) {
    flags.push_back(fmt::format("--processes={}", shape.processes));
    flags.push_back(fmt::format("--threads={}", shape.threads));
  }
  return flags;
}

Workload Case::work(double ns_per_iteration) const {
  return {.info = workload,
          .sleep = time.sleep,
          .iterations = iterations_for(time.compute, ns_per_iteration),
          .sizes = sizes,
          .seed = task_seed};
}

Bounds bounds_of(const Case& point, double fixed_ns_per_iteration, double ns_per_iteration, double cpus) {
  const Demand needed = demand(point.work(fixed_ns_per_iteration), point.tasks, ns_per_iteration);
  return bounds(needed, point.model->reach(point.tasks, point.shape), ns_per_iteration, cpus);
}

}  // namespace makespan
