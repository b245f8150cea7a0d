// SPDX-License-Identifier: Apache-2.0
// HOW it is run: the interface of a concurrency model, and the registry.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "models/batch.hpp"
#include "models/role.hpp"

namespace makespan {

/// The resources a model may use. Workers = processes × threads.
struct Shape {
  std::uint64_t processes = 1;
  std::uint64_t threads = 1;  ///< per process
  [[nodiscard]] std::uint64_t workers() const noexcept { return processes * threads; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

/// What a model can reach at best with a shape and a number of tasks: the c and p of its bound.
struct Reach {
  std::uint64_t in_flight = 1;  ///< c: tasks that can be under way at once
  std::uint64_t computing = 1;  ///< p before the machine's CPUs limit it: tasks that can compute at once
};

/// A concurrency model. Constructor = setup, run = work, destructor = teardown; the harness times each phase apart.
/// A model may run several batches, one after the other. It schedules: what a task does is the batch's.
class Model {
 public:
  Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model() = default;

  /// Runs every task of the batch exactly once (`batch.execute` or what is equivalent) and returns when the last is done.
  /// Throws std::system_error if the system refuses a thread or a process, ProcessDied if a process of the model died,
  /// TaskError if a task threw (after all tasks have ended). One virtual call per batch, never one per task.
  void run(Batch& batch) {
    run_batch(batch);
    batch.rethrow_failure();
  }

 private:
  virtual void run_batch(Batch& batch) = 0;
};

/// Which part of its shape the user chooses.
enum class Choice : std::uint8_t {
  none,     ///< the shape follows from the number of tasks
  workers,  ///< --workers
  grid,     ///< --processes and --threads
};

/// What the workers are, for the choice `workers`.
enum class Unit : std::uint8_t { thread, process };

/// A registered model. Several entries may share a `name` and differ in `variant`.
struct ModelInfo {
  std::string_view name;     ///< as in the CSV's column `model`
  std::string_view variant;  ///< as in the CSV's column `variant`; empty for the ordinary form
  std::string_view summary;  ///< one line for --list-models
  Choice choice;
  Unit unit;
  Shape (*shape)(std::uint64_t tasks, const Shape& asked);  ///< the shape it will use
  Reach (*reach)(std::uint64_t tasks, const Shape& shape);  ///< what it can reach with that
  std::unique_ptr<Model> (*make)(const Shape& shape);       ///< throws std::system_error if the system refuses
  std::uint64_t bytes_per_task = 0;                         ///< memory that a task takes besides threads and processes
  Role role = Role::own;
  bool on_request = false;     ///< measured only if its variant is named: another way to do what the ordinary form does
  bool keeps_threads = false;  ///< until the process ends, with a descriptor or two, for the next model of the same library
};

/// Every registered model, in the order of models/CMakeLists.txt.
[[nodiscard]] std::span<const ModelInfo* const> models();
/// Those of that list that this build has not got.
[[nodiscard]] std::span<const LeftOut> models_left_out();
/// The model of that name and variant, or null.
[[nodiscard]] const ModelInfo* find_model(std::string_view name, std::string_view variant = "");

/// The usual `reach`: every worker has one task in flight, and computes in it.
[[nodiscard]] Reach one_task_per_worker(std::uint64_t tasks, const Shape& shape);
/// The usual `shape`: as asked.
[[nodiscard]] Shape as_asked(std::uint64_t tasks, const Shape& asked);
/// Shapes that follow from the tasks alone: each has a thread, or a process, of its own; one where there are none.
[[nodiscard]] Shape thread_per_task(std::uint64_t tasks, const Shape& asked);
[[nodiscard]] Shape process_per_task(std::uint64_t tasks, const Shape& asked);
/// Of a model with one thread whose tasks wait together and compute one after another.
[[nodiscard]] Shape one_thread(std::uint64_t tasks, const Shape& asked);
[[nodiscard]] Reach all_in_one_thread(std::uint64_t tasks, const Shape& shape);
/// The usual `make`: a model constructed from its shape.
template <class M>
[[nodiscard]] std::unique_ptr<Model> make_model(const Shape& shape) {
  return std::make_unique<M>(shape);
}

}  // namespace makespan
