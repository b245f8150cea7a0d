# SPDX-License-Identifier: Apache-2.0
"""A batch as its trace recorded it: which tasks ran on which thread of which process, and when.

Times in ns.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from makespan.units import count

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lane:
    """One thread's tasks in order of start. `process`, and `thread` in it, count from 1 in order of
    first start; tasks that overlap are in different `rows`."""

    process: int
    thread: int
    tasks: Integers
    starts: Integers
    ends: Integers
    rows: Integers

    @property
    def height(self) -> int:
        return int(self.rows.max()) + 1


def lanes_of(trace: pd.DataFrame) -> list[Lane]:
    """The lanes of one batch, those of a process together, in order of first start."""
    frame = trace.sort_values(["start_ns", "task"], kind="stable")
    tasks, starts, ends, processes, threads = (
        frame[name].to_numpy(dtype="int64", na_value=0)
        for name in ("task", "start_ns", "end_ns", "process", "thread")
    )
    members: dict[tuple[int, int], list[int]] = {}
    for index, owner in enumerate(zip(processes.tolist(), threads.tolist())):
        members.setdefault(owner, []).append(index)
    number = {
        process: place
        for place, process in enumerate(dict.fromkeys(process for process, _ in members), start=1)
    }
    lanes: list[Lane] = []
    for process, thread in sorted(members, key=lambda owner: (number[owner[0]], members[owner][0])):
        own = np.array(members[process, thread])
        earlier = lanes[-1].thread if lanes and lanes[-1].process == number[process] else 0
        rows = rows_without_overlap(starts[own].tolist(), ends[own].tolist())
        lanes.append(
            Lane(
                number[process],
                earlier + 1,
                tasks[own],
                starts[own],
                ends[own],
                np.array(rows, dtype=np.int64),
            )
        )
    return lanes


def rows_without_overlap(starts: Sequence[int], ends: Sequence[int]) -> list[int]:
    """For each interval, in order of start, the lowest row that is free at that time."""
    free: list[int] = []
    busy: list[tuple[int, int]] = []
    rows: list[int] = []
    for start, end in zip(starts, ends):
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        row = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (end, row))
        rows.append(row)
    return rows


def names_of(lanes: Sequence[Lane]) -> list[str]:
    """What a lane is called; what all lanes have in common goes without saying."""
    processes, threads = len({lane.process for lane in lanes}), max(
        (lane.thread for lane in lanes), default=0
    )
    if len(lanes) == 1:
        return ["one thread"]
    if processes == 1:
        return [f"thread {lane.thread}" for lane in lanes]
    if threads == 1:
        return [f"process {lane.process}" for lane in lanes]
    return [f"process {lane.process} · thread {lane.thread}" for lane in lanes]


def summary_of(lanes: Sequence[Lane]) -> str:
    """All lanes in a few words, where there is no room for a name each."""
    processes = len({lane.process for lane in lanes})
    return f"{count(processes, 'process')}\n{count(len(lanes), 'thread')}"
