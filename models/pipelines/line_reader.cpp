// SPDX-License-Identifier: Apache-2.0
#include "models/pipelines/line_reader.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace makespan {

LineReader::LineReader(int descriptor, LineEnd end) : descriptor_(descriptor), end_(end), buffer_(line_block_bytes) {}

std::string_view LineReader::next() {
  for (;;) {
    const std::string_view unseen(buffer_.data() + scanned_, filled_ - scanned_);
    const std::size_t length = find_line_end(unseen, end_);
    if (length == std::string_view::npos) {
      scanned_ = filled_;
      if (fill()) continue;
    } else {
      scanned_ += length + 1;
    }
    const std::string_view line(buffer_.data() + begin_, scanned_ - begin_);
    begin_ = scanned_;
    return line;
  }
}

// Reads more behind the line that is not complete. False at the end.
bool LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, filled_ - begin_);
    scanned_ -= begin_;
    filled_ -= begin_;
    begin_ = 0;
  }
  if (filled_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  ssize_t got = 0;
  do {
    got = read(descriptor_, buffer_.data() + filled_, buffer_.size() - filled_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) throw std::system_error(errno, std::generic_category(), "read");
  filled_ += static_cast<std::size_t>(got);
  return got > 0;
}

std::string_view without_terminator(std::string_view line, LineEnd end) noexcept {
  if (line.ends_with('\n') || (end == LineEnd::newline_or_nul && line.ends_with('\0'))) line.remove_suffix(1);
  return line;
}

BlockWriter::BlockWriter(int descriptor) : descriptor_(descriptor) { block_.reserve(line_block_bytes); }

void BlockWriter::put(std::string_view bytes) {
  if (block_.size() + bytes.size() > line_block_bytes) flush();
  if (bytes.size() > line_block_bytes) return write_all(bytes);
  block_.insert(block_.end(), bytes.begin(), bytes.end());
}

void BlockWriter::flush() {
  write_all({block_.data(), block_.size()});
  block_.clear();
}

void BlockWriter::write_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "write");
    }
  }
}

}  // namespace makespan
