// SPDX-License-Identifier: Apache-2.0
#include <sys/epoll.h>

#include <cerrno>
#include <system_error>

#include "models/lifecycles/unit_burst.hpp"
#include "models/runtime/descriptor.hpp"

namespace makespan {
namespace {

class BareLoopUnit {
 public:
  using Common = NothingInCommon;
  static constexpr Held held = Held::never;

  BareLoopUnit(const Common& /*common*/, const Roll& roll, std::uint64_t unit)
      : epoll_(epoll_create1(EPOLL_CLOEXEC)), roll_(roll), unit_(unit) {
    if (!epoll_.open()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }
  void end() {
    roll_.count(unit_);
    epoll_.close();
  }

 private:
  Descriptor epoll_;
  const Roll& roll_;
  std::uint64_t unit_;
};

}  // namespace

extern const LifecycleInfo event_loop_bare_lifecycle;
const LifecycleInfo event_loop_bare_lifecycle{
    .model = "event_loop",
    .variant = "bare",
    .summary = "the floor of event_loop: epoll_create1 and close of the one descriptor that it needs",
    .unit = Unit::thread,
    .units_per_row = 5000,
    .need = {.files = 1, .bytes = 4U << 10U},
    .make = make_burst<BareLoopUnit>,
    .role = Role::floor,
};

}  // namespace makespan
