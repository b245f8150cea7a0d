// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/suite.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iterator>

#include "benchmarks/harness/environment.hpp"
#include "benchmarks/harness/google_benchmark.hpp"
#include "benchmarks/harness/interruption.hpp"
#include "benchmarks/harness/listing.hpp"
#include "benchmarks/harness/machine.hpp"

namespace makespan {
namespace {

void print_environment(const Calibration& calibration) {
  nlohmann::json environment = makespan::environment();
  environment["calibration"] = {{"ns_per_iteration", calibration.ns_per_iteration},
                                {"uncertainty", calibration.uncertainty},
                                {"recording_ns_per_task", calibration.recording_ns_per_task}};
  fmt::print("{}\n", environment.dump(2));
}

Context context_of(const Options& options, const Calibration& calibration, const Cpus& cpus) {
  return {{"cpus_usable", fmt::format("{:g} ({})", cpus.count, cpus.why)},
          {"ns_per_iteration", fmt::format("{:.4f}, uncertain by {:.1f} %", calibration.ns_per_iteration, 100 * calibration.uncertainty)},
          {"recording_ns_per_task",
           options.records ? fmt::format("{:.0f} (--no-records saves it)", calibration.recording_ns_per_task) : "0 (off)"},
          {"git_sha", std::string(git_sha())}};
}

Exit measure_cases(const Options& options, const WorkloadInfo& workload, const std::vector<Case>& cases, const Calibration& calibration,
                   const Cpus& cpus) {
  std::vector<Case> to_run;
  std::copy_if(cases.begin(), cases.end(), std::back_inserter(to_run), [](const Case& point) { return point.left_out.empty(); });
  if (to_run.size() < cases.size()) {
    fmt::print(stderr, "{} of {} cases are left out as too long (--list shows them; --max-bound= sets the limit)\n",
               cases.size() - to_run.size(), cases.size());
  }
  catch_interruptions();
  Launch launch(options, calibration, cpus.count);
  return run_google_benchmark(to_run, fmt::format("bench_{}", workload.name), options.for_google_benchmark,
                              context_of(options, calibration, cpus), options.csv == "-" || options.trace == "-", launch);
}

Exit run(const Options& options, const WorkloadInfo& workload) {
  if (options.action == Action::list_models) {
    fmt::print("{}", list_models());
    return Exit::ok;
  }
  const Calibration calibration = calibrate(*workload.kernel);
  if (options.action == Action::environment) {
    print_environment(calibration);
    return Exit::ok;
  }
  const Cpus cpus = usable_cpus();
  const double ns_per_iteration = options.ns_per_iteration.value_or(calibration.ns_per_iteration);
  const std::vector<Case> cases = expand(options.grid, workload, ns_per_iteration, cpus.count);
  if (cases.empty()) {
    fmt::print(stderr, "bench_{}: no model has what --models and --variant ask for together; --list-models shows them\n", workload.name);
    return Exit::usage;
  }
  switch (options.action) {
    case Action::list: fmt::print("{}", list_cases(cases, ns_per_iteration, cpus.count)); return Exit::ok;
    case Action::list_json: fmt::print("{}", list_cases_as_json(cases, workload, ns_per_iteration, cpus.count)); return Exit::ok;
    default: return measure_cases(options, workload, cases, calibration, cpus);
  }
}

// Returns false if the parent is gone already.
bool die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

}  // namespace

int suite_main(int argc, char** argv, const WorkloadInfo& workload) {
  const pid_t parent = getppid();
  const Parsed parsed = parse_options({argv + 1, argv + argc}, workload);
  if (!parsed.options) return static_cast<int>(parsed.exit);
  if (const auto named = parsed.options->die_with_parent; named && !die_with(*named == 0 ? parent : static_cast<pid_t>(*named))) {
    return static_cast<int>(Exit::interrupted);
  }
  try {
    return static_cast<int>(run(*parsed.options, workload));
  } catch (const CsvError& error) {
    fmt::print(stderr, "bench_{}: {}\n", workload.name, error.what());
    return static_cast<int>(Exit::usage);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_{}: {}\n", workload.name, error.what());
    return static_cast<int>(Exit::failed);
  }
}

}  // namespace makespan
