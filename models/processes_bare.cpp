// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "models/model.hpp"
#include "models/runtime/identity.hpp"
#include "models/runtime/process.hpp"

namespace makespan {
namespace {

int wait_for(pid_t child) noexcept {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

class ProcessesBare final : public Model {
 public:
  explicit ProcessesBare(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override {
    std::vector<pid_t> children(batch.tasks());
    const pid_t parent = getpid();
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) {
      children[task] = fork();
      if (children[task] == 0) {
        if (!die_with(parent)) _exit(1);  // whatever happens to the suite, nothing of it stays
        refresh_identity();
        batch.execute(task);
        _exit(0);
      }
      if (children[task] < 0) {
        const int refused = errno;
        for (std::uint64_t begun = 0; begun < task; ++begun) kill(children[begun], SIGKILL);
        for (std::uint64_t begun = 0; begun < task; ++begun) wait_for(children[begun]);
        throw std::system_error(refused, std::generic_category(), fmt::format("fork of task process {} of {}", task + 1, batch.tasks()));
      }
    }
    pid_t dead = 0;
    ExitStatus end;
    for (const pid_t child : children) {
      const int status = wait_for(child);
      if (status == 0 || dead != 0) continue;
      dead = child;
      end = ExitStatus::decode(status);
    }
    if (dead != 0) throw ProcessDied("task process", dead, end);
  }
};

}  // namespace

extern const ModelInfo processes_bare_model;
const ModelInfo processes_bare_model{
    .name = "processes",
    .variant = "bare",
    .summary = "floor: fork in a loop, then waitpid in a loop",
    .choice = Choice::none,
    .unit = Unit::process,
    .shape = process_per_task,
    .reach = one_task_per_worker,
    .make = make_model<ProcessesBare>,
    .role = Role::floor,
};

}  // namespace makespan
