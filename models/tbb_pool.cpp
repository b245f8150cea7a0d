// SPDX-License-Identifier: Apache-2.0
// A range that is known beforehand, which lets oneTBB split it; tbb_pool_submit.cpp hands over one task after the other, as a server must.
//
// Each task is one of oneTBB's, made by halving the range, and can be stolen by itself. A parallel loop of OpenMP whose threads take the
// next index from a common counter makes none, and is cheaper where few threads share the counter: an empty task took 27 ns there and 38 ns
// here with 2 threads (medians of 40 launches by turns). With many threads all of them want that one counter, and halving has none.
#include "models/model.hpp"
#include "models/tbb_arena.hpp"

namespace makespan {
namespace {

class TbbPool final : public Model {
 public:
  explicit TbbPool(const Shape& shape) : arena_(shape.threads) {}

 private:
  void run_batch(Batch& batch) override {
    arena_.for_each(batch.tasks(), [&batch](std::uint64_t task) { batch.execute(task); });
  }

  TbbArena arena_;
};

}  // namespace

extern const ModelInfo tbb_pool_model;
const ModelInfo tbb_pool_model{
    .name = "tbb_pool",
    .variant = "",
    .summary = "oneTBB arena of W slots, the submitting thread being one of them",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<TbbPool>,
};

}  // namespace makespan
