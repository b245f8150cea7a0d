# SPDX-License-Identifier: Apache-2.0
"""JSON for trackers that take one value a benchmark: the median over the launches with its 95 %
interval, which is left out below 6 launches.

Sources: https://github.com/benchmark-action/github-action-benchmark, README.md ("customSmallerIsBetter");
https://bencher.dev/docs/reference/bencher-metric-format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from makespan import units
from makespan.metrics import CPU, FOOTPRINT, MAKESPAN, MEMORY, RATE, Metric
from makespan.statistics import Interval, median_interval
from makespan.tracked import TrackedCase

from .run import ExportedRun

_NS_PER_S = 1e9

#: Bencher's names: latency (ns) and throughput (operations/s) are built in there, the others are made
#: when they first come.
_MEASURES: Mapping[Metric, str] = {
    MAKESPAN: "latency",
    RATE: "throughput",
    CPU: "cpu-time",
    MEMORY: "peak-memory",
    FOOTPRINT: "footprint",
}


def github_action_benchmark(run: ExportedRun) -> str:
    """A list of {name, unit, value, range, extra}; all values are costs, so messages per second are
    told as the time per message."""
    entries = []
    for case in run.cases:
        for metric, found in _intervals(case):
            unit = "bytes" if metric.name.endswith("_bytes") else "ns"
            cost = _inverse(found) if metric.higher_is_better else found
            entry: dict[str, Any] = {"name": f"{case.name} {metric.title}", "unit": unit}
            entry["value"] = cost.median
            if cost.low is not None and cost.high is not None:
                entry["range"] = f"{cost.low:.10g} … {cost.high:.10g}"
            entry[
                "extra"
            ] = f"{units.count(cost.n, 'launch')}, 95 % interval of the median\n{run.about}"
            entries.append(entry)
    return _text(entries)


def bencher(run: ExportedRun) -> str:
    """{case: {measure: {value, lower_value, upper_value}}}: `latency` is the makespan in ns,
    `throughput` messages per second, `cpu-time` in ns, `peak-memory` and `footprint` in bytes."""
    return _text({case.name: dict(_measures(case)) for case in run.cases})


def _measures(case: TrackedCase) -> Iterator[tuple[str, dict[str, float]]]:
    for metric, found in _intervals(case):
        bounds = {"lower_value": found.low, "upper_value": found.high}
        known = {name: end for name, end in bounds.items() if end is not None}
        yield _MEASURES[metric], {"value": found.median, **known}


def _intervals(case: TrackedCase) -> Iterator[tuple[Metric, Interval]]:
    for metric in case.metrics:
        values = case.known(metric)
        if len(values):
            yield metric, median_interval(values)


def _inverse(rate: Interval) -> Interval:
    """Nanoseconds for one, from so many per second."""
    low, high = (_NS_PER_S / end if end else None for end in (rate.high, rate.low))
    return Interval(low, _NS_PER_S / rate.median if rate.median else 0.0, high, rate.n)


def _text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
