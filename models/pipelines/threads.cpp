// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "models/pipeline.hpp"
#include "models/runtime/blocking_queue.hpp"

namespace makespan {
namespace {

using LineQueue = BlockingQueue<std::string_view>;

// So many that a thread seldom has to be woken for a line, so few that a stage's lines stay in its cache.
constexpr std::size_t queue_capacity = 1024;

// One run: the queues, the threads between them, and the first exception of any of them.
class Flow {
 public:
  Flow(const Text& text, const std::vector<Stage>& stages) {
    for (std::size_t queue = 0; queue <= stages.size(); ++queue) queues_.emplace_back(queue_capacity);
    try {
      threads_.emplace_back([this, &text] {
        attempt([&] { read(text); });
        queues_.front().close();
      });
      for (std::size_t stage = 0; stage < stages.size(); ++stage) {
        threads_.emplace_back([this, stage, &stages] {
          attempt([&] { filter(stages[stage], queues_[stage], queues_[stage + 1]); });
          queues_[stage].close();
          queues_[stage + 1].close();
        });
      }
    } catch (const std::system_error& error) {
      for (LineQueue& queue : queues_) queue.close();
      throw std::system_error(error.code(), "thread " + std::to_string(threads_.size() + 1) + " of " + std::to_string(stages.size() + 1));
    }
  }

  // The caller is the sink.
  LineTally tally() {
    LineTally tally;
    while (const auto line = queues_.back().pop()) tally.add(*line);
    threads_.clear();
    if (error_) std::rethrow_exception(error_);
    return tally;
  }

 private:
  // A thread that fails closes its queues, so that its neighbours end, and theirs: QueueClosed is no failure of theirs.
  template <class Work>
  void attempt(Work&& work) noexcept {
    try {
      work();
    } catch (const QueueClosed&) {
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  void read(const Text& text) {
    for (std::string_view rest = text.bytes(); !rest.empty();) queues_.front().push(take_line(rest, text.line_end()));
  }

  static void filter(const Stage& stage, LineQueue& in, LineQueue& out) {
    while (const auto line = in.pop()) {
      if (stage.passes(*line)) out.push(*line);
    }
  }

  std::deque<LineQueue> queues_;
  std::mutex mutex_;
  std::exception_ptr error_;
  std::vector<std::jthread> threads_;
};

class Threads final : public Pipeline {
 public:
  using Pipeline::Pipeline;

 private:
  LineTally run_lines() override { return Flow(text(), stages()).tally(); }
};

}  // namespace

extern const PipelineInfo threads_pipeline;
const PipelineInfo threads_pipeline{
    .model = "threads",
    .variant = "",
    .summary = "a thread for the source and for each stage, the caller is the sink; bounded queues hand on line by line",
    .unit = Unit::thread,
    .shape =
        [](std::uint64_t stages, std::uint64_t) {
          return Shape{1, stages + 2};
        },
    .make = make_pipeline<Threads>,
};

}  // namespace makespan
