// SPDX-License-Identifier: Apache-2.0
// Messages in a stream of bytes: each is preceded by its length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "workloads/message.hpp"

namespace makespan {

using FrameLength = std::uint32_t;

/// A message as a frame.
class FrameWriter {
 public:
  /// Its bytes, valid until the next call.
  std::span<const std::byte> frame(const Message& message);

 private:
  std::vector<std::byte> bytes_;
};

/// Frames out of whatever pieces the bytes come in.
class FrameReader {
 public:
  /// For frames of up to `longest` bytes of message, of which `at_once` or more may come together: takes as many as fit into 64 KiB, but
  /// one at least.
  explicit FrameReader(std::size_t longest, std::size_t at_once = 1024);
  /// Where the next bytes are to be read to: never empty after next() said that there is no whole frame.
  [[nodiscard]] std::span<std::byte> room();
  /// `count` bytes were read there.
  void filled(std::size_t count) noexcept { end_ += count; }
  /// The next message, if all of it has come. Throws DecodeError.
  bool next(Message& into);
  /// Whether bytes are left that are no whole frame.
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

 private:
  std::size_t longest_;
  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace makespan
