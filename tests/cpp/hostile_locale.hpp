// SPDX-License-Identifier: Apache-2.0
// Locales in which 1234.5 is written 1.234,5.
#pragma once

#include <filesystem>
#include <locale>
#include <optional>
#include <string>

#include "tests/cpp/children.hpp"
#include "tests/cpp/run_program.hpp"

namespace makespan {

/// Makes such a locale the global one of C++ for as long as it lives.
class HostileLocale {
 public:
  HostileLocale() : before_(std::locale::global(std::locale(std::locale::classic(), new Punctuation))) {}
  HostileLocale(const HostileLocale&) = delete;
  HostileLocale& operator=(const HostileLocale&) = delete;
  ~HostileLocale() { std::locale::global(before_); }

 private:
  struct Punctuation final : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  std::locale before_;
};

/// Compiles the German locale of the C library into `directory`, which LOCPATH is then to name. False if this system has no
/// sources of locales.
[[nodiscard]] inline bool compile_german_locale(const std::string& directory) {
  if (!std::filesystem::exists("/usr/bin/localedef") || !std::filesystem::exists("/usr/share/i18n/locales/de_DE")) return false;
  const bool compiled = run_program({"/usr/bin/localedef", "-i", "de_DE", "-f", "UTF-8", directory + "/de_DE.UTF-8"}).exit_code == 0;
  return all_children_end() && compiled;  // it leaves one of its own behind
}

}  // namespace makespan
