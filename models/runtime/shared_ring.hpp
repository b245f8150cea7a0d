// SPDX-License-Identifier: Apache-2.0
// A bounded queue of byte slots in shared memory, between any number of producers and consumers in any number of processes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "models/runtime/futex.hpp"
#include "models/runtime/presence.hpp"
#include "models/runtime/queue_closed.hpp"
#include "models/runtime/shared_memory.hpp"
#include "models/runtime/spin.hpp"

namespace makespan {

/// Whether a pop brought a value, found the queue closed and drained, or ran out of time.
enum class PopStatus : std::uint8_t { value, closed, timeout };

/// First in, first out, per producer. Whoever puts fills the slot in place, whoever takes reads it in place. Waits spin for a limited time,
/// as long as that pays (see Spin), and then sleep on a futex; nobody sleeping costs a waker no system call.
/// The ring is D. Vyukov's bounded MPMC queue (1024cores.net): a sequence number a slot tells whose turn it is.
/// A process that is killed between taking a slot and filling it blocks that slot for ever. Therefore whoever waits looks whether those who
/// are attached to the other side still live, and throws PeerDied if one does not.
class SharedRing {
 public:
  /// `slots` (rounded up to a power of two) of `slot_bytes` each, aligned to 8. To be constructed before the processes are forked. `spin`
  /// limits how long a wait may spin.
  SharedRing(std::size_t slots, std::size_t slot_bytes, std::chrono::nanoseconds spin = brief_spin);

  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }
  [[nodiscard]] std::size_t slot_bytes() const noexcept { return slot_bytes_; }

  /// While the result lives, the calling thread counts as a producer or a consumer, so that the other side notices if its process dies.
  /// Throws std::length_error above Presences::most at one side.
  [[nodiscard]] Attachment attach_producer() { return attached(control().producers.attach()); }
  [[nodiscard]] Attachment attach_consumer() { return attached(control().consumers.attach()); }
  /// The same for another process, by whoever knows it, from now on and before it has come.
  [[nodiscard]] Attachment watch_producer(pid_t process) { return attached(control().producers.watch(process)); }
  [[nodiscard]] Attachment watch_consumer(pid_t process) { return attached(control().consumers.watch(process)); }

  /// Lets `fill(std::byte*)` write a slot. False if the queue is full. Throws QueueClosed after close().
  template <class Fill>
  bool try_put(Fill&& fill) {
    std::uint64_t at = control().tail.load(std::memory_order_seq_cst);
    const Slot slot = claim(control().tail, at, 0);
    if (slot.turn == nullptr) return false;
    fill(slot.bytes);
    slot.turn->store(at + 1, std::memory_order_seq_cst);
    // A close in the midst of this: all consumers may have seen it and wait for this value, the last of all.
    wake(control().not_empty, closed() ? everybody : 1);
    return true;
  }

  /// Waits while the queue is full. Throws QueueClosed after close(), PeerDied if a consumer died.
  template <class Fill>
  void put(Fill&& fill) {
    wait_until(control().not_full, control().consumers, put_spin_, {}, [&] { return try_put(fill); });
  }

  /// Lets `read(const std::byte*)` look at the first value and takes it out. False if there is none. `read` must not throw.
  template <class Read>
  bool try_take(Read&& read) {
    std::uint64_t at = control().head.load(std::memory_order_relaxed);
    const Slot slot = claim(control().head, at, 1);
    if (slot.turn == nullptr) return false;
    read(static_cast<const std::byte*>(slot.bytes));
    slot.turn->store(at + capacity(), std::memory_order_seq_cst);
    wake(control().not_full, 1);
    return true;
  }

  /// Waits while the queue is empty and open. After close() what was put before still comes, then `closed`. Throws PeerDied if a producer
  /// died.
  template <class Read>
  PopStatus take(Read&& read, std::optional<std::chrono::nanoseconds> timeout = {}) {
    PopStatus status = PopStatus::timeout;
    wait_until(control().not_empty, control().producers, take_spin_, timeout, [&] {
      if (try_take(read)) {
        status = PopStatus::value;
      } else if (control().closing.load(std::memory_order_seq_cst)) {
        // Looked at before another attempt: a put that came before the close must not be missed, nor one that is under way,
        // which has taken its slot but not filled it.
        const std::uint64_t tail = control().tail.load(std::memory_order_seq_cst);
        if (try_take(read)) {
          status = PopStatus::value;
        } else if (tail == (control().head.load(std::memory_order_seq_cst) | closed_bit)) {
          status = PopStatus::closed;
        }
      }
      return status != PopStatus::timeout;
    });
    return status;
  }

  [[nodiscard]] bool closed() const noexcept { return (control().tail.load(std::memory_order_seq_cst) & closed_bit) != 0; }

  /// No more puts. Wakes everybody who waits.
  void close() noexcept;

 private:
  using Turn = std::atomic<std::uint64_t>;
  struct Event {
    FutexWord signal;
    std::atomic<std::uint32_t> waiters;
  };
  struct Slot {
    Turn* turn;
    std::byte* bytes;
  };
  struct Control {                                // producers' and consumers' counters on cache lines of their own
    alignas(64) std::atomic<std::uint64_t> tail;  // and whether the queue is closed: no put can slip in after a close
    alignas(64) std::atomic<std::uint64_t> head;
    alignas(64) Event not_empty;
    alignas(64) Event not_full;
    alignas(64) std::atomic<bool> closing;  // for consumers, who thus leave the tail to the producers
    Presences producers;
    Presences consumers;
  };
  static constexpr std::chrono::microseconds brief_spin{2};
  static constexpr std::chrono::milliseconds liveness_interval{100};
  static constexpr int everybody = INT32_MAX;
  static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63U;

  [[nodiscard]] Control& control() const noexcept { return *reinterpret_cast<Control*>(memory_.data()); }
  [[nodiscard]] Attachment attached(Attachment attachment);
  static void signal_everybody(Event& event) noexcept;

  [[nodiscard]] Slot slot_at(std::uint64_t position) const noexcept {
    std::byte* const slot = memory_.data() + sizeof(Control) + (position & mask_) * stride_;
    return {reinterpret_cast<Turn*>(slot), slot + sizeof(Turn)};
  }

  // Takes the slot at `counter` if its turn has come (turn == position + offset); null if the queue is full or empty.
  // Throws QueueClosed if the counter is the tail of a closed queue.
  Slot claim(std::atomic<std::uint64_t>& counter, std::uint64_t& at, std::uint64_t offset) const {
    for (;;) {
      if ((at & closed_bit) != 0) throw QueueClosed();
      const Slot slot = slot_at(at);
      const auto ahead = static_cast<std::int64_t>(slot.turn->load(std::memory_order_seq_cst) - (at + offset));
      if (ahead < 0) return {nullptr, nullptr};
      if (ahead > 0) {
        at = counter.load(std::memory_order_relaxed);
      } else if (counter.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        return slot;
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
  static void wait_until(Event& event, const Presences& others, Spin& spin, std::optional<std::chrono::nanoseconds> timeout,
                         Attempt&& attempt) {
    if (attempt() || spin.until(attempt)) return;
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
      const std::uint32_t seen = event.signal.load(std::memory_order_seq_cst);
      event.waiters.fetch_add(1, std::memory_order_seq_cst);
      const Leave leave{event.waiters};
      if (attempt()) return;
      std::optional<std::chrono::nanoseconds> nap;
      if (timeout) nap = *timeout - (std::chrono::steady_clock::now() - begin);
      if (nap && nap->count() <= 0) return;
      if (others.any() && (!nap || *nap > liveness_interval)) nap = liveness_interval;
      if (!futex_wait(event.signal, seen, nap)) {
        if (attempt()) return;
        others.require_alive();
      }
    }
  }

  struct Leave {
    std::atomic<std::uint32_t>& waiters;
    ~Leave() { waiters.fetch_sub(1, std::memory_order_seq_cst); }
  };

  std::size_t mask_;
  std::size_t slot_bytes_;
  std::size_t stride_;
  SharedMemory memory_;  // the control block, then the slots
  Spin put_spin_, take_spin_;
};

}  // namespace makespan
