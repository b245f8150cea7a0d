// SPDX-License-Identifier: Apache-2.0
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <latch>

#include "models/model.hpp"
#include "models/peers/thread_check.hpp"

namespace makespan {
namespace {

class AsioPool final : public Model {
 public:
  // A thread_pool whose constructor is refused a thread waits for those before it, which wait for work.
  explicit AsioPool(const Shape& shape) : pool_((require_threads(shape.threads), shape.threads)) {}

 private:
  // thread_pool::join() would end the pool: whether a batch is done is for its tasks to say.
  void run_batch(Batch& batch) override {
    std::latch done(static_cast<std::ptrdiff_t>(batch.tasks()));
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) {
      asio::post(pool_, [&batch, &done, task] {
        batch.execute(task);
        done.count_down();
      });
    }
    done.wait();
  }

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
