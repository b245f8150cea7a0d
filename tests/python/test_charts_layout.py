# SPDX-License-Identifier: Apache-2.0
"""Nothing cut off and nothing on anything else, with usual and with ugly data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import footprint_rows
import granularity_synthetic
import late_synthetic
import lifecycle_rows
import map_rows
import pytest
import talk_rows
import talk_synthetic
from charts_checks import assert_tidy, with_gid
from charts_synthetic import LOADS, MS, Job, class8, grid, run_data
from makespan.charts import CHARTS
from makespan.charts.data import NothingToDraw, RunData
from makespan.charts.labels import common
from makespan.theme import style

LONG = "a_model_with_a_name_that_nobody_would_choose_but_somebody_does"


def usual() -> RunData:
    return run_data([*grid(), *class8(100, 10)], trace=class8(100, 10))


def failures() -> RunData:
    reason = "needs 1,000 threads and the cgroup's pids.max allows 512; " * 4
    cases = [
        replace(job, status=status, error=reason) if job.model == model else job
        for job in grid(tasks=[10, 1000])
        for model, status in [{"threads": ("threads", "skipped")}.get(job.model, ("serial", "ok"))]
    ]
    return run_data([replace(job, error="") if job.status == "ok" else job for job in cases])


def forty() -> RunData:
    models = [f"model_{n}" if n % 2 else f"{LONG}_{n}" for n in range(40)]
    loads: Iterable[tuple[str, int, int]] = [("sleep", MS, 0), ("compute", 0, MS)]
    jobs = [
        Job(name, model, 10, (1, workers), sleep, compute)
        for model in ["serial", *models]
        for workers in ((1,) if model == "serial" else (2, 5))
        for name, sleep, compute in loads
    ]
    return run_data(jobs, trace=[job for job in jobs if job.sleep_ns])


def one_row() -> RunData:
    job = Job("sleep", "threads", 1, (1, 1), MS)
    return run_data([job], rounds=1, trace=[job])


def odd_names() -> RunData:
    names = {"threads": "$x_y$ \\frac", "tbb_pool": LONG, "hybrid": "ünïcode<&>"}
    return run_data(replace(job, model=names.get(job.model, job.model)) for job in grid([10]))


@pytest.fixture(scope="module", params=[usual, failures, forty, one_row, odd_names])
def data(request: pytest.FixtureRequest) -> RunData:
    make: Callable[[], RunData] = request.param
    return make()


TASKS = ("makespan", "efficiency", "concurrency", "scaling", "timeline")


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.filterwarnings("error")
def test_charts_are_tidy(data: RunData, name: str) -> None:
    try:
        figure = CHARTS[name](data)
    except NothingToDraw:
        pytest.skip("no data for it")
    with style():
        assert_tidy(figure)


@pytest.mark.parametrize("loads", [LOADS, LOADS[1:4]])
def test_names_beside_points_do_not_overlap(loads: tuple[tuple[str, int, int], ...]) -> None:
    for tasks in ((1, 100), (1, 10, 100, 1000)):
        figure = CHARTS["concurrency"](run_data(grid(tasks, loads=loads)))
        for axes in figure.axes:
            boxes = [text.get_window_extent() for text in axes.texts]
            assert len(with_gid(axes, "name")) == 8
            for place, box in enumerate(boxes):
                assert all(common(box, other) < 4 for other in boxes[place + 1 :])


def test_the_machine_stands_below_every_chart() -> None:
    usually = run_data([*grid([10]), *class8(100, 10)], rounds=1, trace=class8(100, 10))
    talk = talk_synthetic.run_data(talk_rows.quick())
    sweep = granularity_synthetic.run_data(granularity_synthetic.whole_run(rounds=1))
    half = [spot for spot in map_rows.GRID if spot[2] == 0.5]
    of = dict.fromkeys(("messages", "round_trips", "hops", "pipeline"), talk)
    of |= {"granularity": sweep, "map": granularity_synthetic.run_data(map_rows.rows(half, rounds=1))}
    of["lifecycle"] = lifecycle_rows.run_data(lifecycle_rows.priced(rounds=1))
    of["footprint"] = granularity_synthetic.run_data(footprint_rows.footprint(footprint_rows.LOOP, 1, 1))
    of["latency"] = late_synthetic.run_data([late_synthetic.Load("threads")])
    for name, make in CHARTS.items():
        data = of.get(name, usually)
        footer = make(data).texts[-1].get_text()
        assert "Example CPU @ 2.00GHz · 2 CPUs usable" in footer
        assert f"run {data.machine.run_id}" in footer
