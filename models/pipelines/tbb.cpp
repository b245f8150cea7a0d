// SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>

#include "models/pipeline.hpp"
#include "models/tbb_sanitizer.hpp"

namespace makespan {
namespace {

namespace tbb = oneapi::tbb;

constexpr std::size_t tokens_per_thread = 4;

// A line under way. A filter of oneTBB cannot drop what it is given, so the line goes on to the end and is marked.
struct alignas(64) Token {
  std::string_view line;
  bool passed = true;
};

class TbbPipeline final : public Pipeline {
 public:
  TbbPipeline(const LineFilter& filter, const Shape& shape)
      : Pipeline(filter),
        scheduler_(tbb::attach{}),
        limit_(tbb::global_control::max_allowed_parallelism, shape.threads),
        arena_(static_cast<int>(shape.threads)),
        tokens_(tokens_per_thread * shape.threads) {}

  // Waits until the workers have ended: destroying an arena alone leaves them.
  ~TbbPipeline() override {
    arena_.terminate();
    tbb::finalize(scheduler_, std::nothrow);
  }

 private:
  LineTally run_lines() override {
    LineTally tally;
    std::string_view rest = text().bytes();
    std::size_t next = 0;
    // Tokens begin and end in order, so the one that began `tokens_.size()` lines ago has ended when the next may begin:
    // its place is free, and nothing is allocated for a line.
    auto chain = tbb::make_filter<void, Token*>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& flow) -> Token* {
      if (rest.empty()) {
        flow.stop();
        return nullptr;
      }
      Token& token = tokens_[next++ % tokens_.size()];
      token = {take_line(rest, text().line_end())};
      return &token;
    });
    for (const Stage& stage : stages()) {
      chain = chain & tbb::make_filter<Token*, Token*>(tbb::filter_mode::parallel, [&stage](Token* token) {
                token->passed = token->passed && stage.passes(token->line);
                return token;
              });
    }
    const auto sink = tbb::make_filter<Token*, void>(tbb::filter_mode::serial_in_order, [&tally](const Token* token) {
      if (token->passed) tally.add(token->line);
    });
    arena_.execute([&] { tbb::parallel_pipeline(tokens_.size(), chain & sink); });
    return tally;
  }

  tbb::task_scheduler_handle scheduler_;
  tbb::global_control limit_;
  tbb::task_arena arena_;
  std::vector<Token> tokens_;
};

}  // namespace

extern const PipelineInfo tbb_pipeline;
const PipelineInfo tbb_pipeline{
    .model = "tbb_pool",
    .variant = "pipeline",
    .summary = "oneTBB parallel_pipeline with a thread per CPU: source and sink serial and in order, a line a token",
    .unit = Unit::thread,
    .shape =
        [](std::uint64_t, std::uint64_t cpus) {
          return Shape{1, std::max<std::uint64_t>(cpus, 1)};
        },
    .make = make_pipeline<TbbPipeline>,
};

}  // namespace makespan
