// SPDX-License-Identifier: Apache-2.0
#include "models/task_run.hpp"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <stdexcept>

#include "models/runtime/identity.hpp"

namespace makespan {
namespace {

void inject(Fault::Kind kind, Checksum& state) {
  switch (kind) {
    case Fault::Kind::none: return;
    case Fault::Kind::exception: throw std::runtime_error("injected exception");
    case Fault::Kind::kill: raise(SIGKILL); return;
    case Fault::Kind::hang:
      for (;;) pause();
    case Fault::Kind::wrong_checksum: state ^= 1U; return;
  }
}

}  // namespace

TaskRun::TaskRun(const Workload& workload, std::uint64_t task, Recording recording) : state_(workload.start(task)) {
  if (workload.slowdown.dispatch_iterations > 0) compute_in_vain(workload, workload.slowdown.dispatch_iterations, 1.0);
  if (recording == Recording::on) start_ns_ = steady_now_ns();
  if (workload.plateau != nullptr) workload.plateau->begun.fetch_add(1, std::memory_order_relaxed);
  if (workload.fault.kind != Fault::Kind::none && workload.fault.task == task) inject(workload.fault.kind, state_);
}

// Kernels have no side effects: a result that nobody used could take the call with it.
void TaskRun::compute_in_vain(const Workload& workload, std::uint64_t iterations, double share) const {
  const auto extra = static_cast<std::uint64_t>(std::llround(static_cast<double>(iterations) * share));
  const Checksum unused = workload.info->kernel->run(extra, state_);
  asm volatile("" : : "r"(unused));
}

TaskResult TaskRun::finish() const noexcept {
  TaskResult result{.checksum = state_, .record = {}};
  if (recorded()) {
    const Identity& self = identity();
    result.record = {.start_ns = start_ns_,
                     .end_ns = steady_now_ns(),
                     .overshoot_ns = overshoot_ns_,
                     .process = self.process,
                     .thread = self.thread,
                     .cpu = sched_getcpu()};
  }
  return result;
}

TaskResult run_blocking(const Workload& workload, std::uint64_t task, Recording recording) {
  TaskRun run(workload, task, recording);
  for (const Step& step : workload.steps(task)) {
    if (step.sleep.count() > 0) {
      const SteadyTime deadline = steady_after(step.sleep);
      sleep_thread_until(deadline);
      run.slept(deadline);
    }
    run.compute(workload, step.iterations);
  }
  return run.finish();
}

}  // namespace makespan
