// SPDX-License-Identifier: Apache-2.0
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <cstddef>
#include <cstdint>
#include <latch>

#include "models/model.hpp"
#include "models/peers/thread_check.hpp"

namespace makespan {
namespace {

class AsioPool final : public Model {
 public:
  // A thread_pool whose constructor is refused a thread waits for those before it, which wait for work.
  // Its threads start one by one and take what is posted: the setup ends when each of them is there, and has met the others.
  explicit AsioPool(const Shape& shape)
      : there_(static_cast<std::ptrdiff_t>(shape.threads)), pool_((require_threads(shape.threads), shape.threads)) {
    post_each(shape.threads, there_, [this](std::uint64_t) { there_.arrive_and_wait(); });
  }

 private:
  // thread_pool::join() would end the pool: whether a batch is done is for its tasks to say.
  void run_batch(Batch& batch) override {
    std::latch done(static_cast<std::ptrdiff_t>(batch.tasks()));
    post_each(batch.tasks(), done, [&batch, &done](std::uint64_t task) {
      batch.execute(task);
      done.count_down();
    });
  }

  // Posts `run` so many times, each of which counts `done` down, and waits for all of them. If the memory for one is refused, those before
  // it are waited for: they hold what is the caller's.
  template <class Run>
  void post_each(std::uint64_t count, std::latch& done, Run run) {
    std::uint64_t posted = 0;
    try {
      for (; posted < count; ++posted) asio::post(pool_, [run, index = posted] { run(index); });
    } catch (...) {
      done.count_down(static_cast<std::ptrdiff_t>(count - posted));
      done.wait();
      throw;
    }
    done.wait();
  }

  std::latch there_;  // outlives the threads, which may still be in it when it is passed
  asio::thread_pool pool_;
};

}  // namespace

extern const ModelInfo asio_pool_model;
const ModelInfo asio_pool_model{
    .name = "asio_pool",
    .variant = "",
    .summary = "asio::thread_pool of W threads, a task posted for each",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<AsioPool>,
    .bytes_per_task = 96,
    .role = Role::peer,
};

}  // namespace makespan
