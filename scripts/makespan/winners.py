# SPDX-License-Identifier: Apache-2.0
"""Which model finishes first, batch by batch, and where the samples do not tell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pandas as pd

from makespan import units
from makespan.columns import split_variant
from makespan.statistics import MIN_LAUNCHES, Interval
from makespan.trust import grade, worst


@dataclass(frozen=True, order=True)
class Batch:
    """What had to be done: tasks of one size, or of sizes drawn from a distribution."""

    benchmark: str
    tasks: int
    sleep_ns: int
    compute_ns: int
    payload_bytes: int
    stages: int
    sizes: str

    def __str__(self) -> str:
        parts = [(self.sleep_ns, "sleep"), (self.compute_ns, "compute")]
        work = " + ".join(f"{what} {units.duration(ns)}" for ns, what in parts if ns)
        work = work or self.benchmark
        if self.payload_bytes:
            work += f", {self.payload_bytes} bytes"
        if self.stages:
            work += f", {units.count(self.stages, 'stage')}"
        if self.sizes != "constant":
            work += f", {self.sizes} sizes"
        return f"{units.count(self.tasks, 'task')} × {work}"


@dataclass(frozen=True)
class Contender:
    """A model in one shape on one batch. A contender that failed is not `complete` and never wins."""

    model: str
    shape: str
    interval: Interval
    model_bound_ns: float
    efficiency: float
    max_in_flight: float
    parallelism: float
    grade: str
    failure: str

    @property
    def complete(self) -> bool:
        return not self.failure and self.interval.n > 0

    def __str__(self) -> str:
        return f"{self.model} {self.shape}"


class Outcome(Enum):
    WON = "won"
    SHARED = "not separated"
    TOO_FEW = f"not separated (n < {MIN_LAUNCHES})"
    ALONE = "no other model"
    NONE = "none finished"


@dataclass(frozen=True)
class Verdict:
    """What the samples say of one batch.

    `first` is the winner, or the models that share first place by name, each in its best shape; with
    too few launches it is all of them. `follower` is the best model that is not among `first`, and
    `ratio` its median / the lowest median. `missing` names what failed or was skipped.
    """

    batch: Batch
    outcome: Outcome
    first: tuple[Contender, ...]
    follower: Contender | None
    missing: tuple[str, ...]

    @property
    def ratio(self) -> float:
        if self.follower is None or self.outcome is Outcome.TOO_FEW:
            return math.nan
        lowest = min(contender.interval.median for contender in self.first)
        return self.follower.interval.median / lowest if lowest else math.nan

    @property
    def grade(self) -> str:
        """The worst grade among the contenders that the verdict rests on."""
        rests_on = [*self.first, *([self.follower] if self.follower else [])]
        return worst(contender.grade for contender in rests_on)


def judge(summary: pd.DataFrame) -> list[Verdict]:
    """One verdict per batch of the summary, in the order benchmark, task, number of tasks.

    Shapes of the same model do not compete with one another: its best, the one with the lowest median,
    stands for it in the table. The model with the lowest median wins if its interval overlaps that of
    no other model, in whatever shape; if it overlaps some, these share the first place and nobody wins.
    """
    batches = contenders(summary)
    return [_verdict(batch, batches[batch]) for batch in sorted(batches, key=_order)]


def contenders(summary: pd.DataFrame) -> dict[Batch, list[Contender]]:
    """Every case of the summary as a contender, by batch."""
    batches: dict[Batch, list[Contender]] = {}
    for row in summary.to_dict("records"):
        batch, contender = _batch(row), _contender(row)
        batches.setdefault(batch, []).append(contender)
    return batches


def _verdict(batch: Batch, all_of_them: list[Contender]) -> Verdict:
    complete = [contender for contender in all_of_them if contender.complete]
    by_median = sorted(complete, key=lambda contender: contender.interval.median)
    best: dict[str, Contender] = {}
    for contender in by_median:
        best.setdefault(contender.model, contender)
    ranking = list(best.values())
    missing = tuple(
        f"{c if c.model in best else c.model}: {c.failure}" for c in all_of_them if c.failure
    )
    outcome, first = _first(ranking, complete)
    follower = next((contender for contender in ranking if contender not in first), None)
    return Verdict(batch, outcome, first, follower, tuple(dict.fromkeys(missing)))


def _first(
    ranking: list[Contender], complete: list[Contender]
) -> tuple[Outcome, tuple[Contender, ...]]:
    if len(ranking) < 2:
        return (Outcome.ALONE if ranking else Outcome.NONE), tuple(ranking)
    winner = ranking[0]
    rivals = [contender for contender in complete if contender.model != winner.model]
    overlaps = {id(rival): winner.interval.overlaps(rival.interval) for rival in rivals}
    if None in overlaps.values():
        return Outcome.TOO_FEW, _by_name(ranking)
    models = {rival.model for rival in rivals if overlaps[id(rival)]}
    if not models:
        return Outcome.WON, (winner,)
    sharing = [other for other in ranking[1:] if other.model in models]
    return Outcome.SHARED, _by_name([ranking[0], *sharing])


def _by_name(contenders: Iterable[Contender]) -> tuple[Contender, ...]:
    """By name and not by time: an order would name a winner after all."""
    return tuple(sorted(contenders, key=lambda contender: contender.model))


def _batch(row: Mapping[Any, Any]) -> Batch:
    def number(name: str) -> int:
        return 0 if pd.isna(row[name]) else int(row[name])

    _, sizes = split_variant(row["variant"])
    return Batch(
        benchmark=row["benchmark"],
        tasks=number("tasks"),
        sleep_ns=number("sleep_ns"),
        compute_ns=number("compute_ns"),
        payload_bytes=number("payload_bytes"),
        stages=number("stages"),
        sizes=sizes,
    )


def _contender(row: Mapping[Any, Any]) -> Contender:
    own, _ = split_variant(row["variant"])
    sides = [str(row[name]) for name in ("processes", "threads") if not pd.isna(row[name])]
    low, high = row["makespan_low_ns"], row["makespan_high_ns"]
    known = not pd.isna(low) and not pd.isna(high)
    return Contender(
        model=row["model"],
        shape=" ".join([*([" × ".join(sides)] if sides else []), *([own] if own else [])]),
        interval=Interval(
            float(low) if known else None,
            float(row["makespan_median_ns"]),
            float(high) if known else None,
            int(row["n"]),
        ),
        model_bound_ns=float(row["model_bound_ns"]),
        efficiency=float(row["efficiency"]),
        max_in_flight=float(row["max_in_flight"]),
        parallelism=float(row["parallelism"]),
        grade=grade(float(row["steal_share"])),
        failure=_failure(row),
    )


def _failure(row: Mapping[Any, Any]) -> str:
    if not row["failed"]:
        return ""
    total = int(row["failed"]) + int(row["n"])
    often = f" in {row['failed']} of {total} launches" if row["n"] else ""
    reason = units.one_line(row["error"])
    return f"{row['status']}{often}{f' ({reason})' if reason else ''}"


def _order(batch: Batch) -> tuple[object, ...]:
    known = ("sleep", "compute", "mixed")
    place = known.index(batch.benchmark) if batch.benchmark in known else len(known)
    size = batch.sleep_ns + batch.compute_ns
    return place, batch.benchmark, size, batch.compute_ns, batch.sizes, batch.tasks, batch
