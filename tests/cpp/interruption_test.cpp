// SPDX-License-Identifier: Apache-2.0
// Ctrl-C. Every test does its work in a child: a signal once noted stays noted.
#include "benchmarks/harness/interruption.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <concepts>
#include <thread>

#include "benchmarks/harness/cell.hpp"
#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"
#include "tests/cpp/children.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using Status = CellEnd::Status;

constexpr auto never = 10min;

// Whether `check` holds in a fresh process.
template <std::predicate F>
bool holds_in_child(F check) {
  Process child = Process::start([&] { _exit(check() ? 0 : 1); });
  return child.wait().ok();
}

[[noreturn]] void sleep_forever() {
  for (;;) pause();
}

class InterruptionTest : public testing::TestWithParam<int> {};

TEST_P(InterruptionTest, EndsAWaitForACell) {
  EXPECT_TRUE(holds_in_child([] {
    catch_interruptions();
    const SharedArray<std::atomic<pid_t>> leader(1);
    const pid_t caller = getpid();
    Process finger = Process::start([&] {  // presses Ctrl-C as soon as the cell is under way
      while (leader[0] == 0) std::this_thread::sleep_for(1ms);
      kill(caller, GetParam());
    });
    const CellEnd end = run_in_cell(never, [&] {
      leader[0] = getpid();
      sleep_forever();
    });
    return end.status == Status::interrupted && interrupted() && group_is_gone(leader[0]) && finger.wait().ok() && has_no_children();
  }));
}

TEST_P(InterruptionTest, OfLongAgoLetsNoCellRun) {
  EXPECT_TRUE(holds_in_child([] {
    catch_interruptions();
    raise(GetParam());
    return interrupted() && run_in_cell(never, [] { sleep_forever(); }).status == Status::interrupted && has_no_children();
  }));
}

TEST_P(InterruptionTest, OnceNotedStaysNoted) {
  EXPECT_TRUE(holds_in_child([] {
    catch_interruptions();
    if (interrupted()) return false;
    raise(GetParam());
    static_cast<void>(run_in_cell(never, [] {}));
    return interrupted() && interrupted();
  }));
}

TEST_P(InterruptionTest, DoesInTheCellWhatItDoesByDefault) {
  EXPECT_TRUE(holds_in_child([] {
    catch_interruptions();
    const CellEnd end = run_in_cell(never, [] {
      raise(GetParam());
      sleep_forever();
    });
    return end.status == Status::error && end.error.find("signal " + std::to_string(GetParam())) != std::string::npos;
  }));
}

INSTANTIATE_TEST_SUITE_P(Signals, InterruptionTest, testing::Values(SIGINT, SIGTERM),
                         [](const auto& parameter) { return parameter.param == SIGINT ? "SIGINT" : "SIGTERM"; });

TEST(Interruption, NobodyWasInterruptedWithoutASignal) {
  EXPECT_TRUE(holds_in_child([] {
    catch_interruptions();
    return run_in_cell(never, [] {}).status == Status::ok && !interrupted();
  }));
}

}  // namespace
}  // namespace makespan
