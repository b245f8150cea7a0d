// SPDX-License-Identifier: Apache-2.0
// One by one, as a server does that learns of its tasks as they come; openmp_taskloop.cpp has the range known beforehand.
//
// GCC's run-time library queues 64 tasks per thread at most. The thread that makes more runs them on the spot, which is cheaper than to
// hand them over, and keeps it from making others meanwhile.
#include "models/model.hpp"
#include "models/peers/openmp_team.hpp"

namespace makespan {
namespace {

class OpenMp final : public Model {
 public:
  explicit OpenMp(const Shape& shape) : team_(shape) {}

 private:
  void run_batch(Batch& batch) override {
    team_.run([&batch] {
      for (std::uint64_t task = 0; task < batch.tasks(); ++task) {
#pragma omp task default(none) shared(batch) firstprivate(task)
        batch.execute(task);
      }
    });
  }

  OpenMpTeam team_;
};

}  // namespace

extern const ModelInfo openmp_model;
const ModelInfo openmp_model{
    .name = "openmp",
    .variant = "",
    .summary = "OpenMP: a parallel region of W threads, one of which makes a task of each and the others run them",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<OpenMp>,
    .role = Role::peer,
};

}  // namespace makespan
