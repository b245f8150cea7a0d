// SPDX-License-Identifier: Apache-2.0
// Every model with every workload.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <set>
#include <utility>

#include "benchmarks/harness/bounds.hpp"
#include "benchmarks/harness/record_statistics.hpp"
#include "tests/cpp/contract_cases.hpp"
#include "tests/cpp/in_cell.hpp"
#include "tests/cpp/leftovers.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

struct Size {
  std::uint64_t tasks;
  std::uint64_t workers;
};

class Contract : public testing::TestWithParam<Pairing> {
 protected:
  static const ModelInfo& model() { return *GetParam().model; }
  static Workload work(Sizes sizes = Sizes::constant) { return small_work(*GetParam().workload, sizes); }
  static Workload faulty(Fault::Kind kind, std::uint64_t task) {
    Workload faulty = work();
    faulty.fault = {kind, task};
    return faulty;
  }
  static std::unique_ptr<Model> make(const Size& size) { return model().make(shape_for(model(), size.tasks, size.workers)); }

  static void run_and_verify(Model& model, const Workload& work, std::uint64_t tasks, Recording recording) {
    Batch batch(work, tasks, recording);
    model.run(batch);
    batch.verify();
    require_equal(batch.checksum(), expected(work, tasks), "checksum");
    require_equal(batch.runs(), tasks, "runs");
  }
};

void run_every_distribution(const ModelInfo& info, const WorkloadInfo& workload, const Size& size,
                            void (*run)(Model&, const Workload&, std::uint64_t, Recording)) {
  for (const Sizes sizes : {Sizes::constant, Sizes::uniform, Sizes::lognormal}) {
    for (const Recording recording : {Recording::off, Recording::on}) {
      try {
        const auto model = info.make(shape_for(info, size.tasks, size.workers));
        run(*model, small_work(workload, sizes), size.tasks, recording);
      } catch (const std::exception& error) {
        throw std::runtime_error(
            fmt::format("{} sizes, recording {}: {}", name_of(sizes), recording == Recording::on ? "on" : "off", error.what()));
      }
    }
  }
}

#define EXPECT_EVERY_TASK_ONCE(tasks, workers) \
  expect_in_cell([] { run_every_distribution(model(), *GetParam().workload, {tasks, workers}, run_and_verify); })

TEST_P(Contract, NoTasks) { EXPECT_EVERY_TASK_ONCE(0, 2); }
TEST_P(Contract, OneTask) { EXPECT_EVERY_TASK_ONCE(1, 2); }
TEST_P(Contract, MoreWorkersThanTasks) { EXPECT_EVERY_TASK_ONCE(3, 8); }
TEST_P(Contract, FewerWorkersThanTasks) { EXPECT_EVERY_TASK_ONCE(25, 2); }

// More than any queue of the models holds at once.
TEST_P(Contract, ManyTasksPerWorker) {
  expect_in_cell([] {
    Workload tiny = work();
    tiny.sleep = std::min<std::chrono::nanoseconds>(tiny.sleep, 1us);
    tiny.iterations = std::min<std::uint64_t>(tiny.iterations, 10);
    run_and_verify(*make({600, 4}), tiny, 600, Recording::on);
  });
}

TEST_P(Contract, OneModelRunsSeveralBatches) {
  expect_in_cell([] {
    const auto model = make({12, 4});
    run_and_verify(*model, work(), 12, Recording::on);
    run_and_verify(*model, work(Sizes::uniform), 12, Recording::off);
    Workload other_seed = work();
    other_seed.seed = 8;
    run_and_verify(*model, other_seed, 12, Recording::on);
  });
}

TEST_P(Contract, AnExceptionArrivesAfterAllOtherTasksRan) {
  expect_in_cell([] {
    const auto model = make({10, 2});
    Batch batch(faulty(Fault::Kind::exception, 5), 10);
    try {
      model->run(batch);
    } catch (const TaskError& error) {
      require_equal(error.task(), 5U, "task of the error");
      require_contains(error.what(), "task 5: injected exception");
      require_equal(batch.runs(), 9U, "tasks that ran");
      run_and_verify(*model, work(), 10, Recording::on);  // the model is as good as before
      return;
    }
    throw std::runtime_error("no TaskError came");
  });
}

TEST_P(Contract, AWrongChecksumIsCaught) {
  expect_in_cell([] {
    const auto model = make({10, 2});
    Batch batch(faulty(Fault::Kind::wrong_checksum, 9), 10);
    model->run(batch);
    try {
      batch.verify();
    } catch (const VerificationError& error) {
      return require_contains(error.what(), "checksum");
    }
    throw std::runtime_error("the wrong checksum passed");
  });
}

TEST_P(Contract, NothingIsLeftBehind) {
  expect_in_cell([] {
    settle_sanitizer();
    if (model().keeps_threads) run_and_verify(*make({10, 4}), work(), 10, Recording::on);
    const Holdings before = holdings();
    for (int round = 0; round < 3; ++round) {
      const auto model = make({10, 4});
      run_and_verify(*model, work(), 10, Recording::on);
    }
    require_nothing_left(before);
    try {
      Batch failing(faulty(Fault::Kind::exception, 0), 10);
      make({10, 4})->run(failing);
    } catch (const TaskError&) {
      return require_nothing_left(before);
    }
    throw std::runtime_error("no TaskError came");
  });
}

void check_record(const Batch& batch, std::uint64_t task, std::int64_t begin, std::int64_t end) {
  const TaskRecord& record = batch.record(task);
  require_at_least(record.start_ns, begin, "start");
  require_at_least(record.end_ns - record.start_ns, batch.workload().size(task).sleep.count(), "length of a sleeping task");
  require_at_least(end, record.end_ns, "end of the batch after the end of a task");
  require_at_least(record.overshoot_ns, 0, "overshoot");
  require(record.process > 0 && record.thread > 0 && record.cpu >= 0, "process, thread and CPU are known");
}

TEST_P(Contract, RecordsStayWithinReach) {
  expect_in_cell([] {
    const Shape shape = shape_for(model(), 24, 4);
    const auto model_of_four = model().make(shape);
    Batch batch(work(Sizes::uniform), 24);
    const std::int64_t begin = steady_now_ns();
    model_of_four->run(batch);
    const std::int64_t end = steady_now_ns();
    std::set<std::pair<int, int>> workers;
    for (std::uint64_t task = 0; task < 24; ++task) {
      check_record(batch, task, begin, end);
      workers.emplace(batch.record(task).process, batch.record(task).thread);
    }
    const Reach reach = model().reach(24, shape);
    const auto statistics = record_statistics(batch, begin, std::chrono::nanoseconds(end - begin));
    require_at_least(reach.in_flight, statistics.max_in_flight, "reach in flight against tasks seen in flight");
    require_at_least(reach.computing, workers.size(), "reach computing against threads seen");
  });
}

// A kernel that costs nothing makes the bound a bound of the sleeping part, which no machine can break.
TEST_P(Contract, SleepingTakesItsBoundAtLeast) {
  if (!GetParam().workload->sleeps) GTEST_SKIP() << "this workload does not sleep";
  expect_in_cell([] {
    for (const Sizes sizes : {Sizes::constant, Sizes::lognormal}) {
      Workload sleeping = work(sizes);
      sleeping.sleep = 3ms;
      const Shape shape = shape_for(model(), 11, 4);
      const auto instance = model().make(shape);
      Batch batch(sleeping, 11);
      const std::int64_t begin = steady_now_ns();
      instance->run(batch);
      const std::chrono::nanoseconds makespan(steady_now_ns() - begin);
      const Bounds least = bounds(demand(sleeping, 11, 0), model().reach(11, shape), 0, 2);
      require_at_least(makespan, least.model, "makespan against the model bound");
      require_at_least(least.model, least.machine, "model bound against the machine bound");
      require_at_least(least.machine, sleeping.size(0).sleep, "machine bound against one task");
    }
  });
}

INSTANTIATE_TEST_SUITE_P(All, Contract, testing::ValuesIn(all_pairings()), name_of_pairing);

}  // namespace
}  // namespace makespan
