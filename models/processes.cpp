// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

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
    .shape =
        [](std::uint64_t tasks, const Shape&) {
          return Shape{std::max<std::uint64_t>(tasks, 1), 1};
        },
    .reach = one_task_per_worker,
    .make = make_model<Processes>,
};

}  // namespace makespan
