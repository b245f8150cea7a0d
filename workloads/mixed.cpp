// SPDX-License-Identifier: Apache-2.0
#include "workloads/workload.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
constexpr std::array<TaskTime, 3> times{{{9ms, 1ms}, {5ms, 5ms}, {1ms, 9ms}}};

// A request handler: computes (decode), waits (database), computes (encode).
Steps handle_request(const Step& size) {
  const std::uint64_t before = size.iterations / 2;
  return {{std::chrono::nanoseconds{0}, before}, {size.sleep, size.iterations - before}};
}

}  // namespace

extern const WorkloadInfo mixed_workload;
const WorkloadInfo mixed_workload{
    .name = "mixed",
    .summary = "computes, waits, computes again, as a request handler does",
    .sleeps = true,
    .computes = true,
    .default_times = times,
    .steps = handle_request,
};

}  // namespace makespan
