// SPDX-License-Identifier: Apache-2.0
// A oneTBB arena whose workers are there before the first task.
#pragma once

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <cstdint>

#include "models/tbb_sanitizer.hpp"

namespace makespan {

/// Slots of which the thread that calls run() takes one. Its workers begin in the constructor, as far as oneTBB gives them, and end in
/// the destructor.
class TbbArena {
 public:
  explicit TbbArena(std::uint64_t slots);
  TbbArena(const TbbArena&) = delete;
  TbbArena& operator=(const TbbArena&) = delete;
  ~TbbArena();

  /// `submit(group)` puts tasks into a group; returns when all of them have ended.
  template <class Submit>
  void run(Submit&& submit) {
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
