// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/selection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "benchmarks/harness/options.hpp"

namespace makespan {
namespace {

using Words = std::vector<std::string>;

const std::vector<Entry> entries{
    {"serial", "", "the control", Role::own},    {"threads", "", "one each", Role::own}, {"threads", "bare", "the floor", Role::floor},
    {"threads", "zmq", "a library", Role::peer}, {"uv_loop", "", "libuv", Role::peer},
};
constexpr std::array left_out{LeftOut{"asio_pool", "", "libasio-dev"}, LeftOut{"processes", "zmq_ipc", "libzmq3-dev"}};

Words taken(const Selection& selection, Floors floors = Floors::on_request) {
  Words names;
  for (const Entry& entry : entries) {
    if (selection.takes(entry, entries, floors)) names.push_back(std::string(entry.model) + "/" + std::string(entry.variant));
  }
  return names;
}

TEST(Selection, IsOfOwnModelsByDefault) {
  EXPECT_EQ(taken({}), (Words{"serial/", "threads/"}));
  EXPECT_EQ(taken({}, Floors::always), (Words{"serial/", "threads/", "threads/bare"}));
}

TEST(Selection, HasPeersAndFloorsThatAreNamed) {
  EXPECT_EQ(taken({.models = {"uv_loop"}}), (Words{"uv_loop/"}));
  EXPECT_EQ(taken({.models = {"uv_loop", "threads"}}), (Words{"threads/", "uv_loop/"}));
  EXPECT_EQ(taken({.variants = {"zmq"}}), (Words{"threads/zmq"}));
  EXPECT_EQ(taken({.models = {"threads"}, .variants = {"default", "bare"}}), (Words{"threads/", "threads/bare"}));
  EXPECT_EQ(taken({.variants = {"default"}}), (Words{"serial/", "threads/"}));
  EXPECT_EQ(taken({.models = {"uv_loop"}, .variants = {"default"}}), (Words{"uv_loop/"}));  // as the flags of its case name it
}

TEST(Selection, HasNoPeerThatIsCalledAsAnOwnOne) {
  const std::vector<Entry> pipes{{"event_loop", "pipe", "ours", Role::own}, {"asio", "pipe", "a library", Role::peer}};
  EXPECT_FALSE((Selection{.variants = {"pipe"}}.takes(pipes[1], pipes, Floors::on_request)));
  EXPECT_TRUE((Selection{.models = {"asio"}, .variants = {"pipe"}}.takes(pipes[1], pipes, Floors::on_request)));
}

TEST(Selection, HasWhatIsOnRequestOnlyByItsVariant) {
  const std::vector<Entry> ways{{"pool", "", "a range", Role::own},
                                {"pool", "submit", "one by one", Role::own, true},
                                {"asio", "range", "a range", Role::peer, true}};
  const auto count = [&](const Selection& selection) {
    return std::count_if(ways.begin(), ways.end(), [&](const Entry& entry) { return selection.takes(entry, ways, Floors::always); });
  };
  EXPECT_EQ(count({}), 1);
  EXPECT_EQ(count({.models = {"pool", "asio"}}), 1);
  EXPECT_EQ(count({.roles = {Role::own, Role::peer, Role::floor}}), 1);
  EXPECT_EQ(count({.variants = {"submit"}}), 1);
  EXPECT_EQ(count({.models = {"pool", "asio"}, .variants = {"default", "submit", "range"}}), 3);
  EXPECT_EQ(count({.variants = {"submit", "range"}, .roles = {Role::peer}}), 1);
}

TEST(Selection, ByRolesHasThoseAlone) {
  EXPECT_EQ(taken({.roles = {Role::peer}}), (Words{"threads/zmq", "uv_loop/"}));
  EXPECT_EQ(taken({.roles = {Role::floor, Role::own}}), (Words{"serial/", "threads/", "threads/bare"}));
  EXPECT_EQ(taken({.models = {"threads"}, .roles = {Role::peer}}), (Words{"threads/zmq"}));
  EXPECT_EQ(taken({.roles = {Role::own}}, Floors::always), (Words{"serial/", "threads/"}));
}

TEST(Selection, ListsRolesAndWhatWasLeftOut) {
  const std::string text = list_entries(entries, left_out);
  EXPECT_NE(text.find("threads         bare         floor the floor\n"), std::string::npos) << text;
  EXPECT_NE(text.find("asio_pool       default      peer  left out: needs libasio-dev\n"), std::string::npos) << text;
  EXPECT_NE(text.find("processes       zmq_ipc      peer  left out: needs libzmq3-dev\n"), std::string::npos) << text;
}

// A command line with nothing but these flags.
class Selecting final : public Benchmark {
 public:
  std::string_view name() const override { return "selecting"; }
  std::string_view summary() const override { return "Measures nothing."; }
  const Kernel* kernel() const override { return nullptr; }
  void add_flags(CLI::App& app) override { add_selection(app, entries, left_out, Floors::on_request, selection); }
  std::vector<Trial> trials(const Conditions& /*conditions*/) const override { return {}; }
  std::string list_models() const override { return ""; }
  Selection selection;
};

TEST(Selection, IsReadFromTheCommandLine) {
  Selecting benchmark;
  ASSERT_TRUE(parse_options({"--models=serial,uv_loop", "--variant=default,zmq", "--roles=peer,own"}, benchmark).options);
  EXPECT_EQ(benchmark.selection.models, (Words{"serial", "uv_loop"}));
  EXPECT_EQ(benchmark.selection.variants, (Words{"default", "zmq"}));
  EXPECT_EQ(benchmark.selection.roles, (std::vector<Role>{Role::peer, Role::own}));
}

std::string refusal(const std::string& flag) {
  Selecting benchmark;
  testing::internal::CaptureStderr();
  const Parsed parsed = parse_options({flag}, benchmark);
  std::string message = testing::internal::GetCapturedStderr();
  EXPECT_EQ(parsed.exit, Exit::usage) << flag;
  return message;
}

TEST(Selection, OfWhatWasLeftOutNamesThePackage) {
  EXPECT_NE(refusal("--models=asio_pool").find("'asio_pool' was left out of this build: it needs libasio-dev"), std::string::npos);
  EXPECT_NE(refusal("--variant=zmq_ipc").find("'zmq_ipc' was left out of this build: it needs libzmq3-dev"), std::string::npos);
  EXPECT_NE(refusal("--models=goroutines").find("serial, threads, uv_loop"), std::string::npos);
  EXPECT_NE(refusal("--variant=").find("--variant"), std::string::npos);
  EXPECT_NE(refusal("--roles=rival").find("own, peer, floor"), std::string::npos);
}

}  // namespace
}  // namespace makespan
