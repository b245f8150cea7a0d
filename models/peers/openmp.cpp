// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <cerrno>
#include <system_error>

#include "models/model.hpp"
#include "models/peers/thread_check.hpp"

namespace makespan {
namespace {

// Where nothing is said, a team has a thread for each CPU, and tasks that sleep leave them idle: here it has as many as were asked for.
class OpenMp final : public Model {
 public:
  // The run-time library starts its threads with the first team and keeps them. It ends the process if it is refused one.
  explicit OpenMp(const Shape& shape) : threads_(static_cast<int>(shape.threads)) {
    require_threads(shape.threads - 1);  // the caller is one of them
    start_team();
  }
  ~OpenMp() override { omp_pause_resource_all(omp_pause_hard); }  // ends the threads

 private:
  // Apart from the constructor: clang has a function that holds a team call the run-time library before all else.
  [[gnu::noinline]] void start_team() const {
    omp_set_dynamic(0);  // it would make the team smaller on a busy machine
    int there = 0;
#pragma omp parallel num_threads(threads_)
#pragma omp single
    there = omp_get_num_threads();  // all of them wait at its end
    if (there == threads_) return;
    omp_pause_resource_all(omp_pause_hard);
    throw std::system_error(
        EAGAIN, std::generic_category(),
        fmt::format("a team of {} threads instead of {}: OMP_THREAD_LIMIT is {}", there, threads_, omp_get_thread_limit()));
  }

  // One thread of the team makes the tasks; the others, and it as well when there are many, run them.
  void run_batch(Batch& batch) override {
#pragma omp parallel num_threads(threads_) default(none) shared(batch)
#pragma omp single
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) {
#pragma omp task default(none) shared(batch) firstprivate(task)
      batch.execute(task);
    }
  }

  int threads_;
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
