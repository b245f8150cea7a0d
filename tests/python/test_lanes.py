# SPDX-License-Identifier: Apache-2.0
"""From the rows of a trace to lanes of bars that do not overlap."""

from __future__ import annotations

import pandas as pd
import pytest
from makespan.lanes import lanes_of, names_of, rows_without_overlap, summary_of


def trace(*rows: tuple[int, int, int, int, int]) -> pd.DataFrame:
    """Rows of (task, start_ns, end_ns, process, thread) as the reader gives them."""
    columns = ["task", "start_ns", "end_ns", "process", "thread"]
    return pd.DataFrame(rows, columns=columns).astype("Int64")


@pytest.mark.parametrize(
    ("starts", "ends", "rows"),
    [
        ([0, 5, 10], [5, 10, 15], [0, 0, 0]),
        ([0, 0, 0], [5, 5, 5], [0, 1, 2]),
        ([0, 1, 5, 6], [5, 10, 7, 8], [0, 1, 0, 2]),
        ([], [], []),
    ],
)
def test_overlapping_tasks_get_rows_of_their_own(
    starts: list[int], ends: list[int], rows: list[int]
) -> None:
    assert rows_without_overlap(starts, ends) == rows


def test_rows_never_overlap_and_are_as_few_as_can_be() -> None:
    starts = [(task * 37) % 100 for task in range(60)]
    spans = sorted((start, start + 5 + start % 7) for start in starts)
    rows = rows_without_overlap([s for s, _ in spans], [e for _, e in spans])
    for row in set(rows):
        own = [span for span, place in zip(spans, rows) if place == row]
        assert all(before[1] <= after[0] for before, after in zip(own, own[1:]))
    deepest = max(sum(s <= t < e for s, e in spans) for t in range(120))
    assert max(rows) + 1 == deepest


def test_one_thread_with_all_tasks_at_once_is_one_lane_of_many_rows() -> None:
    lanes = lanes_of(trace(*((task, task, 1_000 + task, 7, 7) for task in range(10))))
    assert len(lanes) == 1
    assert lanes[0].height == 10
    assert names_of(lanes) == ["one thread"]


def test_lanes_are_numbered_by_first_start_and_grouped_by_process() -> None:
    lanes = lanes_of(
        trace((0, 10, 20, 900, 41), (1, 5, 9, 800, 52), (2, 6, 9, 900, 43), (3, 30, 40, 800, 51))
    )
    assert [(lane.process, lane.thread) for lane in lanes] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert [lane.tasks.tolist() for lane in lanes] == [[1], [3], [2], [0]]
    assert names_of(lanes)[2] == "process 2 · thread 1"


def test_what_all_lanes_share_goes_without_saying() -> None:
    threads = lanes_of(trace((0, 0, 5, 1, 1), (1, 0, 5, 1, 2)))
    assert names_of(threads) == ["thread 1", "thread 2"]
    processes = lanes_of(trace((0, 0, 5, 1, 1), (1, 0, 5, 2, 2)))
    assert names_of(processes) == ["process 1", "process 2"]
    assert summary_of(processes) == "2 processes\n2 threads"


def test_same_thread_id_in_two_processes_is_two_lanes() -> None:
    assert len(lanes_of(trace((0, 0, 5, 1, 9), (1, 0, 5, 2, 9)))) == 2
