// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/shared_ring.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

namespace makespan {
namespace {

constexpr std::size_t cache_line = 64;

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

SharedRing::SharedRing(std::size_t slots, std::size_t slot_bytes, std::chrono::nanoseconds spin)
    : mask_(std::bit_ceil(std::max<std::size_t>(slots, 2)) - 1),
      slot_bytes_(slot_bytes),
      stride_(rounded_up(sizeof(Turn) + slot_bytes, cache_line)),
      memory_(sizeof(Control) + (mask_ + 1) * stride_),
      put_spin_(spin),
      take_spin_(spin) {
  for (std::size_t index = 0; index <= mask_; ++index) slot_at(index).turn->store(index, std::memory_order_relaxed);
}

void SharedRing::close() noexcept {
  control().tail.fetch_or(closed_bit, std::memory_order_seq_cst);
  control().closing.store(true, std::memory_order_seq_cst);
  signal_everybody(control().not_empty);
  signal_everybody(control().not_full);
}

// Whoever sleeps without looking after the other side must begin to.
Attachment SharedRing::attached(Attachment attachment) {
  signal_everybody(control().not_empty);
  signal_everybody(control().not_full);
  return attachment;
}

void SharedRing::signal_everybody(Event& event) noexcept {
  event.signal.fetch_add(1, std::memory_order_seq_cst);
  futex_wake(event.signal, everybody);
}

}  // namespace makespan
