// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/measure.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "benchmarks/harness/calibration.hpp"
#include "benchmarks/harness/machine.hpp"
#include "tests/cpp/children.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t tasks = 6;

Case case_of(const ModelInfo& model, std::string_view workload, const TaskTime& time) {
  Shape asked{};
  if (model.choice == Choice::workers) asked = model.unit == Unit::process ? Shape{2, 1} : Shape{1, 2};
  if (model.choice == Choice::grid) asked = {2, 2};
  return {.workload = find_workload(workload),
          .model = &model,
          .tasks = tasks,
          .shape = model.shape(tasks, asked),
          .time = time,
          .left_out = {}};
}

Conditions conditions() {
  static const double ns_per_iteration = calibrate(lcg_kernel).ns_per_iteration;
  return {.cpus = usable_cpus().count, .ns_per_iteration = ns_per_iteration, .fixed_ns_per_iteration = ns_per_iteration, .timeout = 120s};
}

class MeasureTest : public testing::TestWithParam<const ModelInfo*> {
 protected:
  void TearDown() override { EXPECT_TRUE(has_no_children()); }
  static const ModelInfo& model() { return *GetParam(); }
};

// The form of a text: every digit is a 0.
std::string with_zeros(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char character) { return character >= '0' && character <= '9'; }, '0');
  return text;
}

void expect_no_results(const Sample& sample) {
  EXPECT_FALSE(sample.setup || sample.makespan || sample.teardown);
  EXPECT_FALSE(sample.max_in_flight || sample.mean_in_flight || sample.start_latency_p50 || sample.overshoot_p50);
  EXPECT_FALSE(sample.user_cpu || sample.system_cpu || sample.voluntary_switches || sample.minor_faults);
  EXPECT_FALSE(sample.peak_rss_bytes || sample.checksum);
}

void expect_description(const Sample& sample, const Case& point) {
  EXPECT_EQ(sample.benchmark, point.workload->name);
  EXPECT_EQ(sample.model, point.model->name);
  EXPECT_EQ(sample.variant, point.model->variant);
  EXPECT_EQ(sample.tasks, tasks);
  EXPECT_EQ(sample.processes, point.shape.processes);
  EXPECT_EQ(sample.threads, point.shape.threads);
  EXPECT_EQ(with_zeros(sample.timestamp_utc), "0000-00-00T00:00:00.000Z") << sample.timestamp_utc;
  EXPECT_GT(sample.model_bound, 0ns);
  EXPECT_GT(sample.machine_bound, 0ns);
  EXPECT_LE(sample.machine_bound, sample.model_bound);
}

void expect_costs(const Sample& sample) {
  EXPECT_GE(sample.setup, 0ns);
  EXPECT_GE(sample.teardown, 0ns);
  EXPECT_GE(sample.user_cpu, 0ns);
  EXPECT_GE(sample.system_cpu, 0ns);
  EXPECT_TRUE(sample.voluntary_switches && sample.involuntary_switches && sample.minor_faults);
  EXPECT_GE(sample.steal, 0ns);
  EXPECT_GT(sample.peak_rss_bytes, 100'000U);
  // What these CPUs can do in that time. The readings before and after the batch are not in the makespan.
  const double cpu = std::chrono::duration<double>(*sample.user_cpu + *sample.system_cpu).count();
  EXPECT_LE(cpu, std::chrono::duration<double>(*sample.makespan + 1s).count() * std::ceil(usable_cpus().affinity));
}

void expect_records(const Sample& sample, const Case& point) {
  const Reach reach = point.model->reach(tasks, point.shape);
  EXPECT_GE(sample.max_in_flight, 1U);
  EXPECT_LE(sample.max_in_flight, std::min(tasks, reach.in_flight));
  EXPECT_GT(sample.mean_in_flight, 0.0);
  EXPECT_LE(*sample.mean_in_flight, static_cast<double>(*sample.max_in_flight) * 1.000001);
  EXPECT_GE(sample.start_latency_p50, 0ns);
  EXPECT_LE(sample.start_latency_p50, sample.start_latency_p99);
  EXPECT_LE(sample.start_latency_p99, sample.start_latency_max);
  EXPECT_LE(sample.start_latency_max, sample.makespan);
}

TEST_P(MeasureTest, ASleepingBatchIsOkAndFillsItsColumns) {
  const Case point = case_of(model(), "sleep", {20ms, 0ns});
  const Measurement measurement = measure(point, conditions());
  const Sample& sample = measurement.sample;
  ASSERT_EQ(sample.status, Status::ok) << sample.error;
  EXPECT_FALSE(measurement.interrupted);
  EXPECT_EQ(sample.error, "");
  expect_description(sample, point);
  expect_costs(sample);
  expect_records(sample, point);
  EXPECT_EQ(sample.sleep, 20ms);
  EXPECT_FALSE(sample.compute || sample.compute_iterations);
  EXPECT_EQ(sample.machine_bound, 20ms);
  EXPECT_GE(sample.makespan, sample.model_bound);
  EXPECT_GE(sample.overshoot_p50, 0ns);
  EXPECT_LE(sample.overshoot_p50, sample.overshoot_p99);
  EXPECT_LE(sample.overshoot_p99, sample.overshoot_max);
  EXPECT_EQ(sample.checksum, expected(point.work(conditions().fixed_ns_per_iteration), tasks));
  EXPECT_FALSE(sample.payload_bytes || sample.stages || sample.messages_per_second || sample.round_trip_p50);
}

TEST_P(MeasureTest, AComputingBatchIsOkAndItsCpuTimeIsAccountedFor) {
  const Case point = case_of(model(), "compute", {0ns, 10ms});
  const Sample sample = measure(point, conditions()).sample;
  ASSERT_EQ(sample.status, Status::ok) << sample.error;
  expect_description(sample, point);
  expect_costs(sample);
  expect_records(sample, point);
  EXPECT_FALSE(sample.sleep || sample.overshoot_p50 || sample.overshoot_max);
  EXPECT_EQ(sample.compute, 10ms);
  EXPECT_EQ(sample.compute_iterations, iterations_for(10ms, conditions().fixed_ns_per_iteration));
  // Forked children and threads included. Half, as the machine may run faster now than when it was calibrated.
  EXPECT_GE(*sample.user_cpu + *sample.system_cpu, 10ms * tasks / 2);
}

TEST_P(MeasureTest, WithoutRecordsTheirColumnsAreEmpty) {
  Conditions without = conditions();
  without.recording = Recording::off;
  const Sample sample = measure(case_of(model(), "mixed", {5ms, 1ms}), without).sample;
  ASSERT_EQ(sample.status, Status::ok) << sample.error;
  EXPECT_FALSE(sample.max_in_flight || sample.mean_in_flight);
  EXPECT_FALSE(sample.start_latency_p50 || sample.start_latency_p99 || sample.start_latency_max);
  EXPECT_FALSE(sample.overshoot_p50 || sample.overshoot_p99 || sample.overshoot_max);
  EXPECT_TRUE(sample.setup && sample.makespan && sample.teardown && sample.user_cpu && sample.peak_rss_bytes && sample.checksum);
}

class FaultTest : public MeasureTest {
 protected:
  static Sample measure_with(Fault::Kind kind, std::chrono::nanoseconds limit = 120s) {
    Conditions short_of_time = conditions();
    short_of_time.timeout = limit;
    const Sample sample = measure(case_of(model(), "sleep", {1ms, 0ns}), short_of_time, {.kind = kind, .task = 3}).sample;
    expect_no_results(sample);
    EXPECT_TRUE(sample.model_bound && sample.machine_bound);
    return sample;
  }
};

TEST_P(FaultTest, AnExceptionOfATaskIsAnErrorWithItsWords) {
  const Sample sample = measure_with(Fault::Kind::exception);
  EXPECT_EQ(sample.status, Status::error);
  EXPECT_NE(sample.error.find("task 3: injected exception"), std::string::npos) << sample.error;
}

TEST_P(FaultTest, AKilledTaskIsAnErrorThatNamesTheSignal) {
  const Sample sample = measure_with(Fault::Kind::kill);
  EXPECT_EQ(sample.status, Status::error);
  EXPECT_NE(sample.error.find("signal 9"), std::string::npos) << sample.error;
  EXPECT_NE(sample.error.find("of 6 tasks done"), std::string::npos) << sample.error;
}

TEST_P(FaultTest, ATaskThatHangsIsATimeout) {
  const Sample sample = measure_with(Fault::Kind::hang, 300ms);
  EXPECT_EQ(sample.status, Status::timeout);
  EXPECT_NE(sample.error.find("0.3 s"), std::string::npos) << sample.error;
}

TEST_P(FaultTest, AWrongResultIsAnError) {
  const Sample sample = measure_with(Fault::Kind::wrong_checksum);
  EXPECT_EQ(sample.status, Status::error);
  EXPECT_NE(sample.error.find("checksum"), std::string::npos) << sample.error;
}

std::string name_of_model(const testing::TestParamInfo<const ModelInfo*>& parameter) {
  std::string name(parameter.param->name);
  return parameter.param->variant.empty() ? name : name.append("_").append(parameter.param->variant);
}

INSTANTIATE_TEST_SUITE_P(Models, MeasureTest, testing::ValuesIn(models().begin(), models().end()), name_of_model);
INSTANTIATE_TEST_SUITE_P(Models, FaultTest, testing::ValuesIn(models().begin(), models().end()), name_of_model);

TEST(Measure, NeedsMemoryForStatisticsOnlyWhereItRecords) {
  const Case point = case_of(*find_model("threads"), "sleep", {1ms, 0ns});
  const Need with = need_of(point, Recording::on);
  const Need without = need_of(point, Recording::off, 64U << 10U);
  EXPECT_EQ(without.bytes, Batch::bytes_of(tasks, Recording::off));
  EXPECT_EQ(with.bytes, Batch::bytes_of(tasks, Recording::on) + tasks * 4 * sizeof(std::int64_t));
  EXPECT_EQ(with.stack_bytes, std::nullopt);
  EXPECT_EQ(without.stack_bytes, 64U << 10U);
}

Sample measure_many(std::string_view name, std::uint64_t many) {
  Case point = case_of(*find_model(name), "sleep", {1ms, 0ns});
  point.tasks = many;
  point.shape = point.model->shape(many, {});
  return measure(point, conditions()).sample;
}

TEST(Measure, SkipsWhatALimitForbidsAndNamesTheLimit) {
  for (const char* name : {"threads", "processes"}) {
    const Sample sample = measure_many(name, 100'000'000);
    EXPECT_EQ(sample.status, Status::skipped) << name;
    EXPECT_NE(sample.error.find("kernel.pid_max = "), std::string::npos) << sample.error;
    EXPECT_NE(with_zeros(sample.error).find("000000000 needed: "), std::string::npos) << sample.error;
    expect_no_results(sample);
  }
}

// More records than an address space holds: the system refuses the memory before anything is started.
TEST(Measure, MemoryThatIsRefusedIsARowLikeAnyOther) {
  const Sample sample = measure_many("serial", std::uint64_t{1} << 44U);
  EXPECT_TRUE(sample.status == Status::skipped || sample.status == Status::error);
  EXPECT_NE(sample.error, "");
  expect_no_results(sample);
}

TEST(Measure, TheTimeLimitGrowsWithTheBoundAndNeverOverflows) {
  Case point = case_of(*find_model("threads"), "sleep", {1ms, 0ns});
  Conditions default_limit = conditions();
  default_limit.timeout.reset();
  EXPECT_EQ(measure(point, default_limit).sample.status, Status::ok);
  point.time.sleep = std::chrono::nanoseconds::max() / 2;
  const Sample sample = measure(point, default_limit, {.kind = Fault::Kind::kill, .task = 0}).sample;
  EXPECT_EQ(sample.status, Status::error);
}

}  // namespace
}  // namespace makespan
