// SPDX-License-Identifier: Apache-2.0
#include "models/loop_tasks.hpp"

#include <cstdint>

#include "models/runtime/event_loop.hpp"
#include "models/runtime/light_task.hpp"

namespace makespan {
namespace {

// The batch as its coroutines see it. What they ask for here would be kept in each of their frames if they worked it out
// themselves: GCC gives every variable and temporary of a coroutine a place of its own.
struct LoopBatch : LightGroup {
  LoopBatch(EventLoop& loop, Batch& all) noexcept : LightGroup(loop), batch(all) {}

  [[nodiscard]] std::uint32_t steps(std::uint64_t task) { return static_cast<std::uint32_t>(steps_of(task).size()); }
  [[nodiscard]] bool sleeps(std::uint64_t task, std::uint32_t step) { return steps_of(task)[step].sleep.count() > 0; }
  [[nodiscard]] Until sleep(std::uint64_t task, std::uint32_t step) { return sleep_until(steady_after(steps_of(task)[step].sleep)); }
  void compute(TaskRun& run, std::uint64_t task, std::uint32_t step) { run.compute(batch.workload(), steps_of(task)[step].iterations); }

  Batch& batch;

 private:
  // Once when a task begins, as where it runs in a thread, and again only when another has run while it slept: in its frame they would be
  // most of it.
  [[nodiscard]] const Steps& steps_of(std::uint64_t task) {
    if (laid_out_ != task) {
      steps_ = batch.workload().steps(task);
      laid_out_ = task;
    }
    return steps_;
  }

  Steps steps_{};
  std::uint64_t laid_out_ = UINT64_MAX;  // no task has that number
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
