// SPDX-License-Identifier: Apache-2.0
// A range that is known beforehand, handed over as such: the library makes the tasks itself, whereas a server must hand over one by one
// what comes in (openmp.cpp).
#include <algorithm>
#include <cstdint>

#include "models/model.hpp"
#include "models/peers/openmp_team.hpp"

namespace makespan {
namespace {

class OpenMpTaskloop final : public Model {
 public:
  explicit OpenMpTaskloop(const Shape& shape) : team_(shape) {}

 private:
  // GCC's run-time library makes no tasks of a taskloop that would have more than 64 per thread: the thread that meets it runs them all,
  // however many there are, and the others get none. So the range is cut there, at the price that the team meets after each part.
  void run_batch(Batch& batch) override {
    const std::uint64_t most = 64 * team_.threads();
    team_.run([&batch, most] {
      for (std::uint64_t first = 0; first < batch.tasks(); first += most) {
        const std::uint64_t end = std::min(first + most, batch.tasks());
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"  // clang's, in the code that it makes of the loop
#pragma omp taskloop grainsize(1) default(none) shared(batch) firstprivate(first, end)
        for (std::uint64_t task = first; task < end; ++task) batch.execute(task);
#pragma GCC diagnostic pop
      }
    });
  }

  OpenMpTeam team_;
};

}  // namespace

extern const ModelInfo openmp_taskloop_model;
const ModelInfo openmp_taskloop_model{
    .name = "openmp",
    .variant = "taskloop",
    .summary = "on request: OpenMP: taskloops of 64 W tasks, an iteration each, in a parallel region of W threads",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<OpenMpTaskloop>,
    .role = Role::peer,
    .on_request = true,
};

}  // namespace makespan
