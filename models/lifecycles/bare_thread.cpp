// SPDX-License-Identifier: Apache-2.0
#include "models/lifecycles/bare_thread.hpp"

#include <sched.h>

#include <cerrno>
#include <system_error>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

namespace makespan {

BareThread::BareThread(const Roll& roll, std::uint64_t unit) : roll_(roll), unit_(unit) {
  constexpr int thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  auto* const id = reinterpret_cast<pid_t*>(&alive_);
  if (clone(run, stack_ + sizeof(stack_), thread | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, this, id, nullptr, id) < 0)
    throw std::system_error(errno, std::generic_category(), "clone");
}

BareThread::~BareThread() {
  for (std::uint32_t id = 0; (id = alive_.load(std::memory_order_acquire)) != 0;) futex_wait(alive_, id);
}

int BareThread::run(void* self) {
  const auto& thread = *static_cast<const BareThread*>(self);
  thread.roll_.answer(thread.unit_);
  return 0;
}

std::string_view no_bare_threads(std::uint64_t /*units*/) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return "a sanitizer knows nothing of bare threads";
#else
  return "";
#endif
}

}  // namespace makespan
