// SPDX-License-Identifier: Apache-2.0
#include "models/transports/frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace makespan {

std::span<const std::byte> FrameWriter::frame(const Message& message) {
  const auto length = static_cast<FrameLength>(encoded_size(message));
  const std::size_t whole = sizeof(length) + length;
  if (bytes_.size() < whole) bytes_.resize(whole);
  std::memcpy(bytes_.data(), &length, sizeof(length));
  encode(message, bytes_.data() + sizeof(length));
  return {bytes_.data(), whole};
}

// One byte more, so that a read that takes all there is shows it by being short.
FrameReader::FrameReader(std::size_t longest, std::size_t at_once)
    : longest_(longest),
      bytes_(std::max(std::min<std::size_t>(64U << 10U, at_once * (sizeof(FrameLength) + longest)), sizeof(FrameLength) + longest) + 1) {}

std::span<std::byte> FrameReader::room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == bytes_.size()) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return std::span(bytes_).subspan(end_);
}

bool FrameReader::next(Message& into) {
  FrameLength length = 0;
  if (end_ - begin_ < sizeof(length)) return false;
  std::memcpy(&length, bytes_.data() + begin_, sizeof(length));
  if (length > longest_)
    throw DecodeError(fmt::format("a frame claims {} bytes, more than the {} of the longest message", length, longest_));
  if (end_ - begin_ < sizeof(length) + length) return false;
  decode(std::span(bytes_).subspan(begin_ + sizeof(length), length), into);
  begin_ += sizeof(length) + length;
  return true;
}

}  // namespace makespan
