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

// Four lanes, so that one multiplication need not wait for the one before.
std::uint64_t hash_lanes(std::string_view& bytes) noexcept {
  std::array<std::uint64_t, 4> lanes{0, 1, 2, 3};
  for (; bytes.size() >= 32; bytes.remove_prefix(32)) {
    for (std::size_t lane = 0; lane < 4; ++lane) lanes[lane] = (lanes[lane] ^ word_at(bytes.data() + 8 * lane, 8)) * factor;
  }
  return mix_bits(lanes[0]) + 3 * mix_bits(lanes[1]) + 5 * mix_bits(lanes[2]) + 7 * mix_bits(lanes[3]);
}

inline Checksum hash_bytes(std::string_view bytes) noexcept {
  std::uint64_t state = bytes.size();
  if (bytes.size() >= 32) state += hash_lanes(bytes);
  for (; bytes.size() > 8; bytes.remove_prefix(8)) state = stir(state, word_at(bytes.data(), 8));
  return bytes.empty() ? state : stir(state, word_at(bytes.data(), bytes.size()));
}

// The first bytes of a body tell one message from the next; the rest is constant.
std::size_t stamp_bytes(const std::string& body) noexcept { return std::min<std::size_t>(body.size(), sizeof(std::uint64_t)); }

// Of all messages of a producer the same.
inline Checksum constant_part(const Message& message) noexcept {
  const std::size_t stamp = stamp_bytes(message.body);
  const Checksum rest = message.body.size() == stamp ? 0 : hash_bytes(std::string_view(message.body).substr(stamp));
  return hash_bytes(message.name) + 3 * rest + factor * message.producer;
}

// Mixed, so that the sums of different sets of messages differ.
Checksum varying_part(std::uint64_t sequence, std::uint64_t stamp) noexcept { return mix_bits(factor * sequence + 5 * stamp); }

}  // namespace

Checksum checksum_of(const Message& message) noexcept {
  return constant_part(message) + varying_part(message.sequence, word_at(message.body.data(), stamp_bytes(message.body)));
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
  const std::size_t count = stamp_bytes(message.body);
  if (count == sizeof(random)) {
    std::memcpy(message.body.data(), &random, sizeof(random));
  } else {
    std::memcpy(message.body.data(), &random, count);
  }
  message.sequence = sequence;
  message.checksum = constant_part_ + varying_part(sequence, word_at(message.body.data(), count));
}

Checksum MessageMaker::checksum(std::uint64_t sequence) const noexcept { return constant_part_ + varying_part(sequence, stamp(sequence)); }

// As many bytes of a random word as the body has room for.
std::uint64_t MessageMaker::stamp(std::uint64_t sequence) const noexcept {
  const std::uint64_t random = (seed_ ^ sequence) * factor;
  return word_at(reinterpret_cast<const char*>(&random), stamp_bytes(sample_.body));
}

std::size_t longest_encoded(std::uint64_t payload) noexcept { return sizeof(Header) + longest_name + payload; }

}  // namespace makespan
