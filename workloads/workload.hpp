// SPDX-License-Identifier: Apache-2.0
// WHAT is done: one batch's tasks as a value. Knows nothing of threads, processes or coroutines.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "workloads/kernel.hpp"
#include "workloads/sizes.hpp"

namespace makespan {

/// One step of a task: first wait for `sleep` (blocking or awaiting, as the model does it), then compute `iterations`.
struct Step {
  std::chrono::nanoseconds sleep{0};
  std::uint64_t iterations = 0;
  friend bool operator==(const Step&, const Step&) = default;
};

/// The steps of one task, in order. At most `capacity`, so that no task allocates.
class Steps {
 public:
  static constexpr std::size_t capacity = 4;
  Steps(std::initializer_list<Step> steps);  ///< throws std::length_error above `capacity`
  [[nodiscard]] const Step* begin() const { return steps_.data(); }
  [[nodiscard]] const Step* end() const { return steps_.data() + count_; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] const Step& operator[](std::size_t index) const { return steps_[index]; }

 private:
  std::array<Step, capacity> steps_{};
  std::size_t count_ = 0;
};

/// A task size to measure by default: time asleep and time computing.
struct TaskTime {
  std::chrono::nanoseconds sleep{0};
  std::chrono::nanoseconds compute{0};
};

/// A kind of workload, as registered. `steps` lays out one task of a given size; the sum of its steps must be that size
/// (checked by the contract tests), as the bounds count on it.
struct WorkloadInfo {
  std::string_view name;     ///< as in the CSV's column `benchmark`; the binary is bench_<name>
  std::string_view summary;  ///< one line for --help and --list
  bool sleeps;               ///< takes --sleep
  bool computes;             ///< takes --compute
  std::span<const TaskTime> default_times;
  Steps (*steps)(const Step& size);
  const Kernel* kernel = &lcg_kernel;
};

/// Every registered kind, in the order of workloads/CMakeLists.txt.
[[nodiscard]] std::span<const WorkloadInfo* const> workloads();
/// The kind of that name, or null.
[[nodiscard]] const WorkloadInfo* find_workload(std::string_view name);

/// A task that failed: its index and what it said. The only exception that a model passes on from a task, whatever the
/// task threw, because it must be able to cross from one process to another.
class TaskError : public std::runtime_error {
 public:
  TaskError(std::uint64_t task, const std::string& what);
  [[nodiscard]] std::uint64_t task() const noexcept { return task_; }

 private:
  std::uint64_t task_;
};

/// A fault to inject into one task of a batch: how the suite tests itself.
struct Fault {
  enum class Kind : std::uint8_t { none, exception, kill, hang, wrong_checksum };
  Kind kind = Kind::none;
  std::uint64_t task = 0;
  friend bool operator==(const Fault&, const Fault&) = default;
};

/// A slowdown to inject into every task of a batch: how the regression verdict is tested on a change of known size.
struct Slowdown {
  double kernel = 0;                      ///< computing that is done in vain beside a task's own, as a share of it
  std::uint64_t dispatch_iterations = 0;  ///< kernel iterations in the thread that takes a task, before the task starts
  friend bool operator==(const Slowdown&, const Slowdown&) = default;
};

/// How far a batch is whose tasks are to be seen while they wait. Lies in memory that every process of the batch has at the
/// same address, also those that were there before the batch.
struct Plateau {
  std::atomic<std::uint64_t> begun;  ///< tasks
  std::atomic<std::uint32_t> over;   ///< not 0: seen; tasks that begin from now on do not sleep, so that the batch ends soon
};

/// The workload of a batch. A value, never a closure: it survives a fork (`info` points to static data), it can be sent
/// by memory copy, compared and awaited.
struct Workload {
  const WorkloadInfo* info;
  std::chrono::nanoseconds sleep{0};  ///< mean time asleep of one task
  std::uint64_t iterations = 0;       ///< mean kernel iterations of one task
  Sizes sizes = Sizes::constant;
  std::uint64_t seed = 0;  ///< of the sizes and of the checksums
  Fault fault{};
  Slowdown slowdown{};
  Plateau* plateau = nullptr;  ///< null: nobody watches the batch

  /// Size of task `task`: total time asleep and total iterations.
  [[nodiscard]] Step size(std::uint64_t task) const;
  [[nodiscard]] Steps steps(std::uint64_t task) const {
    Step whole = size(task);
    if (plateau != nullptr && plateau->over.load(std::memory_order_relaxed) != 0) whole.sleep = std::chrono::nanoseconds{0};
    return info->steps(whole);
  }
  /// State in which the kernel of task `task` starts; different for every task.
  [[nodiscard]] Checksum start(std::uint64_t task) const { return mix_bits(mix_bits(seed) + task); }
  friend bool operator==(const Workload&, const Workload&) = default;
};

/// What any correct run of the batch returns: the sum (modulo 2^64) of the checksums of its tasks. Computed without
/// running a model, by the kernel's `predict`.
[[nodiscard]] Checksum expected(const Workload& workload, std::uint64_t tasks);

/// What a whole batch asks for: all that the bounds need to know.
struct Demand {
  double total_sleep_ns = 0;  ///< floating, as a hundred million long sleeps exceed 64 bits
  double total_iterations = 0;
  double longest_ns = 0;  ///< longest single task, computing included
  std::uint64_t tasks = 0;
  bool equal = true;  ///< every task the same size
};
[[nodiscard]] Demand demand(const Workload& workload, std::uint64_t tasks, double ns_per_iteration);

}  // namespace makespan
