// SPDX-License-Identifier: Apache-2.0
// Lines through descriptors, read and written in blocks.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "workloads/text.hpp"

namespace makespan {

/// Size of the blocks: what a pipe holds by default (pipe(7)).
inline constexpr std::size_t line_block_bytes = 65536;

/// Cuts what comes out of a descriptor into lines, of any length.
class LineReader {
 public:
  LineReader(int descriptor, LineEnd end);

  /// The next line with its terminator, which the last one may lack; empty at the end. Valid until the next call.
  /// Throws std::system_error.
  [[nodiscard]] std::string_view next();

 private:
  [[nodiscard]] bool fill();

  int descriptor_;
  LineEnd end_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    ///< what has not been returned
  std::size_t scanned_ = 0;  ///< no terminator before that
  std::size_t filled_ = 0;
};

/// The line without its terminator.
[[nodiscard]] std::string_view without_terminator(std::string_view line, LineEnd end) noexcept;

/// Writes into a descriptor in blocks.
class BlockWriter {
 public:
  explicit BlockWriter(int descriptor);
  void put(std::string_view bytes);  ///< throws std::system_error
  void flush();                      ///< throws std::system_error; to be called at the end

 private:
  void write_all(std::string_view bytes) const;

  int descriptor_;
  std::vector<char> block_;
};

}  // namespace makespan
