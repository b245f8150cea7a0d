# SPDX-License-Identifier: Apache-2.0
"""The makespans of a map, with what they would have been had other launches been made.

A model stands at a point with its best shape. Its logarithm of the median makespan is kept as it was
measured and for RESAMPLES bootstrap resamples, in each of which the launches of every case are drawn
anew, with replacement (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from makespan.batch import Batch, batch_of
from makespan.columns import split_variant
from makespan.launches import sort_out_rows
from makespan.roles import is_floor
from makespan.statistics import MIN_LAUNCHES

from .points import BENCHMARK, Point, Verdicts, find_map, point_of

RESAMPLES = 1_000
SEED = 21

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Times:
    """Of a model at a point: `log` is the logarithm of its median makespan, `resampled` the same of each
    resample, shape (RESAMPLES); None with fewer than MIN_LAUNCHES launches."""

    log: float
    resampled: Floats | None


@dataclass(frozen=True)
class Field:
    """A run's map. A model that failed at a point, in any launch, has no times there."""

    verdicts: Verdicts
    times: Mapping[Point, Mapping[str, Times]]

    def best(self, point: Point) -> str | None:
        """The model with the lowest median: a winner only if the verdict says so."""
        found = self.times.get(point, {})
        return min(found, key=lambda model: (found[model].log, model)) if found else None

    def ratio(self, point: Point, one: str, other: str) -> float:
        """log(makespan of one ÷ makespan of the other); NaN where one of them has none."""
        found = self.times.get(point, {})
        return found[one].log - found[other].log if {one, other} <= found.keys() else np.nan

    def ratios(self, point: Point, one: str, other: str) -> Floats | None:
        """The same of each resample; None where there are none."""
        found = self.times.get(point, {})
        if not {one, other} <= found.keys():
            return None
        ours, others = found[one].resampled, found[other].resampled
        return None if ours is None or others is None else ours - others


def find_field(samples: pd.DataFrame, summary: pd.DataFrame, resamples: int = RESAMPLES) -> Field:
    """Without points if the run holds no map. The same case has the same resamples, whatever else is in
    the run."""
    verdicts = find_map(summary)
    every: dict[Point, dict[str, list[Times]]] = {}
    for (point, model, shape), launches in _launches(samples).items():
        if point in verdicts and launches:
            times = _times(launches, f"{point} {model} {shape}", resamples)
            every.setdefault(point, {}).setdefault(model, []).append(times)
    best = {
        point: {model: _best_shape(shapes) for model, shapes in found.items()}
        for point, found in every.items()
    }
    return Field(verdicts, best)


Cases = dict[tuple[Point, str, tuple[str, ...]], list[float]]


def _launches(samples: pd.DataFrame) -> Cases:
    """One makespan in ns for each launch of a case; none where any of them failed."""
    found: dict[tuple[Point, str, tuple[str, ...]], list[Mapping[Any, Any]]] = {}
    for row in samples[samples["benchmark"] == BENCHMARK].to_dict("records"):
        batch: Batch = batch_of(row)
        point = point_of(batch)
        own = split_variant(str(row["variant"])).own
        if point is None or is_floor(str(row["model"]), own):
            continue
        shape = tuple(str(row[name]) for name in ("processes", "threads"))
        key = point, str(row["model"]), (*shape, own)
        found.setdefault(key, []).append(row)
    return {key: _makespans(rows) for key, rows in found.items()}


def _makespans(rows: Sequence[Mapping[Any, Any]]) -> list[float]:
    launches = sort_out_rows(rows)
    if launches.failed or any(row["makespan_ns"] <= 0 for row in rows):
        return []
    return [float(np.median([float(row["makespan_ns"]) for row in own])) for own in launches.good]


def _times(launches: list[float], who: str, resamples: int) -> Times:
    makespans: Floats = np.sort(np.array(launches))
    log, n = float(np.log(np.median(makespans))), len(makespans)
    if n < MIN_LAUNCHES:
        return Times(log, None)
    dice = np.random.default_rng([SEED, zlib.crc32(who.encode())])
    drawn = makespans[dice.integers(n, size=(resamples, n))]
    return Times(log, np.log(np.median(drawn, axis=1)))


def _best_shape(shapes: list[Times]) -> Times:
    best = min(shapes, key=lambda times: times.log)
    known = [times.resampled for times in shapes if times.resampled is not None]
    return Times(best.log, np.min(known, axis=0) if len(known) == len(shapes) else None)
