# SPDX-License-Identifier: Apache-2.0
"""Which model finishes first, batch by batch, and where the samples do not tell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pandas as pd

from makespan.batch import Batch, batch_of
from makespan.columns import FOOTPRINT, TALKS, split_variant
from makespan.launches import failure
from makespan.roles import Role, marked, role_of
from makespan.statistics import MIN_LAUNCHES, Interval
from makespan.trust import grade, worst


@dataclass(frozen=True)
class Contender:
    """A model in one shape on one batch. A contender that failed is not `complete` and never wins, nor
    does a floor; a peer may. What does not apply is NaN.

    `name` is what competes: the model, and where tasks talk the model with its transport. `pace` is
    what is compared: the makespan, and where tasks talk the time per message, hop or line, because
    the number of hops is not the same for all.
    """

    model: str
    name: str
    shape: str
    role: Role
    interval: Interval
    pace: Interval
    model_bound_ns: float
    efficiency: float
    max_in_flight: float
    parallelism: float
    cpu_per_task_ns: float
    messages_per_second: float
    round_trip_p50_ns: float
    round_trip_p99_ns: float
    grade: str
    failure: str

    @property
    def complete(self) -> bool:
        return not self.failure and self.interval.n > 0

    @property
    def pace_ns(self) -> float:
        """The median."""
        return self.pace.median

    @property
    def floor(self) -> bool:
        return self.role is Role.FLOOR

    @property
    def label(self) -> str:
        """The name with the role, if it is not one of ours."""
        return marked(self.name, self.role)

    def __str__(self) -> str:
        return f"{self.label} {self.shape}".strip()


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
        lowest = min(contender.pace.median for contender in self.first)
        return self.follower.pace.median / lowest if lowest else math.nan

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
    Where tasks talk, every transport of a model stands for itself, and floors stand aside. Where models
    do different things, there is no verdict.
    """
    batches = contenders(summary)
    ordered = sorted((b for b in batches if b.ranked), key=lambda batch: batch.sort_key)
    return [_verdict(batch, batches[batch]) for batch in ordered]


def contenders(summary: pd.DataFrame) -> dict[Batch, list[Contender]]:
    """Every case of the summary as a contender, by batch; footprints are no race."""
    batches: dict[Batch, list[Contender]] = {}
    for row in summary[summary["benchmark"] != FOOTPRINT].to_dict("records"):
        batch, contender = batch_of(row), _contender(row)
        batches.setdefault(batch, []).append(contender)
    return batches


def _verdict(batch: Batch, all_of_them: list[Contender]) -> Verdict:
    complete = [c for c in all_of_them if c.complete and not c.floor]
    by_median = sorted(complete, key=lambda contender: contender.pace.median)
    best: dict[str, Contender] = {}
    for contender in by_median:
        best.setdefault(contender.name, contender)
    ranking = list(best.values())
    missing = tuple(
        f"{c if c.name in best else c.label}: {c.failure}" for c in all_of_them if c.failure
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
    rivals = [contender for contender in complete if contender.name != winner.name]
    overlaps = {id(rival): winner.pace.overlaps(rival.pace) for rival in rivals}
    if None in overlaps.values():
        return Outcome.TOO_FEW, _by_name(ranking)
    names = {rival.name for rival in rivals if overlaps[id(rival)]}
    if not names:
        return Outcome.WON, (winner,)
    sharing = [other for other in ranking[1:] if other.name in names]
    return Outcome.SHARED, _by_name([ranking[0], *sharing])


def _by_name(contenders: Iterable[Contender]) -> tuple[Contender, ...]:
    """By name and not by time: an order would name a winner after all."""
    return tuple(sorted(contenders, key=lambda contender: contender.name))


def _contender(row: Mapping[Any, Any]) -> Contender:
    model, own = str(row["model"]), split_variant(str(row["variant"])).own
    talks = row["benchmark"] in TALKS
    sides = [str(row[name]) for name in ("processes", "threads") if not pd.isna(row[name])]
    shape = [" × ".join(sides)] if sides else []
    low, high = row["makespan_low_ns"], row["makespan_high_ns"]
    known = not pd.isna(low) and not pd.isna(high)
    interval = Interval(
        float(low) if known else None,
        float(row["makespan_median_ns"]),
        float(high) if known else None,
        int(row["n"]),
    )
    return Contender(
        model=model,
        name=f"{model}/{own}" if talks and own else model,
        shape=" ".join([*shape, *([own] if own and not talks else [])]),
        role=role_of(model, own),
        interval=interval,
        pace=_per_message(interval, float(row["messages_per_second"])) if talks else interval,
        model_bound_ns=float(row["model_bound_ns"]),
        efficiency=float(row["efficiency"]),
        max_in_flight=float(row["max_in_flight"]),
        parallelism=float(row["parallelism"]),
        cpu_per_task_ns=float(row["cpu_per_task_ns"]),
        messages_per_second=float(row["messages_per_second"]),
        round_trip_p50_ns=float(row["round_trip_p50_ns"]),
        round_trip_p99_ns=float(row["round_trip_p99_ns"]),
        grade=grade(float(row["steal_share"])),
        failure=failure(row["status"], row["error"], int(row["failed"]), int(row["n"])),
    )


def _per_message(makespan: Interval, per_second: float) -> Interval:
    """The makespan and its interval as times per message, of which there were as many each time."""
    messages = per_second * makespan.median / 1e9
    if not messages > 0:
        return Interval(None, math.nan, None, makespan.n)
    low, high = (None if end is None else end / messages for end in (makespan.low, makespan.high))
    return Interval(low, makespan.median / messages, high, makespan.n)
