// SPDX-License-Identifier: Apache-2.0
// Source, filter stages, sink: lines of text that pass through several tasks, under every model that can connect them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "models/model.hpp"
#include "workloads/text.hpp"

namespace makespan {

/// A fault to inject into one stage of a pipeline: how the suite tests itself. It strikes once, at a line that matches;
/// where fewer match, never.
struct PipelineFault {
  enum class Kind : std::uint8_t { none, lose_line, kill, exception };
  Kind kind = Kind::none;
  std::uint64_t stage = 0;  ///< counted from 0
  std::uint64_t match = 0;  ///< the line's place among those that match there, counted from 0
  friend bool operator==(const PipelineFault&, const PipelineFault&) = default;
};

/// The work: every line of `text` goes through `stages` searches for the same pattern one after the other, and what passes
/// all of them is tallied. Any correct run gives matching(*text, pattern).
struct LineFilter {
  const Text* text;
  std::string pattern;
  std::uint64_t stages = 1;
  PipelineFault fault{};
};

/// One filter stage: the search, the same in every model. May be asked by several threads at once.
class Stage {
 public:
  Stage(const LineFilter& filter, std::uint64_t index);

  /// Whether the line passes. Throws only what is injected.
  [[nodiscard]] bool passes(std::string_view line) const {
    const bool matches = contains(line, pattern_);
    return fault_ == nullptr ? matches : matches && !struck();
  }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }  ///< counted from 1, for messages

 private:
  struct ArmedFault;
  [[nodiscard]] bool struck() const;

  std::string pattern_;
  std::uint64_t number_;
  std::shared_ptr<ArmedFault> fault_;
};

/// A model's way to run a LineFilter. Constructor = setup: what outlives a run; run = work: the stages are made, connected,
/// run and gone again; destructor = teardown. May run several times, one after the other.
class Pipeline {
 public:
  /// Throws std::invalid_argument without a stage, or with a pattern that cannot be searched for (see pattern_problem).
  /// The text must outlive the pipeline.
  explicit Pipeline(const LineFilter& filter);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  virtual ~Pipeline() = default;

  /// Sends the text through and returns what arrived. Throws std::system_error if the system refuses a thread, a process or
  /// a pipe, ProcessDied if a process of the pipeline died, std::runtime_error with a stage's own words if it threw; in any
  /// case nothing that this run started is left.
  [[nodiscard]] LineTally run() { return run_lines(); }

 protected:
  [[nodiscard]] const Text& text() const noexcept { return *text_; }
  [[nodiscard]] const std::vector<Stage>& stages() const noexcept { return stages_; }  ///< one at least

 private:
  virtual LineTally run_lines() = 0;

  const Text* text_;
  std::vector<Stage> stages_;
};

/// The `files` of those that need none.
[[nodiscard]] std::uint64_t no_files(std::uint64_t stages);
/// The `shape` of those that run in the calling thread alone.
[[nodiscard]] Shape one_thread(std::uint64_t stages, std::uint64_t cpus);

/// A registered pipeline. Several entries may share a `model` and differ in `variant`.
struct PipelineInfo {
  std::string_view model;    ///< as in the CSV's column `model`
  std::string_view variant;  ///< as in the CSV's column `variant`; empty for the ordinary form
  std::string_view summary;  ///< one line for --list-models
  Unit unit;
  Shape (*shape)(std::uint64_t stages, std::uint64_t cpus);                         ///< the shape it will use
  std::unique_ptr<Pipeline> (*make)(const LineFilter& filter, const Shape& shape);  ///< throws as Pipeline, std::system_error
  std::uint64_t (*files)(std::uint64_t stages) = no_files;                          ///< descriptors that it needs in one process at most
  Role role = Role::own;
};

/// Every registered pipeline, in the order of models/pipelines/CMakeLists.txt.
[[nodiscard]] std::span<const PipelineInfo* const> pipelines();
/// Those of that list that this build has not got.
[[nodiscard]] std::span<const LeftOut> pipelines_left_out();
/// The pipeline of that model and variant, or null.
[[nodiscard]] const PipelineInfo* find_pipeline(std::string_view model, std::string_view variant = "");

/// The usual `make`: a pipeline constructed from the filter, or from the filter and its shape.
template <class P>
[[nodiscard]] std::unique_ptr<Pipeline> make_pipeline(const LineFilter& filter, const Shape& shape) {
  if constexpr (std::is_constructible_v<P, const LineFilter&, const Shape&>) {
    return std::make_unique<P>(filter, shape);
  } else {
    return std::make_unique<P>(filter);
  }
}

}  // namespace makespan
