// SPDX-License-Identifier: Apache-2.0
// One measured batch: what one row of samples.csv says.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace makespan {

/// `ok`: verified, its times count. `skipped`: not started, a limit forbids it. `timeout`, `error`: see the reason.
enum class Status : std::uint8_t { ok, skipped, timeout, error };
[[nodiscard]] std::string_view name_of(Status status);

using Count = std::optional<std::uint64_t>;  ///< empty: not applicable
using Nanoseconds = std::optional<std::chrono::nanoseconds>;

/// Names and meanings are those of the columns: reports/README.md. Sizes are in the unit of the name.
struct Sample {
  std::string run_id, git_sha;
  std::uint64_t launch = 1, round = 1, sequence = 1;
  std::string timestamp_utc, benchmark, model;
  std::uint64_t tasks = 0, processes = 1, threads = 1;
  Nanoseconds sleep, compute;
  Count compute_iterations, payload_bytes, stages;
  std::string variant;
  Status status = Status::ok;
  std::string error;
  Nanoseconds setup, makespan, teardown, model_bound, machine_bound;
  Count max_in_flight;
  std::optional<double> mean_in_flight;
  Nanoseconds user_cpu, system_cpu;
  Count voluntary_switches, involuntary_switches, minor_faults;
  Nanoseconds start_latency_p50, start_latency_p99, start_latency_max;
  Nanoseconds overshoot_p50, overshoot_p99, overshoot_max;
  Count peak_rss_bytes, pss_bytes, kernel_bytes;
  std::optional<double> messages_per_second;
  Nanoseconds round_trip_p50, round_trip_p99, steal;
  Count checksum;
};

/// Column names of samples.csv, in order: the one place that fixes them.
[[nodiscard]] std::vector<std::string_view> sample_columns();
/// One field a column, unquoted; empty where not applicable. The same text in every locale.
[[nodiscard]] std::vector<std::string> sample_fields(const Sample& sample);

}  // namespace makespan
