// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/footprint.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <exception>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "benchmarks/harness/measure.hpp"
#include "benchmarks/harness/memory.hpp"
#include "benchmarks/harness/process_stat.hpp"
#include "benchmarks/harness/quantity.hpp"
#include "models/batch.hpp"
#include "models/runtime/futex.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

using std::chrono::nanoseconds;

// What cell and benchmark process tell each other.
struct Board {
  Plateau plateau;
  std::atomic<std::int64_t> submitted_ns;  // 0: not yet
};

// So long as N tasks take to begin and to be read, and twice that: a fork and the reading of a process take some 0.3 ms, a
// thread 30 us, a task that is neither 1 us.
nanoseconds sleep_at_first(const Case& point) {
  using namespace std::chrono_literals;
  const auto times = [](nanoseconds one, std::uint64_t count) { return one * static_cast<std::int64_t>(count); };
  const bool forks = point.model->unit == Unit::process;
  return 200ms + (forks ? times(600us, point.shape.processes) : 0ns) + times(60us, point.shape.workers()) + times(2us, point.tasks);
}

// For every thread that is started in this process from now on, and in those forked from it.
class StackSize {
 public:
  explicit StackSize(std::uint64_t bytes) : of_tbb_(oneapi::tbb::global_control::thread_stack_size, bytes) {
    pthread_attr_t attributes{};
    pthread_attr_init(&attributes);
    int refused = pthread_attr_setstacksize(&attributes, bytes);
    if (refused == 0) refused = pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
    if (refused != 0) throw std::system_error(refused, std::generic_category(), fmt::format("stacks of {}", format_bytes(bytes)));
  }

 private:
  oneapi::tbb::global_control of_tbb_;
};

class FootprintExperiment final : public Experiment {
 public:
  FootprintExperiment(const FootprintCase& footprint, Workload work)
      : point_(footprint.point), stack_bytes_(footprint.stack_bytes), batch_(with_plateau(work), 0, Recording::off) {}

  [[nodiscard]] bool missed() const { return missed_; }

  void prepare() override {
    batch_ = Batch(batch_.workload(), point_.tasks, Recording::off);
    objects_before_ = settled_kernel_objects();
  }

  void run(PhaseReport& report) override {
    std::optional<StackSize> stack;
    if (stack_bytes_) stack.emplace(*stack_bytes_);
    batch_.populate();
    run_phases(
        report, batch_.bytes(), [this] { return point_.model->make(point_.shape); },
        [this](Model& model) {
          board().submitted_ns = steady_now_ns();
          while (point_.tasks == 0 && plateau().over == 0) futex_wait(plateau().over, 0);
          model.run(batch_);
        });
  }

  Watch watch() override {
    return [this](pid_t group) { return look(group); };
  }

  void finish(Measurement& measurement, const PhaseReport& /*report*/) override {
    if (missed_) throw std::runtime_error(plateau_missed());
    if (!failure_.empty()) throw std::runtime_error(failure_);
    if (!memory_) throw std::runtime_error(plateau_missed());
    batch_.verify();
    measurement.sample.checksum = batch_.checksum();
    measurement.sample.pss_bytes = memory_->pss;
    measurement.sample.kernel_bytes = memory_->page_tables + objects_;
  }

  nanoseconds allowance() const override { return 3 * sleep(); }
  std::string progress() const override { return fmt::format("{} of {} tasks begun", plateau().begun.load(), batch_.tasks()); }

 private:
  Board& board() const { return board_[0]; }
  Plateau& plateau() const { return board().plateau; }
  nanoseconds sleep() const { return batch_.workload().sleep; }
  // Tasks that are under way at the plateau.
  std::uint64_t wanted() const { return std::min(point_.tasks, point_.model->reach(point_.tasks, point_.shape).in_flight); }

  Workload with_plateau(Workload work) const {
    work.plateau = &plateau();
    return work;
  }

  // Tasks may have ended from then on.
  bool too_late() const { return point_.tasks > 0 && steady_now_ns() >= board().submitted_ns + sleep().count(); }

  bool look(pid_t group) {
    if (board().submitted_ns == 0) return true;
    const nanoseconds cpu = cpu_time_of(group);
    const bool still = std::exchange(cpu_, cpu) == cpu && plateau().begun == wanted();
    if (!still && !too_late()) return true;
    if (still) read(group);
    // Who sleeps no longer may be gone: too late a reading fails for that.
    missed_ = too_late() || (failure_.empty() && (!still || batch_.runs() > 0 || plateau().begun != wanted()));
    begun_ = plateau().begun;
    plateau().over = 1;
    futex_wake(plateau().over, INT_MAX);
    return false;
  }

  // What is of the whole system first: looking at a process makes the kernel keep an entry for each of its files.
  void read(pid_t group) {
    try {
      const std::uint64_t objects = kernel_objects();
      objects_ = objects - std::min(objects, objects_before_);
      memory_ = memory_of_group(group);
    } catch (const std::exception& error) {
      failure_ = error.what();
    }
  }

  std::string plateau_missed() const {
    return fmt::format("the plateau was missed: within the {} that a task sleeps, {} of {} tasks had begun{}; give a longer --sleep",
                       format_duration(sleep()), begun_, wanted(), begun_ == wanted() ? " but their memory was not read yet" : "");
  }

  const Case& point_;
  std::optional<std::uint64_t> stack_bytes_;
  const SharedArray<Board> board_{1};
  Batch batch_;
  std::uint64_t objects_before_ = 0;
  nanoseconds cpu_{-1};
  std::uint64_t begun_ = 0;
  std::uint64_t objects_ = 0;
  std::optional<GroupMemory> memory_;
  std::string failure_;
  bool missed_ = false;
};

}  // namespace

std::string FootprintCase::variant() const {
  std::string text = point.variant();
  if (stack_bytes) text += fmt::format("{}stack-{}", text.empty() ? "" : "+", format_bytes(*stack_bytes));
  return text;
}

std::string FootprintCase::name() const {
  return stack_bytes ? fmt::format("{}/stack:{}", point.name(), format_bytes(*stack_bytes)) : point.name();
}

std::vector<std::string> FootprintCase::flags() const {
  std::vector<std::string> flags = point.flags();
  std::erase_if(flags, [](const std::string& flag) { return flag.starts_with("--sizes="); });
  if (stack_bytes) flags.push_back(fmt::format("--stack={}", format_bytes(*stack_bytes)));
  return flags;
}

bool has_stacks(const ModelInfo& model) {
  if (model.choice == Choice::workers) return model.unit == Unit::thread;
  return model.shape(2, {1, 2}).threads > 1;
}

Sample describe(const FootprintCase& footprint, const Conditions& conditions) {
  Sample sample = describe(footprint.point, conditions);
  sample.variant = footprint.variant();
  sample.model_bound.reset();
  sample.machine_bound.reset();
  return sample;
}

Measurement measure(const FootprintCase& footprint, const Conditions& conditions) {
  constexpr int attempts = 6;
  Workload work = footprint.point.work(conditions.fixed_ns_per_iteration);
  const bool given = work.sleep.count() > 0;
  if (!given) work.sleep = sleep_at_first(footprint.point);
  for (int attempt = 1;; ++attempt, work.sleep *= 2) {
    FootprintExperiment experiment(footprint, work);
    Measurement measurement = measure(describe(footprint, conditions), need_of(footprint.point, Recording::off, footprint.stack_bytes),
                                      conditions.timeout, experiment);
    const bool ended = !measurement.interrupted && measurement.sample.status == Status::error;
    if (!ended || !experiment.missed() || given || attempt == attempts) return measurement;
  }
}

}  // namespace makespan
