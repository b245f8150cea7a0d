# SPDX-License-Identifier: Apache-2.0
"""A trace as an object of the Trace Event Format, which Perfetto and chrome://tracing open.

Source: "Trace Event Format", the document that catapult's docs/trace-event-format.md points to
(docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU). Its times are microseconds;
ours have three decimals, so that no nanosecond is lost.

A batch is a process, and a lane is a thread of it with complete events (X). Those of one thread must
nest or be disjoint: so says the format, and what only overlaps Perfetto drops or, in newer versions, moves
to a track of its own (perfetto.dev/docs/faq, "Why are overlapping events in JSON traces not displayed
correctly?"; perfetto.dev/docs/getting-started/other-formats). So tasks that overlap on one thread, as those
of an event loop do, go to several lanes, as few as there can be: a task takes the lowest one that is free.
Async events (b, e), which the format has for that, were not taken: in JSON their tracks can be neither
named (github.com/google/perfetto/issues/4280) nor put in an order, where and how deep they stack is up to
the viewer, and they take two events a task. Lanes look the same in both viewers and in the charts.

All batches begin at 0, their first submit. Below each other they compare like the panels of a chart,
and the view of all of the time, with which both viewers open, shows all of them large. One after the
other, as they were measured, most of the picture would be the gaps. The price: the viewer shows side
by side what never ran so.

Thread ids are numbers of our own that rise from lane to lane. The system's are given to one batch after
the other, and a viewer that does not know thread_sort_index (Perfetto before v53) sorts by them. None is
the id of a process, as that would be a main thread; for the same reason counters, which are of a process,
name a thread too. The system's ids are in the args of each task.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from makespan.lanes import Integers, Lane, names_of

from .batches import UNKNOWN, TracedBatch

MOST_LANES = 1_000  # of a batch: viewers get slow with more, and nobody looks at them
MOST_NUMBERED = 200  # tasks: of more, all have one name, and viewers sum up by name
FINE_NS = 100_000  # a task as short as that asks for ns in the viewer, whose ms have three decimals
BLOCK = 2_000  # events that are written at once


@dataclass(frozen=True)
class Written:
    """What of a batch is in the file; `tasks` of `lanes` lanes."""

    batch: TracedBatch
    tasks: int
    lanes: int
    all_lanes: int


def write_events(file: BinaryIO, batches: Iterable[TracedBatch], most: int = MOST_LANES) -> list[Written]:
    """Writes the JSON object, UTF-8, a line an event; of each batch at most so many lanes. The counter
    "in flight" has all tasks. Batches are held in memory, their events are not."""
    every = list(batches)
    written: list[Written] = []
    thread = max((batch.number for batch in every), default=0) + 1
    shortest = FINE_NS
    file.write(b'{"traceEvents":[\n')
    for place, batch in enumerate(every):
        lanes = batch.lanes()
        shown = list(_lines_of(lanes, most))
        written.append(
            Written(batch, sum(len(line.own) for line in shown), len(shown), sum(l.height for l in lanes))
        )
        events = _events(batch, place, shown, thread)
        _write(file, events, first=place == 0)
        thread += len(shown)
        shortest = min(shortest, *((lane.ends - lane.starts).min() for lane in lanes))
    end = {
        "displayTimeUnit": "ns" if shortest < FINE_NS else "ms",
        "otherData": {
            "program": "makespan",
            "run": ", ".join(dict.fromkeys(batch.run_id for batch in every)),
            "time 0": "the first submit of each batch; the batches ran one after the other",
        },
    }
    file.write(f"\n],{_json(end)[1:]}\n".encode())
    return written


@dataclass(frozen=True)
class _Line:
    """A thread of the viewer: the tasks of one row of a lane, as places in the lane."""

    name: str
    lane: Lane
    own: Integers


def _lines_of(lanes: list[Lane], most: int) -> Iterator[_Line]:
    for lane, name in zip(lanes, names_of(lanes)):
        order = np.argsort(lane.rows, kind="stable")
        rows = min(lane.height, most)
        ends = np.searchsorted(lane.rows[order], np.arange(rows + 1))
        for row in range(rows):
            if most == 0:
                return
            most -= 1
            deep = f" · {row + 1} of {lane.height} at once" if lane.height > 1 else ""
            yield _Line(name + deep, lane, order[ends[row] : ends[row + 1]])


def _events(batch: TracedBatch, place: int, lines: list[_Line], thread: int) -> Iterator[str]:
    own = {"ph": "M", "pid": batch.number, "tid": thread}
    yield _json({**own, "name": "process_name", "args": {"name": f"#{batch.number} {batch.title}"}})
    yield _json({**own, "name": "process_sort_index", "args": {"sort_index": place}})
    for index, line in enumerate(lines):
        own["tid"] = thread + index
        yield _json({**own, "name": "thread_name", "args": {"name": line.name}})
        yield _json({**own, "name": "thread_sort_index", "args": {"sort_index": index}})
    for index, line in enumerate(lines):
        yield from _complete(batch, line, thread + index)
    yield from _in_flight(batch, thread)


def _complete(batch: TracedBatch, line: _Line, thread: int) -> Iterator[str]:
    """The tasks of one thread, in order of start."""
    tasks, starts, ends = (
        values[line.own] for values in (line.lane.tasks, line.lane.starts, line.lane.ends)
    )
    records = batch.records
    places = np.searchsorted(records["task"].to_numpy(), tasks)
    cpus = records["cpu"].to_numpy()[places]
    system = {name: int(records[name].iloc[places[0]]) for name in ("process", "thread")}
    ids = "".join(f',"{name}":{one}' for name, one in system.items() if one != UNKNOWN)
    category = _json(batch.batch.benchmark)
    head = f'{{"ph":"X","pid":{batch.number},"tid":{thread},"cat":{category},"name":"{batch.piece}'
    numbered = len(records) <= MOST_NUMBERED
    overshoots = records["overshoot_ns"].to_numpy()[places]
    if batch.asleep_ns is not None:
        overshoots = np.where(overshoots == UNKNOWN, ends - starts - batch.asleep_ns, overshoots)
    values = (tasks, starts, ends, cpus, overshoots)
    for task, start, end, cpu, overshoot in zip(*(some.tolist() for some in values)):
        number = f" {task}" if numbered else ""
        on = f',"cpu":{cpu}' if cpu != UNKNOWN else ""
        late = f',"overshoot_ns":{overshoot}' if overshoot != UNKNOWN else ""
        yield (
            f'{head}{number}","ts":{_us(start)},"dur":{_us(end - start)},'
            f'"args":{{"task":{task}{on}{late}{ids}}}}}'
        )


def _in_flight(batch: TracedBatch, thread: int) -> Iterator[str]:
    """The counter: its value from each moment on at which it changes, and at 0, where time begins."""
    starts, ends = (batch.records[name].to_numpy() for name in ("start_ns", "end_ns"))
    times, place = np.unique(np.concatenate([[0], starts, ends]), return_inverse=True)
    change = np.repeat([0, 1, -1], [1, len(starts), len(ends)])
    values = np.cumsum(np.bincount(place, weights=change).astype(np.int64))
    kept = np.concatenate([[True], np.diff(values) != 0])
    series = f"{batch.piece}s"
    head = f'{{"ph":"C","pid":{batch.number},"tid":{thread},"name":"in flight","ts":'
    for time, value in zip(times[kept].tolist(), values[kept].tolist()):
        yield f'{head}{_us(time)},"args":{{"{series}":{value}}}}}'


def _us(ns: int) -> str:
    """Microseconds, exactly."""
    return f"{ns // 1_000}.{ns % 1_000:03}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _write(file: BinaryIO, events: Iterator[str], first: bool) -> None:
    lead = "" if first else ",\n"
    block: list[str] = []
    for event in events:
        block.append(event)
        if len(block) == BLOCK:
            file.write((lead + ",\n".join(block)).encode())
            lead, block = ",\n", []
    if block:
        file.write((lead + ",\n".join(block)).encode())
