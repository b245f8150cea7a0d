// SPDX-License-Identifier: Apache-2.0
#include "models/peers/versions.hpp"

#include <fmt/format.h>

#ifdef MAKESPAN_PEER_asio
#include <asio/version.hpp>
#endif
#ifdef MAKESPAN_PEER_uv
#include <uv.h>
#endif
#ifdef MAKESPAN_PEER_boost_fiber
#include <boost/version.hpp>
#endif
#ifdef MAKESPAN_PEER_taskflow
#include <taskflow/taskflow.hpp>
#endif
#ifdef MAKESPAN_PEER_zmq
#include <zmq.h>
#endif

namespace makespan {
namespace {

[[maybe_unused]] std::string dotted(int major, int minor, int patch) { return fmt::format("{}.{}.{}", major, minor, patch); }

// "MMmmmpp", in decimal.
[[maybe_unused]] std::string dotted(int version) { return dotted(version / 100000, version / 100 % 1000, version % 100); }

}  // namespace

std::map<std::string, std::string> peer_libraries() {
  std::map<std::string, std::string> all;
#ifdef MAKESPAN_PEER_openmp
  all["openmp"] = std::to_string(_OPENMP);
#endif
#ifdef MAKESPAN_PEER_asio
  all["asio"] = dotted(ASIO_VERSION);
#endif
#ifdef MAKESPAN_PEER_uv
  all["uv"] = dotted(UV_VERSION_MAJOR, UV_VERSION_MINOR, UV_VERSION_PATCH);
#endif
#ifdef MAKESPAN_PEER_boost_fiber
  all["boost_fiber"] = dotted(BOOST_VERSION);
#endif
#ifdef MAKESPAN_PEER_taskflow
  all["taskflow"] = dotted(TF_VERSION);
#endif
#ifdef MAKESPAN_PEER_zmq
  all["zmq"] = dotted(ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH);
#endif
  return all;
}

}  // namespace makespan
