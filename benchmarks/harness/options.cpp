// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "benchmarks/harness/flags.hpp"
#include "benchmarks/harness/machine.hpp"

namespace makespan {
namespace {

std::optional<double> parse_positive(std::string_view text) {
  const std::optional<double> number = parse_decimal(text);
  return number && *number > 0 ? number : std::nullopt;
}

void add_output(CLI::App& app, Options& options) {
  const std::string file = "the name of a file, or - for standard output";
  add_value(app, "--csv", options.csv, parse_name, file, "append one row a batch to this file (- is standard output)").type_name("FILE");
  add_value(app, "--trace", options.trace, parse_name, file, "append start and end of every task to this file (- is standard output)")
      .type_name("FILE")
      .excludes(add_switch(
          app, "--no-records", [&options] { options.records = false; }, "do not record start and end of every task: for very small tasks"));
  add_value<std::optional<std::chrono::nanoseconds>>(app, "--timeout", options.timeout, parse_time_limit, std::string(duration_form),
                                                     "time limit of one batch (default: 30 s + 5 x its model bound)");
  add_value<std::optional<double>>(app, "--ns-per-iteration", options.ns_per_iteration, parse_positive, "a number above 0",
                                   "fix the iterations that a computing time stands for (default: as calibrated at start)");
  app.add_option("--run-id", options.run_id, "column run_id (default: time of the start)")->type_name("TEXT");
  const auto whole = [&](const std::string& flag, std::uint64_t& into, const std::string& help) {
    add_value(app, flag, into, count_between(1, UINT64_MAX), "a whole number from 1", help);
  };
  whole("--launch", options.launch, "column launch (default: 1)");
  whole("--round", options.round, "column round (default: 1)");
  whole("--sequence", options.sequence, "column sequence of the first row (default: 1)");
  const auto parent = [&options](const std::string& text) {
    options.die_with_parent = parse_count(text);
    if (!options.die_with_parent) refuse("--die-with-parent", text, "no value, or the process id of the parent");
  };
  app.add_option_function<std::string>(
         "--die-with-parent", parent,
         "end at once when the process that started this one ends; with its id, also if that was before this one began")
      ->expected(0, 1)
      ->default_str("0")
      ->type_name("[PID]");
}

void add_scheduling(CLI::App& app, Scheduling& scheduling) {
  using std::chrono::nanoseconds;
  const auto slack = [](std::string_view text) -> std::optional<nanoseconds> {
    const std::optional<nanoseconds> time = parse_time_limit(text);
    return time && *time <= longest_timer_slack ? time : std::nullopt;
  };
  add_value<std::optional<nanoseconds>>(
      app, "--timer-slack", scheduling.timer_slack, slack,
      fmt::format("{}, from 1ns to {}", duration_form, format_duration(longest_timer_slack)),
      "how late the kernel may let a sleep end, to join it with others (default: as this process was started with)");
  const CpuSet allowed = allowed_cpus();
  const auto usable = [allowed](std::string_view text) {
    const std::optional<CpuSet> cpus = parse_cpus(text);
    return cpus && std::includes(allowed.begin(), allowed.end(), cpus->begin(), cpus->end()) ? cpus : std::nullopt;
  };
  add_value<CpuSet>(app, "--pin", scheduling.pin, usable,
                    fmt::format("CPUs that may be used here, out of {}, as 0,1 or 0-1", format_cpus(allowed)),
                    "run everything on these CPUs, the calibration too; the bounds are those of as many CPUs (default: all usable)");
}

void add_actions(CLI::App& app, Options& options) {
  const auto list = [&options](const std::string& form) {
    if (form != "table" && form != "json") refuse("--list", form, "--list or --list=json");
    options.action = form == "json" ? Action::list_json : Action::list;
  };
  app.add_flag_function(
      "--list-models", [&options](std::int64_t) { options.action = Action::list_models; }, "list the models and stop");
  app.add_option_function<std::string>("--list", list, "list the cases of the grid and stop; --list=json for programs")
      ->expected(0, 1)
      ->default_str("table")
      ->type_name("");
  app.add_flag_function(
      "--env", [&options](std::int64_t) { options.action = Action::environment; }, "print machine, build and calibration as JSON and stop");
}

bool is_google_benchmarks(const std::string& argument) { return argument.starts_with("--benchmark_") || argument.starts_with("--v="); }

}  // namespace

Parsed parse_options(const std::vector<std::string>& arguments, Benchmark& benchmark) {
  Options options;
  const std::string name = fmt::format("bench_{}", benchmark.name());
  CLI::App app(std::string(benchmark.summary()), name);
  app.footer(
      "Every --benchmark_* flag of Google Benchmark works as well, --benchmark_filter and --benchmark_out among them.\n"
      "Exit codes: 0 fine, 2 wrong usage, 3 some batch failed, 130 interrupted.");
  benchmark.add_flags(app);
  add_output(app, options);
  add_scheduling(app, options.scheduling);
  add_actions(app, options);

  std::vector<std::string> ours;
  for (const std::string& argument : arguments) {
    (is_google_benchmarks(argument) ? options.for_google_benchmark : ours).push_back(argument);
    if (is_google_benchmarks(argument) || !argument.starts_with("--") || argument.find('=') != argument.size() - 1) continue;
    // An empty value: CLI11 would take the next argument for it.
    ours.back().pop_back();
    ours.emplace_back();
  }
  std::reverse(ours.begin(), ours.end());  // CLI11 takes them from the back
  try {
    app.parse(ours);
    if (options.csv == "-" && options.trace == "-") refuse("--trace", "-", "a file: standard output is taken by --csv");
    if (!benchmark.records() && !options.trace.empty()) {
      throw CLI::ValidationError("--trace",
                                 "is not allowed with a sweep that records no tasks: name one of its cases by its lists instead");
    }
    options.records = options.records && benchmark.records();
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return {std::nullopt, Exit::ok};
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "{}: {}\n{} --help lists the flags and their values.\n", name, error.what(), name);
    return {std::nullopt, Exit::usage};
  }
  return {options, Exit::ok};
}

}  // namespace makespan
