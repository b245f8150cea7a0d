# SPDX-License-Identifier: Apache-2.0
"""One verdict for each case and metric, from the series of a paired run or of two runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from makespan import units
from makespan.casekey import CaseKey, benchmark_of
from makespan.decisions import (
    ALPHA,
    CONFIRM_SHARE,
    Decisions,
    Outcome,
    blocks_needed,
    decide,
    launches_needed,
    suspects,
)
from makespan.metrics import ALL_DECIDING, Floats, Metric
from makespan.pairing import Series
from makespan.ranks import Shifts, paired_shifts, unpaired_shift
from makespan.thresholds import MinEffects


@dataclass(frozen=True)
class Rules:
    """`deciding` are the metrics that the exit code goes by; the others are reported, corrected among
    themselves. `screened`: suspicious cases are measured again before they count."""

    alpha: float = ALPHA
    deciding: tuple[Metric, ...] = ALL_DECIDING
    min_effects: MinEffects = MinEffects()
    paired: bool = True
    screened: bool = False


@dataclass(frozen=True)
class Verdict:
    """`ratio` is current / baseline of the cost, so more than 1 is worse for every metric, and
    [`low`, `high`] its 95 % interval; `n` counts blocks, or launches of the run that has fewer.

    `suspicion` is the ratio in the planned blocks if the case was measured again: the rest is then of
    the fresh blocks alone. `current` and `baseline` are medians over the launches, in the unit of the
    metric. What is not known is NaN. `needed` is how many launches a verdict takes, and `why` says in a
    clause why the outcome is inconclusive.
    """

    case: CaseKey
    metric: Metric
    outcome: Outcome
    ratio: float
    low: float
    high: float
    p: float
    adjusted_p: float
    n: int
    min_effect: float
    decides: bool
    enough: bool
    suspicious: bool
    suspicion: float | None
    current: float
    baseline: float
    needed: str
    why: str

    @property
    def changed(self) -> bool:
        return self.outcome in (Outcome.SLOWER, Outcome.FASTER)


def judge(
    planned: Sequence[Series], rules: Rules, confirming: Sequence[Series] = ()
) -> list[Verdict]:
    """A verdict for each of the planned series, in their order. A case that has any confirming series
    is judged on these alone."""
    again = {(series.case, series.metric): series for series in confirming}
    deciding = [series for series in planned if series.metric in rules.deciding]
    reported = [series for series in planned if series.metric not in rules.deciding]
    verdicts = {
        (verdict.case, verdict.metric): verdict
        for group, decides in ((deciding, True), (reported, False))
        for verdict in _family(group, rules, again, decides)
    }
    return [verdicts[series.case, series.metric] for series in planned]


def suspicious(verdicts: Sequence[Verdict]) -> list[CaseKey]:
    """The cases that should be measured again before they count: those that a deciding metric would
    call slower or faster if there were no other case."""
    found = (verdict.case for verdict in verdicts if verdict.decides and verdict.suspicious)
    return list(dict.fromkeys(found))


def shifts_of(series: Sequence[Series], paired: bool) -> Shifts:
    """Shifts of the logarithms of the costs."""
    if paired:
        rows = [one.differences for one in series]
        table = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
        for line, row in zip(table, rows):
            line[: len(row)] = row
        return paired_shifts(table)
    found = [unpaired_shift(one.current[:, 0], one.baseline[:, 0]) for one in series]
    names = ("n", "estimate", "low", "high", "p", "best_p")
    return Shifts(*(np.concatenate([getattr(shift, name) for shift in found]) for name in names))


def _family(
    planned: Sequence[Series],
    rules: Rules,
    confirming: dict[tuple[CaseKey, Metric], Series],
    decides: bool,
) -> list[Verdict]:
    if not planned:
        return []
    own = [confirming.get((series.case, series.metric)) for series in planned]
    judged = [fresh or series for series, fresh in zip(planned, own)]
    effects = [rules.min_effects.of(benchmark_of(series.case)) for series in planned]
    min_log = np.log1p(effects)
    before = shifts_of(planned, rules.paired)
    again = np.array([fresh is not None for fresh in own])
    fresh_shifts = shifts_of(judged, rules.paired) if again.any() else None
    decisions = decide(before, min_log, rules.alpha, fresh_shifts, again, rules.screened)
    suspected = suspects(before, min_log, rules.alpha)
    tests = int((again & ~np.isnan(decisions.shifts.p)).sum())
    others = int((~again & ~np.isnan(decisions.shifts.p)).sum())
    return [
        _verdict(
            series,
            decisions,
            place,
            effects[place],
            decides,
            suspicious=bool(suspected[place]),
            suspicion=float(before.estimate[place]) if again[place] else None,
            needed=_needed(rules, bool(again[place]), tests if again[place] else others),
        )
        for place, series in enumerate(judged)
    ]


def _verdict(
    series: Series,
    decisions: Decisions,
    place: int,
    min_effect: float,
    decides: bool,
    suspicious: bool,
    suspicion: float | None,
    needed: str,
) -> Verdict:
    shifts = decisions.shifts
    outcome = Outcome(str(decisions.outcome[place]))
    enough = bool(decisions.enough[place])
    why = ""
    if outcome is Outcome.INCONCLUSIVE and not enough:
        why = f"too few launches: {needed} needed"
    elif outcome is Outcome.INCONCLUSIVE and suspicion is not None and suspicious:
        why = "suspicious at first, not borne out when measured again"
    elif outcome is Outcome.INCONCLUSIVE:
        why = f"the interval reaches beyond ±{units.percent(min_effect)}"
    return Verdict(
        case=series.case,
        metric=series.metric,
        outcome=outcome,
        ratio=math.exp(shifts.estimate[place]),
        low=math.exp(shifts.low[place]),
        high=math.exp(shifts.high[place]),
        p=float(shifts.p[place]),
        adjusted_p=float(decisions.adjusted_p[place]),
        n=int(shifts.n[place]),
        min_effect=min_effect,
        decides=decides,
        enough=enough,
        suspicious=suspicious,
        suspicion=None if suspicion is None else math.exp(suspicion),
        current=_median(series.metric, series.current),
        baseline=_median(series.metric, series.baseline),
        needed=needed,
        why=why,
    )


def _needed(rules: Rules, again: bool, tests: int) -> str:
    level = rules.alpha * (CONFIRM_SHARE if again else 1)
    if not rules.paired:
        return units.count(launches_needed(tests, level), "launch") + " of either run"
    return units.count(blocks_needed(1 if rules.screened and not again else tests, level), "block")


def _median(metric: Metric, logs: Floats) -> float:
    return metric.value(float(np.median(logs))) if logs.size else math.nan
