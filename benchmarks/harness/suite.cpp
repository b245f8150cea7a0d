// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/suite.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iterator>
#include <optional>

#include "benchmarks/harness/calibration.hpp"
#include "benchmarks/harness/environment.hpp"
#include "benchmarks/harness/google_benchmark.hpp"
#include "benchmarks/harness/interruption.hpp"
#include "benchmarks/harness/launch.hpp"
#include "benchmarks/harness/layout.hpp"
#include "benchmarks/harness/listing.hpp"
#include "benchmarks/harness/machine.hpp"
#include "benchmarks/harness/scheduling.hpp"
#include "models/runtime/process.hpp"

namespace makespan {
namespace {

// To standard output, which may be a full disk.
Exit print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) != EOF && std::fflush(stdout) == 0) return Exit::ok;
  fmt::print(stderr, "standard output cannot be written\n");
  return Exit::failed;
}

void print_environment(const Benchmark& benchmark) {
  const Calibration calibration = calibrate(benchmark.kernel() != nullptr ? *benchmark.kernel() : lcg_kernel);
  nlohmann::json environment = makespan::environment();
  environment["calibration"] = {{"ns_per_iteration", calibration.ns_per_iteration},
                                {"uncertainty", calibration.uncertainty},
                                {"recording_ns_per_task", calibration.recording_ns_per_task}};
  environment["injected"] = nlohmann::json::object();
  for (const auto& [what, size] : benchmark.injected()) environment["injected"][what] = size;
  fmt::print("{}\n", environment.dump(2));
}

Context context_of(const Options& options, const Benchmark& benchmark, const std::optional<Calibration>& calibration, const Cpus& cpus) {
  Context context{{"cpus_usable", fmt::format("{:g} ({})", cpus.count, cpus.why)}};
  if (calibration) {
    context.emplace_back("ns_per_iteration",
                         fmt::format("{:.4f}, uncertain by {:.1f} %", calibration->ns_per_iteration, 100 * calibration->uncertainty));
    context.emplace_back("recording_ns_per_task",
                         options.records ? fmt::format("{:.0f} (--no-records saves it)", calibration->recording_ns_per_task) : "0 (off)");
  }
  for (const auto& [what, size] : benchmark.injected()) context.emplace_back("slow_" + what, size);
  if (const std::string tags = options.scheduling.tags(); !tags.empty()) context.emplace_back("scheduling", tags);
  context.emplace_back("git_sha", std::string(git_sha()));
  return context;
}

Conditions conditions_of(const Options& options, const std::optional<Calibration>& calibration, double cpus) {
  const double ns_per_iteration = calibration ? calibration->ns_per_iteration : 1.0;
  return {.cpus = cpus,
          .ns_per_iteration = ns_per_iteration,
          .fixed_ns_per_iteration = options.ns_per_iteration.value_or(ns_per_iteration),
          .recording = options.records ? Recording::on : Recording::off,
          .timeout = options.timeout};
}

Exit measure_trials(const Options& options, const Benchmark& benchmark, const std::vector<Trial>& trials, const Conditions& conditions,
                    const Context& context) {
  std::vector<Trial> to_run;
  std::copy_if(trials.begin(), trials.end(), std::back_inserter(to_run), [](const Trial& trial) { return trial.left_out.empty(); });
  if (to_run.size() < trials.size()) {
    fmt::print(stderr, "{} of {} cases are left out (--list shows them and why)\n", trials.size() - to_run.size(), trials.size());
  }
  if (to_run.empty()) {
    fmt::print(stderr, "bench_{}: nothing is left to be run: {}: {}\n", benchmark.name(), trials.front().name, trials.front().left_out);
    return Exit::usage;
  }
  catch_interruptions();
  Launch launch(options, conditions);
  return run_google_benchmark(to_run, fmt::format("bench_{}", benchmark.name()), options.for_google_benchmark, context,
                              options.csv == "-" || options.trace == "-", launch);
}

Exit run(const Options& options, const Benchmark& benchmark) {
  if (options.action == Action::list_models) return print(benchmark.list_models());
  options.scheduling.apply();  // before everything is measured or counted: the cells inherit it
  if (options.action == Action::environment) {
    print_environment(benchmark);
    return Exit::ok;
  }
  std::optional<Calibration> calibration;
  if (benchmark.kernel() != nullptr) calibration = calibrate(*benchmark.kernel());
  const Cpus cpus = usable_cpus();
  const Conditions conditions = conditions_of(options, calibration, cpus.count);
  // A list is of the whole run, whose iterations are fixed: its bounds too.
  Conditions listed = conditions;
  listed.ns_per_iteration = conditions.fixed_ns_per_iteration;
  std::vector<Trial> trials = benchmark.trials(listed);
  for (Trial& trial : trials) mark(trial, options.scheduling);
  if (trials.empty()) {
    fmt::print(stderr, "bench_{}: no model has what --models, --variant and --roles ask for together; --list-models shows them\n",
               benchmark.name());
    return Exit::usage;
  }
  switch (options.action) {
    case Action::list: return print(list_cases(trials));
    case Action::list_json: return print(list_cases_as_json(trials, benchmark.name()));
    default: return measure_trials(options, benchmark, trials, conditions, context_of(options, benchmark, calibration, cpus));
  }
}

// As many descriptors as the system allows at all: a large ring needs them, and nothing here uses select(2).
void raise_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int suite_main(int argc, char** argv, Benchmark& benchmark) {
  draw_heap_layout();
  const pid_t parent = getppid();
  const Parsed parsed = parse_options({argv + 1, argv + argc}, benchmark);
  if (!parsed.options) return static_cast<int>(parsed.exit);
  if (const auto named = parsed.options->die_with_parent; named && !die_with(*named == 0 ? parent : static_cast<pid_t>(*named))) {
    return static_cast<int>(Exit::interrupted);
  }
  raise_file_limit();
  try {
    return static_cast<int>(run(*parsed.options, benchmark));
  } catch (const CsvError& error) {
    fmt::print(stderr, "bench_{}: {}\n", benchmark.name(), error.what());
    return static_cast<int>(Exit::usage);
  } catch (const UsageError& error) {
    fmt::print(stderr, "bench_{}: {}\n", benchmark.name(), error.what());
    return static_cast<int>(Exit::usage);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_{}: {}\n", benchmark.name(), error.what());
    return static_cast<int>(Exit::failed);
  }
}

}  // namespace makespan
