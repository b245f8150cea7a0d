// SPDX-License-Identifier: Apache-2.0
// A oneTBB arena whose workers are there before the first task.
#pragma once

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <cstdint>

#include "models/tbb_sanitizer.hpp"

namespace makespan {

/// Slots of which the thread that calls for_each() or run() takes one. Its workers begin in the constructor, as far as oneTBB gives them,
/// and end in the destructor.
class TbbArena {
 public:
  explicit TbbArena(std::uint64_t slots);
  TbbArena(const TbbArena&) = delete;
  TbbArena& operator=(const TbbArena&) = delete;
  ~TbbArena();

  /// body(index) for every index below `count`, each in a oneTBB task of its own; returns when all have ended. `body` must not throw.
  ///
  /// oneTBB halves the range until a task has one index, whoever steals a half going on with it. So there are never more than some dozens
  /// of tasks at once, and their memory stays in the caches: an empty task took 20 to 40 ns so, and 80 to 140 ns where one thread made all
  /// of them beforehand with task_group::run. With its default partitioner, a task would have several indices, which a sleep in one of them
  /// holds up.
  template <class Body>
  void for_each(std::uint64_t count, const Body& body) {
    using Range = oneapi::tbb::blocked_range<std::uint64_t>;
    arena_.execute([&] {
      oneapi::tbb::parallel_for(
          Range(0, count, 1), [&body](const Range& one) { body(one.begin()); }, oneapi::tbb::simple_partitioner());
    });
  }

  /// submit(group) puts tasks into a group one by one; returns when all of them have ended.
  template <class Submit>
  void run(const Submit& submit) {
    arena_.execute([&] {
      oneapi::tbb::task_group group;
      submit(group);
      group.wait();
    });
  }

 private:
  void start_workers(int slots);

  oneapi::tbb::task_scheduler_handle scheduler_;
  oneapi::tbb::global_control limit_;
  oneapi::tbb::task_arena arena_;
};

}  // namespace makespan
