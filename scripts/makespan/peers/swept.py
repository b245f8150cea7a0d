# SPDX-License-Identifier: Apache-2.0
"""Figures that are read off sweeps: METG(50 %) and memory per waiting task, of all rounds together, as the tables of
their own have them, and of each round alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from makespan.columns import split_variant
from makespan.footprint.lines import OWN_WORKERS, Line, find_lines
from makespan.granularity.metg import State, metg
from makespan.granularity.sweeps import Sweep, find_sweeps
from makespan.statistics import Interval

from .figures import Figure, Round, by_round
from .questions import Question, Side

_HALF = 0.50
_Who = tuple[str, str, str]
T = TypeVar("T")


def metg_figures(question: Question, samples: pd.DataFrame, cpus: float | None) -> list[Figure]:
    """A sweep each, on as many workers as the question asks for. Of a round in which the threshold was reached even by
    the smallest tasks, the figure is an upper limit, which counts for our own models only: it may make them look
    worse and never better."""
    frame = _of(question, samples)

    def single(rows: pd.DataFrame) -> dict[_Who, tuple[float, bool]]:
        found = {}
        for sweep in find_sweeps(rows, cpus):
            one = metg(sweep, _HALF)
            if one.state in (State.REACHED, State.AT_MOST):
                found[_sweep(sweep)] = one.granularity_ns, one.state is State.AT_MOST
        return found

    rounds = _rounds(frame, single)
    figures = []
    for sweep in find_sweeps(frame, cpus):
        side = question.side(sweep.model, sweep.variant)
        if side is None or sweep.workers != question.workers:
            continue
        all_of_them = metg(sweep, _HALF)
        tasks = [point.key.tasks for point in sweep.points]
        values = rounds.get(_sweep(sweep), {})
        at_most = all_of_them.state is State.AT_MOST or any(limit for _, limit in values.values())
        reached = all_of_them.state in (State.REACHED, State.AT_MOST)
        launches = min((len(point.makespans) for point in sweep.points), default=0)
        figures.append(
            Figure(
                side,
                sweep.model,
                sweep.variant,
                sweep.shape,
                Interval(all_of_them.low_ns, all_of_them.granularity_ns, all_of_them.high_ns, launches)
                if reached
                else None,
                {
                    number: value
                    for number, (value, limit) in values.items()
                    if not limit or side is Side.OURS
                },
                _rows(frame, _Wanted(sweep.model, sweep.variant, sweep.shape, tasks)),
                "" if reached else _why_not(sweep, all_of_them.state),
                at_most,
            )
        )
    return figures


def slope_figures(question: Question, samples: pd.DataFrame) -> list[Figure]:
    """A line of bench_footprint each; rounds in which memory did not grow have no figure."""
    frame = _of(question, samples)

    def single(rows: pd.DataFrame) -> dict[_Who, float]:
        lines = ((_line(line), line.total) for line in find_lines(rows))
        return {who: total.value for who, total in lines if total and total.value > 0}

    rounds = _rounds(frame, single)
    figures = []
    for line in find_lines(frame):
        side, total = question.side(line.model, line.variant), line.total
        if side is None:
            continue
        value = Interval(total.low, total.value, total.high, _fewest(line)) if total else None
        figures.append(
            Figure(
                side,
                line.model,
                line.variant,
                line.shape,
                value,
                rounds.get(_line(line), {}),
                _rows(frame, _Wanted(line.model, line.variant, line.shape, list(line.readings))),
                "" if value else next(iter(line.missing.values()), "read for too few numbers of tasks"),
            )
        )
    return figures


def _of(question: Question, samples: pd.DataFrame) -> pd.DataFrame:
    """The rows of the benchmark whose batches ask the question."""
    frame = samples[samples["benchmark"] == question.benchmark]
    parts = frame["variant"].map(lambda variant: split_variant(str(variant)))
    plain = parts.map(lambda part: part.sizes == "constant" and not part.scheduling)
    return frame[plain.astype(bool)]


def _rounds(
    frame: pd.DataFrame, single: Callable[[pd.DataFrame], Mapping[_Who, T]]
) -> dict[_Who, dict[Round, T]]:
    found: dict[_Who, dict[Round, T]] = {}
    for number, rows in by_round(frame):
        for who, value in single(rows).items():
            found.setdefault(who, {})[number] = value
    return found


def _sweep(sweep: Sweep) -> _Who:
    return sweep.model, sweep.variant, sweep.shape


def _line(line: Line) -> _Who:
    return line.model, line.variant, line.shape


def _fewest(line: Line) -> int:
    """Launches of the number of tasks that has the fewest, none left out."""
    return min((len(found) for tasks, found in line.readings.items() if tasks), default=0)


def _why_not(sweep: Sweep, state: State) -> str:
    if state is State.NEVER:
        return f"not reached: an efficiency of {100 * sweep.best:.3g} % at most"
    return f"{state.value}: {len(sweep.points)}"


@dataclass(frozen=True)
class _Wanted:
    model: str
    own: str
    shape: str
    tasks: Collection[int]


def _rows(frame: pd.DataFrame, wanted: _Wanted) -> pd.DataFrame:
    """The rows that a sweep or a line was made from."""
    alike = (
        (frame["status"] == "ok")
        & (frame["model"] == wanted.model)
        & (frame["variant"].map(lambda variant: split_variant(str(variant)).own) == wanted.own)
        & frame["tasks"].isin(list(wanted.tasks))
    )
    if " × " in wanted.shape and wanted.shape != OWN_WORKERS:
        processes, threads = wanted.shape.split(" × ")
        alike &= (frame["processes"].astype("string") == processes) & (
            frame["threads"].astype("string") == threads
        )
    return frame[alike.astype(bool)]
