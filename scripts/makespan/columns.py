# SPDX-License-Identifier: Apache-2.0
"""The columns of samples.csv and trace.csv, in order.

The C++ writer has the same list; a test holds the two against each other. A new column is one line
here, one line there, and a new SCHEMA_VERSION.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from makespan.scheduling import is_tag

SCHEMA_VERSION = 1

Kind = Literal["int", "float", "text"]


@dataclass(frozen=True)
class Column:
    """One column: the unit is the end of the name; an empty field means "not applicable"."""

    name: str
    kind: Kind
    required: bool = False  # an empty field is an error
    optional: bool = False  # at the end, and lacking in older files: all fields are empty then


COLUMNS: tuple[Column, ...] = (
    Column("schema_version", "int", required=True),
    Column("run_id", "text"),
    Column("git_sha", "text"),
    Column("launch", "int"),
    Column("round", "int"),
    Column("sequence", "int"),
    Column("timestamp_utc", "text"),
    Column("benchmark", "text", required=True),
    Column("model", "text", required=True),
    Column("tasks", "int", required=True),
    Column("processes", "int"),
    Column("threads", "int"),
    Column("sleep_ns", "int"),
    Column("compute_ns", "int"),
    Column("compute_iterations", "int"),
    Column("payload_bytes", "int"),
    Column("stages", "int"),
    Column("variant", "text"),
    Column("status", "text", required=True),
    Column("error", "text"),
    Column("setup_ns", "int"),
    Column("makespan_ns", "int"),
    Column("teardown_ns", "int"),
    Column("model_bound_ns", "int"),
    Column("machine_bound_ns", "int"),
    Column("max_in_flight", "int"),
    Column("mean_in_flight", "float"),
    Column("user_cpu_ns", "int"),
    Column("system_cpu_ns", "int"),
    Column("voluntary_switches", "int"),
    Column("involuntary_switches", "int"),
    Column("minor_faults", "int"),
    Column("start_latency_p50_ns", "int"),
    Column("start_latency_p99_ns", "int"),
    Column("start_latency_max_ns", "int"),
    Column("overshoot_p50_ns", "int"),
    Column("overshoot_p99_ns", "int"),
    Column("overshoot_max_ns", "int"),
    Column("peak_rss_bytes", "int"),
    Column("pss_bytes", "int"),
    Column("kernel_bytes", "int"),
    Column("messages_per_second", "float"),
    Column("round_trip_p50_ns", "int"),
    Column("round_trip_p99_ns", "int"),
    Column("steal_ns", "int"),
    # Compared for equality only, and as unsigned 64 bits it does not fit a signed column.
    Column("checksum", "text"),
)

TRACE_COLUMNS: tuple[Column, ...] = (
    Column("run_id", "text"),
    Column("sequence", "int"),
    Column("benchmark", "text", required=True),
    Column("model", "text", required=True),
    Column("variant", "text"),
    Column("tasks", "int", required=True),
    Column("processes", "int"),
    Column("threads", "int"),
    Column("sleep_ns", "int"),
    Column("compute_ns", "int"),
    Column("task", "int", required=True),
    Column("start_ns", "int", required=True),
    Column("end_ns", "int", required=True),
    Column("process", "int"),
    Column("thread", "int"),
    Column("cpu", "int"),
    Column("overshoot_ns", "int", optional=True),
)

#: A case is what is compared with itself over time: one batch under one model in one shape.
CASE_KEY: tuple[str, ...] = (
    "benchmark",
    "model",
    "tasks",
    "processes",
    "threads",
    "sleep_ns",
    "compute_ns",
    "payload_bytes",
    "stages",
    "variant",
)

#: From harmless to grave; a case is as bad as its worst row.
STATUSES: tuple[str, ...] = ("ok", "skipped", "timeout", "error")

#: Distributions of the task sizes, which share the column `variant` with the model's own variant.
SIZES: tuple[str, ...] = ("constant", "uniform", "lognormal")

#: Benchmarks whose tasks talk to one another. The variant of their models says by what: models compete
#: there as model/variant, and bounds and efficiency are empty.
TALKS: tuple[str, ...] = ("messages", "ping_pong", "ring", "pipeline")

#: The benchmark whose models are units that are created and ended. They are no answers to one question,
#: so none of them wins: each is told beside its floor.
LIFECYCLE = "lifecycle"

#: Unit -> the one whose variant `bare` is its floor, in the order of tables.
LIFECYCLE_FLOORS: Mapping[str, str] = {
    "thread": "thread",
    "async": "thread",
    "fork": "fork",
    "spawn": "spawn",
    "process_pool": "process_pool",
    "tbb_pool": "tbb_pool",
    "coroutine": "coroutine",
    "event_loop": "event_loop",
}
#: Variant of a model that is nothing but the system's calls that it cannot do without.
BARE = "bare"


def floor_of(own: str) -> str:
    """The variant that is the floor of a variant of the model's own."""
    return f"{BARE}_{own}" if own else BARE


#: Batches that are read while they wait: what they tell is memory, and their makespan is disturbed.
FOOTPRINT = "footprint"

_PEERS = re.compile(r"([0-9]+)to([0-9]+)")
_RESIDENT = re.compile(r"resident-([0-9]+)(B|KiB|MiB|GiB|TiB)")
_BYTES = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_HUGE = "huge"


@dataclass(frozen=True)
class Variant:
    """The parts of the column `variant`: the model's own one, and what it says of the batch.

    `sizes` is the distribution of the task sizes, (`producers`, `consumers`) who talks to whom, and
    `text` which text and pattern it was, unless they are the usual ones: `text-` or `pattern-` and a
    fingerprint of both, for a text from a file and for another pattern in the generated one.
    `resident_bytes` is what whoever makes processes has in memory, `huge` whether in huge pages.
    `scheduling` has the tags of timer slack and CPUs, joined as they are: `slack-1us+pin-0`.
    """

    own: str = ""
    sizes: str = "constant"
    producers: int = 1
    consumers: int = 1
    text: str = ""
    resident_bytes: int = 0
    huge: bool = False
    scheduling: str = ""


def names(columns: tuple[Column, ...] = COLUMNS) -> list[str]:
    """The header row."""
    return [column.name for column in columns]


def split_variant(variant: str) -> Variant:
    """`loop+lognormal` is the variant `loop` with lognormal sizes, `pipe+2to1` the variant `pipe` from
    two producers to one consumer, `push+text-1a2b3c4d` the variant `push` on a file, `loop+pin-0` the
    variant `loop` on CPU 0 alone, `bare+resident-64MiB+huge` the variant `bare` in a process with 64 MiB
    of huge pages."""
    own: list[str] = []
    scheduling: list[str] = []
    sizes, peers, text, resident, huge = "constant", (1, 1), "", 0, False
    for part in filter(None, variant.split("+")):
        found = _PEERS.fullmatch(part)
        if part in SIZES:
            sizes = part
        elif found:
            peers = int(found[1]), int(found[2])
        elif part.startswith(("text-", "pattern-")):
            text = part
        elif amount := _RESIDENT.fullmatch(part):
            resident = int(amount[1]) * _BYTES[amount[2]]
        elif part == _HUGE:
            huge = True
        elif is_tag(part):
            scheduling.append(part)
        else:
            own.append(part)
    return Variant("+".join(own), sizes, *peers, text, resident, huge, "+".join(scheduling))
