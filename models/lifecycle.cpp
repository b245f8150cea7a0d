// SPDX-License-Identifier: Apache-2.0
#include "models/lifecycle.hpp"

#include <algorithm>
#include <climits>

namespace makespan {

Roll::Roll(const UnitFault& fault) : words_(1), fault_(fault) { words_.populate(); }

bool Roll::answer(std::uint64_t unit) const noexcept {
  if (!struck(UnitFault::Kind::absent, unit)) words_[0].ran.fetch_add(1, std::memory_order_relaxed);
  wait();
  return !struck(UnitFault::Kind::fails, unit);
}

void Roll::wait() const noexcept {
  FutexWord& held = words_[0].held;
  while (held.load(std::memory_order_acquire) != 0) futex_wait(held, 1);
}

void Roll::let_go() const noexcept {
  words_[0].held.store(0, std::memory_order_release);
  futex_wake(words_[0].held, INT_MAX);
}

Shape LifecycleInfo::shape(std::uint64_t units) const noexcept {
  if (parts == 0) return {};
  return unit == Unit::process ? Shape{parts * units, 1} : Shape{1, parts * units};
}

const LifecycleInfo* find_lifecycle(std::string_view model, std::string_view variant) {
  const auto all = lifecycles();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const LifecycleInfo* info) { return info->model == model && info->variant == variant; });
  return found == all.end() ? nullptr : *found;
}

}  // namespace makespan
