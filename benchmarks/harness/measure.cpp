// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/measure.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "benchmarks/harness/cell.hpp"
#include "benchmarks/harness/limits.hpp"
#include "benchmarks/harness/record_statistics.hpp"
#include "benchmarks/harness/usage.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

using std::chrono::nanoseconds;

enum class Phase : std::uint8_t { preparing, setup, run, teardown };

// What the cell tells; lies in shared memory.
struct CellReport {
  std::atomic<Phase> phase;
  std::int64_t submitted_ns;
  nanoseconds setup, makespan, teardown;
  Usage usage;
  nanoseconds steal;
  std::uint64_t peak_rss_bytes;
};

void run_phases(const Case& point, Batch& batch, CellReport& report) {
  batch.populate();
  report.phase = Phase::setup;
  const std::int64_t setup_begin = steady_now_ns();
  std::unique_ptr<Model> model = point.model->make(point.shape);
  report.setup = nanoseconds(steady_now_ns() - setup_begin);

  report.phase = Phase::run;
  const nanoseconds steal_before = stolen_time();
  const Usage before = group_usage();
  report.submitted_ns = steady_now_ns();
  model->run(batch);
  report.makespan = nanoseconds(steady_now_ns() - report.submitted_ns);
  report.usage = group_usage() - before;
  report.steal = stolen_time() - steal_before;

  report.phase = Phase::teardown;
  const std::int64_t teardown_begin = steady_now_ns();
  model.reset();
  report.teardown = nanoseconds(steady_now_ns() - teardown_begin);
  report.peak_rss_bytes = peak_resident_bytes(batch.bytes());
}

// What record_statistics takes for each task: four times.
constexpr std::uint64_t statistics_bytes = 4 * sizeof(std::int64_t);

Need need_of(const Case& point, Recording recording) {
  const bool forks = point.model->unit == Unit::process;
  const std::uint64_t own_threads = point.shape.threads - (forks ? 1 : 0);  // a process brings its first one
  return {.processes = (forks ? point.shape.processes : 0) + 1,             // the cell itself
          .threads = point.shape.processes * own_threads,
          .threads_per_process = own_threads,
          .bytes = Batch::bytes_of(point.tasks, recording) + point.tasks * (point.model->bytes_per_task + statistics_bytes)};
}

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)), milliseconds);
}

Sample describe(const Case& point, const Workload& work, const Conditions& conditions) {
  Sample sample;
  sample.timestamp_utc = timestamp();
  sample.benchmark = point.workload->name;
  sample.model = point.model->name;
  sample.variant = point.variant();
  sample.tasks = point.tasks;
  sample.processes = point.shape.processes;
  sample.threads = point.shape.threads;
  if (point.workload->sleeps) sample.sleep = point.time.sleep;
  if (point.workload->computes) {
    sample.compute = point.time.compute;
    sample.compute_iterations = work.iterations;
  }
  const Bounds bound = bounds_of(point, conditions.fixed_ns_per_iteration, conditions.ns_per_iteration, conditions.cpus);
  sample.model_bound = bound.model;
  sample.machine_bound = bound.machine;
  return sample;
}

void fill_in(Sample& sample, const CellReport& report, const Batch& batch) {
  // First, as it may run out of memory: a sample is filled in whole or not at all.
  std::optional<RecordStatistics> records;
  if (batch.recording() == Recording::on && batch.tasks() > 0) records = record_statistics(batch, report.submitted_ns, report.makespan);
  sample.setup = report.setup;
  sample.makespan = report.makespan;
  sample.teardown = report.teardown;
  sample.user_cpu = report.usage.user;
  sample.system_cpu = report.usage.system;
  const auto count = [](std::int64_t value) { return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)); };
  sample.voluntary_switches = count(report.usage.voluntary_switches);
  sample.involuntary_switches = count(report.usage.involuntary_switches);
  sample.minor_faults = count(report.usage.minor_faults);
  sample.peak_rss_bytes = report.peak_rss_bytes;
  sample.steal = report.steal;
  sample.checksum = batch.checksum();
  if (!records) return;
  sample.max_in_flight = records->max_in_flight;
  sample.mean_in_flight = records->mean_in_flight;
  sample.start_latency_p50 = records->start_latency.p50;
  sample.start_latency_p99 = records->start_latency.p99;
  sample.start_latency_max = records->start_latency.max;
  if (!records->overshoot) return;
  sample.overshoot_p50 = records->overshoot->p50;
  sample.overshoot_p99 = records->overshoot->p99;
  sample.overshoot_max = records->overshoot->max;
}

// No machine can be faster than the bound of a batch that only sleeps: whatever says so has not done the work.
void require_possible(nanoseconds makespan, const Workload& work, nanoseconds model_bound) {
  if (work.iterations > 0 || makespan >= model_bound) return;
  throw VerificationError(
      fmt::format("makespan of {} ns is below its bound of {} ns: some task did not sleep", makespan.count(), model_bound.count()));
}

std::string where(const CellReport& report, const Batch& batch) {
  switch (report.phase.load()) {
    case Phase::preparing: return "before setup";
    case Phase::setup: return "in setup";
    case Phase::run: return fmt::format("in the run, {} of {} tasks done", batch.runs(), batch.tasks());
    case Phase::teardown: return "in teardown";
  }
  return "";
}

nanoseconds default_time_limit(nanoseconds model_bound) {
  constexpr nanoseconds longest = std::chrono::hours(24) * 365;  // so that the product fits
  return std::chrono::seconds(30) + 5 * std::min(model_bound, longest);
}

}  // namespace

Measurement measure(const Case& point, const Conditions& conditions, const Fault& fault) {
  Workload work = point.work(conditions.fixed_ns_per_iteration);
  work.fault = fault;
  Measurement result{.sample = describe(point, work, conditions), .batch = Batch(work, 0, conditions.recording)};
  Sample& sample = result.sample;
  if (const auto forbidden = forbidden_by(need_of(point, conditions.recording))) {
    sample.status = Status::skipped;
    sample.error = *forbidden;
    return result;
  }
  const nanoseconds limit = conditions.timeout.value_or(default_time_limit(*sample.model_bound));
  try {
    result.batch = Batch(work, point.tasks, conditions.recording);
    const SharedArray<CellReport> shared(1);
    CellReport& report = shared[0];
    const CellEnd end = run_in_cell(limit, [&] { run_phases(point, result.batch, report); });
    result.submitted_ns = report.submitted_ns;
    result.interrupted = end.status == CellEnd::Status::interrupted;
    if (end.status == CellEnd::Status::ok) {
      result.batch.verify();
      require_possible(report.makespan, work, *sample.model_bound);
      fill_in(sample, report, result.batch);
    } else {
      sample.status = end.status == CellEnd::Status::timeout ? Status::timeout : Status::error;
      sample.error = fmt::format("{} ({})", end.error, where(report, result.batch));
    }
  } catch (const std::exception& error) {
    sample.status = Status::error;
    sample.error = error.what();
  }
  return result;
}

}  // namespace makespan
