# SPDX-License-Identifier: Apache-2.0
"""The map of winners: number of tasks against their length, one panel a share of CPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from makespan.maps.field import Field
from makespan.maps.points import Point, shares
from makespan.theme import FAINT, INK, MUTED, Look
from makespan.units import percent
from makespan.winners import Outcome

from .cases import Series
from .data import NothingToDraw, RunData
from .grid import grid_for
from .map_borders import Border, borders
from .map_cells import DOTS, HATCH, Frame, cells, draw_cell, first_two
from .page import Page, chart, finish
from .scales import log_axis
from .text import duration, quantity

TITLE = "Which model finishes first: the map of winners"
READING = (
    "Each marker is a batch that was measured: so many tasks of such a length, of which the share in the"
    " title computes. Around it the colour of the model that finishes first, in its best shape; hatched in"
    " two colours where the first two are not separated{alone}. Lines: where two models are equally fast,"
    " interpolated between the batches; grey around them: 95 % bands{lacking}. White: not measured."
)
ALONE = "; dotted in that of the only model that finished, as the others failed, were skipped or not measured"
PANEL_HEIGHT = 3.2
BAND = 0.35  # opacity


@chart
def map_of_winners(data: RunData) -> Figure:
    """Raises NothingToDraw without a map: at least two numbers of tasks with two lengths each."""
    field = data.field
    if not field.verdicts:
        raise NothingToDraw(
            "it needs mixed batches of two numbers of tasks and two task lengths at the same share of CPU"
        )
    frame = Frame.of(field.verdicts)
    panels = [[p for p in sorted(field.verdicts) if p.share == s] for s in shares(field.verdicts)]
    grid = grid_for(len(panels), PANEL_HEIGHT, share_x=True, share_y=True)
    across, up = frame.limits
    log_axis(grid.panels[0], "x", across, quantity)
    log_axis(grid.panels[0], "y", up, duration)
    lines = [draw_panel(axes, data, field, frame, points) for axes, points in zip(grid.panels, panels)]
    for axes in grid.bottom:
        axes.tick_params(axis="x", labelbottom=True)
        axes.set_xlabel("tasks")
    for axes in grid.left:
        axes.set_ylabel("length of a task")
    few = any(border.doubt is None for panel in lines for border in panel)
    alone = any(verdict.outcome is Outcome.ALONE for verdict in field.verdicts.values())
    reading = READING.format(
        lacking=", none where fewer than 6 launches were measured" if few else "",
        alone=ALONE if alone else "",
    )
    page = Page(TITLE, reading, grid.body, data.machine.line, legend(data, any(lines), alone))
    return finish(grid.figure, page)


def draw_panel(
    axes: Axes, data: RunData, field: Field, frame: Frame, points: Sequence[Point]
) -> list[Border]:
    """The borders that were drawn."""
    axes.set_title(f"{percent(points[0].share)} of a task computes")
    axes.grid(False)
    for cell in cells(points, frame):
        draw_cell(axes, data.theme, cell, field.verdicts[cell.point])
    found = list(borders(field, points))
    for border in found:
        draw_border(axes, border)
    for point in points:
        draw_point(axes, data, field, point)
    return found


def draw_border(axes: Axes, border: Border) -> None:
    lowest = 0.0 if border.doubt is None else float(np.nanmin(border.doubt))
    if lowest < 0:
        axes.contourf(
            border.xs, border.ys, border.doubt, [lowest - 1, 0], colors=[INK], alpha=BAND, zorder=1.4
        )
    lines = axes.contour(border.xs, border.ys, border.ratio, [0], colors=[INK], linewidths=1.5, zorder=2.5)
    for part in getattr(lines, "collections", None) or [lines]:  # one artist since matplotlib 3.8
        part.set_path_effects([withStroke(linewidth=3.2, foreground="white")])
        part.set_gid(f"border {' '.join(border.models)}")


def draw_point(axes: Axes, data: RunData, field: Field, point: Point) -> None:
    """The winner's marker; a dot where nobody won."""
    verdict = field.verdicts[point]
    spot = [point.tasks], [point.length_ns]
    if verdict.outcome is Outcome.WON:
        style = data.look(Series(verdict.first[0].model)).markers(5.0)
    else:
        style = dot()
    axes.plot(*spot, linestyle="none", gid="point", zorder=3, **style)


def dot() -> dict[str, Any]:
    return Look(MUTED, "o", "solid", filled=True).markers(3.4)


def legend(data: RunData, lines: bool, alone: bool) -> list[tuple[Any, str]]:
    """The models that are first somewhere, and the signs."""
    verdicts = data.field.verdicts.values()
    names = {one.model for verdict in verdicts for one in first_two(verdict)}
    series = sorted((Series(name) for name in names), key=lambda one: one.sort_key)
    entries: list[tuple[Any, str]] = []
    for one in series:
        marker = data.look(one).markers(7.0)
        entries.append((Line2D([], [], linestyle="none", **marker), one.name))
    entries.append((Line2D([], [], linestyle="none", **dot()), "no winner"))
    entries.append((Patch(facecolor="white", edgecolor=MUTED, linewidth=0, hatch=HATCH), "not separated"))
    if alone:
        dots = Patch(facecolor="white", edgecolor=MUTED, linewidth=0, hatch=DOTS)
        entries.append((dots, "only one model finished"))
    if lines:
        entries.append((Line2D([], [], color=INK, linewidth=1.5), "equally fast"))
        entries.append((Patch(facecolor=FAINT, edgecolor="none"), "its 95 % band"))
    return entries
