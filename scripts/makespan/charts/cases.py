# SPDX-License-Identifier: Apache-2.0
"""The rows of the summary as typed cases. Times are ns; None is "not applicable or not known"."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from makespan.columns import CASE_KEY, split_variant
from makespan.launches import sort_out_rows
from makespan.roles import with_peer
from makespan.scheduling import scheduling_words
from makespan.theme import rank
from makespan.units import one_line

from .text import duration

#: benchmarks whose batches are plain tasks, and what their task does
BENCHMARKS = {"sleep": "Sleep-bound", "compute": "CPU-bound", "mixed": "Mixed"}
#: distributions of the task sizes, in words
SIZES = {"uniform": "uniform sizes", "lognormal": "log-normal sizes"}


@dataclass(frozen=True, order=True)
class Workload:
    """What one task does; `sizes` is the distribution over the tasks, `scheduling` has the tags of timer
    slack and CPUs."""

    benchmark: str
    sleep_ns: int
    compute_ns: int
    sizes: str = "constant"
    scheduling: str = ""

    @property
    def known(self) -> bool:
        """Whether the benchmark is one whose batches are plain tasks."""
        return self.benchmark in BENCHMARKS

    @property
    def kind(self) -> str:
        return BENCHMARKS[self.benchmark]

    @property
    def task(self) -> str:
        """One task in words, like "9 ms sleep + 1 ms CPU"."""
        words = scheduling_words(self.scheduling)
        return ", ".join(part for part in (self.words, SIZES.get(self.sizes, ""), words) if part)

    @property
    def title(self) -> str:
        """Like "CPU-bound: 1 ms per task"; sizes that vary take a second line."""
        parts = [ns for ns in (self.sleep_ns, self.compute_ns) if ns]
        each = f"{duration(parts[0])} per task" if len(parts) == 1 else self.words
        sizes = f"{SIZES[self.sizes]}, mean given" if self.sizes in SIZES else ""
        lines = f"{self.kind}: {each}", sizes, scheduling_words(self.scheduling)
        return "\n".join(line for line in lines if line)

    @property
    def words(self) -> str:
        parts = [(self.sleep_ns, "sleep"), (self.compute_ns, "CPU")]
        return " + ".join(f"{duration(ns)} {what}" for ns, what in parts if ns) or "empty task"

    @property
    def sort_key(self) -> tuple[int, int, int, str, str]:
        return (
            list(BENCHMARKS).index(self.benchmark),
            self.sleep_ns + self.compute_ns,
            self.compute_ns,
            self.sizes,
            self.scheduling,
        )


@dataclass(frozen=True, order=True)
class Series:
    """A model, or a named variant of one, as one line of a chart."""

    model: str
    variant: str = ""

    @property
    def name(self) -> str:
        return with_peer(f"{self.model} {self.variant}".strip(), self.model, self.variant)

    @property
    def sort_key(self) -> tuple[int, str, str]:
        return (*rank(self.model), self.variant)


@dataclass(frozen=True)
class Failure:
    """Launches of one case that gave no time: `status` is skipped, timeout or error."""

    status: str
    error: str
    count: int


@dataclass(frozen=True)
class Case:
    """One row of the summary. `low` and `high` end the 95 % interval of `median`, the makespan,
    where there were launches enough for one; `in_flight` is the mean."""

    series: Series
    workload: Workload
    tasks: int
    processes: int
    threads: int
    n: int
    median: float | None
    low: float | None
    high: float | None
    bound: float | None
    efficiency: float | None
    efficiency_low: float | None
    efficiency_high: float | None
    parallelism: float | None
    in_flight: float | None
    failures: tuple[Failure, ...] = ()

    @property
    def workers(self) -> int:
        return self.processes * self.threads

    @property
    def shape(self) -> str:
        """Like 2×5: processes × threads in each."""
        return f"{self.processes:,}×{self.threads:,}"


def number(value: Any) -> float | None:
    """A float, or None for whatever pandas calls missing."""
    return None if value is None or pd.isna(value) or math.isinf(float(value)) else float(value)


def identity(row: Any) -> tuple[Series, Workload]:
    """Series and workload of a row (a mapping) of any of the frames."""
    variant = split_variant(str(row["variant"]))
    workload = Workload(
        str(row["benchmark"]),
        int(number(row["sleep_ns"]) or 0),
        int(number(row["compute_ns"]) or 0),
        variant.sizes,
        variant.scheduling,
    )
    return Series(str(row["model"]), variant.own), workload


def key_of(row: Any) -> tuple[Any, ...]:
    return tuple(
        row[name] if isinstance(row[name], str) else number(row[name]) for name in CASE_KEY
    )


def failures_of(samples: pd.DataFrame) -> dict[tuple[Any, ...], tuple[Failure, ...]]:
    """Case key -> its failures, most frequent status first, each with the first reason given."""
    rows: dict[tuple[Any, ...], list[Mapping[Any, Any]]] = {}
    for row in samples[samples["status"] != "ok"].to_dict("records"):
        rows.setdefault(key_of(row), []).append(row)
    counts: dict[tuple[Any, ...], Counter[str]] = {}
    reasons: dict[tuple[Any, ...], str] = {}
    for key, own in rows.items():
        for row in sort_out_rows(own).failed:
            status = str(row["status"])
            counts.setdefault(key, Counter())[status] += 1
            reasons.setdefault((*key, status), one_line(str(row["error"])))
    return {
        key: tuple(
            Failure(status, reasons[*key, status], count) for status, count in counter.most_common()
        )
        for key, counter in counts.items()
    }


def cases_of(summary: pd.DataFrame, samples: pd.DataFrame) -> Iterable[Case]:
    """The cases of sleep, compute and mixed; other benchmarks are not batches of plain tasks."""
    failures = failures_of(samples)
    for row in summary.to_dict("records"):
        if row["benchmark"] not in BENCHMARKS or number(row["tasks"]) is None:
            continue
        series, workload = identity(row)
        yield Case(
            series=series,
            workload=workload,
            tasks=int(row["tasks"]),
            processes=int(number(row["processes"]) or 1),
            threads=int(number(row["threads"]) or 1),
            n=int(number(row["n"]) or 0),
            median=number(row["makespan_median_ns"]),
            low=number(row["makespan_low_ns"]),
            high=number(row["makespan_high_ns"]),
            bound=number(row["model_bound_ns"]),
            efficiency=number(row["efficiency"]),
            efficiency_low=number(row["efficiency_low"]),
            efficiency_high=number(row["efficiency_high"]),
            parallelism=number(row["parallelism"]),
            in_flight=number(row["mean_in_flight"]),
            failures=failures.get(key_of(row), ()),
        )


def workloads_of(cases: Iterable[Case]) -> list[Workload]:
    return sorted({case.workload for case in cases}, key=lambda workload: workload.sort_key)


def series_of(cases: Iterable[Case]) -> list[Series]:
    return sorted({case.series for case in cases}, key=lambda series: series.sort_key)


def best_shapes(cases: Iterable[Case]) -> list[Case]:
    """Per series, workload and number of tasks the shape with the smallest median; one without any
    only if no shape has one."""
    best: dict[tuple[Series, Workload, int], Case] = {}
    for case in cases:
        key = (case.series, case.workload, case.tasks)
        if key not in best or standing(case) < standing(best[key]):
            best[key] = case
    return sorted(
        best.values(), key=lambda case: (case.series.sort_key, case.workload.sort_key, case.tasks)
    )


def standing(case: Case) -> tuple[bool, float, float, int]:
    """Sorts measured cases by time, failed ones after them by bound; fewer workers win a tie."""
    return (case.median is None, case.median or 0.0, case.bound or 0.0, case.workers)


def without_interval(cases: Sequence[Case]) -> bool:
    return any(case.median is not None and case.low is None for case in cases)
