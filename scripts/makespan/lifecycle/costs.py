# SPDX-License-Identifier: Apache-2.0
"""From the samples of bench_lifecycle to the cost of a unit, and how many times that of its floor it is.

Times in ns, for creating one unit and ending it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import pandas as pd

from makespan.batch import Batch, batch_of
from makespan.columns import BARE, LIFECYCLE, LIFECYCLE_FLOORS, split_variant
from makespan.failed import failure_of
from makespan.roles import is_floor
from makespan.statistics import Interval, median_interval, ratio_of_rounds

Round = tuple[object, object]


@dataclass(frozen=True)
class Cost:
    """A unit in bursts of one size in a process of one size. `each` and `floor` are medians over the
    launches, `ratio` is that over the rounds of unit ÷ floor of the same round; None where nothing
    was measured. A floor itself has neither. `failure` says why launches gave no time."""

    model: str
    own: str
    batch: Batch
    each: Interval | None
    floor: Interval | None
    ratio: Interval | None
    failure: str

    @property
    def name(self) -> str:
        return f"{self.model}/{self.own}" if self.own else self.model

    @property
    def is_floor(self) -> bool:
        return is_floor(self.model, self.own)


@dataclass(frozen=True)
class _Times:
    """Of one case: ns per unit by launch and by round, and the rows that gave none."""

    launches: dict[Round, list[float]] = field(default_factory=dict)
    rounds: dict[Round, list[float]] = field(default_factory=dict)
    failed: list[Mapping[Any, Any]] = field(default_factory=list)

    @property
    def each(self) -> Interval | None:
        return _interval(median(times) for times in self.launches.values())

    def over(self, floor: _Times) -> Interval | None:
        return ratio_of_rounds(_medians(self.rounds), _medians(floor.rounds))

    @property
    def failure(self) -> str:
        return failure_of(self.failed, len(self.launches))


_Key = tuple[str, str, Batch]


def costs(samples: pd.DataFrame) -> list[Cost]:
    """Every case, in the order of the units, floors after them, small bursts and little memory first."""
    cases = _cases(samples[samples["benchmark"] == LIFECYCLE].to_dict("records"))
    found = [_cost(key, times, cases) for key, times in cases.items()]
    return sorted(found, key=_place)


def _cases(rows: Iterable[Mapping[Any, Any]]) -> dict[_Key, _Times]:
    cases: dict[_Key, _Times] = {}
    for row in rows:
        key = str(row["model"]), split_variant(str(row["variant"])).own, batch_of(row)
        times = cases.setdefault(key, _Times())
        if row["status"] != "ok":
            times.failed.append(row)
            continue
        each = 1e9 / float(row["messages_per_second"])
        for numbers, name in ((times.launches, "launch"), (times.rounds, "round")):
            numbers.setdefault((row["run_id"], row[name]), []).append(each)
    return cases


def _cost(key: _Key, times: _Times, cases: Mapping[_Key, _Times]) -> Cost:
    model, own, batch = key
    beside = cases.get((LIFECYCLE_FLOORS.get(model, model), BARE, batch))
    floor = None if beside is None or is_floor(model, own) else beside
    return Cost(
        model,
        own,
        batch,
        times.each,
        floor.each if floor else None,
        times.over(floor) if floor else None,
        times.failure,
    )


def _place(cost: Cost) -> tuple[object, ...]:
    order = list(LIFECYCLE_FLOORS)
    known = order.index(cost.model) if cost.model in order else len(order)
    return known, cost.model, cost.is_floor, cost.own, cost.batch.sort_key


def _interval(values: Iterable[float]) -> Interval | None:
    found = list(values)
    return median_interval(found) if found else None


def _medians(times: Mapping[Round, list[float]]) -> dict[Round, float]:
    return {number: median(found) for number, found in times.items()}
