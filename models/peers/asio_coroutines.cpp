// SPDX-License-Identifier: Apache-2.0
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <cstdint>

#include "models/laid_out_steps.hpp"
#include "models/model.hpp"
#include "models/peers/asio_typed.hpp"

namespace makespan {
namespace {

// The same steps as run_blocking(), waited for by suspending.
AsioTask<void> run_awaiting(asio::io_context& loop, LaidOutSteps& all, std::uint64_t task) {
  try {
    TaskRun run(all.batch.workload(), task, all.batch.recording());
    for (std::uint32_t step = 0; step < all.steps(task); ++step) {
      if (all.sleeps(task, step)) {
        AsioTimer timer(loop, all.deadline(task, step));
        co_await timer.async_wait(asio_await);
        run.slept(timer.expiry());
      }
      all.compute(run, task, step);
    }
    all.batch.accept(task, run.finish());
  } catch (...) {
    all.batch.fail(task);
  }
}

class AsioCoroutines final : public Model {
 public:
  explicit AsioCoroutines(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override {
    LaidOutSteps all(batch);
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) asio::co_spawn(loop_, run_awaiting(loop_, all, task), asio::detached);
    loop_.run();
    loop_.restart();
  }

  asio::io_context loop_{1};
};

}  // namespace

extern const ModelInfo asio_coroutines_model;
const ModelInfo asio_coroutines_model{
    .name = "asio_coroutines",
    .variant = "",
    .summary = "one asio::io_context in one thread, a coroutine with a steady_timer per task: waits overlap, computing does not",
    .choice = Choice::none,
    .unit = Unit::thread,
    .shape = one_thread,
    .reach = all_in_one_thread,
    .make = make_model<AsioCoroutines>,
    .bytes_per_task = 800,  // 762 with a million tasks that sleep (Asio 1.22, GCC 12)
    .role = Role::peer,
};

}  // namespace makespan
