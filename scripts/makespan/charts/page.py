# SPDX-License-Identifier: Apache-2.0
"""The frame around every chart: title, reading aid, legend, notes and machine line.

Heights are measured, not guessed: the figure grows by what its texts need, and the panels keep
theirs, so that no text lies on data.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from makespan.theme import INK, MUTED, style

from .cases import Series
from .data import RunData
from .marks import cross
from .text import shortened

LEADING = 1.35  # height of a line of text, in font sizes
MARGIN = 0.12  # inches, around everything
NAME_LENGTH = 30

Chart = Callable[[RunData], Figure]


@dataclass(frozen=True)
class Page:
    """The words of a chart and its legend's artists. `body` is the panels' height in inches."""

    title: str
    reading: str
    body: float
    footer: str
    legend: Sequence[tuple[Any, str]] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Lettering:
    """A paragraph of the page: `size` in points."""

    size: float
    colour: str
    weight: str = "normal"


TITLE = Lettering(13.0, INK, "bold")
READING = Lettering(9.0, MUTED)
NOTE = Lettering(8.0, INK)
FOOTER = Lettering(7.5, MUTED)


def chart(function: Chart) -> Chart:
    """Gives the figure our look, whatever settings are in force outside."""

    @functools.wraps(function)
    def styled(data: RunData) -> Figure:
        with style():
            return function(data)

    return styled


def new_figure(width: float, height: float) -> Figure:
    """A figure of so many inches that belongs to no window and no global list."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def renderer_of(figure: Figure) -> Any:
    """What measures texts and boxes, in pixels."""
    canvas: Any = figure.canvas
    return canvas.get_renderer()


def text_width(figure: Figure, text: str, size: float, weight: str = "normal") -> float:
    """Inches that one line of text takes."""
    font = FontProperties(size=size, weight=weight)
    width, _, _ = renderer_of(figure).get_text_width_height_descent(text, font, False)
    return float(width) / float(figure.dpi) * 1.02


def wrapped(figure: Figure, text: str, look: Lettering, width: float) -> list[str]:
    """Lines of at most `width` inches, broken at plain spaces; a word longer than a line is cut."""
    lines: list[str] = []
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(figure, joined, look.size, look.weight) <= width:
            lines[-1] = joined
            continue
        while len(word) > 1 and (whole := text_width(figure, word, look.size, look.weight)) > width:
            cut = max(1, math.floor(len(word) * width / whole) - 1)
            lines.append(word[:cut])
            word = word[cut:]
        lines.append(word)
    return lines


def paragraph(figure: Figure, text: str, look: Lettering) -> tuple[str, float]:
    """The text wrapped to the page, never within "2 × 5" or "95 %", and the inches that it is high."""
    text = text.replace(" × ", "\u00a0×\u00a0").replace(" %", "\u00a0%")
    lines = wrapped(figure, text, look, float(figure.get_figwidth()) - 2 * MARGIN)
    return "\n".join(lines), len(lines) * look.size * LEADING / 72


def add_legend(figure: Figure, entries: Sequence[tuple[Any, str]]) -> tuple[Any, float]:
    """A legend in as many columns as fit, and the inches that it is high."""
    columns = columns_that_fit(
        [text_width(figure, label, 9.0) + 0.62 for _, label in entries],
        float(figure.get_figwidth()) - 2 * MARGIN,
    )
    legend = figure.legend(
        [handle for handle, _ in entries],
        [label for _, label in entries],
        ncol=columns,
        loc="upper left",
        borderaxespad=0.0,
        borderpad=0.0,
        handlelength=2.6,
        columnspacing=1.4,
        labelspacing=0.35,
    )
    extent = legend.get_window_extent(renderer_of(figure))
    return legend, float(extent.height) / figure.dpi + 0.08


def columns_that_fit(widths: Sequence[float], room: float) -> int:
    """The most columns, filled one after the other, that are at most `room` wide together."""
    for rows in range(1, len(widths)):
        columns = [widths[start : start + rows] for start in range(0, len(widths), rows)]
        if sum(max(column) for column in columns) <= room:
            return len(columns)
    return 1


def finish(figure: Figure, page: Page) -> Figure:
    """Sets the words, lays out the panels between them and fixes all positions."""
    above = [
        (paragraph(figure, page.title, TITLE), TITLE, 0.02),
        (paragraph(figure, page.reading, READING), READING, 0.08),
    ]
    below = [(paragraph(figure, text, NOTE), NOTE, 0.0) for text in page.notes]
    below.append((paragraph(figure, page.footer, FOOTER), FOOTER, 0.0))
    legend, legend_height = add_legend(figure, page.legend) if page.legend else (None, 0.0)
    header = MARGIN + sum(height + gap for (_, height), _, gap in above) + legend_height
    footer = MARGIN + sum(height + gap for (_, height), _, gap in below) + 0.06
    total = header + page.body + footer
    figure.set_size_inches(figure.get_figwidth(), total)

    left, top = MARGIN / float(figure.get_figwidth()), total - MARGIN
    for (text, height), look, gap in above:
        put(figure, left, top / total, text, look)
        top -= height + gap
    if legend is not None:
        legend.set_bbox_to_anchor((left, top / total))
    top = footer - 0.06
    for (text, height), look, gap in below:
        put(figure, left, top / total, text, look)
        top -= height + gap

    # Run once and not set on the figure, which would lay out anew whenever it is drawn.
    frame = (0.0, footer / total, 1.0, page.body / total)
    ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05, wspace=0.02, rect=frame).execute(figure)
    for axes in figure.axes:  # the solver's last digits differ from run to run
        x, y, width, height = axes.get_position().bounds
        axes.set_position((round(x, 4), round(y, 4), round(width, 4), round(height, 4)))
    return figure


def put(figure: Figure, left: float, top: float, text: str, look: Lettering) -> None:
    figure.text(
        left,
        top,
        text,
        fontsize=look.size,
        color=look.colour,
        fontweight=look.weight,
        va="top",
        ha="left",
        linespacing=LEADING * 0.88,
    )


def series_handle(data: RunData, series: Series, line: bool = True) -> tuple[Line2D, str]:
    """Legend entry of a model: its marker and, for line charts, its line."""
    look = data.look(series)
    handle = Line2D(
        [], [], color=look.colour, linestyle=look.dashes if line else "none", **look.markers(6.5)
    )
    return handle, shortened(series.name, NAME_LENGTH)


def bound_handle() -> tuple[Line2D, str]:
    return Line2D([], [], color=MUTED, linestyle=(0, (3.5, 2.5)), linewidth=1.0), "model bound"


def failure_handle() -> tuple[Line2D, str]:
    return Line2D([], [], linestyle="none", **cross(MUTED)), "no time"
