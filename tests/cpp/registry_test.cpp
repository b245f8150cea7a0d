// SPDX-License-Identifier: Apache-2.0
// What every entry of the registries promises, without running anything.
#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <string>

#include "tests/cpp/contract_cases.hpp"

namespace makespan {
namespace {

using namespace std::chrono_literals;

TEST(Models, AreTheSevenOfTheSuiteAndHaveUniqueNames) {
  std::set<std::string> names;
  for (const ModelInfo* model : models()) EXPECT_TRUE(names.insert(readable(*model)).second) << readable(*model);
  for (const char* name : {"serial", "threads", "processes", "process_pool", "tbb_pool", "hybrid", "hybrid_loop", "event_loop"}) {
    EXPECT_EQ(names.count(name), 1U) << name;
  }
}

TEST(Models, AreFoundByNameAndVariant) {
  for (const ModelInfo* model : models()) EXPECT_EQ(find_model(model->name, model->variant), model);
  EXPECT_EQ(find_model("hybrid")->variant, "");
  EXPECT_EQ(find_model("hybrid", "loop")->variant, "loop");
  EXPECT_EQ(find_model("hybrid", "none"), nullptr);
  EXPECT_EQ(find_model("Serial"), nullptr);
  EXPECT_EQ(find_model(""), nullptr);
}

TEST(Models, HaveFloorsThatCompareWithThem) {
  for (const ModelInfo* model : models()) {
    EXPECT_EQ(model->role == Role::floor, model->variant.starts_with("bare")) << readable(*model);
    if (model->role != Role::floor) continue;
    const std::string_view of = model->variant.substr(std::string_view("bare").size());  // "", or as "_submit"
    const ModelInfo* own = find_model(model->name, of.substr(of.empty() ? 0 : 1));
    ASSERT_NE(own, nullptr) << readable(*model);
    EXPECT_EQ(shape_for(*own, 10, 4), shape_for(*model, 10, 4)) << readable(*model);
    EXPECT_EQ(own->unit, model->unit) << readable(*model);
    EXPECT_TRUE(own->shape == model->shape && own->reach == model->reach) << readable(*model) << ": one function for both";
  }
}

TEST(Workloads, AreFoundByTheirUniqueNames) {
  std::set<std::string_view> names;
  for (const WorkloadInfo* workload : workloads()) {
    EXPECT_TRUE(names.insert(workload->name).second) << workload->name;
    EXPECT_EQ(find_workload(workload->name), workload);
    EXPECT_FALSE(workload->summary.empty());
    EXPECT_FALSE(workload->default_times.empty());
  }
  EXPECT_EQ(names.count("sleep") + names.count("compute") + names.count("mixed"), 3U);
  EXPECT_EQ(find_workload("slumber"), nullptr);
}

class EachWorkload : public testing::TestWithParam<const WorkloadInfo*> {};

TEST_P(EachWorkload, HasStepsThatAddUpToTheSize) {
  const WorkloadInfo& info = *GetParam();
  for (const Step size : {Step{}, Step{1ns, 1}, Step{5s, 2}, Step{7ms, 1'000'001}, Step{1ms, 1ULL << 62U}}) {
    const Step asked{info.sleeps ? size.sleep : 0ns, info.computes ? size.iterations : 0};
    Step sum{};
    for (const Step& step : info.steps(asked)) {
      sum.sleep += step.sleep;
      sum.iterations += step.iterations;
    }
    EXPECT_EQ(sum, asked) << asked.sleep.count() << " ns, " << asked.iterations << " iterations";
  }
}

TEST_P(EachWorkload, MeasuresByDefaultWhatItDoes) {
  for (const TaskTime& time : GetParam()->default_times) {
    EXPECT_EQ(time.sleep > 0ns, GetParam()->sleeps);
    EXPECT_EQ(time.compute > 0ns, GetParam()->computes);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EachWorkload, testing::ValuesIn(all_workloads()), name_of_workload);

class EachModel : public testing::TestWithParam<const ModelInfo*> {};

TEST_P(EachModel, HasASaneShapeAndReach) {
  const ModelInfo& model = *GetParam();
  EXPECT_FALSE(model.summary.empty());
  for (const std::uint64_t tasks : {0ULL, 1ULL, 10ULL, 1'000'000ULL}) {
    for (const std::uint64_t workers : {2U, 8U}) {
      const Shape shape = shape_for(model, tasks, workers);
      const Reach reach = model.reach(tasks, shape);
      EXPECT_GE(shape.processes, 1U);
      EXPECT_GE(shape.threads, 1U);
      EXPECT_GE(reach.computing, 1U);
      // Whoever computes at once is a thread of the shape; none is there that the shape does not tell of.
      EXPECT_EQ(reach.computing, shape.workers());
      EXPECT_TRUE(reach.in_flight == shape.workers() || reach.in_flight == tasks);
      EXPECT_TRUE(model.choice != Choice::workers || shape.workers() == workers);
      EXPECT_TRUE(model.unit == Unit::process || shape.processes == 1);
      // What a model makes of its own shape is that shape: a case can be repeated from its row in the CSV.
      EXPECT_EQ(model.shape(tasks, shape), shape);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EachModel, testing::ValuesIn(all_models()), name_of_model);

TEST(Shapes, OfTheReferenceScenario) {
  const auto reach = [](const char* name, const char* variant, const Shape& asked) {
    const ModelInfo* model = find_model(name, variant);
    return model->reach(10, model->shape(10, asked)).in_flight;
  };
  EXPECT_EQ(reach("serial", "", {}), 1U);
  EXPECT_EQ(reach("threads", "", {}), 10U);
  EXPECT_EQ(reach("processes", "", {}), 10U);
  EXPECT_EQ(reach("process_pool", "", {2, 1}), 2U);
  EXPECT_EQ(reach("tbb_pool", "", {1, 2}), 2U);
  EXPECT_EQ(reach("hybrid", "", {2, 5}), 10U);
  EXPECT_EQ(reach("hybrid", "loop", {2, 1}), 10U);
  EXPECT_EQ(reach("event_loop", "", {}), 10U);
}

}  // namespace
}  // namespace makespan
