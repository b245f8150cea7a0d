// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "models/pipeline.hpp"
#include "models/runtime/generator.hpp"

namespace makespan {
namespace {

using LineGenerator = Generator<std::string_view>;

LineGenerator lines_of(const Text& text) {
  for (std::string_view rest = text.bytes(); !rest.empty();) co_yield take_line(rest, text.line_end());
}

LineGenerator filter(const Stage& stage, LineGenerator in) {
  while (const std::string_view* line = in.next()) {
    if (stage.passes(*line)) co_yield *line;
  }
}

class Pull final : public Pipeline {
 public:
  using Pipeline::Pipeline;

 private:
  LineTally run_lines() override {
    LineGenerator chain = lines_of(text());
    for (const Stage& stage : stages()) chain = filter(stage, std::move(chain));
    LineTally tally;
    for (const std::string_view line : chain) tally.add(line);
    return tally;
  }
};

}  // namespace

extern const PipelineInfo pull_pipeline;
const PipelineInfo pull_pipeline{
    .model = "coroutines",
    .variant = "pull",
    .summary = "generators in one thread, each asks the one before it for the next line",
    .unit = Unit::thread,
    .shape = one_thread,
    .make = make_pipeline<Pull>,
};

}  // namespace makespan
