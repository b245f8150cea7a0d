// SPDX-License-Identifier: Apache-2.0
// What a binary measures, as the harness sees it: a grid of trials.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmarks/harness/experiment.hpp"
#include "benchmarks/harness/sample.hpp"
#include "workloads/kernel.hpp"

namespace CLI {
class App;
}

namespace makespan {

/// One case of a benchmark, ready to be measured as often as one likes.
struct Trial {
  std::string name;                ///< as Google Benchmark shows it: sleep/threads/tasks:10/sleep:10ms/processes:1/threads:10
  std::vector<std::string> flags;  ///< command line flags that select exactly this case
  Sample described;                ///< the columns that say which batch it is, and its bounds if it has any
  std::string left_out;            ///< why it is listed but not to be run; empty: it is to be run
  std::function<Measurement(const Conditions&)> measure;
};

/// What was asked for on the command line cannot be had, a file cannot be read: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A kind of benchmark: its part of the command line and the trials that this asks for.
class Benchmark {
 public:
  Benchmark() = default;
  Benchmark(const Benchmark&) = delete;
  Benchmark& operator=(const Benchmark&) = delete;
  virtual ~Benchmark() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;     ///< the binary is bench_<name>
  [[nodiscard]] virtual std::string_view summary() const = 0;  ///< one line for --help
  /// The kernel to be calibrated at the start; null if nothing computes.
  [[nodiscard]] virtual const Kernel* kernel() const = 0;
  /// Adds the flags that span the grid. They are read into this object when the command line is parsed.
  virtual void add_flags(CLI::App& app) = 0;
  /// Every trial of the grid, in order. Throws UsageError.
  [[nodiscard]] virtual std::vector<Trial> trials(const Conditions& conditions) const = 0;
  /// Whether start and end of every task are recorded, if nobody says otherwise. Known once the command line is parsed.
  [[nodiscard]] virtual bool records() const { return true; }
  /// What slows its tasks on purpose, by name and with its size: {{"dispatch", "10us"}}. Usually empty.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> injected() const { return {}; }
  /// A line for each model that can be measured.
  [[nodiscard]] virtual std::string list_models() const = 0;
};

}  // namespace makespan
