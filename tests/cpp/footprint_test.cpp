// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/footprint.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <stdexcept>
#include <string>
#include <thread>

#include "benchmarks/harness/quantity.hpp"
#include "models/runtime/shared_memory.hpp"
#include "tests/cpp/children.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t held_per_task = 1000;
constexpr std::uint64_t own_stack = 256U << 10U;

// Holds so much for each task, touched, while the first one sleeps.
class Holding final : public Model {
 public:
  explicit Holding(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override {
    const SharedMemory held(held_per_task * batch.tasks());
    held.populate();
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) batch.execute(task);
  }
};

// Runs its tasks in a thread that looks how large its stack is.
class LookingAtItsStack final : public Model {
 public:
  explicit LookingAtItsStack(const Shape& /*shape*/) {}

 private:
  static std::size_t stack_of_this_thread() {
    pthread_attr_t attributes{};
    std::size_t bytes = 0;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstacksize(&attributes, &bytes);
    pthread_attr_destroy(&attributes);
    return bytes;
  }
  void run_batch(Batch& batch) override {
    std::jthread([&] {
      if (stack_of_this_thread() != own_stack) batch.fail(0, "a stack of " + format_bytes(stack_of_this_thread()));
      for (std::uint64_t task = 0; task < batch.tasks(); ++task) batch.execute(task);
    });
  }
};

template <class M>
ModelInfo fake(std::string_view name) {
  return {.name = name,
          .variant = "",
          .summary = "",
          .choice = Choice::none,
          .unit = Unit::thread,
          .shape = [](std::uint64_t, const Shape&) { return Shape{}; },
          .reach = one_task_per_worker,
          .make = make_model<M>};
}

const WorkloadInfo& waiting() {
  static const WorkloadInfo info = [] {
    WorkloadInfo own = *find_workload("sleep");
    own.name = "footprint";
    own.sleeps = false;
    return own;
  }();
  return info;
}

FootprintCase case_of(const ModelInfo& model, std::uint64_t tasks, std::chrono::nanoseconds sleep = 0ns) {
  Shape asked{};
  if (model.choice == Choice::workers) asked = model.unit == Unit::process ? Shape{2, 1} : Shape{1, 2};
  if (model.choice == Choice::grid) asked = {2, 2};
  return {.point = {.workload = &waiting(),
                    .model = &model,
                    .tasks = tasks,
                    .shape = model.shape(tasks, asked),
                    .time = {sleep, 0ns},
                    .left_out = {}}};
}

Sample sample_of(const FootprintCase& footprint) {
  const Sample sample = measure(footprint, {.cpus = 1, .timeout = 60s}).sample;
  EXPECT_TRUE(has_no_children());
  return sample;
}

double pss_of(const ModelInfo& model, std::uint64_t tasks) {
  const Sample sample = sample_of(case_of(model, tasks));
  EXPECT_EQ(sample.status, Status::ok) << sample.error;
  return static_cast<double>(sample.pss_bytes.value_or(0));
}

TEST(Footprint, OfAModelThatHoldsAThousandBytesForEachTaskIsAThousandBytes) {
  constexpr std::uint64_t few = 20'000;
  constexpr std::uint64_t many = 100'000;
  const ModelInfo holding = fake<Holding>("holding");
  const double empty = pss_of(holding, 0);
  const double small = pss_of(holding, few);
  const double large = pss_of(holding, many);
  EXPECT_NEAR((large - small) / static_cast<double>(many - few), held_per_task, 0.05 * held_per_task);
  EXPECT_NEAR((large - empty) / static_cast<double>(many), held_per_task, 0.05 * held_per_task);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// Twice the goal, for compilers that lay frames out otherwise; a heap block for each task would be more.
TEST(Footprint, OfTheEventLoopIsLittleMoreThanAFrame) {
  constexpr std::uint64_t many = 100'000;
  const ModelInfo& loop = *find_model("event_loop");
  EXPECT_LE((pss_of(loop, many) - pss_of(loop, 0)) / static_cast<double>(many), 256);
}
#endif

class FootprintOfModels : public testing::TestWithParam<const ModelInfo*> {};

TEST_P(FootprintOfModels, IsReadWithTasksAndWithout) {
  for (const std::uint64_t tasks : {0U, 6U}) {
    const FootprintCase footprint = case_of(*GetParam(), tasks);
    const Sample sample = sample_of(footprint);
    ASSERT_EQ(sample.status, Status::ok) << sample.error;
    EXPECT_EQ(sample.benchmark, "footprint");
    EXPECT_EQ(sample.tasks, tasks);
    EXPECT_FALSE(sample.sleep || sample.model_bound || sample.machine_bound || sample.max_in_flight);
    EXPECT_GT(sample.pss_bytes, 50'000U);
    EXPECT_GT(sample.kernel_bytes, 10'000U);  // its page tables
    EXPECT_TRUE(sample.makespan && sample.checksum);
    EXPECT_EQ(sample.checksum, expected(footprint.point.work(1), tasks));
  }
}

// They would take two minutes at least if each still slept.
TEST_P(FootprintOfModels, TasksThatAreQueuedDoNotSleepOnceTheReadingIsOver) {
  const FootprintCase footprint = case_of(*GetParam(), 1000, 500ms);
  if (footprint.point.model->reach(footprint.point.tasks, footprint.point.shape).in_flight >= footprint.point.tasks) GTEST_SKIP();
  const Sample sample = sample_of(footprint);
  EXPECT_EQ(sample.status, Status::ok) << sample.error;
}

std::string name_of_model(const testing::TestParamInfo<const ModelInfo*>& parameter) {
  std::string name(parameter.param->name);
  return parameter.param->variant.empty() ? name : name.append("_").append(parameter.param->variant);
}

INSTANTIATE_TEST_SUITE_P(Models, FootprintOfModels, testing::ValuesIn(models().begin(), models().end()), name_of_model);

TEST(Footprint, CountsTheKernelsShareOfEveryProcess) {
  constexpr std::uint64_t processes = 30;
  const Sample sample = sample_of(case_of(*find_model("processes"), processes));
  ASSERT_EQ(sample.status, Status::ok) << sample.error;
  EXPECT_GE(sample.kernel_bytes, processes * 10'000);  // at least three levels of page tables
}

TEST(Footprint, APlateauThatDoesNotFitIntoTheSleepIsAnErrorThatSaysSo) {
  const Sample sample = sample_of(case_of(*find_model("threads"), 300, 1us));
  EXPECT_EQ(sample.status, Status::error);
  EXPECT_NE(sample.error.find("the plateau was missed: within the 1us that a task sleeps, "), std::string::npos) << sample.error;
  EXPECT_NE(sample.error.find("of 300 tasks had begun"), std::string::npos) << sample.error;
  EXPECT_FALSE(sample.pss_bytes || sample.kernel_bytes || sample.makespan);
}

TEST(Footprint, StacksAreAsLargeAsAsked) {
  const ModelInfo looking = fake<LookingAtItsStack>("looking");
  FootprintCase footprint = case_of(looking, 2);
  footprint.stack_bytes = own_stack;
  const Sample sample = sample_of(footprint);
  EXPECT_EQ(sample.status, Status::ok) << sample.error;
  EXPECT_EQ(sample.variant, "stack-256KiB");
  footprint.stack_bytes = 2 * own_stack;
  EXPECT_NE(sample_of(footprint).error.find("a stack of 512KiB"), std::string::npos);
}

// Whatever a system is like: either one of them is too large for its memory, or all are for the addresses of a process.
TEST(Footprint, StacksThatTheSystemHasNoRoomForAreSkipped) {
  FootprintCase footprint = case_of(*find_model("threads"), 200);
  footprint.stack_bytes = std::uint64_t{1} << 40U;
  const Sample sample = sample_of(footprint);
  EXPECT_EQ(sample.status, Status::skipped);
  EXPECT_NE(sample.error.find(" needed: "), std::string::npos) << sample.error;
}

TEST(Footprint, OnlyModelsThatStartThreadsHaveStacks) {
  for (const ModelInfo* model : models()) {
    const bool peer = model->role == Role::peer && model->shape(10, {1, 4}).threads > 1;
    const bool threads =
        peer || model->name == "threads" || model->name == "tbb_pool" || (model->name == "hybrid" && model->variant.empty());
    EXPECT_EQ(has_stacks(*model), threads) << model->name << model->variant;
  }
}

TEST(Footprint, AStackIsPartOfTheCase) {
  FootprintCase footprint = case_of(*find_model("hybrid", "loop"), 3);
  footprint.stack_bytes = 64U << 10U;
  EXPECT_EQ(footprint.variant(), "loop+stack-64KiB");
  EXPECT_EQ(footprint.name(), "footprint/hybrid/loop/tasks:3/processes:2/threads:1/stack:64KiB");
  EXPECT_EQ(footprint.flags().back(), "--stack=64KiB");
}

TEST(Footprint, ALimitThatForbidsTheTasksIsNamed) {
  const Sample sample = sample_of(case_of(*find_model("processes"), 10'000'000));
  EXPECT_EQ(sample.status, Status::skipped);
  EXPECT_NE(sample.error.find("kernel.pid_max = "), std::string::npos) << sample.error;
}

}  // namespace
}  // namespace makespan
