// SPDX-License-Identifier: Apache-2.0
#include "models/loop_tasks.hpp"
#include "models/model.hpp"
#include "models/runtime/process_group.hpp"

namespace makespan {
namespace {

class HybridLoop final : public Model {
 public:
  explicit HybridLoop(const Shape& shape) : processes_(shape.processes) {}

 private:
  void run_batch(Batch& batch) override {
    run_in_processes(processes_, "event loop process", [&](std::uint64_t process) { run_on_loop(batch, process, processes_); });
  }

  std::uint64_t processes_;
};

}  // namespace

extern const ModelInfo hybrid_loop_model;
const ModelInfo hybrid_loop_model{
    .name = "hybrid",
    .variant = "loop",
    .summary = "P processes, forked for the batch, each with an event loop for its share of the tasks, as servers are deployed",
    .choice = Choice::grid,
    .unit = Unit::process,
    .shape =
        [](std::uint64_t, const Shape& asked) {
          return Shape{asked.processes, 1};
        },
    .reach =
        [](std::uint64_t tasks, const Shape& shape) {
          return Reach{tasks, shape.processes};
        },
    .make = make_model<HybridLoop>,
    .bytes_per_task = loop_task_bytes,
};

}  // namespace makespan
