// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <vector>

#include "models/model.hpp"
#include "models/tbb_arena.hpp"

namespace makespan {
namespace {

class TbbPoolBare final : public Model {
 public:
  explicit TbbPoolBare(const Shape& shape) : arena_(shape.threads) {}

 private:
  void run_batch(Batch& batch) override {
    const bool recorded = batch.recording() == Recording::on;
    std::vector<Checksum> checksums(recorded ? 0 : batch.tasks());
    arena_.for_each(batch.tasks(), [&batch, &checksums, recorded](std::uint64_t task) {
      if (recorded) return batch.execute(task);
      try {
        checksums[task] = run_blocking(batch.workload(), task, Recording::off).checksum;
      } catch (...) {
        batch.fail(task);
      }
    });
    if (!recorded) batch.accept_all(batch.tasks(), std::accumulate(checksums.begin(), checksums.end(), Checksum{0}));
  }

  TbbArena arena_;
};

}  // namespace

extern const ModelInfo tbb_pool_bare_model;
const ModelInfo tbb_pool_bare_model{
    .name = "tbb_pool",
    .variant = "bare",
    .summary = "floor: parallel_for down to a task each; without records it proves by their checksums alone that all tasks ran",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<TbbPoolBare>,
    .role = Role::floor,
};

}  // namespace makespan
