// SPDX-License-Identifier: Apache-2.0
// What is sent: an object with a name and a body, and how it crosses from one process to another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "workloads/kernel.hpp"

namespace makespan {

/// Bytes that are not a message, or not a whole one.
class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Message {
  std::uint64_t producer = 0;
  std::uint64_t sequence = 0;  ///< from 0, per producer
  std::string name;
  std::string body;       ///< any bytes: the payload
  Checksum checksum = 0;  ///< of all of the above, as the producer computed it
  friend bool operator==(const Message&, const Message&) = default;
};

/// The checksum that an undamaged message carries. Every bit of the message changes it.
[[nodiscard]] Checksum checksum_of(const Message& message) noexcept;

/// Bytes that a message takes when encoded: a header of 32 bytes (producer, sequence, checksum, lengths; the machine's own byte order, as
/// it never leaves the machine), the name, the body.
[[nodiscard]] std::size_t encoded_size(const Message& message) noexcept;
/// Writes encoded_size(message) bytes.
void encode(const Message& message, std::byte* into) noexcept;
/// Reads a message from just its bytes, reusing the memory of `into`. Throws DecodeError.
void decode(std::span<const std::byte> bytes, Message& into);

/// Makes the messages of one producer. From one to the next eight bytes of every 64 differ, so that making one costs about a copy.
class MessageMaker {
 public:
  /// Bodies of `payload` bytes, at least 1.
  MessageMaker(std::uint64_t producer, std::uint64_t payload, std::uint64_t seed);
  /// Message number `sequence`, whatever `into` held before.
  void make(std::uint64_t sequence, Message& into) const;
  /// Turns another message of the same maker into number `sequence`: cheaper than making it.
  void renumber(std::uint64_t sequence, Message& message) const noexcept;
  /// The checksum of message number `sequence`, without making it.
  [[nodiscard]] Checksum checksum(std::uint64_t sequence) const noexcept;

 private:
  Message sample_;
  Checksum constant_part_;  // of the checksum
  std::uint64_t seed_;
};

/// Length of the longest encoded message of that payload, for buffers.
[[nodiscard]] std::size_t longest_encoded(std::uint64_t payload) noexcept;

}  // namespace makespan
