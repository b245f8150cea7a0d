// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/sample.hpp"

#include <fmt/format.h>

#include <array>

namespace makespan {
namespace {

constexpr std::uint64_t schema_version = 1;

std::string text(const std::string& value) { return value; }
std::string text(std::string_view value) { return std::string(value); }
std::string text(std::uint64_t value) { return fmt::format("{}", value); }
std::string text(std::chrono::nanoseconds value) { return fmt::format("{}", value.count()); }
std::string text(double value) { return fmt::format("{:.6g}", value); }
template <class T>
std::string text(const std::optional<T>& value) {
  return value ? text(*value) : std::string();
}

struct Column {
  std::string_view name;
  std::string (*field)(const Sample&);
};

#define MAKESPAN_COLUMN(name, value)                  \
  Column {                                            \
    name, [](const Sample& s) { return text(value); } \
  }

constexpr std::array columns{
    Column{"schema_version", [](const Sample&) { return text(schema_version); }},
    MAKESPAN_COLUMN("run_id", s.run_id),
    MAKESPAN_COLUMN("git_sha", s.git_sha),
    MAKESPAN_COLUMN("launch", s.launch),
    MAKESPAN_COLUMN("round", s.round),
    MAKESPAN_COLUMN("sequence", s.sequence),
    MAKESPAN_COLUMN("timestamp_utc", s.timestamp_utc),
    MAKESPAN_COLUMN("benchmark", s.benchmark),
    MAKESPAN_COLUMN("model", s.model),
    MAKESPAN_COLUMN("tasks", s.tasks),
    MAKESPAN_COLUMN("processes", s.processes),
    MAKESPAN_COLUMN("threads", s.threads),
    MAKESPAN_COLUMN("sleep_ns", s.sleep),
    MAKESPAN_COLUMN("compute_ns", s.compute),
    MAKESPAN_COLUMN("compute_iterations", s.compute_iterations),
    MAKESPAN_COLUMN("payload_bytes", s.payload_bytes),
    MAKESPAN_COLUMN("stages", s.stages),
    MAKESPAN_COLUMN("variant", s.variant),
    MAKESPAN_COLUMN("status", name_of(s.status)),
    MAKESPAN_COLUMN("error", s.error),
    MAKESPAN_COLUMN("setup_ns", s.setup),
    MAKESPAN_COLUMN("makespan_ns", s.makespan),
    MAKESPAN_COLUMN("teardown_ns", s.teardown),
    MAKESPAN_COLUMN("model_bound_ns", s.model_bound),
    MAKESPAN_COLUMN("machine_bound_ns", s.machine_bound),
    MAKESPAN_COLUMN("max_in_flight", s.max_in_flight),
    MAKESPAN_COLUMN("mean_in_flight", s.mean_in_flight),
    MAKESPAN_COLUMN("user_cpu_ns", s.user_cpu),
    MAKESPAN_COLUMN("system_cpu_ns", s.system_cpu),
    MAKESPAN_COLUMN("voluntary_switches", s.voluntary_switches),
    MAKESPAN_COLUMN("involuntary_switches", s.involuntary_switches),
    MAKESPAN_COLUMN("minor_faults", s.minor_faults),
    MAKESPAN_COLUMN("start_latency_p50_ns", s.start_latency_p50),
    MAKESPAN_COLUMN("start_latency_p99_ns", s.start_latency_p99),
    MAKESPAN_COLUMN("start_latency_max_ns", s.start_latency_max),
    MAKESPAN_COLUMN("overshoot_p50_ns", s.overshoot_p50),
    MAKESPAN_COLUMN("overshoot_p99_ns", s.overshoot_p99),
    MAKESPAN_COLUMN("overshoot_max_ns", s.overshoot_max),
    MAKESPAN_COLUMN("peak_rss_bytes", s.peak_rss_bytes),
    MAKESPAN_COLUMN("pss_bytes", s.pss_bytes),
    MAKESPAN_COLUMN("kernel_bytes", s.kernel_bytes),
    MAKESPAN_COLUMN("messages_per_second", s.messages_per_second),
    MAKESPAN_COLUMN("round_trip_p50_ns", s.round_trip_p50),
    MAKESPAN_COLUMN("round_trip_p99_ns", s.round_trip_p99),
    MAKESPAN_COLUMN("steal_ns", s.steal),
    // Hexadecimal: 64 bits do not fit the integers of every reader.
    Column{"checksum", [](const Sample& s) { return s.checksum ? fmt::format("{:016x}", *s.checksum) : std::string(); }},
};

#undef MAKESPAN_COLUMN

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::ok: return "ok";
    case Status::skipped: return "skipped";
    case Status::timeout: return "timeout";
    case Status::error: return "error";
  }
  return "error";
}

std::vector<std::string_view> sample_columns() {
  std::vector<std::string_view> names;
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

std::vector<std::string> sample_fields(const Sample& sample) {
  std::vector<std::string> fields;
  for (const Column& column : columns) fields.push_back(column.field(sample));
  return fields;
}

}  // namespace makespan
