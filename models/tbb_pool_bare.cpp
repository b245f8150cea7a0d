// SPDX-License-Identifier: Apache-2.0
#include <exception>
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
    arena_.run([&](oneapi::tbb::task_group& group) {
      for (std::uint64_t task = 0; task < batch.tasks(); ++task) {
        group.run([&batch, &checksums, recorded, task] {
          if (recorded) return batch.execute(task);
          try {
            checksums[task] = run_blocking(batch.workload(), task, Recording::off).checksum;
          } catch (const std::exception& error) {
            batch.fail(task, error.what());
          }
        });
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
    .summary = "floor: a loop of task_group::run; without records it proves by their checksums alone that all tasks ran",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<TbbPoolBare>,
    .role = Role::floor,
};

}  // namespace makespan
