// SPDX-License-Identifier: Apache-2.0
// A loop of OpenMP whose threads take the next task from a common counter. No task is made of an iteration, so this is the cheapest form
// that OpenMP has for a range known beforehand; openmp_taskloop.cpp makes them. `hybrid` takes its tasks in the same way.
#include "models/model.hpp"
#include "models/peers/openmp_team.hpp"

namespace makespan {
namespace {

class OpenMpFor final : public Model {
 public:
  explicit OpenMpFor(const Shape& shape) : team_(shape) {}

 private:
  void run_batch(Batch& batch) override {
    team_.take_turns(batch.tasks(), [&batch](std::uint64_t task) { batch.execute(task); });
  }

  OpenMpTeam team_;
};

}  // namespace

extern const ModelInfo openmp_for_model;
const ModelInfo openmp_for_model{
    .name = "openmp",
    .variant = "for",
    .summary = "on request: OpenMP: a parallel loop of W threads, dynamic, an iteration at a time",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<OpenMpFor>,
    .role = Role::peer,
    .on_request = true,
};

}  // namespace makespan
