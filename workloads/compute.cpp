// SPDX-License-Identifier: Apache-2.0
#include "workloads/workload.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
constexpr std::array<TaskTime, 3> times{{{0ns, 10us}, {0ns, 100us}, {0ns, 1ms}}};

}  // namespace

extern const WorkloadInfo compute_workload;
const WorkloadInfo compute_workload{
    .name = "compute",
    .summary = "computes in registers and never waits",
    .sleeps = false,
    .computes = true,
    .default_times = times,
    .steps = [](const Step& size) -> Steps { return {size}; },
};

}  // namespace makespan
