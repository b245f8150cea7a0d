// SPDX-License-Identifier: Apache-2.0
// A burst of units of one class. The class says what a unit is:
//   U(common, roll, unit)   creates it; throws std::system_error if the system refuses
//   end()                   ends it and checks how it ended; throws if it ended badly
//   ~U()                    ends what was not ended, without a word
//   U::Common               what all units share, made once before the first and given to each; NothingInCommon if that is nothing
//   U::held                 when units wait, once they have answered the roll, until all are there
// A unit need not be movable; places for all are kept ready, their pages written to, so that nothing but the units themselves is made in a
// burst.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include "models/lifecycle.hpp"

namespace makespan {

enum class Held : std::uint8_t {
  never,        ///< they are there until they are ended, or end by themselves
  with_others,  ///< only where there are several, as one alone is there without waiting
  always,
};

struct NothingInCommon {};

/// Memory whose pages have all been written to when it is handed out: the first to use it pays for none of them.
template <class T>
struct TouchedMemory {
  using value_type = T;

  TouchedMemory() = default;
  template <class Other>
  explicit TouchedMemory(const TouchedMemory<Other>& /*other*/) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    constexpr std::size_t page = 4096;  // the smallest of any system
    T* const place = std::allocator<T>().allocate(count);
    auto* const bytes = reinterpret_cast<volatile std::byte*>(place);
    for (std::size_t at = 0; at < count * sizeof(T); at += page) bytes[at] = std::byte{1};
    if (count > 0) bytes[count * sizeof(T) - 1] = std::byte{1};
    return place;
  }
  void deallocate(T* place, std::size_t count) noexcept { std::allocator<T>().deallocate(place, count); }
  friend bool operator==(const TouchedMemory& /*one*/, const TouchedMemory& /*other*/) noexcept { return true; }
};

template <class U>
class UnitBurst final : public Lifecycle {
 public:
  UnitBurst(const Roll& roll, std::uint64_t units) : roll_(roll), units_(units) {}

  void burst() override {
    {
      const Hold hold(roll_, U::held == Held::always || (U::held == Held::with_others && units_.size() > 1));
      create();
    }
    for (std::optional<U>& unit : units_) {
      unit->end();
      unit.reset();
    }
  }

 private:
  // Whatever happens, nobody waits for ever: a unit that was left over is ended after this is gone.
  class Hold {
   public:
    Hold(const Roll& roll, bool held) : roll_(roll), held_(held) {
      if (held_) roll_.hold();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if (held_) roll_.let_go();
    }

   private:
    const Roll& roll_;
    bool held_;
  };

  void create() {
    std::uint64_t next = 0;
    try {
      for (std::optional<U>& unit : units_) unit.emplace(common_, roll_, next++);
    } catch (const std::system_error& error) {
      throw std::system_error(error.code(), fmt::format("unit {} of {}", next, units_.size()));
    }
  }

  const Roll& roll_;
  typename U::Common common_{};
  std::vector<std::optional<U>, TouchedMemory<std::optional<U>>> units_;
};

/// The usual `make`.
template <class U>
[[nodiscard]] std::unique_ptr<Lifecycle> make_burst(const Roll& roll, std::uint64_t units) {
  return std::make_unique<UnitBurst<U>>(roll, units);
}

}  // namespace makespan
