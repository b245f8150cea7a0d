// SPDX-License-Identifier: Apache-2.0
// N tasks of one workload, submitted together, and the proof that each of them ran exactly once.
#pragma once

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "models/runtime/shared_memory.hpp"
#include "models/task_run.hpp"
#include "workloads/workload.hpp"

namespace makespan {

/// A batch whose result is wrong: a task that ran twice or never, or a checksum that differs from the expected one.
class VerificationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The tasks and their results. The results lie in shared memory: any thread, and any process forked after the batch was
/// constructed, may run tasks; a process forked before sends its TaskResult back and `accept` takes it in.
class Batch {
 public:
  /// Throws std::system_error if the memory is refused.
  Batch(const Workload& workload, std::uint64_t tasks, Recording recording = Recording::on);

  /// Takes all memory of the results now, in the calling process, so that no page fault falls into a measured time.
  void populate() const noexcept;
  [[nodiscard]] std::uint64_t bytes() const noexcept;                                              ///< size of that memory
  [[nodiscard]] static std::uint64_t bytes_of(std::uint64_t tasks, Recording recording) noexcept;  ///< before it is taken

  [[nodiscard]] const Workload& workload() const noexcept { return workload_; }
  [[nodiscard]] std::uint64_t tasks() const noexcept { return tasks_; }
  [[nodiscard]] Recording recording() const noexcept { return recording_; }

  /// Runs task `task` in the calling thread until it is done. Whatever the task throws is kept and passed on by
  /// rethrow_failure(): a model need not catch anything.
  void execute(std::uint64_t task) noexcept;

  /// Takes in the result of a task that ran elsewhere. Thread-safe, lock-free.
  void accept(std::uint64_t task, const TaskResult& result) noexcept;

  /// Takes in the sum of the checksums of so many tasks at once. Only with recording off.
  void accept_all(std::uint64_t tasks, Checksum sum) noexcept;

  /// Notes that a task failed. The first failure of a batch is kept; `what` is cut after some 200 bytes.
  void fail(std::uint64_t task, std::string_view what) noexcept;

  /// The same with the exception that is being handled: to be called in a catch (...).
  void fail(std::uint64_t task) noexcept;

  /// Throws TaskError if a task failed.
  void rethrow_failure() const;

  /// Throws VerificationError unless every task ran exactly once and the sum of the checksums is the expected one.
  /// Without recording, that each ran once follows from the number of runs and the checksum, which differs by task.
  void verify() const;

  [[nodiscard]] Checksum checksum() const noexcept;
  [[nodiscard]] std::uint64_t runs() const noexcept;  ///< tasks run so far

  /// Record of one task. Only with recording on; all zero until the task has run.
  [[nodiscard]] const TaskRecord& record(std::uint64_t task) const { return slots_[task].record; }

 private:
  struct Slot {
    TaskRecord record;
    std::atomic<std::uint32_t> runs;
  };
  struct alignas(64) Shard {  // one of several counters, so that threads seldom share one
    std::atomic<std::uint64_t> runs;
    std::atomic<Checksum> checksum;
  };
  struct Failure {
    std::atomic<std::uint32_t> claimed;
    std::atomic<std::uint32_t> written;
    std::uint64_t task;
    char what[200];
  };
  static constexpr std::size_t shards = 64;

  Workload workload_;
  std::uint64_t tasks_;
  Recording recording_;
  SharedArray<Shard> shards_;
  SharedArray<Failure> failure_;
  SharedArray<Slot> slots_;
};

}  // namespace makespan
