// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/proc_files.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

#include "benchmarks/harness/quantity.hpp"

namespace makespan {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view white_space = " \t\r\n";

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{std::string(text)};
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

bool contains(const std::vector<std::string>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

struct Mount {
  fs::path root;   // the part of the hierarchy that is mounted
  fs::path point;  // where
  bool v2;
  std::vector<std::string> options;  // of the super block: for v1 these name the controllers
};

// mountinfo writes blanks in paths as \040 and the like.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    const bool escape = text[i] == '\\' && i + 4 <= text.size();
    if (escape && std::from_chars(&text[i + 1], text.data() + i + 4, code, 8).ptr == text.data() + i + 4) {
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<Mount> cgroup_mounts(const fs::path& root) {
  std::vector<Mount> mounts;
  for (const std::string& line : split(read_text(under(root, "/proc/self/mountinfo")).value_or(""), '\n')) {
    const auto words = split(line, ' ');
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 5 || std::distance(dash, words.end()) < 4) continue;
    const std::string& type = *(dash + 1);
    if (type != "cgroup" && type != "cgroup2") continue;
    mounts.push_back({unescape(words[3]), unescape(words[4]), type == "cgroup2", split(*(dash + 3), ',')});
  }
  return mounts;
}

// The path of a cgroup relative to the mounted part; nullopt if it lies outside of it, as in a container that sees
// its own cgroup as the mount point but the host's path in /proc/self/cgroup.
std::optional<fs::path> inside(const Mount& mount, const fs::path& cgroup) {
  const fs::path relative = cgroup.lexically_relative(mount.root);
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative == "." ? fs::path() : relative;
}

std::vector<Cgroup> chain(const Mount& mount, fs::path relative, const fs::path& root) {
  std::vector<Cgroup> levels;
  for (;; relative = relative.parent_path()) {
    const fs::path name = relative.empty() ? mount.point : mount.point / relative;
    levels.push_back({under(root, name), name.string(), mount.v2});
    if (relative.empty()) return levels;
  }
}

}  // namespace

fs::path under(const fs::path& root, const fs::path& absolute) { return root / absolute.relative_path(); }

std::optional<std::string> read_text(const fs::path& file) {
  std::ifstream stream(file);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream) return std::nullopt;
  text.erase(text.find_last_not_of(white_space) + 1);
  return text;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  return parse_count(text.substr(0, text.find_first_not_of("0123456789")));
}

std::optional<std::uint64_t> read_number(const fs::path& file) {
  const auto text = read_text(file);
  return text ? parse_number(*text) : std::nullopt;
}

std::optional<std::string> field(std::string_view text, std::string_view key) {
  for (const std::string& line : split(text, '\n')) {
    if (!line.starts_with(key)) continue;
    const std::size_t value = line.find_first_not_of(" \t:", key.size());
    if (value == key.size()) continue;
    if (value == std::string::npos) return "";
    return line.substr(value, line.find_last_not_of(white_space) + 1 - value);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> field_number(std::string_view text, std::string_view key) {
  const auto value = field(text, key);
  return value ? parse_number(*value) : std::nullopt;
}

std::vector<Cgroup> cgroups(std::string_view controller, const fs::path& root) {
  const auto mounts = cgroup_mounts(root);
  std::vector<Cgroup> all;
  for (const std::string& line : split(read_text(under(root, "/proc/self/cgroup")).value_or(""), '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool v2 = controllers.empty();
    if (!v2 && !contains(split(controllers, ','), controller)) continue;

    const Mount* chosen = nullptr;
    fs::path relative;
    for (const Mount& mount : mounts) {
      if (mount.v2 != v2 || (!v2 && !contains(mount.options, controller))) continue;
      const auto path = inside(mount, line.substr(second + 1));
      if (chosen == nullptr || path) {
        chosen = &mount;
        relative = path.value_or(fs::path());
      }
      if (path) break;
    }
    if (chosen == nullptr) continue;
    const auto levels = chain(*chosen, relative, root);
    all.insert(all.end(), levels.begin(), levels.end());
  }
  return all;
}

}  // namespace makespan
