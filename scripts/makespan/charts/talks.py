# SPDX-License-Identifier: Apache-2.0
"""The rows of the summary whose tasks talk, as typed cases, and what their charts have in common.

Rates are per second, times ns; None is "not applicable or not known".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from makespan.batch import Batch, batch_of
from makespan.columns import split_variant
from makespan.roles import is_floor, marked, role_of
from makespan.theme import rank

from .cases import Failure, Series, failures_of, key_of, number
from .data import RunData
from .failures import notes_on
from .text import listed


@dataclass(frozen=True, order=True)
class Transport(Series):
    """A model and what its tasks talk through, as one line of a chart."""

    @property
    def name(self) -> str:
        name = f"{self.model}/{self.variant}" if self.variant else self.model
        return marked(name, role_of(self.model, self.variant))

    @property
    def sort_key(self) -> tuple[int, str, str]:
        """Floors last."""
        place, model = rank(self.model)
        return place + 1_000 * is_floor(self.model, self.variant), model, self.variant


@dataclass(frozen=True)
class Talk:
    """One row of the summary. `median` is the makespan, `per_second` the rate of messages, hops or
    lines with `low` and `high`, its 95 % interval."""

    series: Transport
    batch: Batch
    n: int
    median: float | None
    per_second: float | None
    low: float | None
    high: float | None
    round_trip_p50: float | None
    round_trip_p99: float | None
    failures: tuple[Failure, ...] = ()


def talks_of(data: RunData, benchmark: str) -> list[Talk]:
    """All cases of a benchmark, in the order in which legends list them."""
    failures = failures_of(data.samples)
    rows = [row for row in data.summary.to_dict("records") if row["benchmark"] == benchmark]
    talks = [_talk(row, failures.get(key_of(row), ())) for row in rows]
    return sorted(talks, key=lambda talk: (talk.series.sort_key, talk.batch.sort_key))


def transport_of(row: Any) -> Transport:
    """The transport of a row (a mapping) of any of the frames."""
    return Transport(str(row["model"]), split_variant(str(row["variant"])).own)


def _talk(row: Any, failures: tuple[Failure, ...]) -> Talk:
    median, rate = number(row["makespan_median_ns"]), number(row["messages_per_second"])
    slow, fast = number(row["makespan_high_ns"]), number(row["makespan_low_ns"])
    work = rate * median if rate and median else None
    return Talk(
        series=transport_of(row),
        batch=batch_of(row),
        n=int(number(row["n"]) or 0),
        median=median,
        per_second=rate,
        low=work / slow if work and slow else None,
        high=work / fast if work and fast else None,
        round_trip_p50=number(row["round_trip_p50_ns"]),
        round_trip_p99=number(row["round_trip_p99_ns"]),
        failures=failures,
    )


def longest(talks: Iterable[Talk], x: Callable[[Talk], int]) -> list[Talk]:
    """Per series and value of `x` the batch with most tasks, of several shapes the fastest; one
    without a time only if none has one. Ascending in `x` within a series."""
    best: dict[tuple[Transport, int], Talk] = {}
    for talk in talks:
        key = (talk.series, x(talk))
        if key not in best or _standing(talk) < _standing(best[key]):
            best[key] = talk
    return sorted(best.values(), key=lambda talk: (talk.series.sort_key, x(talk)))


def _standing(talk: Talk) -> tuple[bool, int, float]:
    return talk.median is None, -talk.batch.tasks, talk.median or 0.0


def transports(talks: Iterable[Talk]) -> list[Transport]:
    return sorted({talk.series for talk in talks}, key=lambda one: one.sort_key)


def talk_notes(talks: Iterable[Talk]) -> list[str]:
    """Notes on the cases that gave no time."""
    return notes_on(talks, _batches)


def _batches(talks: Iterable[Talk]) -> str:
    found = sorted({talk.batch for talk in talks}, key=lambda batch: batch.sort_key)
    return listed([str(batch) for batch in found], 3)


def without_interval(talks: Sequence[Talk]) -> bool:
    return any(talk.median is not None and talk.low is None for talk in talks)
