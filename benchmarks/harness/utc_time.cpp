// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/utc_time.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace makespan {
namespace {

std::string formatted(const timespec& time, const char* form) {
  std::tm parts{};
  gmtime_r(&time.tv_sec, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), form, &parts)};
}

timespec now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time;
}

}  // namespace

std::string utc_timestamp() {
  const timespec time = now();
  return fmt::format("{}.{:03}Z", formatted(time, "%Y-%m-%dT%H:%M:%S"), time.tv_nsec / 1'000'000);
}

std::string utc_time_as_name() { return formatted(now(), "%Y%m%dT%H%M%SZ"); }

}  // namespace makespan
