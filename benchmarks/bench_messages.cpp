// SPDX-License-Identifier: Apache-2.0
// bench_messages: what it costs when tasks talk. Streams of messages, ping-pong and rings over every transport.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "benchmarks/harness/flags.hpp"
#include "benchmarks/harness/record_statistics.hpp"
#include "benchmarks/harness/selection.hpp"
#include "benchmarks/harness/suite.hpp"
#include "models/transport.hpp"

namespace makespan {
namespace {

struct Mode {
  std::string_view name;       // as in --mode
  std::string_view benchmark;  // as in the CSV's column
  Pattern pattern;
};
constexpr std::array modes{Mode{"stream", "messages", Pattern::stream}, Mode{"ping_pong", "ping_pong", Pattern::ping_pong},
                           Mode{"ring", "ring", Pattern::ring}};

const Mode& mode_of(Pattern pattern) {
  return *std::find_if(modes.begin(), modes.end(), [&](const Mode& mode) { return mode.pattern == pattern; });
}

// One transport and one traffic.
struct MessageCase {
  const TransportInfo* transport;
  Traffic traffic;

  [[nodiscard]] bool stream() const { return traffic.pattern == Pattern::stream; }
  [[nodiscard]] bool ring() const { return traffic.pattern == Pattern::ring; }
  [[nodiscard]] std::uint64_t tasks() const { return ring() ? traffic.ring : traffic.messages; }

  [[nodiscard]] std::string variant() const {
    std::string text(transport->variant);
    if (traffic.producers + traffic.consumers > 2) text += fmt::format("+{}to{}", traffic.producers, traffic.consumers);
    return text;
  }

  [[nodiscard]] std::string name() const {
    const std::string size = ring() ? fmt::format("hops:{}", traffic.messages) : fmt::format("payload:{}", traffic.payload);
    return fmt::format("{}/{}/{}/tasks:{}/{}", mode_of(traffic.pattern).benchmark, transport->model, variant(), tasks(), size);
  }

  [[nodiscard]] std::vector<std::string> flags() const {
    std::vector<std::string> flags{fmt::format("--models={}", transport->model), fmt::format("--variant={}", transport->variant),
                                   fmt::format("--mode={}", mode_of(traffic.pattern).name), fmt::format("--tasks={}", tasks())};
    if (ring()) flags.push_back(fmt::format("--hops={}", traffic.messages));
    if (!ring()) flags.push_back(fmt::format("--payload={}", traffic.payload));
    if (stream()) {
      flags.push_back(fmt::format("--producers={}", traffic.producers));
      flags.push_back(fmt::format("--consumers={}", traffic.consumers));
    }
    return flags;
  }

  [[nodiscard]] Sample described() const {
    Sample sample;
    sample.benchmark = mode_of(traffic.pattern).benchmark;
    sample.model = transport->model;
    sample.variant = variant();
    sample.tasks = tasks();
    sample.processes = transport->shape(traffic).processes;
    sample.threads = transport->shape(traffic).threads;
    if (!ring()) sample.payload_bytes = traffic.payload;
    return sample;
  }

  [[nodiscard]] Need need() const {
    const TransportNeed own = transport->need(traffic);
    const std::uint64_t parts = transport->one_thread ? 0 : traffic.parts();
    const bool forks = transport->unit == Unit::process;
    // Every fork copies the tables of mappings (222 bytes each in a ring of 1,000 processes on Linux 6.18, x86-64: MemAvailable fell by 337
    // MiB, 125 of them for the processes; rounded up by an eighth) and of descriptors (a pointer and a bit each).
    const std::uint64_t copied = forks ? parts * (250 * own.maps + 9 * own.files) : 0;
    return {.processes = (forks ? parts : 0) + 1,  // the cell itself
            .threads = (forks ? 0 : parts) + own.threads,
            .threads_per_process = forks ? 0 : parts,
            .files = own.files,
            .bytes = own.bytes + copied + 64 * traffic.round_trips(),
            .maps = own.maps,
            .message_queues = own.message_queues,
            .message_queue_bytes = own.message_queue_bytes};
  }
};

class MessageExperiment final : public Experiment {
 public:
  MessageExperiment(const MessageCase& point, bool tracing) : point_(point), tracing_(tracing) {}

  void prepare() override { ledger_.emplace(point_.traffic); }

  void run(PhaseReport& report) override {
    ledger_->populate();
    run_phases(
        report, ledger_->bytes(), [this] { return point_.transport->make(*ledger_); }, [](Exchange& exchange) { exchange.run(); });
  }

  void finish(Measurement& measurement, const PhaseReport& report) override {
    ledger_->verify();
    Sample& sample = measurement.sample;
    sample.checksum = ledger_->checksum();
    sample.messages_per_second = static_cast<double>(point_.traffic.messages) / std::chrono::duration<double>(report.makespan).count();
    if (point_.traffic.pattern != Pattern::ping_pong) return;
    std::vector<std::int64_t> lengths;
    for (std::uint64_t index = 0; index < point_.traffic.round_trips(); ++index) {
      const TaskRecord& record = ledger_->round_trip(index);
      lengths.push_back(record.end_ns - record.start_ns);
      if (tracing_) measurement.records.push_back(record);
    }
    const Percentiles of = percentiles(lengths);
    sample.round_trip_p50 = of.p50;
    sample.round_trip_p99 = of.p99;
  }

  // A generous time for each message: 200 us and 20 ns a byte, where streams took at most 5 us under the address sanitizer.
  std::chrono::nanoseconds allowance() const override {
    return std::chrono::nanoseconds(point_.traffic.messages * (200'000 + 20 * point_.traffic.payload));
  }

  std::string progress() const override { return fmt::format("{} of {} messages received", ledger_->received(), point_.traffic.messages); }

 private:
  const MessageCase& point_;
  bool tracing_;
  std::optional<Ledger> ledger_;
};

class MessageBenchmark final : public Benchmark {
 public:
  std::string_view name() const override { return "messages"; }
  std::string_view summary() const override {
    return "Measures what it costs when tasks talk: streams through a queue, ping-pong, and a token that goes round a ring.";
  }
  const Kernel* kernel() const override { return nullptr; }

  void add_flags(CLI::App& app) override {
    add_selection(app, entries_of(transports()), transports_left_out(), Floors::always, selection_);
    std::vector<std::string> names;
    for (const Mode& mode : modes) names.emplace_back(mode.name);
    const Flag mode = add_list<std::string>(app, "--mode", modes_, one_of(names), fmt::format("{}", fmt::join(names, ", ")),
                                            "what is measured (default: stream,ping_pong)");
    add_switch(
        app, "--ring", [this] { modes_ = {"ring"}; }, "short for --mode=ring")
        .excludes(mode);
    const auto counts = [&](const std::string& flag, std::vector<std::uint64_t>& into, std::uint64_t least, std::uint64_t most,
                            const std::string& help) {
      add_list<std::uint64_t>(app, flag, into, count_between(least, most), count_form(least, most), help);
    };
    counts("--tasks", tasks_, 2, 1'000'000'000,
           "messages of a stream or a ping-pong; tasks of a ring (default: as many messages as take some 50 ms; rings of 2,10,100,1000)");
    counts("--payload", payloads_, 1, longest_payload, "bytes in the body of a message (default: 8,64,1024,8192,65536; ping-pong 8)");
    counts("--producers", producers_, 1, most_ends, "tasks that put (default: 1)");
    counts("--consumers", consumers_, 1, most_ends, "tasks that take (default: 1)");
    add_value(
        app, "--hops", hops_, count_between(1, 1'000'000'000), count_form(1, 1'000'000'000),
        "hops of the token in a ring, rounded up to whole rounds (default: 20000, or 200000 within one thread, but 20 rounds at least)");
  }

  std::vector<Trial> trials(const Conditions& /*conditions*/) const override {
    require_flags_to_apply();
    std::vector<Trial> trials;
    for (const TransportInfo* transport : chosen(transports(), selection_, Floors::always)) {
      for (const Traffic& traffic : traffics(*transport)) {
        const MessageCase point{transport, traffic};
        trials.push_back({.name = point.name(),
                          .flags = point.flags(),
                          .described = point.described(),
                          .left_out = std::string(transport->refuses(traffic)),
                          .measure = [point](const Conditions& conditions) {
                            MessageExperiment experiment(point, conditions.tracing);
                            return measure(point.described(), point.need(), conditions.timeout, experiment);
                          }});
      }
    }
    return trials;
  }

  std::string list_models() const override { return list_entries(entries_of(transports()), transports_left_out()); }

 private:
  using Counts = std::vector<std::uint64_t>;
  static constexpr std::uint64_t longest_payload = 65536;
  static constexpr std::uint64_t most_ends = 64;
  static constexpr std::uint64_t least_rounds = 20;  // of a ring: the first finds everything cold

  static Counts or_default(const Counts& given, const Counts& fallback) { return given.empty() ? fallback : given; }

  [[nodiscard]] std::vector<std::string> asked_modes() const {
    return modes_.empty() ? std::vector<std::string>{"stream", "ping_pong"} : modes_;
  }

  // What is asked for in vain is more likely a mistake than meant.
  void require_flags_to_apply() const {
    const std::vector<std::string> asked = asked_modes();
    const auto none_of = [&](std::initializer_list<std::string_view> names) {
      return std::none_of(names.begin(), names.end(),
                          [&](std::string_view name) { return std::find(asked.begin(), asked.end(), name) != asked.end(); });
    };
    const auto require = [&](bool given, std::string_view flag, std::initializer_list<std::string_view> names) {
      if (given && none_of(names))
        throw UsageError(
            fmt::format("{} has no meaning with --mode={}, only with {}", flag, fmt::join(asked, ","), fmt::join(names, " or ")));
    };
    require(!payloads_.empty(), "--payload", {"stream", "ping_pong"});
    require(!producers_.empty(), "--producers", {"stream"});
    require(!consumers_.empty(), "--consumers", {"stream"});
    require(hops_ > 0, "--hops", {"ring"});
  }

  // So that a batch takes a few hundredths of a second: about a microsecond a message, and one for each KiB of it.
  static std::uint64_t default_messages(std::uint64_t payload) { return std::max<std::uint64_t>(2000, 100'000'000 / (1000 + payload)); }

  std::vector<Traffic> traffics(const TransportInfo& transport) const {
    std::vector<Traffic> all;
    for (const std::string& name : asked_modes()) {
      if (name == "stream") append_streams(all);
      if (name == "ping_pong") append_ping_pongs(all);
      if (name == "ring") append_rings(all, transport);
    }
    return all;
  }

  void append_streams(std::vector<Traffic>& all) const {
    for (const std::uint64_t payload : or_default(payloads_, {8, 64, 1024, 8192, 65536})) {
      for (const std::uint64_t messages : or_default(tasks_, {default_messages(payload)})) {
        for (const std::uint64_t producers : or_default(producers_, {1})) {
          for (const std::uint64_t consumers : or_default(consumers_, {1})) {
            all.push_back(
                {.pattern = Pattern::stream, .messages = messages, .payload = payload, .producers = producers, .consumers = consumers});
          }
        }
      }
    }
  }

  void append_ping_pongs(std::vector<Traffic>& all) const {
    for (const std::uint64_t payload : or_default(payloads_, {8})) {
      for (const std::uint64_t messages : or_default(tasks_, {10'000})) {
        all.push_back({.pattern = Pattern::ping_pong, .messages = messages + messages % 2, .payload = payload});
      }
    }
  }

  void append_rings(std::vector<Traffic>& all, const TransportInfo& transport) const {
    for (const std::uint64_t tasks : or_default(tasks_, {2, 10, 100, 1000})) {
      const std::uint64_t hops = hops_ > 0 ? hops_ : std::max<std::uint64_t>(transport.one_thread ? 200'000 : 20'000, least_rounds * tasks);
      all.push_back({.pattern = Pattern::ring, .messages = (hops + tasks - 1) / tasks * tasks, .payload = 8, .ring = tasks});
    }
  }

  Selection selection_;
  std::vector<std::string> modes_;
  Counts tasks_, payloads_, producers_, consumers_;
  std::uint64_t hops_ = 0;
};

}  // namespace
}  // namespace makespan

int main(int argc, char** argv) {
  makespan::MessageBenchmark benchmark;
  return makespan::suite_main(argc, argv, benchmark);
}
