# SPDX-License-Identifier: Apache-2.0
"""What is in the trace-event file, read by a strict reader of the format."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from charts_synthetic import MS
from makespan.tracing.batches import read_batches
from makespan.tracing.events import write_events
from trace_rules import Process
from tracing_rows import EXAMPLE, REFERENCE, lanes_of, line, shown, side_by_side, write


@pytest.fixture(scope="module")
def example() -> list[Process]:
    return shown(EXAMPLE / "trace.csv")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.csv"


def named(processes: list[Process], part: str) -> Process:
    [found] = [process for process in processes if part in process.name]
    return found


def test_every_record_of_the_example_is_there_once_and_exactly(example: list[Process]) -> None:
    own = ("task", "cpu", "process", "thread")
    with (EXAMPLE / "trace.csv").open(encoding="utf-8", newline="") as file:
        rows = Counter(
            tuple(int(row[name]) for name in ("sequence", "start_ns", "end_ns", *own))
            for row in csv.DictReader(file)
        )
    found = Counter(
        (process.pid, bar.start, bar.end, *(bar.args[name] for name in own))
        for process in example
        for bar in process.bars
    )
    assert len(example) == 19 and sum(found.values()) == 10_090
    assert found == rows


@pytest.mark.parametrize(
    ("batch", "lanes"),
    [
        *REFERENCE.items(),
        ("serial 1 × 1, 10 tasks", [10]),
        (" processes 10 × 1, 10 tasks", [1] * 10),
        ("tbb_pool 1 × 10, 10 tasks", [1] * 10),
        ("hybrid 2 × 1 loop, 10 tasks", [1] * 10),
        ("event_loop 1 × 1, 10 tasks", [1] * 10),
        ("processes/pipe 2 × 1, ping-pong", [1_000]),
    ],
)
def test_the_reference_scenario(example: list[Process], batch: str, lanes: list[int]) -> None:
    assert lanes_of(named(example, batch)) == side_by_side(lanes)


def test_names_and_order(example: list[Process]) -> None:
    assert [process.name for process in example][:3] == [
        "#96 serial 1 × 1, 10 tasks × sleep 50 ms",
        "#105 threads 1 × 10, 10 tasks × sleep 50 ms",
        "#71 processes 10 × 1, 10 tasks × sleep 50 ms",
    ]
    hybrid = named(example, "hybrid 2 × 5")
    assert list(hybrid.threads)[4:6] == ["process 1 · thread 5", "process 2 · thread 1"]
    loop = named(example, "event_loop 1 × 1, 10 tasks")
    assert list(loop.threads)[:2] == ["one thread · 1 of 10 at once", "one thread · 2 of 10 at once"]
    assert [bar.name for bar in loop.bars] == [f"task {n}" for n in range(10)]
    pipe = named(example, "threads/pipe 1 × 2, ping-pong, 1,000 round trips")
    assert {bar.name for bar in pipe.bars} == {"round trip"}  # too many to be numbered


def test_overshoot_is_told_of_plain_sleeps_only(example: list[Process], path: Path) -> None:
    for process in example:
        for bar in process.bars:
            late = bar.args.get("overshoot_ns")
            assert (late is not None) == ("sleep" in process.name)
            assert late is None or 0 <= late <= bar.end - bar.start - 50 * MS, "recorded"
    [plain] = shown(write(path, line(0, 0, 60_000_000, sleep_ns=50 * MS, overshoot_ns="")))
    assert [bar.args["overshoot_ns"] for bar in plain.bars] == [10_000_000], "not recorded: the rest of the bar"
    other = {"compute_ns": 1_000}, {"variant": "uniform"}, {"sleep_ns": "", "benchmark": "compute"}
    rows = [line(0, 0, 60_000, sequence=n, **changes) for n, changes in enumerate(other, start=1)]
    for process in shown(write(path, *rows)):
        assert all("overshoot_ns" not in bar.args for bar in process.bars)


def test_overshoots_that_were_recorded_are_told_of_all_tasks(path: Path) -> None:
    mixed = {"compute_ns": 1_000, "benchmark": "mixed", "variant": "uniform"}
    rows = [line(n, 0, 60_000, overshoot_ns=n * 7, **mixed) for n in range(3)]
    [process] = shown(write(path, *rows))
    assert sorted(bar.args["overshoot_ns"] for bar in process.bars) == [0, 7, 14]


def test_the_counter_is_the_number_of_tasks_in_flight(path: Path) -> None:
    spans = [(1_000, 5_500), (2_000, 3_000), (3_000, 9_000), (4_000, 4_000)]
    [process] = shown(write(path, *(line(task, *span) for task, span in enumerate(spans))))
    steps = [(0, 0), (1_000, 1), (2_000, 2), (5_500, 1), (9_000, 0)]
    assert process.counters == {"in flight": steps}


def test_overlapping_tasks_of_a_thread_get_as_few_lanes_as_can_be(path: Path) -> None:
    spans = [(task * 37 % 100, task * 37 % 100 + 5 + task % 7) for task in range(60)]
    [process] = shown(write(path, *(line(task, *span) for task, span in enumerate(spans))))
    deepest = max(sum(start <= time < end for start, end in spans) for time in range(120))
    assert len(process.threads) == deepest > 2
    assert len(process.bars) == 60


def test_the_order_of_the_rows_does_not_matter(path: Path) -> None:
    rows = [line(n, 10 * (n % 5), 100 + n, sequence=1 + n % 2, thread=n % 3) for n in range(40)]
    assert shown(write(path, *rows)) == shown(write(path, *sorted(rows, key=lambda row: row[::-1])))


def test_lanes_beyond_the_limit_are_left_out_and_counted(path: Path) -> None:
    rows = [line(task, task, 1_000 + task, thread=task % 2) for task in range(100)]
    batches = read_batches(write(path, *rows))
    [written] = write_events(io.BytesIO(), batches, 60)
    assert (written.tasks, written.lanes, written.all_lanes) == (60, 60, 100)
    [process] = shown(path, 60)
    assert [name.split(" · ")[0] for name in process.threads].count("thread 1") == 50
    assert max(value for _, value in process.counters["in flight"]) == 100


def test_launches_that_share_a_number_are_batches_of_their_own(path: Path) -> None:
    rows = [line(task, task, 100 + task, tasks=10) for task in range(10)]
    processes = shown(write(path, *rows, *rows))
    assert [(process.pid, len(process.bars)) for process in processes] == [(1, 10), (2, 10)]


def test_runs_of_one_file_are_told_apart(path: Path) -> None:
    arms = [line(0, 0, 9, run_id=run, sequence=n) for n, run in enumerate(("r", "r+baseline"), 4)]
    titles = [process.name for process in shown(write(path, *arms))]
    assert titles[0].endswith("tasks × sleep 50 µs") and titles[1].endswith("µs, baseline")
    runs = shown(write(path, *(line(0, 0, 9, run_id=run) for run in ("a", "b"))))
    assert [(process.pid, process.name[-3:]) for process in runs] == [(1, ", a"), (2, ", b")]


def test_odd_names_and_empty_fields(path: Path) -> None:
    odd = '"say ""x""\\\t\N{GREEK SMALL LETTER MU}"'
    columns = ("process", "thread", "cpu", "sequence", "threads", "processes", "sleep_ns")
    row = line(0, 0, 9, benchmark=odd, model=odd, **dict.fromkeys(columns, ""))
    [process] = shown(write(path, row))
    assert 'say "x"\\\tμ' in process.name and process.pid == 1
    assert process.bars[0].args == {"task": 0}


@pytest.mark.parametrize(("end", "unit"), [(100_007, b'"ms"'), (100_006, b'"ns"')])
def test_the_unit_is_ns_if_a_task_is_short(path: Path, end: int, unit: bytes) -> None:
    file = io.BytesIO()
    write_events(file, read_batches(write(path, line(0, 7, end))))
    assert b'"displayTimeUnit":' + unit in file.getvalue()
