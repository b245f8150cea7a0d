# SPDX-License-Identifier: Apache-2.0
"""What units cost: medians, and the ratio to the floor round by round, on rows with a known answer."""

from __future__ import annotations

import io
from collections.abc import Callable

import lifecycle_rows
import pandas as pd
import pytest
import synthetic
from lifecycle_rows import priced, rows
from makespan.batch import batch_of
from makespan.casekey import case_keys, title_of
from makespan.case_name import case_name
from makespan.columns import LIFECYCLE_FLOORS, Variant, split_variant
from makespan.lifecycle.costs import costs
from makespan.lifecycle.table import missing, section
from makespan.report import Report, markdown, print_report
from makespan.roles import FLOORS, is_floor
from makespan.statistics import Interval
from makespan.summary import summarise
from makespan.winners import judge
from rich.console import Console

Frame = Callable[..., pd.DataFrame]
SIX = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]


def table(frame: Frame, *parts: list[synthetic.Row]) -> dict[tuple[str, str, str], dict[str, str]]:
    """(unit, burst, memory) -> column -> cell."""
    (found,) = section(frame([row for part in parts for row in part]))
    assert found.title == "What a unit costs to create and to end"
    return {(r[0], r[1], r[2]): dict(zip(found.table.header, r)) for r in found.table.rows}


def test_tags_are_no_part_of_the_own_variant() -> None:
    assert split_variant("resident-64MiB") == Variant(resident_bytes=64 * 2**20)
    assert split_variant("bare+resident-1GiB+huge") == Variant(
        "bare", resident_bytes=2**30, huge=True
    )
    assert split_variant("fork_exec").own == "fork_exec"
    assert split_variant("resident-many").own == "resident-many", "no size"


def test_every_unit_has_a_floor_that_is_known_as_one() -> None:
    for unit, floor in LIFECYCLE_FLOORS.items():
        assert (floor, "bare") in FLOORS and not is_floor(unit, "")
    assert not is_floor("async", "bare"), "there is none: its floor is that of the thread"


def test_the_ratio_is_taken_round_by_round(frame: Frame) -> None:
    slow = [10.0, 10.0, 10.0, 10.0, 10.0, 60.0]
    (cost, floor) = costs(frame(rows("thread", "", 1, SIX) + rows("thread", "bare", 1, slow)))
    assert cost.each == Interval(10, 35, 60, 6) and cost.floor == Interval(10, 10, 60, 6)
    assert cost.ratio == Interval(1, 2.5, 5, 6), "of 1, 2, 3, 4, 5, 1"
    assert floor.is_floor and floor.ratio is None and floor.floor is None


def test_the_table_has_units_beside_their_floors(frame: Frame) -> None:
    found = table(
        frame,
        rows("thread", "bare", 100, SIX),
        rows("thread", "", 100, [2 * ns for ns in SIX]),
        rows("async", "", 100, [3 * ns for ns in SIX]),
    )
    assert list(found) == [("thread", "100", "–"), ("async", "100", "–")]
    assert found["thread", "100", "–"] == {
        "unit": "thread",
        "burst": "100",
        "memory": "–",
        "n": "6",
        "per unit": "70.00 ns (20.00 … 120.00)",
        "floor": "35.00 ns (10.00 … 60.00)",
        "times floor": "2.000 (2.000 … 2.000)",
    }
    assert found["async", "100", "–"]["times floor"] == "3.000 (3.000 … 3.000)"


def test_a_floor_is_that_of_the_same_burst_and_memory(frame: Frame) -> None:
    found = table(
        frame,
        rows("fork", "", 1, SIX),
        rows("fork", "bare", 1, SIX),
        rows("fork", "resident-64MiB", 1, SIX),
        rows("fork", "bare+resident-64MiB", 1, [ns / 4 for ns in SIX]),
        rows("fork", "resident-64MiB+huge", 1, SIX),
        rows("fork", "", 10, SIX),
    )
    times = {key[1:]: cells["times floor"] for key, cells in found.items()}
    assert times == {
        ("1", "–"): "1.000 (1.000 … 1.000)",
        ("1", "64 MiB"): "4.000 (4.000 … 4.000)",
        ("1", "64 MiB in huge pages"): "–",
        ("10", "–"): "–",
    }


def test_other_cpus_and_timer_slacks_are_told_apart_and_have_their_own_floors(frame: Frame) -> None:
    found = table(
        frame,
        rows("fork", "pin-0", 1, SIX),
        rows("fork", "bare+pin-0", 1, [ns / 4 for ns in SIX]),
        rows("fork", "pin-0-1", 1, SIX),
        rows("fork", "slack-1us", 1, SIX),
        rows("fork", "bare", 1, SIX),
    )
    assert {unit: cells["times floor"] for (unit, *_), cells in found.items()} == {
        "fork, on CPU 0": "4.000 (4.000 … 4.000)",
        "fork, on CPUs 0-1": "–",
        "fork, timer slack 1 µs": "–",
        "fork/bare (floor)": "–",
    }


def test_a_round_that_only_one_of_the_two_has_does_not_count(frame: Frame) -> None:
    lost = rows("thread", "bare", 1, SIX)
    lost[0] = synthetic.failed(lost[0], "error", "it died")
    cost = costs(frame(rows("thread", "", 1, SIX) + lost))[0]
    assert cost.ratio == Interval(None, 1, None, 5)
    assert cost.each is not None and cost.each.n == 6


def test_a_launch_of_several_batches_fails_once(frame: Frame) -> None:
    several = [row for row in rows("thread", "", 1, SIX) for _ in range(3)]
    several[4:6] = [synthetic.failed(row, "error", "it died") for row in several[4:6]]
    (cost,) = costs(frame(several))
    assert cost.failure == "error in 1 of 6 launches (it died)"
    assert cost.each is not None and cost.each.n == 5


def test_without_any_time_the_row_says_why(frame: Frame) -> None:
    skipped = [
        synthetic.failed(row, "skipped", "kernel.pid_max = 4096") for row in rows("fork", "", 100, SIX)
    ]
    samples = frame(skipped + rows("fork", "bare", 100, SIX))
    found = table(frame, skipped, rows("fork", "bare", 100, SIX))
    assert found["fork", "100", "–"]["per unit"] == "skipped"
    assert found["fork", "100", "–"]["n"] == "0" and found["fork", "100", "–"]["times floor"] == "–"
    assert missing(samples) == ["fork, burst of 100 units: skipped (kernel.pid_max = 4096)"]


def test_a_floor_has_a_row_of_its_own_where_no_unit_stands_beside_it(frame: Frame) -> None:
    found = table(frame, rows("thread", "bare", 1, SIX), rows("fork", "", 1, SIX))
    assert list(found) == [("thread/bare (floor)", "1", "–"), ("fork", "1", "–")]
    beside_async = table(frame, rows("thread", "bare", 1, SIX), rows("async", "", 1, SIX))
    assert list(beside_async) == [("async", "1", "–")]


def test_units_are_no_contenders(frame: Frame) -> None:
    assert judge(summarise(frame(priced()))) == []
    both = judge(summarise(frame(synthetic.samples() + priced())))
    assert [verdict.batch.benchmark for verdict in both] == ["sleep"]


def test_a_run_without_units_has_no_such_table(frame: Frame) -> None:
    assert section(frame()) == [] and missing(frame()) == []


@pytest.mark.parametrize("alone", [True, False])
def test_the_report_tells_units_in_a_section_of_their_own(frame: Frame, alone: bool) -> None:
    samples = frame(([] if alone else synthetic.samples()) + priced(memory=["64MiB", "1GiB"]))
    report = Report(samples, summarise(samples, 2), synthetic.ENVIRONMENT)
    text = io.StringIO()
    print_report(report, Console(file=text, width=140))
    for told in (text.getvalue(), markdown(report)):
        assert "What a unit costs to create and to end" in told
        assert "64 MiB in huge pages" in told and "spawn/fork_exec" in told
        assert ("winner" in told.split("How to read")[0]) == (not alone)
        assert "nan" not in told
    assert markdown(report).startswith("# What came out" if alone else "# Which model finishes first")
    names = [row[0] for row in report.sections[0].table.rows]
    order = [name.split("/")[0] for name in dict.fromkeys(names)]
    assert list(dict.fromkeys(order)) == list(LIFECYCLE_FLOORS)
    assert report.warnings == []


def test_cases_have_names_and_titles_that_tell_them_apart(frame: Frame) -> None:
    samples = frame(priced(memory=["64MiB", "1GiB"], rounds=1))
    keys = case_keys(samples)
    assert len({case_name(key) for key in keys}) == len({title_of(key) for key in keys}) == len(keys)
    (key,) = {key for key in keys if "bare+resident-64MiB+huge" in key and "fork" in key}
    assert case_name(key) == "lifecycle/fork/bare+resident-64MiB+huge/tasks:1/processes:1/threads:1"
    assert title_of(key) == "fork 1 × 1 bare, one unit alone, 64 MiB in huge pages"


def test_batches_sort_by_memory_then_size(frame: Frame) -> None:
    frames = frame(
        rows("fork", "resident-64MiB+huge", 1, [1]) + rows("fork", "", 100, [1]) + rows("fork", "", 1, [1])
    )
    found = sorted(map(batch_of, frames.to_dict("records")), key=lambda batch: batch.sort_key)
    assert [str(batch) for batch in found] == [
        "one unit alone",
        "burst of 100 units",
        "one unit alone, 64 MiB in huge pages",
    ]


def test_the_made_up_rows_are_what_they_say() -> None:
    assert set(lifecycle_rows.PRICES) >= {(unit, "") for unit in LIFECYCLE_FLOORS}
