// SPDX-License-Identifier: Apache-2.0
// Every model with workloads of this file's own, which look at it from inside a task.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "benchmarks/harness/record_statistics.hpp"
#include "models/runtime/shared_memory.hpp"
#include "tests/cpp/contract_cases.hpp"
#include "tests/cpp/in_cell.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

// Tells a task from the others: the size of its steps. The seed makes them all differ.
constexpr std::uint64_t odd_one = 4;
constexpr std::uint64_t seed = 5;
std::uint64_t odd_iterations = 0;

Steps throw_a_number(const Step& size) {
  if (size.iterations == odd_iterations) throw 42;
  return {size};
}

Steps throw_a_long_text(const Step& size) {
  if (size.iterations == odd_iterations) throw std::runtime_error(std::string(1000, 'x'));
  return {size};
}

WorkloadInfo workload_of(Steps (*steps)(const Step&)) {
  return {.name = "custom", .summary = "", .sleeps = false, .computes = true, .default_times = {}, .steps = steps};
}

Workload varied(const WorkloadInfo& info) {
  return {.info = &info, .sleep = 0ns, .iterations = 100'000, .sizes = Sizes::uniform, .seed = seed};
}

class EachModel : public testing::TestWithParam<const ModelInfo*> {
 protected:
  static void expect_task_error(Steps (*steps)(const Step&), std::string_view words) {
    const WorkloadInfo info = workload_of(steps);
    const Workload work = varied(info);
    odd_iterations = work.size(odd_one).iterations;
    const auto model = GetParam()->make(shape_for(*GetParam(), 10, 2));
    Batch batch(work, 10);
    try {
      model->run(batch);
    } catch (const TaskError& error) {
      require_equal(error.task(), odd_one, "task of the error");
      require_contains(error.what(), words);
      return require_equal(batch.runs(), 9U, "tasks that ran");
    }
    throw std::runtime_error("no TaskError came");
  }
};

TEST_P(EachModel, PassesOnWhatIsNoStdException) {
  expect_in_cell([] { expect_task_error(throw_a_number, "task 4: unknown exception"); });
}

TEST_P(EachModel, CutsAMessageThatIsTooLong) {
  expect_in_cell([] { expect_task_error(throw_a_long_text, "task 4: xxxxxxxxxxxxxxxx"); });
}

// Returns only once `parties` tasks are in it at the same moment.
struct Meeting {
  std::atomic<std::uint64_t> arrived;
};
std::unique_ptr<SharedArray<Meeting>> meeting;
constexpr std::uint64_t parties = 16;

Steps meet(const Step& size) {
  for ((*meeting)[0].arrived.fetch_add(1); (*meeting)[0].arrived.load() < parties;) std::this_thread::sleep_for(100us);
  return {size};
}

// No clock is asked: if one of the tasks had to wait for another to end, none would ever end, and the cell's limit would
// tell. 16 is far above the cores of the usual test machine, which is where oneTBB would run fewer at once.
TEST_P(EachModel, HasAsManyTasksInFlightAsItHasWorkers) {
  const ModelInfo& model = *GetParam();
  const Shape shape = shape_for(model, parties, parties);
  if (shape.workers() != parties) GTEST_SKIP() << "this model has " << shape.workers() << " workers for " << parties << " tasks";
  meeting = std::make_unique<SharedArray<Meeting>>(1);
  const WorkloadInfo info = workload_of(meet);
  expect_in_cell([&] {
    const auto instance = model.make(shape);
    Batch batch({.info = &info}, parties);
    instance->run(batch);
    require_equal(batch.runs(), parties, "tasks that ran");
  });
}

INSTANTIATE_TEST_SUITE_P(All, EachModel, testing::ValuesIn(all_models()), name_of_model);

// By construction: the loop has started every task before it looks for one whose time has come.
TEST(EventLoopModel, HasEverySleepInFlightAtOnceInOneThread) {
  expect_in_cell([] {
    const auto model = find_model("event_loop")->make({});
    Batch batch({.info = find_workload("sleep"), .sleep = 1ms}, 1000);
    const std::int64_t begin = steady_now_ns();
    model->run(batch);
    const auto statistics = record_statistics(batch, begin, std::chrono::nanoseconds(steady_now_ns() - begin));
    require_equal(statistics.max_in_flight, 1000U, "tasks in flight");
    for (std::uint64_t task = 0; task < 1000; ++task) require_equal(batch.record(task).thread, gettid(), "thread");
  });
}

TEST(EventLoopModel, ComputesOneTaskAfterTheOther) {
  expect_in_cell([] {
    const auto model = find_model("event_loop")->make({});
    Batch batch({.info = find_workload("compute"), .iterations = 1000}, 50);
    model->run(batch);
    for (std::uint64_t task = 1; task < 50; ++task) {
      require_at_least(batch.record(task).start_ns, batch.record(task - 1).end_ns, "start after the end of the one before");
    }
  });
}

std::uint64_t laid_out = 0;

Steps count_layouts(const Step& size) {
  ++laid_out;
  return {size};
}

// It is a part of what a task costs, and so must not cost more here than in a thread.
TEST(EventLoopModel, WorksOutTheStepsOfATaskOnceAndOnceMoreAfterASleep) {
  expect_in_cell([] {
    WorkloadInfo info = workload_of(count_layouts);
    info.sleeps = true;
    const auto model = find_model("event_loop")->make({});
    for (const auto& [sleep, times] : {std::pair{0ns, 1U}, std::pair{std::chrono::nanoseconds(1ms), 2U}}) {
      Batch batch({.info = &info, .sleep = sleep, .iterations = 10}, 100);
      laid_out = 0;
      model->run(batch);
      require_equal(laid_out, 100 * times, "times that steps were worked out");
      batch.verify();
    }
  });
}

}  // namespace
}  // namespace makespan
