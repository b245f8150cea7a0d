// SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "models/model.hpp"
#include "models/tbb_sanitizer.hpp"

namespace makespan {
namespace {

namespace tbb = oneapi::tbb;

class TbbPool final : public Model {
 public:
  explicit TbbPool(const Shape& shape)
      : scheduler_(tbb::attach{}),
        // oneTBB caps its workers at the number of cores unless told otherwise, and then silently runs fewer at once.
        limit_(tbb::global_control::max_allowed_parallelism, shape.threads),
        arena_(static_cast<int>(shape.threads)) {
    start_workers(static_cast<int>(shape.threads));
  }

  // Waits until the workers have ended: destroying an arena alone leaves them.
  ~TbbPool() override {
    arena_.terminate();
    tbb::finalize(scheduler_, std::nothrow);
  }

 private:
  void run_batch(Batch& batch) override {
    arena_.execute([&] {
      tbb::task_group group;
      for (std::uint64_t task = 0; task < batch.tasks(); ++task) group.run([&batch, task] { batch.execute(task); });
      group.wait();
    });
  }

  // oneTBB starts threads when it first has work for them. Here every slot is given a task that waits for all the others,
  // so that they exist before the first batch; it gives up once nobody new has come for a while, as oneTBB promises no
  // worker.
  void start_workers(int slots) {
    constexpr std::chrono::milliseconds patience{500};
    std::mutex mutex;
    std::condition_variable all_here;
    int arrived = 0;
    const auto meet = [&] {
      std::unique_lock lock(mutex);
      if (++arrived == slots) all_here.notify_all();
      for (int seen = -1; arrived < slots && seen != arrived;) {
        seen = arrived;
        all_here.wait_for(lock, patience, [&] { return arrived == slots; });
      }
    };
    arena_.execute([&] {
      tbb::task_group group;
      for (int slot = 0; slot < slots; ++slot) group.run(meet);
      group.wait();
    });
  }

  tbb::task_scheduler_handle scheduler_;
  tbb::global_control limit_;
  tbb::task_arena arena_;
};

}  // namespace

extern const ModelInfo tbb_pool_model;
const ModelInfo tbb_pool_model{
    .name = "tbb_pool",
    .variant = "",
    .summary = "oneTBB arena of W slots, the submitting thread being one of them",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape = as_asked,
    .reach = one_task_per_worker,
    .make = make_model<TbbPool>,
};

}  // namespace makespan
