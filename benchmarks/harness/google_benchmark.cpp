// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/google_benchmark.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <memory>
#include <string_view>

#include "benchmarks/harness/interruption.hpp"

namespace makespan {
namespace {

constexpr const char* cpu_counter = "cpu_s";

double seconds(const Nanoseconds& time) { return std::chrono::duration<double>(time.value_or(std::chrono::nanoseconds{0})).count(); }

// 1.7 knows errors only; later versions know that a benchmark was skipped for a good reason.
template <class State>
void skip(State& state, const Sample& sample) {
  const std::string reason = fmt::format("{}: {}", name_of(sample.status), sample.error);
  if constexpr (requires { state.SkipWithMessage(reason); }) {
    if (sample.status == Status::skipped) return state.SkipWithMessage(reason);
  }
  state.SkipWithError(reason.c_str());
}

// Sums over the iterations of one benchmark.
struct Totals {
  double makespan = 0, cpu = 0, machine_bound = 0, overhead = 0, in_flight = 0, messages = 0;

  void add(const Sample& sample) {
    makespan += seconds(sample.makespan);
    cpu += seconds(sample.user_cpu) + seconds(sample.system_cpu);
    machine_bound += seconds(sample.machine_bound);
    overhead += seconds(sample.makespan) - seconds(sample.model_bound);
    in_flight = std::max(in_flight, static_cast<double>(sample.max_in_flight.value_or(0)));
    messages += sample.messages_per_second.value_or(0) * seconds(sample.makespan);
  }
};

// Counters of what applies: batches of tasks have bounds, messages and lines have a rate.
void set_counters(benchmark::State& state, const Sample& described, const Totals& totals) {
  using benchmark::Counter;
  state.counters["parallelism"] = totals.cpu / totals.makespan;
  if (described.machine_bound) {
    state.counters["efficiency"] = totals.machine_bound / totals.makespan;
    state.counters["in_flight"] = totals.in_flight;
    state.counters["overhead/task"] = Counter(totals.overhead / static_cast<double>(described.tasks), Counter::kAvgIterations);
  }
  if (totals.messages > 0) {
    state.SetItemsProcessed(std::llround(totals.messages));
    state.counters["time/message"] = totals.makespan / totals.messages;
    state.counters["cpu/message"] = totals.cpu / totals.messages;
  }
  state.counters[cpu_counter] = Counter(totals.cpu, Counter::kAvgIterations);
}

void run_trial(benchmark::State& state, const Trial& trial, Launch& launch, Exit& failure) {
  Totals totals;
  for ([[maybe_unused]] auto iteration : state) {
    if (interrupted()) return state.SkipWithError("interrupted");
    if (failure != Exit::ok) return state.SkipWithError("not run: a row could not be written");
    try {
      const Measurement measurement = launch.run(trial);
      const Sample& sample = measurement.sample;
      if (measurement.interrupted) return state.SkipWithError("interrupted");
      if (sample.status != Status::ok) return skip(state, sample);
      state.SetIterationTime(seconds(sample.makespan));
      totals.add(sample);
      if (sample.round_trip_p50) state.counters["round_trip_p50"] = seconds(sample.round_trip_p50);
      if (sample.round_trip_p99) state.counters["round_trip_p99"] = seconds(sample.round_trip_p99);
      if (sample.pss_bytes) state.counters["pss_bytes"] = static_cast<double>(*sample.pss_bytes);
      if (sample.kernel_bytes) state.counters["kernel_bytes"] = static_cast<double>(*sample.kernel_bytes);
    } catch (const CsvError& error) {
      fmt::print(stderr, "{}\n", error.what());
      failure = Exit::failed;
      return state.SkipWithError(error.what());
    }
  }
  set_counters(state, trial.described, totals);
}

// Puts the cell's CPU time where Google Benchmark has that of the benchmark process, and leaves the rest to another reporter.
class CellReporter final : public benchmark::BenchmarkReporter {
 public:
  explicit CellReporter(benchmark::BenchmarkReporter& inner) : inner_(inner) {}

  bool ReportContext(const Context& context) override {
    inner_.SetOutputStream(&GetOutputStream());
    inner_.SetErrorStream(&GetErrorStream());
    return inner_.ReportContext(context);
  }
  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<Run> corrected = runs;
    for (Run& run : corrected) {
      const auto found = run.counters.find(cpu_counter);
      if (found == run.counters.end()) continue;
      const bool relative = run.run_type == Run::RT_Aggregate && run.aggregate_unit == benchmark::kPercentage;
      run.cpu_accumulated_time = found->second.value * (relative ? 1.0 : static_cast<double>(run.iterations));
      run.counters.erase(found);
    }
    inner_.ReportRuns(corrected);
  }
  void Finalize() override { inner_.Finalize(); }

 private:
  benchmark::BenchmarkReporter& inner_;
};

bool has_flag(const std::vector<std::string>& flags, std::string_view name) {
  return std::any_of(flags.begin(), flags.end(), [&](const std::string& flag) { return flag.starts_with(name); });
}

// Google Benchmark ends the process on these, with an exit code that means something else with us.
bool refused(const std::string& program, const std::vector<std::string>& flags) {
  const auto refuse = [&](const std::string& flag, std::string_view allowed) {
    fmt::print(stderr, "{}: {} is not allowed: give {}\n", program, flag, allowed);
    return true;
  };
  for (const std::string& flag : flags) {
    const std::string_view value = std::string_view(flag).substr(std::min(flag.find('='), flag.size() - 1) + 1);
    const bool format = flag.starts_with("--benchmark_format=") || flag.starts_with("--benchmark_out_format=");
    if (format && value != "console" && value != "json" && value != "csv") return refuse(flag, "console, json or csv");
    const bool file = flag.starts_with("--benchmark_out=");
    if (file && !std::ofstream(std::string(value), std::ios::app)) return refuse(flag, "a file that can be written");
  }
  return false;
}

bool initialise(const std::string& program, const std::vector<std::string>& flags) {
  if (refused(program, flags)) return false;
  // Static: Google Benchmark keeps the pointer to the program's name.
  static std::vector<std::string> arguments;
  arguments = {program, "--benchmark_counters_tabular=true"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  benchmark::Initialize(&count, pointers.data());
  return !benchmark::ReportUnrecognizedArguments(count, pointers.data());
}

}  // namespace

Exit run_google_benchmark(const std::vector<Trial>& trials, const std::string& program, const std::vector<std::string>& flags,
                          const Context& context, bool quiet_stdout, Launch& launch) {
  if (!initialise(program, flags)) return Exit::usage;
  for (const auto& [key, value] : context) benchmark::AddCustomContext(key, value);
  Exit failure = Exit::ok;
  for (const Trial& trial : trials) {
    auto* registered = benchmark::RegisterBenchmark(
        trial.name.c_str(), [&launch, &failure, &trial](benchmark::State& state) { run_trial(state, trial, launch, failure); });
    registered->UseManualTime()->Unit(benchmark::kMillisecond);
    if (!has_flag(flags, "--benchmark_min_time")) registered->Iterations(1);
  }
  CellReporter display(*benchmark::CreateDefaultDisplayReporter());
  if (quiet_stdout) display.SetOutputStream(&std::cerr);
  const bool json_file = has_flag(flags, "--benchmark_out=") && !has_flag(flags, "--benchmark_out_format=csv") &&
                         !has_flag(flags, "--benchmark_out_format=console");
  benchmark::JSONReporter json;
  CellReporter file(json);
  const std::size_t matched = benchmark::RunSpecifiedBenchmarks(&display, json_file ? &file : nullptr);
  benchmark::Shutdown();
  if (interrupted()) return Exit::interrupted;
  if (matched == 0) return Exit::usage;
  if (failure != Exit::ok) return failure;
  return launch.any_failed() ? Exit::failed : Exit::ok;
}

}  // namespace makespan
