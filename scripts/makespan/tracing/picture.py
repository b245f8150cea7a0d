# SPDX-License-Identifier: Apache-2.0
"""The timeline of the charts, of whatever batches of a trace one wants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from makespan.charts.batches import Recorded
from makespan.charts.cases import identity
from makespan.charts.data import machine_of
from makespan.charts.page import Page
from makespan.charts.timeline import BARS, draw_batches, not_drawn
from makespan.files import read_json_object
from makespan.theme import Theme, style
from makespan.units import count

from .batches import TracedBatch, trace_file

MOST_PANELS = 24
MANY = 250  # records of a batch: of more, bars may have no room for an edge
NAMES = "Before each name the number of the batch, behind it processes × threads."
SHADES = "Bars too short for an edge alternate in shade."
OWN_AXES = "Batches with the same to do have the same time axis."


def picture(batches: Sequence[TracedBatch], source: Path) -> Figure:
    """A panel for each of at least one batch, on one time axis if all had the same to do."""
    shown = batches[:MOST_PANELS]
    alike = len({batch.work for batch in shown}) == 1
    talks = any(batch.batch.talks for batch in shown)
    reading = [
        BARS.replace("One bar is one task", "One bar is one task, or round trip") if talks else BARS,
        *([SHADES] if any(len(batch.records) > MANY for batch in shown) else []),
        NAMES,
        *([] if alike else [OWN_AXES]),
    ]
    what = shown[0].work if alike else count(len(shown), "batch")
    notes = not_drawn([_recorded(batch, alike) for batch in batches[MOST_PANELS:]])
    page = Page(
        f"Who ran which task when: {what}", " ".join(reading), 0.0, _footer(batches, source), notes=notes
    )
    theme = Theme.of(str(batch.fields["model"]) for batch in batches)
    with style():
        return draw_batches([_recorded(batch, alike) for batch in shown], theme, page)


def _recorded(batch: TracedBatch, alike: bool) -> Recorded:
    fields = batch.fields
    series, _ = identity(fields)
    return Recorded(
        series,
        int(fields["processes"] or 1),
        int(fields["threads"] or 1),
        None,
        batch.makespan_ns or float(batch.end_ns),
        batch.bound_ns,
        tuple(batch.lanes()),
        measured=batch.makespan_ns is not None,
        about="" if alike else batch.work,
        number=f"#{batch.number}",
    )


def _footer(batches: Sequence[TracedBatch], source: Path) -> str:
    """The machine, if the run folder knows it, and the run."""
    runs = ", ".join(dict.fromkeys(batch.run_id for batch in batches))
    environment = source / "env.json"
    if source.is_dir() and environment.is_file():
        return machine_of(read_json_object(environment), runs).line
    return f"{trace_file(source).name} · run {runs}"
