// SPDX-License-Identifier: Apache-2.0
// Start and finish of several tasks, in whatever threads and processes they are.
#pragma once

#include <chrono>
#include <cstdint>

#include "models/runtime/futex.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {

/// Many come to the gate and wait; one sees that all are there, lets them through, and sees that all are done. For threads of any processes
/// forked after its construction. Used once.
/// If there is a CPU for each, they wait awake (for a while), and the one who waits for them gives the scheduler a moment to put each on a
/// CPU of its own: those who are woken together are often put on the same one, and stay there for longer than many a measurement takes.
class Gate {
 public:
  explicit Gate(std::uint64_t tasks);

  // For each task: I am here, and go on when the gate opens; I am done.
  void arrive_and_wait() const noexcept;
  void done() const noexcept;

  // For the one. The waits end early, with false, after `patience`: time to look whether all still live.
  [[nodiscard]] bool wait_for_arrivals(std::chrono::nanoseconds patience) const noexcept;
  void open() const noexcept;
  [[nodiscard]] bool wait_for_all_done(std::chrono::nanoseconds patience) const noexcept;

 private:
  struct Words {
    FutexWord arrived, open, done;
  };
  void count_up(FutexWord& word) const noexcept;
  [[nodiscard]] bool wait_for_all(FutexWord& word, std::chrono::nanoseconds patience) const noexcept;

  std::uint32_t tasks_;
  bool awake_;
  SharedArray<Words> words_;
};

}  // namespace makespan
