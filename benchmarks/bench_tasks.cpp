// SPDX-License-Identifier: Apache-2.0
// bench_<workload>: batches of tasks of one workload under every model. Built once for each registered workload.
#include "benchmarks/harness/suite.hpp"
#include "benchmarks/harness/task_benchmark.hpp"

int main(int argc, char** argv) {
  makespan::TaskBenchmark benchmark(*makespan::find_workload(MAKESPAN_WORKLOAD));
  return makespan::suite_main(argc, argv, benchmark);
}
