// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <exception>

#include "models/model.hpp"
#include "models/runtime/worker_pool.hpp"

namespace makespan {
namespace {

// The workers were forked before the batch existed, so task and result travel by value.
struct Request {
  Workload workload;
  std::uint64_t task;
  Recording recording;
};

struct Reply {
  std::uint64_t task;
  bool failed;
  union {
    TaskResult result;
    char error[sizeof(TaskResult)];
  };
};

Reply failure(std::uint64_t task, const char* what) noexcept {
  Reply reply{.task = task, .failed = true, .error = {}};
  std::memcpy(reply.error, what, std::min(std::strlen(what), sizeof(reply.error) - 1));
  return reply;
}

Reply handle(const Request& request) {
  try {
    return {.task = request.task, .failed = false, .result = run_blocking(request.workload, request.task, request.recording)};
  } catch (const std::exception& error) {
    return failure(request.task, error.what());
  } catch (...) {
    return failure(request.task, "unknown exception");
  }
}

class ProcessPool final : public Model {
 public:
  explicit ProcessPool(const Shape& shape) : pool_(static_cast<std::uint32_t>(shape.processes), handle) {}

 private:
  void run_batch(Batch& batch) override {
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) pool_.submit({batch.workload(), task, batch.recording()});
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) {
      const Reply reply = pool_.next().second;
      if (reply.failed) {
        batch.fail(reply.task, reply.error);
      } else {
        batch.accept(reply.task, reply.result);
      }
    }
  }

  WorkerPool<Request, Reply> pool_;
};

}  // namespace

extern const ModelInfo process_pool_model;
const ModelInfo process_pool_model{
    .name = "process_pool",
    .variant = "",
    .summary = "worker processes forked beforehand; tasks and results travel through shared-memory queues",
    .choice = Choice::workers,
    .unit = Unit::process,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<ProcessPool>,
};

}  // namespace makespan
