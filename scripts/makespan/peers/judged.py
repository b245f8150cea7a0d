# SPDX-License-Identifier: Apache-2.0
"""The best of every side, the ratios of rounds between them, and the verdict.

Of each side the model with the lowest value stands for it, of those of which nothing failed. A ratio is that of each
round in which both were measured, with the distribution-free 95 % interval of its median. The verdict is that of ours ÷
the fastest rival, peer or Python reference:

    ahead       the interval lies wholly below 1, and the median is below 1 ÷ 1.05
    behind      it lies wholly above 1, and the median is above 1.05
    level       neither: it holds 1, or the difference is separated from none but matters to nobody
    no verdict  fewer rounds than an interval needs, or no rival
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import pandas as pd

from makespan.statistics import Interval, ratio_of_rounds

from .figures import Figure, row_figures
from .left_out import LeftOut
from .questions import QUESTIONS, Kind, Question, Side
from .swept import metg_figures, slope_figures

#: A ratio that is nearer to 1 than this, or than 1 ÷ this, is level.
MATTERS = 1.05


class Verdict(StrEnum):
    AHEAD = "ahead"
    LEVEL = "level"
    BEHIND = "behind"
    NONE = "no verdict"


@dataclass(frozen=True)
class Answer:
    """A question with all that was measured of it; `figures` is empty if nothing was."""

    question: Question
    figures: tuple[Figure, ...]
    left_out: tuple[LeftOut, ...] = ()

    @cached_property
    def best(self) -> Mapping[Side, Figure]:
        """By side the figure with the lowest value; a side without one is not there."""
        found: dict[Side, Figure] = {}
        for figure in sorted((one for one in self.figures if one.complete), key=_median):
            found.setdefault(figure.side, figure)
        return found

    def ratio(self, side: Side, other: Side) -> Interval | None:
        """Side ÷ other; None where no round has both."""
        if side not in self.best or other not in self.best:
            return None
        return ratio_of_rounds(self.best[side].rounds, self.best[other].rounds)

    @property
    def rival(self) -> Side | None:
        """The faster of the peer and the Python reference."""
        rivals = [side for side in (Side.PEER, Side.PYTHON) if side in self.best]
        return min(rivals, key=lambda side: _median(self.best[side])) if rivals else None

    @property
    def verdict(self) -> Verdict:
        return Verdict.NONE if self.rival is None else verdict_of(self.ratio(Side.OURS, self.rival))


def verdict_of(ratio: Interval | None) -> Verdict:
    """By the rule above, of ours ÷ rival."""
    if ratio is None or ratio.low is None or ratio.high is None:
        return Verdict.NONE
    if ratio.high < 1 and ratio.median < 1 / MATTERS:
        return Verdict.AHEAD
    if ratio.low > 1 and ratio.median > MATTERS:
        return Verdict.BEHIND
    return Verdict.LEVEL


def answers(
    samples: pd.DataFrame, cpus: float | None = None, left_out: Sequence[LeftOut] = ()
) -> list[Answer]:
    """One for each question, in their order. `cpus` is that of env.json, `left_out` the cases that were never launched."""
    return [
        Answer(
            question,
            tuple(_figures(question, samples, cpus)),
            tuple(case for case in left_out if case.asked_by(question)),
        )
        for question in QUESTIONS
    ]


def _figures(question: Question, samples: pd.DataFrame, cpus: float | None) -> list[Figure]:
    if question.kind is Kind.METG:
        return metg_figures(question, samples, cpus)
    return (
        slope_figures(question, samples) if question.kind is Kind.SLOPE else row_figures(question, samples)
    )


def _median(figure: Figure) -> float:
    assert figure.value is not None
    return figure.value.median
