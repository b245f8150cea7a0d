# SPDX-License-Identifier: Apache-2.0
"""About how long Python takes for a batch, before any was launched: for the time that a plan tells, and for what is left
out of it.

Rough figures of CPython 3.11 on one machine, within a factor of two or so on others; beside the model bound.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from makespan.columns import split_variant

if TYPE_CHECKING:
    from makespan.plan import Case

# How much longer the interpreter takes for an iteration than the binaries.
_SLOWER = 70
# From the start of the interpreter until it measures.
_START_S = 0.17
# Of a task, in µs: to hand it out and to check it. A model stands for its variants that have no figure of their own.
_TASK_US: Mapping[tuple[str, str], float] = {
    ("python_serial", ""): 2,
    ("python_threading", ""): 70,
    ("python_futures_threads", ""): 14,
    ("python_thread_pool", ""): 2,
    ("python_asyncio", ""): 24,
    ("python_process", ""): 1_600,
    ("python_hybrid", ""): 6,
    ("python_hybrid", "loop"): 15,
    ("python_pool", ""): 2,
    ("python_pool", "submit"): 42,
    ("python_futures_processes", ""): 2,
    ("python_futures_processes", "submit"): 107,
}
# Of a message, of each byte of it, and of one that is waited for; of a line, which is made and matched beforehand, and of each of its searches.
_MESSAGE_US, _BYTE_US, _HOP_US = 12.0, 0.001, 50.0
_LINE_US, _SEARCH_US = 16.0, 0.12


def python_s(case: Case) -> float:
    """What a launch takes beyond the bound of its batches."""
    each = _batch_s(case) + computing_s(case.tasks, case.compute_ns, case.processes)
    return _START_S + case.batches * each


def _batch_s(case: Case) -> float:
    if case.stages is not None:
        return case.tasks * (_LINE_US + case.stages * _SEARCH_US) / 1e6
    if case.benchmark in ("ring", "ping_pong"):  # one message at a time
        return (hops_of(case.args) or case.tasks) * _HOP_US / 1e6
    if case.payload_bytes is not None:
        return case.tasks * (_MESSAGE_US + case.payload_bytes * _BYTE_US) / 1e6
    plain = _TASK_US.get((case.model, ""), 0.0)
    return case.tasks * _TASK_US.get((case.model, split_variant(case.variant).own), plain) / 1e6


def computing_s(tasks: int, compute_ns: int | None, processes: int | None) -> float:
    """About how long the interpreter computes for a batch, in as many processes as have a CPU."""
    at_once = min(processes or 1, len(os.sched_getaffinity(0)))
    return _SLOWER * tasks * (compute_ns or 0) / at_once / 1e9


def hops_of(args: Iterable[str]) -> int:
    """Of the token of a ring, as the flags of the case say; 0 if there is none."""
    return next((int(arg.removeprefix("--hops=")) for arg in args if arg.startswith("--hops=")), 0)
