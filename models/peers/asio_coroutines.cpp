// SPDX-License-Identifier: Apache-2.0
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "models/model.hpp"

namespace makespan {
namespace {

// The same steps as run_blocking(), waited for by suspending.
asio::awaitable<void> run_awaiting(Batch& batch, std::uint64_t task) {
  try {
    TaskRun run(batch.workload(), task, batch.recording());
    for (const Step& step : batch.workload().steps(task)) {
      if (step.sleep.count() > 0) {
        const SteadyTime deadline = steady_after(step.sleep);
        asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
        co_await timer.async_wait(asio::use_awaitable);
        run.slept(deadline);
      }
      run.compute(batch.workload(), step.iterations);
    }
    batch.accept(task, run.finish());
  } catch (...) {
    batch.fail(task);
  }
}

class AsioCoroutines final : public Model {
 public:
  explicit AsioCoroutines(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override {
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) asio::co_spawn(loop_, run_awaiting(batch, task), asio::detached);
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
    .shape = [](std::uint64_t, const Shape&) { return Shape{}; },
    .reach =
        [](std::uint64_t tasks, const Shape&) {
          return Reach{tasks, 1};
        },
    .make = make_model<AsioCoroutines>,
    .bytes_per_task = 1344,  // 1,300 with a million tasks that sleep (Asio 1.22, GCC 12)
    .role = Role::peer,
};

}  // namespace makespan
