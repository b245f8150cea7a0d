// SPDX-License-Identifier: Apache-2.0
// Batches of tasks of one workload under every model: what bench_sleep, bench_compute and bench_mixed measure.
#pragma once

#include "benchmarks/harness/benchmark.hpp"
#include "benchmarks/harness/grid.hpp"

namespace makespan {

class TaskBenchmark final : public Benchmark {
 public:
  explicit TaskBenchmark(const WorkloadInfo& workload);

  [[nodiscard]] std::string_view name() const override { return workload_.name; }
  [[nodiscard]] std::string_view summary() const override { return summary_; }
  [[nodiscard]] const Kernel* kernel() const override { return workload_.kernel; }
  void add_flags(CLI::App& app) override;
  [[nodiscard]] std::vector<Trial> trials(const Conditions& conditions) const override;
  [[nodiscard]] std::string list_models() const override;
  [[nodiscard]] bool records() const override { return !grid_.sweep || makespan::records(*grid_.sweep); }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> injected() const override { return grid_.injected.described(); }

  [[nodiscard]] const Grid& grid() const noexcept { return grid_; }

 private:
  void add_sweep(CLI::App& app);

  const WorkloadInfo& workload_;
  std::string summary_;
  Grid grid_;
};

}  // namespace makespan
