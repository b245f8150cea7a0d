# SPDX-License-Identifier: Apache-2.0
"""The chart of what units cost, on made-up prices."""

from __future__ import annotations

import pytest
import synthetic
from charts_checks import assert_tidy, lines, panel, points, with_gid, words
from lifecycle_rows import PRICES, priced, rows, run_data
from makespan.charts import CHARTS
from makespan.charts.data import NothingToDraw, RunData
from makespan.theme import style

MEMORY = ("64MiB", "1GiB")
MIB = 2**20


@pytest.fixture(scope="module")
def data() -> RunData:
    return run_data(priced(tasks=(1, 10, 100), memory=MEMORY))


def test_every_unit_has_a_line_over_the_bursts(data: RunData) -> None:
    axes = panel(CHARTS["lifecycle"](data), "Alone and in bursts")
    found = lines(axes)
    assert len(found) == len(PRICES)
    assert points(found["thread"]) == [pytest.approx(p) for p in ((1, 20e3), (10, 24e3), (100, 24e3))]
    assert points(found["thread/bare (floor)"])[0] == pytest.approx((1, 16e3))
    assert points(found["tbb_pool"]) == [pytest.approx((1, 80e3))]
    assert found["thread/bare (floor)"].get_markerfacecolor() == "white"
    assert found["thread"].get_markerfacecolor() != "white"


def test_other_cpus_have_panels_of_their_own() -> None:
    pinned = [{**row, "variant": f"{row['variant']}+pin-0".strip("+")} for row in priced(memory=MEMORY)]
    figure = CHARTS["lifecycle"](run_data([*priced(), *pinned]))
    drawn = {axes.get_title(loc="left"): len(lines(axes)) for axes in figure.axes}
    assert drawn.pop("Alone and in bursts") == drawn.pop("Alone and in bursts, on CPU 0") == len(PRICES)
    assert set(drawn) == {"Memory in ordinary pages, on CPU 0", "Memory in huge pages, on CPU 0"}


def test_processes_are_drawn_against_the_memory_of_their_parent(data: RunData) -> None:
    figure = CHARTS["lifecycle"](data)
    for title, factor in (("Memory in ordinary pages", 1.0), ("Memory in huge pages", 0.1)):
        found = lines(panel(figure, title))
        assert set(found) == {
            "fork",
            "fork/bare (floor)",
            "spawn",
            "spawn/fork_exec",
            "spawn/bare (floor)",
            "process_pool",
            "process_pool/bare (floor)",
        }
        assert points(found["fork"]) == [
            pytest.approx((4 * MIB, 200e3)),  # the place of none
            pytest.approx((64 * MIB, 200e3 + 64 * 28e3 * factor)),
            pytest.approx((1024 * MIB, 200e3 + 1024 * 28e3 * factor)),
        ]
        assert {y for _, y in points(found["spawn"])} == {600e3}


def test_the_axis_of_memory_names_what_has_none(data: RunData) -> None:
    axes = panel(CHARTS["lifecycle"](data), "Memory in ordinary pages")
    axes.figure.draw_without_rendering()
    assert [label.get_text() for label in axes.get_xticklabels()] == ["none", "64 MiB", "1 GiB"]


def test_without_memory_there_is_one_panel(data: RunData) -> None:
    figure = CHARTS["lifecycle"](run_data(priced()))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Alone and in bursts"]
    only = run_data(rows("fork", "resident-64MiB", 1, [1e6] * 6))
    titles = [axes.get_title(loc="left") for axes in CHARTS["lifecycle"](only).axes]
    assert titles == ["Memory in ordinary pages"]


def test_failures_are_marked_and_told() -> None:
    lost = [
        synthetic.failed(row, "skipped", "kernel.pid_max = 4096") for row in rows("fork", "", 10, [1] * 6)
    ]
    figure = CHARTS["lifecycle"](run_data([*priced(), *lost]))
    assert len(with_gid(panel(figure, "Alone and in bursts"), "failure")) == 1
    assert "× fork skipped: burst of 10 units (kernel.pid_max = 4096)" in words(figure)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("memory", [(), MEMORY[:1], MEMORY])
def test_the_chart_is_tidy(memory: tuple[str, ...]) -> None:
    figure = CHARTS["lifecycle"](run_data(priced(memory=memory)))
    with style():
        assert_tidy(figure)


def test_a_run_without_units_has_no_such_chart() -> None:
    with pytest.raises(NothingToDraw, match="a case of lifecycle"):
        CHARTS["lifecycle"](run_data(synthetic.samples()))
