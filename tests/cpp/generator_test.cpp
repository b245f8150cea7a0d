// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/generator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace makespan {
namespace {

using Log = std::vector<std::string>;

static_assert(!std::is_copy_constructible_v<Generator<int>> && !std::is_copy_assignable_v<Generator<int>>);
static_assert(std::is_nothrow_move_constructible_v<Generator<int>> && std::is_nothrow_move_assignable_v<Generator<int>>);
static_assert(std::ranges::input_range<Generator<int>> && !std::ranges::forward_range<Generator<int>>);

/// Logs its destruction; one in a coroutine shows when its frame goes.
struct Farewell {
  explicit Farewell(Log& to) : log(&to) {}
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;
  ~Farewell() { log->push_back("gone"); }
  Log* log;
};

Generator<int> count(int from, int to) {
  for (int value = from; value < to; ++value) co_yield value;
}

Generator<int> logged(Log& log, int to) {
  log.push_back("starts");
  const Farewell frame(log);
  for (int value = 0; value < to; ++value) {
    log.push_back(std::to_string(value));
    co_yield value;
  }
}

Generator<int> doubled(Generator<int> in) {
  for (const int value : in) co_yield 2 * value;
}

Generator<int> fail_after(int values, Log& log) {
  const Farewell frame(log);
  for (int value = 0; value < values; ++value) co_yield value;
  throw std::runtime_error("broken");
}

Generator<std::unique_ptr<int>> owned(int values) {
  for (int value = 0; value < values; ++value) co_yield std::make_unique<int>(value);
}

std::vector<int> all_of(Generator<int> values) {
  std::vector<int> list;
  for (const int value : values) list.push_back(value);
  return list;
}

TEST(Generator, YieldsItsValuesInOrder) {
  EXPECT_EQ(all_of(count(1, 4)), (std::vector{1, 2, 3}));
  EXPECT_TRUE(all_of(count(1, 1)).empty());
}

TEST(Generator, RunsOnlyWhenAsked) {
  Log log;
  Generator<int> values = logged(log, 2);
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(*values.next(), 0);
  EXPECT_EQ(log, (Log{"starts", "0"}));
  EXPECT_EQ(*values.next(), 1);
  EXPECT_EQ(values.next(), nullptr);
  EXPECT_EQ(log, (Log{"starts", "0", "1", "gone"}));
  EXPECT_EQ(values.next(), nullptr);
  EXPECT_TRUE(values.begin() == values.end());
}

TEST(Generator, GoesOnWhereItWasLeft) {
  Generator<int> values = count(0, 5);
  EXPECT_EQ(*values.next(), 0);
  for (const int value : values) {
    if (value == 2) break;
  }
  EXPECT_EQ(*values.begin(), 3);
}

TEST(Generator, Chains) { EXPECT_EQ(all_of(doubled(doubled(count(1, 4)))), (std::vector{4, 8, 12})); }

TEST(Generator, IsARange) {
  std::vector<int> odd;
  std::ranges::copy_if(count(0, 8), std::back_inserter(odd), [](int number) { return number % 2 == 1; });
  EXPECT_EQ(odd, (std::vector{1, 3, 5, 7}));
}

TEST(Generator, YieldsWhatCannotBeCopied) {
  int sum = 0;
  Generator<std::unique_ptr<int>> values = owned(4);
  for (auto at = values.begin(); at != values.end(); at++) sum += *at->get();
  EXPECT_EQ(sum, 6);
}

TEST(Generator, WhatItThrowsComesToWhoeverAsks) {
  Log log;
  Generator<int> values = doubled(fail_after(1, log));
  EXPECT_EQ(*values.next(), 0);
  EXPECT_THROW((void)values.next(), std::runtime_error);
  EXPECT_EQ(log, Log{"gone"});
  EXPECT_EQ(values.next(), nullptr);
  Generator<int> at_once = fail_after(0, log);
  EXPECT_THROW((void)at_once.begin(), std::runtime_error);
}

TEST(Generator, DestroyedBeforeItsEndDestroysItsFrame) {
  Log log;
  {
    Generator<int> values = doubled(logged(log, 5));
    (void)values.next();
  }
  EXPECT_EQ(log, (Log{"starts", "0", "gone"}));
  { const Generator<int> never_asked = logged(log, 5); }
  EXPECT_EQ(log.size(), 3U);
}

TEST(Generator, MovesWithItsFrame) {
  Log log;
  Generator<int> first = logged(log, 3);
  EXPECT_EQ(*first.next(), 0);
  Generator<int> second = std::move(first);
  EXPECT_EQ(first.next(), nullptr);  // NOLINT(bugprone-use-after-move): what is left is defined
  EXPECT_EQ(*second.next(), 1);
  second = count(7, 8);
  EXPECT_EQ(log.back(), "gone");
  EXPECT_EQ(*second.next(), 7);
}

}  // namespace
}  // namespace makespan
