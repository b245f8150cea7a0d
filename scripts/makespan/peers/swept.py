# SPDX-License-Identifier: Apache-2.0
"""Figures that are read off sweeps: METG(50 %) and memory per waiting task, of all rounds together, as the tables of
their own have them, and of each round alone.

Every round that was measured to its end counts, with what is known of it: of a METG below the smallest tasks an upper
limit, of one that no tasks reached a lower one, the granularity of the coarsest."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import pandas as pd

from makespan import units
from makespan.columns import split_variant
from makespan.footprint.lines import OWN_WORKERS, Line, find_lines
from makespan.granularity.metg import Metg, State, metg
from makespan.granularity.sweeps import Sweep, find_sweeps
from makespan.launches import failure_of, sort_out_rows
from makespan.statistics import Interval

from .figures import Figure, by_round
from .questions import Question, Side
from .ratios import UNKNOWN, Round, Span, exactly, known

_HALF = 0.50
_Who = tuple[str, str, str]
T = TypeVar("T")


def metg_figures(question: Question, samples: pd.DataFrame, cpus: float | None) -> list[Figure]:
    """A sweep each, on as many workers as the question asks for."""
    frame = _of(question, samples)

    def single(rows: pd.DataFrame) -> dict[_Who, tuple[Span, int]]:
        return {_sweep(one): (_span(one), len(one.points)) for one in find_sweeps(rows, cpus)}

    rounds = _rounds(frame, single)
    figures = []
    for sweep in find_sweeps(frame, cpus):
        side = question.side(sweep.model, sweep.variant)
        if side is None or sweep.workers != question.workers:
            continue
        all_of_them = metg(sweep, _HALF)
        reached = all_of_them.state in (State.REACHED, State.AT_MOST)
        spans = {
            number: span
            for number, (span, points) in rounds.get(_sweep(sweep), {}).items()
            if points == len(sweep.points)  # or else the run ended in this round
        }
        keys = (*(point.key for point in sweep.points), *sweep.missing)
        tried = _rows(frame, sweep, {(key.tasks, key.compute_ns) for key in keys})
        rows = tried[tried["status"] == "ok"]
        figures.append(
            Figure(
                side,
                sweep.model,
                sweep.variant,
                sweep.shape,
                _interval(sweep, all_of_them) if reached else None,
                spans,
                rows,
                _failure(tried) or ("" if reached else _why_not(sweep, all_of_them.state)),
                all_of_them.state is State.AT_MOST or any(span.low == 0 for span in spans.values()),
            )
        )
    return figures


def _span(sweep: Sweep) -> Span:
    """What is known of METG."""
    one = metg(sweep, _HALF)
    if one.state is State.REACHED:
        return exactly(one.granularity_ns)
    if one.state is State.AT_MOST:
        return Span(0.0, one.granularity_ns)
    return Span(sweep.points[0].granularity, math.inf) if one.state is State.NEVER else UNKNOWN


def _interval(sweep: Sweep, found: Metg) -> Interval:
    """An end that lies below what was measured, or was not reached, is none."""
    launches = min((len(point.makespans) for point in sweep.points), default=0)
    return Interval(known(found.low_ns), found.granularity_ns, known(found.high_ns), launches)


def slope_figures(question: Question, samples: pd.DataFrame) -> list[Figure]:
    """A line of bench_footprint each; nothing is known of a round in which memory did not grow."""
    frame = _of(question, samples)

    def single(rows: pd.DataFrame) -> dict[_Who, Span]:
        lines = ((_line(line), line.total) for line in find_lines(rows))
        return {who: exactly(total.value) if total.value > 0 else UNKNOWN for who, total in lines if total}

    rounds = _rounds(frame, single)
    figures = []
    for line in find_lines(frame):
        side, total = question.side(line.model, line.variant), line.total
        if side is None:
            continue
        value = Interval(total.low, total.value, total.high, _fewest(line)) if total else None
        tried = _rows(frame, line, {(tasks, None) for tasks in (*line.readings, *line.missing)})
        figures.append(
            Figure(
                side,
                line.model,
                line.variant,
                line.shape,
                value,
                rounds.get(_line(line), {}),
                tried[(tried["status"] == "ok") & tried["tasks"].isin(list(line.readings))],
                _failure(tried)
                or next(iter(line.missing.values()), "" if value else "read for too few numbers of tasks"),
            )
        )
    return figures


def _failure(tried: pd.DataFrame) -> str:
    """That of launches that failed, or whose makespan is none."""
    failed = failure_of(sort_out_rows(tried.to_dict("records")))
    stopped = int(((tried["status"] == "ok") & (tried["makespan_ns"] <= 0)).sum())
    return failed or (f"makespan_ns is not above 0 in {units.count(stopped, 'row')}" if stopped else "")


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


def _rows(frame: pd.DataFrame, one: Sweep | Line, wanted: Collection[tuple[int, int | None]]) -> pd.DataFrame:
    """The rows that a sweep or a line was made from, and those of its launches that failed, by `tasks` and, unless None,
    `compute_ns`."""
    batches = zip(frame["tasks"], frame["compute_ns"])
    fits = [(tasks, None) in wanted or (not pd.isna(length) and (tasks, length) in wanted) for tasks, length in batches]
    alike = (
        pd.Series(fits, index=frame.index, dtype=bool)
        & (frame["model"] == one.model)
        & (frame["variant"].map(lambda variant: split_variant(str(variant)).own) == one.variant)
    )
    if " × " in one.shape and one.shape != OWN_WORKERS:
        processes, threads = one.shape.split(" × ")
        alike &= (frame["processes"].astype("string") == processes) & (
            frame["threads"].astype("string") == threads
        )
    return frame[alike.astype(bool)]
