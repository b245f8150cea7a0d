# SPDX-License-Identifier: Apache-2.0
"""The table of the suite's models beside their peers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from makespan import units
from makespan.footprint.slope import Slope
from makespan.footprint.table import per_task
from makespan.roles import is_peer
from makespan.columns import split_variant
from makespan.statistics import MIN_LAUNCHES, Interval
from makespan.tables import NONE, Table
from makespan.talk import Section

from .figures import Figure
from .judged import MARGIN, MATTERS, Answer, Verdict, answers
from .questions import Kind, Side
from .ratios import AT_LEAST, AT_MOST, Ratio

TITLE = "Beside the peers"
ABOUT = (
    "for each purpose the best model of the suite, the best peer, the best of Python's own and the floor; a ratio is that"
    f" of each round, with its 95 % interval; the verdict is the worst over all rivals, of which it names the one that decides:"
    f" ahead or behind if ours ÷ rival is separated from 1 and by more than {100 * (MATTERS - 1):.0f} %, level if its"
    f" interval lies within 1 ÷ {MARGIN} … {MARGIN}, else not separated"
)
_RATIOS = ((Side.OURS, Side.PEER), (Side.OURS, Side.FLOOR), (Side.PYTHON, Side.OURS))
HEADER = (
    "purpose",
    *(str(side) for side in (Side.OURS, Side.PEER, Side.PYTHON, Side.FLOOR)),
    *(f"{side} ÷ {other}" for side, other in _RATIOS),
    "verdict",
)


def section(samples: pd.DataFrame, cpus: float | None) -> list[Section]:
    """One table, or none if the run has no peer."""
    pairs = set(zip(samples["model"], samples["variant"]))
    if not any(is_peer(str(model), split_variant(str(variant)).own) for model, variant in pairs):
        return []
    found = [one for one in answers(samples, cpus) if one.rival is not None]
    return [Section(TITLE, ABOUT, peers_table(found))] if found else []


def peers_table(found: Sequence[Answer]) -> Table:
    """A row for each question of which anything was measured."""
    return Table(HEADER, frozenset(), [list(_row(answer)) for answer in found if answer.best])


def missing(found: Sequence[Answer]) -> list[str]:
    """One line for each side of a question of which there is no figure, with the reason, for each model that failed, and
    for what stands in the way of a verdict."""
    return [f"{answer.question.title}: {line}" for answer in found for line in _missing(answer)]


def _missing(answer: Answer) -> Iterator[str]:
    question = answer.question
    if not answer.figures and not answer.left_out:
        yield f"not in this run; measured by the presets {', '.join(question.presets)}"
        return
    for side in Side:
        reasons = [
            f"{one.name}: {one.failure}" for one in answer.figures if one.side is side and one.failure
        ]
        reasons += dict.fromkeys(
            f"{one.name}: left out: {one.why}" for one in answer.left_out if one.side(question) is side
        )
        if side not in answer.best:
            why = question.nobody.get(side) or f"not in this run; measured {_HOW[side]}"
            reasons = reasons or [why]
        yield from (f"{side}: {reason}" for reason in reasons)
    yield from _never_tried(answer)
    if answer.rival is not None and Side.OURS in answer.best and answer.verdict is Verdict.NONE:
        ratio = answer.against(answer.rival)
        rounds = units.count(ratio.n if ratio else 0, "round")
        yield f"no verdict: {rounds} with both it and {answer.rival.name}, {MIN_LAUNCHES} needed"


def _never_tried(answer: Answer) -> Iterator[str]:
    """The models that presets leave out, unless they were measured nevertheless."""
    told = {one.model for one in answer.figures} | {one.model for one in answer.left_out}
    for model, why in answer.question.without.items():
        if model not in told:
            yield f"{model}: not measured: {why}"


_HOW = {
    Side.OURS: "by the presets peers and quick",
    Side.PEER: "with the preset peers, if the build has a peer for it (--list-models)",
    Side.PYTHON: "with --with-python",
    Side.FLOOR: "with the preset peers",
}


def _row(answer: Answer) -> Iterator[str]:
    yield answer.question.title
    for side in (Side.OURS, Side.PEER, Side.PYTHON, Side.FLOOR):
        figure = answer.best.get(side)
        yield _cell(answer.question.kind, figure) if figure else _nothing(answer, side)
    for side, other in _RATIOS:
        ratio = answer.ratio(side, other)
        yield _ratio(ratio) if ratio else NONE
    yield _verdict(answer)


def _cell(kind: Kind, figure: Figure) -> str:
    """Like `event_loop 1 × 1: 1.203 s (1.198 … 1.210)`."""
    value = figure.value
    assert value is not None
    sign = f"{AT_MOST} " if figure.at_most else ""
    return f"{figure.name} {figure.shape}: {sign}{_value(kind, value)}"


def _value(kind: Kind, value: Interval) -> str:
    if kind is Kind.SLOPE:
        return per_task(Slope(value.median, value.low, value.high))
    if kind is Kind.METG and None in (value.low, value.high):
        return units.duration(value.median)
    return units.interval(value)


def _nothing(answer: Answer, side: Side) -> str:
    failed = next((one for one in answer.figures if one.side is side and one.failure), None)
    return f"{failed.name}: {failed.failure.split(' (')[0]}" if failed else NONE


def _ratio(ratio: Ratio) -> str:
    """Like `0.667 (0.655 … 0.675)`; of what is known by limits only `≤ 0.226` or `≥ 1.21`."""
    if ratio.median.exact and ratio.high != math.inf:
        return units.ratio(Interval(ratio.low, ratio.median.high, ratio.high, ratio.n))
    low, high = (ratio.low, ratio.high) if ratio.low is not None else ratio.median
    ends = [
        f"{sign} {units.ratio(Interval(None, end, None, ratio.n))}"
        for sign, end in ((AT_LEAST, low), (AT_MOST, high))
        if end and math.isfinite(end)
    ]
    return ", ".join(ends) or "unknown"


def _verdict(answer: Answer) -> str:
    """With the rival that decides, and our ratio to it where no other column has it."""
    rival = answer.rival
    if rival is None or Side.OURS not in answer.best:
        return str(answer.verdict)
    ratio = None if any(one is rival for one in answer.best.values()) else answer.against(rival)
    return f"{answer.verdict} ({rival.name}{f': {_ratio(ratio)}' if ratio else ''})"
