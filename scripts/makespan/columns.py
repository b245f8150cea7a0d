# SPDX-License-Identifier: Apache-2.0
"""The columns of samples.csv and trace.csv, in order.

The C++ writer has the same list; a test holds the two against each other. A new column is one line
here, one line there, and a new SCHEMA_VERSION.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCHEMA_VERSION = 1

Kind = Literal["int", "float", "text"]


@dataclass(frozen=True)
class Column:
    """One column: the unit is the end of the name; an empty field means "not applicable"."""

    name: str
    kind: Kind
    required: bool = False  # an empty field is an error


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


def names(columns: tuple[Column, ...] = COLUMNS) -> list[str]:
    """The header row."""
    return [column.name for column in columns]


def split_variant(variant: str) -> tuple[str, str]:
    """`loop+lognormal` -> (`loop`, `lognormal`): the model's variant, and the distribution of sizes."""
    parts = [part for part in variant.split("+") if part]
    sizes = [part for part in parts if part in SIZES]
    own = [part for part in parts if part not in SIZES]
    return "+".join(own), sizes[0] if sizes else "constant"
