// SPDX-License-Identifier: Apache-2.0
// What a model does when the system refuses it something, or kills a process of it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>

#include "benchmarks/harness/limit_readers.hpp"
#include "models/runtime/process.hpp"
#include "tests/cpp/contract_cases.hpp"
#include "tests/cpp/few_processes.hpp"
#include "tests/cpp/in_cell.hpp"
#include "tests/cpp/leftovers.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

Workload sleeping(Fault fault = {}) {
  return {.info = find_workload("sleep"), .sleep = 10ms, .iterations = 0, .sizes = Sizes::constant, .seed = 1, .fault = fault};
}

// What constructing and running the model threw; an empty text if nothing.
template <class Expected>
std::string words_of(const ModelInfo& model, const Workload& work) {
  try {
    Batch batch(work, 12);
    model.make(shape_for(model, 12, 12))->run(batch);
  } catch (const Expected& error) {
    return error.what();
  }
  return "";
}

class Refusal : public testing::TestWithParam<const ModelInfo*> {};

TEST_P(Refusal, OfAThreadOrProcessIsToldAndLeavesNothing) {
  expect_in_cell([] {
    const Holdings before = holdings();
    allow_processes(2);
    const std::string words = words_of<std::runtime_error>(*GetParam(), sleeping());  // std::system_error is one
    require_contains(words, "Resource temporarily unavailable");
    require_nothing_left(before);
  });
}

// Peers that start threads, as many as are built.
std::vector<const ModelInfo*> with_peers(std::vector<const ModelInfo*> starting) {
  for (const ModelInfo* model : models()) {
    if (model->role == Role::peer && shape_for(*model, 12, 12).workers() == 12) starting.push_back(model);
  }
  return starting;
}

std::vector<const ModelInfo*> models_that_start_something() {
  return with_peers({find_model("threads"), find_model("threads", "bare"), find_model("processes"), find_model("processes", "bare"),
                     find_model("process_pool"), find_model("hybrid"), find_model("hybrid", "loop")});
}

INSTANTIATE_TEST_SUITE_P(All, Refusal, testing::ValuesIn(models_that_start_something()), name_of_model);

class RefusalMidway : public testing::TestWithParam<const ModelInfo*> {};

TEST_P(RefusalMidway, IsASystemErrorThatSaysWhichOneWasRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "a limit that some processes still pass can be set only for another user";
  expect_in_cell([] {
    allow_processes(5);
    try {
      Batch batch(sleeping(), 12);
      GetParam()->make(shape_for(*GetParam(), 12, 12))->run(batch);
    } catch (const std::system_error& error) {
      require_equal(error.code().value(), EAGAIN, "error code");
      return require_contains(error.what(), GetParam()->name == "process_pool" ? "fork"
                                            : GetParam()->name == "openmp"     ? " of 11: "
                                                                               : " of 12: ");
    }
    throw std::runtime_error("nothing was refused");
  });
}

INSTANTIATE_TEST_SUITE_P(All, RefusalMidway,
                         testing::ValuesIn(with_peers({find_model("threads"), find_model("threads", "bare"), find_model("processes"),
                                                       find_model("processes", "bare"), find_model("process_pool")})),
                         name_of_model);

#if !defined(__SANITIZE_ADDRESS__) && !defined(MAKESPAN_THREAD_SANITIZER)  // which end the process themselves where memory is refused
// A fiber that is destroyed before it is joined ends the process.
TEST(RefusalOfAStack, EndsTheBatchWhenTheFibersBeforeHaveEnded) {
  const ModelInfo* const model = find_model("boost_fiber");
  if (model == nullptr) GTEST_SKIP() << "not built";
  expect_in_cell([model] {
    constexpr std::uint64_t many = 10'000;  // 320 MiB of stacks
    Batch batch(sleeping(), many);
    const rlim_t room = limit::own_bytes("/", "VmSize") + (64U << 20U);
    const rlimit allowed{room, room};
    if (setrlimit(RLIMIT_AS, &allowed) != 0) throw std::system_error(errno, std::generic_category(), "setrlimit");
    try {
      model->make({})->run(batch);
    } catch (const std::system_error& error) {
      require_equal(error.code().value(), ENOMEM, "error code");
      require_contains(error.what(), fmt::format("fiber {} of {}", batch.runs() + 1, many));
      return require_at_least(batch.runs(), 1U, "fibers before it");
    }
    throw std::runtime_error("nothing was refused");
  });
}
#endif

class KilledProcess : public testing::TestWithParam<const ModelInfo*> {};

TEST_P(KilledProcess, EndsTheBatchWithProcessDiedAndLeavesNothing) {
  expect_in_cell([] {
    const Holdings before = holdings();
    const std::string words = words_of<ProcessDied>(*GetParam(), sleeping({Fault::Kind::kill, 3}));
    require_contains(words, "process");
    require_contains(words, "signal 9 (Killed)");
    require_nothing_left(before);
  });
}

TEST_P(KilledProcess, WhenItIsTheOnlyOne) {
  expect_in_cell([] {
    const ModelInfo& model = *GetParam();
    const auto instance = model.make(model.choice == Choice::none ? Shape{1, 1} : model.shape(1, {1, 1}));
    Batch batch(sleeping({Fault::Kind::kill, 0}), 1);
    try {
      instance->run(batch);
    } catch (const ProcessDied&) {
      return;
    }
    throw std::runtime_error("the death went unnoticed");
  });
}

std::vector<const ModelInfo*> models_of_processes() {
  std::vector<const ModelInfo*> forking;
  for (const ModelInfo* model : models()) {
    if (model->unit == Unit::process) forking.push_back(model);
  }
  return forking;
}

INSTANTIATE_TEST_SUITE_P(All, KilledProcess, testing::ValuesIn(models_of_processes()), name_of_model);

TEST(KilledPool, SaysSoAgainForTheNextBatch) {
  expect_in_cell([] {
    const ModelInfo& model = *find_model("process_pool");
    const auto pool = model.make({3, 1});
    for (const Fault fault : {Fault{Fault::Kind::kill, 1}, Fault{}}) {
      Batch batch(sleeping(fault), 5);
      bool told = false;
      try {
        pool->run(batch);
      } catch (const ProcessDied&) {
        told = true;
      }
      require(told, "a pool that lost a worker refuses the batch");
    }
  });
}

class OneProcess : public testing::TestWithParam<const ModelInfo*> {};

// The task runs in the cell's own process, which the cell reports.
TEST_P(OneProcess, DiesWithATaskThatIsKilled) {
  const CellEnd end = run_in_cell(60s, [] { words_of<std::exception>(*GetParam(), sleeping({Fault::Kind::kill, 3})); });
  EXPECT_EQ(end.status, CellEnd::Status::error);
  EXPECT_EQ(end.error, "the cell ended with signal 9 (Killed)");
}

INSTANTIATE_TEST_SUITE_P(All, OneProcess,
                         testing::Values(find_model("serial"), find_model("threads"), find_model("tbb_pool"), find_model("event_loop")),
                         name_of_model);

class Hanging : public testing::TestWithParam<const ModelInfo*> {};

TEST_P(Hanging, TaskIsEndedByTheTimeLimitWithAllItsProcesses) {
  const Holdings before = holdings();
  const CellEnd end = run_in_cell(300ms, [] { words_of<std::exception>(*GetParam(), sleeping({Fault::Kind::hang, 3})); });
  EXPECT_EQ(end.status, CellEnd::Status::timeout);
  EXPECT_NO_THROW(require_nothing_left(before));
}

INSTANTIATE_TEST_SUITE_P(All, Hanging, testing::ValuesIn(all_models()), name_of_model);

}  // namespace
}  // namespace makespan
