// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include "models/model.hpp"
#include "models/runtime/process_group.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

class Hybrid final : public Model {
 public:
  explicit Hybrid(const Shape& shape) : shape_(shape) {}

 private:
  void run_batch(Batch& batch) override {
    const SharedArray<std::atomic<std::uint64_t>> next(1);  // task that is taken next, by whatever thread of whatever process
    const auto take_tasks = [&batch, &next] {
      for (std::uint64_t task = next[0]++; task < batch.tasks(); task = next[0]++) batch.execute(task);
    };
    run_in_processes(shape_.processes, "hybrid process", [&](std::uint64_t) {
      std::vector<std::jthread> threads;  // beside the process's first one, which takes tasks as well
      threads.reserve(shape_.threads);
      try {
        while (threads.size() + 1 < shape_.threads) threads.emplace_back(take_tasks);
      } catch (const std::system_error& error) {
        next[0] = batch.tasks();  // nobody takes any more
        throw std::system_error(error.code(), fmt::format("thread {} of {}", threads.size() + 2, shape_.threads));
      }
      take_tasks();
    });
  }

  Shape shape_;
};

}  // namespace

extern const ModelInfo hybrid_model;
const ModelInfo hybrid_model{
    .name = "hybrid",
    .variant = "",
    .summary = "P processes of T threads, forked for the batch; every thread takes tasks from one shared counter",
    .choice = Choice::grid,
    .unit = Unit::process,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<Hybrid>,
};

}  // namespace makespan
