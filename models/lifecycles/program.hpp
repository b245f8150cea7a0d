// SPDX-License-Identifier: Apache-2.0
// The small program that is spawned: `true`, which does nothing and exits with 0.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace makespan {

/// What a child exits with that could not become a program, as a shell's does.
inline constexpr int no_such_program = 127;

/// Where the PATH has a program of that name, as an absolute or relative path; empty if nowhere.
[[nodiscard]] std::string find_program(std::string_view name);

/// What a burst of spawned programs has in common: path and arguments.
class SmallProgram {
 public:
  SmallProgram();
  SmallProgram(const SmallProgram&) = delete;
  SmallProgram& operator=(const SmallProgram&) = delete;

  [[nodiscard]] const char* path() const noexcept { return path_.c_str(); }
  [[nodiscard]] char* const* arguments() const noexcept { return arguments_.data(); }

 private:
  std::string path_;
  std::array<char*, 2> arguments_;
};

/// The `lacks` of what spawns it.
[[nodiscard]] std::string lacks_small_program();

}  // namespace makespan
