// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/flags.hpp"

#include <CLI/CLI.hpp>

namespace makespan {

Flag Flag::type_name(const std::string& name) const {
  option_->type_name(name);
  return *this;
}

Flag Flag::excludes(const Flag& other) const {
  option_->excludes(other.option_);
  return *this;
}

Flag Flag::excludes(const std::string& other) const {
  option_->excludes(other);
  return *this;
}

Flag Flag::needs(const Flag& other) const {
  option_->needs(other.option_);
  return *this;
}

void refuse(const std::string& flag, std::string_view value, std::string_view allowed) {
  refuse_flag(flag, fmt::format("'{}' is not allowed here: give {}", value, allowed));
}

void refuse_flag(const std::string& flag, const std::string& why) { throw CLI::ValidationError(flag, why); }

Flag add_text(CLI::App& app, const std::string& flag, const std::function<void(const std::string&)>& read, const std::string& help,
              const std::string& type_name) {
  return Flag(*app.add_option_function<std::string>(flag, read, help)->type_name(type_name));
}

Flag add_switch(CLI::App& app, const std::string& flag, const std::function<void()>& on, const std::string& help) {
  return Flag(*app.add_flag_callback(flag, on, help));
}

void when_parsed(CLI::App& app, const std::function<void()>& check) { app.callback(check); }

bool is_given(const CLI::App& app, const std::string& flag) {
  const CLI::Option* option = app.get_option_no_throw(flag);
  return option != nullptr && option->count() > 0;
}

Parser<std::uint64_t> count_between(std::uint64_t least, std::uint64_t most) {
  return [least, most](std::string_view text) {
    const std::optional<std::uint64_t> count = parse_count(text);
    return count && *count >= least && *count <= most ? count : std::nullopt;
  };
}

std::string count_form(std::uint64_t least, std::uint64_t most) { return fmt::format("a whole number from {} to {}", least, most); }

Parser<std::string> one_of(const std::vector<std::string>& names) {
  return [names](std::string_view text) -> std::optional<std::string> {
    if (std::find(names.begin(), names.end(), text) == names.end()) return std::nullopt;
    return std::string(text);
  };
}

std::optional<std::chrono::nanoseconds> parse_time_limit(std::string_view text) {
  const std::optional<std::chrono::nanoseconds> duration = parse_duration(text);
  return duration && duration->count() > 0 ? duration : std::nullopt;
}

std::optional<std::string> parse_name(std::string_view text) { return text.empty() ? std::nullopt : std::optional<std::string>(text); }

}  // namespace makespan
