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
    .shape = [](std::uint64_t, const Shape&) { return Shape{}; },
    .reach =
        [](std::uint64_t tasks, const Shape&) {
          return Reach{tasks, 1};
        },
    .make = make_model<EventLoopModel>,
    .bytes_per_task = loop_task_bytes,
};

}  // namespace makespan
