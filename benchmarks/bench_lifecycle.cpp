// SPDX-License-Identifier: Apache-2.0
// bench_lifecycle: what it costs to create one unit of execution and to end it, alone and in bursts, beside the bare system calls.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>

#include "benchmarks/harness/flags.hpp"
#include "benchmarks/harness/quantity.hpp"
#include "benchmarks/harness/resident_memory.hpp"
#include "benchmarks/harness/selection.hpp"
#include "benchmarks/harness/suite.hpp"
#include "benchmarks/harness/utc_time.hpp"
#include "models/lifecycle.hpp"

namespace makespan {
namespace {

constexpr std::uint64_t most_units = 100'000'000;
constexpr std::uint64_t most_bursts = 10'000'000;
constexpr std::uint64_t most_resident = std::uint64_t{1} << 50U;
constexpr std::uint64_t mib = std::uint64_t{1} << 20U;

// Bursts of one kind, one after the other, in a process that has so much memory.
struct LifecycleCase {
  const LifecycleInfo* info;
  std::uint64_t units;   // of a burst
  std::uint64_t bursts;  // of a row
  std::uint64_t resident = 0;
  bool huge = false;

  [[nodiscard]] bool of_processes() const { return info->unit == Unit::process; }

  // The variant of its own and the tags of what has no column.
  [[nodiscard]] std::string variant() const {
    std::vector<std::string> parts;
    if (!info->variant.empty()) parts.emplace_back(info->variant);
    if (resident > 0) parts.push_back("resident-" + format_bytes(resident));
    if (huge) parts.emplace_back("huge");
    return fmt::format("{}", fmt::join(parts, "+"));
  }

  [[nodiscard]] std::string name() const {
    const std::string variant_part = variant().empty() ? "" : "/" + variant();
    const Shape shape = info->shape(units);
    return fmt::format("lifecycle/{}{}/tasks:{}/processes:{}/threads:{}", info->model, variant_part, units, shape.processes, shape.threads);
  }

  [[nodiscard]] std::vector<std::string> flags() const {
    std::vector<std::string> flags{fmt::format("--models={}", info->model),
                                   fmt::format("--variant={}", info->variant.empty() ? "default" : info->variant),
                                   fmt::format("--tasks={}", units), fmt::format("--bursts={}", bursts)};
    if (of_processes()) flags.push_back("--resident=" + format_bytes(resident));
    if (resident > 0) flags.emplace_back(huge ? "--huge-pages=on" : "--huge-pages=off");
    return flags;
  }

  [[nodiscard]] Sample described() const {
    Sample sample;
    sample.benchmark = "lifecycle";
    sample.model = info->model;
    sample.variant = variant();
    sample.tasks = units;
    sample.processes = info->shape(units).processes;
    sample.threads = info->shape(units).threads;
    return sample;
  }

  [[nodiscard]] Need need() const {
    const std::uint64_t parts = info->parts * units;
    const std::uint64_t copies = info->copies_parent ? parts : 0;
    const std::uint64_t mapped = ResidentMemory::mapped_bytes(resident, huge);
    return {.processes = (of_processes() ? parts : 0) + 1,  // the cell itself
            .threads = of_processes() ? 0 : parts,
            .threads_per_process = of_processes() ? 0 : parts,
            .files = info->need.files * units,
            .bytes = info->need.bytes * units + mapped + (copies + 1) * page_table_bytes(resident),
            .copied_bytes = info->copies_parent ? mapped : 0,
            .maps = info->need.maps * units + 1};
  }

  // What the system has not got; empty: nothing is missing.
  [[nodiscard]] std::string lacks() const {
    std::string missing = info->lacks != nullptr ? info->lacks() : "";
    return missing.empty() && huge ? lacks_huge_pages() : missing;
  }
};

class LifecycleExperiment final : public Experiment {
 public:
  explicit LifecycleExperiment(const LifecycleCase& point) : point_(point) {}

  void prepare() override { roll_.emplace(); }

  // What only the first unit of a process costs is paid in setup: pages, symbols that are looked up.
  void run(PhaseReport& report) override {
    const auto make = [this] {
      auto subject = std::make_unique<Subject>(point_, *roll_);
      point_.info->make(*roll_, first_units)->burst();
      return subject;
    };
    run_phases(report, 0, make, [this](Subject& subject) {
      for (std::uint64_t burst = 0; burst < point_.bursts; ++burst) subject.units->burst();
    });
  }

  void finish(Measurement& measurement, const PhaseReport& report) override {
    const std::uint64_t made = point_.units * point_.bursts;
    if (roll_->ran() != first_units + made)
      throw std::runtime_error(fmt::format("{} units were made, but {} ran", first_units + made, roll_->ran()));
    measurement.sample.messages_per_second = static_cast<double>(made) / std::chrono::duration<double>(report.makespan).count();
  }

  // 20 ms a unit, where the slowest took less than one, and 1 s for each GiB that a fork has to copy the tables of, where it took 30 ms.
  std::chrono::nanoseconds allowance() const override {
    using Milliseconds = std::chrono::duration<double, std::milli>;
    const double each = 20 + (point_.info->copies_parent ? static_cast<double>(point_.resident) / static_cast<double>(mib) : 0.0);
    const Milliseconds all(each * static_cast<double>(point_.units) * static_cast<double>(point_.bursts));
    constexpr std::chrono::hours longest{24 * 365};
    return all < longest ? std::chrono::duration_cast<std::chrono::nanoseconds>(all) : longest;
  }

  std::string progress() const override {
    return fmt::format("{} of {} units ran", roll_->ran(), first_units + point_.units * point_.bursts);
  }

 private:
  static constexpr std::uint64_t first_units = 1;

  struct Subject {
    Subject(const LifecycleCase& point, const Roll& roll)
        : memory(point.resident, point.huge), units(point.info->make(roll, point.units)) {}
    ResidentMemory memory;
    std::unique_ptr<Lifecycle> units;
  };

  const LifecycleCase& point_;
  std::optional<Roll> roll_;
};

Measurement measure_case(const LifecycleCase& point, const Conditions& conditions) {
  if (std::string missing = point.lacks(); !missing.empty()) {
    Measurement result{.sample = point.described()};
    result.sample.timestamp_utc = utc_timestamp();
    result.sample.status = Status::skipped;
    result.sample.error = std::move(missing);
    return result;
  }
  LifecycleExperiment experiment(point);
  return measure(point.described(), point.need(), conditions.timeout, experiment);
}

class LifecycleBenchmark final : public Benchmark {
 public:
  std::string_view name() const override { return "lifecycle"; }
  std::string_view summary() const override {
    return "Measures what it costs to create and to end threads, processes, pools, coroutines and event loops, alone and in bursts.";
  }
  const Kernel* kernel() const override { return nullptr; }

  void add_flags(CLI::App& app) override {
    add_selection(app, entries_of(lifecycles()), lifecycles_left_out(), Floors::always, selection_);
    const auto counts = [&](const std::string& flag, std::vector<std::uint64_t>& into, std::uint64_t most, const std::string& help) {
      add_list<std::uint64_t>(app, flag, into, count_between(1, most), count_form(1, most), help);
    };
    counts("--tasks", tasks_, most_units, "units of a burst: all are created before the first is ended (default: 1,100)");
    add_value(app, "--bursts", bursts_, count_between(1, most_bursts), count_form(1, most_bursts),
              "bursts of a row, one after the other (default: as many as take some 50 ms)");
    const auto parse_resident = [](std::string_view text) {
      const std::optional<std::uint64_t> bytes = parse_bytes(text);
      return bytes && *bytes <= most_resident ? bytes : std::nullopt;
    };
    add_list<std::uint64_t>(app, "--resident", resident_, parse_resident,
                            fmt::format("{}, at most {}", bytes_form, format_bytes(most_resident)),
                            "memory that whoever makes processes has written to (default: 0, and for bursts of 1 also 64MiB and 1GiB)");
    add_list<std::string>(app, "--huge-pages", huge_, one_of({"off", "on"}), "off, on",
                          "whether that memory is huge pages (default: off,on)");
  }

  std::vector<Trial> trials(const Conditions& /*conditions*/) const override {
    require_flags_to_apply();
    std::vector<Trial> trials;
    for (const LifecycleCase& point : cases()) {
      trials.push_back({.name = point.name(),
                        .flags = point.flags(),
                        .described = point.described(),
                        .left_out = point.info->refuses != nullptr ? std::string(point.info->refuses(point.units)) : "",
                        .measure = [point](const Conditions& conditions) { return measure_case(point, conditions); }});
    }
    return trials;
  }

  std::string list_models() const override { return list_entries(entries_of(lifecycles()), lifecycles_left_out()); }

 private:
  using Counts = std::vector<std::uint64_t>;

  std::vector<LifecycleCase> cases() const {
    std::vector<LifecycleCase> cases;
    for (const LifecycleInfo* info : chosen(lifecycles(), selection_, Floors::always)) {
      for (const std::uint64_t units : tasks_.empty() ? Counts{1, 100} : tasks_) append(cases, *info, units);
    }
    return cases;
  }

  void append(std::vector<LifecycleCase>& cases, const LifecycleInfo& info, std::uint64_t units) const {
    Counts sizes{0};
    if (info.unit == Unit::process && !resident_.empty()) sizes = resident_;
    if (info.unit == Unit::process && resident_.empty() && units == 1) sizes = {0, 64 * mib, 1024 * mib};
    for (const std::uint64_t resident : sizes) {
      for (const bool huge : {false, true}) {
        if (huge_asked(resident, huge)) cases.push_back({&info, units, bursts_of(info, units, resident), resident, huge});
      }
    }
  }

  // No memory has no pages, of whatever kind.
  bool huge_asked(std::uint64_t resident, bool huge) const {
    if (resident == 0) return !huge;
    return huge_.empty() || std::find(huge_.begin(), huge_.end(), huge ? "on" : "off") != huge_.end();
  }

  // A fork that copies the page tables of a GiB takes some hundred times as long as one that copies next to none.
  std::uint64_t bursts_of(const LifecycleInfo& info, std::uint64_t units, std::uint64_t resident) const {
    if (bursts_ > 0) return bursts_;
    const std::uint64_t slower = info.copies_parent ? 1 + resident / (64 * mib) : 1;
    return std::max<std::uint64_t>(1, info.units_per_row / slower / units);
  }

  // What is asked for in vain is more likely a mistake than meant.
  void require_flags_to_apply() const {
    const auto all = chosen(lifecycles(), selection_, Floors::always);
    const bool processes = std::any_of(all.begin(), all.end(), [](const LifecycleInfo* info) { return info->unit == Unit::process; });
    const std::vector<LifecycleCase> asked = cases();
    const bool memory = std::any_of(asked.begin(), asked.end(), [](const LifecycleCase& point) { return point.resident > 0; });
    if (!resident_.empty() && !processes) throw UsageError("--resident has no meaning here: none of these models makes processes");
    if (!huge_.empty() && !memory) throw UsageError("--huge-pages has no meaning here: no case has memory, see --resident");
  }

  Selection selection_;
  std::vector<std::string> huge_;
  Counts tasks_, resident_;
  std::uint64_t bursts_ = 0;
};

}  // namespace
}  // namespace makespan

int main(int argc, char** argv) {
  makespan::LifecycleBenchmark benchmark;
  return makespan::suite_main(argc, argv, benchmark);
}
