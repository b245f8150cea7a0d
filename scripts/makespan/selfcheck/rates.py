# SPDX-License-Identifier: Apache-2.0
"""Error rates of the gate, counted on a recording."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from makespan.arms import CURRENT, Arm
from makespan.casekey import CaseKey, benchmark_of
from makespan.decisions import Bools, Outcome
from makespan.metrics import DECIDING
from makespan.ranks import Floats

from .draws import Draws, at_random, in_order, judge_draws, side_by_side
from .injection import Injection
from .recorded import Recorded

Outcomes = npt.NDArray[np.str_]

#: Runs that are drawn for every rate.
RUNS = 1000
#: What has to be found for a slowdown to count as found.
POWER = 0.95

# What is tried as the smallest slowdown that is found: half a per cent apart, as shares.
_TRIED = np.arange(1, 201) / 200
_MOST_RUNS_PER_TRY = 200


@dataclass(frozen=True)
class Rate:
    """A share of `counted` verdicts or runs; [`low`, `high`] is the 95 % interval of Clopper and Pearson for
    the same share of only so many as are `apart`: those of the runs that have no round in common, with the
    cases of a run taken as independent."""

    share: float
    counted: int
    apart: float
    low: float
    high: float


@dataclass(frozen=True)
class FalseAlarms:
    """Of equal builds: `how` the runs were drawn, the rate per case verdict and per run with any. `slower`
    and `faster` count cases that were called so by any deciding metric."""

    how: str
    runs: int
    slower: int
    faster: int
    verdicts: Rate
    any: Rate


@dataclass(frozen=True)
class Detection:
    """Of one slowdown in the cases of one benchmark. `changes` has for each deciding metric the median of
    what became of it over the cases, as a share. `found` is the rate by any of the metrics, `by_metric` by
    each alone; `wrong` counts cases that were called faster."""

    injection: Injection
    benchmark: str
    cases: int
    changes: Sequence[float]
    found: Rate
    by_metric: Sequence[float]
    wrong: int


@dataclass(frozen=True)
class Injected:
    """One slowdown in one case: the change of each deciding metric, and the rate by any of them."""

    injection: Injection
    changes: Sequence[float]
    found: Rate


@dataclass(frozen=True)
class CaseRates:
    """Of one case: the false alarms per verdict and what was found of each slowdown that it was given. By
    deciding metric: how much blocks of equal builds differ (a robust standard deviation, as a share), and
    the smallest change that is found in 95 % of the runs (None: more than 100 %). What a case without any
    value has is NaN."""

    case: CaseKey
    false: Rate
    spreads: Sequence[float]
    injected: Sequence[Injected]
    smallest: Sequence[float | None]


@dataclass(frozen=True)
class SelfCheck:
    """`side_by_side` counts the runs of so many `blocks` with their confirmation that share no round."""

    recorded: Recorded
    blocks: int
    seed: int
    side_by_side: int
    alarms: Sequence[FalseAlarms]
    detections: Sequence[Detection]
    cases: Sequence[CaseRates]


def check(recorded: Recorded, blocks: int, seed: int, runs: int = RUNS) -> SelfCheck:
    """Everything that is told of a recording. Raises UsageError if it is too short."""
    random = np.random.default_rng(seed)
    apart = side_by_side(recorded.rounds, blocks)
    alarms, false = _false_alarms(recorded, blocks, random, runs)
    detections: list[Detection] = []
    injected: list[list[Injected]] = [[] for _ in recorded.cases]
    for injection in recorded.injections.values():
        outcome = _outcome(recorded, injection.arm, at_random(random, recorded.rounds, blocks, runs))
        detections += _detections(recorded, injection, outcome, apart)
        slower = _is(outcome, Outcome.SLOWER).mean(axis=0)
        changes = _changes(recorded, injection.arm)
        for place in np.flatnonzero(recorded.has(injection.arm)):
            rate = exact_rate(float(slower[place]), runs, apart)
            injected[place].append(Injected(injection, changes[:, place].tolist(), rate))
    tries = at_random(random, recorded.rounds, blocks, min(runs, _MOST_RUNS_PER_TRY))
    spreads, smallest = _spreads(recorded), _smallest(recorded, tries)
    cases = [
        CaseRates(
            case,
            exact_rate(float(false[place]), runs, apart),
            spreads[:, place].tolist(),
            injected[place],
            smallest[place],
        )
        for place, case in enumerate(recorded.cases)
    ]
    return SelfCheck(recorded, blocks, seed, apart, alarms, detections, cases)


def exact_rate(share: float, counted: int, apart: float) -> Rate:
    """With the interval of Clopper and Pearson (Biometrika 26, 1934) for a number that need not be whole."""
    from scipy.stats import beta

    hits = share * apart
    low = float(beta.ppf(0.025, hits, apart - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(0.975, hits + 1, apart - hits)) if hits < apart else 1.0
    return Rate(share, counted, apart, low, high)


def _outcome(
    recorded: Recorded, arm: Arm, draws: Draws, relabel: np.random.Generator | None = None
) -> Outcomes:
    """Of shape (runs, metrics, cases)."""
    outcome = judge_draws(recorded.differences(arm), draws, recorded.min_log, relabel).outcome
    return outcome.reshape(len(outcome), len(DECIDING), -1)


def _false_alarms(
    recorded: Recorded, blocks: int, random: np.random.Generator, runs: int
) -> tuple[list[FalseAlarms], Floats]:
    """By the ways to draw, and the rate of every case with its rounds drawn."""
    apart = side_by_side(recorded.rounds, blocks)
    ordered = _outcome(recorded, CURRENT, in_order(recorded.rounds, blocks))
    drawn = at_random(random, recorded.rounds, blocks, runs)
    plain = _outcome(recorded, CURRENT, drawn)
    tossed = _outcome(recorded, CURRENT, drawn, random)
    found = [
        _alarms("in the order of time", ordered, apart),
        _alarms("rounds drawn", plain, apart),
        _alarms("rounds drawn, and by a coin which arm is which", tossed, runs),
    ]
    false: Floats = _is(plain, Outcome.SLOWER, Outcome.FASTER).mean(axis=0)
    return found, false


def _alarms(how: str, outcome: Outcomes, apart: int) -> FalseAlarms:
    changed = _is(outcome, Outcome.SLOWER, Outcome.FASTER)
    runs, cases = changed.shape
    return FalseAlarms(
        how,
        runs,
        int(_is(outcome, Outcome.SLOWER).sum()),
        int(_is(outcome, Outcome.FASTER).sum()),
        exact_rate(float(changed.mean()), changed.size, apart * cases),
        exact_rate(float(changed.any(axis=1).mean()), runs, apart),
    )


def _detections(
    recorded: Recorded, injection: Injection, outcome: Outcomes, apart: int
) -> Iterator[Detection]:
    """One for each benchmark."""
    benchmarks = np.array([benchmark_of(case) for case in recorded.cases])
    for benchmark in injection.benchmarks:
        places = np.flatnonzero(recorded.has(injection.arm) & (benchmarks == benchmark))
        if not len(places):
            continue
        mine = outcome[:, :, places]
        found = _is(mine, Outcome.SLOWER)
        yield Detection(
            injection,
            benchmark,
            len(places),
            np.nanmedian(_changes(recorded, injection.arm)[:, places], axis=1).tolist(),
            exact_rate(float(found.mean()), found.size, apart * len(places)),
            (mine == Outcome.SLOWER.value).mean(axis=(0, 2)).tolist(),
            int(_is(mine, Outcome.FASTER).sum()),
        )


def _smallest(recorded: Recorded, draws: Draws) -> list[list[float | None]]:
    """By case and metric: the measured differences of the equal builds are moved, in all series alike, by
    more and more until 95 % of the runs call the series slower; found by bisection."""
    differences, min_log = recorded.differences(), recorded.min_log

    @cache
    def found(place: int) -> Floats:
        """The rate of every series, if all are moved by the tried share of that place."""
        outcome = judge_draws(differences + np.log1p(_TRIED[place]), draws, min_log).outcome
        rates: Floats = (outcome == Outcome.SLOWER.value).mean(axis=0)
        return rates

    places = range(len(_TRIED))
    first = [
        bisect_left(places, True, key=lambda place: bool(found(place)[series] >= POWER))
        for series in range(len(differences))
    ]
    smallest = [float(_TRIED[place]) if place < len(_TRIED) else None for place in first]
    return [smallest[case :: len(recorded.cases)] for case in range(len(recorded.cases))]


def _changes(recorded: Recorded, arm: Arm) -> Floats:
    """Of shape (metrics, cases), as a share of what the baseline costs."""
    result: Floats = np.expm1(_medians(recorded.differences(arm)))
    return result.reshape(len(DECIDING), -1)


def _spreads(recorded: Recorded) -> Floats:
    """Of shape (metrics, cases): 1.4826 times the median of the absolute deviations from the median."""
    differences = recorded.differences()
    middle = _medians(differences)[:, np.newaxis]
    return 1.4826 * _medians(np.abs(differences - middle)).reshape(len(DECIDING), -1)


def _medians(rows: Floats) -> Floats:
    """Of what is known of each row; NaN where nothing is."""
    return np.array([np.median(row[~np.isnan(row)]) if not np.isnan(row).all() else np.nan for row in rows])


def _is(outcome: Outcomes, *wanted: Outcome) -> Bools:
    """Of shape (runs, cases): whether any of the metrics says so."""
    found: Bools = np.isin(outcome, [one.value for one in wanted]).any(axis=1)
    return found
