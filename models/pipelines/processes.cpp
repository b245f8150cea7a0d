// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "models/pipeline.hpp"
#include "models/pipelines/line_reader.hpp"
#include "models/runtime/descriptor.hpp"
#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

// What a process said of its end; empty if nothing.
struct LastWords {
  char text[256];
};

// A process whose reader has gone ends quietly, as one ended by SIGPIPE would in a shell: why the reader went is the
// reader's to tell.
template <class Work>
void run_and_tell(Work&& work, LastWords& words) {
  try {
    work();
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::broken_pipe) return;
    std::strncpy(words.text, error.what(), sizeof words.text - 1);
    throw;
  } catch (const std::exception& error) {
    std::strncpy(words.text, error.what(), sizeof words.text - 1);
    throw;
  }
}

void filter(const Stage& stage, LineEnd end, int in, int out) {
  LineReader reader(in, end);
  BlockWriter writer(out);
  for (std::string_view line = reader.next(); !line.empty(); line = reader.next()) {
    if (stage.passes(without_terminator(line, end))) writer.put(line);
  }
  writer.flush();
}

// One run: a chain of processes, built from the source on as a shell does it, so that each holds but its own two ends.
class Chain {
 public:
  Chain(const Text& text, const std::vector<Stage>& stages) : text_(text), stages_(stages), words_(stages.size() + 1) {
    processes_.reserve(stages.size() + 1);
    append([this](int, int out) { text_.write_to(out); });
    for (const Stage& stage : stages) {
      append([this, &stage](int in, int out) { filter(stage, text_.line_end(), in, out); });
    }
  }

  // The caller is the sink.
  LineTally tally() {
    LineTally tally;
    LineReader reader(tail_.number(), text_.line_end());
    for (std::string_view line = reader.next(); !line.empty(); line = reader.next()) tally.add(without_terminator(line, text_.line_end()));
    // A process that was killed looks like the end of the text to its reader: only how each of them ended tells.
    for (std::size_t index = 0; index < processes_.size(); ++index) check(index);
    return tally;
  }

 private:
  template <class Work>
  void append(Work&& work) {
    DescriptorPair pipe = make_pipe();
    LastWords& words = words_[processes_.size()];
    processes_.push_back(Process::start([&] {
      pipe.out.close();
      run_and_tell([&] { work(tail_.number(), pipe.in.number()); }, words);
    }));
    tail_ = std::move(pipe.out);
  }

  void check(std::size_t index) {
    const pid_t id = processes_[index].id();
    const ExitStatus status = processes_[index].wait();
    if (status.ok()) return;
    const std::string role = index == 0 ? "the source" : fmt::format("stage {} of {}", index, stages_.size());
    if (status.signal == 0 && words_[index].text[0] != '\0')
      throw std::runtime_error(fmt::format("{} (process {}): {}", role, id, words_[index].text));
    throw ProcessDied(role, id, status);
  }

  const Text& text_;
  const std::vector<Stage>& stages_;
  IgnoreSigpipe ignore_sigpipe_;
  SharedArray<LastWords> words_;
  Descriptor tail_;  ///< where the last process of the chain can be read
  std::vector<Process> processes_;
};

class Processes final : public Pipeline {
 public:
  using Pipeline::Pipeline;

 private:
  LineTally run_lines() override { return Chain(text(), stages()).tally(); }
};

}  // namespace

extern const PipelineInfo processes_pipeline;
const PipelineInfo processes_pipeline{
    .model = "processes",
    .variant = "",
    .summary = "as a shell does it: a process for the source and for each stage, the caller is the sink; pipes hand on blocks of lines",
    .unit = Unit::process,
    .shape =
        [](std::uint64_t stages, std::uint64_t) {
          return Shape{stages + 2, 1};
        },
    .make = make_pipeline<Processes>,
    .files = [](std::uint64_t) -> std::uint64_t { return 3; },
};

}  // namespace makespan
