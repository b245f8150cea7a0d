// SPDX-License-Identifier: Apache-2.0
// Memory of a batch while all its tasks wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/harness/experiment.hpp"

namespace makespan {

/// A case whose tasks sleep `point.time.sleep`; zero: as long as the reading needs.
struct FootprintCase {
  Case point;
  std::optional<std::uint64_t> stack_bytes{};  ///< of every thread that the cell starts; empty: the system's default

  [[nodiscard]] std::string variant() const;             ///< the model's, then as stack-64KiB, joined by '+'
  [[nodiscard]] std::string name() const;                ///< as Google Benchmark shows it
  [[nodiscard]] std::vector<std::string> flags() const;  ///< command line flags that select exactly this case
};

/// Whether the threads of the model are the suite's or oneTBB's, so that the size of their stacks can be set.
[[nodiscard]] bool has_stacks(const ModelInfo& model);

/// The sample of a case before it is measured: the columns that say which batch it is. No bounds, as the reading disturbs the
/// makespan.
[[nodiscard]] Sample describe(const FootprintCase& footprint, const Conditions& conditions);

/// Runs the case once in a cell and reads its memory, from the benchmark process, at the plateau: every task that can be under
/// way has begun (the others are queued, in whatever way the model queues them), the cell's first process uses no CPU time any
/// more, and the reading is over before the first task can have ended, as no sleep is shorter than asked for. Then tasks that
/// have not begun stop sleeping, and the batch is run to its end and verified as any other. With no tasks the model is
/// read after its construction.
/// `pss_bytes` is of all processes of the cell. `kernel_bytes`: their page tables, and by how much kernel stacks and slab
/// are more than before the cell was started; see memory.hpp for both. Task records are not kept, so nothing of the suite's own
/// grows with the tasks.
/// A reading that does not fit into the sleep is made anew with the double one, up to five times, unless `time.sleep` is given;
/// then the status is error.
[[nodiscard]] Measurement measure(const FootprintCase& footprint, const Conditions& conditions);

}  // namespace makespan
