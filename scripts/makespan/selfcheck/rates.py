# SPDX-License-Identifier: Apache-2.0
"""Error rates of the gate, counted on a recording."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from makespan.arms import Arm
from makespan.casekey import CaseKey, benchmark_of
from makespan.decisions import Bools, Outcome
from makespan.ranks import Floats

from .draws import at_random, in_order, judge_draws, side_by_side
from .injection import Injection
from .recorded import Recorded

#: Runs that are drawn for every rate.
RUNS = 1000
#: What has to be found for a slowdown to count as found.
POWER = 0.95

# What is tried as the smallest slowdown that is found: half a per cent apart, as shares.
_TRIED = np.arange(1, 201) / 200
_RUNS_PER_TRY = 200


@dataclass(frozen=True)
class Rate:
    """A share of `counted` verdicts or runs; [`low`, `high`] is the 95 % interval of Clopper and Pearson for
    as many as are `independent`, with the same share."""

    share: float
    counted: int
    independent: float
    low: float
    high: float


@dataclass(frozen=True)
class FalseAlarms:
    """Of equal builds: `how` the runs were drawn, the rate per case verdict and per run with any."""

    how: str
    runs: int
    slower: int
    faster: int
    verdicts: Rate
    any: Rate


@dataclass(frozen=True)
class Detection:
    """Of one slowdown in the cases of one benchmark. `change` is the median of what it made of the makespan,
    as a share, with the least and the most of all cases; `wrong` counts verdicts of `faster`."""

    injection: Injection
    benchmark: str
    cases: int
    change: float
    least: float
    most: float
    found: Rate
    wrong: int


@dataclass(frozen=True)
class CaseRates:
    """Of one case: the false alarms per verdict, how much blocks of equal builds differ (a robust standard
    deviation, as a share), what was found of each slowdown that it was given, and the smallest change of its
    makespan that is found in 95 % of the runs (None: more than 100 %)."""

    case: CaseKey
    false: float
    spread: float
    found: Sequence[tuple[Injection, float, float]]  # with its change of the makespan, and its rate
    smallest: float | None


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
    drawn, relabelled = _false_alarms(recorded, blocks, random, runs)
    detections, found = _detections(recorded, blocks, random, runs, apart)
    smallest = _smallest(recorded, blocks, random)
    spreads = _spreads(recorded.differences())
    cases = [
        CaseRates(case, float(relabelled[place]), float(spreads[place]), found[place], smallest[place])
        for place, case in enumerate(recorded.cases)
    ]
    return SelfCheck(recorded, blocks, seed, apart, drawn, detections, cases)


def exact_rate(share: float, counted: int, independent: float) -> Rate:
    """With the interval of Clopper and Pearson (Biometrika 26, 1934) for a number that need not be whole."""
    from scipy.stats import beta

    hits = share * independent
    low = float(beta.ppf(0.025, hits, independent - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(0.975, hits + 1, independent - hits)) if hits < independent else 1.0
    return Rate(share, counted, independent, low, high)


def _false_alarms(
    recorded: Recorded, blocks: int, random: np.random.Generator, runs: int
) -> tuple[list[FalseAlarms], Floats]:
    """Of both ways to draw, and the rate of every case."""
    differences, min_log = recorded.differences(), recorded.min_log
    drawn = at_random(random, recorded.rounds, blocks, runs)
    relabelled = judge_draws(differences, drawn, min_log, random).outcome
    measured = judge_draws(differences, in_order(recorded.rounds, blocks), min_log).outcome
    found = [
        _alarms("rounds and labels drawn", relabelled),
        _alarms("as measured, in the order of time", measured),
    ]
    false: Floats = _changed(relabelled).mean(axis=0)
    return found, false


def _alarms(how: str, outcome: np.ndarray[tuple[int, ...], np.dtype[np.str_]]) -> FalseAlarms:
    slower, faster = (int((outcome == o.value).sum()) for o in (Outcome.SLOWER, Outcome.FASTER))
    runs = len(outcome)
    with_any = float(_changed(outcome).any(axis=1).mean())
    return FalseAlarms(
        how,
        runs,
        slower,
        faster,
        exact_rate((slower + faster) / outcome.size, outcome.size, outcome.size),
        exact_rate(with_any, runs, runs),
    )


def _detections(
    recorded: Recorded, blocks: int, random: np.random.Generator, runs: int, apart: int
) -> tuple[list[Detection], list[list[tuple[Injection, float, float]]]]:
    """By slowdown and benchmark, and by case."""
    found: list[Detection] = []
    by_case: list[list[tuple[Injection, float, float]]] = [[] for _ in recorded.cases]
    for arm, injection in recorded.injections.items():
        draws = at_random(random, recorded.rounds, blocks, runs)
        outcome = judge_draws(recorded.differences(arm), draws, recorded.min_log).outcome
        changes = _changes(recorded, arm)
        for benchmark in injection.benchmarks:
            places = [p for p in np.flatnonzero(recorded.has(arm)) if benchmark_of(recorded.cases[p]) == benchmark]
            if not places:
                continue
            slower = outcome[:, places] == Outcome.SLOWER.value
            rate = exact_rate(float(slower.mean()), slower.size, apart * len(places))
            seen = changes[places]
            wrong = int((outcome[:, places] == Outcome.FASTER.value).sum())
            change = (float(np.median(seen)), float(seen.min()), float(seen.max()))
            found.append(Detection(injection, benchmark, len(places), *change, rate, wrong))
            for place, share in zip(places, slower.mean(axis=0)):
                by_case[place].append((injection, float(changes[place]), float(share)))
    return found, by_case


def _smallest(recorded: Recorded, blocks: int, random: np.random.Generator) -> list[float | None]:
    """By case: the measured differences of the equal builds are moved, in all cases alike, by more and more
    until 95 % of the runs call the case slower; found by bisection."""
    draws = at_random(random, recorded.rounds, blocks, _RUNS_PER_TRY)
    differences, min_log = recorded.differences(), recorded.min_log

    @cache
    def found(place: int) -> Floats:
        """The rate of every case, if all are moved by the tried share of that place."""
        outcome = judge_draws(differences + np.log1p(_TRIED[place]), draws, min_log).outcome
        rates: Floats = (outcome == Outcome.SLOWER.value).mean(axis=0)
        return rates

    places = range(len(_TRIED))
    smallest = [
        bisect_left(places, True, key=lambda place: bool(found(place)[case] >= POWER))
        for case in range(len(recorded.cases))
    ]
    return [float(_TRIED[place]) if place < len(_TRIED) else None for place in smallest]


def _changes(recorded: Recorded, arm: Arm) -> Floats:
    """By case, as a share of the plain build's makespan."""
    result: Floats = np.expm1(np.nanmedian(recorded.differences(arm), axis=1))
    return result


def _spreads(differences: Floats) -> Floats:
    """By case: 1.4826 times the median of the absolute deviations from the median."""
    middle = np.nanmedian(differences, axis=1, keepdims=True)
    result: Floats = 1.4826 * np.nanmedian(np.abs(differences - middle), axis=1)
    return result


def _changed(outcome: np.ndarray[tuple[int, ...], np.dtype[np.str_]]) -> Bools:
    found: Bools = np.isin(outcome, [Outcome.SLOWER.value, Outcome.FASTER.value])
    return found
