// SPDX-License-Identifier: Apache-2.0
#include "models/lifecycles/bare_thread.hpp"

#include <sched.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

namespace makespan {
namespace {

constexpr std::size_t stack_bytes = std::size_t{64} << 10U;

}  // namespace

BareThread::BareThread(const Roll& roll, std::uint64_t unit)
    : roll_(roll),
      unit_(unit),
      stack_(mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0)) {
  if (stack_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap of a stack");
  constexpr int thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  auto* const id = reinterpret_cast<pid_t*>(&alive_);
  void* const top = static_cast<std::byte*>(stack_) + stack_bytes;
  if (clone(run, top, thread | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, this, id, nullptr, id) >= 0) return;
  const int refused = errno;
  munmap(stack_, stack_bytes);
  throw std::system_error(refused, std::generic_category(), "clone");
}

BareThread::~BareThread() {
  for (std::uint32_t id = 0; (id = alive_.load(std::memory_order_acquire)) != 0;) futex_wait(alive_, id);
  munmap(stack_, stack_bytes);
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
