// SPDX-License-Identifier: Apache-2.0
// Waiting without sleeping, for as long as it pays.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace makespan {

inline void relax_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

/// CPUs in the affinity mask of the caller, 1 at least.
[[nodiscard]] unsigned cpus_by_affinity() noexcept;

/// Whether more than one CPU may be used by this process: with one, whoever spins keeps those it waits for from running.
[[nodiscard]] bool spinning_can_help() noexcept;

/// How long one kind of wait may spin before it sleeps. It learns: a wait that ends while it spins doubles the time allowed, up to the
/// limit; one that did not quarters it, down to nothing; now and then a wait tries the whole limit again. So two processes on two CPUs that
/// answer each other quickly never sleep, and whoever has long to wait burns nothing. May be used from several threads.
class Spin {
 public:
  explicit Spin(std::chrono::nanoseconds limit) noexcept
      : limit_(spinning_can_help() ? static_cast<std::uint32_t>(limit.count()) : 0), allowed_(limit_) {}

  /// Repeats `attempt` until it returns true or the time is over; whether it did.
  template <class Attempt>
  bool until(Attempt&& attempt) {
    if (limit_ == 0) return false;
    std::uint32_t allowed = allowed_.load(std::memory_order_relaxed);
    if (allowed < least) {
      if (waits_.fetch_add(1, std::memory_order_relaxed) % retry_every != 0) return false;
      allowed = limit_;
    }
    const auto begin = std::chrono::steady_clock::now();
    int pauses = 1;
    do {
      for (int turn = 0; turn < attempts_between_looks_at_the_clock; ++turn) {
        for (int pause = 0; pause < pauses; ++pause) relax_cpu();
        pauses = std::min(2 * pauses, most_pauses);
        if (!attempt()) continue;
        allowed_.store(std::min(limit_, 2 * std::max(allowed, least)), std::memory_order_relaxed);
        return true;
      }
    } while (std::chrono::steady_clock::now() - begin < std::chrono::nanoseconds(allowed));
    allowed_.store(allowed / 4, std::memory_order_relaxed);
    return false;
  }

 private:
  static constexpr std::uint32_t least = 500;  // ns: below this it is not worth the while
  static constexpr std::uint32_t retry_every = 128;
  static constexpr int attempts_between_looks_at_the_clock = 8;
  static constexpr int most_pauses = 8;  // each attempt takes the memory that it looks at from whoever is about to write there

  std::uint32_t limit_;  // ns
  std::atomic<std::uint32_t> allowed_;
  std::atomic<std::uint32_t> waits_{1};
};

}  // namespace makespan
