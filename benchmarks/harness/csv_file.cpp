// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/csv_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace makespan {
namespace {

std::string as_field(std::string_view field) {
  if (field.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(field);
  std::string text = "\"";
  for (const char character : field) {
    if (character == '"') text += '"';
    text += character;
  }
  return text + '"';
}

// Keeps other processes that use this class away from the file, so that none takes what another is just writing for a line
// that was never finished, or cuts off with its own last line what came after. Where the file system has no locks (an
// error that is ignored), a single writer is as safe without. Standard output is left to whoever made it.
class FileLock {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {
    while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() { flock(descriptor_, LOCK_UN); }

 private:
  int descriptor_;
};

std::string read_all(int descriptor) {
  std::string content;
  char buffer[65536];
  off_t at = 0;
  for (ssize_t got = 0; (got = pread(descriptor, buffer, sizeof buffer, at)) > 0; at += got)
    content.append(buffer, static_cast<std::size_t>(got));
  return content;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

// Where the last complete record ends: a line break inside quotes ends none.
std::size_t end_of_records(std::string_view content) {
  bool inside_quotes = false;
  std::size_t end = 0;
  for (std::size_t at = 0; at < content.size(); ++at) {
    if (content[at] == '"') inside_quotes = !inside_quotes;
    if (content[at] == '\n' && !inside_quotes) end = at + 1;
  }
  return end;
}

std::string describe_difference(std::string_view found, std::string_view wanted) {
  std::size_t column = 1;
  for (;; ++column) {
    const std::string_view left = found.substr(0, found.find(','));
    const std::string_view right = wanted.substr(0, wanted.find(','));
    if (left != right) return fmt::format("column {} is '{}' where '{}' belongs", column, left, right);
    const auto next = [](std::string_view rest) {
      return rest.find(',') == std::string_view::npos ? std::string_view() : rest.substr(rest.find(',') + 1);
    };
    found = next(found);
    wanted = next(wanted);
  }
}

}  // namespace

CsvFile::CsvFile(const std::string& path, std::span<const std::string_view> header) : path_(path) {
  const std::vector<std::string> names(header.begin(), header.end());
  if (path == "-") {
    descriptor_ = dup(STDOUT_FILENO);
    append(names);
    return;
  }
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw CsvError(fmt::format("{}: cannot be opened for writing: {}", path, std::strerror(errno)));
  const FileLock lock(descriptor_);
  require_header(line(names));
}

void CsvFile::require_header(std::string_view header_line) {
  struct stat info {};
  if (fstat(descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) return write_lines(header_line);
  const std::string content = read_all(descriptor_);
  const std::size_t end = end_of_records(content);
  if (end == 0 && !header_line.starts_with(content)) {
    throw CsvError(fmt::format("{}:1: not a file of this kind, and it has no complete line; give a new file name", path_));
  }
  if (end > 0 && first_line(content) != first_line(header_line)) {
    throw CsvError(fmt::format("{}:1: not a file of this kind: {}; give a new file name", path_,
                               describe_difference(first_line(content), first_line(header_line))));
  }
  if (end < content.size()) {
    const auto lines = std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    fmt::print(stderr, "{}:{}: the last line was not finished by its writer: cut off\n", path_, lines + 1);
    if (ftruncate(descriptor_, static_cast<off_t>(end)) != 0)
      throw CsvError(fmt::format("{}: cannot be cut: {}", path_, std::strerror(errno)));
  }
  if (end == 0) write_lines(header_line);
}

CsvFile::CsvFile(CsvFile&& other) noexcept : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

CsvFile::~CsvFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string CsvFile::line(std::span<const std::string> fields) {
  std::string text;
  for (const std::string& field : fields) {
    if (!text.empty() || &field != fields.data()) text += ',';
    text += as_field(field);
  }
  return text + '\n';
}

void CsvFile::append(std::span<const std::string> fields) { append_lines(line(fields)); }

void CsvFile::append_lines(std::string_view lines) {
  const FileLock lock(path_ == "-" ? -1 : descriptor_);
  write_lines(lines);
}

void CsvFile::write_lines(std::string_view lines) {
  struct stat before {};
  const bool regular = fstat(descriptor_, &before) == 0 && S_ISREG(before.st_mode);
  for (std::string_view rest = lines; !rest.empty();) {
    const ssize_t written = write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      // Only what this call added: leaves a whole number of rows.
      if (regular && ftruncate(descriptor_, before.st_size) != 0) fmt::print(stderr, "{}: its last line is not complete\n", path_);
      throw CsvError(fmt::format("{}: cannot be written: {}", path_, std::strerror(reason)));
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace makespan
