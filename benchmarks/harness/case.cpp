// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/case.hpp"

#include <fmt/format.h>

#include "benchmarks/harness/calibration.hpp"
#include "benchmarks/harness/quantity.hpp"

namespace makespan {

std::vector<std::pair<std::string, std::string>> Injected::described() const {
  std::vector<std::pair<std::string, std::string>> text;
  if (kernel > 0) text.emplace_back("kernel", format_percent(kernel));
  if (dispatch.count() > 0) text.emplace_back("dispatch", format_duration(dispatch));
  return text;
}

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
  text += fmt::format("/processes:{}/threads:{}", shape.processes, shape.threads);
  for (const auto& [what, size] : injected.described()) text += fmt::format("/slow_{}:{}", what, size);
  return text;
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
  for (const auto& [what, size] : injected.described()) flags.push_back(fmt::format("--slow-{}={}", what, size));
  if (!recorded) flags.emplace_back("--no-records");
  return flags;
}

Workload Case::work(double ns_per_iteration) const {
  return {.info = workload,
          .sleep = time.sleep,
          .iterations = iterations_for(time.compute, ns_per_iteration),
          .sizes = sizes,
          .seed = task_seed,
          .slowdown = {.kernel = injected.kernel, .dispatch_iterations = iterations_for(injected.dispatch, ns_per_iteration)}};
}

Bounds bounds_of(const Case& point, double fixed_ns_per_iteration, double ns_per_iteration, double cpus) {
  const Demand needed = demand(point.work(fixed_ns_per_iteration), point.tasks, ns_per_iteration);
  return bounds(needed, point.model->reach(point.tasks, point.shape), ns_per_iteration, cpus);
}

}  // namespace makespan
