// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/launch.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "benchmarks/harness/environment.hpp"
#include "benchmarks/harness/utc_time.hpp"

namespace makespan {
namespace {

constexpr std::array<std::string_view, 17> trace_columns{"run_id",    "sequence", "benchmark", "model",      "variant",     "tasks",
                                                         "processes", "threads",  "sleep_ns",  "compute_ns", "task",        "start_ns",
                                                         "end_ns",    "process",  "thread",    "cpu",        "overshoot_ns"};

}  // namespace

Launch::Launch(const Options& options, const Conditions& conditions)
    : options_(options), conditions_(conditions), sequence_(options.sequence) {
  conditions_.tracing = !options.trace.empty();
  if (options_.run_id.empty()) options_.run_id = utc_time_as_name();
  if (!options.csv.empty()) csv_.emplace(options.csv, sample_columns());
  if (!options.trace.empty()) trace_.emplace(options.trace, trace_columns);
}

Measurement Launch::run(const Trial& trial) {
  Measurement measurement = trial.measure(conditions_);
  if (measurement.interrupted) return measurement;
  Sample& sample = measurement.sample;
  sample.variant = trial.described.variant;  // also says how the launch is scheduled
  sample.run_id = options_.run_id;
  sample.git_sha = git_sha();
  sample.launch = options_.launch;
  sample.round = options_.round;
  sample.sequence = sequence_++;
  any_failed_ = any_failed_ || sample.status == Status::error || sample.status == Status::timeout;
  if (trace_ && sample.status == Status::ok) write_trace(measurement);
  if (csv_) csv_->append(sample_fields(sample));
  return measurement;
}

void Launch::write_trace(const Measurement& measurement) {
  const Sample& sample = measurement.sample;
  const auto number = [](auto value) { return fmt::format("{}", value); };
  const auto size = [&](const Nanoseconds& value) { return value ? number(value->count()) : std::string(); };
  const bool sleeps = sample.overshoot_max.has_value();
  std::string lines;
  for (std::size_t task = 0; task < measurement.records.size(); ++task) {
    const TaskRecord& record = measurement.records[task];
    const std::array<std::string, trace_columns.size()> fields{sample.run_id,
                                                               number(sample.sequence),
                                                               sample.benchmark,
                                                               sample.model,
                                                               sample.variant,
                                                               number(sample.tasks),
                                                               number(sample.processes),
                                                               number(sample.threads),
                                                               size(sample.sleep),
                                                               size(sample.compute),
                                                               number(task),
                                                               number(record.start_ns - measurement.submitted_ns),
                                                               number(record.end_ns - measurement.submitted_ns),
                                                               number(record.process),
                                                               number(record.thread),
                                                               number(record.cpu),
                                                               sleeps ? number(record.overshoot_ns) : std::string()};
    lines += CsvFile::line(fields);
  }
  trace_->append_lines(lines);
}

}  // namespace makespan
