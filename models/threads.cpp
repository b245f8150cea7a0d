// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <system_error>
#include <thread>
#include <vector>

#include "models/model.hpp"

namespace makespan {
namespace {

class Threads final : public Model {
 public:
  explicit Threads(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override {
    std::vector<std::jthread> threads;
    threads.reserve(batch.tasks());
    try {
      for (std::uint64_t task = 0; task < batch.tasks(); ++task) threads.emplace_back([&batch, task] { batch.execute(task); });
    } catch (const std::system_error& error) {
      throw std::system_error(error.code(), fmt::format("thread {} of {}", threads.size() + 1, batch.tasks()));
    }
  }
};

}  // namespace

extern const ModelInfo threads_model;
const ModelInfo threads_model{
    .name = "threads",
    .variant = "",
    .summary = "one std::jthread per task, created for the batch and joined",
    .choice = Choice::none,
    .unit = Unit::thread,
    .shape = thread_per_task,
    .reach = one_task_per_worker,
    .make = make_model<Threads>,
};

}  // namespace makespan
