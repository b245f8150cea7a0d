# SPDX-License-Identifier: Apache-2.0
"""A batch of tasks under one model, as an experiment; and the registry of the models."""

from __future__ import annotations

from makespan.python_reference import pools, processes, threads
from makespan.python_reference.columns import of_records
from makespan.python_reference.experiment import Outcome, TraceRecord
from makespan.python_reference.model import Model, ModelInfo, Shape
from makespan.python_reference.work import Result, VerificationError, Work, verify

#: Every model that runs tasks.
MODELS: tuple[ModelInfo, ...] = (*threads.MODELS, *processes.MODELS, *pools.MODELS)


class TaskExperiment:
    def __init__(self, info: ModelInfo, work: Work, tasks: int, shape: Shape, bound_ns: int) -> None:
        self._info = info
        self._work = work
        self._tasks = tasks
        self._shape = shape
        self._bound_ns = bound_ns

    def setup(self) -> None:
        self._model: Model = self._info.make(self._work, self._shape)

    def run(self) -> None:
        self._results = self._model.run(self._tasks)

    def teardown(self) -> None:
        self._model.close()

    def finish(self, submitted_ns: int, makespan_ns: int) -> Outcome:
        work = self._work
        checksum = verify(work, self._tasks, self._results)
        if not work.iterations and makespan_ns < self._bound_ns:
            what = f"makespan of {makespan_ns} ns is below its bound of {self._bound_ns} ns"
            raise VerificationError(f"{what}: some task did not sleep")
        sleeps = work.sleep_ns > 0
        columns = of_records(self._results, submitted_ns, makespan_ns, sleeps)
        records = (_traced(result, submitted_ns, sleeps) for result in self._results if work.recording)
        return Outcome({"checksum": checksum, **columns}, records)


def _traced(result: Result, submitted_ns: int, sleeps: bool) -> TraceRecord:
    task, _, start, end, overshoot, process, thread = result
    return task, start - submitted_ns, end - submitted_ns, overshoot if sleeps else None, process, thread
