// SPDX-License-Identifier: Apache-2.0
#include "workloads/workload.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
constexpr std::array<TaskTime, 2> times{{{1ms, 0ns}, {10ms, 0ns}}};

}  // namespace

extern const WorkloadInfo sleep_workload;
const WorkloadInfo sleep_workload{
    .name = "sleep",
    .summary = "waits, as for a disk, a network or a user; takes no CPU",
    .sleeps = true,
    .computes = false,
    .default_times = times,
    .steps = [](const Step& size) -> Steps { return {size}; },
};

}  // namespace makespan
