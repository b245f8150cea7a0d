// SPDX-License-Identifier: Apache-2.0
// What it costs that something IS: units of execution that are created and end again, and the registry of their kinds.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "models/model.hpp"
#include "models/runtime/futex.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {

/// A fault of one unit of a burst: how the suite tests itself. `absent`: the unit does not answer the roll. `fails`: it answers and then
/// ends badly; for units that are forked, awaited or waited for as a future.
struct UnitFault {
  enum class Kind : std::uint8_t { none, absent, fails };
  Kind kind = Kind::none;
  std::uint64_t unit = 0;
};

/// Counts the units that really ran, and holds them until all of a burst are there. Lies in shared memory, so that units may be processes
/// forked after its construction.
class Roll {
 public:
  explicit Roll(const UnitFault& fault = {});  ///< throws std::system_error if the memory is refused

  // For a unit.

  /// Counts the caller, then waits while units are held. False if it is to end badly.
  bool answer(std::uint64_t unit) const noexcept;
  /// Waits without being counted.
  void wait() const noexcept;
  /// The same of a unit that runs in the thread which makes it, where no other runs at the same time; it never waits.
  bool count(std::uint64_t unit) const noexcept {
    std::atomic<std::uint64_t>& ran = words_[0].ran;
    ran.store(ran.load(std::memory_order_relaxed) + (struck(UnitFault::Kind::absent, unit) ? 0 : 1), std::memory_order_relaxed);
    return !struck(UnitFault::Kind::fails, unit);
  }

  // For whoever makes units.
  void hold() const noexcept { words_[0].held.store(1, std::memory_order_release); }
  void let_go() const noexcept;
  [[nodiscard]] std::uint64_t ran() const noexcept { return words_[0].ran.load(); }  ///< units that have answered so far

 private:
  struct Words {
    alignas(64) std::atomic<std::uint64_t> ran;
    alignas(64) FutexWord held;
  };
  [[nodiscard]] bool struck(UnitFault::Kind kind, std::uint64_t unit) const noexcept { return fault_.kind == kind && fault_.unit == unit; }

  SharedArray<Words> words_;
  UnitFault fault_;
};

/// Some units of one kind, a burst of which can be made again and again.
class Lifecycle {
 public:
  Lifecycle() = default;
  Lifecycle(const Lifecycle&) = delete;
  Lifecycle& operator=(const Lifecycle&) = delete;
  virtual ~Lifecycle() = default;

  /// Creates all units, so that they are there at the same time, and then ends them all, one after the other in the order of their
  /// creation: joined, reaped, destroyed. Throws std::system_error if the system refuses one, ProcessDied if a process ended badly, what a
  /// unit itself threw; those created before are ended by the destructor at the latest.
  virtual void burst() = 0;
};

/// What one unit takes of the system while it is there.
struct UnitNeed {
  std::uint64_t files = 0;  ///< descriptors
  std::uint64_t bytes = 0;  ///< memory besides that of its threads and processes
  std::uint64_t maps = 0;   ///< memory mappings besides those of its threads
};

/// A registered kind of unit. Those of one `model` differ in `variant`; `bare` is its floor: the least that the system must be asked for.
struct LifecycleInfo {
  std::string_view model;           ///< as in the CSV's column `model`
  std::string_view variant;         ///< as in the CSV's column `variant`; empty for the ordinary form
  std::string_view summary;         ///< one line for --list-models
  Unit unit;                        ///< what a unit consists of ...
  std::uint64_t parts = 0;          ///< ... and of how many such; 0: it lives in the thread that makes it
  bool copies_parent = false;       ///< by fork: its memory is that of the parent, until it is written to
  std::uint64_t units_per_row = 1;  ///< so many are made for one row, in bursts one after the other
  UnitNeed need = {};
  /// `roll` must outlive what it makes. Throws std::system_error.
  std::unique_ptr<Lifecycle> (*make)(const Roll& roll, std::uint64_t units);
  /// Why so many at once cannot be; empty: they can.
  std::string_view (*refuses)(std::uint64_t units) = nullptr;
  /// What the system lacks for it; empty: nothing.
  std::string (*lacks)() = nullptr;
  Role role = Role::own;

  /// The processes or threads of a burst as a shape.
  [[nodiscard]] Shape shape(std::uint64_t units) const noexcept;
};

/// Every registered kind, in the order of models/lifecycles/CMakeLists.txt.
[[nodiscard]] std::span<const LifecycleInfo* const> lifecycles();
/// Those of that list that this build has not got.
[[nodiscard]] std::span<const LeftOut> lifecycles_left_out();
/// The kind of that model and variant, or null.
[[nodiscard]] const LifecycleInfo* find_lifecycle(std::string_view model, std::string_view variant = "");

}  // namespace makespan
