// SPDX-License-Identifier: Apache-2.0
// A CSV file that can be read at any moment, whatever happens to its writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace makespan {

/// A file that cannot be written, or that is not ours to append to.
class CsvError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Appends rows to a CSV file (RFC 4180, UTF-8, LF), each by one write(2), so that a row is there whole or not at all.
/// A file that exists must begin with the same header; a last line that its writer did not finish is cut off, with a word
/// on stderr. Rows of earlier runs are never touched. Several processes may append to one file (flock).
class CsvFile {
 public:
  /// `path` "-" is standard output. Throws CsvError naming the file, and for a foreign header its first differing column.
  CsvFile(const std::string& path, std::span<const std::string_view> header);
  CsvFile(CsvFile&& other) noexcept;
  CsvFile& operator=(CsvFile&&) = delete;
  ~CsvFile();

  /// Throws CsvError if the row cannot be written whole; what was written of it is taken back where the file allows it.
  void append(std::span<const std::string> fields);

  /// Lines that append() makes, joined: for many rows at once.
  [[nodiscard]] static std::string line(std::span<const std::string> fields);
  void append_lines(std::string_view lines);

 private:
  void require_header(std::string_view header_line);
  void write_lines(std::string_view lines);

  std::string path_;
  int descriptor_ = -1;
};

}  // namespace makespan
