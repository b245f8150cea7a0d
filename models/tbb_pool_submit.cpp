// SPDX-License-Identifier: Apache-2.0
// One by one with task_group::run, as a server does that learns of its tasks as they come, and as the peers' pools are handed theirs.
// tbb_pool.cpp has the range known beforehand, which oneTBB splits itself: cheaper, where one has it.
//
// Every task is queued, however many there are. That costs memory for each, and lets the submitter go on at once; openmp.cpp does neither.
#include "models/model.hpp"
#include "models/tbb_arena.hpp"

namespace makespan {
namespace {

class TbbPoolSubmit final : public Model {
 public:
  explicit TbbPoolSubmit(const Shape& shape) : arena_(shape.threads) {}

 private:
  void run_batch(Batch& batch) override {
    arena_.run([&batch](oneapi::tbb::task_group& group) {
      for (std::uint64_t task = 0; task < batch.tasks(); ++task) group.run([&batch, task] { batch.execute(task); });
    });
  }

  TbbArena arena_;
};

}  // namespace

extern const ModelInfo tbb_pool_submit_model;
const ModelInfo tbb_pool_submit_model{
    .name = "tbb_pool",
    .variant = "submit",
    .summary = "on request: the same arena, handed one task after the other by the submitting thread",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<TbbPoolSubmit>,
    .bytes_per_task = 256,  // whatever a small task needs, oneTBB takes this much
    .on_request = true,
};

}  // namespace makespan
