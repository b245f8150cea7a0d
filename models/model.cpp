// SPDX-License-Identifier: Apache-2.0
#include "models/model.hpp"

#include <algorithm>

namespace makespan {

const ModelInfo* find_model(std::string_view name, std::string_view variant) {
  const auto all = models();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const ModelInfo* info) { return info->name == name && info->variant == variant; });
  return found == all.end() ? nullptr : *found;
}

Reach one_task_per_worker(std::uint64_t /*tasks*/, const Shape& shape) { return {shape.workers(), shape.workers()}; }

Shape as_asked(std::uint64_t /*tasks*/, const Shape& asked) { return asked; }

Shape thread_per_task(std::uint64_t tasks, const Shape& /*asked*/) { return {1, std::max<std::uint64_t>(tasks, 1)}; }

Shape process_per_task(std::uint64_t tasks, const Shape& /*asked*/) { return {std::max<std::uint64_t>(tasks, 1), 1}; }

Shape one_thread(std::uint64_t /*tasks*/, const Shape& /*asked*/) { return {}; }

Reach all_in_one_thread(std::uint64_t tasks, const Shape& /*shape*/) { return {tasks, 1}; }

}  // namespace makespan
