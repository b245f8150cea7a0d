// SPDX-License-Identifier: Apache-2.0
// Which entries of a registry are measured: --models, --variant and --roles, and what --list-models says of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/model.hpp"

namespace CLI {
class App;
}

namespace makespan {

/// An entry of whichever registry, as the command line knows it.
struct Entry {
  std::string_view model, variant, summary;
  Role role;
  bool on_request = false;  ///< only if its variant is named
};

inline Entry entry_of(const ModelInfo& info) { return {info.name, info.variant, info.summary, info.role, info.on_request}; }
template <class Info>
Entry entry_of(const Info& info) {
  return {info.model, info.variant, info.summary, info.role};
}

template <class Info>
std::vector<Entry> entries_of(std::span<const Info* const> registry) {
  std::vector<Entry> entries;
  for (const Info* info : registry) entries.push_back(entry_of(*info));
  return entries;
}

/// When floors are measured that nobody named.
enum class Floors : std::uint8_t { on_request, always };

/// What was asked for. An empty list asks for nothing in particular.
struct Selection {
  std::vector<std::string> models{}, variants{};  ///< "default" is the ordinary variant
  std::vector<Role> roles{};

  /// Whether an entry of `all` fits every list that is not empty. Without roles, own entries do, floors if `floors` or their variant is
  /// named, and peers if they are named: by their model or their variant, unless own entries are called so too. Whatever the role, an entry
  /// that is there on request needs its variant named.
  [[nodiscard]] bool takes(const Entry& entry, const std::vector<Entry>& all, Floors floors) const;
};

/// The entries that it takes, in the order of the registry.
template <class Info>
std::vector<const Info*> chosen(std::span<const Info* const> registry, const Selection& selection, Floors floors) {
  const std::vector<Entry> all = entries_of(registry);
  std::vector<const Info*> taken;
  for (std::size_t index = 0; index < all.size(); ++index) {
    if (selection.takes(all[index], all, floors)) taken.push_back(registry[index]);
  }
  return taken;
}

/// Adds the three flags, which are read into `selection`. What this build left out is refused with what would bring it.
void add_selection(CLI::App& app, const std::vector<Entry>& all, std::span<const LeftOut> left_out, Floors floors, Selection& selection);

/// The text of --list-models: model, variant, role and summary of each, then what this build left out.
[[nodiscard]] std::string list_entries(const std::vector<Entry>& all, std::span<const LeftOut> left_out);

}  // namespace makespan
