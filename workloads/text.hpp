// SPDX-License-Identifier: Apache-2.0
// Lines of text and the search in them: the work of a pipeline, as grep(1) sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "workloads/kernel.hpp"

namespace makespan {

/// What ends the lines of a text. GNU grep (without -a) takes a NUL byte of a binary file as the end of a line too.
enum class LineEnd : std::uint8_t { newline, newline_or_nul };

/// The pattern that stands in half of the lines of a generated text, unless another is asked for.
inline constexpr std::string_view default_pattern = "makespan";

/// The bytes of a text: a value that never changes, cheap to copy. Children forked afterwards may read it too.
/// A line ends at its terminator; a last line may lack it; nothing after the last terminator is no line.
class Text {
 public:
  /// `lines` lines, the same for a seed on any machine: ASCII words, 60 bytes a line in the mean, some lines empty, a few
  /// thousands of bytes long. `planted` stands in half of the lines, the seed decides in which; a short one may also arise
  /// by chance in others. Throws std::invalid_argument if `planted` cannot be a pattern (see pattern_problem).
  [[nodiscard]] static Text generate(std::uint64_t lines, std::uint64_t seed, std::string_view planted = default_pattern);

  /// The bytes of a file; of a pipe or the like, those until its end. Throws std::system_error that names the file if it
  /// cannot be read. A regular file is mapped: if it shrinks meanwhile, reading what is gone ends the process (SIGBUS).
  [[nodiscard]] static Text read(const std::string& file);

  explicit Text(std::string bytes);  ///< for a text that is at hand

  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
  [[nodiscard]] LineEnd line_end() const noexcept { return line_end_; }  ///< `newline` if it has no NUL byte: faster

  /// Writes the bytes to a descriptor, all of them. Throws std::system_error.
  void write_to(int descriptor) const;

 private:
  Text(std::shared_ptr<const void> memory, std::string_view bytes);

  std::shared_ptr<const void> memory_;
  std::string_view bytes_;
  LineEnd line_end_;
  std::uint64_t lines_;
};

namespace detail {
[[nodiscard]] std::size_t find_newline_or_nul(std::string_view bytes) noexcept;
}

/// Offset of the first terminator in `bytes`, or npos.
[[nodiscard]] inline std::size_t find_line_end(std::string_view bytes, LineEnd end) noexcept {
  return end == LineEnd::newline ? bytes.find('\n') : detail::find_newline_or_nul(bytes);
}

/// Takes the first line off `rest`, which is not empty, and returns it without its terminator.
///     for (std::string_view rest = text.bytes(); !rest.empty();) use(take_line(rest, text.line_end()));
[[nodiscard]] inline std::string_view take_line(std::string_view& rest, LineEnd end) noexcept {
  const std::size_t length = find_line_end(rest, end);
  const std::string_view line = rest.substr(0, length);
  rest = length == std::string_view::npos ? std::string_view{} : rest.substr(length + 1);
  return line;
}

/// The search: whether `pattern` occurs in `line`, byte for byte. An empty pattern occurs in every line.
[[nodiscard]] inline bool contains(std::string_view line, std::string_view pattern) noexcept {
  if (pattern.empty()) return true;
  return pattern.size() <= line.size() && memmem(line.data(), line.size(), pattern.data(), pattern.size()) != nullptr;
}

/// Why `pattern` cannot be searched for in lines: nothing if it can, else what is wrong, to be put after the pattern's name.
[[nodiscard]] std::optional<std::string> pattern_problem(std::string_view pattern);

/// What arrived at the end of a pipeline: how many lines, and the sum (modulo 2^64) of a hash of each, so that a line lost,
/// doubled or damaged shows, whatever the order. Part of the measured time in every model, so it is cheap.
struct LineTally {
  std::uint64_t lines = 0;
  Checksum checksum = 0;

  void add(std::string_view line) noexcept {
    ++lines;
    checksum += hash(line);
  }
  /// 16 bytes a step, by multiplication; different on machines of different byte order.
  [[nodiscard]] static Checksum hash(std::string_view line) noexcept;
  friend bool operator==(const LineTally&, const LineTally&) = default;
};

/// The lines of `text` in which `pattern` occurs: what any correct pipeline tallies. Found without running one and in
/// another way: the whole text is searched at once (Boyer, Moore, Horspool), and the line looked up around each hit.
[[nodiscard]] LineTally matching(const Text& text, std::string_view pattern);

}  // namespace makespan
