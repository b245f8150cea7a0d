// SPDX-License-Identifier: Apache-2.0
#include "workloads/message.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "models/transports/frames.hpp"

namespace makespan {
namespace {

Message made(std::uint64_t sequence, std::uint64_t payload = 100, std::uint64_t producer = 3) {
  Message message;
  MessageMaker(producer, payload, 7).make(sequence, message);
  return message;
}

std::vector<std::byte> encoded(const Message& message) {
  std::vector<std::byte> bytes(encoded_size(message));
  encode(message, bytes.data());
  return bytes;
}

class OfEveryLength : public testing::TestWithParam<std::uint64_t> {};

TEST_P(OfEveryLength, IsTheSameAfterItWasEncodedAndDecoded) {
  const Message message = made(5, GetParam());
  EXPECT_EQ(message.body.size(), GetParam());
  EXPECT_LE(encoded_size(message), longest_encoded(GetParam()));
  Message back = made(6, 3);
  decode(encoded(message), back);
  EXPECT_EQ(back, message);
  EXPECT_EQ(checksum_of(back), message.checksum);
}

TEST_P(OfEveryLength, NoBitCanChangeUnnoticed) {
  const Message message = made(5, GetParam());
  const auto step = std::max<std::size_t>(1, GetParam() * 8 / 1000);
  for (std::size_t bit = 0; bit < GetParam() * 8; bit += step) {
    Message damaged = message;
    damaged.body[bit / 8] = static_cast<char>(damaged.body[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_NE(checksum_of(damaged), damaged.checksum) << "bit " << bit;
  }
}

// Two differences that might cancel out.
TEST_P(OfEveryLength, NorCanTwoBits) {
  const Message message = made(5, GetParam());
  const auto step = std::max<std::size_t>(1, GetParam() / 40);
  for (std::size_t first = 0; first < GetParam(); first += step) {
    for (std::size_t second = first + 1; second < GetParam(); second += step) {
      Message damaged = message;
      damaged.body[first] = static_cast<char>(damaged.body[first] ^ 0x80);
      damaged.body[second] = static_cast<char>(damaged.body[second] ^ 0x80);
      ASSERT_NE(checksum_of(damaged), damaged.checksum) << first << " and " << second;
    }
  }
}

TEST(MessageTest, NoPartCanBeThatOfAnotherMessage) {
  const std::size_t length = 1000;
  for (std::size_t from = 0; from < length; from += 64) {
    Message mixed = made(5, length);
    const Message older = made(4, length);
    mixed.body.replace(from, 64, older.body, from, 64);  // a line that was not written anew
    EXPECT_NE(checksum_of(mixed), mixed.checksum) << from;
    Message swapped = made(5, length);
    swapped.body.replace(from, 64, made(5, length).body, (from + 64) % 960, 64);  // a line in the wrong place
    EXPECT_NE(checksum_of(swapped), swapped.checksum) << from;
  }
}

TEST_P(OfEveryLength, ItsChecksumIsKnownBeforehand) {
  const MessageMaker maker(3, GetParam(), 7);
  for (const std::uint64_t sequence : {0ULL, 1ULL, 1ULL << 40U}) {
    Message message;
    maker.make(sequence, message);
    EXPECT_EQ(message.checksum, checksum_of(message));
    EXPECT_EQ(message.checksum, maker.checksum(sequence));
  }
}

INSTANTIATE_TEST_SUITE_P(MessageTest, OfEveryLength, testing::Values(1, 2, 7, 8, 9, 15, 16, 31, 32, 33, 40, 63, 64, 65, 1000, 65536));

TEST(MessageTest, EveryFieldIsPartOfTheChecksum) {
  Message message = made(5);
  message.name += "x";
  EXPECT_NE(checksum_of(message), message.checksum);
  message = made(5);
  ++message.sequence;
  EXPECT_NE(checksum_of(message), message.checksum);
  message = made(5);
  ++message.producer;
  EXPECT_NE(checksum_of(message), message.checksum);
  message = made(5);
  message.body += '\0';
  EXPECT_NE(checksum_of(message), message.checksum);
}

TEST(MessageTest, AllDifferFromOneAnother) {
  std::set<Checksum> checksums;
  for (std::uint64_t producer = 0; producer < 4; ++producer) {
    for (std::uint64_t sequence = 0; sequence < 1000; ++sequence) checksums.insert(made(sequence, 64, producer).checksum);
  }
  EXPECT_EQ(checksums.size(), 4000U);
  EXPECT_NE(made(1).body, made(2).body);
}

TEST(MessageTest, BytesThatAreNoMessageAreRefused) {
  const std::vector<std::byte> whole = encoded(made(5));
  Message into;
  for (const std::size_t length : {std::size_t{0}, std::size_t{31}, whole.size() - 1}) {
    EXPECT_THROW(decode(std::span(whole).first(length), into), DecodeError) << length;
  }
  std::vector<std::byte> longer = whole;
  longer.push_back(std::byte{0});
  EXPECT_THROW(decode(longer, into), DecodeError);
  std::vector<std::byte> wild = whole;
  std::memset(wild.data() + 24, 0xff, 8);  // the lengths
  EXPECT_THROW(decode(wild, into), DecodeError);
}

// Frames in pieces of every length.
TEST(FrameTest, ComeWholeOutOfWhateverPieces) {
  FrameWriter writer;
  std::vector<std::byte> stream;
  for (std::uint64_t sequence = 0; sequence < 50; ++sequence) {
    const auto frame = writer.frame(made(sequence, 1 + sequence * 37 % 300));
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100}, std::size_t{5000}}) {
    FrameReader reader(longest_encoded(300));
    std::uint64_t sequence = 0;
    for (std::size_t at = 0; at < stream.size();) {
      const std::span<std::byte> room = reader.room();
      ASSERT_FALSE(room.empty());
      const std::size_t count = std::min({piece, room.size(), stream.size() - at});
      std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), count, room.begin());
      reader.filled(count);
      at += count;
      for (Message message; reader.next(message); ++sequence) EXPECT_EQ(message, made(sequence, 1 + sequence * 37 % 300));
    }
    EXPECT_EQ(sequence, 50U);
    EXPECT_TRUE(reader.empty());
  }
}

TEST(FrameTest, ThatClaimTooMuchAreRefused) {
  FrameReader reader(100);
  const FrameLength length = 101;
  std::memcpy(reader.room().data(), &length, sizeof(length));
  reader.filled(sizeof(length));
  Message into;
  EXPECT_THROW((void)reader.next(into), DecodeError);
}

}  // namespace
}  // namespace makespan
