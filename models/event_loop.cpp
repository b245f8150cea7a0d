// SPDX-License-Identifier: Apache-2.0
#include "models/loop_tasks.hpp"
#include "models/model.hpp"

namespace makespan {
namespace {

class EventLoopModel final : public Model {
 public:
  explicit EventLoopModel(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override { run_on_loop(batch, 0, 1); }
};

}  // namespace

extern const ModelInfo event_loop_model;
const ModelInfo event_loop_model{
    .name = "event_loop",
    .variant = "",
    .summary = "one thread, one coroutine per task: waits overlap, computing does not",
    .choice = Choice::none,
    .unit = Unit::thread,
    .shape = one_thread,
    .reach = all_in_one_thread,
    .make = make_model<EventLoopModel>,
    .bytes_per_task = loop_task_bytes,
};

}  // namespace makespan
