// SPDX-License-Identifier: Apache-2.0
// Flags of the command line whose values are checked: the message names the flag, the value and what is allowed.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
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

namespace makespan {

/// Reads one value; nothing if it is not allowed.
template <class T>
using Parser = std::function<std::optional<T>(std::string_view)>;

[[noreturn]] inline void refuse(const std::string& flag, std::string_view value, std::string_view allowed) {
  throw CLI::ValidationError(flag, fmt::format("'{}' is not allowed here: give {}", value, allowed));
}

/// A flag with one value. `allowed` completes "give ...".
template <class T>
CLI::Option* add_value(CLI::App& app, const std::string& flag, T& into, const Parser<std::decay_t<decltype(*std::optional(into))>>& parse,
                       const std::string& allowed, const std::string& help) {
  const auto read = [flag, &into, parse, allowed](const std::string& value) {
    const auto parsed = parse(value);
    if (!parsed) refuse(flag, value, allowed);
    into = *parsed;
  };
  return app.add_option_function<std::string>(flag, read, help)->type_name("VALUE");
}

/// A flag with a list of values between commas. `allowed` says what one of them may be.
template <class T>
CLI::Option* add_list(CLI::App& app, const std::string& flag, std::vector<T>& into, const Parser<T>& parse, const std::string& allowed,
                      const std::string& help) {
  const auto read = [flag, &into, parse, allowed](const std::string& list) {
    for (const std::string_view value : split_list(list)) {
      const std::optional<T> parsed = parse(value);
      if (!parsed) refuse(flag, value, fmt::format("a list, separated by commas, of: {}", allowed));
      into.push_back(*parsed);
    }
  };
  return app.add_option_function<std::string>(flag, read, help)->type_name("LIST");
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

/// Adds --models and --variant for the entries of a registry; the ordinary variant is called "default".
/// `name` and `variant` are members of its entries.
template <class Registry, class Info>
void add_models(CLI::App& app, const Registry& registry, std::string_view Info::*name, std::string_view Info::*variant,
                std::vector<std::string>& names, std::vector<std::string>& variants) {
  const auto distinct = [&](std::string_view Info::*member) {
    std::vector<std::string> words;
    for (const Info* info : registry) {
      std::string word((info->*member).empty() ? "default" : info->*member);
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
    }
    return words;
  };
  const std::vector<std::string> all_names = distinct(name), all_variants = distinct(variant);
  add_list<std::string>(app, "--models", names, one_of(all_names), fmt::format("{}", fmt::join(all_names, ", ")),
                        "models to measure (default: all)");
  add_list<std::string>(app, "--variant", variants, one_of(all_variants), fmt::format("{}", fmt::join(all_variants, ", ")),
                        "variants of the models (default: all, but of the floors of models none)");
}

}  // namespace makespan
