// SPDX-License-Identifier: Apache-2.0
#include <taskflow/taskflow.hpp>

#include "models/model.hpp"
#include "models/peers/thread_check.hpp"

namespace makespan {
namespace {

class Taskflow final : public Model {
 public:
  // An executor that is refused a thread ends the process.
  explicit Taskflow(const Shape& shape) : executor_((require_threads(shape.threads), shape.threads)) {}

 private:
  void run_batch(Batch& batch) override {
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) executor_.silent_async([&batch, task] { batch.execute(task); });
    executor_.wait_for_all();
  }

  tf::Executor executor_;
};

}  // namespace

extern const ModelInfo taskflow_model;
const ModelInfo taskflow_model{
    .name = "taskflow",
    .variant = "",
    .summary = "tf::Executor of W threads, an asynchronous task for each",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<Taskflow>,
    .bytes_per_task = 256,
    .role = Role::peer,
};

}  // namespace makespan
