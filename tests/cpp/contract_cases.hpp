// SPDX-License-Identifier: Apache-2.0
// What the contract tests are run over: the registries.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "models/model.hpp"
#include "workloads/workload.hpp"

namespace makespan {

struct Pairing {
  const ModelInfo* model;
  const WorkloadInfo* workload;
};

inline std::string readable(const ModelInfo& model) {
  return model.variant.empty() ? std::string(model.name) : fmt::format("{}_{}", model.name, model.variant);
}
inline std::string readable(const Pairing& pair) { return fmt::format("{}_{}", readable(*pair.model), pair.workload->name); }

// How the names of parameterised tests end.
inline std::string name_of_pairing(const testing::TestParamInfo<Pairing>& test) { return readable(test.param); }
inline std::string name_of_model(const testing::TestParamInfo<const ModelInfo*>& test) { return readable(*test.param); }
inline std::string name_of_workload(const testing::TestParamInfo<const WorkloadInfo*>& test) { return std::string(test.param->name); }

inline void PrintTo(const Pairing& pair, std::ostream* out) { *out << readable(pair); }
inline void PrintTo(const ModelInfo* model, std::ostream* out) { *out << readable(*model); }

inline std::vector<Pairing> all_pairings() {
  std::vector<Pairing> pairs;
  for (const ModelInfo* model : models()) {
    for (const WorkloadInfo* workload : workloads()) pairs.push_back({model, workload});
  }
  return pairs;
}

inline std::vector<const WorkloadInfo*> all_workloads() { return {workloads().begin(), workloads().end()}; }
inline std::vector<const ModelInfo*> all_models() { return {models().begin(), models().end()}; }

/// The shape of a model that is asked for `workers` workers, an even number for the models with a grid.
inline Shape shape_for(const ModelInfo& model, std::uint64_t tasks, std::uint64_t workers) {
  Shape asked{workers, 1};
  if (model.choice == Choice::workers && model.unit == Unit::thread) asked = {1, workers};
  if (model.choice == Choice::grid) asked = {2, workers / 2};
  return model.shape(tasks, asked);
}

/// Small tasks of that workload.
inline Workload small_work(const WorkloadInfo& workload, Sizes sizes = Sizes::constant) {
  return {.info = &workload,
          .sleep = std::chrono::microseconds(workload.sleeps ? 200 : 0),
          .iterations = workload.computes ? 500U : 0U,
          .sizes = sizes,
          .seed = 7};
}

}  // namespace makespan
