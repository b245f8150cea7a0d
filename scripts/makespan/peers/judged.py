# SPDX-License-Identifier: Apache-2.0
"""The best of every side, the ratios of rounds between them, and the verdict.

Of each side the model with the lowest value stands for it, of those of which nothing failed. A ratio is that of each
round in which both were measured, with the distribution-free 95 % interval of its median. The verdict on ours ÷ a rival,
peer or Python reference:

    ahead          the interval lies wholly below 1, and the median is below 1 ÷ 1.05
    behind         it lies wholly above 1, and the median is above 1.05
    level          neither, and the whole interval lies within 1 ÷ 1.25 … 1.25: a larger difference is ruled out
    not separated  none of these: too wide an interval to tell
    no verdict     fewer rounds than an interval needs, or no rival

That of a question is the worst over all rivals, so that no rival is left out for being a bad day's second: ahead is what
is ahead of each, at the level of a single test. Source: Berger, Multiparameter Hypothesis Testing and Acceptance Sampling,
Technometrics 24, 1982 (intersection-union test). Level by an interval within a margin: Schuirmann, A Comparison of the
Two One-Sided Tests Procedure, J. Pharmacokinetics and Biopharmaceutics 15, 1987.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import pandas as pd

from .figures import Figure, row_figures
from .left_out import LeftOut
from .questions import QUESTIONS, Kind, Question, Side
from .ratios import Ratio, ratio_of_spans
from .swept import metg_figures, slope_figures

#: A ratio that is nearer to 1 than this, or than 1 ÷ this, is neither ahead nor behind.
MATTERS = 1.05
#: An interval within 1 ÷ this … this is level.
MARGIN = 1.25


class Verdict(StrEnum):
    AHEAD = "ahead"
    LEVEL = "level"
    NOT_SEPARATED = "not separated"
    NONE = "no verdict"
    BEHIND = "behind"


#: The worst last. A rival that nothing can be said of forbids to be ahead of all.
_WORSE = tuple(Verdict)
_RIVALS = (Side.PEER, Side.PYTHON)


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

    def ratio(self, side: Side, other: Side) -> Ratio | None:
        """Side ÷ other; None where no round has both."""
        if side not in self.best or other not in self.best:
            return None
        return ratio_of_spans(self.best[side].rounds, self.best[other].rounds)

    @cached_property
    def rivals(self) -> Sequence[Figure]:
        """Every peer and every model of the Python reference of which nothing failed."""
        return [one for one in self.figures if one.side in _RIVALS and one.complete]

    def against(self, rival: Figure) -> Ratio | None:
        """Our best ÷ this."""
        ours = self.best.get(Side.OURS)
        return ratio_of_spans(ours.rounds, rival.rounds) if ours else None

    @cached_property
    def rival(self) -> Figure | None:
        """The one that decides: with the worst verdict, of several of these the one that ours ÷ rival is highest of."""
        return max(self.rivals, key=self._threat) if self.rivals else None

    @property
    def verdict(self) -> Verdict:
        return Verdict.NONE if self.rival is None else verdict_of(self.against(self.rival))

    @property
    def judged_by_peer(self) -> bool:
        """Whether there is a verdict on a library of C++."""
        peers = (one for one in self.rivals if one.side is Side.PEER)
        return any(verdict_of(self.against(one)) is not Verdict.NONE for one in peers)

    def _threat(self, rival: Figure) -> tuple[float, ...]:
        ratio = self.against(rival)
        median = (0.0, 0.0) if ratio is None else (ratio.median.high, ratio.median.low)
        return _WORSE.index(verdict_of(ratio)), *median, -_median(rival)


def verdict_of(ratio: Ratio | None) -> Verdict:
    """By the rule above, of ours ÷ rival. Of limits the one counts that says less."""
    if ratio is None or ratio.low is None or ratio.high is None:
        return Verdict.NONE
    if ratio.high < 1 and ratio.median.high < 1 / MATTERS:
        return Verdict.AHEAD
    if ratio.low > 1 and ratio.median.low > MATTERS:
        return Verdict.BEHIND
    within = 1 / MARGIN <= ratio.low and ratio.high <= MARGIN
    return Verdict.LEVEL if within else Verdict.NOT_SEPARATED


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
