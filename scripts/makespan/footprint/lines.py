# SPDX-License-Identifier: Apache-2.0
"""The rows of bench_footprint as lines: a model, variant and shape over the number of waiting tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from makespan.columns import FOOTPRINT, split_variant
from makespan.roles import with_peer
from makespan.scheduling import scheduling_words
from makespan.theme import rank
from makespan.units import count, one_line

from .slope import Slope, slope


#: The shape of those that give every task a worker of its own.
OWN_WORKERS = "a worker per task"


@dataclass(frozen=True)
class Reading:
    """Bytes at the plateau of one launch: of all processes, and the kernel's own share."""

    user: float
    kernel: float

    @property
    def total(self) -> float:
        return self.user + self.kernel


@dataclass(frozen=True)
class Line:
    """`variant` is the model's own one, and in words on which CPUs and with which timer slack. `readings` by
    the number of tasks, ascending, one a launch; `missing` says by the number of tasks why there is none."""

    model: str
    variant: str
    shape: str
    readings: dict[int, tuple[Reading, ...]]
    missing: dict[int, str]

    @property
    def name(self) -> str:
        return with_peer(f"{self.model} {self.variant}".strip(), self.model, self.variant)

    @property
    def sort_key(self) -> tuple[object, ...]:
        return rank(self.model), self.variant, len(self.shape), self.shape

    @cached_property
    def user(self) -> Slope | None:
        return self._slope(lambda reading: reading.user)

    @cached_property
    def kernel(self) -> Slope | None:
        return self._slope(lambda reading: reading.kernel)

    @cached_property
    def total(self) -> Slope | None:
        return self._slope(lambda reading: reading.total)

    def median(self, tasks: int) -> Reading | None:
        """The medians of both; None without a reading."""
        found = self.readings.get(tasks)
        return _middle(found) if found else None

    @property
    def most(self) -> int:
        """The largest number of tasks with a reading."""
        return max(self.readings, default=0)

    def _slope(self, part: Callable[[Reading], float]) -> Slope | None:
        return slope({tasks: [part(r) for r in found] for tasks, found in self.readings.items()})


@dataclass(frozen=True)
class _Row:
    model: str
    variant: str
    tasks: int
    processes: int
    threads: int
    launch: tuple[str, int]
    reading: Reading | None
    failure: str


def find_lines(samples: pd.DataFrame) -> list[Line]:
    """Every line of the run, in the order of the models. Of several rows of one launch the median counts,
    as they are not independent."""
    rows = list(_rows(samples))
    own_workers = _with_own_workers(rows)
    groups: dict[tuple[str, str, str], list[_Row]] = {}
    for row in rows:
        shape = _shape(row, (row.model, row.variant) in own_workers)
        groups.setdefault((row.model, row.variant, shape), []).append(row)
    lines = [
        Line(model, _words(variant), shape, _readings(own), _missing(own))
        for (model, variant, shape), own in groups.items()
    ]
    return sorted(lines, key=lambda line: line.sort_key)


def missing(samples: pd.DataFrame) -> list[str]:
    """One line for each model and number of tasks that could not be measured, with the reason."""
    return [
        f"{count(tasks, 'waiting task')}: {line.name}: {why}"
        for line in find_lines(samples)
        for tasks, why in line.missing.items()
    ]


def _rows(samples: pd.DataFrame) -> Iterable[_Row]:
    own = samples[samples["benchmark"] == FOOTPRINT]
    for row in own.to_dict("records"):
        whole = not pd.isna(row["pss_bytes"]) and not pd.isna(row["kernel_bytes"])
        good = row["status"] == "ok" and whole
        yield _Row(
            model=str(row["model"]),
            variant=str(row["variant"]),
            tasks=int(row["tasks"]),
            processes=1 if pd.isna(row["processes"]) else int(row["processes"]),
            threads=1 if pd.isna(row["threads"]) else int(row["threads"]),
            launch=(
                str(row["run_id"]),
                0 if pd.isna(row["launch"]) else int(row["launch"]),
            ),
            reading=Reading(float(row["pss_bytes"]), float(row["kernel_bytes"])) if good else None,
            failure="" if good else f"{row['status']} ({one_line(str(row['error']))})",
        )


def _with_own_workers(rows: Iterable[_Row]) -> set[tuple[str, str]]:
    """Model and variant of those that give every task a worker of its own, whatever the number."""
    every, others, several = set(), set(), set()
    for row in rows:
        key = row.model, row.variant
        every.add(key)
        if row.processes * row.threads != max(row.tasks, 1):
            others.add(key)
        if row.tasks > 1:
            several.add(key)
    return (every - others) & several


def _words(variant: str) -> str:
    parts = split_variant(variant)
    return ", ".join(filter(None, (parts.own, scheduling_words(parts.scheduling))))


def _shape(row: _Row, own_workers: bool) -> str:
    if not own_workers:
        return f"{row.processes} × {row.threads}"
    return OWN_WORKERS


def _readings(rows: Iterable[_Row]) -> dict[int, tuple[Reading, ...]]:
    launches: dict[int, dict[tuple[str, int], list[Reading]]] = {}
    for row in rows:
        if row.reading:
            launches.setdefault(row.tasks, {}).setdefault(row.launch, []).append(row.reading)
    return {
        tasks: tuple(_middle(found) for found in launches[tasks].values())
        for tasks in sorted(launches)
    }


def _middle(found: Sequence[Reading]) -> Reading:
    users, kernels = [reading.user for reading in found], [reading.kernel for reading in found]
    return Reading(float(np.median(users)), float(np.median(kernels)))


def _missing(rows: Iterable[_Row]) -> dict[int, str]:
    """The first reason of each number of tasks that some launch failed at."""
    reasons: dict[int, str] = {}
    for row in rows:
        if row.failure:
            reasons.setdefault(row.tasks, row.failure)
    return dict(sorted(reasons.items()))
