// SPDX-License-Identifier: Apache-2.0
#include "models/batch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "models/runtime/process.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

Workload work(Fault fault = {}) {
  return {.info = find_workload("compute"), .sleep = 0ns, .iterations = 50, .sizes = Sizes::constant, .seed = 2, .fault = fault};
}

std::string complaint(const Batch& batch) {
  try {
    batch.verify();
  } catch (const VerificationError& error) {
    return error.what();
  }
  return "";
}

void run_all(Batch& batch) {
  for (std::uint64_t task = 0; task < batch.tasks(); ++task) batch.execute(task);
}

std::uint64_t iterations_run = 0;

Checksum count_and_run(std::uint64_t iterations, Checksum start) {
  iterations_run += iterations;
  return lcg_kernel.run(iterations, start);
}

// Iterations of the kernel that ten tasks of 50 take, and what is wrong with their results.
std::pair<std::uint64_t, std::string> iterations_with(const Slowdown& slowdown) {
  const Kernel counting{"counting", count_and_run, lcg_kernel.predict};
  WorkloadInfo info = *find_workload("compute");
  info.kernel = &counting;
  Workload slow = work();
  slow.info = &info;
  slow.slowdown = slowdown;
  Batch batch(slow, 10);
  iterations_run = 0;
  for (std::uint64_t task = 0; task < batch.tasks(); ++task) batch.execute(task);
  return {iterations_run, complaint(batch)};
}

TEST(InjectedSlowdown, AddsItsShareOfTheComputingAndChangesNoResult) {
  using Found = std::pair<std::uint64_t, std::string>;
  EXPECT_EQ(iterations_with({}), Found(500, ""));
  EXPECT_EQ(iterations_with({.kernel = 0.1}), Found(550, ""));
  EXPECT_EQ(iterations_with({.kernel = 2}), Found(1500, ""));
  EXPECT_EQ(iterations_with({.dispatch_iterations = 7}), Found(570, ""));
  EXPECT_EQ(iterations_with({.kernel = 0.1, .dispatch_iterations = 7}), Found(620, ""));
}

TEST(InjectedSlowdown, OfTheDispatchComesBeforeTheTaskStarts) {
  Workload slow = work();
  slow.iterations = 0;
  slow.slowdown.dispatch_iterations = 1'000'000;
  Batch batch(slow, 1);
  const std::int64_t begin = steady_now_ns();
  batch.execute(0);
  const TaskRecord& record = batch.record(0);
  EXPECT_GE(record.start_ns - begin, 10'000);  // a hundred iterations a nanosecond: no machine
  EXPECT_LE(record.start_ns, record.end_ns);
}

class EachRecording : public testing::TestWithParam<Recording> {};

TEST_P(EachRecording, VerifiesARightBatch) {
  for (const std::uint64_t tasks : {0U, 1U, 100U}) {
    Batch batch(work(), tasks, GetParam());
    run_all(batch);
    EXPECT_EQ(complaint(batch), "");
    EXPECT_EQ(batch.runs(), tasks);
    EXPECT_EQ(batch.checksum(), expected(work(), tasks));
    EXPECT_NO_THROW(batch.rethrow_failure());
  }
}

TEST_P(EachRecording, NoticesATaskThatWasLeftOut) {
  Batch batch(work(), 10, GetParam());
  EXPECT_NE(complaint(batch), "");
  for (std::uint64_t task = 0; task < 9; ++task) batch.execute(task);
  EXPECT_NE(complaint(batch), "");
  batch.execute(9);
  EXPECT_EQ(complaint(batch), "");
}

TEST_P(EachRecording, NoticesATaskThatRanTwice) {
  Batch batch(work(), 10, GetParam());
  run_all(batch);
  batch.execute(4);
  EXPECT_NE(complaint(batch), "");
}

TEST_P(EachRecording, NoticesATaskThatRanInPlaceOfAnother) {
  Batch batch(work(), 10, GetParam());
  for (std::uint64_t task = 1; task < 10; ++task) batch.execute(task);
  batch.execute(5);
  EXPECT_EQ(batch.runs(), 10U);
  EXPECT_NE(complaint(batch), "");
}

TEST_P(EachRecording, NoticesAWrongChecksum) {
  Batch batch(work({Fault::Kind::wrong_checksum, 3}), 10, GetParam());
  run_all(batch);
  EXPECT_NE(complaint(batch).find("checksum"), std::string::npos);
}

TEST_P(EachRecording, KeepsTheFirstFailure) {
  Batch batch(work({Fault::Kind::exception, 3}), 10, GetParam());
  run_all(batch);
  batch.fail(7, "later");
  EXPECT_EQ(batch.runs(), 9U);
  try {
    batch.rethrow_failure();
    FAIL() << "nothing was thrown";
  } catch (const TaskError& error) {
    EXPECT_EQ(error.task(), 3U);
    EXPECT_STREQ(error.what(), "task 3: injected exception");
  }
}

TEST_P(EachRecording, TakesResultsOfThreads) {
  Batch batch(work(), 4000, GetParam());
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t first = 0; first < 4; ++first) {
      threads.emplace_back([&batch, first] {
        for (std::uint64_t task = first; task < batch.tasks(); task += 4) batch.execute(task);
      });
    }
  }
  EXPECT_EQ(complaint(batch), "");
}

TEST_P(EachRecording, TakesResultsOfProcessesForkedLater) {
  Batch batch(work(), 100, GetParam());
  std::vector<Process> processes;
  for (std::uint64_t first = 0; first < 4; ++first) {
    processes.push_back(Process::start([&batch, first] {
      for (std::uint64_t task = first; task < batch.tasks(); task += 4) batch.execute(task);
    }));
  }
  for (Process& process : processes) EXPECT_TRUE(process.wait().ok());
  EXPECT_EQ(complaint(batch), "");
}

TEST_P(EachRecording, PopulatingChangesNothing) {
  Batch batch(work(), 100, GetParam());
  batch.execute(0);
  const Checksum before = batch.checksum();
  batch.populate();
  EXPECT_EQ(batch.checksum(), before);
  EXPECT_EQ(batch.runs(), 1U);
  EXPECT_EQ(batch.bytes(), Batch::bytes_of(100, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Batch, EachRecording, testing::Values(Recording::off, Recording::on),
                         [](const testing::TestParamInfo<Recording>& test) { return test.param == Recording::on ? "on" : "off"; });

TEST(Batch, RecordsWhenAndWhereATaskRan) {
  Batch batch(work(), 2);
  EXPECT_EQ(batch.record(0).start_ns + batch.record(0).end_ns + batch.record(0).process, 0);
  const std::int64_t before = steady_now_ns();
  batch.execute(0);
  EXPECT_GE(batch.record(0).start_ns, before);
  EXPECT_GE(batch.record(0).end_ns, batch.record(0).start_ns);
  EXPECT_LE(batch.record(0).end_ns, steady_now_ns());
  EXPECT_EQ(batch.record(0).process, getpid());
  EXPECT_EQ(batch.record(0).thread, gettid());
  EXPECT_EQ(batch.record(1).end_ns, 0);
}

TEST(Batch, RecordsTheOvershootOfAllSleepsOfATask) {
  Workload sleeping = work();
  sleeping.info = find_workload("sleep");
  sleeping.sleep = 3ms;
  Batch batch(sleeping, 1);
  batch.execute(0);
  const TaskRecord& record = batch.record(0);
  EXPECT_GE(record.overshoot_ns, 0);
  EXPECT_GE(record.end_ns - record.start_ns, 3'000'000 + record.overshoot_ns);
}

TEST(Batch, TakesMemoryPerTaskOnlyForRecords) {
  EXPECT_EQ(Batch::bytes_of(1'000'000, Recording::off), Batch::bytes_of(0, Recording::off));
  EXPECT_GE(Batch::bytes_of(1'000'000, Recording::on), 1'000'000 * sizeof(TaskRecord));
}

}  // namespace
}  // namespace makespan
