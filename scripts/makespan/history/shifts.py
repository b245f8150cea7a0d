# SPDX-License-Identifier: Apache-2.0
"""Level shifts in a series, found without any assumption on how its values are distributed.

Binary segmentation with two scans of the mean: for the one cut that parts a segment best, and for the
arc, a stretch with both ends inside, that differs most from the rest of it (a shift and its way
back, which no single cut shows). Each maximum is tested against the same maximum over permutations
of the segment, so that searching is accounted for; values far out are drawn in first, so that a
single one does not hide a shift. Sources: Sen and Srivastava, On tests for detecting change in mean,
Annals of Statistics 3 (1975); Olshen, Venkatraman, Lucito and Wigler, Circular binary segmentation,
Biostatistics 5 (2004); the early end of the permutations: Besag and Clifford, Sequential Monte
Carlo p-values, Biometrika 78 (1991).

What the test does assume is that without a shift every order of the commits was equally likely. Slow
drift of a machine is not like that; the minimum effect stands against it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import median_abs_deviation

from makespan.metrics import Floats

Integers = npt.NDArray[np.int64]

#: So many commits in a row make a level; one or two are an outlier.
MIN_LEVEL = 3
#: Standard deviations, from the median absolute deviation, beyond which a value counts no more.
FAR = 6.0

_ENOUGH = 10  # permutations as extreme as the series: it is clear by then that p is not small
_FIRST_BATCH = 200
_CELLS = 4_000_000  # numbers in memory at once


@dataclass(frozen=True)
class Step:
    """A new level from the value at index `at` on: `effect` is the difference of the medians of the
    logarithms after and before, `p` that of the permutation test which found it. `before` and
    `after` are these medians."""

    at: int
    before: float
    after: float
    p: float

    @property
    def effect(self) -> float:
        return self.after - self.before


def shortest(level: float) -> int:
    """The fewest values in which a clear shift is sure to be found at this level of significance.

    The clearest one, half and half, has the p-value 2 / C(n, n / 2) in n values, for odd n twice that;
    half of what would do leaves room for the error of the permutations.
    """
    n = 2 * MIN_LEVEL
    while (2 + 2 * (n % 2)) / math.comb(n, n // 2) > level / 4:
        n += 1
    return n


def find_steps(logs: Floats, level: float, min_effect: float, seed: Sequence[int]) -> list[Step]:
    """The steps of a series of logarithms, in order.

    Every test is made at `level`, half of it for either scan. Steps of less than log(1 +
    `min_effect`) are not told, and the levels that they part are one. The same arguments give the
    same answer.
    """
    cuts: dict[int, float] = {}
    _segment(np.asarray(logs, dtype=np.float64), 0, len(logs), level, seed, cuts)
    places = sorted(cuts)
    values = [cuts[place] for place in places]
    while places:
        places = _settled(logs, places)
        edges = [0, *places, len(logs)]
        medians = [float(np.median(logs[a:b])) for a, b in zip(edges, edges[1:])]
        sizes = [abs(after - before) for before, after in zip(medians, medians[1:])]
        least = int(np.argmin(sizes))
        if sizes[least] >= math.log1p(min_effect):
            found = zip(places, medians, medians[1:], values)
            return [Step(at, before, after, p) for at, before, after, p in found]
        places.pop(least)
        values.pop(least)
    return []


def _settled(logs: Floats, places: Sequence[int]) -> list[int]:
    """Each cut where the two levels beside it fit best, by least absolute deviations: the scan asks
    whether there is a cut, and a value far out beside it can draw it aside."""
    found = list(places)
    for _ in range(2):
        edges = [0, *found, len(logs)]
        for number in range(1, len(edges) - 1):
            start, end = edges[number - 1], edges[number + 1]
            choices = range(start + MIN_LEVEL, end - MIN_LEVEL + 1)
            costs = [_spread(logs[start:at]) + _spread(logs[at:end]) for at in choices]
            if costs:
                edges[number] = choices[int(np.argmin(costs))]
        found = edges[1:-1]
    return found


def _spread(logs: Floats) -> float:
    return float(np.abs(logs - np.median(logs)).sum())


def _segment(
    logs: Floats, start: int, end: int, level: float, seed: Sequence[int], cuts: dict[int, float]
) -> None:
    """Adds the cuts of logs[start:end] with their p-values."""
    count = end - start
    if count < 2 * MIN_LEVEL:
        return
    values = _drawn_in(logs[start:end])
    if np.ptp(values) == 0:
        return
    for scan, arcs in enumerate((_single_cuts(count), _inner_arcs(count))):
        if not len(arcs[0]):
            continue
        generator = np.random.default_rng([*seed, start, end, scan])
        p, first, last = _test(values, arcs, level / 2, generator)
        if p > level / 2:
            continue
        found = [place for place in (first, last) if 0 < place < count]
        cuts.update({start + place: p for place in found})
        edges = [start, *(start + place for place in found), end]
        for a, b in zip(edges, edges[1:]):
            _segment(logs, a, b, level, seed, cuts)
        return


def _drawn_in(logs: Floats) -> Floats:
    """The values, none further from the median than FAR robust standard deviations."""
    reach = FAR * float(median_abs_deviation(logs, scale="normal"))
    if reach == 0:  # half of the values are the same, and the others need not be outliers
        return logs
    middle = float(np.median(logs))
    return np.asarray(np.clip(logs, middle - reach, middle + reach), dtype=np.float64)


def _single_cuts(count: int) -> tuple[Integers, Integers]:
    """Stretches from a cut to the end."""
    first = np.arange(MIN_LEVEL, count - MIN_LEVEL + 1)
    return first, np.full(len(first), count)


def _inner_arcs(count: int) -> tuple[Integers, Integers]:
    """Stretches with a level's length on either side."""
    first, last = np.triu_indices(count + 1, MIN_LEVEL)
    inside = (first >= MIN_LEVEL) & (last <= count - MIN_LEVEL)
    return first[inside], last[inside]


def _test(
    values: Floats, arcs: tuple[Integers, Integers], level: float, generator: np.random.Generator
) -> tuple[float, int, int]:
    """The p-value of the stretch that differs most from the rest, and its ends."""
    first, last = arcs
    length = last - first
    count = len(values)
    weights = np.sqrt(count / (length * (count - length)))
    centred = values - values.mean()

    def statistics(rows: Floats) -> Floats:
        sums = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1)], axis=1)
        return np.asarray(np.abs(sums[:, last] - sums[:, first]) * weights, dtype=np.float64)

    own = statistics(centred[np.newaxis])[0]
    best = int(np.argmax(own))
    most = math.ceil(4 / level)
    drawn = extreme = 0
    batch = _FIRST_BATCH
    while drawn < most and extreme < _ENOUGH:
        rows = max(1, min(batch, most - drawn, _CELLS // len(first)))
        shuffled = generator.permuted(np.tile(centred, (rows, 1)), axis=1)
        extreme += int((statistics(shuffled).max(axis=1) >= own[best] * (1 - 1e-9)).sum())
        drawn += rows
        batch *= 4
    return (extreme + 1) / (drawn + 1), int(first[best]), int(last[best])
