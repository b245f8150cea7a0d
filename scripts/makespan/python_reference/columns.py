# SPDX-License-Identifier: Apache-2.0
"""The columns that are worked out of the records of the tasks: benchmarks/harness/record_statistics.cpp."""

from __future__ import annotations

import math
from collections.abc import Sequence

from makespan.python_reference.work import Result

Columns = dict[str, object]


def of_records(results: Sequence[Result], submitted_ns: int, makespan_ns: int, sleeps: bool) -> Columns:
    """Concurrency, start latency and, of tasks that sleep, overshoot."""
    if not results or len(results[0]) == 2:
        return {}
    starts = sorted(result[2] for result in results)
    ends = sorted(result[3] for result in results)
    found: Columns = {
        "max_in_flight": _most_at_once(starts, ends),
        "mean_in_flight": (sum(ends) - sum(starts)) / max(makespan_ns, 1),
        **_quantiles("start_latency", [start - submitted_ns for start in starts]),
    }
    return {**found, **_quantiles("overshoot", sorted(result[4] for result in results))} if sleeps else found


def nearest_rank(ordered: Sequence[int], share: float) -> int:
    """The quantile that is one of the values; they are in order, and there is one at least."""
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def _quantiles(name: str, ordered: Sequence[int]) -> Columns:
    shares = (("p50", 0.50), ("p99", 0.99), ("max", 1.0))
    return {f"{name}_{suffix}_ns": nearest_rank(ordered, share) for suffix, share in shares}


def _most_at_once(starts: Sequence[int], ends: Sequence[int]) -> int:
    """A task that ends in the very nanosecond in which another starts does not overlap it."""
    most = ended = 0
    for started, start in enumerate(starts):
        while ended < started and ends[ended] <= start:
            ended += 1
        most = max(most, started + 1 - ended)
    return most
