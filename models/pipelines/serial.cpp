// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/pipeline.hpp"

namespace makespan {
namespace {

class Serial final : public Pipeline {
 public:
  using Pipeline::Pipeline;

 private:
  LineTally run_lines() override {
    LineTally tally;
    for (std::string_view rest = text().bytes(); !rest.empty();) {
      const std::string_view line = take_line(rest, text().line_end());
      if (std::all_of(stages().begin(), stages().end(), [line](const Stage& stage) { return stage.passes(line); })) tally.add(line);
    }
    return tally;
  }
};

}  // namespace

extern const PipelineInfo serial_pipeline;
const PipelineInfo serial_pipeline{
    .model = "serial",
    .variant = "",
    .summary = "one loop that searches each line once for every stage: the control, what others cost beyond it is their own",
    .unit = Unit::thread,
    .shape = one_thread,
    .make = make_pipeline<Serial>,
};

}  // namespace makespan
