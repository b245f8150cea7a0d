// SPDX-License-Identifier: Apache-2.0
// Flags of the command line whose values are checked: the message names the flag, the value and what is allowed.
// CLI11's own header stays out of here: a file that includes it takes ten seconds longer to compile.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "benchmarks/harness/quantity.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace makespan {

/// Reads one value; nothing if it is not allowed.
template <class T>
using Parser = std::function<std::optional<T>(std::string_view)>;

/// A flag that has been added: what else holds of it.
class Flag {
 public:
  explicit Flag(CLI::Option& option) noexcept : option_(&option) {}
  Flag type_name(const std::string& name) const;  ///< what --help calls its value
  Flag excludes(const Flag& other) const;         ///< not both
  Flag excludes(const std::string& other) const;  ///< the same, of one that was added before
  Flag needs(const Flag& other) const;            ///< only together

 private:
  CLI::Option* option_;
};

/// Throws what parse_options() tells the user of a value.
[[noreturn]] void refuse(const std::string& flag, std::string_view value, std::string_view allowed);
/// The same, if it is not the value: `why` comes after the flag.
[[noreturn]] void refuse_flag(const std::string& flag, const std::string& why);

/// A flag with a text for which `read` is called.
Flag add_text(CLI::App& app, const std::string& flag, const std::function<void(const std::string&)>& read, const std::string& help,
              const std::string& type_name);
/// A flag without a value.
Flag add_switch(CLI::App& app, const std::string& flag, const std::function<void()>& on, const std::string& help);
/// Called when everything has been read; it may refuse what does not go together.
void when_parsed(CLI::App& app, const std::function<void()>& check);
/// Whether there is such a flag, and the command line has it.
[[nodiscard]] bool is_given(const CLI::App& app, const std::string& flag);

/// A flag with one value. `allowed` completes "give ...".
template <class T>
Flag add_value(CLI::App& app, const std::string& flag, T& into, const Parser<std::decay_t<decltype(*std::optional(into))>>& parse,
               const std::string& allowed, const std::string& help) {
  const auto read = [flag, &into, parse, allowed](const std::string& value) {
    const auto parsed = parse(value);
    if (!parsed) refuse(flag, value, allowed);
    into = *parsed;
  };
  return add_text(app, flag, read, help, "VALUE");
}

/// A flag with a list of values between commas. `allowed` says what one of them may be.
template <class T>
Flag add_list(CLI::App& app, const std::string& flag, std::vector<T>& into, const Parser<T>& parse, const std::string& allowed,
              const std::string& help) {
  const auto read = [flag, &into, parse, allowed](const std::string& list) {
    for (const std::string_view value : split_list(list)) {
      const std::optional<T> parsed = parse(value);
      if (!parsed) refuse(flag, value, fmt::format("a list, separated by commas, of: {}", allowed));
      into.push_back(*parsed);
    }
  };
  return add_text(app, flag, read, help, "LIST");
}

/// Whole numbers from `least` to `most`.
[[nodiscard]] Parser<std::uint64_t> count_between(std::uint64_t least, std::uint64_t most);
[[nodiscard]] std::string count_form(std::uint64_t least, std::uint64_t most);
/// One of some words.
[[nodiscard]] Parser<std::string> one_of(const std::vector<std::string>& names);
/// A duration above 0.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_time_limit(std::string_view text);
/// Any text that is not empty.
[[nodiscard]] std::optional<std::string> parse_name(std::string_view text);

}  // namespace makespan
