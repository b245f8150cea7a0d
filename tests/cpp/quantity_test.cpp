// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/quantity.hpp"

#include <gtest/gtest.h>

#include <clocale>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/cpp/hostile_locale.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(Duration, TakesEveryUnit) {
  EXPECT_EQ(parse_duration("7ns"), 7ns);
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("250\u00b5s"), 250us);
  EXPECT_EQ(parse_duration("10ms"), 10ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("2min"), 2min);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(Duration, TakesFractions) {
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("0.1ms"), 100us);
  EXPECT_EQ(parse_duration("0.001us"), 1ns);
  EXPECT_EQ(parse_duration("0.25min"), 15s);
  EXPECT_EQ(parse_duration("1.000000001s"), 1s + 1ns);
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text :
       {"",       "ms",     "s",      "10",    "0",      "-1ms",  "+1ms",    "1e3ms",    "1.5.2s", ".s",  "nan s", "nans",
        "inf s",  "infs",   "0x10ms", "10 ms", " 10ms",  "10ms ", "10 m s",  "10msec",   "10MS",   "10m", "10h",   "1,5s",
        "1.5,2s", "10ms\n", "ms10",   "1s1ms", "--10ms", "1_0ms", "\u0661s", "10\u00b5", "min",    "nmin"}) {
    EXPECT_FALSE(parse_duration(text)) << '"' << text << '"';
  }
  EXPECT_FALSE(parse_duration(std::string_view("10s\0", 4)));
  EXPECT_FALSE(parse_duration(std::string_view("1\0ms", 4)));
}

TEST(Duration, RefusesWhatDoesNotFit) {
  for (const char* text :
       {"99999999999999999999s", "9223372036854775808ns", "9300000000s", "99999999999999999999999999999999ns", "1000000000min"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, FormatsInTheLargestUnitThatIsExact) {
  EXPECT_EQ(format_duration(0ns), "0s");
  EXPECT_EQ(format_duration(10ms), "10ms");
  EXPECT_EQ(format_duration(1500us), "1500us");
  EXPECT_EQ(format_duration(1s + 1ns), "1000000001ns");
  EXPECT_EQ(format_duration(5min), "300s");
}

TEST(Duration, ReadsBackExactlyWhatItFormats) {
  std::vector<nanoseconds> all{0ns, 1ns, nanoseconds((std::int64_t{1} << 53U) + 1), nanoseconds(std::int64_t{9'000'000'000'000'000'001})};
  for (std::int64_t count = 1; count < 1'000'000'000'000'000'000; count = count * 7 + 3)
    all.insert(all.end(), {nanoseconds(count), nanoseconds(count / 1000 * 1000)});
  for (const nanoseconds duration : all) {
    const auto back = parse_duration(format_duration(duration));
    ASSERT_TRUE(back.has_value()) << duration.count();
    EXPECT_EQ(back->count(), duration.count());
  }
}

TEST(Quantity, MeansTheSameInEveryLocale) {
  const HostileLocale hostile;
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_FALSE(parse_duration("1,5s"));
  EXPECT_EQ(parse_decimal("0.25"), 0.25);
  EXPECT_EQ(format_duration(1234567ns), "1234567ns");
}

TEST(Bytes, TakeEveryUnitAndFractions) {
  EXPECT_EQ(parse_bytes("0"), 0U);
  EXPECT_EQ(parse_bytes("7B"), 7U);
  EXPECT_EQ(parse_bytes("64KiB"), 65536U);
  EXPECT_EQ(parse_bytes("1.5MiB"), 1'572'864U);
  EXPECT_EQ(parse_bytes("1GiB"), std::uint64_t{1} << 30U);
  EXPECT_EQ(parse_bytes("1024TiB"), std::uint64_t{1} << 50U);
}

TEST(Bytes, RefuseWhatIsNone) {
  for (const char* text : {"", "B", "64", "1K", "1kB", "1MB", "-1B", "1 MiB", "MiB", "1e3B", "1,5MiB", "0x10B", "1MiB ", "99999TiB"})
    EXPECT_FALSE(parse_bytes(text)) << '"' << text << '"';
}

TEST(Bytes, AreWrittenInTheLargestUnitThatIsExact) {
  EXPECT_EQ(format_bytes(0), "0");
  EXPECT_EQ(format_bytes(1000), "1000B");
  EXPECT_EQ(format_bytes(1536), "1536B");
  EXPECT_EQ(format_bytes(64U << 20U), "64MiB");
  EXPECT_EQ(format_bytes(std::uint64_t{1} << 30U), "1GiB");
  for (const std::uint64_t bytes : {1ULL, 1023ULL, 1024ULL, 3ULL << 40U}) EXPECT_EQ(parse_bytes(format_bytes(bytes)), bytes);
}

TEST(CountOf, IsWholeAndInDigits) {
  EXPECT_EQ(parse_count("0"), 0U);
  EXPECT_EQ(parse_count("10000"), 10000U);
  EXPECT_EQ(parse_count("007"), 7U);
  EXPECT_EQ(parse_count("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "1k", "ten", "18446744073709551616", "1,000", "1'000"}) {
    EXPECT_FALSE(parse_count(text)) << '"' << text << '"';
  }
}

TEST(Decimal, IsInDigitsWithAnOptionalFraction) {
  EXPECT_EQ(parse_decimal("0"), 0.0);
  EXPECT_EQ(parse_decimal("0.5"), 0.5);
  EXPECT_EQ(parse_decimal("12.25"), 12.25);
  for (const char* text : {"", ".", "-1", "+1", "1e3", "nan", "inf", "infinity", "0x1p3", "1.2.3", "1,5", " 1", "1 "}) {
    EXPECT_FALSE(parse_decimal(text)) << '"' << text << '"';
  }
}

TEST(Percent, IsADecimalWithTheSign) {
  EXPECT_EQ(parse_percent("0%"), 0.0);
  EXPECT_EQ(parse_percent("50%"), 0.5);
  EXPECT_EQ(parse_percent("12.5%"), 0.125);
  EXPECT_EQ(parse_percent("1000%"), 10.0);
  for (const char* text : {"", "%", "5", "5 %", "-5%", "5%%", "five%", "1e1%"}) EXPECT_FALSE(parse_percent(text)) << '"' << text << '"';
  for (const char* text : {"0%", "0.5%", "2.5%", "5%", "1000%"}) EXPECT_EQ(format_percent(*parse_percent(text)), text);
}

TEST(List, IsSplitAtEveryComma) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split_list("a"), (Parts{"a"}));
  EXPECT_EQ(split_list("a,b,c"), (Parts{"a", "b", "c"}));
  EXPECT_EQ(split_list(""), (Parts{""}));
  EXPECT_EQ(split_list(",a,,"), (Parts{"", "a", "", ""}));
}

}  // namespace
}  // namespace makespan
