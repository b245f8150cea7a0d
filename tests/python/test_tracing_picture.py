# SPDX-License-Identifier: Apache-2.0
"""The timeline of a trace, asked through its artists."""

from __future__ import annotations

from pathlib import Path

from charts_checks import assert_tidy, panel, with_gid, words
from charts_synthetic import MS, Job, class8, write_run
from makespan.errors import Exit
from makespan.tracing.batches import read_batches
from makespan.tracing.command import main
from makespan.tracing.picture import MOST_PANELS, picture
from tracing_rows import line, write


def test_batches_of_the_same_work_have_one_time_axis(tmp_path: Path) -> None:
    jobs = class8()[:5]
    run = write_run(tmp_path / "run", jobs, rounds=1, trace=jobs)
    figure = picture(read_batches(run), run)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "#1 serial 1×1",
        "#2 threads 1×10",
        "#3 processes 10×1",
        "#4 process_pool 2×1",
        "#5 tbb_pool 1×2",
    ]
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    pool = panel(figure, "#4")
    assert len(with_gid(pool, "tasks")[0].get_paths()) == 10
    assert pool.get_title(loc="right").startswith("makespan 25.")
    assert pool.get_title(loc="right").endswith("bound 25 s")
    said = words(figure)
    assert "10 tasks × sleep 5 s" in said and "model bound" in said and "Example CPU" in said
    assert_tidy(figure)


def test_batches_of_different_work_have_axes_of_their_own(tmp_path: Path) -> None:
    jobs = [
        *class8()[:2],
        Job("sleep", "serial", 400, (1, 1), 1_000),
        Job("compute", "threads", 4, (1, 4), 0, MS),
    ]
    trace = write_run(tmp_path / "run", jobs, rounds=1, trace=jobs) / "trace.csv"
    figure = picture(read_batches(trace), trace)
    limits: dict[str, set[object]] = {}
    for axes in figure.axes:
        limits.setdefault(axes.get_title(loc="left").split("\n")[1], set()).add(axes.get_xlim())
    assert [len(found) for found in limits.values()] == [1, 1, 1]
    assert set(limits) == {
        "400 tasks × sleep 1 µs",
        "10 tasks × sleep 5 s",
        "4 tasks × compute 1 ms",
    }
    shades = {
        axes.get_title(loc="left").split(" ")[-1]: len(with_gid(axes, "tasks")[0].get_facecolor())
        for axes in figure.axes
    }
    assert shades == {"s": 1, "µs": 2, "ms": 1}  # 400 bars are too short for edges
    said = words(figure)
    assert "4 batches" in said and "end of the last task" in said and "model bound" not in said
    assert "trace.csv · run" in said
    assert_tidy(figure)


def test_batches_beyond_the_room_are_listed(tmp_path: Path) -> None:
    every = range(1, MOST_PANELS + 2)
    path = write(tmp_path / "t.csv", *(line(0, 0, 60_000, sequence=number) for number in every))
    figure = picture(read_batches(path), path)
    assert len(figure.axes) == MOST_PANELS
    assert f"Not drawn, for lack of room: #{MOST_PANELS + 1} event_loop 1×1." in words(figure)


def test_the_ending_of_the_name_says_which_kind_of_picture(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", *(line(task, 0, 60_000) for task in range(9)))
    for name, begin in (("t.svg", b"<?xml"), ("t.png", b"\x89PNG")):
        for _ in range(2):
            assert main([str(path), "--picture", str(tmp_path / name)]) == Exit.OK
        assert (tmp_path / name).read_bytes().startswith(begin)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["t.csv", "t.png", "t.svg"]
