// SPDX-License-Identifier: Apache-2.0
// What a ring of byte slots does beyond a queue of values (shared_queue_test): who waits notices who died.
#include "models/runtime/shared_ring.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/runtime/process.hpp"
#include "models/runtime/spin.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

auto number(std::uint64_t value) {
  return [value](std::byte* slot) { std::memcpy(slot, &value, sizeof(value)); };
}
auto into(std::uint64_t& value) {
  return [&value](const std::byte* slot) { std::memcpy(&value, slot, sizeof(value)); };
}

TEST(SharedRingTest, SlotsAreAlignedAndAsLongAsAskedFor) {
  SharedRing ring(4, 100);
  EXPECT_EQ(ring.capacity(), 4U);
  EXPECT_EQ(ring.slot_bytes(), 100U);
  for (int count = 0; count < 9; ++count) {
    ring.put([](std::byte* slot) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slot) % 8, 0U);
      std::memset(slot, 0x5a, 100);
    });
    EXPECT_TRUE(ring.try_take([](const std::byte* slot) { EXPECT_EQ(slot[99], std::byte{0x5a}); }));
  }
}

TEST(SharedRingTest, AProducerNoticesThatTheConsumerDied) {
  SharedRing ring(2, 8);
  SharedRing started(2, 8);
  Process consumer = Process::start([&] {
    const Attachment attachment = ring.attach_consumer();
    started.put(number(1));
    std::uint64_t value = 0;
    (void)ring.take(into(value));
    raise(SIGKILL);
  });
  std::uint64_t one = 0;
  EXPECT_EQ(started.take(into(one)), PopStatus::value);
  try {
    for (;;) ring.put(number(7));
  } catch (const PeerDied& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(consumer.id())), std::string::npos) << error.what();
  }
  EXPECT_EQ(consumer.wait().signal, SIGKILL);
  EXPECT_THROW(for (;;) ring.put(number(7)), PeerDied);  // and each time again
}

TEST(SharedRingTest, AConsumerNoticesThatTheProducerDied) {
  SharedRing ring(2, 8);
  Process producer = Process::start([&] {
    const Attachment attachment = ring.attach_producer();
    ring.put(number(7));
    raise(SIGKILL);
  });
  std::uint64_t value = 0;
  EXPECT_EQ(ring.take(into(value)), PopStatus::value);  // what was put before it died still comes
  EXPECT_THROW((void)ring.take(into(value)), PeerDied);
  EXPECT_EQ(producer.wait().signal, SIGKILL);
}

// It waits already when the other attaches, so it did not look after anybody.
TEST(SharedRingTest, NoticesTheDeathOfOneWhoCameLater) {
  SharedRing ring(2, 8);
  Process producer = Process::start([&] {
    usleep(50'000);
    const Attachment attachment = ring.attach_producer();
    usleep(50'000);
    raise(SIGKILL);
  });
  std::uint64_t value = 0;
  EXPECT_THROW((void)ring.take(into(value)), PeerDied);
  producer.wait();
}

TEST(SharedRingTest, NoticesTheDeathOfOneWhoNeverCame) {
  SharedRing ring(2, 8);
  Process consumer = Process::start([] { raise(SIGKILL); });
  const Attachment watched = ring.watch_consumer(consumer.id());
  EXPECT_THROW(for (;;) ring.put(number(7)), PeerDied);  // not yet reaped
  consumer.wait();
  EXPECT_THROW(ring.put(number(7)), PeerDied);  // reaped
}

TEST(SharedRingTest, WhoLeavesByAnExceptionCountsAsDead) {
  SharedRing ring(2, 8);
  Process consumer = Process::start([&] {
    try {
      const Attachment attachment = ring.attach_consumer();
      throw std::runtime_error("the kitchen burns");
    } catch (const std::runtime_error&) {
      for (;;) pause();  // lives on
    }
  });
  EXPECT_THROW(for (;;) ring.put(number(7)), PeerDied);
}

TEST(SharedRingTest, WhoLeavesInOrderIsNotMissed) {
  SharedRing ring(2, 8);
  Process producer = Process::start([&] {
    for (int round = 0; round < 200; ++round) {  // places are used again
      const Attachment attachment = ring.attach_producer();
    }
  });
  EXPECT_TRUE(producer.wait().ok());
  std::uint64_t value = 0;
  EXPECT_EQ(ring.take(into(value), 300ms), PopStatus::timeout);
}

TEST(SharedRingTest, HasRoomForALimitedNumberOfAttachedThreads) {
  SharedRing ring(2, 8);
  std::vector<Attachment> all;
  for (std::size_t count = 0; count < Presences::most; ++count) all.push_back(ring.attach_producer());
  EXPECT_THROW((void)ring.attach_producer(), std::length_error);
  all.pop_back();
  EXPECT_NO_THROW((void)ring.attach_producer());
}

long voluntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

// Whoever spins gives its CPU up only when it must.
TEST(SharedRingTest, WhoWaitsLongSleeps) {
  SharedRing ring(2, 8, 50us);
  const long before = voluntary_switches();
  std::uint64_t value = 0;
  EXPECT_EQ(ring.take(into(value), 100ms), PopStatus::timeout);
  EXPECT_GE(voluntary_switches() - before, 1);
}

TEST(SpinTest, StopsWhereItDoesNotPayAndGoesOnWhereItDoes) {
  if (!spinning_can_help()) GTEST_SKIP() << "one CPU";
  Spin spin(1us);
  int attempts = 0;
  const auto never = [&] {
    ++attempts;
    return false;
  };
  for (int wait = 0; wait < 20; ++wait) EXPECT_FALSE(spin.until(never));
  attempts = 0;
  EXPECT_FALSE(spin.until(never));
  EXPECT_EQ(attempts, 0);  // learned
  bool tried = false;
  for (int wait = 0; wait < 200; ++wait) tried = spin.until([] { return true; }) || tried;
  EXPECT_TRUE(tried);                            // tries again now and then
  EXPECT_TRUE(spin.until([] { return true; }));  // and keeps what pays
}

TEST(SpinTest, OfNoTimeDoesNotTry) {
  Spin spin(0ns);
  EXPECT_FALSE(spin.until([] { return true; }));
}

}  // namespace
}  // namespace makespan
