// SPDX-License-Identifier: Apache-2.0
#include "models/model.hpp"
#include "models/tbb_arena.hpp"
#include "models/tbb_bare_batch.hpp"

namespace makespan {
namespace {

class TbbPoolBare final : public Model {
 public:
  explicit TbbPoolBare(const Shape& shape) : slots_(shape.threads), arena_(shape.threads) {}

 private:
  void run_batch(Batch& batch) override {
    TbbBareBatch bare(batch, slots_);
    arena_.for_each(batch.tasks(), [&bare](std::uint64_t task) { bare.execute(task); });
    bare.accept_all();
  }

  std::uint64_t slots_;
  TbbArena arena_;
};

}  // namespace

extern const ModelInfo tbb_pool_bare_model;
const ModelInfo tbb_pool_bare_model{
    .name = "tbb_pool",
    .variant = "bare",
    .summary = "floor: parallel_for down to a task each, and a sum for each thread",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<TbbPoolBare>,
    .role = Role::floor,
};

}  // namespace makespan
