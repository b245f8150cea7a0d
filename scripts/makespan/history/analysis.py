# SPDX-License-Identifier: Apache-2.0
"""The shifts of all series of a machine class."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from makespan.casekey import benchmark_of
from makespan.thresholds import MinEffects

from .reported import Shift
from .series import History, Series
from .shifts import find_steps, shortest

ALPHA = 0.05


@dataclass(frozen=True)
class Demands:
    """What a step must be to be told. `alpha` is shared by all series, so that it bounds the chance
    of any false step in a history without shifts. The least effects are those of unpaired runs."""

    alpha: float = ALPHA
    min_effects: MinEffects = field(default_factory=MinEffects)
    seed: int = 1

    def min_effect_of(self, series: Series) -> float:
        return replace(self.min_effects, paired=False).of(benchmark_of(series.key))


@dataclass(frozen=True)
class Analysis:
    """What was found: `examined` series were long enough, `short` ones were not and have fewer than
    `needed` commits."""

    machine_class: str
    history: History
    shifts: tuple[Shift, ...]
    examined: int
    short: int
    needed: int


def analyse(machine_class: str, history: History, demands: Demands) -> Analysis:
    """Every series against its share of alpha; the shifts are sorted by commit, worst first."""
    level = demands.alpha / max(1, len(history.series))
    needed = shortest(level)
    long_enough = [series for series in history.series if len(series.points) >= needed]
    shifts = [shift for one in long_enough for shift in _shifts(machine_class, one, level, demands)]
    shifts.sort(key=lambda shift: (shift.place, -shift.cost, shift.series.label))
    examined = len(long_enough)
    short = len(history.series) - examined
    return Analysis(machine_class, history, tuple(shifts), examined, short, needed)


def _shifts(machine_class: str, series: Series, level: float, demands: Demands) -> list[Shift]:
    seed = (demands.seed, series.seed)
    steps = find_steps(series.logs, level, demands.min_effect_of(series), seed)
    return [
        Shift(
            machine_class,
            series,
            step,
            commit=series.points[step.at].commit,
            previous=series.points[step.at - 1].commit,
            time_utc=series.points[step.at].time_utc,
            before=series.metric.value(step.before),
            after=series.metric.value(step.after),
        )
        for step in steps
    ]
