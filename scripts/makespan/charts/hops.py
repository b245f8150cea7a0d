# SPDX-License-Identifier: Apache-2.0
"""What one hop costs against the number of tasks in the ring: one line a transport."""

from __future__ import annotations

from matplotlib.figure import Figure

from .curves import Plot, draw_panels, finish_panels
from .data import NothingToDraw, RunData
from .page import chart
from .talks import talks_of
from .text import duration, quantity

TITLE = "What it costs to pass the turn: one hop in a ring of tasks"
READING = (
    "Down is cheaper. A single token goes round a ring; a hop is the time from one task having it to"
    " the next one having it: with nothing else to do, that is what the model needs to switch from a"
    " task to another one, with the kernel in between (threads, processes, pipes) and without it"
    " (channel). Bars, where taller than their marker: 95 % interval of the median{lacking}."
)
PLOT = Plot(
    x=lambda talk: talk.batch.tasks,
    x_name="tasks in the ring",
    y_name="time per hop",
    x_words=quantity,
    y_words=duration,
    inverse=True,
)


@chart
def hops(data: RunData) -> Figure:
    """Raises NothingToDraw without any ring."""
    every = [talk for talk in talks_of(data, "ring") if talk.batch.tasks > 0]
    if not every:
        raise NothingToDraw("it needs a case of ring")
    grid, drawn = draw_panels(data, PLOT, [("", every)])
    return finish_panels(data, grid, drawn, (TITLE, READING))
