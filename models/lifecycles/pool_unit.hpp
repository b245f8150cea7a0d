// SPDX-License-Identifier: Apache-2.0
// A pool as a unit: a registered model with two workers is constructed, runs one empty task as proof that it works, and is destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "models/batch.hpp"
#include "models/lifecycles/unit_burst.hpp"
#include "models/model.hpp"

namespace makespan {

inline constexpr std::uint64_t pool_workers = 2;

/// The `refuses` of oneTBB's pool and its floor.
[[nodiscard]] inline std::string_view one_tbb_pool(std::uint64_t units) {
  return units > 1 ? "all arenas of a process share its workers: several of them are no several pools" : "";
}

/// `Which` has the static members model(), which model it is, and shape, that of two workers.
template <class Which>
class PoolUnit {
 public:
  struct Common {
    const ModelInfo& model = Which::model();
    Batch empty_task{{.info = find_workload("sleep")}, 1, Recording::off};
  };
  static constexpr Held held = Held::never;

  PoolUnit(Common& common, const Roll& roll, std::uint64_t unit)
      : common_(common), roll_(roll), unit_(unit), pool_(common.model.make(Which::shape)) {}

  void end() {
    const std::uint64_t before = common_.empty_task.runs();
    pool_->run(common_.empty_task);
    if (common_.empty_task.runs() == before + 1) roll_.count(unit_);
    pool_.reset();
  }

 private:
  Common& common_;
  const Roll& roll_;
  std::uint64_t unit_;
  std::unique_ptr<Model> pool_;
};

}  // namespace makespan
