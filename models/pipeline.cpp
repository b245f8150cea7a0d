// SPDX-License-Identifier: Apache-2.0
#include "models/pipeline.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>

namespace makespan {

struct Stage::ArmedFault {
  explicit ArmedFault(const PipelineFault& fault) : kind(fault.kind), match(fault.match) {}
  PipelineFault::Kind kind;
  std::uint64_t match;
  std::atomic<std::uint64_t> matches_seen = 0;
};

Stage::Stage(const LineFilter& filter, std::uint64_t index)
    : pattern_(filter.pattern),
      number_(index + 1),
      fault_(filter.fault.kind == PipelineFault::Kind::none || filter.fault.stage != index ? nullptr
                                                                                           : std::make_shared<ArmedFault>(filter.fault)) {}

bool Stage::struck() const {
  if (fault_->matches_seen.fetch_add(1) != fault_->match) return false;
  if (fault_->kind == PipelineFault::Kind::kill) raise(SIGKILL);
  if (fault_->kind == PipelineFault::Kind::exception) throw std::runtime_error("injected exception in stage " + std::to_string(number_));
  return true;
}

Pipeline::Pipeline(const LineFilter& filter) : text_(filter.text) {
  if (filter.stages == 0) throw std::invalid_argument("a pipeline needs one stage at least");
  if (const auto problem = pattern_problem(filter.pattern)) throw std::invalid_argument("the pattern " + *problem);
  stages_.reserve(filter.stages);
  for (std::uint64_t index = 0; index < filter.stages; ++index) stages_.emplace_back(filter, index);
}

const PipelineInfo* find_pipeline(std::string_view model, std::string_view variant) {
  const auto all = pipelines();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const PipelineInfo* info) { return info->model == model && info->variant == variant; });
  return found == all.end() ? nullptr : *found;
}

std::uint64_t no_files(std::uint64_t /*stages*/) { return 0; }

Shape one_thread(std::uint64_t /*stages*/, std::uint64_t /*cpus*/) { return {}; }

}  // namespace makespan
