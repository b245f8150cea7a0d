// SPDX-License-Identifier: Apache-2.0
#include "models/loop_tasks.hpp"

#include <exception>
#include <utility>
#include <vector>

#include "models/runtime/event_loop.hpp"
#include "models/runtime/gather.hpp"

namespace makespan {
namespace {

// The same steps as run_blocking(), waited for by suspending. The step is worked out anew after each wait: cheaper than
// keeping all steps of a million tasks in memory.
Task<> run_awaiting(EventLoop& loop, Batch& batch, std::uint64_t task) {
  try {
    TaskRun run(batch.workload(), task, batch.recording());
    const std::size_t steps = batch.workload().steps(task).size();
    for (std::size_t index = 0; index < steps; ++index) {
      const Step step = batch.workload().steps(task)[index];
      if (step.sleep.count() > 0) {
        const std::int64_t since = steady_now_ns();
        co_await loop.sleep_until(EventLoop::Time(std::chrono::nanoseconds(since) + step.sleep));
        run.slept(step.sleep, since);
      }
      run.compute(step.iterations);
    }
    batch.accept(task, run.finish());
  } catch (const std::exception& error) {
    batch.fail(task, error.what());
  } catch (...) {
    batch.fail(task, "unknown exception");
  }
}

}  // namespace

void run_on_loop(Batch& batch, std::uint64_t first, std::uint64_t stride) {
  EventLoop loop;
  std::vector<Task<>> tasks;
  tasks.reserve((batch.tasks() + stride - 1) / stride);
  for (std::uint64_t task = first; task < batch.tasks(); task += stride) tasks.push_back(run_awaiting(loop, batch, task));
  loop.run_until_complete(gather(std::move(tasks)));
}

}  // namespace makespan
