// SPDX-License-Identifier: Apache-2.0
#include <future>
#include <stdexcept>

#include "models/lifecycles/unit_burst.hpp"

namespace makespan {
namespace {

class AsyncUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::with_others;

  AsyncUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit)
      : result_(std::async(std::launch::async, [&roll, unit] {
          if (!roll.answer(unit)) throw std::runtime_error("injected exception in a future");
        })) {}
  void end() { result_.get(); }

 private:
  std::future<void> result_;  // its destructor waits
};

}  // namespace

extern const LifecycleInfo async_lifecycle;
const LifecycleInfo async_lifecycle{
    .model = "async",
    .variant = "",
    .summary = "std::async with launch::async, and the future's get",
    .unit = Unit::thread,
    .parts = 1,
    .units_per_row = 1000,
    .make = make_burst<AsyncUnit>,
};

}  // namespace makespan
