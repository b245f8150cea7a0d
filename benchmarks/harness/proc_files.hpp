// SPDX-License-Identifier: Apache-2.0
// Readers of the kernel's text files: /proc, /sys and cgroups. Nothing here throws on a file that is missing,
// unreadable or not of the expected form: the answer is then nullopt or empty. Every reader takes the root
// directory, so that tests run on trees of their own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace makespan {

// The absolute path `absolute` inside the tree `root`.
std::filesystem::path under(const std::filesystem::path& root, const std::filesystem::path& absolute);

// The file's text without white space at the end.
std::optional<std::string> read_text(const std::filesystem::path& file);

// The decimal number at the start of the text; nullopt for "max", "unlimited", "-1" and what exceeds 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);
std::optional<std::uint64_t> read_number(const std::filesystem::path& file);

// The value behind `key` in the first line that reads "key: value", "key value" or "key<tab>: value":
// meminfo, cpuinfo, status, limits and memory.stat all have this form.
std::optional<std::string> field(std::string_view text, std::string_view key);
std::optional<std::uint64_t> field_number(std::string_view text, std::string_view key);

// A process's cgroup or one of its ancestors.
struct Cgroup {
  std::filesystem::path path;  // where its files are, below root
  std::string name;            // the same without root, for messages
  bool v2;                     // false: version 1
};

// Our own cgroups that a controller ("cpu", "memory", "pids") may limit us through, in every hierarchy (v1, v2,
// hybrid), each from the innermost up to its mount point. Ancestors outside our cgroup namespace or our mounts are
// invisible to us and missing. Source: cgroups(7), proc_pid_mountinfo(5).
std::vector<Cgroup> cgroups(std::string_view controller, const std::filesystem::path& root);

}  // namespace makespan
