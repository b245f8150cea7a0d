// SPDX-License-Identifier: Apache-2.0
// HOW messages travel: the interface of a transport, and the registry.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "models/model.hpp"
#include "models/traffic.hpp"

namespace makespan {

/// The tasks of one traffic and the queues between them. Constructor = setup: all tasks stand at the gate; run = from its opening until all
/// have done their part; join and destructor = teardown: they end.
class Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  virtual ~Exchange() = default;

  /// To be called once. Throws what a task threw, ProcessDied if a process of it died. After that nobody may use the
  /// ledger in this process but to read it.
  virtual void run() = 0;
  /// Waits until all tasks have ended. To be called after run(). Throws as run() if one did not end well.
  virtual void join() = 0;
};

/// What a traffic takes of the system by a transport.
struct TransportNeed {
  std::uint64_t files = 0;           ///< descriptors of a process at most
  std::uint64_t maps = 0;            ///< memory mappings of a process at most
  std::uint64_t bytes = 0;           ///< memory of the queues
  std::uint64_t message_queues = 0;  ///< POSIX message queues
  std::uint64_t message_queue_bytes = 0;
  std::uint64_t threads = 0;  ///< of its own, over all processes
};

/// A registered transport: the variant of the model that owns it.
struct TransportInfo {
  std::string_view model;                               ///< as in the CSV's column `model`
  std::string_view variant;                             ///< as in the CSV's column `variant`
  std::string_view summary;                             ///< one line for --list-models
  Unit unit;                                            ///< what a task of the traffic is
  bool one_thread;                                      ///< all tasks in one thread
  std::string_view (*refuses)(const Traffic& traffic);  ///< why it cannot do this at all; empty: it can
  TransportNeed (*need)(const Traffic& traffic);
  /// Throws std::system_error if the system refuses something.
  std::unique_ptr<Exchange> (*make)(Ledger& ledger);
  Role role = Role::own;

  /// The tasks of a traffic as a shape.
  [[nodiscard]] Shape shape(const Traffic& traffic) const;
};

/// Every registered transport, in the order of models/transports/CMakeLists.txt.
[[nodiscard]] std::span<const TransportInfo* const> transports();
/// Those of that list that this build has not got.
[[nodiscard]] std::span<const LeftOut> transports_left_out();
/// The transport of that model and variant, or null.
[[nodiscard]] const TransportInfo* find_transport(std::string_view model, std::string_view variant);

/// The usual `refuses`.
[[nodiscard]] std::string_view nothing(const Traffic& traffic);

}  // namespace makespan
