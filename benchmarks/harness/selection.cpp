// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "benchmarks/harness/flags.hpp"

namespace makespan {
namespace {

using Words = std::vector<std::string>;

std::string_view readable(std::string_view variant) { return variant.empty() ? "default" : variant; }

bool names(const Words& list, std::string_view word) { return std::find(list.begin(), list.end(), word) != list.end(); }

Words distinct(const std::vector<Entry>& all, std::string_view (*word_of)(const Entry&)) {
  Words words;
  for (const Entry& entry : all) {
    if (!names(words, word_of(entry))) words.emplace_back(word_of(entry));
  }
  return words;
}

// Whether an own entry has that word too.
bool has_own(const std::vector<Entry>& all, std::string_view Entry::*member, std::string_view word) {
  return std::any_of(all.begin(), all.end(), [&](const Entry& entry) { return entry.*member == word && entry.role == Role::own; });
}

// One of some words; one that only a left-out entry has is refused with the reason.
Parser<std::string> one_of_built(const std::string& flag, const Words& words, std::span<const LeftOut> left_out,
                                 std::string_view LeftOut::*word) {
  return [flag, words, left_out, word](std::string_view text) -> std::optional<std::string> {
    if (names(words, text)) return std::string(text);
    for (const LeftOut& one : left_out) {
      if (text.empty() || one.*word != text) continue;
      refuse_flag(flag, fmt::format("'{}' was left out of this build: it needs {}", text, one.needs));
    }
    return std::nullopt;
  };
}

}  // namespace

bool Selection::takes(const Entry& entry, const std::vector<Entry>& all, Floors floors) const {
  if (!models.empty() && !names(models, entry.model)) return false;
  if (!variants.empty() && !names(variants, readable(entry.variant))) return false;
  const bool variant_is_named = !variants.empty() && !entry.variant.empty();
  if (entry.on_request && !variant_is_named) return false;
  if (!roles.empty()) return std::find(roles.begin(), roles.end(), entry.role) != roles.end();
  switch (entry.role) {
    case Role::own: return true;
    case Role::peer:
      return (variant_is_named && !has_own(all, &Entry::variant, entry.variant)) ||
             (!models.empty() && !has_own(all, &Entry::model, entry.model));
    case Role::floor: return variant_is_named || floors == Floors::always;
  }
  return false;
}

void add_selection(CLI::App& app, const std::vector<Entry>& all, std::span<const LeftOut> left_out, Floors floors, Selection& selection) {
  const auto add = [&](const std::string& flag, Words& into, const Words& words, std::string_view LeftOut::*word, const std::string& help) {
    add_list<std::string>(app, flag, into, one_of_built(flag, words, left_out, word), fmt::format("{}", fmt::join(words, ", ")), help);
  };
  add("--models", selection.models, distinct(all, [](const Entry& entry) { return entry.model; }), &LeftOut::model,
      "models to measure (default: all of the roles)");
  add("--variant", selection.variants, distinct(all, [](const Entry& entry) { return readable(entry.variant); }), &LeftOut::variant,
      "variants of the models (default: all of the roles but those on request)");
  add_list<Role>(app, "--roles", selection.roles, parse_role, fmt::format("{}", fmt::join(role_names, ", ")),
                 fmt::format("what the models are there for: {} (default: {}, and what is named)", fmt::join(role_names, ", "),
                             floors == Floors::always ? "own,floor" : "own"));
}

std::string list_entries(const std::vector<Entry>& all, std::span<const LeftOut> left_out) {
  std::string text;
  const auto line = [&](std::string_view model, std::string_view variant, Role role, const std::string& words) {
    text += fmt::format("{:<15} {:<12} {:<5} {}\n", model, readable(variant), name_of(role), words);
  };
  for (const Entry& entry : all) line(entry.model, entry.variant, entry.role, std::string(entry.summary));
  for (const LeftOut& one : left_out) line(one.model, one.variant, Role::peer, fmt::format("left out: needs {}", one.needs));
  return text;
}

}  // namespace makespan
