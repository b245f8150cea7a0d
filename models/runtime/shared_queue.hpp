// SPDX-License-Identifier: Apache-2.0
// A bounded queue in shared memory, between any number of producers and consumers in any number of processes.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

#include "models/runtime/futex.hpp"
#include "models/runtime/queue_closed.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {

/// Whether a pop brought a value, found the queue closed and drained, or ran out of time.
enum class PopStatus : std::uint8_t { value, closed, timeout };

/// First in, first out, per producer. Values are copied as bytes. Blocking waits spin for a few microseconds at most and
/// then sleep on a futex; nobody sleeping costs a waker no system call.
/// The ring is D. Vyukov's bounded MPMC queue (1024cores.net): a sequence number a slot tells whose turn it is.
/// A process that is killed between taking a slot and filling it blocks that slot for ever, so whoever waits for another
/// process waits with a timeout and looks whether that process still lives.
template <class T>
class SharedQueue {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  /// Room for `capacity` values, rounded up to a power of two. To be constructed before the processes are forked.
  explicit SharedQueue(std::size_t capacity)
      : control_(1), slots_(std::bit_ceil(std::max<std::size_t>(capacity, 2))), mask_(slots_.size() - 1) {
    for (std::size_t index = 0; index < slots_.size(); ++index) slots_[index].turn.store(index, std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return slots_.size(); }

  /// False if the queue is full. Throws QueueClosed after close().
  bool try_push(const T& value) {
    std::uint64_t at = control().tail.load(std::memory_order_seq_cst);
    Slot* slot = claim(control().tail, at, 0);
    if (slot == nullptr) return false;
    slot->value = value;
    slot->turn.store(at + 1, std::memory_order_seq_cst);
    // A close in the midst of this: all consumers may have seen it and wait for this value, the last of all.
    wake(control().not_empty, closed() ? everybody : 1);
    return true;
  }

  /// Waits while the queue is full.
  void push(const T& value) {
    wait_until(control().not_full, {}, [&] { return try_push(value); });
  }

  [[nodiscard]] std::optional<T> try_pop() {
    std::uint64_t at = control().head.load(std::memory_order_relaxed);
    Slot* slot = claim(control().head, at, 1);
    if (slot == nullptr) return std::nullopt;
    std::optional<T> value = slot->value;
    slot->turn.store(at + slots_.size(), std::memory_order_seq_cst);
    wake(control().not_full, 1);
    return value;
  }

  /// Waits while the queue is empty and open. After close() what was put before still comes, then `closed`.
  PopStatus pop(T& into, std::optional<std::chrono::nanoseconds> timeout = {}) {
    PopStatus status = PopStatus::timeout;
    wait_until(control().not_empty, timeout, [&] {
      // Looked at before the attempt: a put that came before the close must not be missed, nor one that is under way, which
      // has taken its slot but not filled it.
      const std::uint64_t tail = control().tail.load(std::memory_order_seq_cst);
      if (const std::optional<T> value = try_pop()) {
        into = *value;
        status = PopStatus::value;
      } else if (tail == (control().head.load(std::memory_order_seq_cst) | closed_bit)) {
        status = PopStatus::closed;
      }
      return status != PopStatus::timeout;
    });
    return status;
  }

  [[nodiscard]] bool closed() const noexcept { return (control().tail.load(std::memory_order_seq_cst) & closed_bit) != 0; }

  /// No more puts. Wakes everybody who waits.
  void close() noexcept {
    control().tail.fetch_or(closed_bit, std::memory_order_seq_cst);
    for (Event* event : {&control().not_empty, &control().not_full}) {
      event->signal.fetch_add(1, std::memory_order_seq_cst);
      futex_wake(event->signal, everybody);
    }
  }

 private:
  struct Event {
    FutexWord signal;
    std::atomic<std::uint32_t> waiters;
  };
  struct Slot {
    std::atomic<std::uint64_t> turn;
    T value;
  };
  struct Control {                                // producers' and consumers' counters on cache lines of their own
    alignas(64) std::atomic<std::uint64_t> tail;  // and whether the queue is closed: no put can slip in after a close
    alignas(64) std::atomic<std::uint64_t> head;
    alignas(64) Event not_empty;
    alignas(64) Event not_full;
  };
  static constexpr int spins = 64;
  static constexpr int everybody = std::numeric_limits<int>::max();
  static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63U;

  [[nodiscard]] Control& control() const noexcept { return control_[0]; }

  // Takes the slot at `counter` if its turn has come (turn == position + offset); null if the queue is full or empty.
  // Throws QueueClosed if the counter is the tail of a closed queue.
  Slot* claim(std::atomic<std::uint64_t>& counter, std::uint64_t& at, std::uint64_t offset) {
    for (;;) {
      if ((at & closed_bit) != 0) throw QueueClosed();
      Slot& slot = slots_[at & mask_];
      const auto ahead = static_cast<std::int64_t>(slot.turn.load(std::memory_order_seq_cst) - (at + offset));
      if (ahead < 0) return nullptr;
      if (ahead > 0) {
        at = counter.load(std::memory_order_relaxed);
      } else if (counter.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        return &slot;
      }
    }
  }

  // The store of the turn before this load, and the waiter's announcement before its last look, are all sequentially
  // consistent: either the waker sees the waiter, or the waiter sees the new turn.
  static void wake(Event& event, int count) noexcept {
    if (event.waiters.load(std::memory_order_seq_cst) == 0) return;
    event.signal.fetch_add(1, std::memory_order_seq_cst);
    futex_wake(event.signal, count);
  }

  template <class Attempt>
  static void wait_until(Event& event, std::optional<std::chrono::nanoseconds> timeout, Attempt&& attempt) {
    for (int spin = 0; spin < spins; ++spin) {
      if (attempt()) return;
#if defined(__x86_64__) || defined(__i386__)
      __builtin_ia32_pause();
#endif
    }
    for (bool in_time = true; in_time;) {
      const std::uint32_t seen = event.signal.load(std::memory_order_seq_cst);
      event.waiters.fetch_add(1, std::memory_order_seq_cst);
      const Leave leave{event.waiters};
      if (attempt()) return;
      in_time = futex_wait(event.signal, seen, timeout);
    }
    attempt();
  }

  struct Leave {
    std::atomic<std::uint32_t>& waiters;
    ~Leave() { waiters.fetch_sub(1, std::memory_order_seq_cst); }
  };

  SharedArray<Control> control_;
  SharedArray<Slot> slots_;
  std::size_t mask_;
};

}  // namespace makespan
