// SPDX-License-Identifier: Apache-2.0
#include "models/transport.hpp"

#include <algorithm>

namespace makespan {

Shape TransportInfo::shape(const Traffic& traffic) const {
  if (one_thread) return {};
  return unit == Unit::process ? Shape{traffic.parts(), 1} : Shape{1, traffic.parts()};
}

const TransportInfo* find_transport(std::string_view model, std::string_view variant) {
  const auto all = transports();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const TransportInfo* info) { return info->model == model && info->variant == variant; });
  return found == all.end() ? nullptr : *found;
}

std::string_view nothing(const Traffic& /*traffic*/) { return ""; }

}  // namespace makespan
