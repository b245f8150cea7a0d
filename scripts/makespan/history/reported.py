# SPDX-License-Identifier: Apache-2.0
"""Which steps were told already: reported.csv in the store, append-only as the histories are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from makespan.columns import Column
from makespan.folder import now_utc

from .series import History, Series
from .shifts import MIN_LEVEL, Step
from .store import Store, append, read_lines

REPORTED = "reported.csv"
REPORTED_COLUMNS: tuple[Column, ...] = (
    Column("machine_class", "text", required=True),
    Column("case", "text", required=True),
    Column("metric", "text", required=True),
    Column("commit", "text", required=True),
    Column("verdict", "text", required=True),
    Column("cost_ratio", "float", required=True),
    Column("reported_utc", "text", required=True),
)


@dataclass(frozen=True)
class Shift:
    """A step of a series: `commit` is the first at the new level, `previous` the last at the old one.
    `before` and `after` are the levels in the metric's unit; `cost` is their ratio, above 1 if worse.
    """

    machine_class: str
    series: Series
    step: Step
    commit: str
    previous: str
    time_utc: str
    before: float
    after: float

    @property
    def cost(self) -> float:
        return math.exp(self.step.effect)

    @property
    def verdict(self) -> str:
        return "slower" if self.cost > 1 else "faster"

    @property
    def place(self) -> int:
        """The number of the commit in the history."""
        return self.series.points[self.step.at].place

    def fields(self) -> list[str]:
        """The line, in the order of REPORTED_COLUMNS."""
        who = [self.machine_class, self.series.name, self.series.metric.name, self.commit]
        return [*who, self.verdict, f"{self.cost:.4g}", now_utc()]


def unreported(store: Store, history: History, shifts: Iterable[Shift]) -> list[Shift]:
    """Those that were not told before.

    With more commits the start of a step may move a little, so a step counts as told if one of the
    same series and direction was, less than MIN_LEVEL commits away. Raises InputError.
    """
    path = store.path / REPORTED
    told: dict[tuple[str, ...], list[int]] = {}
    places = {commit: place for place, commit in enumerate(history.commits)}
    for _, line in read_lines(path, REPORTED_COLUMNS) if path.exists() else ():
        key = (line["machine_class"], line["case"], line["metric"], line["verdict"])
        if line["commit"] in places:
            told.setdefault(key, []).append(places[line["commit"]])
    return [
        shift
        for shift in shifts
        if all(abs(shift.place - place) >= MIN_LEVEL for place in told.get(_key(shift), []))
    ]


def record(store: Store, shifts: Sequence[Shift]) -> None:
    """Notes that these were told."""
    path = store.path / REPORTED
    header = [] if path.exists() else [[column.name for column in REPORTED_COLUMNS]]
    append(path, [*header, *(shift.fields() for shift in shifts)] if shifts else [])


def _key(shift: Shift) -> tuple[str, ...]:
    return shift.machine_class, shift.series.name, shift.series.metric.name, shift.verdict
