# SPDX-License-Identifier: Apache-2.0
"""The trends: levels and labels where the shifts are, and nothing on anything else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from charts_checks import assert_tidy, with_gid, words
from histories import MACHINE, Effect, commit, entries
from makespan.charts.labels import common
from makespan.history.analysis import Demands, analyse
from makespan.history.chart import MOST_PANELS, trends
from makespan.history.series import history_of
from makespan.history.store import Entry
from makespan.metrics import MAKESPAN, RATE, Metric
from makespan.theme import style
from matplotlib.figure import Figure


def drawn(lines: Sequence[Entry], *metrics: Metric) -> dict[str, Figure]:
    history = history_of(lines, metrics or (MAKESPAN,))
    return dict(trends(analyse(MACHINE.name, history, Demands()), MACHINE))


def bump(case: int, number: int) -> float:
    """Slower, back again, and slower once more; only in the first case."""
    return {0: 1.0, 1: 1.25, 2: 1.0, 3: 1.4}[min(number // 10, 3)] if case == 0 else 1.0


def test_a_panel_shows_its_commits_levels_and_shifts() -> None:
    figure = drawn(entries(40, 3, bump))["sleep-makespan_ns"]
    assert len(figure.axes) == 3
    first = figure.axes[0]
    assert len(with_gid(first, "shift")) == 3 and len(with_gid(first, "level")) == 4
    labels = [label.get_text() for label in with_gid(first, "shift label")]
    assert [label.split()[-1] for label in labels] == [commit(n)[:7] for n in (10, 20, 30)]
    assert [float(label.split()[1]) for label in labels] == pytest.approx(
        [1.25, 0.8, 1.4], abs=0.03
    )
    (dots,) = with_gid(first, "commits")
    assert list(dots.get_xdata()) == list(range(40))
    assert not with_gid(figure.axes[1], "shift")
    assert "level after a shift to slower" in words(figure) and MACHINE.name in words(figure)


@pytest.mark.parametrize("effect", [bump, lambda case, number: 1.0], ids=["shifts", "quiet"])
@pytest.mark.parametrize("cases", [1, 4, MOST_PANELS])
def test_nothing_lies_on_anything(effect: Effect, cases: int) -> None:
    figure = drawn(entries(40, cases, effect))["sleep-makespan_ns"]
    with style():
        assert_tidy(figure)
    boxes = [
        [label.get_window_extent() for label in with_gid(axes, "shift label")]
        for axes in figure.axes
    ]
    for axes, own in zip(figure.axes, boxes):
        room = axes.get_window_extent()
        for place, box in enumerate(own):
            assert room.x0 - 3 <= box.x0 and box.x1 <= room.x1 + 3
            assert all(common(box, other) < 4 for other in own[place + 1 :])


def test_shifts_are_shown_first_where_there_is_no_room_for_all() -> None:
    def last(case: int, number: int) -> float:
        return 1.5 if case == MOST_PANELS + 4 and number >= 20 else 1.0

    figure = drawn(entries(40, MOST_PANELS + 5, last))["sleep-makespan_ns"]
    assert len(figure.axes) == MOST_PANELS
    assert sum(len(with_gid(axes, "shift")) for axes in figure.axes) == 1
    assert "5 more series, with smaller shifts or none, are not shown." in words(figure)


def test_each_benchmark_and_metric_has_a_picture() -> None:
    lines = (
        entries(5) + entries(5, metric=RATE) + entries(5, benchmark="compute", compute_ns=10**6)
    )
    names = ["compute-makespan_ns", "sleep-makespan_ns", "sleep-messages_per_second"]
    figures = drawn(lines, MAKESPAN, RATE)
    assert sorted(figures) == names
    assert "the work of the newest run" in words(figures["compute-makespan_ns"])
    assert "the work of the newest run" not in words(figures["sleep-makespan_ns"])


def test_a_series_of_one_commit_is_not_drawn() -> None:
    assert drawn(entries(1)) == {}
