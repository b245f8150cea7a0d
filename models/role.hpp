// SPDX-License-Identifier: Apache-2.0
// What an entry of a registry is there for, and what a registry could not have in this build.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace makespan {

enum class Role : std::uint8_t {
  own,    ///< the suite's own form of a model: always there, and measured unless something else is asked for
  peer,   ///< a library that users would pick instead, measured beside it on request
  floor,  ///< what the system's calls take that a model cannot do without; no choice for users
};

/// In the order of the enumeration.
inline constexpr std::array<std::string_view, 3> role_names{"own", "peer", "floor"};

[[nodiscard]] constexpr std::string_view name_of(Role role) noexcept { return role_names[static_cast<std::size_t>(role)]; }

/// Nothing if there is no role of that name.
[[nodiscard]] constexpr std::optional<Role> parse_role(std::string_view name) noexcept {
  for (std::size_t index = 0; index < role_names.size(); ++index) {
    if (role_names[index] == name) return static_cast<Role>(index);
  }
  return std::nullopt;
}

/// An entry that this build left out because of what it needs. Only peers need what may be missing.
struct LeftOut {
  std::string_view model;    ///< as in the CSV's column `model`
  std::string_view variant;  ///< as in the CSV's column `variant`; empty for the ordinary form
  std::string_view needs;    ///< the Debian package that brings it, or the option of CMake
};

}  // namespace makespan
