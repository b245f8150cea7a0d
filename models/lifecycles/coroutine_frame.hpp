// SPDX-License-Identifier: Apache-2.0
// The coroutine that stands for a unit: a Task that answers the roll.
#pragma once

#include <coroutine>
#include <cstdint>
#include <stdexcept>

#include "models/lifecycle.hpp"
#include "models/runtime/job.hpp"
#include "models/runtime/task.hpp"

namespace makespan {

inline Task<> counted_task(const Roll* roll, std::uint64_t unit) {
  if (!roll->count(unit)) throw std::runtime_error("injected exception in a coroutine");
  co_return;
}

/// The job of a task that nobody awaits: whoever resumed it goes on.
class UnawaitedJob final : public Job {
 public:
  std::coroutine_handle<> finished(bool /*failed*/) noexcept override { return std::noop_coroutine(); }
};

}  // namespace makespan
