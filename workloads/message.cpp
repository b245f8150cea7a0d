// SPDX-License-Identifier: Apache-2.0
#include "workloads/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace makespan {
namespace {

struct Header {
  std::uint64_t producer;
  std::uint64_t sequence;
  Checksum checksum;
  std::uint32_t name_bytes;
  std::uint32_t body_bytes;
};
constexpr std::size_t longest_name = 32;

// Loads without a call, which would take longer than they do.
template <class T>
std::uint64_t load(const char* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

// Up to 8 bytes as a number, different for different bytes of the same count.
inline std::uint64_t word_at(const char* bytes, std::size_t count) noexcept {
  if (count == 8) return load<std::uint64_t>(bytes);
  if (count >= 4) return load<std::uint32_t>(bytes) << 32U | load<std::uint32_t>(bytes + count - 4);
  if (count == 0) return 0;
  return load<std::uint8_t>(bytes) << 16U | load<std::uint8_t>(bytes + count / 2) << 8U | load<std::uint8_t>(bytes + count - 1);
}

constexpr std::uint64_t factor = 0x9e3779b97f4a7c15U;

// A bijection of `state` for each word, so that a change in any one word changes the result.
std::uint64_t stir(std::uint64_t state, std::uint64_t word) noexcept {
  const std::uint64_t product = (state ^ word) * factor;
  return product ^ (product >> 32U);
}

Checksum hash_bytes(std::string_view bytes) noexcept {
  std::uint64_t state = bytes.size();
  for (; bytes.size() > 8; bytes.remove_prefix(8)) state = stir(state, word_at(bytes.data(), 8));
  return bytes.empty() ? state : stir(state, word_at(bytes.data(), bytes.size()));
}

// A body is seen as lines of 64 bytes. The first word of each is a stamp that tells of which message it is and where in it the line
// belongs; the rest is the same in all messages of a producer. So a line of an older message, or one in the wrong place, shows.
constexpr std::size_t line_bytes = 64;

constexpr std::uint64_t stamp_of(std::uint64_t first_stamp, std::size_t offset) noexcept {
  return first_stamp + offset / line_bytes * factor;
}

std::size_t stamp_bytes(std::size_t body_bytes, std::size_t offset) noexcept {
  return std::min<std::size_t>(body_bytes - offset, sizeof(std::uint64_t));
}

std::uint64_t first_stamp(const std::string& body) noexcept { return word_at(body.data(), stamp_bytes(body.size(), 0)); }

// Hash of what is constant. The words of a line go into lanes of their own, so that one multiplication need not wait for the one before.
Checksum hash_constant(const std::string& body) noexcept {
  std::array<std::uint64_t, 8> lanes{};
  std::size_t at = 0;
  for (; body.size() - at >= line_bytes; at += line_bytes) {
    for (std::size_t word = 1; word < 8; ++word) lanes[word] = stir(lanes[word], load<std::uint64_t>(body.data() + at + 8 * word));
  }
  Checksum sum = body.size();
  for (std::size_t word = 1; word < 8 && at > 0; ++word) sum += (2 * word + 1) * mix_bits(lanes[word]);
  if (body.size() - at <= sizeof(std::uint64_t)) return sum;
  return stir(sum, hash_bytes(std::string_view(body).substr(at + sizeof(std::uint64_t))));
}

// Zero if every line has the stamp that follows from that of the first.
std::uint64_t wrong_stamps(const std::string& body, std::uint64_t first) noexcept {
  std::uint64_t wrong = 0;
  for (std::size_t at = line_bytes; at < body.size(); at += line_bytes) {
    const std::size_t count = stamp_bytes(body.size(), at);
    const std::uint64_t stamp = stamp_of(first, at);
    wrong |= word_at(body.data() + at, count) ^ word_at(reinterpret_cast<const char*>(&stamp), count);
  }
  return wrong;
}

// Of all messages of a producer the same.
Checksum constant_part(const Message& message) noexcept {
  return hash_bytes(message.name) + 3 * hash_constant(message.body) + factor * message.producer;
}

// Mixed, so that the sums of different sets of messages differ.
Checksum varying_part(std::uint64_t sequence, std::uint64_t stamp) noexcept { return mix_bits(factor * sequence + 5 * stamp); }

}  // namespace

Checksum checksum_of(const Message& message) noexcept {
  const std::uint64_t stamp = first_stamp(message.body);
  const std::uint64_t wrong = wrong_stamps(message.body, stamp);
  return constant_part(message) + varying_part(message.sequence, stamp) + (wrong == 0 ? 0 : mix_bits(wrong) | 1U);
}

std::size_t encoded_size(const Message& message) noexcept { return sizeof(Header) + message.name.size() + message.body.size(); }

void encode(const Message& message, std::byte* into) noexcept {
  const Header header{message.producer, message.sequence, message.checksum, static_cast<std::uint32_t>(message.name.size()),
                      static_cast<std::uint32_t>(message.body.size())};
  std::memcpy(into, &header, sizeof(header));
  into += sizeof(header);
  std::memcpy(into, message.name.data(), message.name.size());
  std::memcpy(into + message.name.size(), message.body.data(), message.body.size());
}

void decode(std::span<const std::byte> bytes, Message& into) {
  Header header;
  if (bytes.size() < sizeof(header)) throw DecodeError(fmt::format("{} bytes are too few for a message's header", bytes.size()));
  std::memcpy(&header, bytes.data(), sizeof(header));
  const std::size_t wanted = sizeof(header) + header.name_bytes + std::size_t{header.body_bytes};
  if (bytes.size() != wanted) throw DecodeError(fmt::format("a message of {} bytes came in {} bytes", wanted, bytes.size()));
  const char* text = reinterpret_cast<const char*>(bytes.data() + sizeof(header));
  into.producer = header.producer;
  into.sequence = header.sequence;
  into.checksum = header.checksum;
  into.name.assign(text, header.name_bytes);
  into.body.assign(text + header.name_bytes, header.body_bytes);
}

MessageMaker::MessageMaker(std::uint64_t producer, std::uint64_t payload, std::uint64_t seed) : constant_part_(0), seed_(seed) {
  sample_.producer = producer;
  sample_.name = fmt::format("producer {}", producer);
  sample_.body.resize(std::max<std::uint64_t>(payload, 1));
  for (std::size_t at = 0; at < sample_.body.size(); at += 8) {
    const std::uint64_t word = mix_bits(seed + producer + at);
    std::memcpy(sample_.body.data() + at, &word, std::min<std::size_t>(8, sample_.body.size() - at));
  }
  constant_part_ = constant_part(sample_);
}

void MessageMaker::make(std::uint64_t sequence, Message& into) const {
  into.producer = sample_.producer;
  into.name = sample_.name;
  into.body = sample_.body;
  renumber(sequence, into);
}

void MessageMaker::renumber(std::uint64_t sequence, Message& message) const noexcept {
  const std::uint64_t random = (seed_ ^ sequence) * factor;
  std::string& body = message.body;
  std::size_t at = 0;
  for (; body.size() - at >= sizeof(random); at += line_bytes) {
    const std::uint64_t stamp = stamp_of(random, at);
    std::memcpy(body.data() + at, &stamp, sizeof(stamp));
    if (body.size() - at <= line_bytes) break;
  }
  if (at < body.size() && body.size() - at < sizeof(random)) {
    const std::uint64_t stamp = stamp_of(random, at);
    std::memcpy(body.data() + at, &stamp, body.size() - at);
  }
  message.sequence = sequence;
  message.checksum = constant_part_ + varying_part(sequence, first_stamp(body));
}

Checksum MessageMaker::checksum(std::uint64_t sequence) const noexcept {
  const std::uint64_t random = (seed_ ^ sequence) * factor;
  const std::uint64_t stamp = word_at(reinterpret_cast<const char*>(&random), stamp_bytes(sample_.body.size(), 0));
  return constant_part_ + varying_part(sequence, stamp);
}

std::size_t longest_encoded(std::uint64_t payload) noexcept { return sizeof(Header) + longest_name + payload; }

}  // namespace makespan
