# SPDX-License-Identifier: Apache-2.0
"""A strict reader of the JSON object form of the Trace Event Format: whatever the format does not allow, or
leaves to the viewer, is refused. Rules from "Trace Event Format" and from Perfetto's importer, which drops
complete events that overlap without nesting and takes a thread with the id of its process for the main one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Event = dict[str, Any]

#: phase -> fields that it needs besides ph and pid
NEEDED = {
    "X": {"name", "cat", "ts", "dur", "tid", "args"},
    "B": {"name", "cat", "ts", "tid"},
    "E": {"ts", "tid"},
    "b": {"name", "cat", "ts", "tid", "id"},
    "e": {"name", "cat", "ts", "tid", "id"},
    "C": {"name", "ts", "args"},
    "M": {"name", "args"},
}
ALLOWED = {"ph", "pid", "tid", "ts", "dur", "name", "cat", "args", "id"}
#: metadata -> name and kind of its argument
METADATA: dict[str, tuple[str, type]] = {
    "process_name": ("name", str),
    "process_sort_index": ("sort_index", int),
    "thread_name": ("name", str),
    "thread_sort_index": ("sort_index", int),
}


class Refused(Exception):
    """What is wrong with the file."""


@dataclass(frozen=True)
class Bar:
    """A complete event; times in ns."""

    name: str
    start: int
    end: int
    args: Event


@dataclass
class Process:
    """What a viewer shows of one pid: threads by name, in the order of their sort index."""

    name: str
    pid: int
    place: int
    threads: dict[str, list[Bar]] = field(default_factory=dict)
    #: counter -> (time in ns, value of the only series)
    counters: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    @property
    def bars(self) -> list[Bar]:
        return [bar for bars in self.threads.values() for bar in bars]


def check(condition: bool, what: str) -> None:
    if not condition:
        raise Refused(what)


def load(text: str | bytes) -> Event:
    """Strict JSON: UTF-8, no NaN, no name twice in an object. Fractions become Decimal."""

    def constant(name: str) -> None:
        raise Refused(f"{name} is not JSON")

    def pairs(found: list[tuple[str, Any]]) -> Event:
        check(len(dict(found)) == len(found), "a name twice in one object")
        return dict(found)

    if isinstance(text, bytes):
        text = text.decode("utf-8")
    try:
        value = json.loads(
            text, parse_float=Decimal, parse_constant=constant, object_pairs_hook=pairs
        )
    except ValueError as error:
        raise Refused(f"not JSON: {error}") from None
    check(isinstance(value, dict) and isinstance(value.get("traceEvents"), list), "no traceEvents")
    check(value.get("displayTimeUnit") in ("ms", "ns"), "displayTimeUnit")
    check(isinstance(value.get("otherData", {}), dict), "otherData")
    return value


def validated(text: str | bytes) -> list[Process]:
    """The processes in the order in which a viewer shows them; Refused if any rule is broken."""
    events: list[Event] = load(text)["traceEvents"]
    for event in events:
        check_fields(event)
    check_balance(events)
    found: dict[int, Process] = {}
    for pid, own in grouped(events, "pid").items():
        metadata = [event for event in own if event["ph"] == "M"]
        process = {e["name"]: e["args"] for e in metadata if e["name"].startswith("process")}
        check(len(process) == 2, f"process {pid} has no name or place")
        check(sum(e["name"].startswith("process") for e in metadata) == 2, f"process {pid} twice")
        found[pid] = Process(
            process["process_name"]["name"], pid, process["process_sort_index"]["sort_index"]
        )
        found[pid].threads = threads_of(own, metadata)
        for name, counted in grouped((e for e in own if e["ph"] == "C"), "name").items():
            series = {key for event in counted for key in event["args"]}
            check(len(series) == 1, f"counter {name} has several series")
            values = [(ns(event["ts"]), event["args"][min(series)]) for event in counted]
            times = [time for time, _ in values]
            check(times == sorted(set(times)), f"counter {name} goes back in time")
            found[pid].counters[name] = values
    places = [process.place for process in found.values()]
    check(len(set(places)) == len(places), "two processes in one place")
    tids = Counter(tid for own in grouped(events, "pid").values() for tid in grouped(own, "tid"))
    check(max(tids.values(), default=1) == 1, "a thread of two processes")
    check(not set(tids) & set(found), "a thread with the id of a process")
    return sorted(found.values(), key=lambda process: process.place)


def check_fields(event: Event) -> None:
    phase = event.get("ph")
    check(phase in NEEDED, f"phase {phase!r}")
    lacking = (NEEDED[phase] | {"pid"}) - set(event)
    check(not lacking, f"{phase} without {sorted(lacking)}")
    check(set(event) <= ALLOWED, f"unknown fields {sorted(set(event) - ALLOWED)}")
    for name in {"pid", "tid"} & set(event):
        check(type(event[name]) is int and 0 < event[name] < 2**31, f"{name} {event[name]!r}")
    for name in {"ts", "dur"} & set(event):
        check(type(event[name]) in (int, Decimal) and event[name] >= 0, f"{name} {event[name]!r}")
        ns(event[name])
    for name in {"name", "cat"} & set(event):
        check(type(event[name]) is str and event[name] != "", f"{name} {event[name]!r}")
    check(type(event.get("args", {})) is dict, "args")
    if phase == "C":
        values = event["args"].values()
        check(bool(values) and all(type(v) in (int, Decimal) for v in values), "values of a counter")
    if phase == "M":
        check(event["name"] in METADATA, f"metadata {event['name']!r}")
        key, kind = METADATA[event["name"]]
        check(set(event["args"]) == {key} and type(event["args"][key]) is kind, "args of metadata")
        check(event["args"][key] != "" and "tid" in event, "a name or a thread")


def threads_of(events: list[Event], metadata: list[Event]) -> dict[str, list[Bar]]:
    """Thread name -> its bars; every thread has one name and a place of its own, and bars nest."""
    named = {tid: own for tid, own in grouped(metadata, "tid").items()}
    placed: list[tuple[int, str, list[Bar]]] = []
    for tid, own in grouped((e for e in events if e["ph"] == "X"), "tid").items():
        about = [e for e in named.get(tid, []) if e["name"].startswith("thread")]
        check(len(about) == 2, f"thread {tid} has no name or place, or two")
        names = {event["name"]: event["args"] for event in about}
        bars = [
            Bar(e["name"], ns(e["ts"]), ns(e["ts"]) + ns(e["dur"]), e["args"]) for e in own
        ]
        check_nesting(bars, tid)
        place = names["thread_sort_index"]["sort_index"]
        placed.append((place, names["thread_name"]["name"], bars))
    check(len({place for place, _, _ in placed}) == len(placed), "two threads in one place")
    check(len({name for _, name, _ in placed}) == len(placed), "two threads of one name")
    return {name: bars for _, name, bars in sorted(placed)}


def check_nesting(bars: list[Bar], tid: int) -> None:
    starts = [bar.start for bar in bars]
    check(starts == sorted(starts), f"thread {tid} goes back in time")
    open_ends: list[int] = []
    for bar in bars:
        while open_ends and open_ends[-1] <= bar.start:
            open_ends.pop()
        inside = not open_ends or bar.end <= open_ends[-1]
        check(inside, f"thread {tid}: {bar.name} overlaps another and is not in it")
        open_ends.append(bar.end)


def check_balance(events: list[Event]) -> None:
    """b and e of one id, and B and E of one thread, in pairs."""
    begun: Counter[tuple[Any, ...]] = Counter()
    for event in events:
        if event["ph"] in "be":
            key = event["pid"], event["cat"], event["name"], json.dumps(event["id"])
        elif event["ph"] in "BE":
            key = event["pid"], event["tid"]
        else:
            continue
        begun[key] += 1 if event["ph"] in "bB" else -1
        check(begun[key] >= 0, f"an end without a beginning: {key}")
    check(not any(begun.values()), "a beginning without an end")


def grouped(events: Iterable[Event], name: str) -> dict[Any, list[Event]]:
    found: dict[Any, list[Event]] = {}
    for event in events:
        if name in event:
            found.setdefault(event[name], []).append(event)
    return found


def ns(microseconds: int | Decimal) -> int:
    """Whole nanoseconds, also for a reader that has but doubles."""
    exact = Decimal(microseconds) * 1_000
    check(exact == int(exact), f"{microseconds} µs are no whole ns")
    check(round(float(microseconds) * 1_000) == exact, f"{microseconds} µs are too long for a double")
    return int(exact)
