// SPDX-License-Identifier: Apache-2.0
// bench_footprint: what a waiting task takes of the memory. Batches of sleeping tasks under every model, read while all wait.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "benchmarks/harness/flags.hpp"
#include "benchmarks/harness/footprint.hpp"
#include "benchmarks/harness/grid.hpp"
#include "benchmarks/harness/suite.hpp"

namespace makespan {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t most_tasks = 100'000'000;
constexpr std::uint64_t most_workers = 1'000'000;
constexpr std::uint64_t least_stack = 32U << 10U;  // the system's least, 16 KiB on x86-64, has no room for a task
constexpr std::uint64_t most_stack = std::uint64_t{1} << 40U;
constexpr nanoseconds longest_sleep = std::chrono::hours(24);

std::optional<std::uint64_t> parse_stack(std::string_view text) {
  const std::optional<std::uint64_t> bytes = parse_bytes(text);
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return bytes && *bytes >= least_stack && *bytes <= most_stack && *bytes % page == 0 ? bytes : std::nullopt;
}

std::optional<nanoseconds> parse_sleep(std::string_view text) {
  const std::optional<nanoseconds> duration = parse_time_limit(text);
  return duration && *duration <= longest_sleep ? duration : std::nullopt;
}

// Whether a waiting task needs neither a thread nor a process of its own.
bool waits_in_a_loop(const ModelInfo& model) {
  constexpr std::uint64_t many = 1'000'000;
  return model.reach(many, model.shape(many, {})).in_flight == many && model.shape(many, {}).workers() == 1;
}

class FootprintBenchmark final : public Benchmark {
 public:
  FootprintBenchmark() : waiting_(sleeping_tasks(true)), waiting_as_needed_(sleeping_tasks(false)) {}

  std::string_view name() const override { return waiting_.name; }
  std::string_view summary() const override {
    return "Measures the memory of batches of tasks that all wait: that of the processes and that of the kernel.";
  }
  const Kernel* kernel() const override { return nullptr; }

  void add_flags(CLI::App& app) override {
    add_selection(app, entries_of(models()), models_left_out(), Floors::on_request, grid_.selection);
    const auto counts = [&](const std::string& flag, std::vector<std::uint64_t>& into, std::uint64_t least, std::uint64_t most,
                            const std::string& help) {
      add_list<std::uint64_t>(app, flag, into, count_between(least, most), count_form(least, most), help);
    };
    counts("--tasks", grid_.tasks, 0, most_tasks,
           "tasks that wait at once, 0 for the empty model (default: 0,1000,10000; with an event loop 0,10000,100000,1000000)");
    add_value(app, "--sleep", sleep_, parse_sleep, fmt::format("{}, at most {}", duration_form, format_duration(longest_sleep)),
              "time asleep of every task (default: as long as the reading needs)");
    add_list<std::uint64_t>(app, "--stack", stacks_, parse_stack,
                            fmt::format("a number of whole pages from {} to {} with a unit KiB, MiB, GiB or TiB, as 64KiB",
                                        format_bytes(least_stack), format_bytes(most_stack)),
                            "size of the threads' stacks, of models that start threads (default: the system's, ulimit -s)");
    counts("--workers", workers_, 1, most_workers, "workers of the pools, and of the hybrid without --processes (default: 8)");
    counts("--processes", grid_.processes, 1, most_workers, "processes of the hybrid");
    counts("--threads", grid_.threads, 1, most_workers, "threads of each process of the hybrid");
  }

  std::vector<Trial> trials(const Conditions& conditions) const override {
    std::vector<Trial> trials;
    for (const ModelInfo* model : models_of(grid_)) {
      for (const Case& point : cases_of(*model, conditions)) {
        for (const std::optional<std::uint64_t>& stack : stacks_of(*model)) trials.push_back(trial({point, stack}, conditions));
      }
    }
    return trials;
  }

  std::string list_models() const override { return list_entries(entries_of(models()), models_left_out()); }

 private:
  static WorkloadInfo sleeping_tasks(bool sleep_is_given) {
    static constexpr std::array<TaskTime, 1> as_needed{};
    WorkloadInfo info = *find_workload("sleep");
    info.name = "footprint";
    info.sleeps = sleep_is_given;  // else it is no part of the case
    info.default_times = as_needed;
    return info;
  }

  std::vector<Case> cases_of(const ModelInfo& model, const Conditions& conditions) const {
    Grid grid = grid_;
    grid.selection = {{std::string(model.name)}, {model.variant.empty() ? "default" : std::string(model.variant)}, {model.role}};
    grid.workers = workers_.empty() ? std::vector<std::uint64_t>{8} : workers_;
    if (grid.tasks.empty() && waits_in_a_loop(model)) grid.tasks = {0, 10'000, 100'000, 1'000'000};
    if (grid.tasks.empty()) grid.tasks = {0, 1000, 10'000};
    if (sleep_.count() > 0) grid.sleep = {sleep_};
    return expand(grid, sleep_.count() > 0 ? waiting_ : waiting_as_needed_, conditions.fixed_ns_per_iteration, conditions.cpus);
  }

  std::vector<std::optional<std::uint64_t>> stacks_of(const ModelInfo& model) const {
    if (stacks_.empty() || !has_stacks(model)) return {std::nullopt};
    return {stacks_.begin(), stacks_.end()};
  }

  Trial trial(const FootprintCase& footprint, const Conditions& conditions) const {
    return {.name = footprint.name(),
            .flags = footprint.flags(),
            .described = describe(footprint, conditions),
            .left_out = footprint.point.left_out,
            .measure = [footprint](const Conditions& now) { return measure(footprint, now); }};
  }

  WorkloadInfo waiting_, waiting_as_needed_;
  Grid grid_;
  std::vector<std::uint64_t> workers_, stacks_;
  nanoseconds sleep_{0};
};

}  // namespace
}  // namespace makespan

int main(int argc, char** argv) {
  makespan::FootprintBenchmark benchmark;
  return makespan::suite_main(argc, argv, benchmark);
}
