// SPDX-License-Identifier: Apache-2.0
#include "models/model.hpp"
#include "models/tbb_arena.hpp"
#include "models/tbb_bare_batch.hpp"

namespace makespan {
namespace {

class TbbPoolBareSubmit final : public Model {
 public:
  explicit TbbPoolBareSubmit(const Shape& shape) : slots_(shape.threads), arena_(shape.threads) {}

 private:
  void run_batch(Batch& batch) override {
    TbbBareBatch bare(batch, slots_);
    arena_.run([&bare, &batch](oneapi::tbb::task_group& group) {
      for (std::uint64_t task = 0; task < batch.tasks(); ++task) group.run([&bare, task] { bare.execute(task); });
    });
    bare.accept_all();
  }

  std::uint64_t slots_;
  TbbArena arena_;
};

}  // namespace

extern const ModelInfo tbb_pool_bare_submit_model;
const ModelInfo tbb_pool_bare_submit_model{
    .name = "tbb_pool",
    .variant = "bare_submit",
    .summary = "floor of submit, on request: task_group::run in a loop, then wait, and a sum for each thread",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<TbbPoolBareSubmit>,
    .bytes_per_task = 256,  // as tbb_pool/submit
    .role = Role::floor,
    .on_request = true,
};

}  // namespace makespan
