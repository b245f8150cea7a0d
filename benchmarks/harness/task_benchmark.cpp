// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/task_benchmark.hpp"

#include "benchmarks/harness/flags.hpp"
#include "benchmarks/harness/measure.hpp"

namespace makespan {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t most_tasks = 100'000'000;
constexpr std::uint64_t most_workers = 1'000'000;
constexpr double greatest_slowdown = 10;
constexpr nanoseconds longest_task = std::chrono::hours(24);

std::optional<double> parse_share(std::string_view text) {
  const std::optional<double> share = parse_decimal(text);
  return share && *share <= 1.0 ? share : std::nullopt;
}

std::optional<double> parse_slowdown(std::string_view text) {
  const std::optional<double> share = parse_percent(text);
  return share && *share <= greatest_slowdown ? share : std::nullopt;
}

std::optional<nanoseconds> parse_task_time(std::string_view text) {
  const std::optional<nanoseconds> duration = parse_duration(text);
  return duration && *duration <= longest_task ? duration : std::nullopt;
}

}  // namespace

TaskBenchmark::TaskBenchmark(const WorkloadInfo& workload)
    : workload_(workload),
      summary_(fmt::format("Measures batches of tasks under every concurrency model. Workload: {}, {}.", workload.name, workload.summary)) {
}

void TaskBenchmark::add_flags(CLI::App& app) {
  add_selection(app, entries_of(models()), models_left_out(), Floors::on_request, grid_.selection);
  const auto counts = [&](const std::string& flag, std::vector<std::uint64_t>& into, std::uint64_t most, const std::string& help) {
    add_list<std::uint64_t>(app, flag, into, count_between(1, most), count_form(1, most), help);
  };
  counts("--tasks", grid_.tasks, most_tasks, "tasks in a batch (default: 1,10,100,1000,10000)");
  const std::string sizes = fmt::format("{}", fmt::join(sizes_names(), ", "));
  add_list<Sizes>(app, "--sizes", grid_.sizes, parse_sizes, sizes,
                  fmt::format("distribution of the task sizes: {} (default: constant)", sizes));
  const std::string form = fmt::format("{}, at most {}", duration_form, format_duration(longest_task));
  const auto times = [&](const std::string& flag, std::vector<nanoseconds>& into, const std::string& help) {
    return add_list<nanoseconds>(app, flag, into, parse_task_time, form, help);
  };
  if (workload_.sleeps) times("--sleep", grid_.sleep, "time asleep of one task, as 1ms,5ms");
  if (workload_.computes) times("--compute", grid_.compute, "computing time of one task, as 10us,1ms");
  if (workload_.sleeps && workload_.computes) {
    const Flag length = times("--length", grid_.length, "length of one task, split by --cpu-share");
    const Flag share = add_list<double>(app, "--cpu-share", grid_.cpu_share, parse_share, "a number from 0 to 1",
                                        "share of --length that computes, as 0.1,0.5");
    length.needs(share).excludes("--sleep").excludes("--compute");
    share.needs(length);
  }
  counts("--workers", grid_.workers, most_workers,
         "workers of the pools, and of the hybrid without --processes (default: 2, m, 4 m, N for m CPUs and N tasks)");
  counts("--processes", grid_.processes, most_workers, "processes of the hybrid");
  counts("--threads", grid_.threads, most_workers, "threads of each process of the hybrid");
  add_value(app, "--max-bound", grid_.max_bound, parse_time_limit, form,
            "leave out cases that cannot take less (default: 60s in the default grid)");
  add_sweep(app);
  if (workload_.computes) {
    add_value(app, "--slow-kernel", grid_.injected.kernel, parse_slowdown,
              fmt::format("a percentage, as 5%, at most {}", format_percent(greatest_slowdown)),
              "for testing the verdict: every task computes so much more than it should (default: 0%)");
  }
  add_value(app, "--slow-dispatch", grid_.injected.dispatch, parse_task_time, form,
            "for testing the verdict: whoever takes a task computes so long before it starts (default: 0s)");
}

// A sweep says what its batches are: a list beside it would be of no effect.
void TaskBenchmark::add_sweep(CLI::App& app) {
  const std::vector<std::string> names = sweep_names(workload_);
  if (names.empty()) return;
  const auto parse = [names](std::string_view text) { return one_of(names)(text) ? parse_sweep(text) : std::nullopt; };
  const std::string allowed = fmt::format("{}", fmt::join(names, ", "));
  add_value<std::optional<Sweep>>(app, "--sweep", grid_.sweep, parse, allowed,
                                  fmt::format("a grid with one question, in place of lists of tasks and times: {}", allowed));
  when_parsed(app, [this, &app] {
    if (!grid_.sweep) return;
    for (const char* flag : {"--tasks", "--sizes", "--sleep", "--compute", "--length", "--cpu-share"}) {
      if (!is_given(app, flag)) continue;
      refuse_flag(flag, fmt::format("is not allowed with --sweep={}, which sets the batches itself: leave one of the two out; "
                                    "--models, --variant, --workers, --processes, --threads and --max-bound go with it",
                                    name_of(*grid_.sweep)));
    }
  });
}

std::vector<Trial> TaskBenchmark::trials(const Conditions& conditions) const {
  std::vector<Trial> trials;
  for (const Case& point : expand(grid_, workload_, conditions.fixed_ns_per_iteration, conditions.cpus)) {
    trials.push_back({.name = point.name(),
                      .flags = point.flags(),
                      .described = describe(point, conditions),
                      .left_out = point.left_out,
                      .measure = [point](const Conditions& now) { return measure(point, now); }});
  }
  return trials;
}

std::string TaskBenchmark::list_models() const { return list_entries(entries_of(models()), models_left_out()); }

}  // namespace makespan
