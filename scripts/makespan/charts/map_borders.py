# SPDX-License-Identifier: Apache-2.0
"""Where on a panel of a map two models are as fast as each other.

The logarithm of the ratio of their makespans is taken as linear, in the logarithms of tasks and
length, within the triangles of Delaunay's triangulation of the measured points; the crossover line is
where it is 0. Along a line of the grid this is the crossover of makespan.maps.crossings. The band is
where 0 lies between the 2.5 % and the 97.5 % quantile of the bootstrap resamples of the ratio, both
taken as linear in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from makespan.maps.field import Field, Floats
from makespan.maps.points import Point
from makespan.maps.refinement import first

RASTER = 181  # places along each axis


@dataclass(frozen=True)
class Border:
    """`ratio` is 0 on the line, `doubt` at most 0 within the band, None without one; of shape
    (len(ys), len(xs)), NaN where another model is faster than both and where nothing was measured. `xs`
    in tasks, `ys` in ns."""

    models: tuple[str, str]
    xs: Floats
    ys: Floats
    ratio: Floats
    doubt: Floats | None


def borders(field: Field, points: Sequence[Point]) -> Iterator[Border]:
    """Between all pairs of models each of which is somewhere in first place where the other is not.
    `points` are those of one share."""
    places = [(point.at("tasks"), point.at("length_ns")) for point in points]
    if not _spans_an_area(places):
        return
    xs, ys = (np.linspace(min(axis), max(axis), RASTER) for axis in zip(*places))
    times = _times(field, points, xs, ys)
    winners = [first(field.verdicts[point]) for point in points]
    for one, other in combinations(sorted(times), 2):
        ahead = any(one in names and other not in names for names in winners)
        behind = any(other in names and one not in names for names in winners)
        if not (ahead and behind):
            continue
        both = [point for point in points if not np.isnan(field.ratio(point, one, other))]
        ratios = np.array([_ratio_and_quantiles(field, point, one, other) for point in both])
        surface = _surface(both, ratios, xs, ys)
        if surface is None:
            continue
        rest = [times[model] for model in times if model not in (one, other)]
        fastest = np.fmin.reduce(rest) if rest else np.full((RASTER, RASTER), np.inf)
        hidden = np.fmin(times[one], times[other]) > fastest
        surface[hidden] = np.nan
        ratio, low, high = np.moveaxis(surface, -1, 0)
        doubt = None if np.isnan(ratios).any() else np.maximum(low, -high)
        if np.nanmin(ratio, initial=np.inf) < 0 < np.nanmax(ratio, initial=-np.inf):
            yield Border((one, other), 10**xs, 10**ys, ratio, doubt)


def _times(
    field: Field, points: Sequence[Point], xs: Floats, ys: Floats
) -> Mapping[str, Floats]:
    """Model -> its logarithmic makespan all over the panel."""
    models = sorted({model for point in points for model in field.times.get(point, {})})
    found = {}
    for model in models:
        own = [point for point in points if model in field.times.get(point, {})]
        logs = np.array([[field.times[point][model].log] for point in own])
        surface = _surface(own, logs, xs, ys)
        if surface is not None:
            found[model] = surface[..., 0]
    return found


def _ratio_and_quantiles(field: Field, point: Point, one: str, other: str) -> list[float]:
    drawn = field.ratios(point, one, other)
    ends = [np.nan, np.nan] if drawn is None else list(np.quantile(drawn, [0.025, 0.975]))
    return [field.ratio(point, one, other), *ends]


def _surface(points: Sequence[Point], values: Floats, xs: Floats, ys: Floats) -> Floats | None:
    """Values of shape (points, V) -> (len(ys), len(xs), V); NaN beyond the points."""
    from scipy.interpolate import LinearNDInterpolator  # here, because it takes long to load

    places = [(point.at("tasks"), point.at("length_ns")) for point in points]
    if not _spans_an_area(places):
        return None
    across, up = np.meshgrid(xs, ys)
    surface: Floats = LinearNDInterpolator(np.array(places), values)(across, up)
    return surface


def _spans_an_area(places: Sequence[tuple[float, float]]) -> bool:
    if len(places) < 3:
        return False
    apart = np.array(places) - np.array(places[0])
    return bool(np.linalg.matrix_rank(apart, tol=1e-6) == 2)
