// SPDX-License-Identifier: Apache-2.0
#include "models/batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "models/runtime/identity.hpp"

namespace makespan {

Batch::Batch(const Workload& workload, std::uint64_t tasks, Recording recording)
    : workload_(workload),
      tasks_(tasks),
      recording_(recording),
      shards_(shards),
      failure_(1),
      slots_(recording == Recording::on ? tasks : 0) {}

void Batch::populate() const noexcept {
  shards_.populate();
  failure_.populate();
  slots_.populate();
}

std::uint64_t Batch::bytes() const noexcept { return bytes_of(tasks_, recording_); }

std::uint64_t Batch::bytes_of(std::uint64_t tasks, Recording recording) noexcept {
  return shards * sizeof(Shard) + sizeof(Failure) + (recording == Recording::on ? tasks * sizeof(Slot) : 0);
}

void Batch::execute(std::uint64_t task) noexcept {
  try {
    accept(task, run_blocking(workload_, task, recording_));
  } catch (...) {
    fail(task);
  }
}

void Batch::accept(std::uint64_t task, const TaskResult& result) noexcept {
  if (recording_ == Recording::on) {
    slots_[task].record = result.record;
    slots_[task].runs.fetch_add(1, std::memory_order_relaxed);
  }
  accept_all(1, result.checksum);
}

void Batch::accept_all(std::uint64_t tasks, Checksum sum) noexcept {
  Shard& shard = shards_[static_cast<std::size_t>(identity().thread) % shards];
  shard.checksum.fetch_add(sum, std::memory_order_relaxed);
  shard.runs.fetch_add(tasks, std::memory_order_release);
}

void Batch::fail(std::uint64_t task, std::string_view what) noexcept {
  Failure& failure = failure_[0];
  if (failure.claimed.exchange(1, std::memory_order_acq_rel) != 0) return;
  failure.task = task;
  const std::size_t length = std::min(what.size(), sizeof(failure.what) - 1);
  std::copy_n(what.data(), length, failure.what);
  failure.what[length] = '\0';
  failure.written.store(1, std::memory_order_release);
}

void Batch::fail(std::uint64_t task) noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    fail(task, error.what());
  } catch (...) {
    fail(task, "unknown exception");
  }
}

void Batch::rethrow_failure() const {
  const Failure& failure = failure_[0];
  if (failure.written.load(std::memory_order_acquire) != 0) throw TaskError(failure.task, failure.what);
}

Checksum Batch::checksum() const noexcept {
  Checksum sum = 0;
  for (const Shard& shard : shards_) sum += shard.checksum.load(std::memory_order_acquire);
  return sum;
}

std::uint64_t Batch::runs() const noexcept {
  std::uint64_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.runs.load(std::memory_order_acquire);
  return sum;
}

void Batch::verify() const {
  for (std::uint64_t task = 0; task < slots_.size(); ++task) {
    const std::uint32_t count = slots_[task].runs.load(std::memory_order_acquire);
    if (count != 1) throw VerificationError(fmt::format("task {} of {} ran {} times instead of once", task, tasks_, count));
  }
  if (runs() != tasks_) throw VerificationError(fmt::format("{} tasks ran instead of {}", runs(), tasks_));
  const Checksum right = expected(workload_, tasks_);
  if (checksum() != right) throw VerificationError(fmt::format("checksum {:016x} instead of {:016x}", checksum(), right));
}

}  // namespace makespan
