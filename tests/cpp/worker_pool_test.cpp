// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/worker_pool.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "tests/cpp/children.hpp"
#include "tests/cpp/leftovers.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

struct Request {
  int value;
  int sleep_ms = 0;
};
struct Reply {
  int value;
  pid_t process;
};

Reply square(const Request& request) {
  std::this_thread::sleep_for(std::chrono::milliseconds(request.sleep_ms));
  if (request.value == -1) raise(SIGKILL);
  if (request.value == -2) _exit(13);
  return {request.value * request.value, getpid()};
}

using Pool = WorkerPool<Request, Reply>;

// What a call throws of the pool's own complaint, as text; empty if it does not.
template <class Call>
std::string death_told_by(Call&& call) {
  try {
    call();
  } catch (const ProcessDied& error) {
    return error.what();
  }
  return "";
}

TEST(WorkerPool, AnswersEachRequest) {
  Pool pool(2, square);
  EXPECT_EQ(pool.size(), 2U);
  const Ticket ticket = pool.submit({7});
  EXPECT_EQ(pool.outstanding(), 1U);
  const Reply reply = pool.get(ticket);
  EXPECT_EQ(reply.value, 49);
  EXPECT_TRUE(reply.process == pool.process(0) || reply.process == pool.process(1));
  EXPECT_EQ(pool.outstanding(), 0U);
}

TEST(WorkerPool, GivesRepliesInAnyOrder) {
  Pool pool(3, square);
  std::vector<Ticket> tickets;
  for (int value = 0; value < 20; ++value) tickets.push_back(pool.submit({value, value % 3}));
  for (int value = 19; value >= 0; --value) EXPECT_EQ(pool.get(tickets[static_cast<std::size_t>(value)]).value, value * value);
}

TEST(WorkerPool, NextGivesEachReplyOnce) {
  Pool pool(2, square);
  std::set<Ticket> tickets;
  for (int value = 0; value < 20; ++value) tickets.insert(pool.submit({value}));
  EXPECT_EQ(pool.get(*tickets.begin()).value, 0);
  tickets.erase(tickets.begin());
  while (!tickets.empty()) {
    const auto [ticket, reply] = pool.next();
    EXPECT_EQ(tickets.erase(ticket), 1U);
    EXPECT_EQ(reply.value, static_cast<int>(ticket * ticket));
  }
  EXPECT_THROW(pool.next(), std::out_of_range);
}

TEST(WorkerPool, TakesMoreRequestsThanItsQueuesHold) {
  Pool pool(2, square);
  for (int value = 0; value < 5'000; ++value) pool.submit({value});
  for (Ticket ticket = 0; ticket < 5'000; ++ticket) ASSERT_EQ(pool.get(ticket).value, static_cast<int>(ticket * ticket));
}

TEST(WorkerPool, RefusesATicketThatIsNotOutstanding) {
  Pool pool(1, square);
  EXPECT_THROW(pool.get(0), std::out_of_range);
  EXPECT_THROW(pool.next(), std::out_of_range);
  const Ticket ticket = pool.submit({3});
  EXPECT_THROW(pool.get(ticket + 1), std::out_of_range);
  EXPECT_EQ(pool.get(ticket).value, 9);
  EXPECT_THROW(pool.get(ticket), std::out_of_range);
}

TEST(WorkerPool, ClosedRefusesRequestsAndFinishesWhatItHas) {
  Pool pool(2, square);
  std::vector<Ticket> tickets;
  for (int value = 0; value < 50; ++value) tickets.push_back(pool.submit({value, 1}));
  pool.close();
  pool.close();
  EXPECT_THROW(pool.submit({1}), QueueClosed);
  for (int value = 0; value < 50; ++value) EXPECT_EQ(pool.get(tickets[static_cast<std::size_t>(value)]).value, value * value);
}

TEST(WorkerPool, RefusesToBeJoinedBeforeItIsClosed) {
  Pool pool(1, square);
  EXPECT_THROW(pool.join(), std::logic_error);
  EXPECT_EQ(pool.get(pool.submit({2})).value, 4);
}

TEST(WorkerPool, JoinedKeepsTheRepliesAndHasNoProcess) {
  Pool pool(3, square);
  std::vector<Ticket> tickets;
  for (int value = 0; value < 300; ++value) tickets.push_back(pool.submit({value}));
  const pid_t worker = pool.process(0);
  pool.close();
  pool.join();
  EXPECT_TRUE(is_gone(worker));
  EXPECT_TRUE(has_no_children());
  EXPECT_EQ(pool.outstanding(), 0U);
  for (int value = 0; value < 300; ++value) EXPECT_EQ(pool.get(tickets[static_cast<std::size_t>(value)]).value, value * value);
  EXPECT_NO_THROW(pool.join());
  EXPECT_THROW(pool.submit({1}), QueueClosed);
  EXPECT_THROW(pool.next(), std::out_of_range);
}

TEST(WorkerPool, NoticesAWorkerThatIsKilledWithItsRequest) {
  for (const std::uint32_t workers : {1U, 3U}) {
    Pool pool(workers, square);
    const Ticket doomed = pool.submit({-1});
    const std::string words = death_told_by([&] { pool.get(doomed); });
    EXPECT_NE(words.find("signal 9"), std::string::npos) << words;
    EXPECT_EQ(death_told_by([&] { pool.get(doomed); }), words);
    EXPECT_EQ(death_told_by([&] { pool.submit({1}); }), words);
    EXPECT_EQ(death_told_by([&] { pool.next(); }), words);
    pool.close();
    EXPECT_EQ(death_told_by([&] { pool.join(); }), words);
  }
  EXPECT_TRUE(has_no_children());
}

TEST(WorkerPool, NoticesAWorkerThatExitsByItself) {
  Pool pool(2, square);
  const Ticket doomed = pool.submit({-2});
  const std::string words = death_told_by([&] { pool.get(doomed); });
  EXPECT_NE(words.find("exit code 13"), std::string::npos) << words;
}

TEST(WorkerPool, NoticesAWorkerThatIsKilledWhileIdle) {
  Pool pool(1, square);
  EXPECT_EQ(pool.get(pool.submit({2})).value, 4);
  kill(pool.process(0), SIGKILL);
  const std::string words = death_told_by([&] { pool.get(pool.submit({3})); });
  EXPECT_NE(words.find("signal 9"), std::string::npos) << words;
}

TEST(WorkerPool, NoticesADeathWhileASubmitWaitsForRoom) {
  Pool pool(1, square);
  kill(pool.process(0), SIGKILL);
  const std::string words = death_told_by([&] {
    for (int value = 0; value < 100'000; ++value) pool.submit({value});
  });
  EXPECT_NE(words.find("signal 9"), std::string::npos) << words;
}

TEST(WorkerPool, NoticesADeathWhenItIsJoined) {
  Pool pool(2, square);
  kill(pool.process(1), SIGKILL);
  pool.close();
  EXPECT_NE(death_told_by([&] { pool.join(); }), "");
}

TEST(WorkerPool, KeepsRepliesThatCameBeforeADeath) {
  Pool pool(1, square);
  const Ticket good = pool.submit({5});
  const Ticket doomed = pool.submit({-1});
  EXPECT_NE(death_told_by([&] { pool.get(doomed); }), "");
  EXPECT_EQ(pool.get(good).value, 25);
}

TEST(WorkerPool, LeavesNothingBehindHoweverItEnds) {
  const Holdings before = holdings();
  { const Pool idle(3, square); }
  {
    Pool with_work(2, square);
    for (int value = 0; value < 300; ++value) with_work.submit({value});
  }
  {
    Pool with_a_dead_worker(2, square);
    with_a_dead_worker.submit({-1, 1});
    with_a_dead_worker.submit({1, 5});
  }
  {
    Pool closed(2, square);
    closed.submit({1});
    closed.close();
  }
  EXPECT_NO_THROW(require_nothing_left(before));
}

std::int64_t cpu_us_of_children() {
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

TEST(WorkerPool, IdleWorkersUseNoCpu) {
  const auto before = cpu_us_of_children();
  {
    const Pool pool(2, square);
    std::this_thread::sleep_for(400ms);
  }
  EXPECT_LT(cpu_us_of_children() - before, 200'000) << "microseconds of CPU time; two busy waits take up to 800,000";
}

}  // namespace
}  // namespace makespan
