# SPDX-License-Identifier: Apache-2.0
"""The rows of a case by launch, the unit of replication, and what is said of launches that failed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from makespan import units
from makespan.columns import STATUSES

Row = TypeVar("Row")


@dataclass(frozen=True)
class Launches(Generic[Row]):
    """Of one case: `good` has the rows of every launch that succeeded, that is all of whose rows are ok;
    `failed` has the worst row of every other one."""

    good: list[list[Row]]
    failed: list[Row]


def sort_out(
    rows: Iterable[Row], launch_of: Callable[[Row], Hashable], status_of: Callable[[Row], str]
) -> Launches[Row]:
    """`launch_of` tells the launches of several runs apart."""
    found = Launches[Row]([], [])
    for own in by_launch(rows, launch_of):
        worst = max(own, key=lambda row: gravity(status_of(row)))
        if gravity(status_of(worst)):
            found.failed.append(worst)
        else:
            found.good.append(own)
    return found


def sort_out_rows(rows: Iterable[Mapping[Any, Any]]) -> Launches[Mapping[Any, Any]]:
    """The same of rows as column -> value."""
    return sort_out(rows, lambda row: (row["run_id"], row["launch"]), lambda row: str(row["status"]))


def by_launch(rows: Iterable[Row], launch_of: Callable[[Row], Hashable]) -> list[list[Row]]:
    """In the order in which the launches first appear."""
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        groups.setdefault(launch_of(row), []).append(row)
    return list(groups.values())


def gravity(status: str) -> int:
    """0 is ok; a case is as bad as its worst row."""
    return STATUSES.index(status)


def failure(status: str, error: str, failed: int, n: int) -> str:
    """Like "error in 1 of 6 launches (the reason)" for `failed` launches beside `n` that succeeded; empty
    where none failed."""
    if not failed:
        return ""
    often = f" in {failed} of {failed + n} launches" if n else ""
    reason = units.one_line(error)
    return f"{status}{often}{f' ({reason})' if reason else ''}"


def failure_of(launches: Launches[Mapping[Any, Any]]) -> str:
    """The same of the worst of those that failed, of rows as column -> value."""
    if not launches.failed:
        return ""
    row = max(launches.failed, key=lambda row: gravity(str(row["status"])))
    return failure(str(row["status"]), str(row["error"]), len(launches.failed), len(launches.good))
