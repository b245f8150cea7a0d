// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <uv.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include "models/model.hpp"
#include "models/peers/thread_check.hpp"

namespace makespan {
namespace {

constexpr std::uint64_t most_threads = 1024;  // of libuv

// A task that never sleeps is one piece of work for the queue, as a user of libuv would hand it over.
struct UvWork {
  Batch* batch;
  std::uint64_t index;
  uv_work_t work;
};

// One that sleeps waits for a timer of the loop; what it has to compute goes to the work queue, and the loop hears of its end.
struct UvTask {
  Batch* batch;
  std::uint64_t index;
  std::uint32_t step = 0;
  bool timed = false;  // the timer was begun, and must be closed
  bool failed = false;
  SteadyTime deadline{};
  std::optional<TaskRun> run{};
  uv_timer_t timer;
  std::unique_ptr<uv_work_t> work;  // made when there is something to compute

  [[nodiscard]] Step now() const { return batch->workload().steps(index)[step]; }

  // Whatever a task throws ends here: above are frames of C.
  template <class Part>
  void guarded(Part part) noexcept {
    try {
      if (!run) run.emplace(batch->workload(), index, batch->recording());
      part();
    } catch (...) {
      batch->fail(index);
      failed = true;
    }
  }
};

UvTask& task_of(void* data) { return *static_cast<UvTask*>(data); }

void go_on(uv_loop_t* loop, UvTask& task);

void execute(uv_loop_t* loop, UvWork& task) {
  task.work.data = &task;
  const auto in_the_pool = [](uv_work_t* work) {
    const UvWork& one = *static_cast<const UvWork*>(work->data);
    one.batch->execute(one.index);
  };
  uv_queue_work(loop, &task.work, in_the_pool, [](uv_work_t*, int) {});
}

void compute(uv_loop_t* loop, UvTask& task) {
  if (!task.work) task.work = std::make_unique<uv_work_t>();
  task.work->data = &task;
  const auto in_the_pool = [](uv_work_t* work) {
    UvTask& one = task_of(work->data);
    one.guarded([&one] { one.run->compute(one.batch->workload(), one.now().iterations); });
  };
  const auto in_the_loop = [](uv_work_t* work, int /*status*/) {
    UvTask& one = task_of(work->data);
    ++one.step;
    go_on(work->loop, one);
  };
  uv_queue_work(loop, task.work.get(), in_the_pool, in_the_loop);
}

// A timer of libuv ends with the first millisecond of the loop's clock, CLOCK_MONOTONIC in whole ones, that it was asked for. Asked for the
// millisecond in which or after which the deadline lies, it cannot end too early, however late the loop reads its clock.
void sleep(uv_loop_t* loop, UvTask& task, std::chrono::nanoseconds length) {
  if (!task.timed) uv_timer_init(loop, &task.timer);
  task.timed = true;
  task.timer.data = &task;
  task.deadline = steady_after(length);
  const auto due = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(task.deadline.time_since_epoch()).count());
  const std::uint64_t now = uv_now(loop);
  const auto ended = [](uv_timer_t* timer) {
    UvTask& one = task_of(timer->data);
    one.run->slept(one.deadline);
    if (one.now().iterations > 0) return compute(timer->loop, one);
    ++one.step;
    go_on(timer->loop, one);
  };
  uv_timer_start(&task.timer, ended, due > now ? due - now : 0, 0);
}

void go_on(uv_loop_t* loop, UvTask& task) {
  bool waits = false;
  const auto begin_step = [&] {
    waits = task.step < task.batch->workload().steps(task.index).size();
    if (!waits) return;
    const std::chrono::nanoseconds length = task.now().sleep;
    length.count() > 0 ? sleep(loop, task, length) : compute(loop, task);
  };
  if (!task.failed) task.guarded(begin_step);
  if (waits && !task.failed) return;
  if (!task.failed) task.batch->accept(task.index, task.run->finish());
  if (task.timed) uv_close(reinterpret_cast<uv_handle_t*>(&task.timer), nullptr);
}

class UvLoop final : public Model {
 public:
  explicit UvLoop(const Shape& shape) {
    set_work_queue(shape.threads);
    if (const int error = uv_loop_init(&loop_); error != 0) throw std::system_error(-error, std::generic_category(), "uv_loop_init");
    uv_work_t first;  // starts the threads
    uv_queue_work(
        &loop_, &first, [](uv_work_t*) {}, [](uv_work_t*, int) {});
    uv_run(&loop_, UV_RUN_DEFAULT);
  }
  ~UvLoop() override { uv_loop_close(&loop_); }

 private:
  // libuv starts the threads of its only work queue when it is first used, as many as the environment says, and keeps them. It ends the
  // process if it is refused one.
  static void set_work_queue(std::uint64_t threads) {
    static std::uint64_t begun = 0;
    if (begun == threads) return;
    if (begun != 0)
      throw std::runtime_error(fmt::format("the work queue of this process has {} threads since libuv began, and not {}", begun, threads));
    require_threads(threads);
    setenv("UV_THREADPOOL_SIZE", std::to_string(threads).c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no other thread is there
    begun = threads;
  }

  void run_batch(Batch& batch) override {
    batch.workload().sleep.count() > 0 ? run_all<UvTask>(batch, go_on) : run_all<UvWork>(batch, execute);
  }

  template <class T>
  void run_all(Batch& batch, void (*begin)(uv_loop_t*, T&)) {
    const auto tasks = std::make_unique_for_overwrite<T[]>(batch.tasks());
    uv_update_time(&loop_);
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) {
      tasks[task].batch = &batch;
      tasks[task].index = task;
      begin(&loop_, tasks[task]);
    }
    uv_run(&loop_, UV_RUN_DEFAULT);
  }

  uv_loop_t loop_{};
};

}  // namespace

extern const ModelInfo uv_loop_model;
const ModelInfo uv_loop_model{
    .name = "uv_loop",
    .variant = "",
    .summary = "one libuv loop: a timer per sleep, in whole milliseconds, and its work queue of W threads, at most 1,024, to compute in",
    .choice = Choice::workers,
    .unit = Unit::thread,
    .shape =
        [](std::uint64_t, const Shape& asked) {
          return Shape{1, std::min(asked.threads, most_threads)};
        },
    .reach =
        [](std::uint64_t tasks, const Shape& shape) {
          return Reach{tasks, shape.threads};
        },
    .make = make_model<UvLoop>,
    .bytes_per_task = sizeof(UvTask) + sizeof(uv_work_t),
    .role = Role::peer,
    .keeps_threads = true,
};

}  // namespace makespan
