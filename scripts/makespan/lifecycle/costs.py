# SPDX-License-Identifier: Apache-2.0
"""From the samples of bench_lifecycle to the cost of a unit, and how many times that of its floor it is.

Times in ns, for creating one unit and ending it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from statistics import median
from typing import Any

import pandas as pd

from makespan.batch import Batch, batch_of
from makespan.columns import BARE, LIFECYCLE, LIFECYCLE_FLOORS, split_variant
from makespan.launches import Launches, failure_of, sort_out_rows
from makespan.roles import is_floor
from makespan.statistics import Interval, median_interval, ratio_of_rounds

Row = Mapping[Any, Any]
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
    """Of one case: its launches, and ns per unit by round."""

    launches: Launches[Row]
    rounds: Mapping[Round, list[float]]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> _Times:
        launches = sort_out_rows(rows)
        rounds: dict[Round, list[float]] = {}
        for row in chain(*launches.good):
            rounds.setdefault((row["run_id"], row["round"]), []).append(_each(row))
        return cls(launches, rounds)

    @property
    def each(self) -> Interval | None:
        return _interval(median(map(_each, rows)) for rows in self.launches.good)

    def over(self, floor: _Times) -> Interval | None:
        return ratio_of_rounds(_medians(self.rounds), _medians(floor.rounds))

    @property
    def failure(self) -> str:
        return failure_of(self.launches)


_Key = tuple[str, str, Batch]


def costs(samples: pd.DataFrame) -> list[Cost]:
    """Every case, in the order of the units, floors after them, small bursts and little memory first."""
    cases = _cases(samples[samples["benchmark"] == LIFECYCLE].to_dict("records"))
    found = [_cost(key, times, cases) for key, times in cases.items()]
    return sorted(found, key=_place)


def _cases(rows: Iterable[Row]) -> dict[_Key, _Times]:
    cases: dict[_Key, list[Row]] = {}
    for row in rows:
        key = str(row["model"]), split_variant(str(row["variant"])).own, batch_of(row)
        cases.setdefault(key, []).append(row)
    return {key: _Times.of(own) for key, own in cases.items()}


def _each(row: Row) -> float:
    return 1e9 / float(row["messages_per_second"])


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
