// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <system_error>
#include <vector>

#include "models/model.hpp"

namespace makespan {
namespace {

// Without std::launch::async, GCC 12 and clang 14 with libstdc++ would start threads all the same; the standard promises it only with.
class StdAsync final : public Model {
 public:
  explicit StdAsync(const Shape& /*shape*/) {}

 private:
  // The futures wait for their threads when they are destroyed, whatever is thrown.
  void run_batch(Batch& batch) override {
    std::vector<std::future<void>> futures;
    futures.reserve(batch.tasks());
    try {
      for (std::uint64_t task = 0; task < batch.tasks(); ++task) {
        futures.push_back(std::async(std::launch::async, [&batch, task] { batch.execute(task); }));
      }
    } catch (const std::system_error& error) {
      throw std::system_error(error.code(), fmt::format("thread {} of {}", futures.size() + 1, batch.tasks()));
    }
    for (std::future<void>& future : futures) future.get();
  }
};

}  // namespace

extern const ModelInfo std_async_model;
const ModelInfo std_async_model{
    .name = "std_async",
    .variant = "",
    .summary = "std::async(std::launch::async) per task, the futures awaited: a thread each",
    .choice = Choice::none,
    .unit = Unit::thread,
    .shape =
        [](std::uint64_t tasks, const Shape&) {
          return Shape{1, std::max<std::uint64_t>(tasks, 1)};
        },
    .reach = one_task_per_worker,
    .make = make_model<StdAsync>,
    .role = Role::peer,
};

}  // namespace makespan
