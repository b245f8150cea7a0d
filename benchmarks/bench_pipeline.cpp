// SPDX-License-Identifier: Apache-2.0
// bench_pipeline: lines of text through a chain of greps, under every model that can connect them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "benchmarks/harness/flags.hpp"
#include "benchmarks/harness/grep.hpp"
#include "benchmarks/harness/selection.hpp"
#include "benchmarks/harness/suite.hpp"
#include "models/pipeline.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

constexpr std::uint64_t text_seed = 1;  // the same text in every run

// A text and what must be found in it, which is worked out when it is first needed.
class Sought {
 public:
  Sought(Text text, std::string pattern) : text_(std::move(text)), pattern_(std::move(pattern)) {}

  [[nodiscard]] const Text& text() const noexcept { return text_; }
  [[nodiscard]] const std::string& pattern() const noexcept { return pattern_; }

  struct Expected {
    LineTally tally;
    std::optional<std::uint64_t> grep_lines;  // none: there is no grep
  };
  // Counted here in one way, by grep in another, and by the pipelines in a third.
  [[nodiscard]] const Expected& expected() const {
    if (expected_) return *expected_;
    const auto by_grep = count_with_grep(pattern_, [this](int descriptor) { text_.write_to(descriptor); });
    if (!by_grep)
      fmt::print(stderr, "bench_pipeline: there is no grep on this system: the lines are checked against the suite's own count alone\n");
    return expected_.emplace(Expected{matching(text_, pattern_), by_grep});
  }

  // Tells one text and pattern from another, for files and patterns that a row has no column for.
  [[nodiscard]] std::string fingerprint() const {
    LineTally tally;
    tally.add(text_.bytes());
    tally.add(pattern_);
    return fmt::format("{:08x}", static_cast<std::uint32_t>(tally.checksum ^ tally.checksum >> 32U));
  }

 private:
  Text text_;
  std::string pattern_;
  mutable std::optional<Expected> expected_;
};

struct PipelineCase {
  const PipelineInfo* pipeline;
  std::shared_ptr<const Sought> sought;
  std::uint64_t stages;
  std::uint64_t cpus;
  std::vector<std::string> text_flags;  // that give the same text
  std::string tag;                      // of the variant: which text and pattern, unless they are the usual ones

  [[nodiscard]] Shape shape() const { return pipeline->shape(stages, cpus); }

  [[nodiscard]] std::string variant() const {
    if (tag.empty()) return std::string(pipeline->variant);
    return pipeline->variant.empty() ? tag : fmt::format("{}+{}", pipeline->variant, tag);
  }

  [[nodiscard]] std::string name() const {
    const std::string variant_part = variant().empty() ? "" : "/" + variant();
    return fmt::format("pipeline/{}{}/tasks:{}/stages:{}", pipeline->model, variant_part, sought->text().lines(), stages);
  }

  [[nodiscard]] std::vector<std::string> flags() const {
    std::vector<std::string> flags{fmt::format("--models={}", pipeline->model),
                                   fmt::format("--variant={}", pipeline->variant.empty() ? "default" : pipeline->variant),
                                   fmt::format("--stages={}", stages), "--pattern=" + sought->pattern()};
    flags.insert(flags.end(), text_flags.begin(), text_flags.end());
    return flags;
  }

  [[nodiscard]] Sample described() const {
    Sample sample;
    sample.benchmark = "pipeline";
    sample.model = pipeline->model;
    sample.variant = variant();
    sample.tasks = sought->text().lines();
    sample.processes = shape().processes;
    sample.threads = shape().threads;
    sample.stages = stages;
    return sample;
  }

  [[nodiscard]] Need need() const {
    const Shape shape = this->shape();
    return {.processes = pipeline->unit == Unit::process ? shape.processes : 1,  // the cell itself among them
            .threads = shape.threads - 1,
            .threads_per_process = shape.threads - 1,
            .files = pipeline->files(stages)};
  }
};

class PipelineExperiment final : public Experiment {
 public:
  explicit PipelineExperiment(const PipelineCase& point) : point_(point), tally_(1) {}

  void prepare() override { (void)point_.sought->expected(); }

  void run(PhaseReport& report) override {
    const LineFilter filter{.text = &point_.sought->text(), .pattern = point_.sought->pattern(), .stages = point_.stages};
    run_phases(
        report, 0, [&] { return point_.pipeline->make(filter, point_.shape()); },
        [this](Pipeline& pipeline) { tally_[0] = pipeline.run(); });
  }

  void finish(Measurement& measurement, const PhaseReport& report) override {
    const auto& [expected, grep_lines] = point_.sought->expected();
    if (grep_lines && tally_[0].lines != *grep_lines) {
      throw std::runtime_error(fmt::format("{} lines arrived, but grep counts {}", tally_[0].lines, *grep_lines));
    }
    if (tally_[0].lines != expected.lines)
      throw std::runtime_error(fmt::format("{} lines arrived instead of {}", tally_[0].lines, expected.lines));
    if (tally_[0].checksum != expected.checksum) throw std::runtime_error("as many lines arrived as match, but not the same ones");
    measurement.sample.checksum = tally_[0].checksum;
    const double lines = static_cast<double>(point_.sought->text().lines());
    if (lines > 0) measurement.sample.messages_per_second = lines / std::chrono::duration<double>(report.makespan).count();
  }

  std::chrono::nanoseconds allowance() const override {
    return std::chrono::nanoseconds(100'000 * point_.sought->text().lines() * point_.stages + 100 * point_.sought->text().bytes().size());
  }

  std::string progress() const override { return fmt::format("{} lines through {} stages", point_.sought->text().lines(), point_.stages); }

 private:
  const PipelineCase& point_;
  SharedArray<LineTally> tally_;
};

class PipelineBenchmark final : public Benchmark {
 public:
  std::string_view name() const override { return "pipeline"; }
  std::string_view summary() const override {
    return "Measures lines of text that pass through a chain of searches (grep -F), with a model's own way to connect them.";
  }
  const Kernel* kernel() const override { return nullptr; }

  void add_flags(CLI::App& app) override {
    add_selection(app, entries_of(pipelines()), pipelines_left_out(), Floors::always, selection_);
    const auto counts = [&](const std::string& flag, std::vector<std::uint64_t>& into, std::uint64_t most, const std::string& help) {
      return add_list<std::uint64_t>(app, flag, into, count_between(1, most), count_form(1, most), help);
    };
    counts("--stages", stages_, 1000, "searches in the chain (default: 1,2,4,8,16)");
    const Flag lines = counts("--tasks", tasks_, 10'000'000, "lines of the generated text (default: 100000)");
    add_value(app, "--text", text_, parse_name, "the name of a file", "search in this file instead of a generated text")
        .type_name("FILE")
        .excludes(lines);
    const auto parse_pattern = [](std::string_view pattern) {
      return pattern_problem(pattern) ? std::nullopt : std::optional<std::string>(pattern);
    };
    add_value(
        app, "--pattern", pattern_, parse_pattern, "a text without line ends",
        fmt::format("the text to be found, byte for byte (default: {}, which a generated text has in half of its lines)", default_pattern))
        .type_name("TEXT");
  }

  std::vector<Trial> trials(const Conditions& conditions) const override {
    std::vector<PipelineCase> cases;
    if (!text_.empty()) {
      append(cases, read_text(), {"--text=" + text_}, conditions);
    } else {
      for (const std::uint64_t lines : tasks_.empty() ? Counts{100'000} : tasks_) {
        append(cases, Text::generate(lines, text_seed), {fmt::format("--tasks={}", lines)}, conditions);
      }
    }
    std::vector<Trial> trials;
    for (const PipelineCase& point : cases) {
      trials.push_back({.name = point.name(),
                        .flags = point.flags(),
                        .described = point.described(),
                        .left_out = "",
                        .measure = [point](const Conditions& now) {
                          PipelineExperiment experiment(point);
                          return measure(point.described(), point.need(), now.timeout, experiment);
                        }});
    }
    return trials;
  }

  std::string list_models() const override { return list_entries(entries_of(pipelines()), pipelines_left_out()); }

 private:
  using Counts = std::vector<std::uint64_t>;

  Text read_text() const {
    try {
      return Text::read(text_);
    } catch (const std::system_error& error) {
      throw UsageError(fmt::format("--text: {}", error.what()));
    }
  }

  void append(std::vector<PipelineCase>& cases, const Text& text, const std::vector<std::string>& text_flags,
              const Conditions& conditions) const {
    const auto cpus = static_cast<std::uint64_t>(std::max(1.0, std::ceil(conditions.cpus)));
    const auto sought = std::make_shared<const Sought>(text, pattern_);
    std::string tag;
    if (!text_.empty()) tag = "text-" + sought->fingerprint();
    if (text_.empty() && pattern_ != default_pattern) tag = "pattern-" + sought->fingerprint();
    for (const PipelineInfo* pipeline : chosen(pipelines(), selection_, Floors::always)) {
      for (const std::uint64_t stages : stages_.empty() ? Counts{1, 2, 4, 8, 16} : stages_) {
        cases.push_back({pipeline, sought, stages, cpus, text_flags, tag});
      }
    }
  }

  Selection selection_;
  Counts stages_, tasks_;
  std::string text_, pattern_{default_pattern};
};

}  // namespace
}  // namespace makespan

int main(int argc, char** argv) {
  makespan::PipelineBenchmark benchmark;
  return makespan::suite_main(argc, argv, benchmark);
}
