// SPDX-License-Identifier: Apache-2.0
// One launch of a benchmark binary: its conditions and where its rows go.
#pragma once

#include <optional>
#include <string>

#include "benchmarks/harness/benchmark.hpp"
#include "benchmarks/harness/csv_file.hpp"
#include "benchmarks/harness/options.hpp"

namespace makespan {

class Launch {
 public:
  /// Opens the output files. Throws CsvError.
  Launch(const Options& options, const Conditions& conditions);

  /// Measures the case and writes its row, unless it was interrupted. Throws CsvError if the row cannot be written.
  Measurement run(const Trial& trial);

  [[nodiscard]] bool any_failed() const noexcept { return any_failed_; }  ///< some row was error or timeout

 private:
  void write_trace(const Measurement& measurement);

  Options options_;
  Conditions conditions_;
  std::optional<CsvFile> csv_, trace_;
  std::uint64_t sequence_;
  bool any_failed_ = false;
};

}  // namespace makespan
