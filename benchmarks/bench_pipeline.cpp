// SPDX-License-Identifier: Apache-2.0
// bench_pipeline: lines of text through a chain of greps, under every model that can connect them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <system_error>

#include "benchmarks/harness/flags.hpp"
#include "benchmarks/harness/grep.hpp"
#include "benchmarks/harness/listing.hpp"
#include "benchmarks/harness/suite.hpp"
#include "models/pipeline.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

constexpr std::uint64_t text_seed = 1;  // the same text in every run

// A text and what must be found in it.
struct Sought {
  Text text;
  std::string pattern;
  LineTally expected;
};

// Counted here in one way, by grep in another, and by the pipelines in a third.
LineTally count(const Text& text, const std::string& pattern) {
  const LineTally tally = matching(text, pattern);
  const auto by_grep = count_with_grep(pattern, [&](int descriptor) { text.write_to(descriptor); });
  if (by_grep && *by_grep != tally.lines) throw std::logic_error(fmt::format("{} lines match, but grep counts {}", tally.lines, *by_grep));
  return tally;
}

struct PipelineCase {
  const PipelineInfo* pipeline;
  std::shared_ptr<const Sought> sought;
  std::uint64_t stages;
  std::uint64_t cpus;
  std::vector<std::string> text_flags;  // that give the same text

  [[nodiscard]] bool from_file() const { return text_flags.front().starts_with("--text="); }
  [[nodiscard]] Shape shape() const { return pipeline->shape(stages, cpus); }

  [[nodiscard]] std::string variant() const {
    std::string text(pipeline->variant);
    if (from_file()) text += text.empty() ? "text" : "+text";
    return text;
  }

  [[nodiscard]] std::string name() const {
    const std::string variant_part = variant().empty() ? "" : "/" + variant();
    return fmt::format("pipeline/{}{}/tasks:{}/stages:{}", pipeline->model, variant_part, sought->text.lines(), stages);
  }

  [[nodiscard]] std::vector<std::string> flags() const {
    std::vector<std::string> flags{fmt::format("--models={}", pipeline->model),
                                   fmt::format("--variant={}", pipeline->variant.empty() ? "default" : pipeline->variant),
                                   fmt::format("--stages={}", stages), "--pattern=" + sought->pattern};
    flags.insert(flags.end(), text_flags.begin(), text_flags.end());
    return flags;
  }

  [[nodiscard]] Sample described() const {
    Sample sample;
    sample.benchmark = "pipeline";
    sample.model = pipeline->model;
    sample.variant = variant();
    sample.tasks = sought->text.lines();
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

  void prepare() override {}

  void run(PhaseReport& report) override {
    const LineFilter filter{.text = &point_.sought->text, .pattern = point_.sought->pattern, .stages = point_.stages};
    run_phases(
        report, 0, [&] { return point_.pipeline->make(filter, point_.shape()); },
        [this](Pipeline& pipeline) { tally_[0] = pipeline.run(); });
  }

  void finish(Measurement& measurement, const PhaseReport& report) override {
    const LineTally& expected = point_.sought->expected;
    if (tally_[0].lines != expected.lines)
      throw std::runtime_error(fmt::format("{} lines arrived instead of {}", tally_[0].lines, expected.lines));
    if (tally_[0].checksum != expected.checksum) throw std::runtime_error("as many lines arrived as match, but not the same ones");
    measurement.sample.checksum = tally_[0].checksum;
    const double lines = static_cast<double>(point_.sought->text.lines());
    measurement.sample.messages_per_second = lines / std::chrono::duration<double>(report.makespan).count();
  }

  std::string progress() const override { return fmt::format("{} lines through {} stages", point_.sought->text.lines(), point_.stages); }

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
    add_models(app, pipelines(), &PipelineInfo::model, &PipelineInfo::variant, models_, variants_);
    const auto counts = [&](const std::string& flag, std::vector<std::uint64_t>& into, std::uint64_t most, const std::string& help) {
      return add_list<std::uint64_t>(app, flag, into, count_between(1, most), count_form(1, most), help);
    };
    counts("--stages", stages_, 1000, "searches in the chain (default: 1,2,4,8,16)");
    auto* lines = counts("--tasks", tasks_, 10'000'000, "lines of the generated text (default: 100000)");
    add_value(app, "--text", text_, parse_name, "the name of a file", "search in this file instead of a generated text")
        ->type_name("FILE")
        ->excludes(lines);
    const auto parse_pattern = [](std::string_view pattern) {
      return pattern_problem(pattern) ? std::nullopt : std::optional<std::string>(pattern);
    };
    add_value(
        app, "--pattern", pattern_, parse_pattern, "a text without line ends",
        fmt::format("the text to be found, byte for byte (default: {}, which a generated text has in half of its lines)", default_pattern))
        ->type_name("TEXT");
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

  std::string list_models() const override {
    std::string text;
    for (const PipelineInfo* pipeline : pipelines()) text += model_line(pipeline->model, pipeline->variant, pipeline->summary);
    return text;
  }

 private:
  using Counts = std::vector<std::uint64_t>;

  Text read_text() const {
    try {
      return Text::read(text_);
    } catch (const std::system_error& error) {
      throw UnreadableInput(fmt::format("--text: {}", error.what()));
    }
  }

  void append(std::vector<PipelineCase>& cases, const Text& text, const std::vector<std::string>& text_flags,
              const Conditions& conditions) const {
    const auto cpus = static_cast<std::uint64_t>(std::max(1.0, std::ceil(conditions.cpus)));
    const auto sought = std::make_shared<const Sought>(Sought{text, pattern_, count(text, pattern_)});
    for (const PipelineInfo* pipeline : pipelines()) {
      if (!selected(models_, variants_, pipeline->model, pipeline->variant)) continue;
      for (const std::uint64_t stages : stages_.empty() ? Counts{1, 2, 4, 8, 16} : stages_) {
        cases.push_back({pipeline, sought, stages, cpus, text_flags});
      }
    }
  }

  std::vector<std::string> models_, variants_;
  Counts stages_, tasks_;
  std::string text_, pattern_{default_pattern};
};

}  // namespace
}  // namespace makespan

int main(int argc, char** argv) {
  makespan::PipelineBenchmark benchmark;
  return makespan::suite_main(argc, argv, benchmark);
}
