// SPDX-License-Identifier: Apache-2.0
// Checks that run in a cell, so that threads, oneTBB and forks of a test never meet in the test's own process. A failed
// check there is an exception, whose words the cell carries out.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "benchmarks/harness/cell.hpp"

namespace makespan {

inline void require(bool held, std::string_view what) {
  if (!held) throw std::runtime_error(fmt::format("not so: {}", what));
}

template <class Actual, class Wanted>
void require_equal(const Actual& actual, const Wanted& wanted, std::string_view what) {
  if (!(actual == wanted)) throw std::runtime_error(fmt::format("{}: {} instead of {}", what, actual, wanted));
}

template <class Actual, class Least>
void require_at_least(const Actual& actual, const Least& least, std::string_view what) {
  if (!(actual >= least)) throw std::runtime_error(fmt::format("{}: {} is below {}", what, actual, least));
}

inline void require_contains(std::string_view text, std::string_view part) {
  if (text.find(part) == std::string_view::npos) throw std::runtime_error(fmt::format("\"{}\" does not contain \"{}\"", text, part));
}

/// Passes if `body` returns in a cell of its own. The limit is there for what hangs.
inline void expect_in_cell(const std::function<void()>& body, std::chrono::seconds limit = std::chrono::seconds(100)) {
  const CellEnd end = run_in_cell(limit, body);
  EXPECT_TRUE(end.status == CellEnd::Status::ok) << end.error;
}

}  // namespace makespan
