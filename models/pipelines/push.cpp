// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "models/pipeline.hpp"
#include "models/runtime/sink.hpp"

namespace makespan {
namespace {

using LineSink = Sink<std::string_view>;

LineSink count(LineTally& tally) {
  while (const std::string_view* line = co_await next_value) tally.add(*line);
}

LineSink filter(const Stage& stage, LineSink out) {
  while (const std::string_view* line = co_await next_value) {
    if (stage.passes(*line)) out.send(*line);
  }
  out.close();
}

class Push final : public Pipeline {
 public:
  using Pipeline::Pipeline;

 private:
  LineTally run_lines() override {
    LineTally tally;
    LineSink chain = count(tally);
    for (auto stage = stages().rbegin(); stage != stages().rend(); ++stage) chain = filter(*stage, std::move(chain));
    for (std::string_view rest = text().bytes(); !rest.empty();) chain.send(take_line(rest, text().line_end()));
    chain.close();
    return tally;
  }
};

}  // namespace

extern const PipelineInfo push_pipeline;
const PipelineInfo push_pipeline{
    .model = "coroutines",
    .variant = "push",
    .summary = "coroutines in one thread, each sends a line into the next, which is suspended waiting for it",
    .unit = Unit::thread,
    .shape = one_thread,
    .make = make_pipeline<Push>,
};

}  // namespace makespan
