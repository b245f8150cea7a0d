// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <pthread.h>

#include <system_error>
#include <vector>

#include "models/model.hpp"

namespace makespan {
namespace {

struct Start {
  Batch* batch;
  std::uint64_t task;
  pthread_t thread;
};

class ThreadsBare final : public Model {
 public:
  explicit ThreadsBare(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override {
    std::vector<Start> starts(batch.tasks());
    std::uint64_t created = 0;
    int refused = 0;
    for (; created < batch.tasks() && refused == 0; created += refused == 0 ? 1 : 0) {
      Start& start = starts[created] = {&batch, created, {}};
      refused = pthread_create(&start.thread, nullptr, run, &start);
    }
    for (std::uint64_t task = 0; task < created; ++task) pthread_join(starts[task].thread, nullptr);
    if (refused != 0) throw std::system_error(refused, std::generic_category(), fmt::format("thread {} of {}", created + 1, batch.tasks()));
  }

  static void* run(void* context) {
    const Start& start = *static_cast<const Start*>(context);
    start.batch->execute(start.task);
    return nullptr;
  }
};

}  // namespace

extern const ModelInfo threads_bare_model;
const ModelInfo threads_bare_model{
    .name = "threads",
    .variant = "bare",
    .summary = "floor: pthread_create in a loop, then pthread_join in a loop",
    .choice = Choice::none,
    .unit = Unit::thread,
    .shape = thread_per_task,
    .reach = one_task_per_worker,
    .make = make_model<ThreadsBare>,
    .role = Role::floor,
};

}  // namespace makespan
