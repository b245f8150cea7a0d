# SPDX-License-Identifier: Apache-2.0
"""What had to be done, in words and in the order in which tables list it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from makespan import units
from makespan.columns import FOOTPRINT, LIFECYCLE, TALKS, split_variant
from makespan.scheduling import scheduling_words

_ORDER = ("sleep", "compute", "mixed", *TALKS, LIFECYCLE)


@dataclass(frozen=True, order=True)
class Batch:
    """Tasks of one size, or of sizes drawn from a distribution; or messages from `producers` to
    `consumers`, a ring of tasks, or lines of text through `stages`; or units that are created and
    ended. What does not apply is zero. `scheduling`: under which timer slack and on which CPUs, as
    tags; others are another batch."""

    benchmark: str
    tasks: int
    sleep_ns: int = 0
    compute_ns: int = 0
    payload_bytes: int = 0
    stages: int = 0
    sizes: str = "constant"
    producers: int = 1
    consumers: int = 1
    text: str = ""
    resident_bytes: int = 0
    huge: bool = False
    scheduling: str = ""

    @property
    def talks(self) -> bool:
        """Whether its tasks talk to one another: it has no bounds then, and no efficiency."""
        return self.benchmark in TALKS

    @property
    def piece(self) -> str:
        """What is counted where tasks talk."""
        return {"ring": "hop", "pipeline": "line"}.get(self.benchmark, "message")

    @property
    def peers(self) -> str:
        """`2 producers, 1 consumer`."""
        producers = units.count(self.producers, "producer")
        return f"{producers}, {units.count(self.consumers, 'consumer')}"

    @property
    def source(self) -> str:
        """What is said of a text that is not the usual one: ` of file 1a2b3c4d`."""
        kind, _, fingerprint = self.text.partition("-")
        return {"text": f" of file {fingerprint}", "pattern": f", pattern {fingerprint}"}.get(kind, "")

    @property
    def ranked(self) -> bool:
        """Whether its models do the same, so that one of them can be the fastest."""
        return self.benchmark != LIFECYCLE

    @property
    def memory(self) -> str:
        """`64 MiB in huge pages`; empty where there is none."""
        size = units.data_size(self.resident_bytes) if self.resident_bytes else ""
        return f"{size} in huge pages" if self.huge else size

    def __str__(self) -> str:
        words = scheduling_words(self.scheduling)
        return f"{self._work()}, {words}" if words else self._work()

    def _work(self) -> str:
        if not self.ranked:
            burst = f"burst of {units.count(self.tasks, 'unit')}" if self.tasks > 1 else "one unit alone"
            return f"{burst}, {self.memory}" if self.memory else burst
        if not self.talks:
            return self._tasks()
        peers = "" if (self.producers, self.consumers) == (1, 1) else f", {self.peers}"
        lines = f"{units.count(self.tasks, 'line')}{self.source}"
        size = units.data_size(self.payload_bytes)
        said = {
            "messages": f"{units.count(self.tasks, 'message')} of {size}{peers}",
            "ping_pong": f"ping-pong of {size}{peers}",
            "ring": f"ring of {units.count(self.tasks, 'task')}",
            "pipeline": f"{lines} through {units.count(self.stages, 'grep')}",
        }
        return said[self.benchmark]

    def _tasks(self) -> str:
        parts = [(self.sleep_ns, "sleep"), (self.compute_ns, "compute")]
        work = " + ".join(f"{what} {units.duration(ns)}" for ns, what in parts if ns)
        idle = "waiting task" if self.benchmark == FOOTPRINT else "empty task"
        said = f"{units.count(self.tasks, 'task')} × {work}" if work else units.count(self.tasks, idle)
        return said if self.sizes == "constant" else f"{said}, {self.sizes} sizes"

    @property
    def sort_key(self) -> tuple[object, ...]:
        """The benchmarks in the order of the suite, then small before large, tasks last."""
        known = self.benchmark in _ORDER
        place = _ORDER.index(self.benchmark) if known else len(_ORDER)
        size = self.sleep_ns + self.compute_ns
        talk = self.text, self.producers, self.consumers, self.payload_bytes, self.stages
        task = size, self.compute_ns, self.sizes
        memory = self.resident_bytes, self.huge
        return place, self.benchmark, *task, *talk, *memory, self.scheduling, self.tasks, self


def batch_of(row: Mapping[Any, Any]) -> Batch:
    """The batch of a row of the summary."""

    def number(name: str) -> int:
        return 0 if pd.isna(row[name]) else int(row[name])

    variant = split_variant(str(row["variant"]))
    return Batch(
        benchmark=str(row["benchmark"]),
        tasks=number("tasks"),
        sleep_ns=number("sleep_ns"),
        compute_ns=number("compute_ns"),
        payload_bytes=number("payload_bytes"),
        stages=number("stages"),
        sizes=variant.sizes,
        producers=variant.producers,
        consumers=variant.consumers,
        text=variant.text,
        resident_bytes=variant.resident_bytes,
        huge=variant.huge,
        scheduling=variant.scheduling,
    )
