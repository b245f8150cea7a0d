// SPDX-License-Identifier: Apache-2.0
#include "workloads/sizes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace makespan {
namespace {

constexpr std::size_t count = 100'000;

std::vector<double> factors(Sizes sizes, std::uint64_t seed = 1) {
  std::vector<double> values(count);
  for (std::size_t task = 0; task < count; ++task) values[task] = size_factor(sizes, seed, task);
  return values;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  const double middle = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - middle) * (value - middle);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

double share_above(const std::vector<double>& values, double limit) {
  return static_cast<double>(std::count_if(values.begin(), values.end(), [&](double value) { return value > limit; })) / count;
}

// The factors are the same on every machine, so that the tolerances below have no chance in them: about two standard
// errors of a mean over so many.
TEST(Sizes, AreOnAverageWhatWasAskedFor) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    EXPECT_EQ(mean(factors(Sizes::constant, seed)), 1.0);
    EXPECT_NEAR(mean(factors(Sizes::uniform, seed)), 1.0, 0.002);
    EXPECT_NEAR(mean(factors(Sizes::lognormal, seed)), 1.0, 0.009);
  }
}

// Worked out by a second program in another language.
TEST(Sizes, GiveKnownAnswers) {
  const std::vector<double> uniform{0.8681895156516695, 1.4140224628703029, 1.237699252690117, 1.0267179955718277};
  const std::vector<double> lognormal{0.13143207749865768, 1.3101284952864969, 0.5655340973373394, 0.23075644823997954};
  for (std::uint64_t task = 0; task < 4; ++task) {
    EXPECT_DOUBLE_EQ(size_factor(Sizes::uniform, 1, task), uniform[task]);
    EXPECT_NEAR(size_factor(Sizes::lognormal, 1, task), lognormal[task], 1e-12);
  }
  EXPECT_NEAR(mean(factors(Sizes::uniform)), 1.001401740891776, 1e-12);
  EXPECT_NEAR(mean(factors(Sizes::lognormal)), 0.997433043508495, 1e-12);
}

TEST(Sizes, UniformFillsItsRange) {
  const std::vector<double> values = factors(Sizes::uniform);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  EXPECT_GE(*least, 0.5);
  EXPECT_LT(*least, 0.5001);
  EXPECT_LT(*most, 1.5);
  EXPECT_GT(*most, 1.4999);
  EXPECT_NEAR(deviation(values), std::sqrt(1.0 / 12), 0.001);
  for (const double limit : {0.75, 1.0, 1.25}) EXPECT_NEAR(share_above(values, limit), 1.5 - limit, 0.004) << limit;
}

TEST(Sizes, LognormalHasSigmaOneAndAHeavyTail) {
  std::vector<double> values = factors(Sizes::lognormal);
  EXPECT_GT(*std::min_element(values.begin(), values.end()), 0.0);
  EXPECT_NEAR(share_above(values, 6), 0.01096, 0.0007);  // 1 - Phi(ln 6 + 1/2)
  EXPECT_NEAR(share_above(values, 1), 0.30854, 0.003);   // 1 - Phi(1/2)
  for (double& value : values) value = std::log(value);
  EXPECT_NEAR(mean(values), -0.5, 0.007);
  EXPECT_NEAR(deviation(values), 1.0, 0.005);
}

TEST(Sizes, FollowTheSeed) {
  EXPECT_EQ(factors(Sizes::lognormal, 5), factors(Sizes::lognormal, 5));
  for (const Sizes sizes : {Sizes::uniform, Sizes::lognormal}) {
    const std::vector<double> one = factors(sizes, 5);
    const std::vector<double> other = factors(sizes, 6);
    std::size_t same = 0;
    for (std::size_t task = 0; task < count; ++task) same += one[task] == other[task] ? 1U : 0U;
    EXPECT_EQ(same, 0U);
  }
}

// A seed's tasks are no shifted copy of another's, and neighbours have nothing to do with one another.
TEST(Sizes, AreNotCorrelated) {
  const std::vector<double> one = factors(Sizes::uniform, 1);
  const std::vector<double> other = factors(Sizes::uniform, 2);
  double across = 0;
  double along = 0;
  for (std::size_t task = 1; task < count; ++task) {
    across += (one[task] - 1) * (other[task] - 1);
    along += (one[task] - 1) * (one[task - 1] - 1);
  }
  EXPECT_NEAR(across * 12 / count, 0, 0.01);
  EXPECT_NEAR(along * 12 / count, 0, 0.01);
}

TEST(Sizes, HaveNames) {
  ASSERT_EQ(sizes_names().size(), 3U);
  for (const Sizes sizes : {Sizes::constant, Sizes::uniform, Sizes::lognormal}) EXPECT_EQ(parse_sizes(name_of(sizes)), sizes);
  EXPECT_EQ(parse_sizes("uniform"), Sizes::uniform);
  for (const char* wrong : {"", "Uniform", "log-normal", "uniform "}) EXPECT_EQ(parse_sizes(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace makespan
