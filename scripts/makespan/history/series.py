# SPDX-License-Identifier: Apache-2.0
"""From the lines of a store to series: one value for each commit, comparable along the way."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from makespan.case_name import case_name
from makespan.casekey import CaseKey, benchmark_of, fields_of
from makespan.metrics import CPU, MAKESPAN, Floats, Metric, metrics_of

from .store import Entry


@dataclass(frozen=True)
class Point:
    """One commit of a series; `place` is its number among all commits of the history. `low` and
    `high` end the 95 % interval, None where a run has none."""

    place: int
    commit: str
    time_utc: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Series:
    """One case and metric on one machine class, by time. All values are above 0."""

    key: CaseKey
    metric: Metric
    points: tuple[Point, ...]

    @property
    def name(self) -> str:
        return case_name(self.key)

    @property
    def label(self) -> str:
        return f"{self.metric.name} {self.name}"

    @property
    def logs(self) -> Floats:
        """Logarithms of what the values cost: up is worse, whatever the metric."""
        values = np.log([point.value for point in self.points])
        return -values if self.metric.higher_is_better else values

    @property
    def seed(self) -> int:
        """The same for the same series everywhere."""
        return zlib.crc32(self.label.encode())


@dataclass(frozen=True)
class History:
    """All series of a machine class; `commits` by time, the last of them the newest."""

    commits: tuple[str, ...]
    series: tuple[Series, ...]


def history_of(
    entries: Iterable[Entry], metrics: Sequence[Metric], last: int | None = None
) -> History:
    """The series of these metrics over the `last` commits, or all.

    A commit stands where it was first measured and has one value, the median of its runs: what
    differs between two runs of one commit is no change of the program. The work of a computing task
    is calibrated for each run, so times are told for the work of the newest one. Metrics that are not
    those of the benchmark, which older stores may have, do not count.
    """
    entries = list(entries)
    first: dict[str, str] = {}
    for entry in entries:
        first[entry.commit] = min(first.get(entry.commit, entry.time_utc), entry.time_utc)
    commits = sorted(first, key=lambda commit: (first[commit], commit))
    commits = commits[-last:] if last else commits
    places = {commit: place for place, commit in enumerate(commits)}
    groups: dict[tuple[CaseKey, Metric], list[Entry]] = {}
    for entry in entries:
        known = entry.metric in metrics_of(benchmark_of(entry.key))
        if entry.commit in places and known and entry.metric in metrics and entry.median > 0:
            groups.setdefault((entry.key, entry.metric), []).append(entry)
    series = []
    for (key, metric), own in groups.items():
        newest = max(own, key=lambda entry: (places[entry.commit], entry.time_utc))
        by_commit: dict[str, list[Entry]] = {}
        for entry in sorted(own, key=lambda entry: places[entry.commit]):
            by_commit.setdefault(entry.commit, []).append(entry)
        points = [
            _point(places[commit], first[commit], runs, newest.iterations)
            for commit, runs in by_commit.items()
        ]
        series.append(Series(key, metric, tuple(points)))
    return History(tuple(commits), tuple(sorted(series, key=lambda one: one.label)))


def _point(place: int, time_utc: str, runs: Sequence[Entry], work: int | None) -> Point:
    factors = [_factor(run, work) for run in runs]
    value = median(run.median * factor for run, factor in zip(runs, factors))
    lows = [run.low * factor for run, factor in zip(runs, factors) if run.low is not None]
    highs = [run.high * factor for run, factor in zip(runs, factors) if run.high is not None]
    whole = len(lows) == len(highs) == len(runs)
    return Point(
        place,
        runs[0].commit,
        time_utc,
        value,
        median(lows) if whole else None,
        median(highs) if whole else None,
    )


def _factor(entry: Entry, work: int | None) -> float:
    """What makes a time of other work one of `work` iterations a task.

    CPU time is proportional to the work, and so is the makespan where tasks only compute. Without it
    a kernel that became slower would not show: the calibration gives it less to do.
    """
    if not work or not entry.iterations:
        return 1.0
    sleeps = fields_of(entry.key)["sleep_ns"]
    if entry.metric == CPU or (entry.metric == MAKESPAN and not sleeps):
        return work / entry.iterations
    return 1.0
