// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/sink.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace makespan {
namespace {

using Log = std::vector<std::string>;
using Text = std::string;

static_assert(!std::is_copy_constructible_v<Sink<int>> && !std::is_copy_assignable_v<Sink<int>>);
static_assert(std::is_nothrow_move_constructible_v<Sink<int>> && std::is_nothrow_move_assignable_v<Sink<int>>);

/// Logs its destruction; one in a coroutine shows when its frame goes.
struct Farewell {
  Farewell(Log& to, Text word) : log(&to), said(std::move(word)) {}
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;
  ~Farewell() { log->push_back(said); }
  Log* log;
  Text said;
};

Sink<int> record(Log& log) {
  const Farewell frame(log, "end gone");
  while (const int* value = co_await next_value) log.push_back(std::to_string(*value));
  log.push_back("end closed");
}

Sink<int> plus_one(Log& log, Text name, Sink<int> out) {
  const Farewell frame(log, name + " gone");
  while (const int* value = co_await next_value) out.send(*value + 1);
  log.push_back(name + " closed");
}

Sink<int> head(int count, Sink<int> out) {
  for (; count > 0; --count) {
    const int* value = co_await next_value;
    if (value == nullptr) co_return;
    out.send(*value);
  }
}

Sink<int> fail_at(int bad, Log& log) {
  const Farewell frame(log, "gone");
  while (const int* value = co_await next_value) {
    if (*value == bad) throw std::runtime_error("bad value");
    log.push_back(std::to_string(*value));
  }
  throw std::runtime_error("bad end");
}

Sink<int> fail_at_once(Log& log) {
  const Farewell frame(log, "gone");
  throw std::runtime_error("bad start");
  (void)co_await next_value;
}

Sink<int> return_at_once(Log& log) {
  const Farewell frame(log, "gone");
  co_return;
}

Sink<int> await_after_the_end(Log& log) {
  while (co_await next_value != nullptr) {
  }
  const int* after = co_await next_value;
  log.push_back(after == nullptr ? "null again" : "a value");
}

Sink<std::unique_ptr<int>> look(const int*& seen) {
  while (const std::unique_ptr<int>* value = co_await next_value) seen = value->get();
}

template <class F>
Text failure_of(F&& call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Sink, RunsToItsFirstAwaitAtOnceAndTakesValuesInOrder) {
  Log log;
  Sink<int> sink = record(log);
  EXPECT_TRUE(log.empty());
  for (const int value : {1, 2, 3}) {
    sink.send(value);
    EXPECT_EQ(log.back(), std::to_string(value));
  }
  sink.close();
  EXPECT_EQ(log, (Log{"1", "2", "3", "end closed", "end gone"}));
}

TEST(Sink, PassesValuesByAddress) {
  const int* seen = nullptr;
  const auto value = std::make_unique<int>(5);
  Sink<std::unique_ptr<int>> sink = look(seen);
  sink.send(value);
  EXPECT_EQ(seen, value.get());
}

TEST(Sink, ChainsCloseFromTheSourceToTheEndEachOnce) {
  Log log;
  Sink<int> chain = plus_one(log, "first", plus_one(log, "second", record(log)));
  chain.send(1);
  EXPECT_EQ(log, Log{"3"});
  chain.close();
  const Log ended{"3", "first closed", "first gone", "second closed", "second gone", "end closed", "end gone"};
  EXPECT_EQ(log, ended);
  chain.close();
  { const Sink<int> last = std::move(chain); }
  EXPECT_EQ(log, ended);
}

TEST(Sink, DestroyedWithoutCloseIsClosed) {
  Log log;
  { const Sink<int> chain = plus_one(log, "first", record(log)); }
  EXPECT_EQ(log, (Log{"first closed", "first gone", "end closed", "end gone"}));
}

TEST(Sink, DestroyedWithoutCloseSwallowsWhatIsThrown) {
  Log log;
  { const Sink<int> sink = fail_at(0, log); }
  { const Sink<int> sink = fail_at_once(log); }
  EXPECT_EQ(log, (Log{"gone", "gone"}));
}

TEST(Sink, UseAfterCloseIsAClearError) {
  Log log;
  Sink<int> sink = record(log);
  EXPECT_TRUE(sink.open());
  sink.close();
  EXPECT_FALSE(sink.open());
  try {
    sink.send(1);
    FAIL() << "no SinkClosed";
  } catch (const SinkClosed& error) {
    EXPECT_NE(Text(error.what()).find("closed"), Text::npos);
  }
  EXPECT_EQ(log, (Log{"end closed", "end gone"}));
}

TEST(Sink, ThatWasMovedFromIsClosed) {
  Log log;
  Sink<int> sink = record(log);
  Sink<int> other = std::move(sink);
  EXPECT_FALSE(sink.open());  // NOLINT(bugprone-use-after-move): what is left is defined
  EXPECT_THROW(sink.send(1), SinkClosed);
  sink.close();
  other.send(2);
  EXPECT_EQ(log, Log{"2"});
}

TEST(Sink, AnEarlyReturnClosesTheRestAndRefusesMore) {
  Log log;
  Sink<int> sink = head(2, record(log));
  sink.send(1);
  EXPECT_TRUE(sink.open());
  sink.send(2);
  EXPECT_FALSE(sink.open());
  EXPECT_EQ(log, (Log{"1", "2", "end closed", "end gone"}));
  EXPECT_THROW(sink.send(3), SinkClosed);
  EXPECT_NO_THROW(sink.close());
}

TEST(Sink, AnEarlyReturnReachesTheSourceThroughTheStagesBeforeIt) {
  Log log;
  Sink<int> chain = plus_one(log, "first", head(1, record(log)));
  chain.send(1);
  EXPECT_THROW(chain.send(2), SinkClosed);
  EXPECT_EQ(log, (Log{"2", "end closed", "end gone", "first gone"}));
  EXPECT_FALSE(chain.open());
}

TEST(Sink, ThatNeverAwaitsIsOver) {
  Log log;
  Sink<int> sink = return_at_once(log);
  EXPECT_FALSE(sink.open());
  EXPECT_THROW(sink.send(1), SinkClosed);
  EXPECT_THROW(sink.send(1), SinkClosed);
  Sink<int> other = return_at_once(log);
  EXPECT_NO_THROW(other.close());
  EXPECT_EQ(log, (Log{"gone", "gone"}));
}

TEST(Sink, WhatItThrowsComesOutOfSend) {
  Log log;
  Sink<int> sink = fail_at(2, log);
  sink.send(1);
  EXPECT_EQ(failure_of([&] { sink.send(2); }), "bad value");
  EXPECT_EQ(log, (Log{"1", "gone"}));
  EXPECT_THROW(sink.send(3), SinkClosed);
  EXPECT_NO_THROW(sink.close());
}

TEST(Sink, WhatItThrowsComesOutOfClose) {
  Log log;
  Sink<int> sink = fail_at(2, log);
  EXPECT_EQ(failure_of([&] { sink.close(); }), "bad end");
  EXPECT_NO_THROW(sink.close());
  EXPECT_EQ(log, Log{"gone"});
}

TEST(Sink, WhatItThrowsBeforeItsFirstAwaitComesOutOfTheFirstCall) {
  Log log;
  Sink<int> sent = fail_at_once(log);
  EXPECT_EQ(failure_of([&] { sent.send(1); }), "bad start");
  EXPECT_THROW(sent.send(1), SinkClosed);
  Sink<int> closed = fail_at_once(log);
  EXPECT_EQ(failure_of([&] { closed.close(); }), "bad start");
  EXPECT_EQ(log, (Log{"gone", "gone"}));
}

TEST(Sink, WhatALaterStageThrowsEndsTheStagesBeforeIt) {
  Log log;
  Sink<int> chain = plus_one(log, "first", plus_one(log, "second", fail_at(3, log)));
  EXPECT_EQ(failure_of([&] { chain.send(1); }), "bad value");
  EXPECT_EQ(log, (Log{"gone", "second gone", "first gone"}));
  EXPECT_THROW(chain.send(1), SinkClosed);
}

TEST(Sink, NeverWaitsOnceItWasClosed) {
  Log log;
  Sink<int> sink = await_after_the_end(log);
  sink.close();
  EXPECT_EQ(log, Log{"null again"});
}

TEST(Sink, AssignmentClosesWhatWasThere) {
  Log log;
  Log other_log;
  Sink<int> sink = record(log);
  sink = record(other_log);
  EXPECT_EQ(log, (Log{"end closed", "end gone"}));
  sink.send(1);
  EXPECT_EQ(other_log, Log{"1"});
}

TEST(Sink, AMillionValuesThroughManyStages) {
  Log log;
  Sink<int> chain = head(1'000'000, record(log));
  for (int stage = 0; stage < 10; ++stage) chain = head(1'000'000, std::move(chain));
  for (int value = 0; value < 999'999; ++value) chain.send(value);
  EXPECT_EQ(log.size(), 999'999U);
  EXPECT_EQ(log.back(), "999998");
  chain.close();
  EXPECT_EQ(log.back(), "end gone");
}

}  // namespace
}  // namespace makespan
