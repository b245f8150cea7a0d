// SPDX-License-Identifier: Apache-2.0
// What the floors of oneTBB do with a task: without records nothing but to run it and to add its checksum to that of the slot.
#pragma once

#include <oneapi/tbb/task_arena.h>

#include <cstddef>
#include <numeric>
#include <vector>

#include "models/batch.hpp"
#include "models/tbb_sanitizer.hpp"

namespace makespan {

/// To be used in an arena of that many slots, by its threads alone.
class TbbBareBatch {
 public:
  TbbBareBatch(Batch& batch, std::size_t slots) : batch_(batch), recorded_(batch.recording() == Recording::on), sums_(slots) {}

  void execute(std::uint64_t task) noexcept {
    if (recorded_) return batch_.execute(task);
    try {
      sums_[static_cast<std::size_t>(oneapi::tbb::this_task_arena::current_thread_index())].checksum +=
          run_blocking(batch_.workload(), task, Recording::off).checksum;
    } catch (...) {
      batch_.fail(task);
    }
  }

  /// Once all have run: the checksums prove it.
  void accept_all() {
    if (recorded_) return;
    const auto add = [](Checksum sum, const Sum& slot) { return sum + slot.checksum; };
    batch_.accept_all(batch_.tasks(), std::accumulate(sums_.begin(), sums_.end(), Checksum{0}, add));
  }

 private:
  struct alignas(64) Sum {
    Checksum checksum = 0;
  };

  Batch& batch_;
  bool recorded_;
  std::vector<Sum> sums_;
};

}  // namespace makespan
