# SPDX-License-Identifier: Apache-2.0
"""Names beside points hide neither points nor each other."""

from __future__ import annotations

import math

from makespan.charts.labels import Named, clusters, common, place_names
from makespan.charts.page import new_figure
from makespan.theme import Theme
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox


def named(x: float, y: float, name: str) -> Named:
    return Named(x, y, Theme().look("serial"), name)


def panel() -> tuple[Figure, Axes]:
    figure = new_figure(5, 4)
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 10)
    return figure, axes


def boxes(axes: Axes) -> list[Bbox]:
    return [text.get_window_extent() for text in axes.texts if text.get_gid() == "name"]


def test_names_are_all_there_and_do_not_overlap() -> None:
    figure, axes = panel()
    spots = [(9.8, 0.2), (9.7, 0.3), (9.6, 2), (5, 5), (5, 5), (5.1, 5), (0.2, 9.9), (2, 5)]
    points = [named(x, y, f"model_{number} 1×{number}") for number, (x, y) in enumerate(spots)]
    place_names(figure, axes, points)
    placed = boxes(axes)
    assert {text.get_text() for text in axes.texts} == {point.name for point in points}
    for number, box in enumerate(placed):
        assert all(common(box, other) == 0 for other in placed[number + 1 :])
        room = axes.get_window_extent()
        assert room.x0 <= box.x0 and box.x1 <= room.x1
        assert room.y0 <= box.y0 and box.y1 <= room.y1
        for x, y in spots:
            centre = axes.transData.transform((x, y))
            assert not box.contains(*centre)


def test_names_keep_clear_of_what_is_taken() -> None:
    figure, axes = panel()
    room = axes.get_window_extent()
    right = Bbox.from_extents(room.x0 + room.width / 2 + 10, room.y0, room.x1, room.y1)
    place_names(figure, axes, [named(5, 5, "serial")], taken=[right])
    assert common(boxes(axes)[0], right) == 0


def test_points_on_one_spot_share_a_block() -> None:
    points = [named(0, 0, "a"), named(100, 0, "b"), named(4, 0, "c"), named(8, 0, "d")]
    groups = clusters({point: (point.x, point.y) for point in points}, near=5)
    assert [[point.name for point in group] for group in groups] == [["b"], ["a", "c", "d"]]


def test_a_crowd_ends_in_names_all_the_same() -> None:
    figure, axes = panel()
    points = [named(5 + math.cos(n), 5 + math.sin(n), f"a_rather_long_name_{n}") for n in range(40)]
    place_names(figure, axes, points)
    assert len(boxes(axes)) == 40
