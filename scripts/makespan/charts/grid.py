# SPDX-License-Identifier: Apache-2.0
"""Small multiples: equal panels in rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .page import new_figure

WIDTH = 10.5  # inches of a chart
NARROW = 8.0  # inches of a chart with a single column


@dataclass(frozen=True)
class Grid:
    """`body` is the height of all panels in inches; `bottom` and `left` are the panels with none
    below or left of them."""

    figure: Figure
    panels: tuple[Axes, ...]
    bottom: tuple[Axes, ...]
    left: tuple[Axes, ...]
    body: float


def grid_for(
    count: int,
    panel_height: float,
    most_columns: int = 3,
    share_x: bool = False,
    share_y: bool = False,
) -> Grid:
    """A figure with `count` panels, read row by row, and no empty frames."""
    columns = count if count <= most_columns else 2 if count == 4 else most_columns
    rows = math.ceil(count / columns)
    figure = new_figure(WIDTH if columns > 1 else NARROW, rows * panel_height)
    every = list(figure.subplots(rows, columns, squeeze=False, sharex=share_x, sharey=share_y).flat)
    for unused in every[count:]:
        unused.remove()
    panels = tuple(every[:count])
    bottom = tuple(axes for index, axes in enumerate(panels) if index + columns >= count)
    return Grid(figure, panels, bottom, panels[::columns], rows * panel_height)


@dataclass(frozen=True)
class Stack:
    """Panels of their own heights, one below the other in one column or two; `bottom` are the last
    of each column, `body` is the height of all in inches."""

    figure: Figure
    panels: tuple[Axes, ...]
    bottom: tuple[Axes, ...]
    body: float


TITLE_HEIGHT = 0.36  # inches above a panel for its title and the gap
AXIS_HEIGHT = 0.45  # inches below a column for its axis


def stack_for(heights: Sequence[float], between: float = TITLE_HEIGHT) -> Stack:
    """`heights` in inches, in reading order: the first column downwards, then the second. `between` is
    what each panel needs besides, for its title and perhaps an axis."""
    full = [height + between for height in heights]
    first = first_column(full) if len(full) > 3 else len(full)
    columns = [heights[:first], heights[first:]] if first < len(full) else [heights]
    tallest = max(sum(column) + between * len(column) for column in columns)
    figure = new_figure(WIDTH if len(columns) > 1 else NARROW, tallest + AXIS_HEIGHT)
    outer = figure.add_gridspec(1, len(columns))
    stacks: list[list[Axes]] = []
    for place, column in enumerate(columns):
        rest = tallest - sum(column) - between * len(column)
        inner = outer[place].subgridspec(
            len(column) + 1, 1, height_ratios=[*column, max(rest, 0.001)]
        )
        stacks.append([figure.add_subplot(inner[row]) for row in range(len(column))])
    return Stack(
        figure,
        tuple(axes for stack in stacks for axes in stack),
        tuple(stack[-1] for stack in stacks),
        tallest + AXIS_HEIGHT,
    )


def first_column(heights: Sequence[float]) -> int:
    """How many panels go into the first of two columns: about half, rather more than less."""
    tallest = [max(sum(heights[:cut]), sum(heights[cut:])) for cut in range(1, len(heights))]
    return 1 + max(cut for cut, height in enumerate(tallest) if height <= 1.1 * min(tallest))


def align_columns(stack: Stack) -> None:
    """Gives all panels one width, so that a second is as long everywhere; for a final layout."""
    columns = len(stack.bottom)
    boxes = [axes.get_position() for axes in stack.panels]
    cells = [math.floor(box.x0 * columns) / columns for box in boxes]
    margin = max(box.x0 - cell for box, cell in zip(boxes, cells))
    width = min(box.x1 - cell - margin for box, cell in zip(boxes, cells))
    for axes, box, cell in zip(stack.panels, boxes, cells):
        axes.set_position((cell + margin, box.y0, width, box.height))
