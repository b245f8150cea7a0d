// SPDX-License-Identifier: Apache-2.0
// The measurement of one batch of tasks.
#pragma once

#include <cstdint>
#include <optional>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/harness/experiment.hpp"

namespace makespan {

/// The sample of a case before it is measured: the columns that say which batch it is, and its bounds.
[[nodiscard]] Sample describe(const Case& point, const Conditions& conditions);

/// What the case takes at its height. `stack_bytes`: of every thread; empty: the system's default.
[[nodiscard]] Need need_of(const Case& point, Recording recording, std::optional<std::uint64_t> stack_bytes = {});

/// Runs the case once in a cell and verifies it. `fault` is injected into the workload.
[[nodiscard]] Measurement measure(const Case& point, const Conditions& conditions, const Fault& fault = {});

}  // namespace makespan
