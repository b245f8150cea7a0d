// SPDX-License-Identifier: Apache-2.0
#include "models/model.hpp"
#include "models/runtime/process_group.hpp"

namespace makespan {
namespace {

class Processes final : public Model {
 public:
  explicit Processes(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override {
    run_in_processes(batch.tasks(), "task process", [&batch](std::uint64_t task) { batch.execute(task); });
  }
};

}  // namespace

extern const ModelInfo processes_model;
const ModelInfo processes_model{
    .name = "processes",
    .variant = "",
    .summary = "one fork per task; results come back through shared memory, every child is reaped",
    .choice = Choice::none,
    .unit = Unit::process,
    .shape = process_per_task,
    .reach = one_task_per_worker,
    .make = make_model<Processes>,
};

}  // namespace makespan
