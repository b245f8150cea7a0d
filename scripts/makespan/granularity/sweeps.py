# SPDX-License-Identifier: Apache-2.0
"""Sweeps of the granularity, as samples.csv has them: ordinary rows of `compute` with the same total
work cut into ever smaller tasks.

Efficiency and granularity are those of Task Bench (see metg.py), with N tasks, the makespan, and p,
the CPUs that the shape may use, min(usable CPUs, workers that can compute at once):

    granularity = makespan × p ÷ N          CPU time that a task takes up, overhead and waiting included
    efficiency  = own work ÷ granularity    own work: a task's iterations × calibrated ns per iteration

The peak is one reference for all models: p CPUs on which the calibrated kernel does nothing else. With
as many workers as CPUs or more, p is all CPUs, and this is the suite's efficiency, machine bound ÷
makespan. With fewer workers a model could never reach more than p ÷ CPUs of the machine, however large
its tasks; that says nothing of its cost per task, so the p CPUs are then the cores that the paper
counts. Such a shape is compared with shapes of as many workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from makespan.columns import split_variant
from makespan.roles import with_peer
from makespan.statistics import Interval, median_interval

from .cases import (
    Key,
    Measured,
    Reference,
    computing_at_once,
    computing_cases,
    shared_reference,
)

#: Fewer granularities are no sweep.
FEWEST = 5
#: Total work is the same within this share; the number of tasks is a whole one.
SAME_WORK = 0.01


@dataclass(frozen=True)
class Point:
    """One granularity: `own_ns` is the work of a task, `makespans` one in ns for each launch, `cpus`
    the p of the sweep."""

    key: Key
    own_ns: float
    makespans: tuple[float, ...]
    cpus: float

    @property
    def granularities(self) -> tuple[float, ...]:
        """By the paper, in ns, one for each launch."""
        return tuple(makespan * self.cpus / self.key.tasks for makespan in self.makespans)

    @cached_property
    def interval(self) -> Interval:
        """The median granularity in ns, with its distribution-free 95 % interval."""
        return median_interval(self.granularities)

    @property
    def granularity(self) -> float:
        return self.interval.median

    @property
    def efficiency(self) -> float:
        return self.own_ns / self.granularity


@dataclass(frozen=True)
class Sweep:
    """A model and variant in one shape; `workers` is None where every task has one of its own. `points`
    are the granularities that gave a time, the coarsest first, and `missing` those that gave none."""

    model: str
    variant: str
    shape: str
    workers: int | None
    cpus: float
    reference: Reference
    points: tuple[Point, ...]
    missing: tuple[Key, ...] = ()

    @property
    def name(self) -> str:
        return with_peer(f"{self.model} {self.variant}".strip(), self.model, self.variant)

    @property
    def best(self) -> float:
        """The highest efficiency of a point, 0 without any."""
        return max((point.efficiency for point in self.points), default=0.0)

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Few workers before many, those with one for each task last; then by name."""
        few = (self.workers is None, self.workers or 0, self.cpus)
        return *few, self.model, self.variant, self.shape


def find_sweeps(samples: pd.DataFrame, cpus: float | None = None) -> list[Sweep]:
    """Every sweep of a run: at least FEWEST granularities of one model, variant and shape with the same
    total work, measured or only tried; tasks of constant size. `cpus` is that of env.json."""
    cases = computing_cases(samples)
    reference = shared_reference(cases, cpus)
    if reference is None:
        return []
    lines: dict[tuple[str, str, str, int | None], list[Key]] = {}
    own_workers = _with_own_workers(cases)
    for key in cases:
        lines.setdefault(_line(key, (key.model, key.variant) in own_workers), []).append(key)
    found = []
    for (model, variant, shape, workers), keys in lines.items():
        swept = same_work(keys)
        if len(swept) >= FEWEST:
            own = split_variant(variant).own
            p = computing_at_once(swept, cases, reference)
            points = [_point(key, cases[key], p, reference) for key in swept]
            timed = tuple(point for point in points if point.makespans)
            missing = tuple(point.key for point in points if not point.makespans)
            found.append(Sweep(model, own, shape, workers, p, reference, timed, missing))
    return sorted(found, key=lambda sweep: sweep.sort_key)


def same_work(keys: Sequence[Key]) -> list[Key]:
    """The largest set of granularities with the same total work, of several that with most work; the
    coarsest first, each granularity once."""
    best: dict[int, Key] = {}
    for centre in sorted(keys, key=lambda key: -key.work):
        near = sorted(
            (key for key in keys if _off(key, centre) <= 1),
            key=lambda key: _off(key, centre),
            reverse=True,
        )
        alike = {key.iterations: key for key in near}  # the nearest comes last, and stays
        if len(alike) > len(best):
            best = alike
    return [best[iterations] for iterations in sorted(best, reverse=True)]


def _off(key: Key, centre: Key) -> float:
    """How far the work of a batch is off, in units of what is allowed. A task has a whole number of
    iterations, which may be half of one too many or too few."""
    allowed = max(SAME_WORK, 0.5 / key.iterations, 0.5 / centre.iterations)
    return abs(key.work / centre.work - 1) / allowed


def _with_own_workers(cases: Iterable[Key]) -> set[tuple[str, str]]:
    """Model and variant of those that give every task a worker of its own, whatever the number."""
    every, others = set(), set()
    for key in cases:
        every.add((key.model, key.variant))
        if not key.worker_for_each_task:
            others.add((key.model, key.variant))
    return every - others


def _line(key: Key, own_workers: bool) -> tuple[str, str, str, int | None]:
    """Model, variant, shape in words and number of workers: what a sweep has in common."""
    if not own_workers:
        shape, workers = f"{key.processes} × {key.threads}", key.processes * key.threads
        return key.model, key.variant, shape, workers
    return key.model, key.variant, "N × 1" if key.processes > 1 else "1 × N", None


def _point(key: Key, case: Measured, cpus: float, reference: Reference) -> Point:
    return Point(key, key.iterations * reference.ns_per_iteration, case.medians, cpus)
