// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "benchmarks/harness/unavailable.hpp"
#include "benchmarks/harness/utc_time.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

using std::chrono::nanoseconds;

nanoseconds default_time_limit(nanoseconds model_bound) {
  constexpr nanoseconds longest = std::chrono::hours(24) * 365;  // so that the product fits
  return std::chrono::seconds(30) + 5 * std::min(model_bound, longest);
}

void fill_in(Sample& sample, const PhaseReport& report) {
  const auto count = [](std::int64_t value) { return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)); };
  sample.setup = report.setup;
  sample.makespan = report.makespan;
  sample.teardown = report.teardown;
  sample.user_cpu = report.usage.user;
  sample.system_cpu = report.usage.system;
  sample.voluntary_switches = count(report.usage.voluntary_switches);
  sample.involuntary_switches = count(report.usage.involuntary_switches);
  sample.minor_faults = count(report.usage.minor_faults);
  sample.peak_rss_bytes = report.peak_rss_bytes;
  sample.steal = report.steal;
}

std::string where(const PhaseReport& report, const Experiment& experiment) {
  switch (report.phase.load()) {
    case Phase::preparing: return "before setup";
    case Phase::setup: return "in setup";
    case Phase::run: return "in the run, " + experiment.progress();
    case Phase::teardown: return "in teardown";
  }
  return "";
}

void run_and_tell(PhaseReport& report, Experiment& experiment) {
  try {
    experiment.run(report);
  } catch (const Unavailable&) {
    report.unavailable = true;
    throw;
  }
}

void run_to_its_end(Measurement& result, nanoseconds limit, Experiment& experiment) {
  experiment.prepare();
  const SharedArray<PhaseReport> shared(1);
  PhaseReport& report = shared[0];
  const CellEnd end = run_in_cell(
      limit, [&] { run_and_tell(report, experiment); }, experiment.watch());
  result.submitted_ns = report.submitted_ns;
  result.interrupted = end.status == CellEnd::Status::interrupted;
  if (end.status == CellEnd::Status::ok) {
    // A sample is filled in whole or not at all: what is particular may still throw.
    Measurement whole = result;
    experiment.finish(whole, report);
    fill_in(whole.sample, report);
    result = std::move(whole);
  } else if (end.status == CellEnd::Status::error && report.unavailable) {
    result.sample.status = Status::skipped;
    result.sample.error = end.error;
  } else {
    result.sample.status = end.status == CellEnd::Status::timeout ? Status::timeout : Status::error;
    result.sample.error = fmt::format("{} ({})", end.error, where(report, experiment));
  }
}

}  // namespace

Measurement measure(Sample described, const Need& need, std::optional<nanoseconds> timeout, Experiment& experiment) {
  Measurement result{.sample = std::move(described)};
  result.sample.timestamp_utc = utc_timestamp();
  if (const auto forbidden = forbidden_by(need)) {
    result.sample.status = Status::skipped;
    result.sample.error = *forbidden;
    return result;
  }
  try {
    run_to_its_end(result,
                   timeout.value_or(default_time_limit(result.sample.model_bound.value_or(nanoseconds{0})) + experiment.allowance()),
                   experiment);
  } catch (const std::exception& error) {
    result.sample.status = Status::error;
    result.sample.error = error.what();
  }
  return result;
}

}  // namespace makespan
