// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/identity.hpp"

#include <unistd.h>

namespace makespan {
namespace {

thread_local Identity cached;

}  // namespace

void refresh_identity() noexcept { cached = {getpid(), gettid()}; }

const Identity& identity() noexcept {
  if (cached.thread == 0) refresh_identity();
  return cached;
}

}  // namespace makespan
