// SPDX-License-Identifier: Apache-2.0
// The threads of OpenMP's run-time library, for whatever hands it tasks.
#pragma once

#include <fmt/format.h>
#include <omp.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "models/model.hpp"
#include "models/peers/thread_check.hpp"

namespace makespan {

/// Where nothing is said, a team has a thread for each CPU, and tasks that sleep leave them idle: here it has as many as were asked for.
class OpenMpTeam {
 public:
  // The run-time library starts its threads with the first team and keeps them. It ends the process if it is refused one.
  explicit OpenMpTeam(const Shape& shape) : threads_(static_cast<int>(shape.threads)) {
    require_threads(shape.threads - 1);  // the caller is one of them
    start();
  }
  OpenMpTeam(const OpenMpTeam&) = delete;
  OpenMpTeam& operator=(const OpenMpTeam&) = delete;
  ~OpenMpTeam() { omp_pause_resource_all(omp_pause_hard); }  // ends the threads

  /// `submit()` makes tasks in one thread of the team; the others, and it as well when there are many, run them. Returns when all have
  /// ended. Nothing may throw: Batch::execute() keeps what a task throws.
  template <class Submit>
  void run(const Submit& submit) const {
#pragma omp parallel num_threads(threads_) default(none) shared(submit)
#pragma omp single
    submit();
  }

  /// body(index) for every index below `count`, each thread taking the next one; returns when all have ended. `body` must not throw.
  template <class Body>
  void take_turns(std::uint64_t count, const Body& body) const {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"  // clang's, in the code that it makes of the loop
#pragma omp parallel for num_threads(threads_) schedule(dynamic, 1) default(none) shared(count, body)
    for (std::uint64_t index = 0; index < count; ++index) body(index);
#pragma GCC diagnostic pop
  }

  [[nodiscard]] std::uint64_t threads() const noexcept { return static_cast<std::uint64_t>(threads_); }

 private:
  // Apart from the constructor: clang has a function that holds a team call the run-time library before all else.
  [[gnu::noinline]] void start() const {
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

  int threads_;
};

}  // namespace makespan
