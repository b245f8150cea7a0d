// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "models/lifecycles/unit_burst.hpp"

namespace makespan {
namespace {

class ThreadUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::with_others;

  ThreadUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit) : thread_([&roll, unit] { roll.answer(unit); }) {}
  ThreadUnit(const ThreadUnit&) = delete;
  ThreadUnit& operator=(const ThreadUnit&) = delete;
  ~ThreadUnit() {
    if (thread_.joinable()) thread_.join();
  }
  void end() { thread_.join(); }

 private:
  std::thread thread_;
};

}  // namespace

extern const LifecycleInfo thread_lifecycle;
const LifecycleInfo thread_lifecycle{
    .model = "thread",
    .variant = "",
    .summary = "std::thread, created and joined",
    .unit = Unit::thread,
    .parts = 1,
    .units_per_row = 1000,
    .make = make_burst<ThreadUnit>,
};

}  // namespace makespan
