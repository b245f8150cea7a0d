# SPDX-License-Identifier: Apache-2.0
"""Which of the recorded batches the timeline shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from makespan.lanes import Lane, lanes_of

from .cases import Case, Series, Workload, identity, number
from .data import NothingToDraw, RunData
from .text import shortened

SHAPE = ["benchmark", "model", "variant", "tasks", "processes", "threads", "sleep_ns", "compute_ns"]
CLASSIC_TASKS = 10  # of the preset class8


@dataclass(frozen=True)
class Recorded:
    """One launch of one model in one shape; without lanes if the case gave no time. Times in ns.

    `makespan` is the end of the last task where it was not `measured`. `about` is what had to be done,
    where the batches of a picture differ in that; `number` tells apart what would be called the same.
    """

    series: Series
    processes: int
    threads: int
    case: Case | None
    makespan: float
    bound: float | None
    lanes: tuple[Lane, ...]
    measured: bool = True
    about: str = ""
    number: str = ""

    @property
    def title(self) -> str:
        return f"{self.number} {shortened(self.series.name, 26)} {self.shape}".strip()

    @property
    def rows(self) -> int:
        return sum(lane.height for lane in self.lanes)

    @property
    def shape(self) -> str:
        return f"{self.processes:,}×{self.threads:,}"

    @property
    def sort_key(self) -> tuple[tuple[int, str, str], int, int]:
        return self.series.sort_key, self.processes * self.threads, self.processes

    @property
    def status(self) -> str:
        return self.case.failures[0].status if self.case and self.case.failures else "no time"


def chosen(data: RunData) -> tuple[Workload, int, list[Recorded]]:
    """The batch recorded for most models; of several the one nearest to CLASSIC_TASKS tasks, then
    sleeping, then long ones. Shapes of it that failed come along without lanes."""
    frames: dict[tuple[Workload, int], list[tuple[Series, dict[str, Any], pd.DataFrame]]] = {}
    for shape, frame in data.trace.groupby(SHAPE, dropna=False, sort=True):
        row = dict(zip(SHAPE, shape))
        series, workload = identity(row)
        if workload.known and row["tasks"] > 0:
            key = (workload, int(row["tasks"]))
            frames.setdefault(key, []).append((series, row, frame))
    if not frames:
        raise NothingToDraw("it needs tasks of sleep, compute or mixed in trace.csv")

    def worth(key: tuple[Workload, int]) -> tuple[int, float, bool, int]:
        work, tasks = key
        distance = abs(math.log(tasks / CLASSIC_TASKS))
        models = len({series for series, _, _ in frames[key]})
        return models, -distance, work.benchmark == "sleep", work.sleep_ns + work.compute_ns

    workload, tasks = max(frames, key=worth)
    cases = [case for case in data.cases if (case.workload, case.tasks) == (workload, tasks)]
    batches = [recorded(data, cases, *found) for found in frames[workload, tasks]]
    drawn = {batch.case for batch in batches}
    batches += [unrecorded(case) for case in cases if case.median is None and case not in drawn]
    return workload, tasks, sorted(batches, key=lambda batch: batch.sort_key)


def recorded(
    data: RunData, cases: list[Case], series: Series, row: dict[str, Any], frame: pd.DataFrame
) -> Recorded:
    """The launch with the (lower) median makespan of one shape."""
    launches = frame.groupby(["run_id", "sequence"], dropna=False)["end_ns"].max()
    ordered = launches.sort_values(kind="stable").index
    run_id, sequence = ordered[(len(ordered) - 1) // 2]
    batch = frame[(frame["run_id"] == run_id) & (frame["sequence"] == sequence)]
    samples = data.samples
    sample = samples[(samples["run_id"] == run_id) & (samples["sequence"] == sequence)]
    measured = number(sample["makespan_ns"].iloc[0]) if len(sample) else None
    shape = int(number(row["processes"]) or 1), int(number(row["threads"]) or 1)
    same = [c for c in cases if c.series == series and (c.processes, c.threads) == shape]
    case = same[0] if same else None
    makespan = measured or float(batch["end_ns"].max())
    bound = case.bound if case else None
    lanes = tuple(lanes_of(batch))
    return Recorded(series, *shape, case, makespan, bound, lanes, measured is not None)


def unrecorded(case: Case) -> Recorded:
    return Recorded(case.series, case.processes, case.threads, case, 0.0, case.bound, ())
