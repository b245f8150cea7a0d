// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <cstdlib>
#include <new>

#include "models/lifecycles/coroutine_frame.hpp"
#include "models/lifecycles/unit_burst.hpp"

namespace makespan {
namespace {

// A handle's address is that of the frame, which operator new has given.
std::size_t frame_bytes() {
  const Roll roll;
  UnawaitedJob job;
  const Task<> task = counted_task(&roll, 0);
  return malloc_usable_size(task.bind(job).address());
}

class BareFrameUnit {
 public:
  struct Common {
    std::size_t bytes = frame_bytes();
  };
  static constexpr Held held = Held::never;

  BareFrameUnit(const Common& common, const Roll& roll, std::uint64_t unit) : memory_(std::malloc(common.bytes)), roll_(roll), unit_(unit) {
    if (memory_ == nullptr) throw std::bad_alloc();
    asm volatile("" : : "r"(memory_) : "memory");  // or the compiler might do without it
  }
  BareFrameUnit(const BareFrameUnit&) = delete;
  BareFrameUnit& operator=(const BareFrameUnit&) = delete;
  ~BareFrameUnit() { std::free(memory_); }
  void end() const noexcept { roll_.count(unit_); }

 private:
  void* memory_;
  const Roll& roll_;
  std::uint64_t unit_;
};

}  // namespace

extern const LifecycleInfo coroutine_bare_lifecycle;
const LifecycleInfo coroutine_bare_lifecycle{
    .model = "coroutine",
    .variant = "bare",
    .summary = "the floor of coroutine: malloc and free of as many bytes as its frame has",
    .unit = Unit::thread,
    .units_per_row = 200'000,
    .need = {.bytes = 256},
    .make = make_burst<BareFrameUnit>,
    .role = Role::floor,
};

}  // namespace makespan
