// SPDX-License-Identifier: Apache-2.0
#include "models/model.hpp"

namespace makespan {
namespace {

class Serial final : public Model {
 public:
  explicit Serial(const Shape& /*shape*/) {}

 private:
  void run_batch(Batch& batch) override {
    for (std::uint64_t task = 0; task < batch.tasks(); ++task) batch.execute(task);
  }
};

}  // namespace

extern const ModelInfo serial_model;
const ModelInfo serial_model{
    .name = "serial",
    .variant = "",
    .summary = "one task after the other in one thread: the control that every result is compared with",
    .choice = Choice::none,
    .unit = Unit::thread,
    .shape = one_thread,
    .reach = one_task_per_worker,
    .make = make_model<Serial>,
};

}  // namespace makespan
