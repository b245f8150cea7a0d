# SPDX-License-Identifier: Apache-2.0
"""Lines per second against the stages of a pipeline: one line a model, the serial loop dashed."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from makespan.units import count, short

from .curves import Plot, draw_panels, finish_panels
from .data import NothingToDraw, RunData
from .page import chart
from .talks import Talk, talks_of
from .text import quantity

TITLE = "What stages cost: lines per second through a pipeline of greps"
READING = (
    "Up is faster. Every stage searches each line that reaches it for the same words. Dashed: the"
    " serial loop, which does all searches of a line itself and hands nothing on; above it, working"
    " at once gains more than handing on costs. Bars, where taller than their marker: 95 % interval"
    " of the median{lacking}."
)
PLOT = Plot(
    x=lambda talk: talk.batch.stages,
    x_name="stages",
    y_name="lines per second",
    x_words=quantity,
    y_words=short,
)


@chart
def pipeline(data: RunData) -> Figure:
    """Raises NothingToDraw without any pipeline."""
    every = [talk for talk in talks_of(data, "pipeline") if talk.batch.stages > 0]
    if not every:
        raise NothingToDraw("it needs a case of pipeline")
    grid, drawn = draw_panels(data, PLOT, panels_of(every))
    for axes in grid.panels:
        for line in axes.lines:
            if line.get_label() == "serial":
                line.set(linestyle=(0, (3.5, 2.5)), zorder=2.9)
    return finish_panels(data, grid, drawn, (TITLE, READING))


def panels_of(talks: Sequence[Talk]) -> list[tuple[str, list[Talk]]]:
    """Title and cases, by kind of text and number of lines."""
    panels: dict[tuple[str, int], list[Talk]] = {}
    for talk in talks:
        panels.setdefault((talk.batch.text, talk.batch.tasks), []).append(talk)
    return [
        (f"{count(lines, 'line')}{own[0].batch.source or ' of generated text'}", own)
        for (_, lines), own in sorted(panels.items(), key=lambda one: one[0])
    ]
