// SPDX-License-Identifier: Apache-2.0
// bench_<workload>: batches of tasks of one workload under every model. Built once for each registered workload.
#include "benchmarks/harness/suite.hpp"

int main(int argc, char** argv) { return makespan::suite_main(argc, argv, *makespan::find_workload(MAKESPAN_WORKLOAD)); }
