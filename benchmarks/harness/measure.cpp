// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/measure.hpp"

#include <fmt/format.h>

#include "benchmarks/harness/record_statistics.hpp"
#include "models/batch.hpp"

namespace makespan {
namespace {

using std::chrono::nanoseconds;

// What record_statistics takes for each task that was recorded: four times.
constexpr std::uint64_t statistics_bytes = 4 * sizeof(std::int64_t);

void fill_in(Sample& sample, const RecordStatistics& records) {
  sample.max_in_flight = records.max_in_flight;
  sample.mean_in_flight = records.mean_in_flight;
  sample.start_latency_p50 = records.start_latency.p50;
  sample.start_latency_p99 = records.start_latency.p99;
  sample.start_latency_max = records.start_latency.max;
  if (!records.overshoot) return;
  sample.overshoot_p50 = records.overshoot->p50;
  sample.overshoot_p99 = records.overshoot->p99;
  sample.overshoot_max = records.overshoot->max;
}

// No machine can be faster than the bound of a batch that only sleeps: whatever says so has not done the work.
void require_possible(nanoseconds makespan, const Workload& work, nanoseconds model_bound) {
  if (work.iterations > 0 || makespan >= model_bound) return;
  throw VerificationError(
      fmt::format("makespan of {} ns is below its bound of {} ns: some task did not sleep", makespan.count(), model_bound.count()));
}

class TaskExperiment final : public Experiment {
 public:
  TaskExperiment(const Case& point, const Workload& work, const Conditions& conditions)
      : point_(point), conditions_(conditions), batch_(work, 0, conditions.recording) {}

  void prepare() override { batch_ = Batch(batch_.workload(), point_.tasks, conditions_.recording); }

  void run(PhaseReport& report) override {
    batch_.populate();
    run_phases(
        report, batch_.bytes(), [this] { return point_.model->make(point_.shape); }, [this](Model& model) { model.run(batch_); });
  }

  void finish(Measurement& measurement, const PhaseReport& report) override {
    batch_.verify();
    require_possible(report.makespan, batch_.workload(), measurement.sample.model_bound.value_or(nanoseconds{0}));
    measurement.sample.checksum = batch_.checksum();
    if (batch_.recording() == Recording::off || batch_.tasks() == 0) return;
    fill_in(measurement.sample, record_statistics(batch_, report.submitted_ns, report.makespan));
    if (!conditions_.tracing) return;
    measurement.records.reserve(batch_.tasks());
    for (std::uint64_t task = 0; task < batch_.tasks(); ++task) measurement.records.push_back(batch_.record(task));
  }

  std::string progress() const override { return fmt::format("{} of {} tasks done", batch_.runs(), batch_.tasks()); }

 private:
  const Case& point_;
  const Conditions& conditions_;
  Batch batch_;
};

}  // namespace

Sample describe(const Case& point, const Conditions& conditions) {
  Sample sample;
  sample.benchmark = point.workload->name;
  sample.model = point.model->name;
  sample.variant = point.variant();
  sample.tasks = point.tasks;
  sample.processes = point.shape.processes;
  sample.threads = point.shape.threads;
  if (point.workload->sleeps) sample.sleep = point.time.sleep;
  if (point.workload->computes) {
    sample.compute = point.time.compute;
    sample.compute_iterations = point.work(conditions.fixed_ns_per_iteration).iterations;
  }
  const Bounds bound = bounds_of(point, conditions.fixed_ns_per_iteration, conditions.ns_per_iteration, conditions.cpus);
  sample.model_bound = bound.model;
  sample.machine_bound = bound.machine;
  return sample;
}

Need need_of(const Case& point, Recording recording, std::optional<std::uint64_t> stack_bytes) {
  const bool forks = point.model->unit == Unit::process;
  const std::uint64_t per_task = point.model->bytes_per_task + (recording == Recording::on ? statistics_bytes : 0);
  const std::uint64_t own_threads = point.shape.threads - (forks ? 1 : 0);  // a process brings its first one
  return {.processes = (forks ? point.shape.processes : 0) + 1,             // the cell itself
          .threads = point.shape.processes * own_threads,
          .threads_per_process = own_threads,
          .stack_bytes = stack_bytes,
          .bytes = Batch::bytes_of(point.tasks, recording) + point.tasks * per_task};
}

Measurement measure(const Case& point, const Conditions& conditions, const Fault& fault) {
  Workload work = point.work(conditions.fixed_ns_per_iteration);
  work.fault = fault;
  TaskExperiment experiment(point, work, conditions);
  return measure(describe(point, conditions), need_of(point, conditions.recording), conditions.timeout, experiment);
}

}  // namespace makespan
