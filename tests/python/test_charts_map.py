# SPDX-License-Identifier: Apache-2.0
"""The chart of the map of winners, asked through its artists."""

from __future__ import annotations

import map_rows
import numpy as np
import pytest
import synthetic
from charts_checks import assert_tidy, with_gid, words
from granularity_synthetic import run_data
from makespan.charts.by_tasks import makespan_by_tasks
from makespan.charts.data import NothingToDraw, RunData
from makespan.charts.map_borders import borders
from makespan.charts.map_cells import Frame, cells, pale
from makespan.charts.winner_map import dot, map_of_winners
from makespan.maps.points import Point
from makespan.maps.refinement import refinement
from makespan.theme import style
from map_rows import GRID, Spot
from matplotlib.colors import to_hex

US, MS = 1_000, 1_000_000
AT_HALF = tuple(spot for spot in GRID if spot[2] == 0.5)


@pytest.fixture(scope="module")
def refined() -> RunData:
    """Twice refined, in all its shares."""
    spots: list[Spot] = list(GRID)
    for _ in range(2):
        added = refinement(run_data(map_rows.rows(spots)).summary)
        spots += [(point.tasks, point.length_ns, point.share) for point in added]
    return run_data(map_rows.rows(spots, noise=0.03))


@pytest.mark.filterwarnings("error")
def test_nothing_lies_on_anything(refined: RunData) -> None:
    with style():
        assert_tidy(map_of_winners(refined))


def test_a_panel_for_each_share(refined: RunData) -> None:
    figure = map_of_winners(run_data(map_rows.rows()))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["0 % of a task computes", "50 % of a task computes", "100 % of a task computes"]
    assert len(map_of_winners(refined).axes) == len({p.share for p in refined.field.verdicts}) > 3
    assert "threads" in words(figure) and "event_loop" in words(figure) and "serial" not in words(figure)


def test_every_point_is_marked_and_lies_in_a_cell_of_its_winner(refined: RunData) -> None:
    figure = map_of_winners(refined)
    frame = Frame.of(refined.field.verdicts)
    for axes, share in zip(figure.axes, sorted({p.share for p in refined.field.verdicts})):
        here = [point for point in refined.field.verdicts if point.share == share]
        marked = {(float(l.get_xdata()[0]), float(l.get_ydata()[0])) for l in with_gid(axes, "point")}
        assert marked == {(float(p.tasks), float(p.length_ns)) for p in here}
        made = list(cells(here, frame))
        for point in here:
            around = [
                cell
                for cell in made
                if cell.left <= point.tasks * 1.0001 <= cell.right and cell.bottom <= point.length_ns * 1.0001 <= cell.top
            ]
            assert [cell.point for cell in around] == [point]
        (low, high), (bottom, top) = frame.limits
        assert axes.get_xlim() == pytest.approx((low, high)) and axes.get_ylim() == pytest.approx((bottom, top))


def test_cells_of_the_coarse_grid_leave_nothing_free(refined: RunData) -> None:
    here = [point for point in refined.field.verdicts if point.share == 0.5]
    frame = Frame.of(refined.field.verdicts)
    (low, high), (bottom, top) = frame.limits
    area = sum(np.log10(c.right / c.left) * np.log10(c.top / c.bottom) for c in cells(here, frame))
    assert area == pytest.approx(np.log10(high / low) * np.log10(top / bottom))
    alone = list(cells([Point(100, MS, 0.25)], frame))
    assert np.log10(alone[0].right / alone[0].left) == pytest.approx(1, abs=0.2), "half a step to each side"


def test_colours_are_those_of_the_winners() -> None:
    data = run_data(map_rows.rows(AT_HALF))
    (axes,) = map_of_winners(data).axes
    found = {(round(c.get_x(), 3), round(c.get_y())): to_hex(c.get_facecolor()) for c in with_gid(axes, "cell")}
    threads, loop = (pale(data.theme.look(model)) for model in ("threads", "event_loop"))
    assert set(found.values()) == {threads, loop}
    assert found[min(found)] == loop and found[max(found)] == threads
    assert not with_gid(axes, "undecided")


def test_what_is_not_separated_is_hatched() -> None:
    data = run_data(map_rows.rows(AT_HALF, noise=0.05, paces=lambda model, spot: 1e6))
    (axes,) = map_of_winners(data).axes
    hatched = with_gid(axes, "undecided")
    assert len(hatched) == len(with_gid(axes, "cell")) > 0
    assert all(patch.get_hatch() for patch in hatched)
    assert not list(borders(data.field, list(data.field.verdicts)))


def test_who_finished_alone_has_not_won() -> None:
    """Beside a point of which all but one model failed, one of the same model's victories."""
    rows = map_rows.rows(AT_HALF)
    spot = AT_HALF[-1]
    others = [row for model in ("serial", "event_loop") for row in map_rows.rows([spot], models=[model])]
    failed = [synthetic.failed(row, "timeout", "no end after 60 s") for row in others]
    data = run_data([*map_rows.without(map_rows.without(rows, "serial", spot), "event_loop", spot), *failed])
    figure = map_of_winners(data)
    (axes,) = figure.axes
    threads = pale(data.theme.look("threads"))
    white = [cell for cell in with_gid(axes, "cell") if to_hex(cell.get_facecolor()) == "#ffffff"]
    alone = with_gid(axes, "alone")
    assert [patch.get_bbox().bounds for patch in alone] == [patch.get_bbox().bounds for patch in white] != []
    assert all(patch.get_hatch() and to_hex(patch.get_edgecolor()) == threads for patch in alone)
    (point,) = [p for p in with_gid(axes, "point") if (p.get_xdata()[0], p.get_ydata()[0]) == spot[:2]]
    assert point.get_markersize() == dot()["markersize"], "no winner's marker"
    assert "only one model finished" in words(figure) and "dotted" in words(figure)
    whole = map_of_winners(run_data(rows))
    assert "only one model finished" not in words(whole) and not with_gid(whole.axes[0], "alone")
    assert_tidy(figure)


def test_the_border_is_where_two_models_are_equally_fast() -> None:
    """Known: tasks × length = 40 ms at a share of one half."""
    data = run_data(map_rows.rows(AT_HALF, noise=0.02, rounds=8))
    (axes,) = map_of_winners(data).axes
    (border,) = list(borders(data.field, sorted(data.field.verdicts)))
    assert border.models == ("event_loop", "threads")
    work = np.log10(np.outer(border.ys, border.xs) / map_rows.CROSSOVER_NS)
    assert border.doubt is not None
    inside = border.doubt <= 0
    on_line = np.abs(work) < 0.005
    assert on_line.sum() > 100
    assert (inside & on_line).sum() > 0.9 * on_line.sum(), "the known line lies within the band"
    assert not inside[np.abs(work) > 0.3].any(), "which is narrow"
    assert np.nanmin(border.ratio[work > 0.2]) > 0 > np.nanmax(border.ratio[work < -0.2])
    drawn = [artist for artist in axes.get_children() if str(artist.get_gid()).startswith("border")]
    assert len(drawn) == 1


def test_without_intervals_there_is_no_band() -> None:
    figure = map_of_winners(run_data(map_rows.rows(AT_HALF, rounds=5)))
    assert "none where fewer than 6 launches were measured" in words(figure) or with_gid(figure.axes[0], "undecided")


def test_panels_of_a_few_points_are_drawn() -> None:
    spots: list[Spot] = [*AT_HALF, (100, MS, 0.25), (100, 10 * MS, 0.25)]
    figure = map_of_winners(run_data(map_rows.rows(spots)))
    assert len(figure.axes) == 2
    assert_tidy(figure)


def test_other_charts_leave_the_map_alone() -> None:
    with pytest.raises(NothingToDraw):
        makespan_by_tasks(run_data(map_rows.rows()))
    both = run_data([*map_rows.rows(), *synthetic.samples()])
    assert len(makespan_by_tasks(both).axes) == 1


def test_a_run_without_a_map_has_no_such_chart() -> None:
    with pytest.raises(NothingToDraw, match="two task lengths"):
        map_of_winners(run_data(synthetic.samples()))
