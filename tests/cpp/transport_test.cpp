// SPDX-License-Identifier: Apache-2.0
// Every transport with every pattern.
#include "models/transport.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

#include "tests/cpp/in_cell.hpp"

namespace makespan {

inline void PrintTo(const TransportInfo* info, std::ostream* out) { *out << info->model << '_' << info->variant; }

namespace {

using namespace std::chrono_literals;
using Kind = TrafficFault::Kind;

std::string readable(const TransportInfo& info) { return fmt::format("{}_{}", info.model, info.variant); }

void carry(const TransportInfo& info, const Traffic& traffic) {
  // Kept whatever happens: threads that are left behind by a failure use it until the cell ends.
  Ledger& ledger = *new Ledger(traffic);
  {
    const std::unique_ptr<Exchange> exchange = info.make(ledger);
    exchange->run();
    exchange->join();
  }
  ledger.verify();
  require_equal(ledger.received(), traffic.messages, "messages received");
}

class Transport : public testing::TestWithParam<const TransportInfo*> {
 protected:
  static void expect_carried(const Traffic& traffic) {
    if (const std::string_view why = GetParam()->refuses(traffic); !why.empty()) GTEST_SKIP() << why;
    expect_in_cell([&] { carry(*GetParam(), traffic); });
  }

  // What the cell says when a stream meets with that fault.
  static std::string words_of_stream_with(Kind kind) {
    const Traffic traffic{.messages = 3000, .payload = 20, .fault = {kind, 1500}};
    if (!GetParam()->refuses(traffic).empty()) return "not for this traffic";
    const CellEnd end = run_in_cell(100s, [&] { carry(*GetParam(), traffic); });
    EXPECT_EQ(end.status, CellEnd::Status::error) << end.error;
    return end.error;
  }

  static bool unfit(const std::string& words) { return words == "not for this traffic"; }
};

#define EXPECT_WORDS(words, part) EXPECT_TRUE(unfit(words) || (words).find(part) != std::string::npos) << words

TEST_P(Transport, CarriesAStream) { expect_carried({.messages = 20'000}); }
TEST_P(Transport, CarriesOneMessage) { expect_carried({.messages = 1}); }
TEST_P(Transport, CarriesLongMessages) { expect_carried({.messages = 2000, .payload = 65536}); }
TEST_P(Transport, CarriesMessagesOfOddLengths) {
  for (const std::uint64_t payload : {1U, 9U, 4059U, 4096U, 8150U, 8192U, 30000U}) expect_carried({.messages = 50, .payload = payload});
}
TEST_P(Transport, CarriesFromSeveralProducers) { expect_carried({.messages = 10'001, .payload = 30, .producers = 4}); }
TEST_P(Transport, CarriesToSeveralConsumers) { expect_carried({.messages = 10'001, .payload = 30, .consumers = 4}); }
TEST_P(Transport, CarriesBetweenMany) { expect_carried({.messages = 10'001, .payload = 30, .producers = 3, .consumers = 3}); }
TEST_P(Transport, CarriesLongMessagesBetweenMany) { expect_carried({.messages = 100, .payload = 65536, .producers = 3, .consumers = 3}); }
TEST_P(Transport, CarriesFewerMessagesThanThereAreProducers) { expect_carried({.messages = 2, .producers = 4, .consumers = 4}); }

// Everything that was put before the close arrives, however late the consumer begins; meanwhile the full queue holds the producer up.
TEST_P(Transport, LosesNothingWhenTheConsumerStartsLate) { expect_carried({.messages = 5000, .payload = 100, .late = 100ms}); }

TEST_P(Transport, PlaysPingPong) {
  expect_carried({.pattern = Pattern::ping_pong, .messages = 2000});
  expect_carried({.pattern = Pattern::ping_pong, .messages = 20, .payload = 65536});
}

TEST_P(Transport, TimesEveryRoundTrip) {
  expect_in_cell([] {
    const Traffic traffic{.pattern = Pattern::ping_pong, .messages = 200};
    if (!GetParam()->refuses(traffic).empty()) return;
    Ledger ledger(traffic);
    const std::unique_ptr<Exchange> exchange = GetParam()->make(ledger);
    exchange->run();
    exchange->join();
    for (std::uint64_t index = 0; index < 100; ++index) {
      const TaskRecord& record = ledger.round_trip(index);
      require(record.start_ns > 0 && record.end_ns > record.start_ns, "a round trip takes time");
      require(index == 0 || record.start_ns >= ledger.round_trip(index - 1).end_ns, "round trips follow one another");
      require(record.process > 0 && record.thread > 0 && record.cpu >= 0, "process, thread and CPU are known");
    }
  });
}

TEST_P(Transport, PassesATokenRound) {
  for (const std::uint64_t tasks : {2U, 3U, 16U, 50U}) expect_carried({.pattern = Pattern::ring, .messages = 20 * tasks, .ring = tasks});
}

TEST_P(Transport, ALostMessageIsNoticed) { EXPECT_WORDS(words_of_stream_with(Kind::lose), "1 of 3000 messages were lost"); }
TEST_P(Transport, ADoubledMessageIsNoticed) {
  EXPECT_WORDS(words_of_stream_with(Kind::duplicate), "message 1500 of producer 0 arrived after message 1500");
}
TEST_P(Transport, AReorderedMessageIsNoticed) {
  EXPECT_WORDS(words_of_stream_with(Kind::reorder), "message 1500 of producer 0 arrived after message 1501");
}
TEST_P(Transport, ADamagedMessageIsNoticed) {
  EXPECT_WORDS(words_of_stream_with(Kind::damage), "message 1500 of producer 0 arrived damaged");
}
TEST_P(Transport, APutAfterTheCloseIsRefused) { EXPECT_WORDS(words_of_stream_with(Kind::put_after_close), "queue is closed"); }
TEST_P(Transport, AProducerThatDiesIsNoticed) { EXPECT_WORDS(words_of_stream_with(Kind::kill_sender), "signal 9"); }
TEST_P(Transport, AConsumerThatDiesIsNoticed) { EXPECT_WORDS(words_of_stream_with(Kind::kill_receiver), "signal 9"); }

TEST_P(Transport, ADeathIsNoticedInPingPongAndRingsToo) {
  for (const Traffic& traffic : {Traffic{.pattern = Pattern::ping_pong, .messages = 200, .fault = {Kind::kill_sender, 50}},
                                 Traffic{.pattern = Pattern::ping_pong, .messages = 200, .fault = {Kind::kill_receiver, 50}},
                                 Traffic{.pattern = Pattern::ring, .messages = 200, .ring = 5, .fault = {Kind::kill_receiver, 50}}}) {
    if (!GetParam()->refuses(traffic).empty()) continue;
    const CellEnd end = run_in_cell(100s, [&] { carry(*GetParam(), traffic); });
    EXPECT_EQ(end.status, CellEnd::Status::error);
    EXPECT_NE(end.error.find("signal 9"), std::string::npos) << end.error;
  }
}

std::string name_of_transport(const testing::TestParamInfo<const TransportInfo*>& test) { return readable(*test.param); }
INSTANTIATE_TEST_SUITE_P(All, Transport, testing::ValuesIn(transports().begin(), transports().end()), name_of_transport);

TEST(Transports, AreFoundByModelAndVariant) {
  for (const TransportInfo* info : transports()) {
    EXPECT_EQ(find_transport(info->model, info->variant), info);
    EXPECT_FALSE(info->summary.empty());
    const Traffic traffic{.messages = 10, .producers = 2, .consumers = 3};
    EXPECT_EQ(info->shape(traffic).workers(), info->one_thread ? 1U : 5U);
  }
  EXPECT_EQ(find_transport("threads", "telepathy"), nullptr);
}

TEST(TrafficTest, SharesItsMessagesOutToItsProducers) {
  const Traffic traffic{.messages = 11, .producers = 4};
  std::uint64_t sum = 0;
  for (std::uint64_t producer = 0; producer < 4; ++producer) sum += traffic.quota(producer);
  EXPECT_EQ(sum, 11U);
  EXPECT_EQ(traffic.quota(0), 3U);
  EXPECT_EQ(traffic.quota(3), 2U);
}

// A message lost and another doubled, to another consumer: the counts are right, only the sum tells.
TEST(LedgerTest, TellsAnExchangedMessageFromTheRightOne) {
  const Traffic traffic{.messages = 4, .consumers = 2};
  const MessageMaker maker(0, traffic.payload, traffic.seed);
  Ledger ledger(traffic);
  Message message;
  for (const std::uint64_t sequence : {0U, 1U, 2U}) {
    maker.make(sequence, message);
    ledger.receive(0, message);
  }
  maker.make(1, message);
  ledger.receive(1, message);
  try {
    ledger.verify();
    FAIL() << "passed";
  } catch (const TransportError& error) {
    EXPECT_NE(std::string(error.what()).find("not the same ones"), std::string::npos) << error.what();
  }
}

TEST(LedgerTest, RefusesAProducerThatDoesNotExist) {
  Ledger ledger({.messages = 4});
  Message message;
  MessageMaker(1, 8, 1).make(0, message);
  EXPECT_THROW(ledger.receive(0, message), TransportError);
}

}  // namespace
}  // namespace makespan
