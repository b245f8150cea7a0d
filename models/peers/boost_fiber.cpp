// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/fiber/fiber.hpp>
#include <boost/fiber/fixedsize_stack.hpp>
#include <boost/fiber/operations.hpp>
#include <cerrno>
#include <memory>
#include <new>
#include <system_error>
#include <vector>

#include "models/model.hpp"

namespace makespan {
namespace {

namespace fibers = boost::fibers;

// The default of 128 KiB is above the size from which malloc maps each block by itself, and the system has no more than 65,530 mappings for
// a process unless told otherwise. Here there is room for a task and for an exception that it throws.
constexpr std::size_t stack_bytes = 32U << 10U;

// The same steps as run_blocking(), waited for by another fiber's taking over.
void run_yielding(Batch& batch, std::uint64_t task) {
  try {
    TaskRun run(batch.workload(), task, batch.recording());
    for (const Step& step : batch.workload().steps(task)) {
      if (step.sleep.count() > 0) {
        const SteadyTime deadline = steady_after(step.sleep);
        boost::this_fiber::sleep_until(deadline);
        run.slept(deadline);
      }
      run.compute(batch.workload(), step.iterations);
    }
    batch.accept(task, run.finish());
  } catch (...) {
    batch.fail(task);
  }
}

class BoostFiber final : public Model {
 public:
  explicit BoostFiber(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override {
    std::vector<fibers::fiber> tasks;
    tasks.reserve(batch.tasks());
    bool refused = false;  // the stack of the next one
    try {
      while (tasks.size() < batch.tasks()) {
        const std::uint64_t task = tasks.size();
        tasks.emplace_back(std::allocator_arg, fibers::fixedsize_stack(stack_bytes), [&batch, task] { run_yielding(batch, task); });
      }
    } catch (const std::bad_alloc&) {
      refused = true;
    }
    for (fibers::fiber& task : tasks) task.join();  // one that is destroyed before ends the process
    if (refused) throw std::system_error(ENOMEM, std::generic_category(), fmt::format("fiber {} of {}", tasks.size() + 1, batch.tasks()));
  }
};

}  // namespace

extern const ModelInfo boost_fiber_model;
const ModelInfo boost_fiber_model{
    .name = "boost_fiber",
    .variant = "",
    .summary = "one thread, a Boost.Fiber with a stack of 32 KiB per task: waits overlap, computing does not",
    .choice = Choice::none,
    .unit = Unit::thread,
    .shape = one_thread,
    .reach = all_in_one_thread,
    .make = make_model<BoostFiber>,
    .bytes_per_task = 10U << 10U,
    .role = Role::peer,
};

}  // namespace makespan
