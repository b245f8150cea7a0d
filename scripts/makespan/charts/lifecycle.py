# SPDX-License-Identifier: Apache-2.0
"""What one unit costs to create and to end: against the size of the burst, and for processes against the
memory of the one that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.figure import Figure

from makespan.columns import LIFECYCLE
from makespan.scheduling import scheduling_words
from makespan.units import data_size

from .curves import MOST_COLUMNS, PANEL_HEIGHT, Plot, draw_on, finish_panels
from .data import NothingToDraw, RunData
from .grid import grid_for
from .page import chart
from .talks import Talk, talks_of
from .text import duration, quantity

TITLE = "What a unit costs to create and to end"
READING = (
    "Down is cheaper. Each point is the time for one unit, of a burst of so many that are there at the same"
    " time. Hollow: a floor, the same made of bare system calls, or another way to make the unit. A fork"
    " copies the page tables of its parent, so it costs the more the more memory that has; what shares the"
    " memory until another program takes its place (vfork, posix_spawn) does not. Bars, where taller than"
    " their marker: 95 % interval of the median{lacking}."
)
BURSTS = Plot(
    x=lambda talk: talk.batch.tasks,
    x_name="units of a burst",
    y_name="time per unit",
    x_words=quantity,
    y_words=duration,
    inverse=True,
)
#: The place of a parent without memory to speak of is by this factor left of the smallest that has some.
STEP = 16

Panels = list[tuple[str, list[Talk]]]


@chart
def lifecycle(data: RunData) -> Figure:
    """Raises NothingToDraw without any unit."""
    every = talks_of(data, LIFECYCLE)
    if not every:
        raise NothingToDraw("it needs a case of lifecycle")
    bursts, memory = bursts_of(every), memory_of(every)
    grid = grid_for(len(bursts) + len(memory), PANEL_HEIGHT, MOST_COLUMNS)
    first, others = grid.panels[: len(bursts)], grid.panels[len(bursts) :]
    drawn = draw_on(data, BURSTS, bursts, grid, first)
    drawn += draw_on(data, by_memory(memory), memory, grid, others) if memory else []
    for axes in first:
        axes.set_xlabel(BURSTS.x_name)
    for axes in others:
        axes.set_xlabel("memory of the process that makes the unit")
    for axes in grid.left:
        axes.set_ylabel(BURSTS.y_name)
    return finish_panels(data, grid, drawn, (TITLE, READING))


def bursts_of(talks: Sequence[Talk]) -> Panels:
    """One panel, of what was made by a process without memory to speak of; one for each timer slack and
    choice of CPUs."""
    own = [talk for talk in talks if not talk.batch.resident_bytes]
    return [(f"Alone and in bursts{words}", some) for words, some in by_scheduling(own)]


def memory_of(talks: Sequence[Talk]) -> Panels:
    """A panel for ordinary and one for huge pages, of the smallest bursts that were made with memory; as many
    for each timer slack and choice of CPUs."""
    burst = min((talk.batch.tasks for talk in talks if talk.batch.resident_bytes), default=0)
    units = [talk for talk in talks if talk.batch.tasks == burst]
    large = {talk.series for talk in units if talk.batch.resident_bytes}
    panels: Panels = []
    pages = ((False, "Memory in ordinary pages"), (True, "Memory in huge pages"))
    for words, some in by_scheduling(units):
        without = [talk for talk in some if talk.series in large and not talk.batch.resident_bytes]
        for huge, title in pages:
            own = [talk for talk in some if talk.batch.huge == huge and talk.batch.resident_bytes]
            if own:
                panels.append((f"{title}{words}", [*without, *own]))
    return panels


def by_scheduling(talks: Sequence[Talk]) -> Panels:
    """What is said of each way to schedule, like ", on CPU 0", and its cases."""
    groups: dict[str, list[Talk]] = {}
    for talk in talks:
        groups.setdefault(talk.batch.scheduling, []).append(talk)
    told = {tags: scheduling_words(tags) for tags in sorted(groups)}
    return [(f", {words}" if words else "", groups[tags]) for tags, words in told.items()]


def by_memory(panels: Panels) -> Plot:
    """A logarithmic axis has no zero: no memory stands a step left of the least."""
    least = min(t.batch.resident_bytes for _, own in panels for t in own if t.batch.resident_bytes)
    none = max(1, least // STEP)
    return replace(
        BURSTS,
        x=lambda talk: talk.batch.resident_bytes or none,
        x_words=lambda value: "none" if value == none else data_size(value),
    )
