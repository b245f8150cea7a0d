// SPDX-License-Identifier: Apache-2.0
#include "models/loop_tasks.hpp"

#include <cstdint>

#include "models/laid_out_steps.hpp"
#include "models/runtime/event_loop.hpp"
#include "models/runtime/light_task.hpp"

namespace makespan {
namespace {

struct LoopBatch : LightGroup, LaidOutSteps {
  LoopBatch(EventLoop& loop, Batch& all) noexcept : LightGroup(loop), LaidOutSteps(all) {}

  [[nodiscard]] Until sleep(std::uint64_t task, std::uint32_t step) { return sleep_until(deadline(task, step)); }
};

// The same steps as run_blocking(), waited for by suspending.
LightTask run_awaiting(LoopBatch& all, std::uint64_t task) {
  try {
    TaskRun run(all.batch.workload(), task, all.batch.recording());
    for (std::uint32_t step = 0; step < all.steps(task); ++step) {
      if (all.sleeps(task, step)) {
        co_await all.sleep(task, step);
        run.slept(all.woken_for());
      }
      all.compute(run, task, step);
    }
    all.batch.accept(task, run.finish());
  } catch (...) {
    all.batch.fail(task);
  }
}

Task<> run_share(LoopBatch& all, std::uint64_t first, std::uint64_t stride) {
  for (std::uint64_t task = first; task < all.batch.tasks(); task += stride) run_awaiting(all, task);
  co_await all.all_ended();
}

}  // namespace

void run_on_loop(Batch& batch, std::uint64_t first, std::uint64_t stride) {
  EventLoop loop;
  LoopBatch all(loop, batch);
  loop.run_until_complete(run_share(all, first, stride));
}

}  // namespace makespan
