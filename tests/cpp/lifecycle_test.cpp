// SPDX-License-Identifier: Apache-2.0
// Every kind of unit that can be created and ended: how many ran, what happens when one fails or is refused, what is left.
#include "models/lifecycle.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "models/lifecycles/program.hpp"
#include "models/lifecycles/unit_burst.hpp"
#include "models/runtime/process.hpp"
#include "tests/cpp/few_processes.hpp"
#include "tests/cpp/in_cell.hpp"
#include "tests/cpp/leftovers.hpp"
#include "tests/cpp/temporary_directory.hpp"

namespace makespan {

std::string readable(const LifecycleInfo& info) {
  return info.variant.empty() ? std::string(info.model) : fmt::format("{}_{}", info.model, info.variant);
}
void PrintTo(const LifecycleInfo* info, std::ostream* out) { *out << readable(*info); }

namespace {

using Log = std::vector<std::string>;

// What a burst does with its units, in order.
struct LoggedUnit {
  struct Common {
    Log log{};
    int refused = -1;  // which one
  };
  static constexpr Held held = Held::with_others;

  LoggedUnit(Common& common, const Roll& /*roll*/, std::uint64_t unit) : common_(common), unit_(unit) {
    if (static_cast<int>(unit) == common.refused) throw std::system_error(EAGAIN, std::generic_category(), "mock");
    common_.log.push_back(fmt::format("create {}", unit));
    last = &common_.log;
  }
  LoggedUnit(const LoggedUnit&) = delete;
  LoggedUnit& operator=(const LoggedUnit&) = delete;
  ~LoggedUnit() { common_.log.push_back(fmt::format("destroy {}", unit_)); }
  void end() const { common_.log.push_back(fmt::format("end {}", unit_)); }

  static inline Log* last = nullptr;

 private:
  Common& common_;
  std::uint64_t unit_;
};

TEST(UnitBurst, CreatesAllBeforeItEndsTheFirst) {
  const Roll roll;
  UnitBurst<LoggedUnit> units(roll, 2);
  units.burst();
  EXPECT_EQ(*LoggedUnit::last, (Log{"create 0", "create 1", "end 0", "destroy 0", "end 1", "destroy 1"}));
  units.burst();
  EXPECT_EQ(LoggedUnit::last->size(), 12U);
}

struct RefusedUnit : LoggedUnit {
  struct Common : LoggedUnit::Common {
    Common() { refused = 2; }
  };
  using LoggedUnit::LoggedUnit;
};

TEST(UnitBurst, EndsWhatWasCreatedWhenTheSystemRefusesTheNext) {
  const Roll roll;
  Log log;
  {
    UnitBurst<RefusedUnit> units(roll, 4);
    try {
      units.burst();
      FAIL() << "nothing was refused";
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code().value(), EAGAIN);
      EXPECT_EQ(std::string(error.what()).find("unit 3 of 4"), 0U) << error.what();
    }
    EXPECT_EQ(*LoggedUnit::last, (Log{"create 0", "create 1"}));  // ended with the object
  }
  EXPECT_TRUE(roll.answer(0)) << "nobody is held any more";
}

// As large as a stack, and used like one.
struct LargeUnit {
  using Common = NothingInCommon;
  static constexpr Held held = Held::never;
  LargeUnit(const Common& /*common*/, const Roll& /*roll*/, std::uint64_t /*unit*/) {
    for (std::size_t at = 0; at < sizeof(space); at += 4096) reinterpret_cast<volatile char*>(space)[at] = 1;
  }
  void end() const noexcept {}
  char space[std::size_t{64} << 10U];
};

long minor_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

TEST(UnitBurst, HasTouchedThePlacesOfItsUnitsBeforeTheFirstBurst) {
  constexpr std::uint64_t many = 300;
  const Roll roll;
  UnitBurst<LargeUnit> units(roll, many);
  const long before = minor_faults();
  units.burst();
  EXPECT_LT(minor_faults() - before, static_cast<long>(many));  // 16 pages each, if they were cold
}

TEST(Roll, CountsWhoAnswersButNotWhoIsAbsent) {
  const Roll roll({UnitFault::Kind::absent, 1});
  EXPECT_TRUE(roll.answer(0) && roll.answer(1) && roll.count(1) && roll.count(2));
  EXPECT_EQ(roll.ran(), 2U);
}

TEST(Roll, TellsTheUnitThatIsToFail) {
  const Roll roll({UnitFault::Kind::fails, 1});
  EXPECT_TRUE(roll.answer(0) && roll.count(0));
  EXPECT_FALSE(roll.answer(1) || roll.count(1));
  EXPECT_EQ(roll.ran(), 4U);
}

using Case = std::pair<const LifecycleInfo*, std::uint64_t>;  // how many units

class EveryLifecycle : public testing::TestWithParam<Case> {
 protected:
  static const LifecycleInfo& info() { return *GetParam().first; }
  static std::uint64_t units() { return GetParam().second; }

  void SetUp() override {
    if (info().lacks != nullptr && !info().lacks().empty()) GTEST_SKIP() << info().lacks();
    if (info().refuses != nullptr && !info().refuses(units()).empty()) GTEST_SKIP() << info().refuses(units());
  }
};

TEST_P(EveryLifecycle, RunsAsManyUnitsAsItIsAskedFor) {
  expect_in_cell([] {
    const Roll roll;
    const auto unit = info().make(roll, units());
    for (std::uint64_t burst = 1; burst <= 3; ++burst) {
      unit->burst();
      require_equal(roll.ran(), burst * units(), "units that ran");
    }
  });
}

TEST_P(EveryLifecycle, AUnitThatDoesNotRunShows) {
  expect_in_cell([] {
    const Roll roll({UnitFault::Kind::absent, units() - 1});
    info().make(roll, units())->burst();
    require_equal(roll.ran(), units() - 1, "units that ran");
  });
}

TEST_P(EveryLifecycle, LeavesNothingBehind) {
  expect_in_cell([] {
    settle_sanitizer();
    const Roll roll;
    info().make(roll, units())->burst();  // what a library sets up once and for all
    const Holdings before = holdings();
    info().make(roll, units())->burst();
    require_nothing_left(before);
  });
}

TEST_P(EveryLifecycle, SaysHowManyDescriptorsItNeeds) {
  expect_in_cell([] {
    const Roll roll;
    info().make(roll, units())->burst();
    const std::uint64_t open = count_entries("/proc/self/fd") - 1;  // without that of the look itself
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::max<rlim_t>(open + info().need.files * units(), info().model == "spawn" ? 16 : 0);  // what a program opens itself
    setrlimit(RLIMIT_NOFILE, &limit);
    info().make(roll, units())->burst();
    require_equal(roll.ran(), 2 * units(), "units that ran");
  });
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const LifecycleInfo* info : lifecycles()) {
    for (const std::uint64_t units : {1U, 7U}) cases.emplace_back(info, units);
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, EveryLifecycle, testing::ValuesIn(all_cases()), [](const testing::TestParamInfo<Case>& test) {
  return fmt::format("{}_{}_units", readable(*test.param.first), test.param.second);
});

std::string words_of(const LifecycleInfo& info, const Roll& roll, std::uint64_t units) {
  try {
    info.make(roll, units)->burst();
  } catch (const std::exception& error) {
    return error.what();
  }
  throw std::runtime_error("nothing was told");
}

class RefusedLifecycle : public testing::TestWithParam<const LifecycleInfo*> {};

TEST_P(RefusedLifecycle, MidwayIsASystemErrorThatSaysWhichOneAndLeavesNothing) {
  if (geteuid() != 0) GTEST_SKIP() << "a limit that some processes still pass can be set only for another user";
  if (GetParam()->refuses != nullptr && !GetParam()->refuses(12).empty()) GTEST_SKIP() << GetParam()->refuses(12);
  expect_in_cell([] {
    settle_sanitizer();
    const Roll roll;
    const Holdings before = holdings();
    allow_processes(5);
    const std::string words = words_of(*GetParam(), roll, 12);
    require_contains(words, " of 12: Resource temporarily unavailable");
    require_nothing_left(before);
  });
}

std::vector<const LifecycleInfo*> those_that_start_something() {
  std::vector<const LifecycleInfo*> found;
  for (const LifecycleInfo* info : lifecycles()) {
    if (info->parts > 0 && info->model != "tbb_pool") found.push_back(info);  // oneTBB makes do without the threads it is refused
  }
  return found;
}

INSTANTIATE_TEST_SUITE_P(All, RefusedLifecycle, testing::ValuesIn(those_that_start_something()),
                         [](const testing::TestParamInfo<const LifecycleInfo*>& test) { return readable(*test.param); });

class FailingUnit : public testing::TestWithParam<std::pair<const LifecycleInfo*, const char*>> {};

TEST_P(FailingUnit, IsTold) {
  expect_in_cell([] {
    const Roll roll({UnitFault::Kind::fails, 3});
    settle_sanitizer();
    const Holdings before = holdings();
    require_contains(words_of(*GetParam().first, roll, 5), GetParam().second);
    require_nothing_left(before);
  });
}

INSTANTIATE_TEST_SUITE_P(All, FailingUnit,
                         testing::Values(std::pair{find_lifecycle("fork"), "ended with exit code 1"},
                                         std::pair{find_lifecycle("fork", "bare"), "ended with exit code 1"},
                                         std::pair{find_lifecycle("process_pool", "bare"), "ended with exit code 1"},
                                         std::pair{find_lifecycle("async"), "injected exception in a future"},
                                         std::pair{find_lifecycle("coroutine"), "injected exception in a coroutine"},
                                         std::pair{find_lifecycle("event_loop"), "injected exception in a coroutine"}),
                         [](const auto& test) { return readable(*test.param.first); });

class SpawnedProgram : public testing::TestWithParam<const char*> {
 protected:
  static const LifecycleInfo& info() { return *find_lifecycle("spawn", GetParam()); }
};

TEST_P(SpawnedProgram, ThatFailsIsTold) {
  const TemporaryDirectory directory;
  write_file(directory.file("true"), "#!/bin/sh\nexit 7\n");
  std::filesystem::permissions(directory.file("true"), std::filesystem::perms::owner_all);
  expect_in_cell([&] {
    setenv("PATH", directory.file("").c_str(), 1);
    const Roll roll;
    require_contains(words_of(info(), roll, 2), "spawned program (process ");
    require_contains(words_of(info(), roll, 2), "ended with exit code 7");
    require_equal(roll.ran(), 0U, "programs that ended well");
  });
}

TEST_P(SpawnedProgram, ThatIsNotThereIsLacking) {
  const TemporaryDirectory directory;
  write_file(directory.file("true"), "not executable");
  expect_in_cell([&] {
    setenv("PATH", (directory.file("") + ":" + directory.file("absent")).c_str(), 1);
    require_contains(info().lacks(), "no program `true`");
    require_equal(find_program("true"), "", "path of the program");
  });
}

INSTANTIATE_TEST_SUITE_P(All, SpawnedProgram, testing::Values("", "fork_exec", "bare"),
                         [](const testing::TestParamInfo<const char*>& test) {
                           return *test.param == '\0' ? std::string("posix_spawn") : std::string(test.param);
                         });

TEST(Lifecycles, AreFoundByModelAndVariant) {
  std::set<std::string> names;
  for (const LifecycleInfo* info : lifecycles()) {
    EXPECT_EQ(find_lifecycle(info->model, info->variant), info);
    EXPECT_FALSE(info->summary.empty());
    names.insert(readable(*info));
  }
  EXPECT_EQ(names.size(), lifecycles().size());
  EXPECT_EQ(find_lifecycle("thread", "absent"), nullptr);
}

TEST(Lifecycles, HaveAFloorEachButForTheOnesThatShareThatOfTheThread) {
  for (const LifecycleInfo* info : lifecycles()) {
    EXPECT_TRUE(info->model == "async" || find_lifecycle(info->model, "bare") != nullptr) << info->model;
  }
}

TEST(Lifecycles, TellTheirShape) {
  EXPECT_EQ(find_lifecycle("thread")->shape(9), (Shape{1, 9}));
  EXPECT_EQ(find_lifecycle("fork")->shape(9), (Shape{9, 1}));
  EXPECT_EQ(find_lifecycle("process_pool")->shape(9), (Shape{18, 1}));
  EXPECT_EQ(find_lifecycle("tbb_pool")->shape(1), (Shape{1, 2}));
  EXPECT_EQ(find_lifecycle("coroutine")->shape(9), (Shape{1, 1}));
}

}  // namespace
}  // namespace makespan
