// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <string_view>
#include <type_traits>

#include "benchmarks/harness/quantity.hpp"

namespace makespan {
namespace {

constexpr std::uint64_t most_tasks = 100'000'000;
constexpr std::uint64_t most_workers = 1'000'000;
constexpr std::chrono::nanoseconds longest_task = std::chrono::hours(24);

template <class T>
using Parser = std::function<std::optional<T>(std::string_view)>;

[[noreturn]] void refuse(const std::string& flag, std::string_view value, std::string_view allowed) {
  throw CLI::ValidationError(flag, fmt::format("'{}' is not allowed here: give {}", value, allowed));
}

template <class T>
CLI::Option* add_value(CLI::App& app, const std::string& flag, T& into, const Parser<std::decay_t<decltype(*std::optional(into))>>& parse,
                       const std::string& allowed, const std::string& help) {
  const auto read = [flag, &into, parse, allowed](const std::string& value) {
    const auto parsed = parse(value);
    if (!parsed) refuse(flag, value, allowed);
    into = *parsed;
  };
  return app.add_option_function<std::string>(flag, read, help)->type_name("VALUE");
}

template <class T>
CLI::Option* add_list(CLI::App& app, const std::string& flag, std::vector<T>& into, const Parser<T>& parse, const std::string& allowed,
                      const std::string& help) {
  const auto read = [flag, &into, parse, allowed](const std::string& list) {
    for (const std::string_view value : split_list(list)) {
      const std::optional<T> parsed = parse(value);
      if (!parsed) refuse(flag, value, fmt::format("a list, separated by commas, of: {}", allowed));
      into.push_back(*parsed);
    }
  };
  return app.add_option_function<std::string>(flag, read, help)->type_name("LIST");
}

Parser<std::uint64_t> count_up_to(std::uint64_t most) {
  return [most](std::string_view text) {
    const std::optional<std::uint64_t> count = parse_count(text);
    return count && *count >= 1 && *count <= most ? count : std::nullopt;
  };
}

std::string count_form(std::uint64_t most) { return fmt::format("a whole number from 1 to {}", most); }

std::optional<double> parse_share(std::string_view text) {
  const std::optional<double> share = parse_decimal(text);
  return share && *share <= 1.0 ? share : std::nullopt;
}

std::optional<double> parse_positive(std::string_view text) {
  const std::optional<double> number = parse_decimal(text);
  return number && *number > 0 ? number : std::nullopt;
}

std::optional<std::chrono::nanoseconds> parse_task_time(std::string_view text) {
  const std::optional<std::chrono::nanoseconds> duration = parse_duration(text);
  return duration && *duration <= longest_task ? duration : std::nullopt;
}

std::optional<std::chrono::nanoseconds> parse_time_limit(std::string_view text) {
  const std::optional<std::chrono::nanoseconds> duration = parse_duration(text);
  return duration && duration->count() > 0 ? duration : std::nullopt;
}

std::optional<std::string> parse_name(std::string_view text) { return text.empty() ? std::nullopt : std::optional<std::string>(text); }

Parser<std::string> one_of(const std::vector<std::string>& names) {
  return [names](std::string_view text) -> std::optional<std::string> {
    if (std::find(names.begin(), names.end(), text) == names.end()) return std::nullopt;
    return std::string(text);
  };
}

std::vector<std::string> distinct(std::string_view ModelInfo::*member) {
  std::vector<std::string> names;
  for (const ModelInfo* model : models()) {
    std::string name((model->*member).empty() ? "default" : model->*member);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

void add_grid(CLI::App& app, Grid& grid, const WorkloadInfo& workload) {
  const std::vector<std::string> names = distinct(&ModelInfo::name);
  const std::vector<std::string> variants = distinct(&ModelInfo::variant);
  const std::string sizes = fmt::format("{}", fmt::join(sizes_names(), ", "));
  add_list<std::string>(app, "--models", grid.models, one_of(names), fmt::format("{}", fmt::join(names, ", ")),
                        "models to measure (default: all)");
  add_list<std::string>(app, "--variant", grid.variants, one_of(variants), fmt::format("{}", fmt::join(variants, ", ")),
                        "variants of the models (default: all)");
  add_list<std::uint64_t>(app, "--tasks", grid.tasks, count_up_to(most_tasks), count_form(most_tasks),
                          "tasks in a batch (default: 1,10,100,1000,10000)");
  add_list<Sizes>(app, "--sizes", grid.sizes, parse_sizes, sizes,
                  fmt::format("distribution of the task sizes: {} (default: constant)", sizes));
  const std::string form = fmt::format("{}, at most {}", duration_form, format_duration(longest_task));
  if (workload.sleeps)
    add_list<std::chrono::nanoseconds>(app, "--sleep", grid.sleep, parse_task_time, form, "time asleep of one task, as 1ms,5ms");
  if (workload.computes)
    add_list<std::chrono::nanoseconds>(app, "--compute", grid.compute, parse_task_time, form, "computing time of one task, as 10us,1ms");
  if (workload.sleeps && workload.computes) {
    auto* length =
        add_list<std::chrono::nanoseconds>(app, "--length", grid.length, parse_task_time, form, "length of one task, split by --cpu-share");
    auto* share = add_list<double>(app, "--cpu-share", grid.cpu_share, parse_share, "a number from 0 to 1",
                                   "share of --length that computes, as 0.1,0.5");
    length->needs(share)->excludes("--sleep")->excludes("--compute");
    share->needs(length);
  }
  add_list<std::uint64_t>(app, "--workers", grid.workers, count_up_to(most_workers), count_form(most_workers),
                          "workers of the pools, and of the hybrid without --processes (default: 2, m, 4 m, N for m CPUs and N tasks)");
  add_list<std::uint64_t>(app, "--processes", grid.processes, count_up_to(most_workers), count_form(most_workers),
                          "processes of the hybrid");
  add_list<std::uint64_t>(app, "--threads", grid.threads, count_up_to(most_workers), count_form(most_workers),
                          "threads of each process of the hybrid");
  add_value(app, "--max-bound", grid.max_bound, parse_time_limit, form,
            "leave out cases that cannot take less (default: 60s in the default grid)");
}

void add_output(CLI::App& app, Options& options) {
  const std::string file = "the name of a file, or - for standard output";
  add_value(app, "--csv", options.csv, parse_name, file, "append one row a batch to this file (- is standard output)")->type_name("FILE");
  add_value(app, "--trace", options.trace, parse_name, file, "append start and end of every task to this file (- is standard output)")
      ->type_name("FILE")
      ->excludes(app.add_flag_callback(
          "--no-records", [&options] { options.records = false; }, "do not record start and end of every task: for very small tasks"));
  add_value<std::optional<std::chrono::nanoseconds>>(app, "--timeout", options.timeout, parse_time_limit, std::string(duration_form),
                                                     "time limit of one batch (default: 30 s + 5 x its model bound)");
  add_value<std::optional<double>>(app, "--ns-per-iteration", options.ns_per_iteration, parse_positive, "a number above 0",
                                   "fix the iterations that a computing time stands for (default: as calibrated at start)");
  app.add_option("--run-id", options.run_id, "column run_id (default: time of the start)")->type_name("TEXT");
  const auto whole = [&](const std::string& flag, std::uint64_t& into, const std::string& help) {
    add_value(app, flag, into, count_up_to(UINT64_MAX), "a whole number from 1", help);
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

Parsed parse_options(const std::vector<std::string>& arguments, const WorkloadInfo& workload) {
  Options options;
  CLI::App app(fmt::format("Measures batches of tasks under every concurrency model. Workload: {}, {}.", workload.name, workload.summary),
               fmt::format("bench_{}", workload.name));
  app.footer(
      "Every --benchmark_* flag of Google Benchmark works as well, --benchmark_filter and --benchmark_out among them.\n"
      "Exit codes: 0 fine, 2 wrong usage, 3 some batch failed, 130 interrupted.");
  add_grid(app, options.grid, workload);
  add_output(app, options);
  add_actions(app, options);

  std::vector<std::string> ours;
  for (const std::string& argument : arguments) (is_google_benchmarks(argument) ? options.for_google_benchmark : ours).push_back(argument);
  std::reverse(ours.begin(), ours.end());  // CLI11 takes them from the back
  try {
    app.parse(ours);
    if (options.csv == "-" && options.trace == "-") refuse("--trace", "-", "a file: standard output is taken by --csv");
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return {std::nullopt, Exit::ok};
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "bench_{}: {}\nbench_{} --help lists the flags and their values.\n", workload.name, error.what(), workload.name);
    return {std::nullopt, Exit::usage};
  }
  return {options, Exit::ok};
}

}  // namespace makespan
