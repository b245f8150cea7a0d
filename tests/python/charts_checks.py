# SPDX-License-Identifier: Apache-2.0
"""What the chart tests ask a figure: its artists, and whether texts lie on anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from makespan.charts.labels import common
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox


def with_gid(axes: Axes, gid: str) -> list[Any]:
    """The artists of a panel that are marked as a failure, a bound, an interval …"""
    return [artist for artist in axes.get_children() if artist.get_gid() == gid]


def lines(axes: Axes) -> dict[str, Line2D]:
    """The lines of a panel that have a name, by name."""
    return {str(l.get_label()): l for l in axes.lines if not str(l.get_label()).startswith("_")}


def points(line: Line2D) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in zip(*line.get_data())]


def panel(figure: Figure, title: str) -> Axes:
    """The one panel whose title begins so."""
    found = [axes for axes in figure.axes if axes.get_title(loc="left").startswith(title)]
    assert len(found) == 1, [axes.get_title(loc="left") for axes in figure.axes]
    return found[0]


def words(figure: Figure) -> str:
    """All texts outside of the panels, legend included, as one string with single spaces."""
    texts = [text.get_text() for text in figure.texts]
    texts += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return " ".join(" ".join(texts).split())


def surroundings(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """Title, notes, footer and legend with their boxes in pixels."""
    for text in figure.texts:
        yield text.get_text(), text.get_window_extent()
    for legend in figure.legends:
        yield "legend", legend.get_window_extent()


def assert_tidy(figure: Figure) -> None:
    """Nothing cut off, no panel on another one, no text around the panels on anything."""
    figure.draw_without_rendering()
    canvas: Any = figure.canvas
    page = figure.bbox
    panels = [
        (axes.get_title(loc="left"), axes.get_tightbbox(canvas.get_renderer()))
        for axes in figure.axes
    ]
    boxes = [*panels, *surroundings(figure)]
    for place, (name, box) in enumerate(boxes):
        assert box.x0 >= -1 and box.x1 <= page.x1 + 1, f"{name!r} is cut off at a side"
        assert box.y0 >= -1 and box.y1 <= page.y1 + 1, f"{name!r} is cut off above or below"
        for other, against in boxes[place + 1 :]:
            assert common(box, against) < 4, f"{name!r} lies on {other!r}"
